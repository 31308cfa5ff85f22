"""A telephone for tests: who calls, how the exchange reports it (P3), and a handset that keys in the code."""

from __future__ import annotations

import itertools
import os
from datetime import datetime
from enum import Enum
from typing import Final

import attrs

from ja_reset.bank._values import Call, CallResult, CallSource, CallStatus, Presentation
from ja_reset.service._facade import ResetService
from ja_reset.testing.cast import INSTITUTION


class Caller(Enum):
    """Who calls, or how."""

    CHOSEN = "chosen"
    OTHER = "other"
    STRANGER = "stranger"
    WITHHELD = "withheld"
    UNAVAILABLE = "unavailable"
    VOIP = "050"
    DIVERTED = "diverted"
    CLAIMED = "claimed"


class Moment(Enum):
    """When the call reaches the gateway: now, a second before the window opened, a second after it closed."""

    NOW = "now"
    EARLY = "early"
    LATE = "late"


STRANGER: Final = "090-9999-0001"
"""A number that no customer of the cast has registered."""

_TELEPHONES = itertools.count(1)
INTERNET_PHONE: Final = "050-3999-0001"
"""The same, of an internet phone."""


@attrs.frozen
class Dialling:
    """What the player asks for: `named` has the gateway name the session (P8a)."""

    caller: Caller = Caller.CHOSEN
    moment: Moment = Moment.NOW
    named: bool = False


def read_dialling(words: tuple[str, ...]) -> Dialling:
    """The words of `call`, in any order; raises ValueError with the word that is none of them."""
    dialling = Dialling()
    for word in words:
        if word in {caller.value for caller in Caller}:
            dialling = attrs.evolve(dialling, caller=Caller(word))
        elif word in {moment.value for moment in Moment}:
            dialling = attrs.evolve(dialling, moment=Moment(word))
        elif word == "named":
            dialling = attrs.evolve(dialling, named=True)
        else:
            raise ValueError(word)
    return dialling


def number_is_chosen(caller: Caller) -> bool:
    """Whether the call comes from the chosen number, which must be known then."""
    return caller not in {Caller.OTHER, Caller.STRANGER, Caller.VOIP, Caller.UNAVAILABLE}


def dial(
    caller: Caller, *, call_id: str, chosen: str | None, other: str | None, dialed: str, received_at: datetime | None
) -> Call:
    """The call as the gateway reports it; *chosen* and *other* are registered numbers, where such a one calls."""
    number = {
        Caller.OTHER: other,
        Caller.STRANGER: STRANGER,
        Caller.VOIP: INTERNET_PHONE,
        Caller.UNAVAILABLE: None,
    }.get(caller, chosen)
    presentation = {Caller.WITHHELD: Presentation.RESTRICTED, Caller.UNAVAILABLE: Presentation.UNAVAILABLE}
    return Call(
        id=call_id,
        number=number,
        source=CallSource.CLAIMED if caller is Caller.CLAIMED else CallSource.NETWORK,
        dialed=dialed,
        received_at=received_at,
        presentation=presentation.get(caller, Presentation.ALLOWED),
        diverted=caller is Caller.DIVERTED,
    )


class FakeTelephone:
    """A telephone whose calls reach *service* as a gateway would report them.

    `number`: its own, in any spelling that P3 reads; `dials`: the institution's number (if there are several, pass
    `view.dial` to each call). `told`: what the gateway was told of the last call. `code`: what it was to read out, or
    None. Each call has an id of its own, `call_id`: no other telephone, of this process or of another that shares the
    store, gives it again.
    """

    def __init__(self, service: ResetService, number: str, *, dials: str = INSTITUTION.dial) -> None:
        self.number = number
        self.dials = dials
        self.told: CallResult | None = None
        self.code: str | None = None
        self._service = service
        self._telephone = next(_TELEPHONES)
        self._last: tuple[Call, str | None] | None = None
        self._calls = 0

    @property
    def call_id(self) -> str:
        """The id of the last call: the number, the process, which telephone of it, which call of that."""
        return f"{self.number}/{os.getpid()}/{self._telephone}/{self._calls}"

    def call(
        self,
        caller: Caller | str = Caller.CHOSEN,
        *,
        received_at: datetime | None = None,
        session: str | None = None,
        dials: str | None = None,
        attestation: str | None = None,
    ) -> CallResult:
        """Call; *caller* says how, `session` names a View's id (P8a). After ANNOUNCE the code is known."""
        self._calls += 1
        call = dial(
            Caller(caller),
            call_id=self.call_id,
            chosen=self.number,
            other=STRANGER,
            dialed=dials or self.dials,
            received_at=received_at,
        )
        call = attrs.evolve(call, attestation=attestation)
        self._last = call, session
        self.told = self._service.report_call(call, session=session)
        self.code = None if self.told.code is None else self.told.code.reveal()
        return self.told

    def again(self) -> CallResult:
        """The gateway reports the last call once more, word for word, as a webhook's retry does.

        Raises LookupError where there was no call.
        """
        if self._last is None:
            msg = "there was no call yet"
            raise LookupError(msg)
        call, session = self._last
        return self._service.report_call(call, session=session)

    def press(
        self, digits: str | None = None, *, received_at: datetime | None = None, entry_id: str | None = None
    ) -> CallResult:
        """Press keys in the last call: *digits*, or the code that was read out; `entry_id` as the gateway names it.

        Raises LookupError where there is no code to press: where the screen displays it, pass `view.code`.
        """
        if digits is None and self.code is None:
            msg = "no code was read out in this call"
            raise LookupError(msg)
        keyed = digits or self.code or ""
        return self._service.report_keys(self.call_id, keyed, received_at=received_at, entry_id=entry_id)

    def hang_up(self, *, received_at: datetime | None = None) -> CallResult:
        """End the last call."""
        return self._service.report_end(self.call_id, received_at=received_at)

    def prove(self, *, dials: str | None = None) -> CallResult:
        """Call, and press the code where one is read out: all that a session with a spoken code, or none, waits for."""
        told = self.call(dials=dials)
        return self.press() if told.status is CallStatus.ANNOUNCE else told


def other_digits(code: str) -> str:
    """As many digits as *code* has, and others."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)

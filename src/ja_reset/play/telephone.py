"""The telephone that the player dials from, as its exchange would report the call (P3)."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Final

import attrs

from ja_reset.values import Call, CallSource, Presentation


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
    caller: Caller, *, call_id: str, chosen: str | None, other: str | None, dialed: str, received_at: datetime
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

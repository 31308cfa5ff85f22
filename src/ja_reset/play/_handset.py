"""The telephone in the player's hand: it knows the chosen number, the call under way, and the code it heard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from ja_reset import CallResult, Gather, Say, SayDigits, View
from ja_reset.machines._phones import offered
from ja_reset.play._script import ScriptError
from ja_reset.play._stage import Stage
from ja_reset.screens import FieldKind
from ja_reset.testing import Customer
from ja_reset.testing.telephone import Caller, Dialling, Moment, dial, number_is_chosen, read_dialling
from ja_reset.text import Language

_SECOND: Final = timedelta(seconds=1)
_NOTHING: Final = timedelta(0)


def spoken(result: CallResult, language: Language) -> Iterator[str]:
    """What is said of a call's script, up to where keys are gathered for the first time."""
    for step in result.script:
        match step:
            case Say():
                yield step.text.get(language)
            case SayDigits():
                yield " ".join(step.digits.reveal())
            case Gather():
                return


class Handset:
    """One customer's telephone on one stage."""

    def __init__(self, stage: Stage, customer: Customer) -> None:
        self._stage = stage
        self._customer = customer
        self._chosen: str | None = None
        self._opened_at: datetime | None = None
        self._calls = 0
        self._call_id: str | None = None
        self._code: str | None = None

    def enter_phone_screen(self, before: View, typed: Mapping[str, str]) -> None:
        """Note the phone that was chosen on the screen *before*, and when its window opened."""
        fields = [field.name for field in before.screen.fields if field.kind is FieldKind.PHONE_CHOICE]
        numbers = self._offered()
        ids = [phone.id for phone in before.phones]
        chosen = typed.get(fields[0]) if fields else None
        self._chosen = dict(zip(ids, numbers, strict=False)).get(chosen or "")
        self._opened_at = self._stage.clock.now

    def call(self, words: tuple[str, ...], view: View) -> CallResult:
        """Dial; raises ScriptError for words that mean nothing, or nothing yet."""
        try:
            dialling = read_dialling(words)
        except ValueError as error:
            callers = ", ".join(caller.value for caller in Caller)
            msg = f"neither one who calls ({callers}) nor early, late or named"
            raise ScriptError(msg, field=str(error)) from None
        if number_is_chosen(dialling.caller) and self._chosen is None:
            msg = "no phone was chosen yet that could call"
            raise ScriptError(msg)
        other = self._other() if dialling.caller is Caller.OTHER else None
        received_at = self._moment(dialling, view)
        self._calls += 1
        self._call_id = f"{view.id[:16]}-{self._calls}"
        result = self._stage.service.report_call(
            dial(
                dialling.caller,
                call_id=self._call_id,
                chosen=self._chosen,
                other=other,
                dialed=view.dial or self._stage.institution.dial,
                received_at=received_at,
            ),
            session=view.id if dialling.named else None,
        )
        self._code = None if result.code is None else result.code.reveal()
        return result

    def press_keys(self, keys: str, view: View) -> CallResult:
        """Press keys in the last call; raises ScriptError where there is none, or no code to go by."""
        if self._call_id is None:
            msg = "nobody is on the telephone; `call` first"
            raise ScriptError(msg)
        if keys in {"right", "wrong"}:
            code = view.code or self._code
            if code is None:
                msg = "no code was read out or shown"
                raise ScriptError(msg, field=keys)
            keys = code if keys == "right" else "".join(str((int(digit) + 1) % 10) for digit in code)
        self._stage.clock.advance(_SECOND)  # entries at one instant would be one entry, reported twice
        return self._stage.service.report_keys(self._call_id, keys, received_at=self._stage.clock.now)

    def hang_up(self) -> CallResult:
        """End the last call; raises ScriptError where there is none."""
        if self._call_id is None:
            msg = "nobody is on the telephone; `call` first"
            raise ScriptError(msg)
        return self._stage.service.report_end(self._call_id, received_at=self._stage.clock.now)

    def _moment(self, dialling: Dialling, view: View) -> datetime:
        clock = self._stage.clock
        if dialling.moment is Moment.NOW:
            return clock.now
        if view.dial is None or view.deadline is None or self._opened_at is None:
            msg = "there is no window that it could be early or late for"
            raise ScriptError(msg, field=dialling.moment.value)
        if dialling.moment is Moment.EARLY:
            return self._opened_at - _SECOND
        clock.advance(max(view.deadline + _SECOND - clock.now, _NOTHING))
        return clock.now

    def _offered(self) -> tuple[str, ...]:
        """In the order in which the View offers them."""
        return offered(self._customer.contract, relay=self._stage.policies.caller_id.relay)

    def _other(self) -> str:
        for number in self._offered():
            if number != self._chosen:
                return number
        msg = f"{self._customer.ref} has no other registered phone"
        raise ScriptError(msg, field="other")

"""The wizard that every engine of `peers.py` runs: 6 states, 14 transitions, and a reason for each refusal.

    state     event             leads to   if
    IDENTITY  submit_identity   PIN        the form is valid, and the identity right
                                IDENTITY   the form is invalid: format
                                LOCKED     the identity is wrong and the tries are used up: identity_mismatch, locked
                                IDENTITY   the identity is wrong: identity_mismatch, and the try is counted
              cancel            CANCELLED
              time_ran_out      EXPIRED    timed_out
              clock_went_back   EXPIRED    timed_out
    PIN       the same seven, with submit_pin, DONE, wrong_pin and a count of its own

`PATHS` are its journeys with what each step must come to. An engine is measured after it has walked all of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final, Protocol

ACCOUNT: Final = "1234567"
PIN: Final = "1234"
TRIES: Final = 3

Reason = tuple[str, str | None]
"""A code, and the field that it is about."""


class Wizard(Protocol):
    """One engine, as a host would call it. A session is whatever the engine makes of one."""

    def start(self) -> Any:  # noqa: ANN401 - every engine has sessions of its own
        """A new session."""

    def send(self, session: Any, event: str, typed: str) -> tuple[Any, Sequence[Reason]]:  # noqa: ANN401 - as above
        """The session after the event (perhaps the same object), and the reasons of a refusal."""

    def state(self, session: Any) -> str:  # noqa: ANN401 - as above
        """The state that it is in."""

    def save(self, session: Any) -> str:  # noqa: ANN401 - as above
        """The session as JSON."""

    def load(self, saved: str) -> Any:  # noqa: ANN401 - as above
        """The session of that JSON."""

    def end(self, session: Any) -> None:  # noqa: ANN401 - as above
        """Forget the session, where the engine has to be told."""


Step = tuple[str, str, str, tuple[Reason, ...]]
"""An event, what was typed, the state that it leads to, and its reasons."""

FORMAT_ACCOUNT: Final = (("format", "account"),)
FORMAT_PIN: Final = (("format", "pin"),)
NO_MATCH: Final = (("identity_mismatch", None),)
WRONG: Final = (("wrong_pin", None),)
LOCKED: Final = ("locked", None)
TIMED_OUT: Final = (("timed_out", None),)

RIGHT_IDENTITY: Final[Step] = ("submit_identity", ACCOUNT, "PIN", ())
WRONG_IDENTITY: Final[Step] = ("submit_identity", "7654321", "IDENTITY", NO_MATCH)
RIGHT_PIN: Final[Step] = ("submit_pin", PIN, "DONE", ())
WRONG_PIN: Final[Step] = ("submit_pin", "4321", "PIN", WRONG)

JOURNEY: Final[tuple[Step, ...]] = (WRONG_IDENTITY, RIGHT_IDENTITY, WRONG_PIN, RIGHT_PIN)
"""What is measured: a session with two refusals on its way to success."""

PATHS: Final[tuple[tuple[Step, ...], ...]] = (
    JOURNEY,
    (
        ("submit_identity", "12345", "IDENTITY", FORMAT_ACCOUNT),
        WRONG_IDENTITY,
        WRONG_IDENTITY,
        ("submit_identity", "7654321", "LOCKED", (*NO_MATCH, LOCKED)),
    ),
    (
        RIGHT_IDENTITY,
        ("submit_pin", "12x4", "PIN", FORMAT_PIN),
        WRONG_PIN,
        WRONG_PIN,
        ("submit_pin", "4321", "LOCKED", (*WRONG, LOCKED)),
    ),
    (WRONG_IDENTITY, WRONG_IDENTITY, RIGHT_IDENTITY, WRONG_PIN, RIGHT_PIN),
    *(
        (*way, (event, "", state, reasons))
        for way in ((), (RIGHT_IDENTITY,))
        for event, state, reasons in (
            ("cancel", "CANCELLED", ()),
            ("time_ran_out", "EXPIRED", TIMED_OUT),
            ("clock_went_back", "EXPIRED", TIMED_OUT),
        )
    ),
)


# What a session keeps, in every engine -----------------------------------------------------------------------

NOW: Final = datetime(2026, 4, 1, 3, tzinfo=UTC)
TIMES: Final = ("created_at", "active_at", "seen_at")
_numbers: Final = count()


def opened() -> dict[str, Any]:
    """What a new session keeps, whatever the engine: who it is, where it stands, since when, and its counts."""
    return {
        "id": f"{next(_numbers):064x}",
        "procedure": "WIZARD",
        "institution": "ja-0417",
        "state": "IDENTITY",
        "version": 1,
        "created_at": NOW,
        "active_at": NOW,
        "seen_at": NOW,
        "tries": 0,
        "wrong_pins": 0,
    }


def to_json(kept: Mapping[str, Any]) -> str:
    """It as JSON."""
    return json.dumps({name: each.isoformat() if name in TIMES else each for name, each in kept.items()})


def from_json(saved: str) -> dict[str, Any]:
    """It again, with its times as times."""
    kept: dict[str, Any] = json.loads(saved)
    for name in TIMES:
        kept[name] = datetime.fromisoformat(kept[name])
    return kept


def is_account(text: str) -> bool:
    """Whether it is 7 ASCII digits."""
    return len(text) == 7 and text.isascii() and text.isdigit()  # noqa: PLR2004 - as an account is


def is_pin(text: str) -> bool:
    """Whether it is 4 ASCII digits."""
    return len(text) == 4 and text.isascii() and text.isdigit()  # noqa: PLR2004 - as a PIN is


def differences(wizard: Wizard, paths: Sequence[Sequence[Step]] = PATHS) -> list[str]:
    """Where it does not do what it must: each path as one session, and saved and loaded before each step."""
    found = []
    for way, between in (
        ("kept", lambda session: session),
        ("saved", lambda session: wizard.load(wizard.save(session))),
    ):
        for path in paths:
            found += [f"{way}: {each}" for each in _walk(wizard, path, between)]
    return found


def _walk(wizard: Wizard, path: Sequence[Step], between: Callable[[Any], Any]) -> list[str]:
    session = wizard.start()
    for event, typed, state, reasons in path:
        before = between(session)
        if before is not session:
            wizard.end(session)
        session, given = wizard.send(before, event, typed)
        if (wizard.state(session), tuple(given)) != (state, reasons):
            return [f"{event} {typed!r} came to {wizard.state(session)} {given}, not to {state} {reasons}"]
    wizard.end(session)
    return []


# A table written by hand -------------------------------------------------------------------------------------


class ByHand:
    """A dictionary of functions over a small dictionary: what one would write without a library."""

    def start(self) -> dict[str, Any]:
        """A new session."""
        return opened()

    def send(self, session: dict[str, Any], event: str, typed: str) -> tuple[dict[str, Any], Sequence[Reason]]:
        """One look into the table, and one call."""
        return session, _TABLE[session["state"], event](session, typed)

    def state(self, session: dict[str, Any]) -> str:
        """What stands in it."""
        return str(session["state"])

    def save(self, session: dict[str, Any]) -> str:
        """As it is."""
        return to_json(session)

    def load(self, saved: str) -> dict[str, Any]:
        """As it was."""
        return from_json(saved)

    def end(self, session: dict[str, Any]) -> None:
        """Nothing knows of it."""


def _identity(session: dict[str, Any], typed: str) -> tuple[Reason, ...]:
    if not is_account(typed):
        return FORMAT_ACCOUNT
    if typed == ACCOUNT:
        session["state"] = "PIN"
        return ()
    session["tries"] += 1
    if session["tries"] >= TRIES:
        session["state"] = "LOCKED"
        return (*NO_MATCH, LOCKED)
    return NO_MATCH


def _pin(session: dict[str, Any], typed: str) -> tuple[Reason, ...]:
    if not is_pin(typed):
        return FORMAT_PIN
    if typed == PIN:
        session["state"] = "DONE"
        return ()
    session["wrong_pins"] += 1
    if session["wrong_pins"] >= TRIES:
        session["state"] = "LOCKED"
        return (*WRONG, LOCKED)
    return WRONG


def _ends(state: str, reasons: tuple[Reason, ...] = ()) -> Callable[[dict[str, Any], str], tuple[Reason, ...]]:
    def end(session: dict[str, Any], _typed: str) -> tuple[Reason, ...]:
        session["state"] = state
        return reasons

    return end


_TABLE: Final[Mapping[tuple[str, str], Callable[[dict[str, Any], str], tuple[Reason, ...]]]] = {
    ("IDENTITY", "submit_identity"): _identity,
    ("PIN", "submit_pin"): _pin,
    **{
        (state, event): way
        for state in ("IDENTITY", "PIN")
        for event, way in (
            ("cancel", _ends("CANCELLED")),
            ("time_ran_out", _ends("EXPIRED", TIMED_OUT)),
            ("clock_went_back", _ends("EXPIRED", TIMED_OUT)),
        )
    },
}

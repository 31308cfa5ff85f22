"""The wizard as a chart of ja_reset, moved by `advance`; a session is saved and read back as the stores do (S4)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count, pairwise
from typing import Final

from wizard import ACCOUNT, NOW, PIN, TRIES, Reason, is_account, is_pin

from ja_reset import Policies, Text
from ja_reset.chart import Chart, Guard, Handler, Refusal, State, StateKind, Turn, check
from ja_reset.chart.advance import Outcome, advance
from ja_reset.chart.session import Session
from ja_reset.chart.states import Ending
from ja_reset.chart.transitions import Assign, EventRole, Otherwise
from ja_reset.chart.turn import Fact, Occasion, SessionFact
from ja_reset.screens import ButtonPlan, ScreenPlan
from ja_reset.service.saved import load_session, save_session

TYPED: Final[Fact[str]] = Fact("typed", at=(Occasion.CUSTOMER,))
TRIED: Final[SessionFact[int]] = SessionFact("tried", of=lambda session: session.tries)
MISSED: Final[SessionFact[int]] = SessionFact("missed", of=lambda session: session.wrong_codes)
WORDS: Final = Text(ja="確認", en="A check")

account_is_valid = Guard(
    "account_is_valid",
    lambda turn: is_account(turn.know(TYPED)),
    ("format",),
    says=WORDS,
    reads=(TYPED,),
    reasons=lambda _: (Refusal("format", "account"),),
)
pin_is_valid = Guard(
    "pin_is_valid",
    lambda turn: is_pin(turn.know(TYPED)),
    ("format",),
    says=WORDS,
    reads=(TYPED,),
    reasons=lambda _: (Refusal("format", "pin"),),
)
identity_is_right = Guard(
    "identity_is_right", lambda turn: turn.know(TYPED) == ACCOUNT, ("identity_mismatch",), says=WORDS, reads=(TYPED,)
)
pin_is_right = Guard("pin_is_right", lambda turn: turn.know(TYPED) == PIN, ("wrong_pin",), says=WORDS, reads=(TYPED,))
tries_are_used_up = Guard("tries_are_used_up", lambda turn: turn.know(TRIED) >= TRIES - 1, says=WORDS, reads=(TRIED,))
pins_are_used_up = Guard("pins_are_used_up", lambda turn: turn.know(MISSED) >= TRIES - 1, says=WORDS, reads=(MISSED,))
try_is_counted = Assign("try_is_counted", lambda _, session: session.count_try())
pin_is_counted = Assign("pin_is_counted", lambda _, session: session.code_missed())


def _plan(*events: str) -> ScreenPlan:
    return ScreenPlan(id="X", title="DONE.title", buttons=tuple(ButtonPlan(event, "button.cancel") for event in events))


def _form(
    source: str, submit: str, to: str, *, valid: Guard, right: Guard, used_up: Guard, counted: Assign
) -> tuple[Handler, ...]:
    last = Otherwise("LOCKED", when=used_up, reasons=(*right.codes, "locked"), assigns=(counted,))
    over = ("timed_out",)
    return (
        Handler(
            trigger=submit,
            source=source,
            to=to,
            checks=(check(valid), check(right, last, Otherwise(assigns=(counted,)))),
        ),
        Handler(trigger="cancel", source=source, to="CANCELLED", role=EventRole.CANCEL),
        Handler(trigger="time_ran_out", source=source, to="EXPIRED", role=EventRole.TIME_RAN_OUT, reasons=over),
        Handler(trigger="clock_went_back", source=source, to="EXPIRED", role=EventRole.CLOCK_WENT_BACK, reasons=over),
    )


WIZARD: Final = Chart(
    "WIZARD",
    title=WORDS,
    initial="IDENTITY",
    states=(
        State(name="IDENTITY", kind=StateKind.FORM, screen=_plan("submit_identity", "cancel")),
        State(name="PIN", kind=StateKind.FORM, screen=_plan("submit_pin", "cancel")),
        State(name="DONE", kind=StateKind.SUCCESS, screen=_plan()),
        *(
            State(name=ending.name, kind=StateKind.ENDING, screen=_plan(), ending=ending)
            for ending in (Ending.CANCELLED, Ending.EXPIRED, Ending.LOCKED)
        ),
    ),
    handlers=(
        *_form(
            "IDENTITY",
            "submit_identity",
            "PIN",
            valid=account_is_valid,
            right=identity_is_right,
            used_up=tries_are_used_up,
            counted=try_is_counted,
        ),
        *_form(
            "PIN",
            "submit_pin",
            "DONE",
            valid=pin_is_valid,
            right=pin_is_right,
            used_up=pins_are_used_up,
            counted=pin_is_counted,
        ),
    ),
)


def long_wizard(forms: int, name: str) -> Chart:
    """A wizard with *forms* forms in a row, all like the first: seven transitions each."""
    places = [f"FORM{number}" for number in range(forms)]
    ends = (Ending.CANCELLED, Ending.EXPIRED, Ending.LOCKED)
    return Chart(
        name,
        title=WORDS,
        initial=places[0],
        states=(
            *(State(name=place, kind=StateKind.FORM, screen=_plan("submit", "cancel")) for place in places),
            State(name="DONE", kind=StateKind.SUCCESS, screen=_plan()),
            *(State(name=each.name, kind=StateKind.ENDING, screen=_plan(), ending=each) for each in ends),
        ),
        handlers=tuple(
            handler
            for place, to in pairwise((*places, "DONE"))
            for handler in _form(
                place,
                "submit",
                to,
                valid=account_is_valid,
                right=identity_is_right,
                used_up=tries_are_used_up,
                counted=try_is_counted,
            )
        ),
    )


CHARTS: Final = {WIZARD.name: WIZARD}
POLICIES: Final = Policies()
_numbers: Final = count()


def decided(session: Session, event: str, typed: str) -> Outcome:
    """One turn."""
    return advance(WIZARD, event, Turn(session, NOW, POLICIES, {"typed": typed}))


class Ours:
    """`advance` on the chart. A session is a value: what `send` gives is the next one."""

    def start(self) -> Session:
        """A new session, with all that a session of the library has."""
        return Session(
            f"{next(_numbers):064x}", "WIZARD", "ja-0417", "IDENTITY", 1, NOW, NOW, NOW, chart_version=WIZARD.version
        )

    def send(self, session: Session, event: str, typed: str) -> tuple[Session, Sequence[Reason]]:
        """One turn, decided."""
        outcome = decided(session, event, typed)
        return outcome.session, [(reason.code, reason.field) for reason in outcome.reasons]

    def state(self, session: Session) -> str:
        """What stands in it."""
        return session.state

    def save(self, session: Session) -> str:
        """Its saved form."""
        return json.dumps(save_session(session))

    def load(self, saved: str) -> Session:
        """Read strictly, and compared with the chart."""
        return load_session(json.loads(saved), CHARTS)

    def end(self, session: Session) -> None:
        """Nothing knows of it."""

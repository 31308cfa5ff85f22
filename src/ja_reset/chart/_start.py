"""How a session of a chart begins: from the initial dot to the first screen, or to CLOSED out of hours (E4)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ja_reset.chart.states import Ending, State
from ja_reset.chart.transitions import Guard, Handler, Otherwise, Transition, check, expand
from ja_reset.chart.turn import Fact, Occasion, Turn, refusal
from ja_reset.text import Text

if TYPE_CHECKING:
    from ja_reset.bank._hours import Hours
    from ja_reset.chart.session import Refusal

DOT: Final = "initial"
"""Where a session is before it begins; no session is stored there."""
START: Final = "start"
HOURS: Final[Fact[Hours | None]] = Fact("hours", at=(Occasion.CUSTOMER,))
"""The opening hours of the institution; None where it is always open."""


def _is_open(turn: Turn) -> bool:
    hours = turn.know(HOURS)
    return hours is None or hours.is_open(turn.now)


def _closed(turn: Turn) -> tuple[Refusal, ...]:
    hours = turn.know(HOURS)
    return (refusal("closed", until=None if hours is None else hours.opens_after(turn.now)),)


is_open = Guard(
    "is_open",
    _is_open,
    ("closed",),
    says=Text(ja="受付時間内である", en="it is within the opening hours"),
    reads=(HOURS,),
    reasons=_closed,
)


GUARDS: Final = MappingProxyType({is_open.name: is_open})
"""What is asked before a session begins."""


def starts(initial: str, states: tuple[State, ...]) -> tuple[Transition, ...]:
    """The transitions from the dot: to *initial*, and to the ending that means CLOSED, where the chart has it."""
    closed = next((state.name for state in states if state.ending is Ending.CLOSED), None)
    checks = () if closed is None else (check(is_open, Otherwise(closed)),)
    return expand(Handler(trigger=START, source=DOT, to=initial, checks=checks))

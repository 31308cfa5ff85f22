"""One event, decided: a pure function from a session and what is known to the session after it.

`advance` moves a cursor through the procedure's Machine. The cursor answers to the names of the guards, each asked
at most once in a turn, so the machine's choice of arrow and the reasons given rest on the same answers. Nothing is
half changed when it raises; `Need` says which fact it wants to know first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ja_reset.arrows import Arrow
from ja_reset.chart import Chart
from ja_reset.errors import ChartError
from ja_reset.session import Refusal, Session, Turn

if TYPE_CHECKING:
    from transitions import EventData


@attrs.frozen
class Outcome:
    """The session after the event, the arrow that was taken, and the reasons it gives."""

    session: Session
    arrow: Arrow
    reasons: tuple[Refusal, ...]


class Cursor:
    """What the machine moves: a state, and the guards as attributes, asked once each."""

    def __init__(self, chart: Chart, turn: Turn) -> None:
        self.state = turn.session.state
        self.arrow: Arrow | None = None
        self._chart = chart
        self._turn = turn

    def __getattr__(self, name: str) -> bool:
        guard = None if name.startswith("_") else self._chart.guards.get(name)
        if guard is None:
            raise AttributeError(name)
        try:
            truth = guard.holds(self._turn)
        except AttributeError as error:  # transitions would take it for a missing guard
            msg = f"guard {name} of chart {self._chart.name} failed"
            raise ChartError(msg) from error
        if truth is not True and truth is not False:
            msg = f"guard {name} of chart {self._chart.name} gave no bool"
            raise ChartError(msg)
        self.__dict__[name] = truth
        return truth

    def note_arrow(self, event_data: EventData) -> None:
        """Called by the machine once an arrow is taken."""
        self.arrow = self._chart.arrow_of(event_data)


def advance(chart: Chart, trigger: str, turn: Turn) -> Outcome:
    """What *trigger* makes of `turn.session`.

    The caller has seen that the state has the event (`chart.has`); raises Need for a fact that a guard, or what
    the arrow learns, wants to know.
    """
    cursor = Cursor(chart, turn)
    chart.machine.events[trigger].trigger(cursor)
    arrow = cursor.arrow
    if arrow is None:
        msg = f"{trigger} from {turn.session.state} of chart {chart.name} took no arrow"
        raise ChartError(msg)
    session = turn.session
    for learn in arrow.learns:
        session = learn.change(turn, session)
    state = chart.states[cursor.state]
    if arrow.to is not None:
        session = attrs.evolve(session, state=state.name, kept=session.kept.only(state.keeps))
    return Outcome(session, arrow, arrow.refusals(turn))

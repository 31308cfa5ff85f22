"""One event, decided: a pure function from a session and known facts to the next session.

`advance` tries the candidates in the order of the procedure's Machine; the first one whose conditions hold is taken.
Each guard is evaluated at most once in a turn, so the choice and the reasons rest on the same results. If it raises,
nothing has changed; `FactMissing` names the fact that is needed first.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ja_reset.chart import Chart
from ja_reset.chart._questions import Question
from ja_reset.chart._start import GUARDS
from ja_reset.chart.effects import Data, EffectSpec
from ja_reset.chart.session import Refusal, Session
from ja_reset.chart.transitions import Guard, Transition
from ja_reset.chart.turn import Turn
from ja_reset.errors import ChartError

_NOTHING: Final[Mapping[EffectSpec, Data]] = MappingProxyType({})


@attrs.define(eq=False, repr=False)  # not frozen: a turn makes one, and a frozen one takes four times as long
class Outcome:
    """The session after the event, the transition taken, the reasons, and the effects to record."""

    session: Session
    transition: Transition
    reasons: tuple[Refusal, ...]
    effects: Mapping[EffectSpec, Data]

    def because(self, reasons: tuple[Refusal, ...]) -> Outcome:
        """The same for other reasons."""
        return Outcome(self.session, self.transition, reasons, self.effects)


def choose(chart: Chart, trigger: str, turn: Turn, answers: dict[str, bool]) -> Transition:
    """The transition that *trigger* takes; *answers* holds the guard results so far, and grows."""
    step = chart.first(turn.session.state, trigger)
    while type(step) is Question:
        name = step.name
        if name in answers:
            answer = answers[name]
        else:
            turn.asker = guard = step.guard
            answer = guard.holds(turn)
            if answer is not True and answer is not False:
                msg = f"guard {name} of chart {chart.name} must return a bool"
                raise ChartError(msg)
            answers[name] = answer
        step = step.fits if answer is step.wanted else step.fails
    if isinstance(step, Transition):
        return step
    msg = f"{trigger} from {turn.session.state} of chart {chart.name} takes no transition"
    raise ChartError(msg)


def advance(chart: Chart, trigger: str, turn: Turn, answers: dict[str, bool] | None = None) -> Outcome:
    """Apply *trigger* to `turn.session`.

    The caller has checked that the state handles the event (`chart.has`). Raises FactMissing if a guard, an assign or
    an effect of the transition needs a fact that is not there. If called again with the same *answers*, no guard is
    evaluated twice.
    """
    session = turn.session
    return take(chart, choose(chart, trigger, turn, {} if answers is None else answers), turn, session)


def begin(chart: Chart, turn: Turn) -> Outcome:
    """Start a session that is at the initial dot (E4): on the first screen, or in CLOSED, with the reason."""
    for transition in chart.starts:
        asked = [GUARDS[name] for name in transition.conditions]
        if all(_holds(turn, guard) for guard in asked):
            return take(chart, transition, turn, turn.session)
    msg = f"no transition of chart {chart.name} starts a session"
    raise ChartError(msg)


def _holds(turn: Turn, guard: Guard) -> bool:
    turn.asker = guard
    return guard.holds(turn)


def take(chart: Chart, transition: Transition, turn: Turn, session: Session) -> Outcome:
    """What *transition*, which `choose` has chosen in *turn*, makes of its *session*; raises as `advance` does."""
    for assign in transition.assigns:
        turn.asker = assign
        session = assign.change(turn, session)
    ordered = transition.effects
    if transition.to is not None:
        state = chart.states[transition.to]
        if state.on_entry:
            ordered = (*(effect for effect in ordered if effect not in state.on_entry), *state.on_entry)
        session = session.enter(state.name, state.keeps)
    reasons = transition.refusals(turn)
    effects: Mapping[EffectSpec, Data] = _NOTHING
    if ordered:
        made = ((effect, effect.made(turn)) for effect in ordered)
        effects = {effect: data for effect, data in made if data is not None}
    turn.asker = None
    return Outcome(session, transition, reasons, effects)

"""One event, decided: a pure function from a session and what is known to the session after it.

`advance` walks the way that the procedure's Machine gives: the first arrow whose conditions hold is taken. Each
guard is asked at most once in a turn, so the choice of arrow and the reasons given rest on the same answers. Nothing
is half changed when it raises; `Need` says which fact it wants to know first.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.session import Refusal, Session, Turn, ask
from ja_reset.chart.transitions import Data, EffectSpec, Transition
from ja_reset.errors import ChartError

_NOTHING: Final[Mapping[EffectSpec, Data]] = MappingProxyType({})


@attrs.frozen(eq=False, repr=False)
class Outcome:
    """The session after the event, the arrow that was taken, the reasons it gives, and what it orders of the bank."""

    session: Session
    transition: Transition
    reasons: tuple[Refusal, ...]
    effects: Mapping[EffectSpec, Data]


def choose(chart: Chart, trigger: str, turn: Turn, answers: dict[str, bool]) -> Transition:
    """The arrow that *trigger* takes; *answers* are the guards' so far, and grow."""
    guards = chart.guards
    for wanted, transition in chart.candidates(turn.session.state, trigger):
        for name, target in wanted:
            answer = answers.get(name)
            if answer is None:
                guard = guards[name]
                ask(turn, guard)
                answer = guard.holds(turn)
                if answer is not True and answer is not False:
                    msg = f"guard {name} of chart {chart.name} gave no bool"
                    raise ChartError(msg)
                answers[name] = answer
            if answer is not target:
                break
        else:
            return transition
    msg = f"{trigger} from {turn.session.state} of chart {chart.name} took no arrow"
    raise ChartError(msg)


def advance(chart: Chart, trigger: str, turn: Turn, answers: dict[str, bool] | None = None) -> Outcome:
    """What *trigger* makes of `turn.session`.

    The caller has seen that the state has the event (`chart.has`). Raises Need for a fact that a guard, or what the
    arrow learns or orders, wants to know; given the same *answers* again, no guard is asked twice.
    """
    session = turn.session
    transition = choose(chart, trigger, turn, {} if answers is None else answers)
    for assign in transition.assigns:
        ask(turn, assign)
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
    ask(turn, None)
    return Outcome(session, transition, reasons, effects)

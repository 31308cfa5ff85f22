"""The Machine of a chart, built once, and what is compiled from it for each event (M6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from transitions import Machine

from ja_reset.chart._questions import Candidate, Step, first_step
from ja_reset.chart.states import State
from ja_reset.chart.transitions import Guard, Transition


class Compiled(NamedTuple):
    """By state and event: the candidates, in the Machine's order, what comes first, and what facts they may ask for."""

    machine: Machine
    candidates: dict[tuple[str, str], tuple[Candidate, ...]]
    first: dict[tuple[str, str], Step]
    reads: dict[tuple[str, str], frozenset[str]]


def compiled(
    name: str,
    initial: str,
    states: Iterable[State],
    transitions: tuple[Transition, ...],
    guards: Mapping[str, Guard],
) -> Compiled:
    """The Machine of the table, with its own transitions, each beside the one of the chart that it was built from."""
    machine = Machine(
        model=None,
        states=[{"name": state.name, "final": state.is_final} for state in states],
        transitions=[transition.to_dict() for transition in transitions],
        initial=initial,
        auto_transitions=False,
        name=name,
    )
    arrows: dict[tuple[str, str], list[Transition]] = {}
    for transition in transitions:
        arrows.setdefault((transition.source, transition.trigger), []).append(transition)
    candidates = {
        (source, event.name): tuple(
            (tuple((str(condition.func), condition.target) for condition in built.conditions), transition)
            for built, transition in zip(of_event, arrows[source, event.name], strict=True)
        )
        for event in machine.events.values()
        for source, of_event in event.transitions.items()
    }
    reads = {
        event: frozenset(fact.name for wanted, _ in each for guard, _ in wanted for fact in guards[guard].reads)
        for event, each in candidates.items()
    }
    first = {event: first_step(each, guards) for event, each in candidates.items()}
    return Compiled(machine, candidates, first, reads)

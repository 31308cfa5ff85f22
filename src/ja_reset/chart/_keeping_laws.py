"""The laws of what states keep: the order that is waited for, and values of the chart's own that were assigned."""

from __future__ import annotations

from collections.abc import Iterator

from ja_reset.chart._spec import ChartSpec
from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import Transition

ORDER = "order"
"""The name of the session data that is the key of the order waited for."""


WAITED_FOR = ("phones", "chosen", "window")
"""The names of the session data that say which number is waited for, and how long."""


def orders_are_kept(spec: ChartSpec) -> Iterator[str]:
    """Who enters a state that is completing orders something, and keeps the order that its state keeps (C4, M2a)."""
    for state in spec.states:
        if state.kind is StateKind.COMPLETING and ORDER not in state.keeps:
            yield f"state {state.name} is completing and does not keep the order: add {ORDER!r} to its keeps"
    for transition in spec.transitions:
        goal = spec.state(transition.to)
        if goal is None or goal.kind is not StateKind.COMPLETING or transition.source == goal.name:
            continue
        where = f"{transition.trigger} from {transition.source} leads to {goal.name}"
        ordered = (*transition.effects, *goal.on_entry)
        kept = [assign.order for assign in transition.assigns if assign.order is not None]
        if not ordered:
            yield f"{where}, which waits for the bank, and orders nothing: give it an effect"
        elif not kept:
            yield f"{where} and keeps no order: add order_is_kept(…) to its assigns"
        for effect in kept if ordered else ():
            if effect not in ordered:
                yield f"{where} and keeps the order {effect.name}, which it does not give"


def waits_are_kept(spec: ChartSpec) -> Iterator[str]:
    """A state that waits for a call keeps the number and its window: else no wait is opened (P8)."""
    for state in spec.states:
        for name in WAITED_FOR if state.kind is StateKind.WAITING else ():
            if name not in state.keeps:
                yield f"state {state.name} waits for a call and does not keep {name}: add {name!r} to its keeps"


def own_values_are_there(spec: ChartSpec) -> Iterator[str]:
    """What a state keeps of the chart's own is there on every way: kept before, or assigned (S4)."""
    own = _assigned(spec)
    if not own:
        return
    start = spec.state(spec.initial)
    for name in sorted(own.keys() & start.keeps) if start is not None else ():
        yield f"the initial state {spec.initial} keeps {name}, which nothing has assigned yet"
    for transition in spec.transitions:
        source, goal = spec.state(transition.source), spec.state(transition.to)
        if source is None or goal is None:
            continue
        brought = source.keeps.union(assign.own for assign in transition.assigns if assign.own is not None)
        for name in sorted(own.keys() & goal.keeps - brought):
            where = f"{transition.trigger} from {source.name} leads there"
            yield f"state {goal.name} keeps {name}; {where}, and {source.name} neither keeps it nor is it assigned"


def own_values_are_kept(spec: ChartSpec) -> Iterator[str]:
    """A value of the chart's own is kept by a state, or nobody has it."""
    kept = frozenset().union(*(state.keeps for state in spec.states))
    for name, transition in _assigned(spec).items():
        if name not in kept:
            where = f"{transition.trigger} from {transition.source}"
            yield f"value {name} is assigned by {where}, and no state keeps it: add it to a state's keeps"


def _assigned(spec: ChartSpec) -> dict[str, Transition]:
    """The names of the values of the chart's own, each with the first transition that assigns it."""
    found: dict[str, Transition] = {}
    for transition in spec.transitions:
        for assign in transition.assigns:
            if assign.own is not None:
                found.setdefault(assign.own, transition)
    return found


LAWS = (orders_are_kept, waits_are_kept, own_values_are_there, own_values_are_kept)
"""The laws of what states keep."""

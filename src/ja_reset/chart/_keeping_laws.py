"""The laws of what states keep: a state that waits for the bank keeps the order that it waits for."""

from __future__ import annotations

from collections.abc import Iterator

from ja_reset.chart._spec import ChartSpec
from ja_reset.chart.states import StateKind

ORDER = "order"
"""The name of the session data that is the key of the order waited for."""


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


LAWS = (orders_are_kept,)
"""The laws of what states keep."""

"""Faults in a procedure's chart, made from its own table: each alone, each with a name that tells where and what.

A chart is a value, so a faulty one is made in a moment and nothing of the real one is touched. Faults are meant to be
seen: what SPEC leaves open (the order of two reasons for one call, say) is not broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from broken_charts import (
    LOGIN,
    RISK,
    TOKEN,
    ChartFault,
    of_step,
    own_steps,
    place_of,
    rebuilt,
    with_state,
    with_step,
    without_check,
)
from ja_reset.chart import Chart
from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import Check, Handler, Otherwise
from ja_reset.machines.effects import LOCK_CARD, NOTIFY
from meaning_faults import meanings, other_assigns
from near_faults import near_faults


def _with_checks(
    chart: Chart, handler: Handler, change: Callable[[tuple[Check, ...]], tuple[Check, ...]]
) -> Callable[[], Chart]:
    return lambda: with_step(
        chart, handler.trigger, handler.source, lambda each: attrs.evolve(each, checks=change(each.checks))
    )


def _guards(chart: Chart) -> Iterator[ChartFault]:
    for handler in own_steps(chart):
        for place, each in enumerate(handler.checks):
            name = each.guard.name
            yield ChartFault(
                f"{place_of(chart, handler)} without {name}",
                "a guard dropped",
                chart,
                lambda step=handler, name=name: without_check(chart, step.trigger, step.source, name),  # type: ignore[misc]
            )
            if place + 1 < len(handler.checks) and not _of_any_order(handler, place):
                below = handler.checks[place + 1].guard.name
                yield ChartFault(
                    f"{place_of(chart, handler)} asks {below} before {name}",
                    "two checks swapped",
                    chart,
                    _with_checks(chart, handler, lambda checks, at=place: _swapped(checks, at)),  # type: ignore[misc]
                )


def _of_any_order(handler: Handler, place: int) -> bool:
    """Whether SPEC sets no order between two neighbours: of several faults of a call any may be the reason (P3)."""
    below = handler.checks[place + 1].guard.name
    return handler.trigger in {"call_received", "keys_received"} and below.startswith(
        ("caller_", "line_", "call_is_not", "number_is_v", "attest", "window_was")
    )


def _swapped(checks: tuple[Check, ...], at: int) -> tuple[Check, ...]:
    return (*checks[:at], checks[at + 1], checks[at], *checks[at + 2 :])


def _otherwise(chart: Chart) -> Iterator[ChartFault]:
    for handler in own_steps(chart):
        for at, each in enumerate(handler.checks):
            for number, otherwise in enumerate(each.otherwise):
                where = f"{place_of(chart, handler)} otherwise {number + 1} of {each.guard.name}"
                for what, changed in _changed_otherwise(otherwise):
                    otherwises = tuple(changed if other is otherwise else other for other in each.otherwise)
                    new = Check(each.guard, tuple(one for one in otherwises if one is not None))
                    yield ChartFault(
                        f"{where} {what}",
                        "an otherwise changed",
                        chart,
                        _with_checks(chart, handler, lambda old, at=at, new=new: (*old[:at], new, *old[at + 1 :])),  # type: ignore[misc]
                    )


def _changed_otherwise(otherwise: Otherwise) -> Iterator[tuple[str, Otherwise | None]]:
    if otherwise.when is not None or otherwise.to is None:
        yield "is removed", None
    if otherwise.to is not None:
        if otherwise.reasons != ():
            yield "stays", attrs.evolve(otherwise, to=None)
        other = "CANCELLED" if otherwise.to != "CANCELLED" else "EXPIRED"
        yield f"leads to {other}", attrs.evolve(otherwise, to=other)
    if otherwise.effects:
        yield "orders nothing", attrs.evolve(otherwise, effects=())
        yield "orders half", attrs.evolve(otherwise, effects=otherwise.effects[:1])
    if otherwise.assigns:
        yield "assigns nothing", attrs.evolve(otherwise, assigns=())
    if otherwise.wait is not None:
        yield "leaves the number's row alone", attrs.evolve(otherwise, wait=None)
    if otherwise.reasons:
        yield "gives another reason", attrs.evolve(otherwise, reasons=("late",))


def _steps(chart: Chart) -> Iterator[ChartFault]:
    success = next(state.name for state in chart.states.values() if state.kind is StateKind.SUCCESS)
    for handler in own_steps(chart):
        place = place_of(chart, handler)
        yield ChartFault(
            f"{place} is gone",
            "a handler dropped",
            chart,
            lambda step=handler: with_step(chart, step.trigger, step.source, lambda _: None),  # type: ignore[misc]
        )
        for to in (success, "EXPIRED" if handler.to != "EXPIRED" else "CANCELLED"):
            if to != handler.to and handler.trigger != "proceed":
                yield ChartFault(
                    f"{place} leads to {to}", "a destination changed", chart, of_step(chart, handler, to=to)
                )
        if handler.effects:
            yield ChartFault(f"{place} orders nothing", "an effect dropped", chart, of_step(chart, handler, effects=()))
            other = (NOTIFY,) if NOTIFY not in handler.effects else (LOCK_CARD,)
            yield ChartFault(
                f"{place} orders another", "an effect changed", chart, of_step(chart, handler, effects=other)
            )
        for assign in handler.assigns:
            rest = tuple(each for each in handler.assigns if each is not assign)
            yield ChartFault(
                f"{place} forgets {assign.name}", "a fact not kept", chart, of_step(chart, handler, assigns=rest)
            )
        if handler.wait is not None:
            yield ChartFault(
                f"{place} writes no wait", "a wait write dropped", chart, of_step(chart, handler, wait=None)
            )
        if handler.reasons:
            yield ChartFault(
                f"{place} gives another reason", "a reason changed", chart, of_step(chart, handler, reasons=("format",))
            )


def _states(chart: Chart) -> Iterator[ChartFault]:
    waiting = frozenset({"chosen", "window", "answered", "activation"})
    for state in chart.states.values():
        for more in sorted(waiting - state.keeps if not state.is_final else frozenset({"phones"})):
            yield ChartFault(
                f"{chart.name}.{state.name} keeps {more}",
                "a fact kept too long",
                chart,
                lambda state=state, more=more: with_state(chart, state.name, keeps=state.keeps | {more}),  # type: ignore[misc]
            )
        for less in sorted(state.keeps):
            yield ChartFault(
                f"{chart.name}.{state.name} drops {less}",
                "a fact dropped",
                chart,
                lambda state=state, less=less: with_state(chart, state.name, keeps=state.keeps - {less}),  # type: ignore[misc]
            )
        if state.kind in {StateKind.FORM, StateKind.WAITING} and "proceed" not in state.tolerates:
            yield ChartFault(
                f"{chart.name}.{state.name} lets proceed through",
                "an event tolerated",
                chart,
                lambda state=state: with_state(chart, state.name, tolerates=("proceed",)),  # type: ignore[misc]
            )


def _transitions(chart: Chart) -> Iterator[ChartFault]:
    """Transitions that are not in the manual: shortcuts, a way back past the proof, a way out of an end."""
    names = list(chart.states)
    success = next(state.name for state in chart.states.values() if state.kind is StateKind.SUCCESS)
    for source in names:
        for trigger, to in (
            ("call_received", success),
            ("confirmed", success),
            ("back", chart.initial),
            ("cancel", "CANCELLED"),
        ):
            if chart.has(source, trigger):
                continue
            new = Handler(trigger=trigger, role=chart.role(trigger), source=source, to=to, effects=())
            yield ChartFault(
                f"{chart.name}.{source} has {trigger} to {to}",
                "a transition added",
                chart,
                lambda new=new: rebuilt(chart, handlers=(*chart.handlers, new)),  # type: ignore[misc]
            )


def chart_faults() -> tuple[ChartFault, ...]:
    """Every fault, in a fixed order; RISK_BASED_AUTH only where it differs from LOGIN_PASSWORD."""
    found: list[ChartFault] = []
    for chart in (LOGIN, RISK, TOKEN):
        found += [*_guards(chart), *_otherwise(chart), *_steps(chart)]
        if chart is not RISK:
            found += [
                *_states(chart),
                *_transitions(chart),
                *meanings(chart),
                *other_assigns(chart),
                *near_faults(chart),
            ]
    return tuple(found)

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
    without_rung,
)
from ja_reset.arrows import Fall, Rung, StateKind, Step
from ja_reset.chart import Chart
from ja_reset.machines.effects import LOCK_CARD, NOTIFY
from meaning_faults import learnings, meanings
from near_faults import near_faults


def _of_ladder(chart: Chart, step: Step, ladder: Callable[[tuple[Rung, ...]], tuple[Rung, ...]]) -> Callable[[], Chart]:
    return lambda: with_step(
        chart, step.trigger, step.source, lambda each: attrs.evolve(each, ladder=ladder(each.ladder))
    )


def _guards(chart: Chart) -> Iterator[ChartFault]:
    for step in own_steps(chart):
        for place, each in enumerate(step.ladder):
            name = each.guard.name
            yield ChartFault(
                f"{place_of(chart, step)} without {name}",
                "a guard dropped",
                chart,
                lambda step=step, name=name: without_rung(chart, step.trigger, step.source, name),  # type: ignore[misc]
            )
            if place + 1 < len(step.ladder) and not _of_any_order(step, place):
                below = step.ladder[place + 1].guard.name
                yield ChartFault(
                    f"{place_of(chart, step)} asks {below} before {name}",
                    "two rungs swapped",
                    chart,
                    _of_ladder(chart, step, lambda rungs, at=place: _swapped(rungs, at)),  # type: ignore[misc]
                )


def _of_any_order(step: Step, place: int) -> bool:
    """Whether SPEC sets no order between two neighbours: of several faults of a call any may be the reason (P3)."""
    below = step.ladder[place + 1].guard.name
    return step.trigger in {"call_received", "keys_received"} and below.startswith(
        ("caller_", "line_", "call_is_not", "number_is_v", "attest", "window_was")
    )


def _swapped(rungs: tuple[Rung, ...], at: int) -> tuple[Rung, ...]:
    return (*rungs[:at], rungs[at + 1], rungs[at], *rungs[at + 2 :])


def _falls(chart: Chart) -> Iterator[ChartFault]:
    for step in own_steps(chart):
        for at, each in enumerate(step.ladder):
            for number, fall in enumerate(each.falls):
                where = f"{place_of(chart, step)} fall {number + 1} of {each.guard.name}"
                for what, changed in _changed_falls(fall):
                    falls = tuple(changed if other is fall else other for other in each.falls)
                    new = Rung(each.guard, tuple(one for one in falls if one is not None))
                    yield ChartFault(
                        f"{where} {what}",
                        "a fall changed",
                        chart,
                        _of_ladder(chart, step, lambda rungs, at=at, new=new: (*rungs[:at], new, *rungs[at + 1 :])),  # type: ignore[misc]
                    )


def _changed_falls(fall: Fall) -> Iterator[tuple[str, Fall | None]]:
    if fall.when is not None or fall.to is None:
        yield "is removed", None
    if fall.to is not None:
        if fall.reasons != ():
            yield "stays", attrs.evolve(fall, to=None)
        other = "CANCELLED" if fall.to != "CANCELLED" else "EXPIRED"
        yield f"leads to {other}", attrs.evolve(fall, to=other)
    if fall.effects:
        yield "orders nothing", attrs.evolve(fall, effects=())
        yield "orders half", attrs.evolve(fall, effects=fall.effects[:1])
    if fall.learns:
        yield "learns nothing", attrs.evolve(fall, learns=())
    if fall.wait is not None:
        yield "leaves the number's row alone", attrs.evolve(fall, wait=None)
    if fall.reasons:
        yield "gives another reason", attrs.evolve(fall, reasons=("late",))


def _steps(chart: Chart) -> Iterator[ChartFault]:
    success = next(state.name for state in chart.states.values() if state.kind is StateKind.SUCCESS)
    for step in own_steps(chart):
        place = place_of(chart, step)
        yield ChartFault(
            f"{place} is gone",
            "a step dropped",
            chart,
            lambda step=step: with_step(chart, step.trigger, step.source, lambda _: None),  # type: ignore[misc]
        )
        for to in (success, "EXPIRED" if step.to != "EXPIRED" else "CANCELLED"):
            if to != step.to and step.trigger != "proceed":
                yield ChartFault(f"{place} leads to {to}", "a destination changed", chart, of_step(chart, step, to=to))
        if step.effects:
            yield ChartFault(f"{place} orders nothing", "an effect dropped", chart, of_step(chart, step, effects=()))
            other = (NOTIFY,) if NOTIFY not in step.effects else (LOCK_CARD,)
            yield ChartFault(f"{place} orders another", "an effect changed", chart, of_step(chart, step, effects=other))
        for learn in step.learns:
            rest = tuple(each for each in step.learns if each is not learn)
            yield ChartFault(
                f"{place} forgets {learn.name}", "a fact not kept", chart, of_step(chart, step, learns=rest)
            )
        if step.wait is not None:
            yield ChartFault(f"{place} writes no wait", "a wait write dropped", chart, of_step(chart, step, wait=None))
        if step.reasons:
            yield ChartFault(
                f"{place} gives another reason", "a reason changed", chart, of_step(chart, step, reasons=("format",))
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
        if state.kind in {StateKind.FORM, StateKind.WAITING} and "proceed" not in state.echoes:
            yield ChartFault(
                f"{chart.name}.{state.name} lets proceed through",
                "an echo allowed",
                chart,
                lambda state=state: with_state(chart, state.name, echoes=("proceed",)),  # type: ignore[misc]
            )


def _arrows(chart: Chart) -> Iterator[ChartFault]:
    """Arrows that are not in the manual: shortcuts, a way back past the proof, a way out of an end."""
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
            new = Step(trigger=trigger, role=chart.role(trigger), source=source, to=to, effects=())
            yield ChartFault(
                f"{chart.name}.{source} has {trigger} to {to}",
                "an arrow added",
                chart,
                lambda new=new: rebuilt(chart, steps=(*chart.steps, new)),  # type: ignore[misc]
            )


def chart_faults() -> tuple[ChartFault, ...]:
    """Every fault, in a fixed order; RISK_BASED_AUTH only where it differs from LOGIN_PASSWORD."""
    found: list[ChartFault] = []
    for chart in (LOGIN, RISK, TOKEN):
        found += [*_guards(chart), *_falls(chart), *_steps(chart)]
        if chart is not RISK:
            found += [*_states(chart), *_arrows(chart), *meanings(chart), *learnings(chart), *near_faults(chart)]
    return tuple(found)

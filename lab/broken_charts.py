"""Charts that are wrong on purpose, made from the procedures' own by changing their steps or states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import attrs

from ja_reset import PROCEDURES, Procedure
from ja_reset.chart import Chart
from ja_reset.chart.states import State
from ja_reset.chart.transitions import Check, Handler

LOGIN = PROCEDURES[Procedure.LOGIN_PASSWORD]
RISK = PROCEDURES[Procedure.RISK_BASED_AUTH]
TOKEN = PROCEDURES[Procedure.TOKEN_REISSUE]


def rebuilt(chart: Chart, *, states: Iterable[State] | None = None, handlers: Iterable[Handler] | None = None) -> Chart:
    """*chart* with other states or handlers; raises ChartError where a law refuses it."""
    return Chart(
        chart.name,
        title=chart.title,
        initial=chart.initial,
        states=tuple(chart.states.values()) if states is None else states,
        handlers=chart.handlers if handlers is None else handlers,
    )


def with_step(chart: Chart, trigger: str, source: str, change: Callable[[Handler], Handler | None]) -> Chart:
    """*chart* with one step changed, or left out (None)."""
    changed = [
        change(handler) if (handler.trigger, handler.source) == (trigger, source) else handler
        for handler in chart.handlers
    ]
    return rebuilt(chart, handlers=[handler for handler in changed if handler is not None])


def with_state(chart: Chart, name: str, **changes: object) -> Chart:
    """*chart* with one state changed."""
    states = [
        attrs.evolve(state, **changes) if state.name == name else state  # type: ignore[arg-type]  # fields by name
        for state in chart.states.values()
    ]
    return rebuilt(chart, states=states)


def without_check(chart: Chart, trigger: str, source: str, guard: str) -> Chart:
    """*chart* without one of a handler's checks."""

    def drop(handler: Handler) -> Handler:
        return attrs.evolve(handler, checks=tuple(each for each in handler.checks if each.guard.name != guard))

    return with_step(chart, trigger, source, drop)


def with_checks(
    chart: Chart, trigger: str, source: str, change: Callable[[tuple[Check, ...]], tuple[Check, ...]]
) -> Chart:
    """*chart* with a handler's checks changed."""
    return with_step(chart, trigger, source, lambda handler: attrs.evolve(handler, checks=change(handler.checks)))


# Faults, with names ---------------------------------------------------------------------------------------


@attrs.frozen
class ChartFault:
    """A fault: its name, its kind, whose chart, and how it is made (raises ChartError where a law refuses it)."""

    name: str
    kind: str
    chart: Chart
    make: Callable[[], Chart] = attrs.field(repr=False, eq=False)


def own_steps(chart: Chart) -> Iterator[Handler]:
    """The steps of a chart; of RISK_BASED_AUTH only what LOGIN_PASSWORD does not share."""
    for handler in chart.handlers:
        if chart is not RISK or handler.trigger in {"submit_reset", "confirmed"}:
            yield handler


def place_of(chart: Chart, handler: Handler) -> str:
    """What the faults of a step are named by."""
    return f"{chart.name}.{handler.source}.{handler.trigger}"


def of_step(chart: Chart, handler: Handler, **changes: object) -> Callable[[], Chart]:
    """How the chart with this step changed is made."""
    return lambda: with_step(
        chart,
        handler.trigger,
        handler.source,
        lambda each: attrs.evolve(each, **changes),  # type: ignore[arg-type]  # fields by name
    )

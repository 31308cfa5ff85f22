"""What a drawing tells of a chart: its states as nodes, its transitions as lines, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ja_reset.chart import Chart
from ja_reset.chart._start import GUARDS
from ja_reset.chart.states import State, StateKind
from ja_reset.chart.transitions import Handler, Transition, expand
from ja_reset.diagrams._model import Line, Node, main_path
from ja_reset.diagrams._words import EVENTS, FORM_LIMIT, KINDS, STARTS, WAITING_LIMIT
from ja_reset.policies import Policies
from ja_reset.screens.placeholders import STANDARD, fill
from ja_reset.text import Text


def lines_of(chart: Chart) -> tuple[Line, ...]:
    """Every transition of the chart, in its order."""
    return tuple(line for handler in chart.handlers for line in _lines(chart, handler))


def nodes_of(chart: Chart, *, policies: Policies = STANDARD, by_screen: bool = False) -> tuple[Node, ...]:
    """The chart's states, in its order; *by_screen* makes one node of all that show the same screen."""
    groups: dict[object, list[State]] = {}
    for state in chart.states.values():
        groups.setdefault((id(state.screen), state.kind) if by_screen else state.name, []).append(state)
    path = {name for line in path_of(chart) for name in (line.source, line.target)}
    return tuple(
        Node(
            name=states[0].name,
            states=tuple(state.name for state in states),
            kind=states[0].kind,
            screen=states[0].screen.id,
            title=_title(chart, states[0]),
            limit=_limit(chart, states, policies, brief=by_screen),
            keeps=tuple(sorted(set[str]().union(*(state.keeps for state in states)))),
            on_path=any(state.name in path for state in states),
        )
        for states in groups.values()
    )


def path_of(chart: Chart) -> tuple[Line, ...]:
    """The shortest way from the first screen to success, where everything holds."""
    goals = {name for name, state in chart.states.items() if state.kind is StateKind.SUCCESS}
    return main_path(lines_of(chart), initial=chart.initial, goals=goals)


def starts_of(chart: Chart) -> tuple[Line, ...]:
    """What leads from the initial dot: to the first screen, and out of hours to CLOSED (E4)."""
    if len(chart.starts) == 1:
        return ()
    says = [GUARDS[name].says for name in chart.starts[0].conditions]
    return tuple(
        Line(
            source=transition.source,
            target=str(transition.to),
            conditions=transition.conditions,
            unless=transition.unless,
            trigger=transition.trigger,
            event=STARTS,
            guarded=True,
            falls=transition.otherwise,
            fails=says[0] if transition.otherwise else None,
            when=None,
            codes=transition.codes,
            effects=(),
            name=transition.name,
        )
        for transition in chart.starts
    )


def _lines(chart: Chart, handler: Handler) -> Iterator[Line]:
    event = _event(chart, handler)
    falls = [(each.guard.says, otherwise) for each in handler.checks for otherwise in each.otherwise]
    for transition, fall in zip(expand(handler), [None, *falls], strict=True):
        yield Line(
            source=transition.source,
            target=transition.to or transition.source,
            stays=transition.to is None,
            conditions=transition.conditions,
            unless=transition.unless,
            trigger=transition.trigger,
            event=event,
            guarded=bool(handler.checks),
            falls=transition.otherwise,
            fails=fall[0] if fall else None,
            when=fall[1].when.says if fall and fall[1].when else None,
            codes=transition.codes,
            effects=tuple(effect.name for effect in transition.effects),
            name=transition.name,
            role=transition.role.value if transition.role else None,
            assigns=tuple(each.name for each in transition.assigns),
            wait=transition.wait.value if transition.wait else None,
        )


def _event(chart: Chart, handler: Handler) -> Text:
    for button in chart.states[handler.source].screen.buttons:
        if button.event == handler.trigger:
            return chart.text(button.text)
    return EVENTS.get(handler.role) or Text(handler.trigger, handler.trigger)


def _title(chart: Chart, state: State) -> Text:
    """What the screen is called in short; what happens there instead of its form is said besides."""
    title, kind = chart.text(state.screen.step), KINDS[state.kind]
    if state.kind is not StateKind.COMPLETING:
        return title
    return Text(f"{title.ja} ({kind.ja})", f"{title.en} ({kind.en})")


def _limit(chart: Chart, states: Iterable[State], policies: Policies, *, brief: bool) -> Text | None:
    words = chart.texts.words(policies)
    names = {state.name for state in states}
    figures = {
        assign.limit
        for transition in _into_wait(chart, names)
        for assign in transition.assigns
        if assign.limit is not None
    }
    if figures:
        return fill(WAITING_LIMIT, {"span": words[min(figures)]})
    if not brief and any(chart.states[name].kind is StateKind.FORM for name in names):
        return fill(FORM_LIMIT, {"idle": words["idle_timeout"], "absolute": words["absolute_timeout"]})
    return None


def _into_wait(chart: Chart, names: set[str]) -> list[Transition]:
    """The transitions by which one comes to wait there, directly or from another wait."""
    waits = {name for name in names if chart.states[name].kind is StateKind.WAITING}
    while True:
        transitions = [transition for transition in chart.transitions if transition.to in waits]
        before = {
            transition.source for transition in transitions if chart.states[transition.source].kind is StateKind.WAITING
        }
        if before <= waits:
            return transitions
        waits |= before

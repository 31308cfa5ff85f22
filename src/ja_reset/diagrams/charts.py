"""What a drawing tells of a chart: its states as nodes, its arrows as lines, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ja_reset.arrows import Arrow, State, StateKind, Step, expand
from ja_reset.chart import Chart
from ja_reset.diagrams.model import Line, Node, main_path
from ja_reset.diagrams.words import EVENTS, FORM_LIMIT, KINDS, WAITING_LIMIT
from ja_reset.figures import STANDARD, figure_words, figures_of, fill
from ja_reset.policies import Policies
from ja_reset.screens import SCREEN_TEXTS
from ja_reset.text import Text


def lines_of(chart: Chart) -> tuple[Line, ...]:
    """Every arrow of the chart, in its order."""
    return tuple(line for step in chart.steps for line in _lines(chart, step))


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
            title=_title(states[0]),
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


def _lines(chart: Chart, step: Step) -> Iterator[Line]:
    event = _event(chart.states[step.source], step)
    falls = [(each.guard.says, fall) for each in step.ladder for fall in each.falls]
    for arrow, fall in zip(expand(step), [None, *falls], strict=True):
        yield Line(
            source=arrow.source,
            target=arrow.to or arrow.source,
            stays=arrow.to is None,
            conditions=arrow.conditions,
            unless=arrow.unless,
            trigger=arrow.trigger,
            event=event,
            guarded=bool(step.ladder),
            falls=arrow.falls,
            fails=fall[0] if fall else None,
            when=fall[1].when.says if fall and fall[1].when else None,
            codes=arrow.codes,
            effects=tuple(effect.name for effect in arrow.effects),
        )


def _event(state: State, step: Step) -> Text:
    for button in state.screen.buttons:
        if button.event == step.trigger:
            return SCREEN_TEXTS[button.text]
    return EVENTS.get(step.role) or Text(step.trigger, step.trigger)


def _title(state: State) -> Text:
    """The screen's title; what happens there instead of its form is said besides."""
    title, kind = SCREEN_TEXTS[state.screen.title], KINDS[state.kind]
    if state.kind is not StateKind.COMPLETING:
        return title
    return Text(f"{title.ja} ({kind.ja})", f"{title.en} ({kind.en})")


def _limit(chart: Chart, states: Iterable[State], policies: Policies, *, brief: bool) -> Text | None:
    words = figure_words(figures_of(policies))
    names = {state.name for state in states}
    figures = {learn.figure for arrow in _into_wait(chart, names) for learn in arrow.learns if learn.figure is not None}
    if figures:
        return fill(WAITING_LIMIT, {"span": words[min(figures)]})
    if not brief and any(chart.states[name].kind is StateKind.FORM for name in names):
        return fill(FORM_LIMIT, {"idle": words["idle_timeout"], "absolute": words["absolute_timeout"]})
    return None


def _into_wait(chart: Chart, names: set[str]) -> list[Arrow]:
    """The arrows by which one comes to wait there, directly or from another wait."""
    waits = {name for name in names if chart.states[name].kind is StateKind.WAITING}
    while True:
        arrows = [arrow for arrow in chart.arrows if arrow.to in waits]
        before = {arrow.source for arrow in arrows if chart.states[arrow.source].kind is StateKind.WAITING}
        if before <= waits:
            return arrows
        waits |= before

"""A chart as something to draw: nodes and edges, with words and without functions.

Both drawings are extracted from the table alone. The full one has every arrow, bundled by event and target; the
overview has one node for each screen, one edge between two of them, and one edge from all that is under way to an
ending that can be reached from anywhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from enum import Enum

import attrs

from ja_reset.arrows import Arrow, State, StateKind, Step, expand
from ja_reset.chart import Chart
from ja_reset.diagrams.words import EVENTS, FORM_LIMIT, KINDS, WAITING_LIMIT
from ja_reset.figures import STANDARD, figure_words, figures_of, fill
from ja_reset.policies import Policies
from ja_reset.screens import SCREEN_TEXTS
from ja_reset.text import Text

GROUP = "UNDER_WAY"
"""The source of an edge that begins at every form and every wait."""

_UNDER_WAY = frozenset({StateKind.FORM, StateKind.WAITING})


class Detail(Enum):
    """How much a drawing tells."""

    OVERVIEW = "overview"
    FULL = "full"


@attrs.frozen(kw_only=True)
class Node:
    """A state, or several that show one screen; `limit` is how long one may stay, `on_path` the way to success."""

    name: str
    states: tuple[str, ...]
    kind: StateKind
    screen: str
    title: Text
    limit: Text | None
    keeps: tuple[str, ...]
    on_path: bool

    @property
    def is_under_way(self) -> bool:
        """Whether the customer, or the phone, is waited for."""
        return self.kind in _UNDER_WAY


@attrs.frozen(kw_only=True)
class Line:
    """One arrow in words. `fails`: the guard that does not hold (None: all hold), `when`: what holds besides."""

    source: str
    target: str
    trigger: str
    event: Text
    guarded: bool
    falls: bool
    fails: Text | None
    when: Text | None
    codes: tuple[str, ...]
    effects: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Edge:
    """What leads from one node to another, and the lines of its label."""

    source: str
    target: str
    label: tuple[Text, ...]
    on_path: bool = False


@attrs.frozen(kw_only=True)
class Drawing:
    """What a renderer draws; `edges` from `GROUP` begin at every node that is under way."""

    name: str
    title: Text
    initial: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def under_way(self) -> tuple[Node, ...]:
        """The forms and waits, in the chart's order."""
        return tuple(node for node in self.nodes if node.is_under_way)


def drawing_of(chart: Chart, *, detail: Detail | str, policies: Policies = STANDARD) -> Drawing:
    """The drawing of *chart*; limits of time are those of *policies*. Raises ValueError for an unknown detail."""
    whole = Detail(detail) is Detail.FULL
    nodes = nodes_of(chart, policies=policies, by_screen=not whole)
    return Drawing(
        name=chart.name,
        title=chart.title,
        initial=_owner(nodes)[chart.initial],
        nodes=nodes,
        edges=tuple(_full(chart)) if whole else tuple(_overview(chart, nodes)),
    )


def lines_of(chart: Chart) -> tuple[Line, ...]:
    """Every arrow of the chart, in its order."""
    return tuple(line for step in chart.steps for line in _lines(chart, step))


def nodes_of(chart: Chart, *, policies: Policies = STANDARD, by_screen: bool = False) -> tuple[Node, ...]:
    """The chart's states, in its order; *by_screen* makes one node of all that show the same screen."""
    groups: dict[object, list[State]] = {}
    for state in chart.states.values():
        groups.setdefault((id(state.screen), state.kind) if by_screen else state.name, []).append(state)
    path = {name for line in main_path(chart) for name in (line.source, line.target)}
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


def main_path(chart: Chart) -> tuple[Line, ...]:
    """The shortest way from the first screen to success, where everything holds."""
    goals = [line for line in lines_of(chart) if not line.falls and line.target != line.source]
    ways: dict[str, tuple[Line, ...]] = {chart.initial: ()}
    todo = deque([chart.initial])
    while todo:
        name = todo.popleft()
        if chart.states[name].kind is StateKind.SUCCESS:
            return ways[name]
        for line in goals:
            if line.source == name and line.target not in ways:
                ways[line.target] = (*ways[name], line)
                todo.append(line.target)
    return ()


def _lines(chart: Chart, step: Step) -> Iterator[Line]:
    event = _event(chart.states[step.source], step.trigger)
    falls = [(each.guard.says, fall) for each in step.ladder for fall in each.falls]
    for arrow, fall in zip(expand(step), [None, *falls], strict=True):
        yield Line(
            source=arrow.source,
            target=arrow.to or arrow.source,
            trigger=arrow.trigger,
            event=event,
            guarded=bool(step.ladder),
            falls=arrow.falls,
            fails=fall[0] if fall else None,
            when=fall[1].when.says if fall and fall[1].when else None,
            codes=arrow.codes,
            effects=tuple(effect.value for effect in arrow.effects),
        )


def _event(state: State, trigger: str) -> Text:
    for button in state.screen.buttons:
        if button.event == trigger:
            return SCREEN_TEXTS[button.text]
    return EVENTS.get(trigger) or Text(trigger, trigger)


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


def _owner(nodes: Iterable[Node]) -> dict[str, str]:
    return {state: node.name for node in nodes for state in node.states}


def _full(chart: Chart) -> Iterator[Edge]:
    path = set(main_path(chart))
    bundles: dict[tuple[str, str, str], list[Line]] = {}
    for line in lines_of(chart):
        bundles.setdefault((line.source, line.target, line.trigger), []).append(line)
    for (source, target, _), lines in bundles.items():
        label = (lines[0].event, *(told for line in lines if (told := _told(line)) is not None))
        yield Edge(source=source, target=target, label=label, on_path=not path.isdisjoint(lines))


def _told(line: Line) -> Text | None:
    """What an arrow says beside its event."""
    ends = "".join((f" → {', '.join(line.codes)}" if line.codes else "", _ordered(line.effects)))
    if line.fails is None:
        return Text(ends.strip(), ends.strip()) if ends else None
    ja, en = (f"✗ {says}" for says in (line.fails.ja, line.fails.en))
    if line.when is not None:
        ja, en = f"{ja}、✓ {line.when.ja}", f"{en}, ✓ {line.when.en}"
    return Text(ja + ends, en + ends)


def _ordered(effects: tuple[str, ...]) -> str:
    return f" / {', '.join(effects)}" if effects else ""


def _overview(chart: Chart, nodes: tuple[Node, ...]) -> Iterator[Edge]:
    owner = _owner(nodes)
    of_name = {node.name: node for node in nodes}
    path = main_path(chart)
    ways = {(owner[line.source], owner[line.target]) for line in path}
    bundles: dict[tuple[str, str], list[Line]] = {}
    for line in lines_of(chart):
        source, target = owner[line.source], owner[line.target]
        if source != target:
            bundles.setdefault((source, target), []).append(line)
    endings: dict[str, dict[str, list[Line]]] = {}
    for (source, target), lines in bundles.items():
        if of_name[target].kind is StateKind.ENDING:
            endings.setdefault(target, {})[source] = lines
        elif (source, target) in ways:
            yield Edge(source=source, target=target, label=_way(path, owner, source, target), on_path=True)
        else:
            yield Edge(source=source, target=target, label=_causes(lines))
    under_way = [node.name for node in nodes if node.is_under_way]
    for target in (node.name for node in nodes if node.name in endings):
        sources = endings[target]
        if set(under_way) <= set(sources):
            every = [line for name in under_way for line in sources.pop(name)]
            yield Edge(source=GROUP, target=target, label=_causes(every))
        for source, lines in sources.items():
            yield Edge(source=source, target=target, label=_causes(lines))


def _way(path: tuple[Line, ...], owner: dict[str, str], source: str, target: str) -> tuple[Text, ...]:
    """The events of the main path that lead through one node to the next."""
    lines = [line for line in path if owner[line.source] == source and owner[line.target] in {source, target}]
    effects = _ordered(tuple(effect for line in lines for effect in line.effects)).strip()
    events = Text(" → ".join(line.event.ja for line in lines), " → ".join(line.event.en for line in lines))
    return (events, Text(effects, effects)) if effects else (events,)


def _causes(lines: list[Line]) -> tuple[Text, ...]:
    """The events that lead on by themselves, and the codes of what did not hold; each once."""
    causes = [
        cause for line in lines for cause in ([Text(code, code) for code in line.codes] if line.falls else [line.event])
    ]
    return tuple(dict.fromkeys(causes))

"""What there is to draw: nodes and edges, with words and without functions.

The one model that every renderer reads. It keeps each transition as a line, in the order of checking, and edges that
bundle them: the full drawing by event and target; the overview has one node for each screen, one edge between two of
them, and one edge from all that is under way to an ending that can be reached from anywhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from enum import Enum
from itertools import pairwise
from typing import Protocol

import attrs

from ja_reset.chart.states import StateKind
from ja_reset.errors import InvalidArgument
from ja_reset.screens._reason_names import REASON_NAMES
from ja_reset.text import Language, Text

DOT = "●"
"""The source of an edge that begins at the initial dot."""
GROUP = "UNDER_WAY"
"""The source of an edge that begins at every form and every wait."""

_UNDER_WAY = frozenset({StateKind.FORM, StateKind.WAITING})


class Detail(Enum):
    """How much a drawing tells."""

    OVERVIEW = "overview"
    FULL = "full"


class Direction(Enum):
    """Which way the main path runs."""

    DOWN = "TB"
    RIGHT = "LR"


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
    lit: bool = False

    def words(self, language: Language) -> tuple[str, ...]:
        """What stands in its box: the name, the title, the limit; nothing twice."""
        limit = [self.limit.get(language)] if self.limit else []
        return tuple(dict.fromkeys([self.name, self.title.get(language), *limit]))

    @property
    def is_under_way(self) -> bool:
        """Whether the customer, or the phone, is waited for."""
        return self.kind in _UNDER_WAY


@attrs.frozen
class Code(Text):
    """A name as it stands in code: a reason's, in Japanese behind its name in words, or an effect's."""

    @classmethod
    def of(cls, code: str) -> Code:
        """That reason, or that effect."""
        name = REASON_NAMES.get(code)
        return cls(code if name is None else f"{name.ja} {code}", code)


@attrs.frozen(kw_only=True)
class Line:
    """One transition in words. `fails`: the guard that does not hold (None: all hold), `when`: what holds besides.

    `conditions` and `unless` are the guards' names, all that the transition needs; `stays`: it does not enter a state
    again. A line of a Chart has the transition's `name`, its `role`, its `assigns`, and what it does to a `wait`.
    """

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
    stays: bool = False
    conditions: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    name: str | None = None
    role: str | None = None
    assigns: tuple[str, ...] = ()
    wait: str | None = None


@attrs.frozen(kw_only=True)
class Edge:
    """What leads from one node to another, and the lines of its label."""

    source: str
    target: str
    label: tuple[Text, ...]
    on_path: bool = False
    lit: bool = False


@attrs.frozen(kw_only=True)
class Drawing:
    """What a renderer draws; `edges` from `GROUP` begin at every node that is under way.

    `starts` are the lines from the initial dot, in the order of checking (E4); none where a session always begins.
    """

    name: str
    title: Text
    initial: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    lines: tuple[Line, ...]
    starts: tuple[Line, ...] = ()

    @property
    def shut(self) -> tuple[Edge, ...]:
        """What leads from the dot to another node than the initial one: where a session cannot start."""
        owner = owner_of(self.nodes)
        return tuple(
            Edge(source=DOT, target=owner[line.target], label=tuple(map(Code.of, line.codes)))
            for line in self.starts
            if line.falls
        )

    @property
    def under_way(self) -> tuple[Node, ...]:
        """The forms and waits, in the chart's order."""
        return tuple(node for node in self.nodes if node.is_under_way)

    @property
    def grouped(self) -> bool:
        """Whether an edge begins at all that is under way."""
        return any(edge.source == GROUP for edge in self.edges)


class Move(Protocol):
    """One step of a way: from which state to which."""

    @property
    def source(self) -> str:
        """The state before."""

    @property
    def target(self) -> str:
        """The state after."""


class Way(Protocol):
    """A way through a machine, such as a verifier's counterexample."""

    @property
    def lines(self) -> Iterable[Move]:
        """Its steps, in order."""


Highlight = str | Iterable[str] | Way
"""A state, the states of a path in their order, or a way."""


def main_path(lines: Collection[Line], *, initial: str, goals: Collection[str]) -> tuple[Line, ...]:
    """The shortest way from *initial* to one of *goals* by transitions that refuse nothing; empty if there is none."""
    ways: dict[str, tuple[Line, ...]] = {initial: ()}
    todo = deque([initial])
    while todo:
        name = todo.popleft()
        if name in goals:
            return ways[name]
        for line in lines:
            if line.source == name and line.target not in ways and not line.falls:
                ways[line.target] = (*ways[name], line)
                todo.append(line.target)
    return ()


def bundled(nodes: tuple[Node, ...], lines: tuple[Line, ...], path: tuple[Line, ...], detail: Detail) -> list[Edge]:
    """The edges between *nodes* that tell of *lines*."""
    return list(_full(lines, path) if detail is Detail.FULL else _overview(lines, path, nodes))


def lit_up(drawing: Drawing, highlight: Highlight | None) -> Drawing:
    """The drawing with a state or a way lit up. Raises InvalidArgument for a state that it does not have."""
    if highlight is None:
        return drawing
    states, moves = _told_of(highlight)
    owner = owner_of(drawing.nodes)
    for name in states:
        if name not in owner:
            msg = f"there is no state {name!r} to highlight; there are {', '.join(owner)}"
            raise InvalidArgument(msg)
    names = {owner[name] for name in states}
    pairs = {(owner[source], owner[target]) for source, target in moves}
    under_way = {node.name for node in drawing.under_way}
    return attrs.evolve(
        drawing,
        nodes=tuple(attrs.evolve(node, lit=node.name in names) for node in drawing.nodes),
        edges=tuple(
            attrs.evolve(
                edge,
                lit=any(
                    target == edge.target and (source == edge.source or (edge.source == GROUP and source in under_way))
                    for source, target in pairs
                ),
            )
            for edge in drawing.edges
        ),
    )


def owner_of(nodes: Iterable[Node]) -> dict[str, str]:
    """The node of each state."""
    return {state: node.name for node in nodes for state in node.states}


def _told_of(highlight: Highlight) -> tuple[list[str], list[tuple[str, str]]]:
    if isinstance(highlight, str):
        return [highlight], []
    if isinstance(highlight, Iterable):
        states = list(highlight)
        return states, list(pairwise(states))
    moves = [(move.source, move.target) for move in highlight.lines]
    return [name for move in moves for name in move], moves


def _full(lines: tuple[Line, ...], path: tuple[Line, ...]) -> Iterator[Edge]:
    bundles: dict[tuple[str, str, str], list[Line]] = {}
    for line in lines:
        bundles.setdefault((line.source, line.target, line.trigger), []).append(line)
    for (source, target, _), bundle in bundles.items():
        label = (bundle[0].event, *(told for line in bundle if (told := _told(line)) is not None))
        yield Edge(source=source, target=target, label=label, on_path=any(line in path for line in bundle))


def _told(line: Line) -> Text | None:
    """What a transition says beside its event."""
    orders = _ordered(line.effects)
    codes = [Code.of(code) for code in line.codes]
    ja = f" → {'、'.join(code.ja for code in codes)}{orders}" if codes else orders
    en = f" → {', '.join(line.codes)}{orders}" if codes else orders
    if line.fails is None:
        if line.when is not None:
            return Text(f"[{line.when.ja}]{ja}", f"[{line.when.en}]{en}")
        return Code(ja.strip(), en.strip()) if en else None
    if line.when is not None:
        return Text(f"✗ {line.fails.ja}、✓ {line.when.ja}{ja}", f"✗ {line.fails.en}, ✓ {line.when.en}{en}")
    return Text(f"✗ {line.fails.ja}{ja}", f"✗ {line.fails.en}{en}")


def _ordered(effects: tuple[str, ...]) -> str:
    return f" / {', '.join(effects)}" if effects else ""


def _overview(lines: tuple[Line, ...], path: tuple[Line, ...], nodes: tuple[Node, ...]) -> Iterator[Edge]:
    owner = owner_of(nodes)
    of_name = {node.name: node for node in nodes}
    ways = {(owner[line.source], owner[line.target]) for line in path}
    bundles: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        source, target = owner[line.source], owner[line.target]
        if source != target:
            bundles.setdefault((source, target), []).append(line)
    endings: dict[str, dict[str, list[Line]]] = {}
    for (source, target), bundle in bundles.items():
        if of_name[target].kind is StateKind.ENDING:
            endings.setdefault(target, {})[source] = bundle
        elif (source, target) in ways:
            yield Edge(source=source, target=target, label=_way(path, owner, source, target), on_path=True)
        else:
            yield Edge(source=source, target=target, label=_causes(bundle))
    under_way = [node.name for node in nodes if node.is_under_way]
    for target in (node.name for node in nodes if node.name in endings):
        sources = endings[target]
        if len(under_way) > 1 and set(under_way) <= set(sources):
            every = [line for name in under_way for line in sources.pop(name)]
            yield Edge(source=GROUP, target=target, label=_causes(every))
        for source, bundle in sources.items():
            yield Edge(source=source, target=target, label=_causes(bundle))


def _way(path: tuple[Line, ...], owner: dict[str, str], source: str, target: str) -> tuple[Text, ...]:
    """The events of the main path that lead through one node to the next."""
    lines = [line for line in path if owner[line.source] == source and owner[line.target] in {source, target}]
    effects = _ordered(tuple(effect for line in lines for effect in line.effects)).strip()
    events = Text(" → ".join(line.event.ja for line in lines), " → ".join(line.event.en for line in lines))
    return (events, Code.of(effects)) if effects else (events,)


def _causes(lines: list[Line]) -> tuple[Text, ...]:
    """The events that lead on by themselves, and the codes of what did not hold; each once."""
    causes = [
        cause for line in lines for cause in ([Code.of(code) for code in line.codes] if line.falls else [line.event])
    ]
    return tuple(dict.fromkeys(causes))

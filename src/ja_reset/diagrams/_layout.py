"""Where everything of a picture stands: what both directions have in common.

Theory. The states of the main path stand in one line, joined by a straight way; endings stand apart. All other arrows
leave a state through rows of their own, each label on its own line, into a lane of their target's. Rows share no
height and lanes lie beyond all labels, so no label can touch a box, another label, or a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

import attrs

from ja_reset.chart.states import StateKind
from ja_reset.diagrams._model import GROUP, Code, Detail, Drawing, Edge, Node
from ja_reset.diagrams._signs import legible
from ja_reset.diagrams._width import room, wrapped
from ja_reset.text import Language

SIZES: Final = {"head": 20.0, "sub": 12.0, "name": 14.5, "title": 12.5, "limit": 11.5, "word": 12.5, "code": 11.5}
"""The size of each kind of words, in pixels."""

LINE: Final = 16.0
"""From one line of a label to the next."""

LANE: Final = 13.0
"""From one lane to the next."""

MARGIN: Final = 24.0
TOP: Final = 84.0
"""Below the heading."""


@attrs.frozen
class Words:
    """One line of words: its kind (a key of SIZES) and the words."""

    kind: str
    text: str

    @property
    def width(self) -> float:
        """The pixels it takes at most."""
        return room(self.text, SIZES[self.kind])


@attrs.frozen
class Label:
    """Lines of words, the first one's baseline at *y*; *anchor* is where *x* is: start, end or middle."""

    x: float
    y: float
    lines: tuple[Words, ...]
    anchor: str = "start"


@attrs.frozen
class Box:
    """A node's place: its left upper corner and its size."""

    node: Node
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right side."""
        return self.x + self.width

    @property
    def foot(self) -> float:
        """Its lower side."""
        return self.y + self.height


@attrs.frozen
class Wire:
    """A line through points, its corners rounded, an arrow at its end; *edge* is None for the one from the start."""

    points: tuple[tuple[float, float], ...]
    edge: Edge | None


@attrs.frozen
class Frame:
    """Around all that is under way."""

    x: float
    y: float
    width: float
    height: float


@attrs.frozen(kw_only=True)
class Picture:
    """All that is to be drawn, in pixels."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    labels: tuple[Label, ...]
    wires: tuple[Wire, ...]
    start: tuple[float, float]
    frame: Frame | None


@attrs.frozen
class Row:
    """An arrow that leaves by the side, and its label; a row without words is where a lane arrives."""

    edge: Edge | None
    lines: tuple[Words, ...]

    @property
    def height(self) -> float:
        """With the line beneath."""
        return len(self.lines) * LINE + 11 if self.lines else 15.0

    @property
    def width(self) -> float:
        """Of the longest line."""
        return max((line.width for line in self.lines), default=0.0)


@attrs.frozen
class Plan:
    """What stands where in principle: the line of states, the endings, and which edges go which way."""

    drawing: Drawing
    language: Language
    limit: int
    line: tuple[Node, ...]
    endings: tuple[Node, ...]
    spine: tuple[Edge, ...]
    path: frozenset[str]
    coded: bool

    def aside(self, name: str) -> list[Row]:
        """The rows of what leads from a node to another of the line, or to itself, the latter first."""
        names = {node.name for node in self.line}
        edges = [edge for edge in self.drawing.edges if edge.source == name and edge.target in names]
        edges = [edge for edge in edges if edge not in self.spine]
        return [self.row(edge) for edge in sorted(edges, key=lambda edge: edge.target != name)]

    def ends(self, name: str) -> list[Row]:
        """The rows of what leads from a node, or from all that is under way, to an ending."""
        names = {node.name for node in self.endings}
        return [self.row(edge) for edge in self.drawing.edges if edge.source == name and edge.target in names]

    def arrivals(self) -> list[str]:
        """The nodes of the line that a lane leads to, in the line's order."""
        targets = {
            row.edge.target
            for node in self.line
            for row in self.aside(node.name)
            if row.edge is not None and row.edge.target != node.name
        }
        return [node.name for node in self.line if node.name in targets]

    def row(self, edge: Edge) -> Row:
        """An edge as a row."""
        return Row(edge, self.words(edge))

    def words(self, edge: Edge) -> tuple[Words, ...]:
        """An edge's label, wrapped: what happens, and codes by themselves."""
        coded = [isinstance(text, Code) or (self.coded and text.ja == text.en) for text in edge.label]
        codes = [legible(text.get(self.language)) for text, code in zip(edge.label, coded, strict=True) if code]
        told = [text.get(self.language) for text, code in zip(edge.label, coded, strict=True) if not code]
        if self.language == "en" and codes:
            codes = [", ".join(codes)]
        lines = [Words("word", line) for text in told for line in wrapped(legible(text), self.limit)]
        lines += [Words("code", line) for code in codes for line in wrapped(code, self.limit)]
        return tuple(line for line in lines if line.text)

    def size(self, node: Node) -> tuple[float, float]:
        """The least width and height of a node's box."""
        lines = box_words(node, self.language)
        return max(line.width for line in lines) + 32, len(lines) * 18 + 20


def plan_of(drawing: Drawing, language: Language, detail: Detail) -> Plan:
    """The line is in the drawing's order where the main path follows it, else the path's, the rest before its end."""
    line = [node for node in drawing.nodes if node.kind is not StateKind.ENDING]
    path = _path(drawing)
    order = [node.name for node in line if node.name in path]
    if order != path or line[0].name != drawing.initial:
        rest = [node for node in line if node.name not in path]
        walk = [node for name in path for node in line if node.name == name]
        line = [*walk, *rest] if walk[-1].is_under_way else [*walk[:-1], *rest, walk[-1]]
    line.sort(key=lambda node: not node.is_under_way)  # what the frame is around stands together
    order = [node.name for node in line if node.name in path]
    pairs = set(pairwise(order))
    spine = [edge for edge in drawing.edges if edge.on_path and (edge.source, edge.target) in pairs]
    return Plan(
        drawing,
        language,
        36 if detail is Detail.OVERVIEW else 64,
        tuple(line),
        tuple(node for node in drawing.nodes if node.kind is StateKind.ENDING),
        tuple(spine),
        frozenset(path),
        any(text.ja != text.en for edge in drawing.edges for text in edge.label),
    )


def box_words(node: Node, language: Language) -> list[Words]:
    """The lines in a node's box."""
    name, *others = (legible(word) for word in node.words(language))
    kinds = ["title", "limit"] if node.title.get(language) != node.name else ["limit"]
    return [Words("name", name), *(Words(kind, text) for kind, text in zip(kinds, others, strict=False))]


def stacked(rows: Iterable[Row], top: float) -> Iterator[tuple[Row, float]]:
    """Each row with the height of its line, from *top* down."""
    for row in rows:
        top += row.height
        yield row, top - 5


def _path(drawing: Drawing) -> list[str]:
    """The nodes of the main path in their order."""
    after = {edge.source: edge.target for edge in drawing.edges if edge.on_path}
    walk = [drawing.initial]
    while walk[-1] in after and after[walk[-1]] not in walk:
        walk.append(after[walk[-1]])
    return walk


def group_rows(plan: Plan) -> list[Row]:
    """The rows that begin at the frame."""
    return plan.ends(GROUP)

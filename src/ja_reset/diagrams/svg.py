"""A chart's overview as SVG, drawn here, so that it is the same on every machine; both languages in one picture.

The main path runs straight down; what goes back bends to the left of it; endings stand apart on the right, each
with one arrow from the frame around all that is under way. The picture brings its own ground, and a dark one where
the reader's system is dark.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

import attrs

from ja_reset.arrows import StateKind
from ja_reset.chart import Chart
from ja_reset.diagrams.model import GROUP, Detail, Drawing, Edge, Node, drawing_of
from ja_reset.diagrams.palette import INKS, LIGHT, PATH, TEXT
from ja_reset.diagrams.width import cells, wrapped
from ja_reset.diagrams.words import RUNNING
from ja_reset.figures import STANDARD
from ja_reset.policies import Policies
from ja_reset.text import Text

_WIDTH: Final = 990
_NODE: Final = (288, 58)
_LEFT: Final = 232
_TOP: Final = 104
_STEP: Final = 116
_FRAME: Final = (24, 24)
_FRAME_FOOT: Final = 20
_FRAME_RIGHT: Final = _LEFT + _NODE[0] + 28
_ENDING: Final = (212, 50)
_ENDING_LEFT: Final = _WIDTH - _ENDING[0] - 28
_LABEL_CELLS: Final = 29
_SMALL: Final = 15

_STYLE: Final = f"""
    text {{ font-family: system-ui, "Noto Sans JP", "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic", sans-serif; }}
    .page {{ fill: #ffffff; stroke: #d5dae1; }}
    .frame {{ fill: none; stroke: #68727e; stroke-dasharray: 5 5; }}
    .head, .word {{ fill: #38424d; }}
    .head {{ font-size: 20px; font-weight: 600; }}
    .word {{ font-size: 13px; }}
    .soft, .code, .tip {{ fill: #5f6a76; }}
    .soft {{ font-size: 11.5px; }}
    .code {{ font-size: 11px; font-family: ui-monospace, "DejaVu Sans Mono", monospace; }}
    .way, .arrow {{ fill: none; stroke-width: 1.4; }}
    .way {{ stroke: {PATH}; stroke-width: 2.4; marker-end: url(#path-end); }}
    .arrow {{ stroke: #68727e; marker-end: url(#arrow-end); }}
    .path-tip {{ fill: {PATH}; }}
    .name, .title {{ fill: {TEXT}; }}
    .name {{ font-size: 14.5px; font-weight: 600; }}
    .title {{ font-size: 12px; }}
    @media screen and (prefers-color-scheme: dark) {{
      .page {{ fill: #12171e; stroke: #343d48; }}
      .head, .word {{ fill: #cdd5df; }}
      .soft, .code, .tip {{ fill: #9aa5b2; }}
      .frame, .arrow {{ stroke: #9aa5b2; }}
      .way {{ stroke: #6ea3f2; }}
      .path-tip {{ fill: #6ea3f2; }}
    }}
"""


@attrs.frozen
class _Place:
    """Where a node stands: its left upper corner and its size, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def waist(self) -> float:
        return self.y + self.height / 2

    @property
    def foot(self) -> float:
        return self.y + self.height


def svg(chart: Chart, *, policies: Policies = STANDARD, present: str | None = None) -> str:
    """The text of an SVG picture, the same for the same chart to the last octet.

    `present`: a state's name, whose node is lit up; one that is none lights up nothing.
    """
    drawing = drawing_of(chart, detail=Detail.OVERVIEW, policies=policies)
    return "\n".join(_lines(drawing, present)) + "\n"


def _lines(drawing: Drawing, present: str | None) -> Iterator[str]:
    places = _places(drawing)
    height = max(place.foot for place in places.values()) + 40
    title = f"{drawing.title.ja} · {drawing.title.en}"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_px(height)}" width="{_WIDTH}"'
        f' height="{_px(height)}" role="img" aria-labelledby="title">'
    )
    yield f'  <title id="title">{escape(title)}</title>'
    yield f"  <style>{_STYLE}  </style>"
    yield "  <defs>"
    for name, tip in (("path-end", "path-tip"), ("arrow-end", "tip")):
        yield (
            f'    <marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="11" markerHeight="11"'
            f' markerUnits="userSpaceOnUse" orient="auto"><path class="{tip}" d="M0 0 10 5 0 10 2.5 5Z"/></marker>'
        )
    yield "  </defs>"
    yield f'  <rect class="page" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{_px(height - 1)}" rx="12"/>'
    yield _text("head", _FRAME[0] + 4, 42, drawing.title.ja)
    yield _text("soft", _FRAME[0] + 4, 62, f"{drawing.title.en} · {drawing.name}")
    yield from _frame(drawing, places)
    yield from _start(places[drawing.initial])
    endings = {node.name for node in drawing.nodes if node.kind is StateKind.ENDING}
    for edge in drawing.edges:
        if edge.target not in endings:
            yield from (_way if edge.on_path else _aside)(edge, places)
    for node in drawing.nodes:
        if node.name in endings:
            yield from _ending(drawing, node, places)
    for node in drawing.nodes:
        if present in node.states:
            yield from _light(places[node.name])
        yield from _node(node, places[node.name])
    yield "</svg>"


def _places(drawing: Drawing) -> dict[str, _Place]:
    column = [node for node in drawing.nodes if node.kind is not StateKind.ENDING]
    places = {}
    y = _TOP + 26
    for node, after in zip(column, [*column[1:], column[-1]], strict=True):
        places[node.name] = _Place(_LEFT, y, *_NODE)
        y += _STEP + (2 * _FRAME_FOOT if node.is_under_way and not after.is_under_way else 0)
    endings = [node for node in drawing.nodes if node.kind is StateKind.ENDING]
    top = places[drawing.under_way[0].name].y
    room = (places[drawing.under_way[-1].name].foot - top) / len(endings)
    for row, node in enumerate(endings):
        places[node.name] = _Place(_ENDING_LEFT, top + row * room + (room - _ENDING[1]) / 2 - 12, *_ENDING)
    return places


def _frame(drawing: Drawing, places: dict[str, _Place]) -> Iterator[str]:
    top = places[drawing.under_way[0].name].y - 44
    foot = places[drawing.under_way[-1].name].foot + _FRAME_FOOT
    x, width = _FRAME[0], _FRAME_RIGHT - _FRAME[0]
    yield f'  <rect class="frame" x="{x}" y="{_px(top)}" width="{width}" height="{_px(foot - top)}" rx="14"/>'
    yield _text("soft", x + 14, top + 21, f"{RUNNING.ja} · {RUNNING.en}")


def _start(first: _Place) -> Iterator[str]:
    yield f'  <circle class="path-tip" cx="{_px(first.middle)}" cy="{_px(first.y - 30)}" r="5.5"/>'
    yield f'  <path class="way" d="M{_px(first.middle)} {_px(first.y - 24)}V{_px(first.y - 1)}"/>'


def _way(edge: Edge, places: dict[str, _Place]) -> Iterator[str]:
    source, target = places[edge.source], places[edge.target]
    x = source.middle
    yield f'  <path class="way" d="M{_px(x)} {_px(source.foot)}V{_px(target.y - 1)}"/>'
    lines = [line for text in edge.label for line in _both(text)]
    room = min(target.y - source.foot, _STEP - _NODE[1])  # behind the frame's foot, where the way leaves it
    y = target.y - room / 2 - len(lines) * _SMALL / 2 + 11
    for row, (kind, line) in enumerate(lines):
        yield _text(kind, x + 14, y + row * _SMALL, line)


def _both(text: Text) -> list[tuple[str, str]]:
    """A text as lines: its Japanese and its English, or the code that it is."""
    return [("code", text.ja)] if text.ja == text.en else [("word", text.ja), ("soft", text.en)]


def _aside(edge: Edge, places: dict[str, _Place]) -> Iterator[str]:
    """What leads back, or on past a screen: a bend to the left, its words before it."""
    source, target = places[edge.source], places[edge.target]
    bend = 34 + abs(source.y - target.y) / _STEP * 16
    down = 1 if target.y > source.y else -1
    begin, end = source.waist + down * 10, target.waist - down * 10
    x = source.x
    left, right, first, last = _px(x - bend * 4 / 3), _px(x), _px(begin), _px(end)
    yield f'  <path class="arrow" d="M{right} {first}C{left} {first} {left} {last} {right} {last}"/>'
    y = (begin + end) / 2 - (len(edge.label) - 1) * 14 + 1
    for text in edge.label:
        yield _text("soft", x - bend - 8, y - 2, text.ja, anchor="end")
        yield _text("soft", x - bend - 8, y + 11, text.en, anchor="end")
        y += 28


def _ending(drawing: Drawing, node: Node, places: dict[str, _Place]) -> Iterator[str]:
    edges = [edge for edge in drawing.edges if edge.target == node.name]
    place = places[node.name]
    yield f'  <path class="arrow" d="M{_FRAME_RIGHT} {_px(place.waist)}H{_px(place.x - 1)}"/>'
    x, y = _FRAME_RIGHT + 12, place.waist
    causes = dict.fromkeys(text for edge in edges for text in edge.label)
    events = [line for text in causes if text.ja != text.en for line in _beside(text)]
    for height, line in enumerate(reversed(events)):
        yield _text("soft", x, y - 8 - height * _SMALL, line)
    sources = [edge.source for edge in edges if edge.source != GROUP]
    lines = [("soft", line) for line in (wrapped(", ".join(sources) + ":", _LABEL_CELLS) if sources else [])]
    codes = ", ".join(text.ja for text in causes if text.ja == text.en)
    lines += [("code", line) for line in (wrapped(codes, _LABEL_CELLS) if codes else [])]
    for depth, (kind, line) in enumerate(lines, 1):
        yield _text(kind, x, y + 2 + depth * _SMALL, line)


def _beside(text: Text) -> list[str]:
    """Both languages on one line where there is room."""
    line = f"{text.ja} · {text.en}"
    return [line] if cells(line) <= _LABEL_CELLS + 4 else [text.ja, text.en]


def _light(place: _Place) -> Iterator[str]:
    """A glow behind the node."""
    for out, strength in ((12, 0.35), (6, 0.9)):
        yield (
            f'  <rect x="{_px(place.x - out)}" y="{_px(place.y - out)}" width="{_px(place.width + 2 * out)}"'
            f' height="{_px(place.height + 2 * out)}" rx="{10 + out}" fill="{LIGHT}" fill-opacity="{strength}"/>'
        )


def _node(node: Node, place: _Place) -> Iterator[str]:
    ink = INKS[node.kind]
    yield (
        f'  <rect x="{_px(place.x)}" y="{_px(place.y)}" width="{_px(place.width)}" height="{_px(place.height)}"'
        f' rx="10" fill="{ink.ground}" stroke="{ink.line}" stroke-width="1.5"/>'
    )
    ja = node.title.ja if node.kind is StateKind.ENDING else f"{node.name}　{node.title.ja}"
    en = f"{node.name} · {node.title.en}" if node.kind is StateKind.ENDING else node.title.en
    if node.limit is not None:
        en += f" · {node.limit.en}"
    yield _text("name", place.middle, place.waist - 4, ja, anchor="middle")
    yield _text("title", place.middle, place.waist + 15, en, anchor="middle")


def _text(kind: str, x: float, y: float, words: str, *, anchor: str = "start") -> str:
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'  <text class="{kind}" x="{_px(x)}" y="{_px(y)}"{where}>{escape(words)}</text>'


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

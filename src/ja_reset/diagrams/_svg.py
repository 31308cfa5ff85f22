"""A chart as SVG, laid out here, so that it is the same on every machine.

The main path runs straight; endings stand apart. The picture brings its own ground, and a dark one where the reader's
system, or the page around it, is dark; on paper it is always light. Each box is as wide as its words can be in any
usual font.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import pairwise
from typing import Final

from ja_reset.chart.states import StateKind
from ja_reset.diagrams._downward import downward
from ja_reset.diagrams._extraction import Subject, drawing_of
from ja_reset.diagrams._layout import MARGIN, SIZES, Box, Label, Picture, Wire, Words, box_words, plan_of
from ja_reset.diagrams._model import Detail, Direction, Drawing, Highlight
from ja_reset.diagrams._palette import DARK, INKS, LIGHT, LIT, PATH, TEXT
from ja_reset.diagrams._rightward import rightward
from ja_reset.diagrams._signs import identifiers, legible
from ja_reset.diagrams._words import ENDS, MAIN_PATH, RUNNING
from ja_reset.policies import Policies
from ja_reset.screens.placeholders import STANDARD
from ja_reset.text import Language

_FONTS: Final = 'system-ui, "Noto Sans JP", "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic", "IPAGothic", sans-serif'
_MONO: Final = 'ui-monospace, "DejaVu Sans Mono", "Noto Sans Mono CJK JP", monospace'
_CORNER: Final = 7.0


def svg(
    subject: Subject,
    *,
    language: Language = "ja",
    detail: Detail | str = "overview",
    direction: Direction | str = "TB",
    highlight: Highlight | None = None,
    policies: Policies = STANDARD,
) -> str:
    """The text of an SVG picture, the same for the same chart byte for byte."""
    drawing = drawing_of(subject, detail=detail, policies=policies, highlight=highlight)
    plan = plan_of(drawing, language, Detail(detail))
    picture = downward(plan) if Direction(direction) is Direction.DOWN else rightward(plan)
    return "\n".join(_lines(drawing, picture, language)) + "\n"


def _lines(drawing: Drawing, picture: Picture, language: Language) -> Iterator[str]:
    other: Language = "en" if language == "ja" else "ja"
    title, beside, name = (
        legible(words) for words in (drawing.title.get(language), drawing.title.get(other), drawing.name)
    )
    sub = " · ".join(dict.fromkeys(word for word in (beside, name) if word != title))
    heads = [Words("head", title), *([Words("sub", sub)] if sub else [])]
    width = max([picture.width, *(line.width + 2 * MARGIN for line in heads)])
    key = f"chart-{identifiers([drawing.name])[drawing.name].lower()}"
    size = f'width="{_px(width)}" height="{_px(picture.height)}"'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_px(width)} {_px(picture.height)}" {size}'
        f' class="{key}" role="img" lang="{language}" aria-labelledby="{key}-title {key}-desc">'
    )
    yield f'  <title id="{key}-title">{escape(title)}</title>'
    yield f'  <desc id="{key}-desc">{escape(_told(drawing, language))}</desc>'
    yield f"  <style>{_style(key)}  </style>"
    yield "  <defs>"
    for tip in ("way", "arrow", "lit"):
        yield (
            f'    <marker id="{key}-{tip}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="11" markerHeight="11"'
            f' markerUnits="userSpaceOnUse" orient="auto"><path class="{tip}-tip" d="M0 0 10 5 0 10 2.5 5Z"/></marker>'
        )
    yield "  </defs>"
    yield f'  <rect class="page" x="0.5" y="0.5" width="{_px(width - 1)}" height="{_px(picture.height - 1)}" rx="12"/>'
    for row, line in enumerate(heads):
        yield _text(line, MARGIN, 40 + row * 22)
    if picture.frame is not None:
        frame = picture.frame
        yield f'  <rect class="frame" {_place(frame.x, frame.y, frame.width, frame.height)} rx="14"/>'
        yield _text(Words("sub", RUNNING.get(language)), frame.x + 14, frame.y + 21)
    yield f'  <circle class="way-tip" cx="{_px(picture.start[0])}" cy="{_px(picture.start[1])}" r="6"/>'
    for box in picture.boxes:
        if box.node.lit:
            yield from _glow(box)
    for wire in sorted(picture.wires, key=_rank):
        yield _wire(wire)
    for label in picture.labels:
        yield from _label(label)
    for box in picture.boxes:
        yield from _box(box, language)
    yield "</svg>"


def _told(drawing: Drawing, language: Language) -> str:
    """What the picture shows, in two sentences."""
    way = " → ".join(legible(node.title.get(language)) for node in drawing.nodes if node.on_path)
    ends = ", ".join(legible(node.title.get(language)) for node in drawing.nodes if node.kind is StateKind.ENDING)
    told = [f"{MAIN_PATH.get(language)}: {way}."] if way else []
    return " ".join([*told, *([f"{ENDS.get(language)}: {ends}."] if ends else [])])


def _rank(wire: Wire) -> int:
    """The path lies over other arrows, and what is lit up over all."""
    if wire.edge is None:
        return 1
    return 2 if wire.edge.lit else int(wire.edge.on_path)


def _wire(wire: Wire) -> str:
    kind = "way"
    if wire.edge is not None:
        kind = "lit" if wire.edge.lit else "way" if wire.edge.on_path else "arrow"
    return f'  <path class="{kind}" d="{_rounded(wire.points)}"/>'


def _rounded(points: tuple[tuple[float, float], ...]) -> str:
    """A line through the points, each corner an arc of at most half of its shorter side."""
    kept = [points[0], *(point for before, point in pairwise(points) if point != before)]
    path = [f"M{_px(kept[0][0])} {_px(kept[0][1])}"]
    for before, corner, after in zip(kept, kept[1:], kept[2:], strict=False):
        near = min(_CORNER, _distance(before, corner) / 2)
        far = min(_CORNER, _distance(corner, after) / 2)
        begin, end = _towards(corner, before, near), _towards(corner, after, far)
        path.append(f"L{_px(begin[0])} {_px(begin[1])}Q{_px(corner[0])} {_px(corner[1])} {_px(end[0])} {_px(end[1])}")
    path.append(f"L{_px(kept[-1][0])} {_px(kept[-1][1])}")
    return "".join(path)


def _distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _towards(a: tuple[float, float], b: tuple[float, float], by: float) -> tuple[float, float]:
    """From *a* by so much towards *b*, which lies straight beside or above it."""
    whole = _distance(a, b) or 1.0
    return a[0] + (b[0] - a[0]) * by / whole, a[1] + (b[1] - a[1]) * by / whole


def _label(label: Label) -> Iterator[str]:
    for row, line in enumerate(label.lines):
        yield _text(line, label.x, label.y + row * 16, anchor=label.anchor, label=True)


def _glow(box: Box) -> Iterator[str]:
    for out, strength in ((12, 0.35), (6, 0.9)):
        place = _place(box.x - out, box.y - out, box.width + 2 * out, box.height + 2 * out)
        yield f'  <rect class="glow" {place} rx="{10 + out}" fill-opacity="{strength}"/>'


def _box(box: Box, language: Language) -> Iterator[str]:
    node = box.node
    yield f'  <rect class="box {node.kind.value}" {_place(box.x, box.y, box.width, box.height)} rx="10"/>'
    if node.kind is StateKind.SUCCESS:
        inside = _place(box.x + 4, box.y + 4, box.width - 8, box.height - 8)
        yield f'  <rect class="ring {node.kind.value}" {inside} rx="7"/>'
    words = box_words(node, language)
    y = box.y + (box.height - len(words) * 18) / 2 + 14
    for row, line in enumerate(words):
        yield _text(line, box.x + box.width / 2, y + row * 18, anchor="middle")


def _text(line: Words, x: float, y: float, *, anchor: str = "start", label: bool = False) -> str:
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    kind = f"{line.kind} label" if label else line.kind
    settings = f'class="{kind}" x="{_px(x)}" y="{_px(y)}" font-size="{SIZES[line.kind]}"{where}'
    return f"  <text {settings}>{escape(line.text)}</text>"


def _place(x: float, y: float, width: float, height: float) -> str:
    return f'x="{_px(x)}" y="{_px(y)}" width="{_px(width)}" height="{_px(height)}"'


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _style(key: str) -> str:
    """The rules, each under the picture's own class, so that they reach nothing else where it stands in a page."""
    light = [
        f"text {{ font-family: {_FONTS}; fill: #38424d; }}",
        ".page { fill: #ffffff; stroke: #d5dae1; }",
        ".frame { fill: none; stroke: #8a94a0; stroke-dasharray: 5 5; }",
        ".head, .name { font-weight: 600; }",
        ".sub, .code { fill: #5a6572; }",
        f".code {{ font-family: {_MONO}; }}",
        f".name, .title, .limit {{ fill: {TEXT}; }}",
        ".way, .arrow, .lit { fill: none; stroke-width: 1.3; }",
        f".way {{ stroke: {PATH}; stroke-width: 2.4; marker-end: url(#{key}-way); }}",
        f".arrow {{ stroke: #7b8591; marker-end: url(#{key}-arrow); }}",
        f".lit {{ stroke: {LIT}; stroke-width: 3.4; marker-end: url(#{key}-lit); }}",
        f".way-tip {{ fill: {PATH}; }} .arrow-tip {{ fill: #7b8591; }}",
        f".lit-tip {{ fill: {LIT}; }} .glow {{ fill: {LIGHT}; }}",
        ".box { stroke-width: 1.5; } .ring { fill: none; stroke-width: 1; }",
        *(f".{kind.value} {{ fill: {ink.ground}; stroke: {ink.line}; }}" for kind, ink in INKS.items()),
        ".ring { fill: none; }",
    ]
    dark = [
        "text { fill: #d3dbe5; }",
        ".page { fill: #12171e; stroke: #343d48; }",
        ".frame { stroke: #66717e; }",
        ".sub, .code { fill: #a3afbc; }",
        ".name, .title, .limit { fill: #eef2f7; }",
        ".way { stroke: #6ea3f2; } .way-tip { fill: #6ea3f2; }",
        ".arrow { stroke: #8b96a3; } .arrow-tip { fill: #8b96a3; }",
        *(f".{kind.value} {{ fill: {ink.ground}; stroke: {ink.line}; }}" for kind, ink in DARK.items()),
        ".ring { fill: none; }",
    ]
    rules = "".join(f"\n    {_scoped(rule, key)}" for rule in light)
    night = "".join(f"\n      {_scoped(rule, key)}" for rule in dark)
    return f"{rules}\n    @media screen and (prefers-color-scheme: dark) {{{night}\n    }}\n"


def _scoped(rules: str, key: str) -> str:
    made = []
    for rule in rules.split("} "):
        heads, _, body = rule.partition(" {")
        made.append(", ".join(f".{key} {head}" for head in heads.split(", ")) + " {" + body)
    return "} ".join(made)

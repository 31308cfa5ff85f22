"""A chart as DOT, for Graphviz: the main path straight down, the endings apart in the last row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ja_reset.chart.states import StateKind
from ja_reset.diagrams._extraction import Subject, drawing_of
from ja_reset.diagrams._model import DOT, GROUP, Detail, Direction, Drawing, Edge, Highlight, Node
from ja_reset.diagrams._palette import INKS, LIGHT, LINE, PATH, TEXT
from ja_reset.diagrams._signs import identifiers, legible
from ja_reset.diagrams._width import cells
from ja_reset.diagrams._words import RUNNING
from ja_reset.policies import Policies
from ja_reset.screens.placeholders import STANDARD
from ja_reset.text import Language

_FONT = "Noto Sans CJK JP, Noto Sans JP, Hiragino Sans, Yu Gothic, sans-serif"
_SIZE = 12
_CELL = _SIZE * 0.54 / 72
"""The width of a cell in inches; Graphviz itself guesses that of Japanese by the octets, or not at all."""


def dot(
    subject: Subject,
    *,
    language: Language = "ja",
    detail: Detail | str = "overview",
    direction: Direction | str = "TB",
    highlight: Highlight | None = None,
    policies: Policies = STANDARD,
) -> str:
    """The text of a digraph, the same for the same chart byte for byte."""
    drawing = drawing_of(subject, detail=detail, policies=policies, highlight=highlight)
    names = {**identifiers(node.name for node in drawing.nodes), DOT: "start"}
    return "\n".join(_lines(drawing, names, language, Direction(direction))) + "\n"


def _lines(drawing: Drawing, names: Mapping[str, str], language: Language, direction: Direction) -> Iterator[str]:
    yield f'digraph "{_escape(drawing.name)}" {{'
    title = _escape(drawing.title.get(language))
    yield f'  graph [label="{title}" labelloc=t rankdir={direction.value} bgcolor=transparent'
    yield f'         compound=true nodesep=0.5 ranksep=0.55 fontname="{_FONT}" fontsize=16 fontcolor="{LINE}"]'
    yield '  node [shape=box style="rounded,filled" penwidth=1.3'
    yield f'        fontname="{_FONT}" fontsize={_SIZE} fontcolor="{TEXT}"]'
    yield f'  edge [color="{LINE}" fontcolor="{LINE}" fontname="{_FONT}" fontsize={_SIZE - 2}]'
    yield f'  start [shape=circle label="" width=0.16 fixedsize=true fillcolor="{LINE}" color="{LINE}" group=path]'
    yield f"  start -> {names[drawing.initial]} [weight=100]"
    inside = {node.name for node in drawing.under_way} if drawing.grouped else set[str]()
    if inside:
        yield f"  subgraph cluster_{GROUP} {{"
        yield f'    label="{_escape(RUNNING.get(language))}" labeljust=l'
        yield f'    style="rounded,dashed" color="{LINE}" margin=18'
        yield from (f"    {_node(node, names, language)}" for node in drawing.under_way)
        yield "  }"
    yield from (f"  {_node(node, names, language)}" for node in drawing.nodes if node.name not in inside)
    endings = [names[node.name] for node in drawing.nodes if node.kind is StateKind.ENDING]
    if endings:
        yield "  { rank=sink; " + "; ".join(endings) + " }"
    yield from (f"  {_edge(drawing, edge, names, language, direction)}" for edge in (*drawing.shut, *drawing.edges))
    yield "}"


def _node(node: Node, names: Mapping[str, str], language: Language) -> str:
    words = node.words(language)
    width = max(cells(legible(line)) for line in words) * _CELL + 0.35
    ink = INKS[node.kind]
    settings = [
        f'label="{_joined(words)}"',
        f"width={width:.2f}",
        f'fillcolor="{ink.ground}"',
        f'color="{LIGHT if node.lit else ink.line}"',
        *(["penwidth=4"] if node.lit else []),
        *(["group=path"] if node.on_path else []),
        *(["peripheries=2"] if node.kind is StateKind.SUCCESS else []),
    ]
    return f"{names[node.name]} [{' '.join(settings)}]"


def _edge(drawing: Drawing, edge: Edge, names: Mapping[str, str], language: Language, direction: Direction) -> str:
    settings = [f'label="{_joined((text.get(language) for text in edge.label), around=" ")}"']
    source = edge.source
    if source == GROUP:
        source = drawing.under_way[-1].name
        settings.append(f"ltail=cluster_{GROUP}")
    ports = ("s", "n", "e") if direction is Direction.DOWN else ("e", "w", "s")
    ink = LIGHT if edge.lit else PATH
    if edge.on_path or edge.lit:
        settings += ["penwidth=2.2", f'color="{ink}"', f'fontcolor="{ink}"']
    if edge.on_path:
        settings += ["weight=100", f"tailport={ports[0]}", f"headport={ports[1]}"]
    elif edge.target in {node.name for node in drawing.nodes if node.on_path}:
        settings += [
            f"tailport={ports[2]}",
            f"headport={ports[2]}",
            "constraint=false",
        ]  # so that the path stays straight
    return f"{names[source]} -> {names[edge.target]} [{' '.join(settings)}]"


def _joined(lines: Iterable[str], *, around: str = "") -> str:
    return "\\n".join(f"{around}{_escape(line)}{around}" for line in lines)


def _escape(words: str) -> str:
    """Quotes and backslashes as strings have them; Graphviz reads character entities in labels."""
    return legible(words).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')

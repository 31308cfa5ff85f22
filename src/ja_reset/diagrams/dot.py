"""A chart as DOT, for Graphviz: the main path straight down, the endings apart in the last row."""

from __future__ import annotations

from collections.abc import Iterator

from ja_reset.arrows import StateKind
from ja_reset.chart import Chart
from ja_reset.diagrams.model import GROUP, Detail, Drawing, Edge, Node, drawing_of
from ja_reset.diagrams.palette import INKS, LINE, PATH, TEXT
from ja_reset.diagrams.width import cells
from ja_reset.diagrams.words import RUNNING
from ja_reset.figures import STANDARD
from ja_reset.policies import Policies
from ja_reset.text import Language

_FONT = "Noto Sans CJK JP, Noto Sans JP, Hiragino Sans, Yu Gothic, sans-serif"
_SIZE = 12
_CELL = _SIZE * 0.54 / 72
"""The width of a cell in inches; Graphviz itself guesses that of Japanese by the octets, or not at all."""


def dot(
    chart: Chart, *, language: Language = "ja", detail: Detail | str = "overview", policies: Policies = STANDARD
) -> str:
    """The text of a digraph, the same for the same chart to the last octet."""
    drawing = drawing_of(chart, detail=detail, policies=policies)
    return "\n".join(_lines(drawing, language)) + "\n"


def _lines(drawing: Drawing, language: Language) -> Iterator[str]:
    yield f"digraph {drawing.name} {{"
    yield f'  graph [label="{_escape(drawing.title.get(language))}" labelloc=t rankdir=TB bgcolor=transparent'
    yield f'         compound=true nodesep=0.5 ranksep=0.55 fontname="{_FONT}" fontsize=16 fontcolor="{LINE}"]'
    yield '  node [shape=box style="rounded,filled" penwidth=1.3'
    yield f'        fontname="{_FONT}" fontsize={_SIZE} fontcolor="{TEXT}"]'
    yield f'  edge [color="{LINE}" fontcolor="{LINE}" fontname="{_FONT}" fontsize={_SIZE - 2}]'
    yield f'  start [shape=circle label="" width=0.16 fixedsize=true fillcolor="{LINE}" color="{LINE}" group=path]'
    yield f"  start -> {drawing.initial} [weight=100]"
    grouped = any(edge.source == GROUP for edge in drawing.edges)
    inside = {node.name for node in drawing.under_way} if grouped else set[str]()
    if inside:
        yield f"  subgraph cluster_{GROUP} {{"
        yield f'    label="{_escape(RUNNING.get(language))}" labeljust=l'
        yield f'    style="rounded,dashed" color="{LINE}" margin=18'
        yield from (f"    {_node(node, language)}" for node in drawing.under_way)
        yield "  }"
    yield from (f"  {_node(node, language)}" for node in drawing.nodes if node.name not in inside)
    endings = [node.name for node in drawing.nodes if node.kind is StateKind.ENDING]
    yield "  { rank=sink; " + "; ".join(endings) + " }"
    yield from (f"  {_edge(drawing, edge, language)}" for edge in drawing.edges)
    yield "}"


def _node(node: Node, language: Language) -> str:
    words = [node.name, node.title.get(language), *([node.limit.get(language)] if node.limit else [])]
    width = max(cells(line) for line in words) * _CELL + 0.35
    ink = INKS[node.kind]
    settings = [
        f'label="{_joined(words)}"',
        f"width={width:.2f}",
        f'fillcolor="{ink.ground}"',
        f'color="{ink.line}"',
        *(["group=path"] if node.on_path else []),
        *(["peripheries=2"] if node.kind is StateKind.SUCCESS else []),
    ]
    return f"{node.name} [{' '.join(settings)}]"


def _edge(drawing: Drawing, edge: Edge, language: Language) -> str:
    settings = [f'label="{_joined([f" {text.get(language)} " for text in edge.label])}"']
    source = edge.source
    if source == GROUP:
        source = drawing.under_way[-1].name
        settings.append(f"ltail=cluster_{GROUP}")
    if edge.on_path:
        settings += ["weight=100", "tailport=s", "headport=n", "penwidth=2.2", f'color="{PATH}"', f'fontcolor="{PATH}"']
    elif edge.target in {node.name for node in drawing.nodes if node.on_path}:
        settings += ["tailport=e", "headport=e", "constraint=false"]  # so that the path stays straight
    return f"{source} -> {edge.target} [{' '.join(settings)}]"


def _joined(lines: list[str]) -> str:
    return "\\n".join(_escape(line) for line in lines)


def _escape(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"', '\\"')

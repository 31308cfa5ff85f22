"""A chart as a Mermaid state diagram (`stateDiagram-v2`), which GitHub and many editors draw by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ja_reset.arrows import StateKind
from ja_reset.chart import Chart
from ja_reset.diagrams.model import GROUP, Detail, Drawing, Edge, Node, drawing_of
from ja_reset.diagrams.palette import INKS, TEXT
from ja_reset.diagrams.words import RUNNING
from ja_reset.figures import STANDARD
from ja_reset.policies import Policies
from ja_reset.text import Language

_MEANS_SOMETHING = re.compile(r'[#:;"<>{}\[\]%\\`]')


def mermaid(
    chart: Chart, *, language: Language = "ja", detail: Detail | str = "overview", policies: Policies = STANDARD
) -> str:
    """The text of a `stateDiagram-v2`, the same for the same chart to the last octet."""
    drawing = drawing_of(chart, detail=detail, policies=policies)
    return "\n".join(_lines(drawing, language)) + "\n"


def _lines(drawing: Drawing, language: Language) -> Iterator[str]:
    yield "---"
    yield f"title: {_yaml(drawing.title.get(language))}"
    yield "---"
    yield "stateDiagram-v2"
    yield "  direction TB"
    grouped = any(edge.source == GROUP for edge in drawing.edges)
    inside = {node.name for node in drawing.under_way} if grouped else set[str]()
    yield f"  [*] --> {GROUP if drawing.initial in inside else drawing.initial}"
    if inside:
        yield f'  state "{_escape(RUNNING.get(language))}" as {GROUP} {{'
        yield "    direction TB"
        yield f"    [*] --> {drawing.initial}"
        yield from (f"    {_declared(node, language)}" for node in drawing.under_way)
        yield from (f"    {_arrow(e, language)}" for e in drawing.edges if {e.source, e.target} <= inside)
        yield "  }"
    yield from (f"  {_declared(node, language)}" for node in drawing.nodes if node.name not in inside)
    yield from (f"  {_arrow(e, language)}" for e in drawing.edges if not {e.source, e.target} <= inside)
    yield from (f"  {node.name} --> [*]" for node in drawing.nodes if node.kind is StateKind.SUCCESS)
    yield from _colours(drawing)


def _declared(node: Node, language: Language) -> str:
    words = [node.name, node.title.get(language), *([node.limit.get(language)] if node.limit else [])]
    return f'state "{"<br/>".join(_escape(word) for word in words)}" as {node.name}'


def _arrow(edge: Edge, language: Language) -> str:
    words = "<br/>".join(_escape(text.get(language)) for text in edge.label)
    return f"{edge.source} --> {edge.target} : {words}" if words else f"{edge.source} --> {edge.target}"


def _colours(drawing: Drawing) -> Iterator[str]:
    for kind, ink in INKS.items():
        names = [node.name for node in drawing.nodes if node.kind is kind]
        if names:
            yield f"  classDef {kind.value} fill:{ink.ground},stroke:{ink.line},color:{TEXT}"
            yield f"  class {','.join(names)} {kind.value}"


def _escape(words: str) -> str:
    """Signs that mean something to Mermaid, as its own character entities."""
    return _MEANS_SOMETHING.sub(lambda found: f"#{ord(found[0])};", words)


def _yaml(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'

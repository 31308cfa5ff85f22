"""A chart as a Mermaid state diagram (`stateDiagram-v2`), which GitHub and many editors draw by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ja_reset.chart.states import StateKind
from ja_reset.diagrams._extraction import Subject, drawing_of
from ja_reset.diagrams._model import DOT, GROUP, Detail, Direction, Drawing, Edge, Highlight, Node
from ja_reset.diagrams._palette import INKS, LIGHT, TEXT
from ja_reset.diagrams._signs import identifiers, legible
from ja_reset.diagrams._words import RUNNING
from ja_reset.policies import Policies
from ja_reset.screens.placeholders import STANDARD
from ja_reset.text import Language

_MEANS_SOMETHING = re.compile(r'[#:;"<>{}\[\]%\\`]')


def mermaid(
    subject: Subject,
    *,
    language: Language = "ja",
    detail: Detail | str = "overview",
    direction: Direction | str = "TB",
    highlight: Highlight | None = None,
    policies: Policies = STANDARD,
) -> str:
    """The text of a `stateDiagram-v2`, the same for the same chart byte for byte."""
    drawing = drawing_of(subject, detail=detail, policies=policies, highlight=highlight)
    return "\n".join(_lines(drawing, language, Direction(direction).value)) + "\n"


def _lines(drawing: Drawing, language: Language, direction: str) -> Iterator[str]:
    names = {**identifiers(node.name for node in drawing.nodes), GROUP: GROUP, DOT: "[*]"}
    yield "---"
    yield f"title: {_yaml(drawing.title.get(language))}"
    yield "---"
    yield "stateDiagram-v2"
    yield f"  direction {direction}"
    inside = {node.name for node in drawing.under_way} if drawing.grouped else set[str]()
    yield f"  [*] --> {GROUP if drawing.initial in inside else names[drawing.initial]}"
    if inside:
        yield f'  state "{_escape(RUNNING.get(language))}" as {GROUP} {{'
        yield f"    direction {direction}"
        yield f"    [*] --> {names[drawing.initial]}"
        yield from (f"    {_declared(node, names, language)}" for node in drawing.under_way)
        yield from (f"    {_arrow(e, names, language)}" for e in drawing.edges if {e.source, e.target} <= inside)
        yield "  }"
    yield from (f"  {_declared(node, names, language)}" for node in drawing.nodes if node.name not in inside)
    outside = (*drawing.shut, *drawing.edges)
    yield from (f"  {_arrow(e, names, language)}" for e in outside if not {e.source, e.target} <= inside)
    yield from (f"  {names[node.name]} --> [*]" for node in drawing.nodes if node.kind is StateKind.SUCCESS)
    yield from _colours(drawing, names)


def _declared(node: Node, names: Mapping[str, str], language: Language) -> str:
    words = "<br/>".join(_escape(word) for word in node.words(language))
    return f'state "{words}" as {names[node.name]}'


def _arrow(edge: Edge, names: Mapping[str, str], language: Language) -> str:
    words = "<br/>".join(_escape(text.get(language)) for text in edge.label)
    arrow = f"{names[edge.source]} --> {names[edge.target]}"
    return f"{arrow} : {words}" if words else arrow


def _colours(drawing: Drawing, names: Mapping[str, str]) -> Iterator[str]:
    for kind, ink in INKS.items():
        of_kind = [names[node.name] for node in drawing.nodes if node.kind is kind]
        if of_kind:
            yield f"  classDef {kind.value} fill:{ink.ground},stroke:{ink.line},color:{TEXT}"
            yield f"  class {','.join(of_kind)} {kind.value}"
    lit = [names[node.name] for node in drawing.nodes if node.lit]
    if lit:
        yield f"  classDef lit stroke:{LIGHT},stroke-width:5px"
        yield f"  class {','.join(lit)} lit"


def _escape(words: str) -> str:
    """Signs that mean something to Mermaid, as its own character entities."""
    return _MEANS_SOMETHING.sub(lambda found: f"#{ord(found[0])};", legible(words))


def _yaml(words: str) -> str:
    return '"' + legible(words).replace("\\", "\\\\").replace('"', '\\"') + '"'

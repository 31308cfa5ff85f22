"""A chart as a PlantUML state diagram."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ja_reset.chart.states import StateKind
from ja_reset.diagrams._extraction import Subject, drawing_of
from ja_reset.diagrams._model import DOT, GROUP, Detail, Direction, Drawing, Edge, Highlight, Node
from ja_reset.diagrams._palette import INKS, LIGHT, LINE, PATH, TEXT
from ja_reset.diagrams._signs import identifiers, legible
from ja_reset.diagrams._words import RUNNING
from ja_reset.policies import Policies
from ja_reset.screens.placeholders import STANDARD
from ja_reset.text import Language

_MEANS_SOMETHING = re.compile(r'[<>"\\~*_/{}\[\]|#&%$@!\'=-]')
"""Creole, tags, quotes and preprocessing: as character entities none of them is read."""


def plantuml(
    subject: Subject,
    *,
    language: Language = "ja",
    detail: Detail | str = "overview",
    direction: Direction | str = "TB",
    highlight: Highlight | None = None,
    policies: Policies = STANDARD,
) -> str:
    """The text between `@startuml` and `@enduml`, the same for the same chart byte for byte."""
    drawing = drawing_of(subject, detail=detail, policies=policies, highlight=highlight)
    return "\n".join(_lines(drawing, language, Direction(direction))) + "\n"


def _lines(drawing: Drawing, language: Language, direction: Direction) -> Iterator[str]:
    names = {**identifiers(node.name for node in drawing.nodes), GROUP: GROUP, DOT: "[*]"}
    yield "@startuml"
    yield f"title {_escape(drawing.title.get(language))}"
    yield "left to right direction" if direction is Direction.RIGHT else "top to bottom direction"
    yield "hide empty description"
    yield "skinparam backgroundColor transparent"
    yield f"skinparam StateFontColor {TEXT}"
    yield f"skinparam ArrowColor {LINE}"
    inside = {node.name for node in drawing.under_way} if drawing.grouped else set[str]()
    if inside:
        yield f'state "{_escape(RUNNING.get(language))}" as {GROUP} #line.dashed {{'
        yield from (f"  {_declared(node, names, language)}" for node in drawing.under_way)
        yield "}"
    yield from (_declared(node, names, language) for node in drawing.nodes if node.name not in inside)
    yield f"[*] --> {names[drawing.initial]}"
    yield from (_arrow(edge, names, language) for edge in (*drawing.shut, *drawing.edges))
    yield from (f"{names[node.name]} --> [*]" for node in drawing.nodes if node.kind is StateKind.SUCCESS)
    yield "@enduml"


def _declared(node: Node, names: Mapping[str, str], language: Language) -> str:
    words = "\\n".join(_escape(word) for word in node.words(language))
    line = f"##[bold]{LIGHT[1:]}" if node.lit else f"##{INKS[node.kind].line[1:]}"
    return f'state "{words}" as {names[node.name]} {INKS[node.kind].ground} {line}'


def _arrow(edge: Edge, names: Mapping[str, str], language: Language) -> str:
    style = f"-[{LIGHT},bold]->" if edge.lit else f"-[{PATH},bold]->" if edge.on_path else "-->"
    words = "\\n".join(_escape(text.get(language)) for text in edge.label)
    return f"{names[edge.source]} {style} {names[edge.target]}" + (f" : {words}" if words else "")


def _escape(words: str) -> str:
    return _MEANS_SOMETHING.sub(lambda found: f"&#{ord(found[0])};", legible(words))

"""The drawings that the documentation keeps as files, and their file names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final
from xml.etree import ElementTree as ET

from ja_reset.diagrams._dot import dot
from ja_reset.diagrams._extraction import Subject, drawing_of
from ja_reset.diagrams._mermaid import mermaid
from ja_reset.diagrams._model import Detail, Direction, Highlight
from ja_reset.diagrams._plantuml import plantuml
from ja_reset.diagrams._scxml import scxml
from ja_reset.diagrams._structure import json_text
from ja_reset.diagrams._svg import svg
from ja_reset.diagrams._table import TableFormat, table
from ja_reset.machines import PROCEDURES
from ja_reset.policies import Policies
from ja_reset.screens.placeholders import STANDARD
from ja_reset.text import Language

LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")


class Format(Enum):
    """The format of a drawing; the value is the extension of its file."""

    MERMAID = "mmd"
    DOT = "dot"
    PLANTUML = "puml"
    SCXML = "scxml"
    SVG = "svg"
    JSON = "json"
    TABLE = "md"
    RST = "rst"


_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")

WHOLE: Final = frozenset({Format.SCXML, Format.TABLE, Format.RST})
"""The formats that tell all, whatever the detail."""


def render(
    subject: Subject,
    form: Format,
    *,
    language: Language = "ja",
    detail: Detail | str = Detail.OVERVIEW,
    direction: Direction | str = Direction.DOWN,
    highlight: Highlight | None = None,
    policies: Policies = STANDARD,
) -> str:
    """The drawing as text; an option that the format does not support has no effect.

    Raises InvalidArgument for an unknown detail, and for a highlight that the subject does not have.
    """
    match form:
        case Format.SCXML:
            return scxml(subject, language=language)
        case Format.JSON:
            return json_text(subject, detail=detail, highlight=highlight, policies=policies)
        case Format.TABLE:
            return table(subject, language, policies=policies)
        case Format.RST:
            return table(subject, language, form=TableFormat.RST, policies=policies)
        case _:
            draw = {Format.MERMAID: mermaid, Format.DOT: dot, Format.PLANTUML: plantuml, Format.SVG: svg}[form]
            return draw(
                subject,
                language=language,
                detail=detail,
                direction=direction,
                highlight=highlight,
                policies=policies,
            )


def file_name(
    subject: Subject,
    form: Format,
    *,
    language: Language = "ja",
    detail: Detail | str = Detail.OVERVIEW,
    direction: Direction | str = Direction.DOWN,
) -> str:
    """`login_password.ja.mmd`; a full drawing has `.full` in it, one to the right `.lr`, and JSON no language."""
    name = "".join(sign if sign.isalnum() else "_" for sign in drawing_of(subject).name.lower())
    parts = [name, *([] if form is Format.JSON else [language])]
    if form not in WHOLE:
        parts += ["full"] if Detail(detail) is Detail.FULL else []
        parts += ["lr"] if Direction(direction) is Direction.RIGHT and form is not Format.JSON else []
    return ".".join([*parts, form.value])


def is_fresh(committed: bytes, drawn: str, form: Format) -> bool:
    """Whether a file holds the drawing: octet by octet, an SVG by its structure, numbers to a tenth of a pixel."""
    if form is not Format.SVG or committed == drawn.encode():
        return committed == drawn.encode()
    try:
        return _structure(ET.fromstring(committed)) == _structure(ET.fromstring(drawn))  # noqa: S314 - one's own files
    except ET.ParseError:
        return False


def form_of(name: str) -> Format:
    """The format of a file by its name."""
    return Format(name.rpartition(".")[2])


def _structure(element: ET.Element) -> tuple[object, ...]:
    words = " ".join((element.text or "").split())
    settings = sorted((name, _NUMBER.sub(_rounded, value)) for name, value in element.attrib.items())
    return element.tag, tuple(settings), words, tuple(_structure(child) for child in element)


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found[0]):.1f}"


def drawings() -> Mapping[str, str]:
    """Every file of the documentation's folder of drawings, by its name."""
    return dict(_drawings())


def _drawings() -> Iterator[tuple[str, str]]:
    for chart in PROCEDURES.values():
        yield file_name(chart, Format.JSON), render(chart, Format.JSON)
        for language in LANGUAGES:
            for form in (Format.MERMAID, Format.DOT, Format.SVG, Format.TABLE):
                name = file_name(chart, form, language=language)
                yield name, render(chart, form, language=language)
            name = file_name(chart, Format.SVG, language=language, detail=Detail.FULL)
            yield name, render(chart, Format.SVG, language=language, detail=Detail.FULL)

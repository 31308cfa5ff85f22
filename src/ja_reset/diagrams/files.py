"""The drawings that the documentation keeps as files, and what each is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final

from ja_reset.chart import Chart
from ja_reset.diagrams.dot import dot
from ja_reset.diagrams.mermaid import mermaid
from ja_reset.diagrams.model import Detail
from ja_reset.diagrams.svg import svg
from ja_reset.diagrams.table import table
from ja_reset.machines import PROCEDURES
from ja_reset.text import Language

LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")


class Format(Enum):
    """What a drawing is written in; the value is the end of its file's name."""

    MERMAID = "mmd"
    DOT = "dot"
    SVG = "svg"
    TABLE = "md"


def render(chart: Chart, form: Format, *, language: Language, detail: Detail) -> str:
    """The drawing as text; a table always tells all, and an SVG is an overview in both languages."""
    match form:
        case Format.MERMAID:
            return mermaid(chart, language=language, detail=detail)
        case Format.DOT:
            return dot(chart, language=language, detail=detail)
        case Format.SVG:
            return svg(chart)
        case Format.TABLE:
            return table(chart, language)


def file_name(chart: Chart, form: Format, *, language: Language, detail: Detail = Detail.OVERVIEW) -> str:
    """`login_password.ja.mmd`; a full drawing has `.full` in front of its end, an SVG no language."""
    if form is Format.SVG:
        return f"{chart.name.lower()}.svg"
    full = ".full" if detail is Detail.FULL and form in {Format.MERMAID, Format.DOT} else ""
    return f"{chart.name.lower()}.{language}{full}.{form.value}"


def drawings() -> Mapping[str, str]:
    """Every file of the documentation's folder of drawings, by its name."""
    return dict(_drawings())


def _drawings() -> Iterator[tuple[str, str]]:
    for chart in PROCEDURES.values():
        for language in LANGUAGES:
            for form in Format:
                name = file_name(chart, form, language=language)
                yield name, render(chart, form, language=language, detail=Detail.OVERVIEW)

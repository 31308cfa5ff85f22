"""Where no SVG can be shown (man, text, LaTeX, Texinfo, XML), a drawing is a captioned table of its transitions.

Those builders also want to be told how wide a column is, which HTML finds out by itself.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from ja_reset.diagrams._width import cells
from ja_reset.sphinx_ext._directive import TABLE, table_of
from ja_reset.sphinx_ext._pictures import picture

_ROOM = 92
"""The cells of a page of plain text, without what separates columns."""

_WORD = 30
"""The longest word that is kept on one line of a narrow column."""

_MARKS = 4
"""What a list's sign and a literal's quotes take."""

_LINEAR = frozenset({"man", "text"})
"""Builders that take a table's title for a heading of the page, and run a list in a cell together."""


class Plain(SphinxPostTransform):
    """Makes tables of drawings, and gives every table of ours its widths.

    HTML shows the drawing, and a catalogue for translators (gettext) has only the caption.
    """

    default_priority = 50

    def run(self, **_: Any) -> None:  # noqa: ANN401 - Sphinx's own signature
        """Change the copy of the page that is to be written."""
        builder = self.app.builder
        if builder.format == "html" or builder.name == "gettext":
            return
        for drawn in list(self.document.findall(picture)):
            figure = drawn.parent
            figure.replace_self(_in_place_of(figure, drawn))
        for table in list(self.document.findall(nodes.table)):
            if TABLE in table["classes"]:
                if builder.name in _LINEAR:
                    _caption_before(table)
                    _without_lists(table)
                _widen(table)


def _in_place_of(figure: nodes.Element, drawn: picture) -> nodes.table:
    captions = list(figure.findall(nodes.caption))
    title = captions[0].children if captions else [nodes.Text(drawn["says"])]
    made = table_of(drawn["heads"], drawn["rows"], title=nodes.title("", "", *title))
    made["ids"], made["names"] = figure["ids"], figure["names"]
    return made


def _widen(table: nodes.table) -> None:
    rows = [[_lines(entry) for entry in row.children] for row in table.findall(nodes.row)]
    columns = list(zip(*rows, strict=True))
    widths = [max(_MARKS + cells(line) for cell in column for line in cell) for column in columns]
    least = [
        min(
            _WORD,
            max(
                (
                    _MARKS + cells(word) if word.isascii() else _MARKS
                    for cell in column
                    for line in cell
                    for word in line.split()
                ),
                default=_MARKS,
            ),
        )
        for column in columns
    ]
    while sum(widths) > _ROOM and widths != least:
        widest = max((place for place in range(len(widths)) if widths[place] > least[place]), key=lambda at: widths[at])
        widths[widest] -= 1
    for spec, width in zip(table.findall(nodes.colspec), widths, strict=True):
        spec["colwidth"] = width
    table["classes"] += ["colwidths-given", "longtable"]  # the latter lets LaTeX break it between pages


def _lines(entry: nodes.Node) -> list[str]:
    return entry.astext().splitlines() or [""]


def _caption_before(table: nodes.table) -> None:
    for title in list(table.findall(nodes.title)):
        table.remove(title)
        place = table.parent.index(table)
        table.parent.insert(place, nodes.paragraph("", "", nodes.strong("", "", *title.children)))


def _without_lists(table: nodes.table) -> None:
    """Items of a list in a cell are one paragraph, with semicolons between."""
    for items in list(table.findall(nodes.bullet_list)):
        words = nodes.paragraph()
        for item in items.children:
            words += [nodes.Text("; ")] if words.children else []
            words += [part for paragraph in item.findall(nodes.paragraph) for part in paragraph.children]
        items.replace_self(words)

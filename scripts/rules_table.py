"""The Sphinx directive `rules-table`: rule → the tests that hold it, with the truth each one states."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import rules

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


class RulesTable(SphinxDirective):
    """A table of two columns, made anew at each build."""

    def run(self) -> list[nodes.Node]:
        """The table; the page is read again when the specification or a test has changed."""
        held: defaultdict[str, dict[str, rules.Mark]] = defaultdict(dict)
        for mark in rules.marks():
            held[mark.rule][f"{mark.file}::{mark.holder}"] = mark
        for source in [rules.SPEC, *rules.TESTS.rglob("*.py")]:
            self.env.note_dependency(str(source))
        group = nodes.tgroup("", nodes.colspec(colwidth=1), nodes.colspec(colwidth=9), cols=2)
        group += nodes.thead("", _row(nodes.paragraph(text="rule"), nodes.paragraph(text="held by")))
        body = nodes.tbody()
        for rule in rules.rule_ids(rules.SPEC.read_text("utf-8")):
            tests = [_item(name, mark) for name, mark in held[rule].items()]
            body += _row(nodes.paragraph(text=rule), nodes.bullet_list("", *tests))
        group += body
        return [nodes.table("", group)]


def _row(*cells: nodes.Element) -> nodes.row:
    return nodes.row("", *(nodes.entry("", cell) for cell in cells))


def _item(name: str, mark: rules.Mark) -> nodes.list_item:
    return nodes.list_item("", nodes.paragraph("", mark.truth + " ", nodes.literal(text=name)))


def setup(app: Sphinx) -> ExtensionMetadata:
    """What Sphinx calls."""
    app.add_directive("rules-table", RulesTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

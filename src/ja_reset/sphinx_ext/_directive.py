"""What every directive has in common: its language, its procedure, its caption, and how it says what is wrong."""

from __future__ import annotations

import sys
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar, cast

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from ja_reset import InvalidArgument
from ja_reset.chart import Chart
from ja_reset.diagrams._extraction import Subject
from ja_reset.diagrams.subjects import chart_of, subject
from ja_reset.sphinx_ext._sources import sources_of
from ja_reset.text import Language

OURS = ("ja_reset.machines", "ja_reset.screens", "ja_reset.policies", "ja_reset.diagrams", "ja_reset.screens.messages")

TABLE = "ja-reset"
"""The class of every table that is made here."""

Titled = TypeVar("Titled", nodes.title, nodes.caption)


def language(argument: str) -> Language:
    """`ja` or `en`."""
    return cast("Language", directives.choice(argument, ("ja", "en")))


class ResetDirective(SphinxDirective):
    """A directive whose argument, or option `procedure`, names what it tells of.

    Without `lang` the page's own language counts: `ja` where the site is Japanese, else `en`.
    """

    optional_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {
        "procedure": directives.unchanged_required,
        "lang": language,
        "caption": directives.unchanged_required,
        "class": directives.class_option,
        "name": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """The nodes; what is wrong with the use is the directive's own error, with file and line."""
        try:
            made = self.made()
        except InvalidArgument as error:
            self.env.note_reread()  # what is missing or broken may be elsewhere than in a file that is known
            msg = f"{self.name}: {' '.join(str(error).split())}"
            raise self.error(msg) from None
        finally:
            self._depend()
        made["classes"] += self.options.get("class", [])
        self.add_name(made)
        return [made]

    @abstractmethod
    def made(self) -> nodes.Element:
        """What it stands for. Raises InvalidArgument."""

    @property
    def language(self) -> Language:
        """The language of the texts."""
        chosen: Language | None = self.options.get("lang")
        return chosen or ("ja" if str(self.config.language).startswith("ja") else "en")

    @property
    def procedure(self) -> str | None:
        """The name that was given, if any."""
        named = [*self.arguments, *([self.options["procedure"]] if "procedure" in self.options else [])]
        if len(named) > 1:
            msg = "name the procedure once, as the argument or as :procedure:"
            raise InvalidArgument(msg)
        return str(named[0]) if named else None

    def subject(self) -> Subject:
        """The chart or the Machine that was named."""
        return subject(self._required())

    def chart(self) -> Chart:
        """The chart that was named."""
        return chart_of(self._required())

    def table(self, heads: Iterable[nodes.Node | str], rows: Iterable[Iterable[nodes.Node | str]]) -> nodes.table:
        """A table with the caption, if there is one."""
        return table_of(heads, rows, title=self.caption(nodes.title))

    def caption(self, kind: type[Titled]) -> Titled | None:
        """The caption, if there is one, with its place, so that it can be translated."""
        if "caption" not in self.options:
            return None
        words = str(self.options["caption"])
        made = kind(words, words)
        self.set_source_info(made)
        return made

    def _required(self) -> str:
        named = self.procedure
        if named is None:
            msg = "name a procedure, or module:NAME of a chart of your own"
            raise InvalidArgument(msg)
        return named

    def _depend(self) -> None:
        """The page is read again when a chart, what it imports, a text or a figure has changed."""
        ours = [
            getattr(loaded, "__file__", None) for name, loaded in list(sys.modules.items()) if name.startswith(OURS)
        ]
        named = [*self.arguments, self.options.get("procedure", "")]
        own = [file for name in named if ":" in name for file in sources_of(name.partition(":")[0].strip())]
        for file in [*ours, *own]:
            if file is not None:
                self.env.note_dependency(file)


def table_of(
    heads: Iterable[nodes.Node | str], rows: Iterable[Iterable[nodes.Node | str]], *, title: nodes.title | None = None
) -> nodes.table:
    """A table with these heads and rows."""
    head, body = list(heads), nodes.tbody()
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in head), cols=len(head))
    group += nodes.thead("", _row(head))
    body += [_row(row) for row in rows]
    group += body
    return nodes.table("", *([title] if title is not None else []), group, classes=[TABLE])


def _row(cells: Iterable[nodes.Node | str]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", _cell(cell)) for cell in cells))


def _cell(cell: nodes.Node | str) -> nodes.Node:
    if isinstance(cell, nodes.bullet_list | nodes.paragraph):
        return cell
    return nodes.paragraph("", "", cell if isinstance(cell, nodes.Node) else nodes.Text(cell))

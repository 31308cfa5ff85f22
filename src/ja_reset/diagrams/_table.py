"""A chart as Markdown or reStructuredText: its states, and for each state its transitions in the order of checking."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Protocol

from ja_reset.diagrams import _words as words
from ja_reset.diagrams._extraction import Subject, drawing_of
from ja_reset.diagrams._model import Detail, Line, Node
from ja_reset.diagrams._signs import legible
from ja_reset.diagrams._width import cells
from ja_reset.policies import Policies
from ja_reset.screens._reason_names import REASON_NAMES
from ja_reset.screens.placeholders import STANDARD
from ja_reset.text import Language


class TableFormat(Enum):
    """What a table is written in."""

    MARKDOWN = "markdown"
    RST = "rst"


class _Markup(Protocol):
    """How a page is written: a heading, a name as it stands in code, words as they are, a table."""

    def heading(self, words: str, level: int) -> Iterator[str]: ...

    def code(self, name: str) -> str: ...

    def plain(self, words: str) -> str: ...

    def table(self, heads: list[str], rows: list[list[str]]) -> Iterator[str]: ...


def table(
    subject: Subject,
    language: Language = "ja",
    *,
    form: TableFormat | str = TableFormat.MARKDOWN,
    policies: Policies = STANDARD,
) -> str:
    """The text of a page with every state and every transition, the same byte for byte."""
    markup: _Markup = _Markdown() if TableFormat(form) is TableFormat.MARKDOWN else _Rst()
    return "\n".join(_page(subject, language, policies, markup)) + "\n"


def _page(subject: Subject, language: Language, policies: Policies, markup: _Markup) -> Iterator[str]:
    drawing = drawing_of(subject, detail=Detail.FULL, policies=policies)
    title = drawing.title.get(language)
    yield from markup.heading(title if title == drawing.name else f"{title} ({drawing.name})", 1)
    yield ""
    heads = (words.STATES, words.SCREEN, words.KIND, words.LIMIT, words.KEEPS)
    yield from markup.table(
        [head.get(language) for head in heads], [list(_state(node, language, markup)) for node in drawing.nodes]
    )
    heads = (words.EVENT, words.CONDITION, words.TO, words.REASONS, words.ORDERS)
    begins = [(words.STARTS.get(language), list(drawing.starts))]
    for title, out in begins + [
        (
            " ".join(dict.fromkeys([node.name, node.title.get(language)])),
            [line for line in drawing.lines if line.source == node.name],
        )
        for node in drawing.nodes
    ]:
        if not out:
            continue
        yield ""
        yield from markup.heading(title, 2)
        yield ""
        yield from markup.table(
            [head.get(language) for head in heads], [list(_arrow(line, language, markup)) for line in out]
        )


def _state(node: Node, language: Language, markup: _Markup) -> Iterator[str]:
    yield markup.code(node.name)
    title = node.title.get(language)
    yield markup.plain(title if node.screen == node.name else f"{node.screen} {title}")
    yield words.KINDS[node.kind].get(language)
    yield markup.plain(node.limit.get(language)) if node.limit else ""
    yield ", ".join(markup.code(name) for name in node.keeps)


def _arrow(line: Line, language: Language, markup: _Markup) -> Iterator[str]:
    event = line.event.get(language)
    yield markup.code(line.trigger) + ("" if event == line.trigger else f" {markup.plain(event)}")
    when = "" if line.when is None else f"✓ {line.when.get(language)}"
    if line.fails is not None:
        besides = [when] if when else []
        yield markup.plain(("、" if language == "ja" else ", ").join([f"✗ {line.fails.get(language)}", *besides]))
    else:
        yield markup.plain(when) if when else words.ALL_HOLD.get(language) if line.guarded else ""
    yield words.STAYS.get(language) if line.target == line.source else markup.code(line.target)
    yield ", ".join(_reason(code, language, markup) for code in line.codes)
    yield ", ".join(markup.code(effect) for effect in line.effects)


def _reason(code: str, language: Language, markup: _Markup) -> str:
    """The code; in Japanese behind its name in words."""
    name = REASON_NAMES.get(code) if language == "ja" else None
    return markup.code(code) if name is None else f"{markup.plain(name.ja)} {markup.code(code)}"


class _Markdown:
    """GitHub's and MyST's tables."""

    def heading(self, words: str, level: int) -> Iterator[str]:
        yield f"{'#' * level} {self.plain(words)}"

    _means = re.compile(r"[`*\[\]<>&~|$]|\\(?![^\W_])|(?<![^\W_])_|_(?![^\W_])")

    def code(self, name: str) -> str:
        name = legible(name)
        return f"<code>{self.plain(name)}</code>" if set(name) & set("`|") else f"`{name}`"

    def plain(self, words: str) -> str:
        return self._means.sub(lambda found: f"&#{ord(found[0])};", legible(words))

    def table(self, heads: list[str], rows: list[list[str]]) -> Iterator[str]:
        yield self._row(heads)
        yield self._row("---" for _ in heads)
        yield from (self._row(row) for row in rows)

    def _row(self, values: Iterable[str]) -> str:
        return f"| {' | '.join(values)} |"


class _Rst:
    """docutils' list-table, which no width of a character can break."""

    _means = re.compile(r"[\\*`_|:]")
    _begins = re.compile(r"\w+[.)]|[^\w\s]")
    """What a list item, a comment or the like begins with."""

    def heading(self, words: str, level: int) -> Iterator[str]:
        title = self.plain(words)
        yield title
        yield "=-"[level - 1] * sum(max(1, cells(sign)) for sign in title)

    def code(self, name: str) -> str:
        name = legible(name)
        return f":literal:`{self._means.sub(_escaped, name)}`" if "`" in name or "\\" in name else f"``{name}``"

    def plain(self, words: str) -> str:
        words = legible(words)
        if (begin := self._begins.match(words)) and begin[0].isascii() and begin[0][-1] not in "\\*`_|:":
            head, words = begin[0], words[begin.end() :]
            return head[:-1] + "\\" + head[-1] + self._means.sub(_escaped, words)
        told = self._means.sub(_escaped, words)
        return f"\\ {told}" if set(told) == {"\\"} else told  # a line of one sign would be a heading's

    def table(self, heads: list[str], rows: list[list[str]]) -> Iterator[str]:
        yield ".. list-table::"
        yield "   :header-rows: 1"
        yield ""
        for row in [heads, *rows]:
            for place, value in enumerate(row):
                yield f"   {'* -' if place == 0 else '  -'} {value}".rstrip()


def _escaped(found: re.Match[str]) -> str:
    return "\\" + found[0]

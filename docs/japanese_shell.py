"""Sphinx extension: a Japanese shell for pages in Japanese, a search that finds Japanese, tables that fit a phone.

Sphinx builds a site in one language. Here one build has both, so that a page and its translation can link to each
other and every link is checked. A page below `ja/`, or whose name ends in `.ja`, says that it is in Japanese, and has
the words of the theme, the sidebar, the neighbours and the search in Japanese.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sphinx
from bs4 import BeautifulSoup
from jinja2.ext import Extension
from sphinx import search
from sphinx.addnodes import toctree
from sphinx.environment.adapters.toctree import TocTree
from sphinx.locale import init
from sphinx.search.en import SearchEnglish

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HOME: Final = "ja/index"
SEARCH: Final = "search.ja"  # at the root: what the search finds is linked relative to its own page
LOCALE: Final = Path(sphinx.__file__).parent / "locale"

SHELL: Final = {
    "Next": "次へ",
    "Previous": "前へ",
    "Home": "ホーム",
    "On this page": "このページの内容",
    "Back to top": "ページの先頭へ",
    "Skip to content": "本文へ",
    "Please activate JavaScript to enable the search functionality.": "検索するには、JavaScriptを有効にしてください。",
    "Toggle site navigation sidebar": "文書の一覧を開閉する",
    "Toggle table of contents sidebar": "このページの目次を開閉する",
    "Toggle Light / Dark / Auto color theme": "配色を切り替える(明・暗・自動)",
    "Contents": "目次",
    "Menu": "メニュー",
    "Expand": "開く",
    "Light mode": "明るい配色",
    "Dark mode": "暗い配色",
    "Auto light/dark, in light mode": "自動(いまは明るい配色)",
    "Auto light/dark, in dark mode": "自動(いまは暗い配色)",
}
"""Words of the theme that Sphinx's own catalogue does not have."""

FIXED: Final = re.compile(r'(aria-label="|<title>)(' + "|".join(map(re.escape, SHELL)) + r')(?="|</title>)')
"""Where the theme has a word that it does not offer to translate."""


def is_japanese(page: str) -> bool:
    """Whether the page of that name is in Japanese."""
    return page.startswith("ja/") or page.endswith(".ja")


class Translated(Extension):
    """The theme's templates, with every word of theirs offered to translate, and the search as the page chooses it."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002 - Jinja's
        """The template's text."""
        return FIXED.sub(r"\1{{ _('\2') }}", source).replace("pathto('search')", "pathto(search_page)")


class Search(SearchEnglish):
    """English words by their stems; Japanese, which has no blanks, by every two signs that stand together."""

    _run = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff]+|[^\W\u3005\u3040-\u30ff\u3400-\u9fff]+")
    js_splitter_code = r"""
var splitQuery = (query) =>
  (query.match(/[\u3005\u3040-\u30ff\u3400-\u9fff]+|[^\s\p{P}\p{S}\u3005\u3040-\u30ff\u3400-\u9fff]+|_+/gu) || [])
    .flatMap((run) =>
      run.length > 1 && /^[\u3005\u3040-\u30ff\u3400-\u9fff]/.test(run)
        ? [...run].slice(1).map((sign, place) => run[place] + sign)
        : [run]
    );
"""

    def split(self, input: str) -> list[str]:  # noqa: A002 - Sphinx's name
        """The words of a text."""
        return [word for run in self._run.findall(input) for word in _words(run)]


def _words(run: str) -> Iterator[str]:
    """An English word; of Japanese each two neighbours, and each kanji by itself."""
    if not "\u3005" <= run[0] <= "\u9fff":
        yield run
        return
    yield from (run[place : place + 2] for place in range(len(run) - 1))
    yield from (sign for sign in run if sign >= "\u3400")


def dress(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:  # noqa: ARG001 - Sphinx's signature
    """Give the page the shell of its language."""
    ours = is_japanese(pagename)
    context["search_page"] = SEARCH if ours else "search"
    for place in ("prev", "next"):
        if context.get(place) and pagename in app.env.found_docs:
            relations = app.builder.relations[pagename]  # type: ignore[attr-defined]
            neighbour = relations[1 if place == "prev" else 2]
            if neighbour is None or is_japanese(neighbour) != ours:
                context[place] = None
    if not ours:
        return
    catalogue, _ = init([str(LOCALE)], "ja", "sphinx")

    def word(text: str) -> str:
        return SHELL.get(text) or catalogue.gettext(text)

    context.update(language="ja", master_doc=HOME, root_doc=HOME, _=word, gettext=word)
    context["toctree"] = _tree(app, pagename)
    if pagename == SEARCH:
        context["title"] = word("Search")
        app.add_js_file("search.ja.js")


def _tree(app: Sphinx, page: str) -> Callable[..., str]:
    """What the template calls for the sidebar: the contents of the Japanese pages."""

    def tree(**options: Any) -> str:  # noqa: ANN401 - Sphinx's options
        named = app.env.get_doctree(HOME).findall(toctree)
        resolver = TocTree(app.env)
        parts = [resolver.resolve(page, app.builder, node, **options) for node in named]
        return "".join(app.builder.render_partial(part)["fragment"] for part in parts if part is not None)  # type: ignore[attr-defined]

    return tree


def label_cells(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:  # noqa: ARG001 - Sphinx's signature
    """Each cell of a table knows the head of its column, which stands before it on a phone (`site.css`)."""
    if "<table" not in context.get("body", ""):
        return
    body = BeautifulSoup(context["body"], "html.parser")
    for table in body.find_all("table", class_="docutils"):
        heads = [head.get_text(" ", strip=True) for head in table.select("thead th")]
        table["role"] = "table"
        for row in table.find_all("tr"):
            row["role"] = "row"
            for place, cell in enumerate(row.find_all(["td", "th"], recursive=False)):
                cell["role"] = "columnheader" if cell.name == "th" else "cell"
                if cell.name == "td" and place < len(heads):
                    cell["data-label"] = heads[place]
    context["body"] = str(body)


def search_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:  # noqa: ARG001 - Sphinx's signature
    """A page for the search in Japanese, beside Sphinx's own."""
    yield SEARCH, {}, "search.html"


def picture_first(app: Sphinx, docname: str, content: list[str]) -> None:  # noqa: ARG001 - Sphinx's signature
    """A page with the tables of a chart begins with its picture."""
    chart, _, language = docname.removeprefix("diagrams/").partition(".")
    if not docname.startswith("diagrams/") or language not in {"ja", "en"}:
        return
    heading, rest = content[0].split("\n", 1)
    content[0] = f"{heading}\n\n```{{ja-reset-diagram}} {chart.upper()}\n:lang: {language}\n```\n{rest}"


def prepare(app: Sphinx) -> None:
    """Teach the templates, where the builder has any."""
    if app.builder.format == "html":
        app.builder.templates.environment.add_extension(Translated)


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls."""
    search.languages["en"] = Search
    app.connect("source-read", picture_first)
    app.connect("builder-inited", prepare)
    app.connect("html-collect-pages", search_page)
    app.connect("html-page-context", dress, priority=400)
    app.connect("html-page-context", label_cells)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

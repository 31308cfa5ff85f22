"""The documentation's site, read in a browser: a Japanese shell, a search that finds Japanese, drawings and tables."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import BrowserContext, Page, expect

DOCS = Path(__file__).parents[2] / "docs"
LEFT_OUT = ("_build", "reference/*", "adding.md", "saved-form.md", "seeded-faults.md", "hosts.md", "host-guide.md")
"""Long pages that no test here reads."""

SMALLEST = """() => [...document.querySelectorAll('figure.ja-reset-diagram img')].map(image => [
    image.getBoundingClientRect().width / image.naturalWidth, image.closest('a').href])"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site is served on loopback."""
    folder = tmp_path_factory.mktemp("site")
    without = f"exclude_patterns={','.join(LEFT_OUT)}"
    subprocess.run(  # noqa: S603 - the project's own site
        [sys.executable, "-m", "sphinx", "--builder", "html", "--quiet", "-D", without, DOCS, folder],
        check=True,
        capture_output=True,
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page that loads nothing from elsewhere."""
    opened = context.new_page()
    opened.route("**/*", lambda route: route.continue_() if "127.0.0.1" in route.request.url else route.abort())
    return opened


def test_a_japanese_page_has_a_japanese_shell(root: str, page: Page) -> None:
    """Sidebar, search, contents and neighbours are in Japanese, and lead to Japanese pages only."""
    page.goto(f"{root}/ja/login-password.html")
    assert "ja" == page.locator("html").get_attribute("lang")
    links = page.locator(".sidebar-tree a.internal").evaluate_all("all => all.map(one => one.href)")
    assert 15 < len(links)
    assert [] == [link for link in links if "/ja/" not in link and ".ja.html" not in link and not link.endswith("#")]
    assert ["次へ", "前へ"] == page.locator(".related-pages .context").all_inner_texts()
    assert "検索" == page.locator(".sidebar-search").get_attribute("placeholder")
    assert "このページの内容" == page.locator(".toc-title").inner_text()
    assert page.locator(".sidebar-brand").get_attribute("href") == "index.html"
    labels = page.locator("[aria-label]").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert [] == [label for label in labels if label.isascii()]


def test_pages_of_one_language_follow_each_other(root: str, page: Page) -> None:
    """From the first Japanese page one comes through all of them, and to no English one; no English one leads there."""
    page.goto(f"{root}/ja/index.html")
    seen = 1
    while page.locator("a.next-page").count():
        page.goto(page.locator("a.next-page").evaluate("one => one.href"))
        assert "ja" == page.locator("html").get_attribute("lang"), page.url
        seen += 1
    assert len([each for each in (DOCS / "ja").glob("*.md") if each.name not in LEFT_OUT]) <= seen + 3
    page.goto(f"{root}/changelog.html")
    assert 0 == page.locator("a.next-page").count()


@pytest.mark.parametrize("word", ["暗証番号", "口座", "冪等", "outbox"])
def test_the_search_finds_a_word_where_it_stands(root: str, page: Page, word: str) -> None:
    """Each page that is found has the word, and each Japanese page that has it is found."""
    having = {
        f"ja/{each.stem}"
        for each in (DOCS / "ja").glob("*.md")
        if word in each.read_text("utf-8") and each.name not in LEFT_OUT and f"ja/{each.name}" not in LEFT_OUT
    }
    page.goto(f"{root}/ja/index.html")
    page.locator(".sidebar-search").fill(word)
    page.locator(".sidebar-search").press("Enter")
    expect(page.locator("h2", has_text="検索結果")).to_be_visible()
    expect(page.locator(".search-summary")).not_to_be_empty()
    found = page.locator("ul.search > li > a:first-child").evaluate_all("all => all.map(one => one.href)")
    pages = [each.split("#")[0].removeprefix(f"{root}/").removesuffix(".html") for each in found]
    assert set() == having - set(pages), pages
    ours = [each.startswith("ja/") or each.endswith(".ja") for each in pages]
    assert ours == sorted(ours, reverse=True), "Japanese pages stand first"


def test_a_drawing_can_be_read_and_opened(root: str, page: Page) -> None:
    """Its smallest words have 11 pixels on the narrowest phone; it opens by itself, in full size."""
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{root}/ja/login-password.html")
        page.locator("figure.ja-reset-diagram img").first.scroll_into_view_if_needed()
        page.wait_for_function("() => document.querySelector('figure.ja-reset-diagram img').naturalWidth > 0")
        ((scale, link),) = page.evaluate(SMALLEST)
        assert 11 <= round(scale * 11.5, 2)
        assert link.endswith(".svg")
    page.goto(f"{root}/diagrams/login_password.ja.html")
    names = page.locator("article figure, article table").evaluate_all("all => all.map(one => one.tagName)")
    assert "FIGURE" == names[0]


@pytest.mark.parametrize("name", ["deployment", "operations", "diagrams/token_reissue.ja", "glossary"])
def test_a_table_fits_a_phone(root: str, page: Page, name: str) -> None:
    """At 375 pixels no table is wider than the page, and each cell says what its column is."""
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(f"{root}/{name}.html" if "/" in name else f"{root}/ja/{name}.html")
    tables = page.locator("article table.docutils")
    assert 0 < tables.count()
    assert [] == [wide for wide in tables.evaluate_all("all => all.map(one => one.scrollWidth)") if wide > 375]
    heads = page.locator("article table.docutils td:not([data-label])").count()
    assert 0 == heads

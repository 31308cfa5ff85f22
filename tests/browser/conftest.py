"""A browser for each worker, a demo for each test. Where there is no browser: a failure in CI, else a skip."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from browser.contact_sheet import DOCS, Tiles
from browser.walker import Walker
from demo_site import Site, served
from ja_reset.demo._world import make_world
from ja_reset.stores import PostgresStore, SqliteStore
from ja_reset.testing import FakeClock
from ja_reset.testing.postgres import PostgresServer
from tools import missing

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000
"""Milliseconds until something counts as not happening: a machine under load is no failure of a page."""

expect.set_options(timeout=PATIENCE)

HOW = (
    "no Chromium to test pages in: apt-get install chromium fonts-noto-cjk, or name one in the environment as CHROMIUM"
)


# module: while Playwright runs, no other loop can run in the thread, and other modules' tests have loops of their own
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing(HOW)
    with (
        sync_playwright() as playwright,
        closing(playwright.chromium.launch(executable_path=path, args=FLAGS)) as launched,
    ):
        yield launched


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A demo on SQLite, or as the test asks, whose clock stands still until it is put forward."""
    if getattr(request, "param", request.config.getoption("--demo-store", default="sqlite")) == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        store: PostgresStore | SqliteStore = PostgresStore(server.url, schema=request.getfixturevalue("new_schema")())
    else:
        store = SqliteStore(tmp_path / "demo.db")
    with closing(store), served(make_world(store, clock=FakeClock())) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser's profile of its own."""
    with closing(browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 900})) as made:
        made.set_default_timeout(PATIENCE)
        yield made


@pytest.fixture(scope="module")
def tiles(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tiles | None]:
    """For `--pictures docs`: what the contact sheets are made of, when every walk is done; else None."""
    if request.config.getoption("--pictures", default=None) != "docs":
        yield None
        return
    taken = Tiles(tmp_path_factory.mktemp("tiles"))
    yield taken
    with closing(browser.new_context()) as context:
        for language in ("ja", "en"):
            taken.make_sheet(context.new_page(), language, DOCS)


@pytest.fixture
def walker(site: Site, context: BrowserContext) -> Iterator[Walker]:
    """The ordinary customer before the login page; nothing may go wrong in the page's own programs."""
    walking = Walker(site, context.new_page())
    yield walking
    assert [] == walking.troubles


def pytest_addoption(parser: pytest.Parser) -> None:
    """Known where these tests are named on the command line."""
    parser.addoption("--demo-store", choices=["sqlite", "postgres"], default="sqlite", help="what the demo runs on")
    parser.addoption("--pictures", metavar="FOLDER", help="keep pictures of the demo's pages there; docs: for the docs")

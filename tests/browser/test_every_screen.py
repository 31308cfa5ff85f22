"""Every screen and every moment of it, in both languages and themes: nothing for axe to find, nothing that overflows.

`--pictures FOLDER` keeps a picture of each, wide and narrow; `--pictures docs` those that README and the docs show, and
the contact sheets, on which every one of them is seen.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from browser.contact_sheet import DOCS, Tiles, make_same
from browser.measures import WIDTHS, troubles
from browser.tours import SCREENS, TOURS
from browser.walker import Walker
from ja_reset import PROCEDURES
from ja_reset.screens import ENTRY

KEPT = {"menu.ja.wide", "phone.ja.wide", "phone.en.narrow", "btr004-answered.ja.wide", "operator.ja.wide"}
"""The pictures that are shown somewhere, in DOCS."""

ROUNDS = (("ja", tuple(WIDTHS)), ("en", tuple(reversed(WIDTHS))))
"""The narrow sizes first where the last one was narrow: a resize costs as much as a page."""


def speak(page: Page, language: str, address: str) -> None:
    """From the next page on, that language."""
    page.context.add_cookies([{"name": "ja_reset_language", "value": language, "url": address}])


@pytest.mark.rule("E1")
@pytest.mark.parametrize("tour", TOURS)
def test_screens_are_accessible_and_fit(walker: Walker, tour: str, request: pytest.FixtureRequest) -> None:
    """On each page of the walk axe-core finds nothing, nothing overflows, and no target is too small to be touched."""
    wanted = request.config.getoption("--pictures", default=None)
    tiles: Tiles | None = request.getfixturevalue("tiles")
    page = walker.page
    if wanted is not None:
        page.clock.install()
    wrong, shown = [], set()
    for name in TOURS[tour](walker):
        shown |= {each.get_attribute("data-screen") for each in page.locator("main[data-screen]").all()}
        for language, widths in ROUNDS:
            if language != page.get_attribute("html", "lang"):
                speak(page, language, walker.site.address)
                page.reload()
            assert language == page.get_attribute("html", "lang")
            wrong += [f"{name} in {language}: {each}" for each in troubles(page, widths=widths)]
            for width in WIDTHS if wanted is not None else ():
                take_picture(page, f"{name}.{language}.{width}", wanted)
            if tiles is not None:
                tiles.take(page, name, language)
        speak(page, "ja", walker.site.address)
        if name == "not-found":
            walker.troubles.clear()  # the browser tells of the status each time
    assert [] == wrong
    assert SCREENS[tour] == shown


def take_picture(page: Page, name: str, wanted: str) -> None:
    """Keep a picture of the page, with what differs from run to run made the same."""
    if not name.endswith((".wide", ".narrow")) or (wanted == "docs" and name not in KEPT):
        return
    page.set_viewport_size(WIDTHS[name.rpartition(".")[2]])
    folder = DOCS if wanted == "docs" else Path(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    make_same(page)
    whole = wanted != "docs"  # in the docs, what is seen without scrolling
    page.screenshot(path=folder / f"{name}.png", full_page=whole, animations="disabled", caret="hide")
    page.reload()  # the walk goes on with what truly stands there, the code that was read out above all


def test_the_tours_come_by_every_screen_of_every_procedure() -> None:
    """No screen of a chart, nor of the way in, is missing on the walks."""
    plans = {state.screen.id for chart in PROCEDURES.values() for state in chart.states.values()}
    assert plans | {plan.id for plan in ENTRY} == set().union(*SCREENS.values())

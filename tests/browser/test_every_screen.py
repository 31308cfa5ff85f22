"""Every screen, in both languages: nothing for axe to find, nothing that overflows; and pictures, where asked for.

`--pictures FOLDER` keeps a picture of each, wide and narrow; `--pictures docs` those that README and the docs show.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Page

from browser.tours import SCREENS, TOURS
from browser.walker import Walker
from ja_reset import PROCEDURES
from ja_reset.screens import ENTRY

DOCS = Path(__file__).resolve().parents[2] / "docs" / "pictures"
KEPT = {"menu.ja.wide", "phone.ja.wide", "phone.en.narrow", "btr004-code.ja.wide", "operator.ja.wide"}
"""The pictures that are shown somewhere, in DOCS."""

WIDTHS = {"wide": (1280, 900), "narrow": (390, 844), "zoomed": (640, 450)}
"""What a page is looked at in, pixels; `zoomed` is the wide one at 200 %."""

SWEEP = """async () => (await axe.run({resultTypes: ["violations"]})).violations
    .map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" ")}`)"""
OVERFLOW = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"


def speak(page: Page, language: str, address: str) -> None:
    """From the next page on, that language."""
    page.context.add_cookies([{"name": "ja_reset_language", "value": language, "url": address}])


def troubles_of(page: Page, width: str) -> list[str]:
    """What is wrong with the page when it is that wide: what axe-core finds, or how far it overflows."""
    page.set_viewport_size(dict(zip(("width", "height"), WIDTHS[width], strict=True)))  # type: ignore[arg-type]
    beyond = page.evaluate(OVERFLOW)
    found: list[str] = page.evaluate(SWEEP) if width == "wide" else []
    return found + [f"{beyond} pixels beyond the right edge, {width}"] * (beyond > 0)


@pytest.mark.rule("E1")
@pytest.mark.parametrize("tour", TOURS)
def test_screens_are_accessible_and_fit(walker: Walker, tour: str, request: pytest.FixtureRequest) -> None:
    """On each screen of the walk axe-core finds nothing, in both languages, and nothing overflows when it is narrow."""
    wanted = request.config.getoption("--pictures", default=None)
    page = walker.page
    if wanted is not None:
        page.clock.install()
    page.context.add_init_script(AXE_SCRIPT)
    wrong, shown = [], set()
    for name in TOURS[tour](walker):
        shown |= set(page.locator(".screen-id").all_inner_texts())
        # the narrow sizes first where the last one was narrow: a resize costs as much as a page
        for language, widths in (("ja", ("wide", "narrow")), ("en", ("narrow", "zoomed", "wide"))):
            if language != page.get_attribute("html", "lang"):
                speak(page, language, walker.site.address)
                page.reload()
            assert language == page.get_attribute("html", "lang")
            for width in widths:
                wrong += [f"{name} in {language}: {each}" for each in troubles_of(page, width)]
                if wanted is not None:
                    take_picture(page, f"{name}.{language}.{width}", wanted)
        speak(page, "ja", walker.site.address)
        if name == "not-found":
            walker.troubles.clear()  # the browser tells of the status each time
    assert [] == wrong
    assert SCREENS[tour] == {text.split()[-1] for text in shown}


def take_picture(page: Page, name: str, wanted: str) -> None:
    """Keep a picture of the page, with what differs from run to run made the same."""
    if name.endswith(".zoomed") or (wanted == "docs" and name not in KEPT):
        return
    folder = DOCS if wanted == "docs" else Path(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    page.evaluate(
        """for (const each of document.querySelectorAll('[data-random]'))
            each.textContent = each.dataset.random || '0417ab29e6';
        document.querySelectorAll('progress').forEach((bar) => { bar.value = bar.max; });
        document.querySelectorAll('span[data-left]').forEach((left) => { left.textContent = left.dataset.left; });
        document.querySelectorAll('.says[data-speak]').forEach((says) => {
            says.textContent = says.textContent.replace(/[0-9]/g, '7'); });
        document.activeElement?.blur(); window.scrollTo(0, 0); null"""
    )
    whole = wanted != "docs"  # in the docs, what is seen without scrolling
    page.screenshot(path=folder / f"{name}.png", full_page=whole, animations="disabled", caret="hide")
    page.reload()  # the walk goes on with what truly stands there, the code that was read out above all


def test_the_tours_come_by_every_screen_of_every_procedure() -> None:
    """No screen of a chart, nor of the way in, is missing on the walks."""
    plans = {state.screen.id for chart in PROCEDURES.values() for state in chart.states.values()}
    assert plans | {plan.id for plan in ENTRY} == set().union(*SCREENS.values())

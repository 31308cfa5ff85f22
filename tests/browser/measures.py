"""What is wrong with a page that a browser shows, by measuring it: for whoever sees, touches, or listens otherwise."""

from __future__ import annotations

from typing import Final, Literal

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Page, ViewportSize

WIDTHS: Final[dict[str, ViewportSize]] = {
    "wide": {"width": 1280, "height": 900},
    "zoomed": {"width": 640, "height": 450},
    "narrow": {"width": 375, "height": 812},
    "small": {"width": 320, "height": 568},
}
"""What a page is looked at in, pixels; `zoomed` is the wide one at 200 %."""

SIZES: Final = ("medium", "largest")
"""The sizes of text: what is between them fits where both do."""

_SWEEP: Final = """async (only) => {
    const ratio = {normal: {expected: 4.5, minThreshold: 4.5}, large: {expected: 4.5, minThreshold: 4.5}};
    axe.configure({checks: [{id: "color-contrast", options: {contrastRatio: ratio}}]});
    const found = await axe.run({resultTypes: ["violations"], ...(only && {runOnly: [only]})});
    return found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" ")}`);
}"""
"""What axe-core finds; large letters need as much contrast as small ones."""

_OVERFLOW: Final = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"

_TARGETS: Final = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select")]
    .filter((each) => each.checkVisibility() && getComputedStyle(each).clipPath === "none")
    .map((each) => [each, (each.closest("label.option") ?? each).getBoundingClientRect()])
    .filter(([, {width, height}]) => width < 43.9 || height < 43.9)
    .map(([each, {width, height}]) => `${Math.round(width)} × ${Math.round(height)}: ${each.outerHTML.slice(0, 99)}`)"""


def prepare(page: Page) -> None:
    """Have axe-core on this page."""
    page.evaluate(AXE_SCRIPT)


def sweep(page: Page, scheme: Literal["light", "dark"], *, only: str | None = None) -> list[str]:
    """What axe-core finds in that theme."""
    page.emulate_media(color_scheme=scheme)
    return [f"{each}, {scheme}" for each in page.evaluate(_SWEEP, only)]


def narrowness(page: Page, width: str) -> list[str]:
    """How far the page overflows when it is that wide, in each size of text, and which targets are too small."""
    page.set_viewport_size(WIDTHS[width])
    found = [f"{each}, {width}" for each in page.evaluate(_TARGETS)]
    kept = page.evaluate("document.documentElement.className")
    for size in SIZES:
        beyond = page.evaluate(f"document.documentElement.className = '{size}', {_OVERFLOW}")
        found += [f"{beyond} pixels beyond the right edge, {width}, {size} text"] * (beyond > 0)
    page.evaluate("(kept) => { document.documentElement.className = kept; }", kept)
    return found


def troubles(page: Page, *, widths: tuple[str, ...] = tuple(WIDTHS)) -> list[str]:
    """What is wrong with the page, in every theme, width and size of text; the first width is that of the sweeps."""
    prepare(page)
    page.set_viewport_size(WIDTHS[widths[0]])
    found = sweep(page, "dark", only="color-contrast") + sweep(page, "light")
    for width in widths:
        found += narrowness(page, width)
    return found

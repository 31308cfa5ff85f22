"""One picture with every screen and every moment on it, to be looked at: Japanese by day, English by night."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from pathlib import Path
from typing import Final, Literal

import attrs
from playwright.sync_api import Page

from browser.measures import WIDTHS

DOCS: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
"""Where the pictures are kept that README and the docs show."""

_SCHEMES: Final[dict[str, Literal["light", "dark"]]] = {"ja": "light", "en": "dark"}
_STYLE: Final = """
    body { margin: 16px; width: 1860px; background: #d8dfdd; font: 16px sans-serif; }
    main { columns: 8; column-gap: 12px; }
    figure { margin: 0 0 12px; break-inside: avoid; }
    img { display: block; width: 100%; border: 1px solid #888; }
"""


@attrs.frozen
class Tiles:
    """The pictures of the screens in a folder of their own, and the sheet that is made of them."""

    folder: Path

    def take(self, page: Page, name: str, language: str) -> None:
        """Keep a picture of the bank's own part of the page, as a telephone shows it."""
        page.set_viewport_size(WIDTHS["narrow"])
        page.emulate_media(color_scheme=_SCHEMES[language])
        make_same(page)
        found = sorted(self.folder.glob(f"*.{language}.jpg"))
        picture = self.folder / f"{len(found):03}.{name}.{language}.jpg"
        page.locator("main").screenshot(path=picture, type="jpeg", quality=70, animations="disabled", caret="hide")
        page.reload()

    def make_sheet(self, page: Page, language: str, where: Path) -> None:
        """All of them in that language, in the order of the walks, as one picture."""
        figures = []
        for each in sorted(self.folder.glob(f"*.{language}.jpg")):
            name = escape(each.name.split(".")[1])
            data = b64encode(each.read_bytes()).decode()
            figures.append(f'<figure><figcaption>{name}</figcaption><img src="data:image/jpeg;base64,{data}"></figure>')
        page.set_viewport_size({"width": 1900, "height": 1000})
        page.set_content(f"<style>{_STYLE}</style><main>{''.join(figures)}</main>", wait_until="load")
        page.screenshot(path=where / f"screens.{language}.jpg", type="jpeg", quality=55, full_page=True)


def make_same(page: Page) -> None:
    """Have what differs from run to run say the same."""
    page.evaluate(
        """for (const each of document.querySelectorAll('[data-random]'))
            each.textContent = each.dataset.random || '0417ab29e6';
        document.querySelectorAll('progress').forEach((bar) => { bar.value = bar.max; });
        document.querySelectorAll('span[data-left]').forEach((left) => { left.textContent = left.dataset.left; });
        document.querySelectorAll('.says .digits').forEach((says) => {
            says.textContent = says.textContent.replace(/[0-9]/g, '7'); });
        document.activeElement?.blur(); window.scrollTo(0, 0); null"""
    )

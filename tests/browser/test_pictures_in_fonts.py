"""The room that a picture reserves for words is enough in a real browser, whatever the font."""

from __future__ import annotations

from playwright.sync_api import BrowserContext

from ja_reset.diagrams import svg
from ja_reset.diagrams._width import room
from ja_reset.machines import PROCEDURES

FONTS = ("sans-serif", "serif", "monospace", "DejaVu Sans", "Noto Sans CJK JP", "IPAGothic", "Liberation Sans")
MEASURE = """font => [...document.querySelectorAll('svg text')].map(text => {
    text.style.fontFamily = `"${font}", ${font}`;
    return [text.textContent, Number(text.getAttribute('font-size')), text.getBBox().width];
})"""


def test_words_take_no_more_room_than_is_kept(context: BrowserContext) -> None:
    """In each font every line of words, Japanese or English, is at most as wide as it was reckoned."""
    page = context.new_page()
    seen = 0
    for chart in PROCEDURES.values():
        for language in ("ja", "en"):
            page.set_content(svg(chart, language="ja" if language == "ja" else "en", detail="full"))
            for font in FONTS:
                measured = page.evaluate(MEASURE, font)
                seen += len(measured)
                assert [] == [(font, words, width) for words, size, width in measured if width > room(words, size)]
    assert seen > 1000

"""Strategies for the plainest texts: digits, and what is typed at either width with something unseen around it."""

from __future__ import annotations

import string
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Texts = SearchStrategy[str]


FULL_WIDTH: Final = {ord(sign): ord(sign) + 0xFEE0 for sign in string.digits + string.ascii_letters + "+"}


_UNSEEN: Final = ("\u200e", "\u202a", "\u200b", "\u2060", "\ufeff", "\u00ad")


def digit_strings(least: int, most: int | None = None) -> Texts:
    """Strings of *least* to *most* ASCII digits; of *least* where nothing more is said."""
    return st.text(string.digits, min_size=least, max_size=most or least)


def in_widths(texts: Texts) -> Texts:
    """The same at half or full width, with blanks or unseen marks around it or not: what normalisation drops (F)."""
    wide = texts.map(lambda text: text.translate(FULL_WIDTH))
    pasted = st.builds(lambda text, mark: f"{mark}{text}{mark} ", texts, st.sampled_from(_UNSEEN))
    return st.one_of(texts, texts, wide, wide.map(lambda text: f" {text}　"), pasted)

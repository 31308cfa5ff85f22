"""Text is normalised before it is judged, by small pure functions that each do one thing (SPEC 4).

Japanese keyboards give the same digit, letter or kana in two widths, so what a person typed is brought to one
spelling first. Nothing here guesses: a superscript, a Kelvin sign, a tab or a newline stays what it is and is
found by whoever judges the result. Passwords and PINs never come here (F9, F10).
"""

from __future__ import annotations

import re
import unicodedata
from string import ascii_lowercase, ascii_uppercase

_FULL_TO_HALF = {
    **{0xFF10 + n: 0x30 + n for n in range(10)},
    **{0xFF21 + n: 0x41 + n for n in range(26)},
    **{0xFF41 + n: 0x61 + n for n in range(26)},
    0xFF0D: 0x2D,  # －
    0x2212: 0x2D,  # −, what input methods give for the full-width hyphen
    0x2010: 0x2D,  # ‐, as above
}
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_HALF_WIDTH_KANA = re.compile("[\uff65-\uff9f]+")
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")

# Tab and newline are control characters (Cc); zero-width and direction marks are formats (Cf).
_UNPRINTED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


BLANKS = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""Every character of category Zs: spaces of any width, neither tab nor newline."""

_WITHOUT_BLANKS = str.maketrans("", "", BLANKS)


def is_blank(character: str) -> bool:
    """Whether *character* is a space of any width: category Zs, so neither tab nor newline."""
    return character in BLANKS


def trimmed(text: str) -> str:
    """*text* without the blanks around it; a tab or a newline stays, to be refused."""
    return text.strip(BLANKS)


def half_width(text: str) -> str:
    """*text* with full-width digits, Latin letters and hyphens as their ASCII twins."""
    return text.translate(_FULL_TO_HALF)


def full_width_kana(text: str) -> str:
    """*text* with half-width katakana, their voicing marks included, in full width."""
    return _HALF_WIDTH_KANA.sub(lambda run: unicodedata.normalize("NFKC", run.group()), text)


def without_blanks(text: str) -> str:
    """*text* without any space in it."""
    return text.translate(_WITHOUT_BLANKS)


def without_variation_selectors(text: str) -> str:
    """*text* without the marks that choose a glyph of the same letter."""
    return _VARIATION_SELECTORS.sub("", text)


def ascii_lower(text: str) -> str:
    """*text* with A-Z as a-z and nothing else touched: `str.lower` would make a k of the Kelvin sign."""
    return text.translate(_LOWER)


def has_unprinted(text: str) -> bool:
    """Whether a control, format or surrogate character or a line separator is in *text*.

    Private-use characters are not meant: 外字 live there.
    """
    return not text.isprintable() and any(unicodedata.category(character) in _UNPRINTED for character in text)


def plain(text: str) -> str:
    """What is typed into a field that is no name: trimmed, half width, katakana in full width."""
    return full_width_kana(half_width(trimmed(text)))


def name(text: str) -> str:
    """What is typed as a name: as `plain`, composed (NFC: カ and a voicing mark are ガ), no space inside."""
    return unicodedata.normalize("NFC", without_blanks(plain(text)))


def name_key(text: str) -> str:
    """What two names are compared by: NFKC, blanks and variation selectors dropped (I2)."""
    return without_variation_selectors(without_blanks(unicodedata.normalize("NFKC", without_blanks(text))))

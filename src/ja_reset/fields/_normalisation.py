"""Text is normalised before it is judged, by small pure functions that each do one thing (specification, 4).

Japanese keyboards give the same digit, letter or kana in two widths, so input is brought to one spelling first.
Invisible characters come with pasted text and are dropped. Nothing is guessed: a tab or a newline is kept, and so are
(outside names) a superscript and a Kelvin sign; the reader of the field then refuses them. Names are brought to NFKC,
as the bank's own names are before the comparison (I2). Passwords and PINs are never normalised here (F9, F10).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from string import ascii_lowercase, ascii_uppercase

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2500\u2501\ufe58\ufe63\uff0d"
"""What input methods, word processors and pages give for a hyphen; ー, a letter of names, is not among them."""

_FULL_TO_HALF: dict[int, int | str] = {
    **{0xFF10 + n: 0x30 + n for n in range(10)},
    **{0xFF21 + n: 0x41 + n for n in range(26)},
    **{0xFF41 + n: 0x61 + n for n in range(26)},
    **dict.fromkeys(map(ord, DASHES), "-"),
}
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)

_CONTROLS = frozenset({"Cc", "Cf", "Zl", "Zp"})
_UNPRINTED = _CONTROLS | {"Cs"}

_SIGNS_OF_NAMES: dict[int, int | str] = {
    **dict.fromkeys(map(ord, "`\u00b4\u02b9\u02bb\u02bc\u2018\u2019\u201b\u2032"), "'"),
    **dict.fromkeys(map(ord, "\u00b7\u2022\u2027\u2219\u22c5"), "・"),
    **dict.fromkeys(map(ord, "\u2e40\u30a0"), "="),  # between the parts of a name: ジャン＝リュック
    **dict.fromkeys(map(ord, DASHES), "-"),
    # Text copied from PDF files has these for the kanji. NFKC knows all radicals of the Kangxi block and few of these;
    # the pairs are those of Unicode's EquivalentUnifiedIdeograph.
    **str.maketrans("⺠⻁⻄⻆⻑⻘⻝⻤⻨⻩⻫⻭⻯⻲", "民虎西角長青食鬼麦黄斉歯竜亀"),
}
_NOT_COMPARED = str.maketrans("", "", "'・.=-")
_ONE_KANA = str.maketrans("ァィゥェォッャュョヮヵヶヲ", "アイウエオツヤユヨワカケオ")

BLANKS = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""Every character of category Zs: spaces of any width, neither tab nor newline."""

_WITHOUT_BLANKS = str.maketrans("", "", BLANKS)


# Patterns are compiled when a text first needs them: who only looks at a chart reads none.


@cache
def _half_width_kana() -> re.Pattern[str]:
    return re.compile("[\uff65-\uff9f]+")


@cache
def _variation_selectors() -> re.Pattern[str]:
    return re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")


@cache
def _invisible() -> re.Pattern[str]:
    # Tab and newline are control characters (Cc), so they are not here.
    return re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]+")


@cache
def _long_marks() -> re.Pattern[str]:
    return re.compile("(?<=[\u30a1-\u30fa\u30fc-\u30fe])-+")


def is_blank(character: str) -> bool:
    """Whether *character* is a space of any width: category Zs, so neither tab nor newline."""
    return character in BLANKS


def trimmed(text: str) -> str:
    """*text* without the blanks around it; a tab or a newline stays, to be refused."""
    return text.strip(BLANKS)


def visible(text: str) -> str:
    """*text* without soft hyphens, zero-width and direction marks, which come invisibly with pasted text."""
    return _invisible().sub("", text)


def printed(text: str) -> str:
    """*text* without control and format characters and line separators: what fills a bank's record (I2)."""
    if text.isprintable():
        return text
    return "".join(character for character in text if unicodedata.category(character) not in _CONTROLS)


def half_width(text: str) -> str:
    """*text* with full-width digits and Latin letters as their ASCII twins, and every dash as a hyphen."""
    return text.translate(_FULL_TO_HALF)


def full_width_kana(text: str) -> str:
    """*text* with half-width katakana, their voicing marks included, in full width."""
    return _half_width_kana().sub(lambda run: unicodedata.normalize("NFKC", run.group()), text)


def without_blanks(text: str) -> str:
    """*text* without any space in it."""
    return text.translate(_WITHOUT_BLANKS)


def without_variation_selectors(text: str) -> str:
    """*text* without the marks that choose a glyph of the same letter."""
    return _variation_selectors().sub("", text)


def ascii_lower(text: str) -> str:
    """*text* with A-Z as a-z and nothing else touched: `str.lower` would make a k of the Kelvin sign."""
    return text.translate(_LOWER)


def has_unprinted(text: str) -> bool:
    """Whether *text* has a control, format or surrogate character, or a line separator.

    Private-use characters are allowed, because 外字 are among them.
    """
    return not text.isprintable() and any(unicodedata.category(character) in _UNPRINTED for character in text)


def plain(text: str) -> str:
    """What is typed into a field that is no name: trimmed, half width, katakana in full width, nothing invisible."""
    if text.isascii():  # none of what is replaced is ASCII
        return text.strip(" ")
    return full_width_kana(half_width(trimmed(visible(text))))


def name(text: str) -> str:
    """What is typed as a name: NFKC, no space and nothing invisible inside, one sign for each kind of mark (F1, F2).

    Apostrophes are `'`, middle dots `・`, double hyphens `=`, dashes `-`; a dash after katakana is ー.
    """
    text = unicodedata.normalize("NFKC", visible(text).translate(_SIGNS_OF_NAMES))
    # A spacing mark is a blank and a combining one in NFKC: without the blank the mark joins the letter before it.
    text = unicodedata.normalize("NFKC", without_blanks(text)).translate(_SIGNS_OF_NAMES)
    return _long_marks().sub(lambda run: "ー" * len(run.group()), text)


def name_key(text: str) -> str:
    """What two names are compared by (I2).

    As `name`; blanks, control characters, variation selectors, apostrophes, dots, and dashes that are no ー are
    dropped.
    """
    text = name(without_variation_selectors(printed(text)))
    return unicodedata.normalize("NFKC", text.translate(_NOT_COMPARED))


def kana_key(text: str, *, fold: bool) -> str:
    """What two kana names are compared by; with *fold*, small kana are large ones and ヲ is オ (I2)."""
    key = name_key(text)
    return key.translate(_ONE_KANA) if fold else key

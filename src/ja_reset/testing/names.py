"""Hypothesis strategies for names: as they are registered, as core banking stores them, as they are typed (F1, F2, I2).

Needs Hypothesis, so it is imported by its own name. Every record and every typed form of one name must match.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Texts = SearchStrategy[str]

_HALF_WIDTH: Final = {
    unicodedata.normalize("NFKC", kana): kana for kana in map(chr, range(0xFF61, 0xFFA0)) if kana not in "ﾞﾟ"
} | {"\u3099": "ﾞ", "\u309a": "ﾟ"}
_LARGE: Final = str.maketrans("ァィゥェォッャュョヮヵヶヲ", "アイウエオツヤユヨワカケオ")
_LETTERS: Final = [chr(code) for code in range(0x30A1, 0x30FB)]
_JOINTS: Final = ("", "", " ", "　", "・", "＝")
_FILLINGS: Final = ("", "", " ", "　　", "\x00", "\x00" * 8, "\t", "\r\n", "\ufeff")
_WAYS_TO_TYPE: Final = {
    "ー": "ーー-‐‑–—―−－ｰ",
    "・": "・･·•.",
    "＝": "＝=゠",
    "'": "'’‘＇´ʼ",
    "’": "'’‘＇´ʼ",
    "-": "-‐‑–—−－",
    "（": "（(",
    "）": "）)",
    "田": "田⽥",
    "一": "一⼀",
    "長": "長⻑",
    **{sign: f"{sign}{chr(ord(sign) + 0xFEE0)}" for sign in "0123456789ABCDEHINORYabcdeilmnorty"},
}
_UNSEEN: Final = ("", "", "", " ", "　", "\u200b", "\u200e", "\ufeff", "\u00ad")

PAIRS: Final = (
    ("ジャン＝リュック", "ジャン＝リュック"),
    ("オブライエン", "O’Brien"),
    ("ヤマダ（スズキ）ハナコ", "山田（鈴木）花子"),
    ("タナカイチロウ", "⽥中⼀郎"),
    ("ヘンリー", "HENRY 3RD"),
    ("マイケル・ジャクソン", "マイケル・ジャクソン"),
    ("ノウチュウ マーコ", "農中　マーコ"),
    ("カツヲ", "磯野カツヲ"),
    ("ハセガワ ヴィト", "長谷川ヴィト"),
    ("スミス＝ジョーンズ アン", "Smith-Jones, Anne"),
    ("タカハシハナコ", "髙橋花子"),
    ("カツラギ", "葛\U000e0100城"),
    ("キム", "김"),
    ("グエン", "Nguyễn Văn A."),
)
"""Kana and kanji of names that other systems turned away or lost."""


@st.composite
def _kana(draw: st.DrawFn) -> str:
    parts = draw(st.lists(st.text([*_LETTERS, "ー"], min_size=1, max_size=8), min_size=1, max_size=3))
    # ー begins no name, and after a mark it would be no long vowel
    parts = ["ア" + part if part.startswith("ー") else part for part in parts]
    return draw(st.sampled_from(_JOINTS)).join(parts)


def registered_names() -> SearchStrategy[tuple[str, str]]:
    """Kana and kanji of a name as its owner gave them to the bank."""
    kanji = st.text("見本太郎花子髙橋森次田中一長〇々ヶ崎", min_size=1, max_size=10)
    return st.one_of(st.sampled_from(PAIRS), st.tuples(_kana(), kanji), st.tuples(_kana(), _kana()))


def _half_width(kana: str) -> str:
    return "".join(
        "".join(_HALF_WIDTH.get(part, part) for part in unicodedata.normalize("NFD", letter)) for letter in kana
    )


@st.composite
def kept_kana(draw: st.DrawFn, kana: str) -> str:
    """*kana* as a record of core banking has it: large kana, オ for ヲ, half width, a hyphen for ー, filled up."""
    if draw(st.booleans()):
        kana = kana.translate(_LARGE)
    if draw(st.booleans()):
        kana = kana.replace("ー", draw(st.sampled_from("-－−")))
    if draw(st.booleans()):
        kana = _half_width(kana)
    return draw(kept(kana))


def kept(text: str) -> Texts:
    """*text* as a record of a fixed width has it: blanks, NULs, tabs or line ends behind it, and perhaps before."""
    fillings = st.sampled_from(_FILLINGS)
    return st.tuples(fillings, fillings).map(lambda filling: filling[0] + text + filling[1])


@st.composite
def typed_names(draw: st.DrawFn, name: str) -> str:
    """*name* as a person's keyboard, or what they paste from, gives it."""
    typed = "".join(draw(st.sampled_from(_WAYS_TO_TYPE.get(sign, sign))) for sign in name)
    at = draw(st.integers(0, len(typed)))
    typed = typed[:at] + draw(st.sampled_from(_UNSEEN)) + typed[at:]
    return unicodedata.normalize("NFD", typed) if draw(st.booleans()) else typed

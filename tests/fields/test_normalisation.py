"""Normalisation brings the two widths of one character together and nothing else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ja_reset.fields import _normalisation as norm

ASCII_TWINS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-"
BLANKS = " \u3000\u00a0\u2003"
INVISIBLE = "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202d\u202e\u2060\u2066\u2069\ufeff"
ANY_TEXT = st.text(st.characters(), max_size=40)


def _full(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in text)


@given(st.text(ASCII_TWINS, max_size=30))
def test_full_width_twins_become_ascii(text: str) -> None:
    """Full-width digits, Latin letters and hyphens read as the ASCII ones."""
    assert text == norm.half_width(_full(text))


@given(ANY_TEXT)
@example("²")
@example("\u212a")  # Kelvin sign
@example("٣")
@example("①")
@example("ー")
@example("\t")
def test_half_width_touches_nothing_but_the_twins(text: str) -> None:
    """A character that is no full-width twin stays what it is, so that look-alikes are found later."""
    twins = set(_full(ASCII_TWINS)) | (set(norm.DASHES) - {"-"})
    expected = [c for c in text if c not in twins]
    assert expected == [c for c, after in zip(text, norm.half_width(text), strict=True) if c == after]


@pytest.mark.parametrize(
    ("half", "full"),
    [("ｱ", "ア"), ("ｶﾞ", "ガ"), ("ﾊﾟ", "パ"), ("ｦﾝｯｰ", "ヲンッー"), ("ｳﾞ", "ヴ"), ("ﾉｳｷｮｳﾀﾛｳ", "ノウキョウタロウ")],
)
def test_half_width_katakana_become_full_width(half: str, full: str) -> None:
    """Half-width katakana read as the full-width ones, each with its voicing mark in one character."""
    assert full == norm.full_width_kana(half)


@given(st.text(st.characters(min_codepoint=0x30A1, max_codepoint=0x30FA), min_size=1, max_size=20))
def test_a_name_survives_being_decomposed(text: str) -> None:
    """A kana name composed or decomposed, as some file systems and phones give it, is one name."""
    assert text == norm.name(unicodedata.normalize("NFD", text))


def test_a_half_width_mark_joins_the_full_width_kana_before_it() -> None:
    """カ with a half-width voicing mark is ガ."""
    assert norm.name("カﾞ") == "ガ"


@given(st.text(BLANKS, max_size=4), st.text("a\t\n b", max_size=6), st.text(BLANKS, max_size=4))
def test_blanks_around_are_dropped(before: str, text: str, after: str) -> None:
    """Spaces of any width around a text go; a tab or a newline stays and keeps what it shields."""
    assert text.strip(BLANKS) == norm.trimmed(before + text + after)


@pytest.mark.parametrize("character", list("\t\n\r\x00\x85\u0600\u2028\u2029\ud800\udfff"))
def test_unprinted_characters_are_found(character: str) -> None:
    """Controls, surrogates and line separators are detected wherever they stand, also after trimming."""
    assert norm.has_unprinted(norm.name(f"農中{character}"))
    assert norm.has_unprinted(norm.plain(f"{character}農中"))


@pytest.mark.parametrize("mark", INVISIBLE, ids=lambda mark: f"U+{ord(mark):04X}")
def test_what_is_invisible_is_dropped(mark: str) -> None:
    """Soft hyphens, zero-width and direction marks leave no trace, and the blanks beside them go too."""
    pasted = f"{mark} 農{mark}中{mark}\u3000"
    assert ("農中", "農中", "農中") == (norm.plain(pasted), norm.name(pasted), norm.name_key(pasted))


@pytest.mark.parametrize("text", ["農中太郎", "\ue000", "葛\U000e0100", "𠮷", "ー", "O'Brien"])
def test_printed_characters_are_no_fault(text: str) -> None:
    """Kanji of any plane, 外字 in private use and variation selectors are characters like others."""
    assert not norm.has_unprinted(text)


@given(ANY_TEXT)
@example("\u00e9\u00b4-")
@example("ア\u30a0\u0338")
@example("e'\u0301")
@example("ア\ufe00-ｲ")
@example("カ\u309b")
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    """What is normalised is normal, and is compared as what was typed is."""
    name, key = norm.name(text), norm.name_key(text)
    assert (name, key) == (norm.name(name), norm.name_key(key))
    assert norm.plain(norm.plain(text)) == norm.plain(text)


@pytest.mark.rule("F9")
@given(ANY_TEXT)
@example("\u212aABC")
@example("İ")
def test_lower_case_is_of_ascii_letters_only(text: str) -> None:
    """A-Z alone have a lower case here: the Kelvin sign does not turn into a k."""
    expected = "".join(c.lower() if c.isascii() else c for c in text)
    assert expected == norm.ascii_lower(text)


@pytest.mark.rule("I2")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("農中 太郎", "農中太郎"),
        ("葛\U000e0100飾", "葛飾"),
        ("Ｊｏｈｎ", "John"),
        ("\ufa19", "神"),
        ("\u3000農\u00a0中", "農中"),
        ("⽥中⼀郎", "田中一郎"),
        ("⻑⾕川", "長谷川"),
        ("ジャン＝リュック", "ジャン゠リュック"),
        ("ジャン＝リュック", "ジャン・リュック"),
        ("ジャン・リュック", "ジャン リュック"),
        ("ジャン·リュック", "ｼﾞｬﾝ･ﾘｭｯｸ"),
        ("O’Brien", "O'Brien"),
        ("Ｏ＇Ｂｒｉｅｎ", "O´Brien"),
        ("O'Brien", "OBrien"),
        ("Jean‑Luc", "Jean-Luc"),
        ("Jean—Luc", "Jean Luc"),
        ("John Smith Jr.", "John Smith Jr"),
        ("山田（鈴木）花子", "山田(鈴木)花子"),
        ("HENRY 3RD", "ＨＥＮＲＹ　３ＲＤ"),
        ("HENRY Ⅲ", "HENRY III"),
        ("ピーター", "ピ-ター"),
        ("ピーター", "ピ−タ―"),
        ("マーコ\x00\x00", "マーコ"),
        ("農中\t太郎\r\n", "農中太郎"),
        ("\ufeff農中\u0085太郎\u2028", "農中太郎"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    """Widths, blanks, compatibility forms and variation selectors make no other name."""
    assert norm.name_key(one) == norm.name_key(other)


@pytest.mark.rule("I2")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("二", "ニ"), ("一", "ー"), ("ロ", "口"), ("ヘ", "へ"), ("斉", "斎"), ("a", "A")),
        *(("マーコ", "マコ"), ("ー之瀬", "之瀬"), ("ジャンーリュック", "ジャンリュック"), ("山田（鈴木）", "山田鈴木")),
        *(("キャ", "キヤ"), ("ヲ", "オ"), ("山", "山\ue000"), ("A&B", "AB")),
    ],
)
def test_look_alikes_have_keys_of_their_own(one: str, other: str) -> None:
    """Characters that merely look alike are different names, a name with ー another than the one without."""
    assert norm.name_key(one) != norm.name_key(other)


KANA = st.text(st.characters(min_codepoint=0x30A1, max_codepoint=0x30FC), max_size=20)


@pytest.mark.rule("I2")
@given(KANA | ANY_TEXT, KANA)
def test_folding_kana_is_done_once_and_letter_by_letter(text: str, more: str) -> None:
    """A folded key is folded, as long as the key itself, and equal keys are equal folded."""
    folded, key = norm.kana_key(text, fold=True), norm.kana_key(text, fold=False)
    assert (folded, key) == (norm.kana_key(folded, fold=True), norm.name_key(text))
    assert len(folded) == len(key)
    assert folded == norm.kana_key(key, fold=True)
    assert norm.kana_key(key + more, fold=True) == norm.kana_key(folded + more, fold=True)


@pytest.mark.rule("I2")
def test_the_kana_that_count_as_one() -> None:
    """The nine small kana of Japanese, small ワ, カ and ケ, and ヲ have a twin; every other katakana is itself."""
    letters = [chr(code) for code in (*range(0x30A1, 0x30FB), 0x30FC, 0x30FD, 0x30FE)]
    found = {each: norm.kana_key(each, fold=True) for each in letters}
    assert dict(zip("ァィゥェォッャュョヮヵヶヲ", "アイウエオツヤユヨワカケオ", strict=True)) == {
        each: other for each, other in found.items() if each != other
    }

"""How much room words take: East-Asian wide characters count two cells, as in a terminal and in most fonts.

It is reckoned in whole numbers and by ranges that are written here. Each Python has its own Unicode tables, and from
3.12 on `sum` rounds otherwise, but a drawing is the same to the last octet under all of them.
"""

from __future__ import annotations

_HALF_WIDTH = range(0xFF61, 0xFFDD)
"""Katakana and Hangul of half the width."""

_MARKS = (
    *(range(0x0300, 0x0370), range(0x1AB0, 0x1B00), range(0x1DC0, 0x1E00), range(0x20D0, 0x2100)),
    *(range(0x3099, 0x309B), range(0xFE00, 0xFE10), range(0xFE20, 0xFE30), range(0xE0100, 0xE01F0)),
    *(range(0x00AD, 0x00AE), range(0x200B, 0x2010), range(0x202A, 0x202F), range(0x2060, 0x2070)),
    range(0xFEFF, 0xFF00),
)
"""What stands over another character, and what is not seen."""

_CELLS = {
    **{chr(point): 1 for point in (*range(ord("~") + 1), *_HALF_WIDTH)},
    **dict.fromkeys("✓✗", 1),
    **{chr(point): 0 for marks in _MARKS for point in marks},
}
"""The cells of a character; one that is not here takes two."""


def cells(words: str) -> int:
    """The cells that *words* take; what has no width of its own in every font counts as wide, so that it fits."""
    return sum(_CELLS.get(sign, 2) for sign in words)


def wrapped(words: str, limit: int) -> list[str]:
    """*words* in lines of at most *limit* cells: broken at blanks, within a word only where it is Japanese or alone."""
    lines, taken = [""], 0
    for piece in _pieces(words):
        line, seen = lines[-1], piece.rstrip()
        if line and (taken + cells(seen) if seen else cells(line.rstrip())) > limit:
            lines[-1] = line.rstrip()
            lines.append(piece.lstrip())
            taken = cells(lines[-1])
        else:
            lines[-1] = line + piece
            taken += cells(piece)
    return [line.rstrip() for line in lines]


_NOT_FIRST = "、。，．）」』】！？ー・々ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
_NOT_LAST = "（「『【"


def _pieces(words: str) -> list[str]:
    """What may stand on a line of its own: a word with its blank, a Japanese character with its punctuation."""
    pieces: list[str] = []
    for sign in words:
        last = pieces[-1][-1] if pieces else " "
        breaks = last == " " or _CELLS.get(sign, 2) > 1 or _CELLS.get(last, 2) > 1
        if pieces and (sign == " " or sign in _NOT_FIRST or last in _NOT_LAST or not breaks):
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces


def room(words: str, size: float) -> float:
    """The pixels that *words* take at most at a font size, in whatever usual font: what is wide is one em and a little.

    Latin letters are measured by a bold, wide face with serifs, blanks by a monospaced one.
    """
    return sum(_em(sign) for sign in words) * size / 100


def _em(sign: str) -> int:
    """Hundredths of an em."""
    count = cells(sign)
    if count != 1:
        return count * 52
    if "A" <= sign <= "Z" or sign in "mw@%":
        return 88
    return 72 if "0" <= sign <= "9" else 65

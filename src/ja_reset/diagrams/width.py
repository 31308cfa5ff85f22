"""How much room words take: East-Asian wide characters count two cells, as in a terminal and in most fonts."""

from __future__ import annotations

import unicodedata

_WIDE = frozenset({"F", "W", "A"})
_NO_ROOM = frozenset({"Mn", "Me", "Cf"})


def cells(words: str) -> int:
    """The cells that *words* take; what is ambiguous counts as wide, so that it always fits."""
    return sum(_cells(sign) for sign in words)


def wrapped(words: str, limit: int) -> list[str]:
    """*words* in lines of at most *limit* cells: broken at blanks, within a word only where it is Japanese or alone."""
    lines = [""]
    for piece in _pieces(words):
        line = lines[-1]
        if line and cells((line + piece).rstrip()) > limit:
            lines[-1] = line.rstrip()
            lines.append(piece.lstrip())
        else:
            lines[-1] = line + piece
    return [line.rstrip() for line in lines]


def _cells(sign: str) -> int:
    if unicodedata.category(sign) in _NO_ROOM:
        return 0
    return 2 if unicodedata.east_asian_width(sign) in _WIDE else 1


_NOT_FIRST = "、。，．）」』】！？ー・々ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
_NOT_LAST = "（「『【"


def _pieces(words: str) -> list[str]:
    """What may stand on a line of its own: a word with its blank, a Japanese character with its punctuation."""
    pieces: list[str] = []
    for sign in words:
        last = pieces[-1][-1] if pieces else " "
        breaks = last == " " or _cells(sign) > 1 or _cells(last) > 1
        if pieces and (sign == " " or sign in _NOT_FIRST or last in _NOT_LAST or not breaks):
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces


def room(words: str, size: float) -> float:
    """The pixels that *words* take at most at a font size, in whatever usual font: what is wide is one em and a little.

    Latin letters are measured by a bold, wide face with serifs, blanks by a monospaced one.
    """
    return sum(_em(sign) for sign in words) * size


def _em(sign: str) -> float:
    count = _cells(sign)
    if count != 1:
        return count * 0.52
    if sign.isupper() or sign in "mw@%":
        return 0.88
    return 0.72 if sign.isdigit() else 0.65

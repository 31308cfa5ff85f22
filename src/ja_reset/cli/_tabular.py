"""A table that fits the terminal: columns side by side, each character as wide as it is shown."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Final

from ja_reset.diagrams._width import cells

_GAP: Final = "  "
_CUT: Final = "…"
_LEAST: Final = 14
"""Cells below which no column is cut: as many as a time takes."""
_UNKNOWN: Final = (160, 24)
"""The size where there is no terminal, and COLUMNS does not say it."""


def terminal_width() -> int:
    """How many cells a line of the terminal has."""
    return shutil.get_terminal_size(_UNKNOWN).columns


def tabular(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> tuple[list[str], bool]:
    """The lines of the table, and whether something was cut: the widest columns first, then the last ones go.

    A column that is empty in every row is left out.
    """
    kept = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    table = [[_seen(row[place]) for place in kept] for row in (heads, *rows)]
    widths = [max(map(cells, column)) for column in zip(*table, strict=True)]
    while widths and sum(widths) + len(_GAP) * (len(widths) - 1) > width:
        if max(widths) > _LEAST:
            widths[widths.index(max(widths))] -= 1
        elif len(widths) > 1:
            widths.pop()
        else:
            widths = [max(1, width)]
    lines, cut = [], False
    for row in table:
        shown = [_cut(cell, room) for cell, room in zip(row, widths, strict=False)]
        cut = cut or shown != row
        lines.append(_GAP.join(_filled(cell, room) for cell, room in zip(shown, widths, strict=True)).rstrip())
    return lines, cut


def _seen(cell: str) -> str:
    """Without what would steer the terminal."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in cell)


def _cut(cell: str, room: int) -> str:
    if cells(cell) <= room:
        return cell
    while cell and cells(cell) + cells(_CUT) > room:
        cell = cell[:-1]
    return cell + _CUT


def _filled(cell: str, room: int) -> str:
    return cell + " " * (room - cells(cell))

"""Bars as SVG, for the pages of `pages.py`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from harness import shown

_OURS, _OTHERS, _INK = "#1a6b3c", "#9aa5b1", "#222222"
_FONT: Final = "font-family=\"'Noto Sans CJK JP','Hiragino Sans','Yu Gothic',sans-serif\""


def panels_of_bars(panels: Sequence[tuple[str, Mapping[str, float]]], marked: str, note: str) -> str:
    """Panels in two columns, each a title and bars on a logarithmic scale; the bar *marked* has a colour of its own."""
    height = 50 + 22 * max(len(bars) for _, bars in panels)
    parts = []
    for number, (title, bars) in enumerate(panels):
        parts += _panel(title, bars, marked, 480 * (number % 2), height * (number // 2))
    whole = height * ((len(panels) + 1) // 2)
    return _svg(960, whole + 16, [*parts, _text(8, whole + 8, note, 11)])


def _panel(title: str, bars: Mapping[str, float], marked: str, left: int, top: int) -> list[str]:
    lowest, highest = math.log10(min(bars.values())), math.log10(max(bars.values()))
    parts = [_text(left + 8, top + 20, title, 14, "bold")]
    for number, (name, value) in enumerate(bars.items()):
        y = top + 34 + 22 * number
        width = 20 + 180 * (math.log10(value) - lowest) / max(highest - lowest, 1e-9)
        parts += [
            _text(left + 188, y + 12, name, 12, anchor="end"),
            _bar(left + 196, y, width, _OURS if name == marked else _OTHERS),
            _text(left + 202 + round(width), y + 12, shown(value), 11),
        ]
    return parts


def bars_in_percent(bars: Mapping[str, float]) -> str:
    """A bar for each name; the longest share fills the width."""
    most, parts = max(bars.values()), []
    for number, (name, value) in enumerate(bars.items()):
        y, width = 10 + 24 * number, 320 * value / most
        parts += [
            _text(428, y + 12, name, 12, anchor="end"),
            _bar(436, y, width, _OURS),
            _text(442 + round(width), y + 12, f"{value:.0f} %", 11),
        ]
    return _svg(820, 20 + 24 * len(bars), parts)


def _bar(x: int, y: int, width: float, colour: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width:.0f}" height="15" fill="{colour}"/>'


def _text(x: int, y: int, words: str, size: int, weight: str = "normal", *, anchor: str = "start") -> str:
    style = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{_INK}"'
    return f'<text x="{x}" y="{y}" {style}>{escape(words)}</text>'


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    ground = f'<rect width="{width}" height="{height}" fill="white"/>'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} {_FONT}>', ground, *parts, "</svg>", ""])

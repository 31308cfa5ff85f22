"""The code blocks of a Markdown page, with the remark that stands before each.

A remark is an HTML comment on the line before a fence, which no reader of the page sees:

    not run: REASON     the block is shown only, and REASON says why
    prints              the block (text) is what the Python block before it prints
    is: EXPRESSION      the block (JSON) is the value of EXPRESSION after the Python blocks before it
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

_REMARK: Final = re.compile(r"\s*<!-- (not run|prints|is)(?:: (.+?))? -->\s*")
_FENCE: Final = re.compile(r"\s*(`{3,}|~{3,}|:{3,})\s*(\S*)")


@attrs.frozen
class Block:
    """One fenced block: its language, its first line's number in the page, its text, the remark before it."""

    language: str
    line: int
    text: str
    remark: str | None = None
    said: str | None = None


def blocks(page: str) -> Iterator[Block]:
    """Every fenced block of *page*; a directive (`{name}`) is none, but what is fenced in its content is."""
    lines = page.splitlines()
    remark: re.Match[str] | None = None
    number = 0
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        if fence is None:
            remark = _REMARK.fullmatch(lines[number]) or (remark if not lines[number].strip() else None)
            number += 1
            continue
        marks, language = fence.groups()
        if language.startswith("{") or marks.startswith(":"):
            # the inside of a colon fence is Markdown; that of any other directive is its own affair
            number = number + 1 if marks.startswith(":") else _end(lines, number, marks) + 1
            continue
        end = _end(lines, number, marks)
        text = "\n".join(lines[number + 1 : end]) + "\n"
        said = (remark[1], remark[2]) if remark else (None, None)
        yield Block(language, number + 2, text, *said)
        remark, number = None, end + 1


def _end(lines: list[str], start: int, marks: str) -> int:
    """The number of the line that closes the fence; the end of the page where none does."""
    closing = re.compile(rf"\s*{re.escape(marks[0])}{{{len(marks)},}}\s*")
    return next((number for number in range(start + 1, len(lines)) if closing.fullmatch(lines[number])), len(lines))

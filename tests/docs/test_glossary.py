"""The words of the house are few, each has the field's word beside it, and both languages have the same ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("glossary.md", "ja/glossary.md")

MOST = 40
"""What a reader can be asked to learn: a new word takes the place of another one."""


def _rows(page: str, part: int) -> list[tuple[str, ...]]:
    """The rows of the tables below the heading number *part* of the page, cell by cell, without their heads."""
    below = re.split(r"^## ", (DOCS / page).read_text("utf-8"), flags=re.MULTILINE)[part]
    tables = re.findall(r"^\|.*\n\|(?:---\|)+\n((?:\|.*\n)+)", below, re.MULTILINE)
    return [tuple(cell.strip() for cell in row[1:-1].split("|")) for table in tables for row in table.splitlines()]


def test_the_words_of_the_house_are_few() -> None:
    """The library has at most forty words of its own, and each stands once."""
    words = [row[0] for row in _rows("glossary.md", 2)]
    assert len(words) <= MOST
    assert sorted(set(words)) == sorted(words)


@pytest.mark.parametrize("page", PAGES)
def test_every_word_has_the_fields_word_and_a_meaning(page: str) -> None:
    """No cell is empty: the word, the other language's, what the field calls it, what it is."""
    assert {4} == {len(row) for row in _rows(page, 2)}
    assert [] == [row for row in _rows(page, 2) if not all(row)]


def test_both_languages_have_the_same_words() -> None:
    """The two pages pair the same English and Japanese words, in the same order."""
    assert _rows("glossary.md", 1) == _rows("ja/glossary.md", 1)
    english, japanese = _rows("glossary.md", 2), _rows("ja/glossary.md", 2)
    assert [row[:2] for row in english] == [row[:2] for row in japanese]

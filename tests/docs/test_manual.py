"""Every fact of the bank's manual has a place here, and the text in that place says it (docs/manual.md)."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest

from ja_reset import Policies, Text
from ja_reset.demo._words import WORDS
from ja_reset.screens import PLANS, Screen
from ja_reset.testing.cast import INSTITUTION

DOCS = Path(__file__).parents[2] / "docs"
LEAST = 200
"""The facts that were found in the manual; a row is mended, never dropped."""


@attrs.frozen
class Fact:
    """A row of the page."""

    fact: str
    where: tuple[str, ...]
    ja: str
    en: str


def _facts() -> list[Fact]:
    found = []
    for line in (DOCS / "manual.md").read_text("utf-8").splitlines():
        if not line.startswith("| ") or line.startswith("| マニュアルの事実"):
            continue
        fact, _, where, ja, en = (cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])
        patterns = [cell.removeprefix("`").removesuffix("`").replace("\\|", "|") for cell in (ja, en)]
        found.append(Fact(fact, tuple(where.replace("`", "").split()), *patterns))
    return found


FACTS = _facts()


def _texts_of(screen: Screen) -> dict[str | None, Text]:
    """Every text of the screen by its key, and what it prints as its id."""
    texts = [screen.title, *screen.breadcrumb, *screen.notices, *(button.label for button in screen.buttons)]
    texts += [text for text in (screen.application, screen.keyboard) if text is not None]
    texts += [section.heading for section in screen.sections]
    for field in screen.fields:
        texts += [text for text in (field.label, field.hint, field.section) if text is not None]
        texts += [*field.notes, *(option.label for option in field.options)]
    printed = screen.printed_id or "–"
    return {**{text.key: text for text in texts}, "printed_id": Text(printed, printed)}


def _text_at(where: tuple[str, ...]) -> Text:
    """What stands in that place: a text of a screen, a word of the demo, or a rule. KeyError: nothing does."""
    if len(where) == 2:
        screens = [plan.render(Policies(), dial=INSTITUTION.dial) for plan in PLANS if plan.id == where[0]]
        return {key: text for screen in screens for key, text in _texts_of(screen).items()}[where[1]]
    place = where[0]
    if place.startswith("demo:"):
        return WORDS[place.removeprefix("demo:")]
    spec = (DOCS / "spec.md").read_text("utf-8")
    if place == "spec.md":
        return Text(spec, spec)
    rules = dict(re.findall(r"^- \*\*(\w+)\*\* (.*?)(?=^- \*\*|^#|\Z)", spec, re.DOTALL | re.MULTILINE))
    words = " ".join(rules[place].split())
    return Text(words, words)


@pytest.mark.rule("E1", "M1", "S9")
@pytest.mark.parametrize("fact", FACTS, ids=[f"{'-'.join(fact.where)}-{place}" for place, fact in enumerate(FACTS)])
def test_a_fact_of_the_manual_stands_where_the_page_says(fact: Fact) -> None:
    """The place exists, and its words carry the fact, in both languages."""
    text = _text_at(fact.where)
    assert re.search(fact.ja, text.ja)
    assert fact.en == "–" or re.search(fact.en, text.en)


def test_no_fact_is_without_a_place() -> None:
    """Each row has a place and words to look for, and none was dropped; only ids and rules have no English ones."""
    assert [] == [fact for fact in FACTS if not fact.fact or not fact.where or not fact.ja or fact.ja == "–"]
    assert [] == [fact for fact in FACTS if fact.en == "–" and len(fact.where) == 2 and fact.where[1] != "printed_id"]
    assert len(FACTS) >= LEAST


def test_no_pattern_is_met_by_nothing() -> None:
    """A text that was emptied would not pass."""
    assert [] == [fact for fact in FACTS if re.search(fact.ja, "") or re.search(fact.en, "")]

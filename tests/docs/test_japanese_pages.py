"""The pages in Japanese: they lead to the English ones and back, and take their programs from them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(page.name for page in (DOCS / "ja").glob("*.md") if page.name != "index.md")
INCLUDE = re.compile(r'^```\{include\} \.\./(\S+)\n:start-after: "(.+)"\n:end-before: "(.+)"\n```$', re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_and_its_translation_lead_to_each_other(name: str) -> None:
    """Below the heading of each stands a link to the other."""
    assert f"[English](../{name})" == (DOCS / "ja" / name).read_text("utf-8").splitlines()[2]
    assert f"[日本語](ja/{name})" == (DOCS / name).read_text("utf-8").splitlines()[2]


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_takes_from_another_is_programs(name: str) -> None:
    """What is included stands between two sentences of it: only programs, and what they print."""
    text = (DOCS / "ja" / name).read_text("utf-8")
    found = INCLUDE.findall(text)
    assert text.count("```{include}") == len(found)
    for page, start, end in found:
        source = (DOCS / page).read_text("utf-8")
        before, sentence, after = source.partition(start)
        taken, heading, _ = after.partition(end)
        assert (True, True, False) == (bool(sentence), bool(heading), start in after), (start, end, before[-80:])
        left = re.sub(r"^```\w+\n.*?^```$|^<!-- .* -->$", "", taken, flags=re.MULTILINE | re.DOTALL)
        assert "" == left.strip(), (start, end)


def test_programs_are_taken_where_they_are_long() -> None:
    """The page on adding a procedure shows the programs of the English page, which are run."""
    assert 13 <= len(INCLUDE.findall((DOCS / "ja" / "adding.md").read_text("utf-8")))


def _rules(text: str) -> dict[str, tuple[set[str], int]]:
    """By rule, the names in code that it uses, and how many of its sentences are our own decision."""
    parts = re.split(r"^- \*\*([A-Z]\d+a?)\*\*", text, flags=re.MULTILINE)
    told = {
        rule: re.split(r"^## ", body, flags=re.MULTILINE)[0]
        for rule, body in zip(parts[1::2], parts[2::2], strict=True)
    }
    return {
        rule: (set(re.findall(r"`([a-z_]+)`", body)), body.count("[ours]") + body.count("[独自]"))
        for rule, body in told.items()
    }


def test_the_specification_says_the_same_in_both_languages() -> None:
    """It has the same rules in the same order; each names the same figures and codes, and marks as many decisions."""
    english, japanese = (_rules((DOCS / name).read_text("utf-8")) for name in ("spec.md", "ja/spec.md"))
    assert list(english) == list(japanese)
    assert english == japanese


def test_the_figures_of_verification_are_the_same_in_both_languages() -> None:
    """The table of how verification grows has the same figures."""
    english, japanese = (
        re.findall(r"\| `([A-Z_]+)` \| (\d+) \| (\d+) \| (\d+) \|$", (DOCS / name).read_text("utf-8"), re.MULTILINE)
        for name in ("verification.md", "ja/verification.md")
    )
    assert 8 <= len(english)
    assert english == japanese

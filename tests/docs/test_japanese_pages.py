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

"""One word for one thing in all that customers and operators read: no text has a word that docs/terms.md rules out."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest

import ja_reset.demo
import ja_reset.play
import ja_reset.screens
from ja_reset import Text
from ja_reset.screens import CALL_TEXTS, SCREEN_TEXTS
from ja_reset.screens.messages import MESSAGES

PAGE = (Path(__file__).parents[2] / "docs" / "terms.md").read_text("utf-8")


def _texts_in(value: object, place: str) -> Iterator[tuple[str, Text]]:
    if isinstance(value, Text):
        yield place, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts_in(each, f"{place}[{key}]")
    elif isinstance(value, tuple | list):
        for number, each in enumerate(value):
            yield from _texts_in(each, f"{place}[{number}]")


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


TEXTS = {
    f"{module.__name__}.{place}": text
    for package in (ja_reset.screens, ja_reset.demo, ja_reset.play)
    for module in _modules(package)
    for name, value in vars(module).items()
    for place, text in _texts_in(value, name)
}


def _terms(heading: str) -> list[tuple[str, tuple[str, ...]]]:
    part = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    table = next(each for each in part if each.startswith(heading))
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in table.splitlines() if line.startswith("| ")][1:]
    return [
        (row[0].strip(), tuple(each.replace(r"\|", "|") for each in re.findall("`([^`]+)`", row[2]))) for row in rows
    ]


JAPANESE, ENGLISH = _terms("日本語"), _terms("English")


def test_the_page_is_of_all_texts() -> None:
    """All catalogues and the demo's words are looked through, and each term names what it rules out."""
    assert len({id(text) for text in TEXTS.values()}) >= len({*SCREEN_TEXTS, *CALL_TEXTS, *MESSAGES})
    assert any(place.startswith("ja_reset.demo._words.WORDS") for place in TEXTS)
    assert [] == [term for term, others in (*JAPANESE, *ENGLISH) if not others]


@pytest.mark.rule("S9")
@pytest.mark.parametrize(("term", "others"), JAPANESE, ids=[term for term, _ in JAPANESE])
def test_japanese_has_one_word_for_one_thing(term: str, others: tuple[str, ...]) -> None:
    """No Japanese text has another word for the term, and some text has the term."""
    found = {place: text.ja for place, text in TEXTS.items() for other in others if re.search(other, text.ja)}
    assert not found
    assert any(re.split("[、（]", term)[0] in text.ja for text in TEXTS.values())


@pytest.mark.rule("S9")
@pytest.mark.parametrize(("term", "others"), ENGLISH, ids=[term for term, _ in ENGLISH])
def test_english_has_one_word_for_one_thing(term: str, others: tuple[str, ...]) -> None:
    """No English text has another word for the term, and some text has the term."""
    found = {place: text.en for place, text in TEXTS.items() for other in others if re.search(other, text.en)}
    assert not found
    assert any(term.split(",", maxsplit=1)[0].lower() in text.en.lower() for text in TEXTS.values())

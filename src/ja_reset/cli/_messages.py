"""`ja-reset messages`: every text with its key and placeholders; what a translation of them lacks, or has wrongly."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from ja_reset.cli._arguments import add_chart
from ja_reset.cli._data_files import read_table
from ja_reset.cli._exits import EXIT_CODES, MISUSED, NOT_AS_EXPECTED, WELL, CommandError
from ja_reset.screens._wording import Judge, names_in, trouble_of_language
from ja_reset.text import is_other_language

_OURS = ("ja", "en")


@attrs.frozen
class Found:
    """What is to be said of a translation into one language."""

    language: str
    lacks: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to say."""
        return not self.lacks and not self.wrong


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.epilog = (
        'FILE has a table for each language, such as [vi], with its texts by their keys: "PHONE.title" = "...". It is\n'
        "what ResetService(messages=...) takes.\n\n" + EXIT_CODES
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    told = "a translation to be looked at: TOML, or JSON where the name ends in .json; without it, all texts are listed"
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help=told)
    parser.add_argument("--lang", metavar="TAG", help="the language of the list (ja, en), or the only one of FILE")
    add_chart(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """List the texts, or say what the file lacks."""
    judge = Judge([] if options.chart is None else [options.chart.texts])
    if options.file is None:
        return _list(judge, options.lang or "ja", as_json=options.json)
    found = [_looked_at(judge, language, words) for language, words in _languages(options.file, options.lang)]
    if options.json:
        told = {each.language: {"lacks": each.lacks, "wrong": each.wrong} for each in found}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for each in found:
            print("\n".join(_lines(each)))
    return WELL if all(each.is_well for each in found) else NOT_AS_EXPECTED


def _list(judge: Judge, language: str, *, as_json: bool) -> int:
    if language not in _OURS:
        msg = f"there are texts in ja and en, none in {language}; to look at a translation, give its FILE"
        raise CommandError(msg, MISUSED)
    texts = {key: judge.text(key) for key in judge.keys}
    if as_json:
        told = [{"key": key, **text.to_dict(), "placeholders": _names(text.ja)} for key, text in texts.items()]
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return WELL
    width = max(map(len, texts))
    for key, text in texts.items():
        names = _names(text.ja)
        print(f"{key:{width}}  {text.get(language)}" + (f"  [{', '.join(names)}]" if names else ""))
    return WELL


def _languages(path: Path, language: str | None) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The tables of the file, or that of *language* alone; raises CommandError where they are none."""
    tables = read_table(path)
    if language is not None:
        if language not in tables:
            msg = f"{path} has no table of the language {language}; it has {', '.join(tables) or 'none'}"
            raise CommandError(msg, MISUSED)
        tables = {language: tables[language]}
    for tag, words in tables.items():
        yield tag, _words(path, tag, words)


def _words(path: Path, tag: str, words: Any) -> Mapping[str, str]:  # noqa: ANN401 - as the file has it
    trouble: str | None
    if isinstance(words, dict):
        trouble = trouble_of_language(tag, words)
    else:
        trouble = f"{tag!r} must be a table of a language, such as [vi], with texts by their keys"
    if trouble is not None:
        msg = f"{path}: {trouble}"
        raise CommandError(msg, MISUSED)
    return words  # type: ignore[no-any-return]  # judged above


def _looked_at(judge: Judge, language: str, words: Mapping[str, str]) -> Found:
    wanted = judge.keys if is_other_language(language) else ()
    wrong = [trouble for key, text in words.items() if (trouble := judge.trouble(key, text)) is not None]
    for key in (each for each in judge.keys if each in words):
        left_out = [name for name in _names(judge.text(key).ja) if name not in _names(words[key])]
        if left_out:
            wrong.append(f"{key!r} leaves out {', '.join(f'{{{name}}}' for name in left_out)}")
    return Found(language, tuple(key for key in wanted if not words.get(key, "").strip()), tuple(wrong))


def _names(words: str) -> list[str]:
    return list(dict.fromkeys(name.strip("{}") for name in names_in(words)))


def _lines(found: Found) -> Iterator[str]:
    if found.is_well:
        yield f"{found.language}: every text is there"
        return
    yield f"{found.language}: {len(found.lacks)} lacking, {len(found.wrong)} wrong"
    yield from (f"  lacks  {key}" for key in found.lacks)
    yield from (f"  wrong  {trouble}" for trouble in found.wrong)

"""Checks of a host's own texts: their keys and the placeholders in them.

An unknown key would be ignored, and an unknown placeholder would be shown to customers in its braces. Both are typing
errors, and are found when a service or an Institution is created (S9).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from ja_reset.errors import InvalidArgument
from ja_reset.screens._call_texts import CALL_TEXTS
from ja_reset.screens._catalogue import SCREEN_TEXTS
from ja_reset.screens._named import CODES_OF_FIELDS, named_in
from ja_reset.screens._plans import PLANS
from ja_reset.screens._texts import Texts
from ja_reset.screens.messages import CODES, MESSAGES
from ja_reset.screens.placeholders import NO_TEXTS, Catalogue
from ja_reset.text import Text, is_language

_NAMED: Final = re.compile(r"\{\s*(?=[A-Za-z_}])[^{}]*\}?")
_FIELDS: Final = frozenset(field.name for plan in PLANS for field in plan.fields)
_SHOWN: Final = 60
"""The characters of a wrong key that its error shows."""

_WHERE: Final = (
    "keys are in ja_reset.screens.SCREEN_TEXTS, ja_reset.screens.CALL_TEXTS and ja_reset.screens.messages.MESSAGES, "
    "placeholders in ja_reset.screens.placeholders.PLACEHOLDERS"
)


def own_texts(value: object, charts: Iterable[Catalogue] = ()) -> Mapping[str, Text]:
    """A host's own texts, copied; None: none.

    Each is a Text by its key, or a language with the texts in it by their keys: `{"vi": {"PHONE.title": "…"}}`. A key
    is one of `SCREEN_TEXTS`, `CALL_TEXTS` or `MESSAGES`, or `code.field` of any code and field; or one of those of
    *charts*, for all that have it. Raises InvalidArgument for any other key, with the nearest one; for an
    unknown or unclosed placeholder; for a value of a chart's sessions that is not kept wherever the text is shown; and
    for anything else than such a mapping. What was judged with charts (`Chart.reworded`) is taken where none are given.
    """
    charts = tuple(charts)
    if isinstance(value, Catalogue | Texts) and not charts:
        return value
    texts = Texts(value, value.by_language) if isinstance(value, Catalogue | Texts) else _texts(value)
    judge = Judge(charts)
    for key, words in texts.each():
        trouble = judge.trouble(key, words)
        if trouble is not None:
            msg = f"messages: {trouble}; {_WHERE}"
            raise InvalidArgument(msg)
    return texts


def _texts(value: object) -> Texts:
    given = dict(value) if isinstance(value, Mapping) else {} if value is None else None
    if given is None or not all(map(_is_entry, given.items())):
        msg = "messages map a key of the catalogue to a Text, or a language to texts by their keys"
        raise InvalidArgument(msg)
    by_language = {language: each for language, each in given.items() if isinstance(each, Mapping)}
    for language, words in by_language.items():
        trouble = trouble_of_language(language, words)
        if trouble is not None:
            msg = f"messages: {trouble}"
            raise InvalidArgument(msg)
    return Texts({key: each for key, each in given.items() if isinstance(each, Text)}, by_language)


def _is_entry(entry: tuple[object, object]) -> bool:
    return isinstance(entry[0], str) and isinstance(entry[1], Text | Mapping)


def trouble_of_language(language: str, words: Mapping[str, str]) -> str | None:
    """What keeps *language* and its table from being texts by their keys; None where nothing does."""
    if not is_language(language):
        return (
            f"{language[:_SHOWN]!r} is no language tag such as 'vi' or 'zh-Hant'; a language stands outside, its texts "
            "by their keys inside"
        )
    wrong = next((key for key, text in words.items() if not isinstance(key, str) or not isinstance(text, str)), None)
    if wrong is None:
        return None
    return f"{language}: {str(wrong)[:_SHOWN]!r} must map a key such as 'PHONE.title', whole, to a str"


class Judge:
    """Knows the keys and the placeholders that there are, those of *charts* too."""

    def __init__(self, charts: Iterable[Catalogue] = ()) -> None:
        self._charts = tuple(charts)

    @property
    def keys(self) -> tuple[str, ...]:
        """The key of every text that there is, in the order of the catalogues."""
        return tuple(dict.fromkeys(chain(SCREEN_TEXTS, CALL_TEXTS, MESSAGES, *self._charts)))

    def text(self, key: str) -> Text:
        """The text of that key, as it is without a host's words."""
        return next(each[key] for each in (SCREEN_TEXTS, CALL_TEXTS, MESSAGES, *self._charts) if key in each)

    def trouble(self, key: str, words: str) -> str | None:
        """What is wrong with *words* under *key*, with the nearest that would be right; None where nothing is."""
        shows = [NO_TEXTS] if _is_key(key) else [chart for chart in self._charts if _is_key(key, chart)]
        if not shows:
            return f"there is no text {key[:_SHOWN]!r}{_near(key, chain(_keys(), *map(_keys, self._charts)))}"
        figures = frozenset.intersection(*(frozenset(chart.names).union(chart.kept.get(key, ())) for chart in shows))
        figures |= named_in(key, at_field=any(_is_at_field(key, chart) for chart in shows))
        for name in names_in(words):
            bare = name[1:-1]
            if bare not in figures and any(bare in kept for chart in shows for kept in chart.kept.values()):
                where = "a value that is not kept wherever this text is shown; name a figure, or let the states keep it"
                return f"{key!r} names {name[:_SHOWN]}, {where}"
            if bare not in figures or f"{{{bare}}}" != name:
                return f"{key!r} names {name[:_SHOWN]}, which is not a placeholder{_near(name.strip('{}'), figures)}"
        return None


def _is_key(key: str, chart: Catalogue = NO_TEXTS) -> bool:
    return key in chart or key in SCREEN_TEXTS or key in CALL_TEXTS or _is_reason(key, chart)


def _is_reason(key: str, chart: Catalogue) -> bool:
    code, _, field = key.partition(".")
    is_code = code in chart.codes or code in CODES
    return is_code and (key == code or key in MESSAGES or field in chart.fields or field in _FIELDS)


def _is_at_field(key: str, chart: Catalogue) -> bool:
    return _is_reason(key, chart) and key.partition(".")[0] in CODES_OF_FIELDS | chart.codes


def _keys(chart: Catalogue = NO_TEXTS) -> Iterator[str]:
    codes, fields = (*CODES, *chart.codes), (*_FIELDS, *chart.fields)
    return chain(SCREEN_TEXTS, CALL_TEXTS, MESSAGES, chart, (f"{code}.{field}" for code in codes for field in fields))


def names_in(words: str) -> Iterator[str]:
    """What begins like a figure in braces, or is empty braces; as it is written, closed or not."""
    return (found[0] for found in _NAMED.finditer(words))


def names_in_text(text: Text) -> Iterator[str]:
    """The same of a text, in each of its languages."""
    for words in text.words:
        yield from names_in(words)


def _near(given: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - loaded when first needed

    near = get_close_matches(given.strip(), sorted(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""

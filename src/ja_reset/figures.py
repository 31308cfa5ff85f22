"""The figures of the policies, as a text names them: `{password_max}` becomes what the institution's policy says.

Every whole number, duration and date of `ja_reset.policies` is a figure under its own name. A number stands as it
is, a duration with its unit, a date in words. A limit so never stands in a text as a literal, and a host's own text
may name any figure; a name that is none is left as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType

import attrs

from ja_reset.policies import Policies
from ja_reset.text import Text

Figure = int | timedelta | date

STANDARD = Policies()
"""The manual's figures, and ours where it is silent."""

NO_TEXTS: Mapping[str, Text] = MappingProxyType({})
"""No text replaced: what a host gives that has no words of its own (S9)."""

_SHOWN_AS_SECONDS = timedelta(minutes=10)  # the manual gives its windows in seconds, five minutes as well
_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _paths() -> dict[str, str]:
    paths = {}
    for policy in attrs.fields(Policies):
        part = getattr(STANDARD, policy.name)
        for field in attrs.fields(type(part)):
            value = getattr(part, field.name)
            if isinstance(value, Figure) and not isinstance(value, bool):
                paths[field.name] = f"{policy.name}.{field.name}"
    return paths


_PATHS = _paths()
_read = attrgetter(*_PATHS.values())

FIGURES: tuple[str, ...] = tuple(_PATHS)
"""The names that a text may use in braces."""


def figures_of(policies: Policies) -> tuple[Figure, ...]:
    """The figures of *policies* in the order of `FIGURES`: a key to cache by, whatever else the policies hold."""
    figures: tuple[Figure, ...] = _read(policies)
    return figures


@lru_cache(maxsize=64)
def figure_words(figures: tuple[Figure, ...]) -> Mapping[str, Text]:
    """What stands for each name of `FIGURES` in the two languages."""
    return MappingProxyType({name: _word(figure) for name, figure in zip(FIGURES, figures, strict=True)})


def fill(text: Text, words: Mapping[str, Text]) -> Text:
    """*text* with each `{name}` that *words* knows replaced; braces of any other kind stay as they stand."""
    if "{" not in text.ja and "{" not in text.en:
        return text
    ja = _NAME.sub(lambda found: words[found[1]].ja if found[1] in words else found[0], text.ja)
    en = _NAME.sub(lambda found: words[found[1]].en if found[1] in words else found[0], text.en)
    return Text(ja=ja, en=en)


def _word(figure: Figure) -> Text:
    if isinstance(figure, timedelta):
        return _duration(figure)
    if isinstance(figure, date):
        return Text(
            ja=f"{figure.year}年{figure.month}月{figure.day}日",
            en=f"{figure.day} {_MONTHS[figure.month - 1]} {figure.year}",
        )
    return Text(ja=str(figure), en=str(figure))


def _duration(span: timedelta) -> Text:
    seconds = span.total_seconds()
    if span >= _SHOWN_AS_SECONDS and seconds % 3600 == 0:
        return _counted(seconds / 3600, "時間", "hour")
    if span >= _SHOWN_AS_SECONDS and seconds % 60 == 0:
        return _counted(seconds / 60, "分", "minute")
    return _counted(seconds, "秒", "second")


def _counted(count: float, ja: str, en: str) -> Text:
    number = str(int(count)) if count == int(count) else str(count)
    return Text(ja=f"{number}{ja}", en=f"{number} {en}" if count == 1 else f"{number} {en}s")

"""The figures of the policies and the words that stand for them: loaded when a text first needs one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType

import attrs

from ja_reset.policies import Policies
from ja_reset.screens._texts import ANY
from ja_reset.text import Text

PlaceholderValue = int | str | timedelta | date | None

STANDARD = Policies()
"""The manual's figures, and ours where it is silent."""


_SHOWN_AS_SECONDS = timedelta(minutes=10)  # the manual gives its windows in seconds, five minutes as well

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def figure_names(policy: attrs.AttrsInstance) -> Iterator[str]:
    """The names of a policy's figures: its whole numbers, durations, dates and keys of the telephone."""
    for field in attrs.fields(type(policy)):
        value = getattr(policy, field.name)
        if (isinstance(value, int | timedelta | date) and not isinstance(value, bool)) or type(value) is str:
            yield field.name


_PATHS = {name: f"{part}.{name}" for part, policy in STANDARD.parts.items() for name in figure_names(policy)}
_read = attrgetter(*_PATHS.values())

PLACEHOLDERS: tuple[str, ...] = tuple(_PATHS)
"""The names that a text may use in braces."""


def placeholders_of(policies: Policies) -> tuple[PlaceholderValue, ...]:
    """The figures of *policies* in the order of `FIGURES`: a key to cache by, whatever else the policies hold."""
    figures: tuple[PlaceholderValue, ...] = _read(policies)
    return figures


@lru_cache(maxsize=64)
def placeholder_words(
    figures: tuple[PlaceholderValue, ...], names: tuple[str, ...] = PLACEHOLDERS
) -> Mapping[str, Text]:
    """What stands for each of *names* in the two languages, and in any other."""
    return MappingProxyType({name: _word(figure) for name, figure in zip(names, figures, strict=True)})


def _word(figure: PlaceholderValue) -> Text:
    if isinstance(figure, timedelta):
        return _duration(figure)
    if isinstance(figure, date):
        return Text(
            ja=f"{figure.year}年{figure.month}月{figure.day}日",
            en=f"{figure.day} {_MONTHS[figure.month - 1]} {figure.year}",
            more={ANY: figure.isoformat()},
        )
    word = "" if figure is None else str(figure)
    return Text(ja=word, en=word)


def _duration(span: timedelta) -> Text:
    seconds = span.total_seconds()
    if span >= _SHOWN_AS_SECONDS and seconds % 3600 == 0:
        return _counted(seconds / 3600, "時間", "hour", "h")
    if span >= _SHOWN_AS_SECONDS and seconds % 60 == 0:
        return _counted(seconds / 60, "分", "minute", "min")
    return _counted(seconds, "秒", "second", "s")


def _counted(count: float, ja: str, en: str, sign: str) -> Text:
    number = str(int(count)) if count == int(count) else str(count)
    others = {ANY: f"{number} {sign}"}
    return Text(ja=f"{number}{ja}", en=f"{number} {en}" if count == 1 else f"{number} {en}s", more=others)

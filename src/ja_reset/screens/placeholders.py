"""The limits of the policies as placeholders of texts: `{password_max}` becomes the limit of the institution.

Every whole number, duration and date of `ja_reset.policies` is a placeholder under its own name. A number is shown as
it is, a duration with its unit, a date in words. So no limit is written out in a text, and a host's own text may use
every placeholder. An unknown name is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Final

import attrs

from ja_reset.policies import Policies
from ja_reset.text import Text

PlaceholderValue = int | timedelta | date

STANDARD = Policies()
"""The manual's figures, and ours where it is silent."""


_SHOWN_AS_SECONDS = timedelta(minutes=10)  # the manual gives its windows in seconds, five minutes as well
_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def is_placeholder(name: str) -> bool:
    """Whether `{name}` is replaced in a text: a lower-case ASCII letter, then such letters, digits and _."""
    return _NAME.fullmatch(f"{{{name}}}") is not None


def figure_names(policy: attrs.AttrsInstance) -> Iterator[str]:
    """The names of a policy's figures: its whole numbers, durations and dates."""
    for field in attrs.fields(type(policy)):
        value = getattr(policy, field.name)
        if isinstance(value, PlaceholderValue) and not isinstance(value, bool):
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
    """What stands for each of *names* in the two languages."""
    return MappingProxyType({name: _word(figure) for name, figure in zip(names, figures, strict=True)})


class Catalogue(Mapping[str, Text]):
    """Texts by their keys that go before the library's, and the policies whose figures they may name.

    A service has one for each chart and institution: the chart's texts, the service's over them, the institution's
    over both. It is equal to itself alone, so that what is rendered from it can be cached.
    """

    __slots__ = ("_figures", "_texts", "charts", "codes", "fields", "kept", "names", "over", "policies")

    def __init__(
        self,
        *texts: Mapping[str, Text],
        policies: Iterable[type[attrs.AttrsInstance]] = (),
        values: Mapping[str, frozenset[str]] = MappingProxyType({}),
        codes: Iterable[str] = (),
        fields: Iterable[str] = (),
        charts: Iterable[Catalogue] = (),
    ) -> None:
        self._texts = {key: text for each in texts for key, text in each.items()}
        self.over: Mapping[str, Text] = texts[-1] if texts else self._texts
        """Those that were given last, and go before all others."""
        self.policies = tuple(policies)
        self._figures = tuple((kind, name) for kind in self.policies for name in figure_names(kind()))
        self.names = (*PLACEHOLDERS, *(name for _, name in self._figures))
        """The figures that its texts may name in braces, in the order of `figures`."""
        self.kept = values
        """By the key of a text, the values of a session that it may name: they are kept wherever it is shown."""
        self.codes, self.fields = frozenset(codes), frozenset(fields)
        """The reason codes of a chart's own, and the fields of its forms: a text may be `code.field`."""
        self.charts = tuple(charts)
        """The charts whose own texts these reword; another chart that has such a key keeps its words."""

    def __getitem__(self, key: str) -> Text:
        return self._texts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def figures(self, policies: Policies) -> tuple[PlaceholderValue, ...]:
        """The figures of *policies* in the order of `names`."""
        own = {kind: policies.of(kind) for kind in self.policies}
        return (*placeholders_of(policies), *(getattr(own[kind], name) for kind, name in self._figures))

    def words(self, policies: Policies) -> Mapping[str, Text]:
        """What stands for each of `names` in the two languages."""
        return placeholder_words(self.figures(policies), self.names)


NO_TEXTS: Final = Catalogue()
"""No text before the library's: what a host has that gives no words of its own (S9)."""


def catalogue_of(texts: Mapping[str, Text]) -> Catalogue:
    """*texts* as a catalogue, whose texts may name the library's figures alone."""
    return texts if isinstance(texts, Catalogue) else Catalogue(texts) if texts else NO_TEXTS


def fill(text: Text, words: Mapping[str, Text]) -> Text:
    """*text* with each `{name}` that *words* knows replaced; braces of any other kind stay as they stand."""
    if "{" not in text.ja and "{" not in text.en:
        return text
    ja = _NAME.sub(lambda found: words[found[1]].ja if found[1] in words else found[0], text.ja)
    en = _NAME.sub(lambda found: words[found[1]].en if found[1] in words else found[0], text.en)
    return Text(ja=ja, en=en)


def _word(figure: PlaceholderValue) -> Text:
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

"""The limits of the policies as placeholders of texts: `{password_max}` becomes the limit of the institution.

Every whole number, duration, date and telephone key of `ja_reset.policies` is a placeholder under its own name. A
number is shown as it is, a duration with its unit, a date in words. So no limit is written out in a text, and a host's
own text may use every placeholder. An unknown name is left as it is.

In other languages than Japanese and English a unit is its international sign (`120 s`, `10 min`, `24 h`), and a date is
ISO 8601.
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
from ja_reset.screens._texts import words_of
from ja_reset.text import Text

PlaceholderValue = int | str | timedelta | date | None

STANDARD = Policies()
"""The manual's figures, and ours where it is silent."""


_SHOWN_AS_SECONDS = timedelta(minutes=10)  # the manual gives its windows in seconds, five minutes as well
_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_ANY: Final = "und"
"""BCP 47's tag of no certain language: what a figure is in all that have no words of ours."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def is_placeholder(name: str) -> bool:
    """Whether `{name}` is replaced in a text: a lower-case ASCII letter, then such letters, digits and _."""
    return _NAME.fullmatch(f"{{{name}}}") is not None


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


class Catalogue(Mapping[str, Text]):
    """Texts by their keys that go before the library's, and the policies whose figures they may name.

    A service has one for each chart and institution: the chart's texts, the service's over them, the institution's
    over both, each language by itself. It is equal to itself alone, so that what is rendered from it can be cached.
    """

    __slots__ = (
        *("_figures", "_said", "_says_anything", "_texts", "by_language", "charts", "codes", "fields"),
        *("kept", "names", "over", "policies"),
    )

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
        self.by_language: dict[str, dict[str, str]] = {"ja": {}, "en": {}}
        """The words in each language by the keys of their texts."""
        for each in texts:
            for language, words in words_of(each).items():
                self.by_language.setdefault(language, {}).update(words)
        self._says_anything = any(self.by_language.values())
        self._said: dict[tuple[str, ...], Text] = {}
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

    def __bool__(self) -> bool:
        return self._says_anything

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def text(self, keys: tuple[str, ...], ours: Mapping[str, Text]) -> Text | None:
        """The text of the first of *keys* that there is, in each language by itself; else of *ours*, the library's.

        It names the key that its Japanese stands under.
        """
        said = self._said.get(keys)
        if said is None and (said := self._say(keys, ours)) is not None:
            self._said[keys] = said
        return said

    def _say(self, keys: tuple[str, ...], ours: Mapping[str, Text]) -> Text | None:
        base = next((key for key in keys if key in ours), None)
        found = {
            language: next((key for key in keys if key in words), None) for language, words in self.by_language.items()
        }
        said = {language: self.by_language[language][key] for language, key in found.items() if key is not None}
        if base is not None:
            said = {"ja": ours[base].ja, "en": ours[base].en, **said}
        if not said.keys() >= {"ja", "en"}:
            return None
        return Text(said.pop("ja"), said.pop("en"), more=said, key=found["ja"] or base)

    def figures(self, policies: Policies) -> tuple[PlaceholderValue, ...]:
        """The figures of *policies* in the order of `names`."""
        own = {kind: policies.of(kind) for kind in self.policies}
        return (*placeholders_of(policies), *(getattr(own[kind], name) for kind, name in self._figures))

    def words(self, policies: Policies) -> Mapping[str, Text]:
        """What stands for each of `names` in the two languages, and in any other."""
        return placeholder_words(self.figures(policies), self.names)


NO_TEXTS: Final = Catalogue()
"""No text before the library's: what a host has that gives no words of its own (S9)."""


def catalogue_of(texts: Mapping[str, Text]) -> Catalogue:
    """*texts* as a catalogue, whose texts may name the library's figures alone."""
    return texts if isinstance(texts, Catalogue) else Catalogue(texts) if texts else NO_TEXTS


def fill(text: Text, words: Mapping[str, Text]) -> Text:
    """*text* with each `{name}` that *words* knows replaced; braces of any other kind stay as they stand."""
    if not names_figures(text):
        return text

    def filled(said: str, language: str) -> str:
        return _NAME.sub(lambda found: _in(language, words[found[1]]) if found[1] in words else found[0], said)

    more = {language: filled(said, language) for language, said in text.more.items()}
    return Text(filled(text.ja, "ja"), filled(text.en, "en"), more=more, key=text.key)


def _in(language: str, word: Text) -> str:
    """A figure has no words in another language, but the signs of any; a label may have some."""
    there = any(language == tag or language.startswith(f"{tag}-") for tag in ("ja", "en", *word.more))
    return word.get(language if there else _ANY)


def names_figures(text: Text) -> bool:
    """Whether there is a brace in it, in any language."""
    return any("{" in said for said in text.words)


def _word(figure: PlaceholderValue) -> Text:
    if isinstance(figure, timedelta):
        return _duration(figure)
    if isinstance(figure, date):
        return Text(
            ja=f"{figure.year}年{figure.month}月{figure.day}日",
            en=f"{figure.day} {_MONTHS[figure.month - 1]} {figure.year}",
            more={_ANY: figure.isoformat()},
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
    others = {_ANY: f"{number} {sign}"}
    return Text(ja=f"{number}{ja}", en=f"{number} {en}" if count == 1 else f"{number} {en}s", more=others)

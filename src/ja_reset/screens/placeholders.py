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
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import attrs

from ja_reset.screens._texts import ANY, words_of
from ja_reset.text import Text

if TYPE_CHECKING:
    from ja_reset.policies import Policies
    from ja_reset.screens._figures import PlaceholderValue, figure_names, placeholder_words, placeholders_of

__all__ = [
    "NO_TEXTS",
    "PLACEHOLDERS",
    "STANDARD",
    "Catalogue",
    "catalogue_of",
    "figure_names",
    "fill",
    "is_placeholder",
    "names_figures",
    "placeholder_words",
    "placeholders_of",
]

PLACEHOLDERS: tuple[str, ...]
"""The names that a text may use in braces."""
STANDARD: Policies
"""The manual's figures, and ours where it is silent."""

_LATER: Final = frozenset(("PLACEHOLDERS", "STANDARD", "figure_names", "placeholder_words", "placeholders_of"))
"""What is loaded with the policies when it is first asked for: no chart of the library's needs it."""


_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def is_placeholder(name: str) -> bool:
    """Whether `{name}` is replaced in a text: a lower-case ASCII letter, then such letters, digits and _."""
    return _NAME.fullmatch(f"{{{name}}}") is not None


class Catalogue(Mapping[str, Text]):
    """Texts by their keys that go before the library's, and the policies whose figures they may name.

    A service has one for each chart and institution: the chart's texts, the service's over them, the institution's
    over both, each language by itself. It is equal to itself alone, so that what is rendered from it can be cached.
    """

    __slots__ = (
        *("_figures", "_said", "_says_anything", "_texts", "by_language", "charts", "codes", "fields"),
        *("kept", "over", "policies"),
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
        self._figures = tuple(_figures_of(self.policies)) if self.policies else ()
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

    @property
    def names(self) -> tuple[str, ...]:
        """The figures that its texts may name in braces, in the order of `figures`."""
        from ja_reset.screens._figures import PLACEHOLDERS  # noqa: PLC0415 - loaded for a service

        return (*PLACEHOLDERS, *(name for _, name in self._figures)) if self._figures else PLACEHOLDERS

    def figures(self, policies: Policies) -> tuple[PlaceholderValue, ...]:
        """The figures of *policies* in the order of `names`."""
        from ja_reset.screens._figures import placeholders_of  # noqa: PLC0415 - loaded for a service

        if not self._figures:
            return placeholders_of(policies)
        own = {kind: policies.of(kind) for kind in self.policies}
        return (*placeholders_of(policies), *(getattr(own[kind], name) for kind, name in self._figures))

    def words(self, policies: Policies) -> Mapping[str, Text]:
        """What stands for each of `names` in the two languages, and in any other."""
        from ja_reset.screens._figures import placeholder_words  # noqa: PLC0415 - loaded for a service

        return placeholder_words(self.figures(policies), self.names)


def _figures_of(kinds: Iterable[type[attrs.AttrsInstance]]) -> Iterator[tuple[type[attrs.AttrsInstance], str]]:
    from ja_reset.screens._figures import figure_names  # noqa: PLC0415 - loaded for a chart with policies of its own

    yield from ((kind, name) for kind in kinds for name in figure_names(kind()))


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
    return word.get(language if there else ANY)


def names_figures(text: Text) -> bool:
    """Whether there is a brace in it, in any language."""
    return any("{" in said for said in text.words)


if not TYPE_CHECKING:  # or a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        found = globals()[name] = getattr(import_module("ja_reset.screens._figures"), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""A host's own texts: by their keys in both languages, and by language in any (S9)."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from ja_reset.text import Text

ANY: Final = "und"
"""BCP 47's tag of no certain language: what a figure is in all that have no words of ours."""

ByLanguage = Mapping[str, Mapping[str, str]]
"""Words by their language, and by the key of their text."""


class Texts(Mapping[str, Text]):
    """Texts by their keys, and beside them words in single languages (`by_language`); equal to one that has the same.

    A mapping of what is there in Japanese and English. Words of `by_language` go before its texts.
    """

    __slots__ = ("_both", "by_language")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, both: Mapping[str, Text], by_language: ByLanguage) -> None:
        self._both = MappingProxyType(dict(both))
        self.by_language: ByLanguage = MappingProxyType(
            {language: MappingProxyType(dict(words)) for language, words in by_language.items() if words}
        )

    def each(self) -> Iterator[tuple[str, str]]:
        """Every key with its words, once for each language that they are there in."""
        yield from ((key, words) for key, text in self._both.items() for words in text.words)
        yield from (pair for words in self.by_language.values() for pair in words.items())

    def __getitem__(self, key: str) -> Text:
        return self._both[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._both)

    def __len__(self) -> int:
        return len(self._both)

    def __bool__(self) -> bool:
        return bool(self._both) or bool(self.by_language)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Texts):
            return self._both == other._both and self.by_language == other.by_language
        return not self.by_language and self._both == other

    def __reduce__(self) -> tuple[type[Texts], tuple[dict[str, Text], dict[str, dict[str, str]]]]:
        """For another process: a read-only mapping is not pickled."""
        return Texts, (dict(self._both), {language: dict(words) for language, words in self.by_language.items()})

    def __repr__(self) -> str:
        return repr({**self._both, **{language: dict(words) for language, words in self.by_language.items()}})


def words_of(texts: Mapping[str, Text]) -> ByLanguage:
    """The words of *texts* by language: those in single languages go before those of whole texts."""
    found: dict[str, dict[str, str]] = {"ja": {}, "en": {}}
    for key, text in texts.items():
        for language, words in (("ja", text.ja), ("en", text.en), *text.more.items()):
            found.setdefault(language, {})[key] = words
    single: ByLanguage = getattr(texts, "by_language", {})
    for language, of_keys in single.items():
        found.setdefault(language, {}).update(of_keys)
    return found


def without(texts: Mapping[str, Text], keys: Container[str]) -> Texts:
    """*texts* but for those of *keys*, in every language."""
    by_language = {
        language: {key: said for key, said in words.items() if key not in keys}
        for language, words in words_of(texts).items()
    }
    return Texts({key: text for key, text in texts.items() if key not in keys}, by_language)

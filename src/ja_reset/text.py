"""One text in Japanese and English, and in any other language that a host adds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.secret import by_value, shown

Language = Literal["ja", "en"]
"""The languages of the library's own texts."""

Messages: TypeAlias = "Mapping[str, Text | Mapping[str, str]]"
"""A host's own texts: each a Text by its key, or a language with the texts in it by their keys (S9)."""

NO_WORDS: Final[Mapping[str, str]] = MappingProxyType({})
"""No other language."""

_TAG: Final = r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,8}"
_OURS: Final = frozenset({"ja", "en"})


def is_language(tag: object) -> bool:
    """Whether it is a language tag of BCP 47 as it is usually written: `vi`, `zh-Hant`, `pt-BR`."""
    return (
        isinstance(tag, str) and re.fullmatch(_TAG, tag) is not None and tag != "key"
    )  # a name beside them in to_dict()


def is_other_language(tag: object) -> bool:
    """Whether it is the tag of a language that the library has no texts in."""
    return is_language(tag) and tag not in _OURS


def _words(_: object, attribute: attrs.Attribute[str], value: object) -> None:
    if not isinstance(value, str):
        msg = f"Text.{attribute.name} must be a str, not {type(value).__name__}"
        raise InvalidArgument(msg)


def _others(value: Mapping[str, str]) -> Mapping[str, str]:
    if value is NO_WORDS:
        return value
    if not isinstance(value, Mapping):
        msg = f"more must map languages to texts, as in {{'vi': '…'}}, not be a {type(value).__name__}"
        raise InvalidArgument(msg)
    for tag, words in value.items():
        if not is_other_language(tag) or not isinstance(words, str):
            msg = "more must map language tags such as 'vi' or 'zh-Hant' (not 'ja', 'en') to texts, each a str"
            raise InvalidArgument(msg)
    return MappingProxyType(dict(value)) if value else NO_WORDS


@by_value
@attrs.frozen(eq=False)
class Text:
    """The same text in Japanese and in English; raises InvalidArgument for a value that is not a str.

    `more` has it in other languages, by their tags (`vi`, `zh-Hant`). `key` is its key among the texts that a host may
    replace, where it has one; texts of the same words are equal whatever their keys.
    """

    __repr__ = shown

    ja: str = attrs.field(validator=_words)
    en: str = attrs.field(validator=_words)
    more: Mapping[str, str] = attrs.field(default=NO_WORDS, converter=_others, kw_only=True, hash=False, repr=False)
    key: str | None = attrs.field(default=None, kw_only=True, eq=False, repr=False)

    def __reduce__(self) -> tuple[Callable[[], Text], tuple[()]]:
        """For another process: a read-only mapping is not pickled."""
        return partial(Text, self.ja, self.en, more=dict(self.more), key=self.key), ()

    @property
    def words(self) -> tuple[str, ...]:
        """It in every language that it is there in."""
        return (self.ja, self.en, *self.more.values())

    def get(self, language: str) -> str:
        """The text in that language: of `pt-BR` also `pt`; in Japanese where it is not there in it."""
        if language == "ja" or not isinstance(language, str):
            return self.ja
        there = {"en": self.en, **{tag.lower(): words for tag, words in self.more.items()}}
        tag = language.lower()
        while tag and tag not in there:
            tag = tag.rpartition("-")[0]
        return there[tag] if tag else self.ja

    def to_dict(self, *languages: str) -> dict[str, str]:
        """Plain JSON: `{"key": …, "ja": …, "en": …}` and each other language that is there; no key where it has none.

        With *languages* these alone, each as `get` gives it.
        """
        words = {each: self.get(each) for each in languages} or {"ja": self.ja, "en": self.en, **self.more}
        return words if self.key is None else {"key": self.key, **words}

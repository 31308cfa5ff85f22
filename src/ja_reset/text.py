"""One text in the two languages of every screen and message."""

from __future__ import annotations

from typing import Literal

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.secret import shown

Language = Literal["ja", "en"]


def _words(_: object, attribute: attrs.Attribute[str], value: object) -> None:
    if not isinstance(value, str):
        msg = f"Text.{attribute.name} must be a str, not {type(value).__name__}"
        raise InvalidArgument(msg)


@attrs.frozen
class Text:
    """The same text in Japanese and in English; raises InvalidArgument for a value that is not a str."""

    __repr__ = shown

    ja: str = attrs.field(validator=_words)
    en: str = attrs.field(validator=_words)

    def get(self, language: Language) -> str:
        """The text in that language."""
        return self.ja if language == "ja" else self.en

    def to_dict(self) -> dict[str, str]:
        """Plain JSON: `{"ja": …, "en": …}`."""
        return {"ja": self.ja, "en": self.en}

"""One text in the two languages that every screen and message speaks."""

from __future__ import annotations

from typing import Literal

import attrs

Language = Literal["ja", "en"]


@attrs.frozen
class Text:
    """The same words in Japanese and in English."""

    ja: str
    en: str

    def get(self, language: Language) -> str:
        """The words in that language."""
        return self.ja if language == "ja" else self.en

    def to_dict(self) -> dict[str, str]:
        """Plain JSON: `{"ja": …, "en": …}`."""
        return {"ja": self.ja, "en": self.en}

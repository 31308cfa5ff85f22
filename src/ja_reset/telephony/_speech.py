"""A script as speech: what is said between two acts is one SSML document, which every speech engine takes.

Source: W3C, Speech Synthesis Markup Language 1.1 (`speak`, `prosody`, `break`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from ja_reset.bank._script import Gather, HangUp, Reject, Say, SayDigits, Step
from ja_reset.telephony import _scripts as scripts

RING: Final = timedelta(seconds=3)
"""One ring in Japan: a second of ringing, and two of silence."""

_LOCALES: Final = {"ja": "ja-JP", "en": "en-US"}


def parts(steps: tuple[Step, ...], language: str) -> Iterator[str | Gather | HangUp | Reject]:
    """The steps in their order; those that are said one after the other are one document of SSML."""
    said: list[str] = []
    for step in steps:
        if isinstance(step, Say):
            said.append(escaped(scripts.words(step, language)))
        elif isinstance(step, SayDigits):
            digits = '<break time="500ms"/>'.join(map(escaped, scripts.digit_words(step, language)))
            said.append(f'<prosody rate="slow">{digits}</prosody>')
        else:
            if said:
                yield _document(said, language)
                said = []
            yield step
    if said:
        yield _document(said, language)


def escaped(text: str) -> str:
    """Text for an element or an attribute of SSML."""
    from html import escape  # noqa: PLC0415 - loaded when first needed

    return escape(text, quote=True)


def _document(said: list[str], language: str) -> str:
    locale = escaped(_LOCALES.get(language, language))
    inner = '<break time="500ms"/>'.join(said)
    return f'<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="{locale}">{inner}</speak>'

"""What the steps of a script are made of, for any gateway: words without control characters, digits one by one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from ja_reset.bank._script import Gather, HangUp, Say, SayDigits, Step
from ja_reset.bank._values import CallResult

_KANA: Final = ("ゼロ", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅう")
"""As digits are read out on the telephone in Japan: よん and なな are not mistaken for each other, し and しち are."""


def steps(result: CallResult) -> tuple[Step, ...]:
    """The script of an answer; without one the gateway hangs up."""
    return result.script or (HangUp(),)


def words(step: Say, language: str) -> str:
    """What is said, on one line: control characters, line ends and broken characters become spaces."""
    return "".join(sign if sign.isprintable() else " " for sign in step.text.get(language))


def digit_words(step: SayDigits, language: str) -> Iterator[str]:
    """Each digit as a word of its own, in Japanese as it is read out on the telephone."""
    kana = language.partition("-")[0].lower() == "ja"
    for digit in step.digits.reveal():
        yield _KANA[int(digit)] if kana and digit in "0123456789" else digit


def whole_seconds(step: Gather) -> int:
    """The silence that ends an entry, in whole seconds, one at least: gateways count no fractions."""
    return max(1, math.ceil(step.silence.total_seconds()))

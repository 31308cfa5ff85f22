"""The caller's number in a report: what a stand-in for it means, and how a failed validation is passed on (P3)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ja_reset.bank._values import Presentation
from ja_reset.fields import _phone_numbers as phone_numbers

_MEANS: Final = {"withheld": Presentation.RESTRICTED, "unavailable": Presentation.UNAVAILABLE}
_FAILED: Final = ";verstat=TN-Validation-Failed"
_PLAIN: Final = re.compile(r"(?:\+81|0)[1-9][0-9]{8,9}", re.ASCII)  # no letter is on the keys 0 and 1: it is no word


class Presented(NamedTuple):
    """The number as it was presented, or None; and whether the caller lets it be shown."""

    number: str | None
    presentation: Presentation

    def __repr__(self) -> str:
        return f"Presented(presentation={self.presentation!r})"


def presented(text: str | None) -> Presented:
    """What stands in the place of the number: a stand-in for "anonymous" or "unavailable" is never a number."""
    if text is None or not phone_numbers.says_anything(text):
        return Presented(None, Presentation.UNAVAILABLE)
    if _PLAIN.fullmatch(text) is not None:
        return Presented(text, Presentation.ALLOWED)
    stand_in = phone_numbers.stand_in_for(text)
    if stand_in is not None:
        return Presented(None, _MEANS[stand_in])
    return Presented(text, Presentation.ALLOWED)


def with_failed_validation(number: str) -> str:
    """The number as a URI that says that the network found its signature wrong: P3 refuses it (`attestation`).

    `Call.attestation` has the levels A, B and C only. A failed validation is worse than none.
    """
    return f"{number if ':' in number else f'tel:{number}'}{_FAILED}"

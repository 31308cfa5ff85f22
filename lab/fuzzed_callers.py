"""A caller whose report is spoilt, and what every gateway has to tell about its reports."""

from __future__ import annotations

import random
import re
from abc import ABC, abstractmethod
from typing import Any, Final

import attrs

from ja_reset import Call

Pairs = list[tuple[str, Any]]

DIAL: Final = "+81120417000"


def is_in(chance: random.Random, share: float) -> bool:
    """True in that share of the cases."""
    return chance.random() < share


@attrs.frozen
class Caller:
    """A caller: the number in E.164, its spelling here, and why it is not accepted, if it is not."""

    number: str
    text: str
    shown: bool = True
    asserted: bool = True
    failed: bool = False
    diverted: bool = False


class Gateway(ABC):
    """How one gateway reports, and what its report has, told in plain conditions."""

    name: str
    places: tuple[str, ...]
    """The fields that the number stands in."""

    @abstractmethod
    def report(self, caller: Caller) -> Pairs:
        """A genuine report."""

    @abstractmethod
    def read(self, pairs: Pairs, chance: random.Random) -> Call:
        """What the adapter reads."""

    @abstractmethod
    def has(self, pairs: Pairs, number: str) -> bool:
        """Whether the report has exactly that number, shown, asserted, and nothing against it."""


def values(pairs: Pairs, *names: str, folded: bool = False) -> list[Any]:
    """Every value of the fields with one of these names; folded: as SIP compares names (RFC 3261, 7.3.1)."""
    return [value for name, value in pairs if (name.strip(" \t").lower() if folded else name) in names]


def says_failed(text: str) -> bool:
    """Whether a URI in it says that the network found the caller's signature wrong."""
    return re.search(r"[;?&]verstat=tn-validation-failed", text, re.IGNORECASE) is not None

"""The names of what a session may keep, told apart from `SessionData`: a chart is checked without a session."""

from __future__ import annotations

from enum import StrEnum, auto
from typing import Final


class Kept(StrEnum):
    """The fields of `SessionData`, but `own`; a member is equal to its name."""

    method = auto()
    ref = auto()
    phones = auto()
    chosen = auto()
    window = auto()
    answered = auto()
    activation = auto()
    email = auto()
    order = auto()
    issued = auto()


FACTS: Final = frozenset(Kept.__members__)
"""The names of the facts that a session of any chart can keep."""

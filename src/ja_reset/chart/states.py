"""What a state is: its kind, its screens, what it keeps, and what it means to the engine where it is final."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

import attrs

from ja_reset.chart.effects import EffectSpec, names_of
from ja_reset.screens import ScreenPlan
from ja_reset.secret import by_value, shown


class StateKind(Enum):
    """What a state waits for."""

    __hash__ = object.__hash__  # a member is itself alone; that of Enum is a function in Python

    FORM = "form"
    WAITING = "waiting"
    COMPLETING = "completing"
    SUCCESS = "success"
    ENDING = "ending"


class Ending(Enum):
    """What a final state that is no success means (M2); a chart may have others, which mean nothing to the engine."""

    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    LOCKED = "locked"
    CLOSED = "closed"


@by_value
@attrs.frozen(eq=False, kw_only=True)
class State:
    """A state: its one screen (`variants` by the chosen method), and the names of the session data that it keeps.

    `tolerates` are events that a page may send late: the answer is the current view, without a reason (P7). `on_entry`
    are effects that every transition into the state records, if they are due, after its own.
    """

    __repr__ = shown

    name: str
    kind: StateKind
    screen: ScreenPlan
    variants: Mapping[str, ScreenPlan] = attrs.field(default=MappingProxyType({}), hash=False)
    keeps: frozenset[str] = attrs.field(default=(), converter=names_of)
    tolerates: tuple[str, ...] = ()
    on_entry: tuple[EffectSpec, ...] = ()
    ending: Ending | None = None

    @property
    def is_final(self) -> bool:
        """Whether nothing follows."""
        return self.kind is StateKind.SUCCESS or self.kind is StateKind.ENDING

    def plan(self, method: str | None) -> ScreenPlan:
        """The screen for the method chosen."""
        return self.variants.get(method or "", self.screen)

    @property
    def plans(self) -> tuple[ScreenPlan, ...]:
        """Every screen that it may show."""
        return (self.screen, *(plan for plan in self.variants.values() if plan is not self.screen))

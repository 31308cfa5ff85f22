"""One step: a situation, what happened and what was told, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from types import MappingProxyType

import attrs

from ja_reset.bank._values import EffectKind
from ja_reset.chart.session import Session
from ja_reset.chart.transitions import Transition
from ja_reset.verify._samples import Sample
from ja_reset.verify._situations import NOTHING, NOW, Environment, Situation

_NOTHING: Mapping[str, Sample] = MappingProxyType({})


class Source(Enum):
    """Who makes something happen."""

    __hash__ = object.__hash__  # a member is itself alone; that of Enum is a function in Python

    CUSTOMER = "customer"
    TELEPHONE = "telephone"
    CLOCK = "clock"
    BANK = "bank"
    OTHERS = "others"


@attrs.frozen
class Event:
    """What happens: the chart's trigger (or a name of what others do), and what is told with it, fact by fact."""

    source: Source
    trigger: str
    told: tuple[str, ...] = ()


class Step:
    """A step from a situation, before it is known which situation it leads to.

    `transition`: None if none is taken (the bank gave no answer, or others act). `effects`: what it orders of the bank.
    `facts`: the samples of what was told, by the names of the facts. `against`: all that speaks in truth against them.
    `state`: that of the session that it leads to. `leaks`: where a secret that was entered stands in the open. `broke`:
    the error of a guard. `grace`: whether the window's grace is on afterwards. `truth`: what it adds to what has truly
    happened. `like`: an earlier step that it repeats in all but the counts of the session and of the truth. `number`:
    that of where it leads but for counts, and how many facts had been asked for when it was found.
    """

    __slots__ = (
        "against",
        "before",
        "broke",
        "effects",
        "environment",
        "event",
        "facts",
        "grace",
        "leaks",
        "like",
        "moved",
        "now",
        "number",
        "reasons",
        "session",
        "state",
        "times",
        "transition",
        "truth",
    )

    def __init__(
        self,
        before: Situation,
        event: Event,
        *,
        now: datetime = NOW,
        facts: Mapping[str, Sample] = _NOTHING,
        transition: Transition | None = None,
        effects: tuple[EffectKind | str, ...] = (),
        reasons: tuple[str, ...] = (),
        session: Session,
        environment: Environment,
        grace: bool = False,
        broke: str | None = None,
    ) -> None:
        self.before = before
        self.event = event
        self.now = now
        self.facts = facts
        self.transition = transition
        self.effects = effects
        self.reasons = reasons
        self.session = session
        self.state = session.state
        self.environment = environment
        self.grace = grace
        self.broke = broke
        self.leaks: tuple[str, ...] = ()
        self.like: Step | None = None
        self.times = 1
        self.number = (0, -1)
        self.truth = NOTHING
        self.moved = transition is not None and transition.to is not None
        against = frozenset[str]()
        for sample in facts.values():
            if sample.against:
                against |= sample.against
        self.against = against

    def repeated(self, before: Situation, session: Session, environment: Environment, *, alike: bool) -> Step:
        """The same from *before*, with what comes of it there; `alike`: but for counts, it is the same in all."""
        step = object.__new__(Step)
        step.before = before
        step.event = self.event
        step.now = self.now
        step.facts = self.facts
        step.transition = self.transition
        step.effects = self.effects
        step.reasons = self.reasons
        step.session = session
        step.state = session.state
        step.environment = environment
        step.grace = self.grace
        step.broke = self.broke
        step.leaks = self.leaks
        step.moved = self.moved
        step.against = self.against
        step.like = self if alike else None
        step.times = 1
        step.number = self.number
        step.truth = self.truth
        return step

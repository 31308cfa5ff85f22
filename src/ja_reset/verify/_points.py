"""How far a turn has come with the facts that it was told: what the machine does next, run once and remembered.

The machine sees the session, the present and the facts, and nothing of the world beside them. Many situations share a
session, so most of their turns are the same up to what they do to that world.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from enum import Enum
from typing import Final

import attrs

from ja_reset.chart.advance import Outcome, take
from ja_reset.chart.session import Session
from ja_reset.chart.turn import FactMissing
from ja_reset.proofs.attempts import IdentityAttempts, PinAttempts, WrongCodes
from ja_reset.proofs.waits import Waits
from ja_reset.verify._decisions import Decision, Decisions, Question
from ja_reset.verify._samples import Sample
from ja_reset.verify._strict import StrictTurn
from ja_reset.verify._unvaried import Reads

_BY_VALUE: Final = (PinAttempts, IdentityAttempts, WrongCodes, Waits, datetime, Enum, str, bool, type(None))
"""What equals another is as good: of other values each object stands for itself."""


def told_as(value: object) -> tuple[Hashable, type]:
    """What a fact is told as; a value that stands for itself alone is kept alive by the points that follow from it."""
    return (value if isinstance(value, _BY_VALUE) else id(value), type(value))


@attrs.define(eq=False)
class Point:
    """Where a turn stands: before `here`, which needs the fact `missing`, or at its `outcome`; neither if not run yet.

    `_told` keeps alive what `_following` knows by its identity.
    """

    state: str
    here: Question | Decision | None = None
    missing: str | None = None
    outcome: Outcome | None = None
    counts: frozenset[str] = frozenset()
    """The counts of the session that were read on the way."""
    _following: dict[Hashable, Point] = attrs.field(factory=dict, init=False)
    _told: list[object] = attrs.field(factory=list, init=False)

    @property
    def is_run(self) -> bool:
        """Whether the machine has run from here."""
        return self.outcome is not None or self.missing is not None

    def run(self, trigger: str, turn: StrictTurn, session: Session, decisions: Decisions, reads: Reads) -> None:
        """Run the machine to the next fact that it needs, or to its outcome; raises what a guard raises."""
        try:
            here = self.here or decisions.first(self.state, trigger, turn)
            while isinstance(here, Question):
                self.here = here
                here = here.asked(turn)
            self.here = here
            outcome = take(decisions.chart, here.transition, turn, session)
        except FactMissing as need:
            self.missing = need.name
            return
        finally:
            if turn.counted:
                self.counts |= turn.counted
        reads.note(outcome.transition, turn, here.answers)
        self.outcome = outcome

    def after(self, sample: Sample, session: Session | None) -> Point:
        """Where it stands with the missing fact told so, and the session as that leaves it (None: as it was)."""
        value = sample.value
        told = (*told_as(value), session)
        point = self._following.get(told)
        if point is None:
            point = self._following[told] = Point(self.state, self.here, counts=self.counts)
            self._told.append(value)
        return point

"""How far a turn has come with the facts that it was told: what the machine does next, run once and remembered.

The machine sees the session, the present and the facts, and nothing of the world beside them. Many situations share a
session, or differ in counts that nobody reads on the way, so most of their turns are the same up to what they do to
that world and to the counts.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from enum import Enum
from typing import Final, cast

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.advance import Outcome, take
from ja_reset.chart.transitions import Transition
from ja_reset.chart.turn import FactMissing
from ja_reset.machines import facts
from ja_reset.proofs.attempts import IdentityAttempts, PinAttempts, WrongCodes
from ja_reset.proofs.waits import Waits
from ja_reset.verify._counts import TRIES, ByCounts, Counts
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
class Run:
    """What the machine did from a point: it needs the fact `missing`, or it has chosen a transition.

    `reads`: the counts that were read on the way, and those by which the values of `missing` are chosen. `outcomes`:
    what the transition makes of a session, by its counts. What `_following` knows a value by, it keeps alive.
    """

    here: Question | Decision | None
    missing: str | None
    reads: frozenset[str]
    outcomes: dict[Counts, Outcome]
    _following: dict[Hashable, tuple[Point, object]]

    @property
    def transition(self) -> Transition:
        """What was chosen, where nothing is missing."""
        return cast("Decision", self.here).transition

    def outcome(self, turn: StrictTurn, counts: Counts, chart: Chart) -> Outcome:
        """What the transition makes of the session of *turn*, whose counts are these; raises as `take` does."""
        outcome = self.outcomes.get(counts)
        if outcome is None:
            outcome = self.outcomes[counts] = take(chart, self.transition, turn, turn.session)
        return outcome

    def after(self, sample: Sample, *, tried: bool) -> Point:
        """Where it stands with the missing fact told so; `tried`: and with a try counted for it."""
        value = sample.value
        told = (*told_as(value), tried)
        found = self._following.get(told)
        if found is None:
            found = self._following[told] = (Point(self.here), value)
        return found[0]


@attrs.define(eq=False)
class Point:
    """Where a turn stands: before `here`, and what was run from there."""

    here: Question | Decision | None = None
    runs: ByCounts[Run] = attrs.field(factory=ByCounts, init=False)

    def run(self, trigger: str, turn: StrictTurn, counts: Counts, decisions: Decisions, reads: Reads) -> Run:
        """Run the machine to the next fact that it needs, or to its outcome; raises what a guard raises."""
        here, session, missing, outcome = self.here, turn.session, None, None
        try:
            here = here or decisions.first(session.state, trigger, turn)
            while isinstance(here, Question):
                here = here.asked(turn)
            outcome = take(decisions.chart, here.transition, turn, session)
            reads.note(here.transition, turn, here.answers)
        except FactMissing as need:
            missing = need.name
        read = turn.counted | {TRIES} if missing == facts.IDENTITY_ATTEMPT.name else turn.counted
        run = Run(here, missing, frozenset(read), {} if outcome is None else {counts: outcome}, {})
        self.runs.keep(counts, run.reads, run)
        return run

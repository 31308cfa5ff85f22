"""Steps that repeat others: alike in all but counts of the session that nobody has read on the way.

Most situations differ in counts alone: how many tries, windows and wrong codes there were. From all that agree in the
counts which are read on the way, an event leads the same ways, so they are walked once. What the assigns make of the
counts is worked out for each, and what it leads to is compared: a step that keeps something else than the first is
judged whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import attrs

from ja_reset.chart._changed import changed
from ja_reset.chart.advance import take
from ja_reset.chart.session import Session
from ja_reset.machines import facts
from ja_reset.verify._abstraction import Abstraction
from ja_reset.verify._drafts import Draft
from ja_reset.verify._situations import Environment, Situation
from ja_reset.verify._steps import Event, Step
from ja_reset.verify._strict import DECLARED, Read, StrictTurn
from ja_reset.verify._truth import truth_after

Place = tuple[object, ...]
"""What a walk depends on, but for the counts of the session and of the truth."""

_FIELDS: Mapping[str, str] = MappingProxyType({fact.name: name for (_, name), fact in DECLARED.items()})
"""What the counts are called in a session."""


def place_of(before: Situation, event: Event, now: object, *, grace: bool) -> Place:
    """Where a walk begins: equal places give equal walks, unless a count is read."""
    session, environment = before.session, before.environment
    if session.tries or session.windows or session.wrong_codes:
        session = changed(session, tries=0, windows=0, wrong_codes=0)
    return (
        session,
        (environment.attempts, environment.tries, environment.wait, environment.beside, environment.ordered),
        environment.ghost.proofs,
        (before.grace, grace, now),
        (event.source, event.trigger, event.told),
    )


@attrs.define(eq=False)
class Walks:
    """The walks from a place, by the values of the counts that are read on one of them."""

    _reads: tuple[str, ...] = attrs.field(default=(), init=False)
    _by_counts: dict[tuple[int, ...], tuple[Repeat, ...]] = attrs.field(factory=dict, init=False)

    def found(self, session: Session) -> tuple[Repeat, ...] | None:
        """The walk with the counts of *session*, if it was walked before."""
        return self._by_counts.get(tuple([getattr(session, name) for name in self._reads]))

    def keep(self, session: Session, walk: Iterable[Repeat], reads: Iterable[str]) -> None:
        """Keep a *walk* that *reads* these counts of *session*; those that were kept for fewer counts are dropped."""
        named = {_FIELDS[name] for name in reads}
        if not named <= set(self._reads):
            self._reads = tuple(sorted(named.union(self._reads)))
            self._by_counts.clear()
        self._by_counts[tuple([getattr(session, name) for name in self._reads])] = tuple(walk)


@attrs.define(eq=False)
class Repeat:
    """A step that was walked to, and what repeats it from another situation.

    `tries`: how many the session had while it was decided, and afterwards (None: as before). `stays`: the session is as
    it was. `doubted`: the bank gave no answer about a PIN.
    """

    step: Step
    known: Mapping[str, object]
    tries: tuple[int, int] | None
    stays: bool
    doubted: bool
    _sessions: dict[tuple[int, int, int], tuple[Session, bool]] = attrs.field(factory=dict, init=False)

    @classmethod
    def of(cls, step: Step, draft: Draft, missing: str | None) -> Repeat:
        """What repeats *step*, to which *draft* has led; *missing*: what the bank gave no answer to."""
        counted = facts.IDENTITY_ATTEMPT.name in draft.known
        return cls(
            step,
            draft.known,
            tries=(draft.session.tries, step.session.tries) if counted else None,
            stays=step.session is draft.session and not counted,
            doubted=missing == facts.PIN_CHECK.name,
        )

    def again(self, before: Situation, abstraction: Abstraction, read: set[Read]) -> Step:
        """The step from *before*; raises what an assign raises of its counts."""
        session, alike = self._after(before.session, abstraction, read)
        first, environment = self.step.environment, before.environment
        step = self.step.repeated(before, session, alike=alike)
        ghost = environment.ghost
        if self.doubted:
            ghost = attrs.evolve(ghost, wrong_pins=ghost.wrong_pins + 1)
            step.environment = attrs.evolve(environment, ghost=ghost)
        ghost = truth_after(step, abstraction, proved=first.ghost.proofs)
        step.environment = Environment(first.attempts, first.tries, first.wait, first.ordered, ghost, first.beside)
        return step

    def _after(self, session: Session, abstraction: Abstraction, read: set[Read]) -> tuple[Session, bool]:
        """The session afterwards, and whether it is the first one's in all but counts."""
        if self.stays:
            return session, True
        counts = (session.tries, session.windows, session.wrong_codes)
        found = self._sessions.get(counts)
        if found is None:
            after = self._made(session, abstraction, read)
            alike = after.state == self.step.state and after.kept == self.step.session.kept
            found = self._sessions[counts] = (after, alike)
        return found

    def _made(self, session: Session, abstraction: Abstraction, read: set[Read]) -> Session:
        step, (began, ended) = self.step, self.tries or (session.tries, session.tries)
        if step.transition is None or not step.transition.assigns:
            return changed(step.session, tries=ended, windows=session.windows, wrong_codes=session.wrong_codes)
        session = changed(session, tries=began)
        turn = StrictTurn(session, step.now, abstraction.policies, self.known, read=read)
        after = take(abstraction.chart, step.transition, turn, session).session
        return after if self.tries is None else changed(after, tries=ended)

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
from ja_reset.chart.session import Session
from ja_reset.chart.turn import ask
from ja_reset.machines import facts
from ja_reset.verify._abstraction import Abstraction
from ja_reset.verify._drafts import Draft
from ja_reset.verify._points import told_as
from ja_reset.verify._situations import Situation
from ja_reset.verify._steps import Event, Step
from ja_reset.verify._strict import DECLARED, Read, StrictTurn
from ja_reset.verify._truth import truth_of

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
        event.trigger,
        now,
        (environment.attempts, environment.tries, environment.wait, environment.beside, environment.ordered),
        environment.ghost.proofs,
        (before.grace, grace, event.source, event.told),
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


Made = dict[tuple[int, int, int], Session]
"""By tries, windows and wrong codes before: the session afterwards."""


@attrs.define(eq=False)
class Repeat:
    """A step that was walked to, and what repeats it from another situation.

    `tries`: how many the session had while it was decided, and afterwards (None: as before). `stays`: the session is as
    it was.
    """

    step: Step
    known: Mapping[str, object]
    tries: tuple[int, int] | None
    stays: bool
    made: Made

    @classmethod
    def of(cls, step: Step, draft: Draft, made: dict[Place, Made]) -> Repeat:
        """What repeats *step*, to which *draft* has led; *made*: what steps make of the session that it began with."""
        known = draft.known
        tries = (draft.session.tries, step.session.tries) if facts.IDENTITY_ATTEMPT.name in known else None
        stays = tries is None and step.session is draft.session
        transition = step.transition
        if transition is None or not transition.assigns:
            makes: Place = (transition and transition.to, tries)
        else:
            makes = (id(transition), tries, *map(told_as, known.values()))
        return cls(step, known, tries, stays, made.setdefault(makes, {}))

    def again(self, before: Situation, abstraction: Abstraction, read: set[Read]) -> Step:
        """The step from *before*; raises what an assign raises of its counts."""
        session, alike = self._after(before.session, abstraction, read)
        first, truth = self.step.environment, self.step.truth
        if session.state != self.step.state:
            truth = truth_of(self.step.repeated(before, session, first, alike=False), abstraction)
        ghost = truth.after(before.environment.ghost, abstraction.limits)
        environment = first.after(ghost)
        return self.step.repeated(before, session, environment, alike=alike)

    def _after(self, session: Session, abstraction: Abstraction, read: set[Read]) -> tuple[Session, bool]:
        """The session afterwards, and whether it is the first one's in all but counts."""
        if self.stays:
            return session, True
        counts = (session.tries, session.windows, session.wrong_codes)
        found = self.made.get(counts)
        if found is None:
            found = self.made[counts] = self._of(session, abstraction, read)
        return found, found.state == self.step.state and found.kept == self.step.session.kept

    def _of(self, session: Session, abstraction: Abstraction, read: set[Read]) -> Session:
        step, (began, ended) = self.step, self.tries or (session.tries, session.tries)
        if step.transition is None or not step.transition.assigns:
            return changed(step.session, tries=ended, windows=session.windows, wrong_codes=session.wrong_codes)
        session = changed(session, tries=began)
        turn = StrictTurn(session, step.now, abstraction.policies, self.known, read=read)
        for assign in step.transition.assigns:  # what the reasons and effects read is the same, or it was walked anew
            ask(turn, assign)
            session = assign.change(turn, session)
        if step.transition.to is not None:
            session = session.enter(step.transition.to, abstraction.chart.states[step.transition.to].keeps)
        return session if self.tries is None else changed(session, tries=ended)

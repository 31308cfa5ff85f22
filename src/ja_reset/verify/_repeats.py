"""Steps that repeat others: alike in all but counts of the session that nobody has read on the way.

Most situations differ in counts alone: how many tries, windows and wrong codes there were. From all that agree in the
counts which are read on the way, an event leads the same ways, so they are walked once. What the assigns make of the
counts is worked out for each, and what it leads to is compared: a step that keeps something else than the first is
judged whole. So is the first one of each kind where other proofs were truly given before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs

from ja_reset.chart._changed import changed
from ja_reset.chart.session import Session
from ja_reset.machines import facts
from ja_reset.verify._abstraction import Abstraction
from ja_reset.verify._counts import Counts, counts_of, kept_uncounted
from ja_reset.verify._drafts import Draft
from ja_reset.verify._points import told_as
from ja_reset.verify._situations import Proof, Situation
from ja_reset.verify._steps import Step
from ja_reset.verify._strict import Read, StrictTurn
from ja_reset.verify._truth import truth_of

Proofs = tuple[Proof, ...]
Place = tuple[object, ...]
"""What is the same for all that do the same."""

Made = dict[Counts, Session]
"""By the counts before: the session afterwards."""


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
    _effect: Place | None = attrs.field(default=None, init=False)

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

    @property
    def effect(self) -> Place:
        """What it does, whatever it says: those that do the same lead to the same from each situation."""
        if self._effect is None:
            step, world, truth = self.step, self.step.environment, self.step.truth
            self._effect = (
                *(id(self.made), self.stays or kept_uncounted(step.session.kept), step.state, step.grace),
                *(id(each) for each in (world.attempts, world.tries, world.wait, world.beside)),  # or alike: no matter
                *(world.ordered, truth.proofs, truth.windows, truth.failures, truth.wrong_codes, truth.wrong_pins),
                truth.call_is_over,
            )
        return self._effect

    def again(self, before: Situation, abstraction: Abstraction, read: set[Read]) -> Step:
        """The step from *before*; raises what an assign raises of its counts."""
        session, alike = self._after(before.session, abstraction, read)
        first, truth = self.step.environment, self.step.truth
        if session.state != self.step.state:
            truth = truth_of(self.step.repeated(before, session, first, alike=False), abstraction)
        ghost = truth.after(before.environment.ghost, abstraction.limits)
        environment = first.after(ghost)
        return self.step.repeated(before, session, environment, alike=alike)

    def all_again(self, before: Situation, abstraction: Abstraction, read: set[Read]) -> tuple[Step]:
        """The one step from *before*; see `Alike.all_again`."""
        return (self.again(before, abstraction, read),)

    def elsewhere(self, before: Situation, abstraction: Abstraction, read: set[Read]) -> Repeat:
        """What repeats it where other proofs were given: with the step from *before*, which is judged whole."""
        session, _ = self._after(before.session, abstraction, read)
        step = self.step.repeated(before, session, self.step.environment, alike=False)
        step.number = (0, -1)
        if self.step.truth.proofs is not None:
            step.truth = attrs.evolve(self.step.truth, proofs=truth_of(step, abstraction).proofs)
        step.environment = step.environment.after(step.truth.after(before.environment.ghost, abstraction.limits))
        return Repeat(step, self.known, self.tries, self.stays, self.made)

    def _after(self, session: Session, abstraction: Abstraction, read: set[Read]) -> tuple[Session, bool]:
        """The session afterwards, and whether it is the first one's in all but counts."""
        if self.stays:
            return session, True
        counts = counts_of(session)
        found = self.made.get(counts)
        if found is None:
            found = self.made[counts] = self._of(session, abstraction, read)
        kept, first = found.kept, self.step.session.kept
        alike = kept == first or kept_uncounted(kept) == kept_uncounted(first)
        return found, alike and found.state == self.step.state

    def _of(self, session: Session, abstraction: Abstraction, read: set[Read]) -> Session:
        step, (began, ended) = self.step, self.tries or (session.tries, session.tries)
        transition = step.transition
        if began != session.tries:
            session = changed(session, tries=began)
        if transition is not None and transition.assigns:
            turn = StrictTurn(session, step.now, abstraction.policies, self.known, read=read)
            for assign in transition.assigns:  # what the reasons and effects read is the same, or it was walked anew
                turn.asker = assign
                session = assign.change(turn, session)
        if transition is not None and transition.to is not None:
            session = session.enter(transition.to, abstraction.chart.states[transition.to].keeps)
        return session if ended == session.tries else changed(session, tries=ended)


@attrs.frozen(eq=False)
class Alike:
    """The steps of a walk, or some of them, that do the same; all but the first of them need not be looked at."""

    first: Repeat
    others: tuple[Repeat, ...]

    @classmethod
    def of(cls, walk: Iterable[Repeat], is_shown: Callable[[Step], bool]) -> tuple[Alike, ...]:
        """A walk, in the order in which each leads somewhere first; those of which *is_shown* says so by themselves."""
        groups: list[list[Repeat]] = []
        found: dict[Place, list[Repeat]] = {}
        for repeat in walk:
            if is_shown(repeat.step):
                groups.append([repeat])
            elif repeat.effect in found:
                found[repeat.effect].append(repeat)
            else:
                found[repeat.effect] = [repeat]
                groups.append(found[repeat.effect])
        return tuple(cls(each[0], tuple(each[1:])) for each in groups)

    def all_again(self, before: Situation, abstraction: Abstraction, read: set[Read]) -> Iterator[Step]:
        """The steps from *before*; one for all of them, unless it is not the first one in all but counts."""
        step = self.first.again(before, abstraction, read)
        if step.like is not None:
            step.times += len(self.others)
            yield step
            return
        yield step
        for each in self.others:
            yield each.again(before, abstraction, read)

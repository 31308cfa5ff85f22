"""What becomes of the world and of the truth at the end of a turn, as it is done by the same values as in a turn.

`PinAttempts`, `IdentityAttempts` and `Wait` count and move on here as they do in the service.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import attrs

from ja_reset.bank._values import PinCheck
from ja_reset.chart._changed import changed
from ja_reset.chart.advance import Outcome
from ja_reset.chart.session import Session
from ja_reset.chart.transitions import EventRole, Transition, WaitWrite
from ja_reset.machines import facts
from ja_reset.machines.facts import AttemptState
from ja_reset.proofs.waits import Wait, WaitEnd
from ja_reset.verify._abstraction import Abstraction
from ja_reset.verify._counts import Counts
from ja_reset.verify._drafts import MINE, Draft
from ja_reset.verify._leaks import leaks
from ja_reset.verify._repeats import Made, Place, Repeat
from ja_reset.verify._samples import DIALS
from ja_reset.verify._situations import NOW, Environment, GhostState, Situation
from ja_reset.verify._steps import Event, Step
from ja_reset.verify._truth import truth_of


@attrs.define(eq=False, repr=False)
class Walked:
    """What is walked from, what its steps make of sessions, and the counts that were read on the way so far.

    `only`: the transitions that are asked for, by their identity; None: all of them, and no answer too.
    """

    before: Situation
    event: Event
    now: datetime
    grace: bool
    only: frozenset[int] | None
    counts: Counts
    made: dict[Place, Made]
    reads: frozenset[str] = frozenset()
    repeats: list[Repeat] = attrs.field(factory=list, init=False)
    """What repeats each of its steps."""
    has_broken: bool = attrs.field(default=False, init=False)
    alike: dict[Place, Step] = attrs.field(factory=dict, init=False)
    """Steps that were shown for all that do the same."""
    left: Counter[Step] = attrs.field(factory=Counter, init=False)
    """For how many more of them each stands."""

    def shown(self, step: Step, repeat: Repeat | None) -> Step:
        """Keep what repeats a *step*; None for one that breaks."""
        if repeat is None:
            self.has_broken = True
        else:
            self.repeats.append(repeat)
        return step

    def counted(self) -> Iterator[Step]:
        """The steps that stand for others that were left out, so that these are counted."""
        for step, times in self.left.items():
            step.times = times
            yield step
        self.left.clear()
        self.alike.clear()


@attrs.frozen(eq=False, repr=False)
class Consequences:
    """The steps that turns end with."""

    abstraction: Abstraction

    def taken(self, walked: Walked, draft: Draft, outcome: Outcome) -> Step:
        before, event, now = walked.before, walked.event, walked.now
        transition, session, environment = outcome.transition, outcome.session, draft.environment
        if facts.IDENTITY_ATTEMPT.name in draft.known or facts.PIN_ATTEMPT.name in draft.known:
            session, environment = self._settle(session, draft)
        environment = self._move_wait(before.session, session, environment, transition, now)
        if transition.wait is WaitWrite.CONTEST and environment.wait is not None:
            environment = environment.contested(now, self.abstraction.policies.phone.number_rest)
        if any(effect.locks for effect in outcome.effects):
            environment = changed(environment, attempts=environment.attempts.lock(()))
        for effect in outcome.effects:
            key = effect.key(before.session)
            if session.kept.order == key:
                environment = changed(environment, ordered=key)
        step = Step(
            before,
            Event(event.source, event.trigger, draft.told),
            now=now,
            facts=draft.facts,
            transition=transition,
            effects=tuple([effect.kind for effect in outcome.effects]),
            reasons=tuple([refusal.code for refusal in outcome.reasons]),
            session=session,
            environment=environment,
            grace=walked.grace and self._waits(session),
        )
        if step.moved or outcome.effects:
            step.leaks = tuple(leaks(draft.known, session, outcome.effects))
        return self._true(step, before.environment.ghost)

    def unanswered(self, walked: Walked, draft: Draft, name: str) -> Step:
        """No answer: the session stays, a try at an identity is given back, one at a PIN is not (C6, I5, L5)."""
        before, event, now = walked.before, walked.event, walked.now
        session, environment = self._settle(draft.session, draft)
        step = Step(
            before,
            Event(event.source, event.trigger, (*draft.told, f"{name}:no_answer")),
            now=now,
            facts=draft.facts,
            reasons=("temporarily_unavailable",),
            session=session,
            environment=environment,
            grace=before.grace,
        )
        # what the bank said before that is true all the same; perhaps the PIN was checked
        return self._true(step, environment.ghost, wrong_pins=1 if name == facts.PIN_CHECK.name else 0)

    def _true(self, step: Step, ghost: GhostState, *, wrong_pins: int = 0) -> Step:
        """With what has truly happened, which was *ghost*."""
        truth = truth_of(step, self.abstraction)
        step.truth = attrs.evolve(truth, wrong_pins=wrong_pins) if wrong_pins else truth
        after, environment = step.truth.after(ghost, self.abstraction.limits), step.environment
        if after is not environment.ghost:
            step.environment = environment.after(after)
        return step

    def broken(self, walked: Walked, draft: Draft, error: BaseException) -> Step:
        before, event, now = walked.before, walked.event, walked.now
        return Step(
            before,
            Event(event.source, event.trigger, draft.told),
            now=now,
            facts=draft.facts,
            session=before.session,
            environment=before.environment,
            grace=before.grace,
            broke=f"{type(error).__name__}: {error}",
        )

    def _settle(self, session: Session, draft: Draft) -> tuple[Session, Environment]:
        """The counts as the bank has answered (I5, L3, L5)."""
        environment, known = draft.environment, draft.known
        if known.get(facts.IDENTITY_ATTEMPT.name) is AttemptState.TAKEN:
            failed = facts.PROVED.name in known and known[facts.PROVED.name] is None
            tries = environment.tries.keep(MINE) if failed else environment.tries.give_back(MINE)
            environment = changed(environment, tries=tries)
            if not failed:
                session = changed(session, tries=session.tries - 1)
        if known.get(facts.PIN_ATTEMPT.name) is True:
            check = known.get(facts.PIN_CHECK.name)
            if isinstance(check, PinCheck):
                environment = changed(environment, attempts=environment.attempts.settle(MINE, check))
            else:
                environment = changed(environment, attempts=environment.attempts.doubt(MINE))
        return session, environment

    def _waits(self, session: Session) -> bool:
        return session.state in self.abstraction.waiting

    def _move_wait(
        self, before: Session, after: Session, environment: Environment, transition: Transition, now: datetime
    ) -> Environment:
        """What a transition does to the number's row (P8)."""
        phone = self.abstraction.policies.phone
        if transition.wait is WaitWrite.OPEN and after.phone and after.kept.window:
            until = after.kept.window.closes_at + phone.delivery_grace
            before_it, other = environment.wait, environment.beside
            if after.kept.window.dial == DIALS[1]:
                before_it, other = other, before_it
            begun = Wait.begin(after.id, until, phone.number_rest, before=before_it)
            return changed(environment, wait=begun, beside=other)
        held = environment.wait
        if held is None or held.session != before.id or not before.phone:
            return environment
        if not self._waits(before) or self._waits(after):
            return environment
        end, rest = WaitEnd.TIMED_OUT if transition.role is EventRole.WINDOW_CLOSED else WaitEnd.LEFT, phone.number_rest
        if transition.wait is WaitWrite.DISOWN:
            end, rest = WaitEnd.CONTESTED, max(rest, phone.not_me_rest)
        ended = held.succeeded(now) if transition.wait is WaitWrite.RELEASE else held.ended(end, now, rest)
        return changed(environment, wait=_as_of(ended, now))


def _as_of(wait: Wait | None, now: datetime) -> Wait | None:
    """A row that was written at *now*, as if that were NOW."""
    if wait is None or now == NOW:
        return wait
    by = now - NOW
    return Wait(wait.session, wait.until - by, wait.rests - by, wait.end, wait.earlier and wait.earlier - by)

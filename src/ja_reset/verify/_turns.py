"""One event of the chart, with every answer that its facts can give, by running the real machine.

A turn begins with no facts. A guard that wants to know one raises FactMissing: then the event goes on once for
each value that the fact can have here (`ja_reset.verify._choices`), and so on until a transition is taken. So the order
of the guards decides what is asked, as it does in a turn, and an answer that nobody needs is not guessed. What a turn
does to the counts and the number's row is done by the same values as in a turn: `PinAttempts`, `IdentityAttempts`,
`Wait`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime

import attrs

from ja_reset.bank._values import PinCheck
from ja_reset.chart import Chart
from ja_reset.chart.advance import Outcome
from ja_reset.chart.session import Session
from ja_reset.chart.transitions import EventRole, Transition, WaitWrite
from ja_reset.machines import facts
from ja_reset.machines.facts import AttemptState
from ja_reset.policies import Policies
from ja_reset.proofs.attempts import PinAttempts
from ja_reset.proofs.waits import Wait, WaitEnd
from ja_reset.verify._abstraction import Abstraction
from ja_reset.verify._choices import choices
from ja_reset.verify._decisions import Decisions
from ja_reset.verify._drafts import MINE, NO_ANSWER, Draft
from ja_reset.verify._leaks import leaks
from ja_reset.verify._points import Point
from ja_reset.verify._repeats import Made, Place, Repeat, Walks, place_of
from ja_reset.verify._samples import DIALS, NoSampleError, Sample
from ja_reset.verify._situations import NOW, Environment, GhostState, Situation
from ja_reset.verify._steps import Event, Step
from ja_reset.verify._strict import NotDeclaredError, Read, StrictTurn
from ja_reset.verify._truth import truth_of
from ja_reset.verify._unvaried import Reads
from ja_reset.verify._values import Values


@attrs.frozen(eq=False)
class Turns:
    """The turns of a chart under a policy. `given`: values of facts that the library does not know."""

    chart: Chart
    policies: Policies
    abstraction: Abstraction
    values: Values
    reads: Reads
    noted: set[Read] = attrs.field(factory=set, init=False)
    """Which reader has read which of the facts that it declares; it grows."""
    decisions: Decisions = attrs.field(init=False)
    _points: dict[tuple[Session, str, datetime], Point] = attrs.field(factory=dict, init=False)
    """How each turn begins that has been taken: the world beside the session does not change what the machine does."""
    _made: dict[Place, dict[Place, Made]] = attrs.field(factory=dict, init=False)
    """By where a walk begins but for the world, what its steps make of sessions."""
    _walks: dict[Place, Walks] = attrs.field(factory=dict, init=False)
    """Where each walk has led."""

    @decisions.default
    def _of_chart(self) -> Decisions:
        return Decisions(self.chart)

    @classmethod
    def of(cls, chart: Chart, policies: Policies, given: Mapping[str, tuple[Sample, ...]]) -> Turns:
        """The turns of *chart* under *policies*."""
        return cls(chart, policies, Abstraction.of(chart, policies), Values.of(chart, policies, given), Reads(chart))

    def take(self, before: Situation, event: Event, *, now: datetime = NOW, grace: bool = False) -> Iterator[Step]:
        """Every step that *event* can be from *before*, at *now*."""
        place = place_of(before, event, now, grace=grace)
        walks = self._walks.get(place)
        if walks is None:
            walks = self._walks[place] = Walks()
        repeated: list[Step] | None = None
        if (found := walks.found(before.session)) is not None:
            with suppress(Exception):  # an assign that breaks for these counts: walk, and see
                repeated = [each.again(before, self.abstraction, self.noted) for each in found]
        if repeated is not None:
            yield from repeated
            return
        walk: list[Repeat] | None = []
        made = self._made.setdefault(place[:3], {})
        reads: set[str] = set()
        combined = len(self.values.combined)
        for step, draft, point in self._walk(before, event, now, grace=grace):
            reads |= point.counts
            if facts.IDENTITY_ATTEMPT.name in draft.known:
                reads.add(facts.SESSION_TRIES.name)  # it depends on them whether one is free
            if step.broke is not None:
                walk = None
            elif walk is not None:
                walk.append(Repeat.of(step, draft, made))
            yield step
        if walk is not None and combined == len(self.values.combined):
            walks.keep(before.session, walk, reads)

    def _walk(
        self, before: Situation, event: Event, now: datetime, *, grace: bool
    ) -> Iterator[tuple[Step, Draft, Point]]:
        form = self.chart.form(before.state, event.trigger, before.session.kept.method)
        todo = [(Draft(before.session, before.environment, {}, {}, event.told), self._begin(before, event, now))]
        while todo:
            draft, point = todo.pop()
            try:
                if not point.is_run:
                    turn = StrictTurn(draft.session, now, self.policies, draft.known, read=self.noted)
                    point.run(event.trigger, turn, draft.session, self.decisions, self.reads)
            except (NoSampleError, NotDeclaredError):
                raise
            except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a guard raises is a finding
                yield self._broken(before, event, draft, now, error), draft, point
                continue
            if point.outcome is not None:
                yield self._taken(before, event, draft, now, point.outcome, grace=grace), draft, point
            elif (name := point.missing) is not None:
                self.abstraction.asked.add((before.state, name))
                more = list(choices(self.values, name, draft, now, form))
                for sample, session, environment in reversed(more):
                    if sample is NO_ANSWER:
                        yield self._unanswered(before, event, draft, now, name), draft, point
                    else:
                        self.values.note(name, sample)
                        known = draft.with_fact(name, sample, session=session, environment=environment)
                        todo.append((known, point.after(sample, session)))

    def _begin(self, before: Situation, event: Event, now: datetime) -> Point:
        began = (before.session, event.trigger, now)
        point = self._points.get(began)
        if point is None:
            point = self._points[began] = Point(before.state)
        return point

    def tries_left(self, attempts: PinAttempts) -> int:
        """How many PINs can be tried now."""
        return attempts.tries_left(self.policies.lockout.pin_attempts)

    # What becomes of it -----------------------------------------------------------------------------------

    def _taken(
        self, before: Situation, event: Event, draft: Draft, now: datetime, outcome: Outcome, *, grace: bool
    ) -> Step:
        transition, session, environment = outcome.transition, outcome.session, draft.environment
        if facts.IDENTITY_ATTEMPT.name in draft.known or facts.PIN_ATTEMPT.name in draft.known:
            session, environment = self._settle(session, draft)
        environment = self.move_wait(before.session, session, environment, transition, now)
        if transition.wait is WaitWrite.CONTEST and environment.wait is not None:
            environment = environment.contested(now, self.policies.phone.number_rest)
        if any(effect.locks for effect in outcome.effects):
            environment = attrs.evolve(environment, attempts=environment.attempts.lock(()))
        for effect in outcome.effects:
            key = effect.key(before.session)
            if session.kept.order == key:
                environment = attrs.evolve(environment, ordered=key)
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
            grace=grace and self._waits(session),
        )
        if step.moved or outcome.effects:
            step.leaks = tuple(leaks(draft.known, session, outcome.effects))
        return self._true(step, before.environment.ghost)

    def _unanswered(self, before: Situation, event: Event, draft: Draft, now: datetime, name: str) -> Step:
        """No answer: the session stays, a try at an identity is given back, one at a PIN is not (C6, I5, L5)."""
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

    def _broken(self, before: Situation, event: Event, draft: Draft, now: datetime, error: BaseException) -> Step:
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
            environment = attrs.evolve(environment, tries=tries)
            if not failed:
                session = attrs.evolve(session, tries=session.tries - 1)
        if known.get(facts.PIN_ATTEMPT.name) is True:
            check = known.get(facts.PIN_CHECK.name)
            if isinstance(check, PinCheck):
                environment = attrs.evolve(environment, attempts=environment.attempts.settle(MINE, check))
            else:
                environment = attrs.evolve(environment, attempts=environment.attempts.doubt(MINE))
        return session, environment

    def _waits(self, session: Session) -> bool:
        return session.state in self.abstraction.waiting

    def move_wait(
        self, before: Session, after: Session, environment: Environment, transition: Transition, now: datetime
    ) -> Environment:
        """What a transition does to the number's row (P8)."""
        phone = self.policies.phone
        if transition.wait is WaitWrite.OPEN and after.phone and after.kept.window:
            until = after.kept.window.closes_at + phone.delivery_grace
            before_it, other = environment.wait, environment.beside
            if after.kept.window.dial == DIALS[1]:
                before_it, other = other, before_it
            begun = Wait.begin(after.id, until, phone.number_rest, before=before_it)
            return attrs.evolve(environment, wait=begun, beside=other)
        held = environment.wait
        if held is None or held.session != before.id or not before.phone:
            return environment
        if not self._waits(before) or self._waits(after):
            return environment
        end, rest = WaitEnd.TIMED_OUT if transition.role is EventRole.WINDOW_CLOSED else WaitEnd.LEFT, phone.number_rest
        if transition.wait is WaitWrite.DISOWN:
            end, rest = WaitEnd.CONTESTED, max(rest, phone.not_me_rest)
        ended = held.succeeded(now) if transition.wait is WaitWrite.RELEASE else held.ended(end, now, rest)
        return attrs.evolve(environment, wait=_as_of(ended, now))


def _as_of(wait: Wait | None, now: datetime) -> Wait | None:
    """A row that was written at *now*, as if that were NOW."""
    if wait is None or now == NOW:
        return wait
    by = now - NOW
    return Wait(wait.session, wait.until - by, wait.rests - by, wait.end, wait.earlier and wait.earlier - by)

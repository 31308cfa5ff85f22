"""What happens besides: time, the bank's answers, and what other sessions do to the rows that all share.

What others do to a row is explored only where the session can read it: elsewhere it makes no difference when it
happens, so it is as good as done just before the row is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import attrs

from ja_reset.bank._values import PinCheck
from ja_reset.chart._deadlines import clock_is_behind, due
from ja_reset.chart.session import Session
from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import EventRole
from ja_reset.machines import facts
from ja_reset.proofs.attempts import IdentityAttempts, PinAttempts
from ja_reset.proofs.waits import Wait, WaitEnd
from ja_reset.verify._situations import INSTANT, LINES, NOW, OTHER, Environment, Situation
from ja_reset.verify._steps import Event, Source, Step
from ja_reset.verify._turns import Turns


@attrs.frozen(eq=False)
class EnvironmentMoves:
    """Everything that can happen in a situation, with what may be told with it."""

    turns: Turns

    def steps(self, here: Situation) -> Iterator[Step]:
        """Every step from *here* that leads out by the chart, the clock or the bank."""
        state = self.turns.chart.states[here.state]
        if state.is_final:
            return
        yield from self._customer(here, state.kind)
        yield from self._clock(here, state.kind)
        yield from self._told_by_others(here)
        if state.kind is StateKind.WAITING:
            yield from self._telephone(here)
        if here.environment.ordered is not None and here.environment.ordered == here.session.kept.order:
            yield from self._bank(here)

    def _customer(self, here: Situation, kind: StateKind) -> Iterator[Step]:
        chart = self.turns.chart
        for trigger in chart.events(here.state):
            if kind is not StateKind.COMPLETING or chart.has(here.state, trigger):
                yield from self.turns.take(here, Event(Source.CUSTOMER, trigger), grace=here.grace)

    def _telephone(self, here: Situation) -> Iterator[Step]:
        """Calls, keys and ends of calls, at the first instant of the phase and at its last."""
        chart, phone = self.turns.chart, self.turns.policies.phone
        window = here.session.kept.window
        last = NOW
        if window is not None:
            last = window.closes_at + (phone.delivery_grace if here.grace else timedelta(0))
        moments = [(NOW, ())] if last <= NOW else [(NOW, ()), (last, ("moment:last",))]
        for now, told in moments:
            for role in (EventRole.CALL, EventRole.KEYS, EventRole.CALL_ENDED):
                if chart.hears(here.state, role):
                    event = Event(Source.TELEPHONE, chart.event(here.state, role), told)
                    yield from self.turns.take(here, event, now=now, grace=here.grace)

    def _bank(self, here: Situation) -> Iterator[Step]:
        chart = self.turns.chart
        for role in (EventRole.CONFIRMED, EventRole.REFUSED):
            if chart.hears(here.state, role):
                answered = attrs.evolve(here, environment=attrs.evolve(here.environment, ordered=None))
                for step in self.turns.take(answered, Event(Source.BANK, chart.event(here.state, role))):
                    step.before = here
                    yield step

    def _told_by_others(self, here: Situation) -> Iterator[Step]:
        """Another session asks for the number that this one waits for (P8)."""
        wait = here.environment.wait
        if wait is None or wait.session == OTHER or not wait.is_waiting(NOW):
            return
        contested = wait.ended(WaitEnd.CONTESTED, NOW, self.turns.policies.phone.number_rest)
        there = attrs.evolve(here, environment=attrs.evolve(here.environment, wait=contested))
        chart = self.turns.chart
        if chart.hears(here.state, EventRole.CONTESTED):
            event = Event(Source.OTHERS, chart.event(here.state, EventRole.CONTESTED))
            for step in self.turns.take(there, event):
                step.before = here
                yield step
        else:
            yield _elsewhere(here, there.environment, "other_asks")

    # The clock ----------------------------------------------------------------------------------------------

    def _clock(self, here: Situation, kind: StateKind) -> Iterator[Step]:
        chart, policies, session = self.turns.chart, self.turns.policies, here.session
        if kind is StateKind.WAITING:
            if not here.grace and policies.phone.delivery_grace and session.kept.window is not None:
                yield Step(
                    here, Event(Source.CLOCK, "grace_begins"), session=session, environment=here.environment, grace=True
                )
            yield from self._strike(here, session, "window")
        elif kind is StateKind.FORM:
            limits = policies.session
            yield from self._strike(here, session, "idle")
            old = attrs.evolve(session, created_at=NOW - limits.absolute_timeout)
            if limits.absolute_timeout > limits.idle_timeout:
                yield from self._strike(here, old, "too_old")
        skew = policies.phone.clock_skew
        for back, told in ((skew, "clock:within_skew"), (skew + INSTANT, "clock:back")):
            if clock_is_behind(chart, session, policies, NOW - back):
                event = Event(Source.CLOCK, chart.event(here.state, EventRole.CLOCK_WENT_BACK), (told,))
                yield from self.turns.take(here, event, now=NOW - back)

    def _strike(self, here: Situation, session: Session, why: str) -> Iterator[Step]:
        """What time does to the session: nothing at the last instant, its event just after."""
        chart, policies = self.turns.chart, self.turns.policies
        next_due = due(chart, session, policies)
        if next_due is None or not chart.hears(session.state, next_due.role):
            return
        event = Event(Source.CLOCK, chart.event(session.state, next_due.role), (f"time:{why}",))
        after = next_due.at
        aged = attrs.evolve(here, session=session)
        for step in self.turns.take(aged, event, now=max(after, NOW)):
            step.before = here
            yield step


def others(turns: Turns, here: Situation, reads: frozenset[str]) -> Iterator[Step]:
    """What other sessions, and time, do to the rows that a state *reads* (the names of facts)."""
    environment, policies = here.environment, turns.policies
    if facts.WAIT.name in reads and here.state not in turns.abstraction.waiting:
        yield from _of_wait(turns, here)
    if facts.IDENTITY_ATTEMPT.name in reads:
        limit, tries = policies.identity.identity_attempts, environment.tries
        if tries.count < limit:
            failed = tries.take(OTHER, NOW).keep(OTHER)
            yield _elsewhere(here, attrs.evolve(environment, tries=failed), "other_fails_identity")
        if tries.count == limit - 1:  # only the last try that is under way keeps this session from one
            pending = tries.take(f"{OTHER}-0", NOW)
            yield _elsewhere(here, attrs.evolve(environment, tries=pending), "other_tries_identity")
        for each in tries.pending:
            yield _elsewhere(here, attrs.evolve(environment, tries=tries.keep(each.id)), "other_fails_identity")
            yield _elsewhere(here, attrs.evolve(environment, tries=tries.give_back(each.id)), "other_proves_identity")
        if tries.count:
            yield _elsewhere(here, attrs.evolve(environment, tries=IdentityAttempts()), "identity_window_passes")
    if facts.PIN_ATTEMPT.name in reads:
        yield from _of_ledger(turns, here)


def _elsewhere(here: Situation, environment: Environment, name: str) -> Step:
    return Step(here, Event(Source.OTHERS, name), session=here.session, environment=environment, grace=here.grace)


def _of_wait(turns: Turns, here: Situation) -> Iterator[Step]:
    """What others do on either line: which one is which makes no difference, so the second is taken after the first."""
    environment, phone = here.environment, turns.policies.phone
    rest, until = phone.number_rest, NOW + timedelta(seconds=60)
    free = environment.waits(LINES).free_for(OTHER, NOW, phone.waits_per_number)
    places = ((environment.wait, environment.beside), (environment.beside, environment.wait))
    for line, (wait, other) in zip(LINES, places if environment.wait is not None else places[:1], strict=False):

        def after(name: str, changed: Wait | None, other: Wait | None = other) -> Step:
            return _elsewhere(here, environment.with_waits(changed, other), name)

        if line in free:
            yield after("other_waits", Wait.begin(OTHER, until, rest, before=wait))
        if wait is None:
            continue
        if wait.is_waiting(NOW) and wait.session == OTHER:
            yield after("other_leaves", wait.ended(WaitEnd.LEFT, NOW, rest))
            yield after("other_succeeds", wait.succeeded(NOW))
            yield _elsewhere(here, environment.contested(NOW, rest), "others_contest")
            yield after("other_times_out", attrs.evolve(wait, until=NOW - INSTANT, rests=NOW - INSTANT + rest))
        elif not wait.is_waiting(NOW):
            yield after("rest_is_over", None)


def _of_ledger(turns: Turns, here: Situation) -> Iterator[Step]:
    """Other sessions' attempts at the PIN of this card, side by side (L3, L5), and the host's unlocking (L6)."""
    environment, policies = here.environment, turns.policies
    attempts, limit, ghost = environment.attempts, policies.lockout.pin_attempts, environment.ghost

    def after(name: str, changed: PinAttempts, wrong: int) -> Step:
        beside = attrs.evolve(ghost, wrong_pins=min(max(wrong, 0), limit + 1))
        return _elsewhere(here, attrs.evolve(environment, attempts=changed, ghost=beside), name)

    if turns.tries_left(attempts) > 0:
        yield after("other_tries_pin", attempts.reserve(f"{OTHER}-{len(attempts.open)}", NOW), ghost.wrong_pins)
    told = set[tuple[int, bool]]()
    for each in attempts.open:
        kind = (each.total, each.unknown)
        if kind in told:
            continue
        told.add(kind)
        if each.unknown:
            lapsed = attrs.evolve(attempts, open=tuple(a for a in attempts.open if a is not each))
            yield after("unknown_pin_lapses", lapsed, ghost.wrong_pins - 1)
            continue
        wrong, right = ghost.wrong_pins + 1, 0
        counted = attempts.settle(each.id, PinCheck.WRONG)
        yield after("other_pin_wrong", counted.lock(()) if counted.is_locked(limit) else counted, wrong)
        yield after("other_pin_right", attempts.settle(each.id, PinCheck.RIGHT), right)
        yield after("other_pin_not_checked", attempts.settle(each.id, PinCheck.NOT_CHECKED), ghost.wrong_pins)
        yield after("other_pin_unknown", attempts.doubt(each.id), wrong)
    if attempts.wrong or attempts.locked:
        yield after("host_unlocks", attempts.unlock(), 0)

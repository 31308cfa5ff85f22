"""One event of the chart, with every answer that its facts can give, by running the real machine.

`advance` is called with no facts. A guard that wants to know one raises Need: then the event goes on once for each
value that the fact can have here (`ja_reset.verify.choices`), and so on until an arrow is taken. So the order of the
guards decides what is asked, as it does in the script, and an answer that nobody asks for is not guessed. What a turn
does to the counts and the number's row is done by the same values as in the script: `Ledger`, `Tries`, `Wait`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import attrs

from ja_reset.advance import Outcome, advance
from ja_reset.arrows import Arrow, EventRole, WaitWrite
from ja_reset.chart import Chart
from ja_reset.ledger import Ledger
from ja_reset.machines import facts
from ja_reset.machines.facts import TryState
from ja_reset.policies import Policies
from ja_reset.session import Need, Session
from ja_reset.values import PinCheck
from ja_reset.verify.choices import MINE, NO_ANSWER, Draft, Values
from ja_reset.verify.samples import NoSampleError, Sample
from ja_reset.verify.situations import NOW, Abstraction, Proof, Situation, Truth, World
from ja_reset.verify.steps import Event, Step
from ja_reset.verify.strict import NotDeclaredError, StrictTurn
from ja_reset.verify.unvaried import Reads
from ja_reset.waits import Wait, WaitEnd


@attrs.frozen(eq=False)
class Turns:
    """The turns of a chart under a policy. `given`: values of facts that the library does not know."""

    chart: Chart
    policies: Policies
    abstraction: Abstraction
    values: Values
    reads: Reads

    @classmethod
    def of(cls, chart: Chart, policies: Policies, given: Mapping[str, tuple[Sample, ...]]) -> Turns:
        """The turns of *chart* under *policies*."""
        return cls(chart, policies, Abstraction.of(chart, policies), Values.of(chart, policies, given), Reads(chart))

    def take(self, before: Situation, event: Event, *, now: datetime = NOW, grace: bool = False) -> Iterator[Step]:
        """Every step that *event* can be from *before*, at *now*."""
        form = self.chart.form(before.state, event.trigger, before.session.kept.method)
        todo = [(Draft(before.session, before.world, {}, {}, event.told), dict[str, bool]())]
        while todo:
            draft, answers = todo.pop()
            turn = StrictTurn(draft.session, now, self.policies, draft.known)
            try:
                outcome = advance(self.chart, event.trigger, turn, answers)
            except Need as need:
                name = need.name
                self.abstraction.asked.add((before.state, name))
                more = list(self.values.choices(name, draft, now, form))
                for sample, session, world in reversed(more):
                    if sample is NO_ANSWER:
                        yield self._unanswered(before, event, draft, now, name)
                    else:
                        self.values.told.setdefault((name, sample.name), sample.value)
                        known = draft.with_fact(name, sample, session=session, world=world)
                        todo.append((known, dict(answers)))
                continue
            except (NoSampleError, NotDeclaredError):
                raise
            except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a guard raises is a finding
                yield self._broken(before, event, draft, now, error)
                continue
            self.reads.note(outcome.arrow, turn, answers)
            yield self._taken(before, event, draft, now, outcome, grace=grace)

    def tries_left(self, ledger: Ledger) -> int:
        """How many PINs can be tried now."""
        return ledger.tries_left(self.policies.lockout.pin_attempts)

    # What becomes of it -----------------------------------------------------------------------------------

    def _taken(
        self, before: Situation, event: Event, draft: Draft, now: datetime, outcome: Outcome, *, grace: bool
    ) -> Step:
        arrow, session, world = outcome.arrow, outcome.session, draft.world
        if facts.IDENTITY_TRY.name in draft.known or facts.PIN_TRY.name in draft.known:
            session, world = self._settle(session, draft)
        world = self.move_wait(before.session, session, world, arrow, now)
        if arrow.wait is WaitWrite.CONTEST and world.wait is not None:
            rest = self.policies.phone.number_rest
            world = attrs.evolve(world, wait=world.wait.ended(WaitEnd.CONTESTED, now, rest))
        if any(effect.locks for effect in outcome.effects):
            world = attrs.evolve(world, ledger=world.ledger.lock(()))
        for effect in outcome.effects:
            key = effect.key(before.session)
            if session.kept.order == key:
                world = attrs.evolve(world, ordered=key)
        step = Step(
            before,
            Event(event.source, event.trigger, draft.told),
            now=now,
            facts=draft.facts,
            arrow=arrow,
            effects=tuple([effect.kind for effect in outcome.effects]),
            reasons=tuple([refusal.code for refusal in outcome.reasons]),
            session=session,
            world=world,
            grace=grace and self._waits(session),
        )
        truth = self._truth(step)
        if truth is not world.truth:
            step.world = World(world.ledger, world.tries, world.wait, world.ordered, truth)
        return step

    def _unanswered(self, before: Situation, event: Event, draft: Draft, now: datetime, name: str) -> Step:
        """No answer: the session stays, a try at an identity is given back, one at a PIN is not (C6, I5, L5)."""
        session, world = self._settle(draft.session, draft)
        if name == facts.PIN_CHECK.name:
            world = _wrong_pin(world)  # perhaps it was checked
        return Step(
            before,
            Event(event.source, event.trigger, (*draft.told, f"{name}:no_answer")),
            now=now,
            facts=draft.facts,
            reasons=("temporarily_unavailable",),
            session=session,
            world=world,
            grace=before.grace,
        )

    def _broken(self, before: Situation, event: Event, draft: Draft, now: datetime, error: BaseException) -> Step:
        return Step(
            before,
            Event(event.source, event.trigger, draft.told),
            now=now,
            facts=draft.facts,
            session=before.session,
            world=before.world,
            grace=before.grace,
            broke=f"{type(error).__name__}: {error}",
        )

    def _settle(self, session: Session, draft: Draft) -> tuple[Session, World]:
        """The counts as the bank has answered (I5, L3, L5)."""
        world, known = draft.world, draft.known
        if known.get(facts.IDENTITY_TRY.name) is TryState.TAKEN:
            failed = facts.PROVED.name in known and known[facts.PROVED.name] is None
            tries = world.tries.keep(MINE) if failed else world.tries.give_back(MINE)
            world = attrs.evolve(world, tries=tries)
            if not failed:
                session = attrs.evolve(session, tries=session.tries - 1)
        if known.get(facts.PIN_TRY.name) is True:
            check = known.get(facts.PIN_CHECK.name)
            if isinstance(check, PinCheck):
                world = attrs.evolve(world, ledger=world.ledger.settle(MINE, check))
            else:
                world = attrs.evolve(world, ledger=world.ledger.doubt(MINE))
        return session, world

    def _waits(self, session: Session) -> bool:
        return session.state in self.abstraction.waiting

    def move_wait(self, before: Session, after: Session, world: World, arrow: Arrow, now: datetime) -> World:
        """What an arrow does to the number's row (P8)."""
        phone = self.policies.phone
        if arrow.wait is WaitWrite.OPEN and after.phone and after.kept.window:
            until = after.kept.window.closes_at + phone.delivery_grace
            return attrs.evolve(world, wait=Wait.begin(after.id, until, phone.number_rest, before=world.wait))
        held = world.wait
        if held is None or held.session != before.id or not before.phone:
            return world
        if not self._waits(before) or self._waits(after):
            return world
        end = WaitEnd.TIMED_OUT if arrow.role is EventRole.WINDOW_CLOSED else WaitEnd.LEFT
        ended = held.succeeded(now) if arrow.wait is WaitWrite.RELEASE else held.ended(end, now, phone.number_rest)
        return attrs.evolve(world, wait=_as_of(ended, now))

    # The truth --------------------------------------------------------------------------------------------

    def _truth(self, step: Step) -> Truth:
        """What has truly happened, by what was told alone: a proof that was not looked at is none."""
        before, told, role = step.before, step.facts, self.chart.role(step.event.trigger)
        truth = before.world.truth
        place = self.abstraction.order[before.state]
        failures, wrong_pins = truth.failures, truth.wrong_pins
        windows, wrong_codes, in_call = truth.windows, truth.wrong_codes, truth.wrong_in_call
        proofs = truth.proofs
        if step.moved:
            entered = self.abstraction.order[step.state]
            proofs = tuple(proof for proof in proofs if proof.place < entered)
            won = proved_by(step)
            proofs = (
                *(proof for proof in proofs if proof.what not in won),
                *(Proof(what, place) for what in sorted(won)),
            )
            if self._waits(step.session) and not self._waits(before.session):
                windows = min(windows + 1, self.policies.phone.phone_windows + 1)
        if facts.PROVED.name in told and told[facts.PROVED.name].value is None:
            failures = min(failures + 1, self.policies.identity.identity_attempts + 1)
        if facts.PIN_CHECK.name in told:
            match told[facts.PIN_CHECK.name].value:
                case PinCheck.WRONG:
                    wrong_pins += 1
                case PinCheck.RIGHT:
                    wrong_pins = 0
        if role is EventRole.KEYS and "wrong_code" in step.against and not step.against & {"early", "late"}:
            wrong_codes = min(wrong_codes + 1, self.policies.phone.codes_per_session + 1)
            in_call = min(in_call + 1, self.policies.phone.code_attempts + 1)
        if (role is EventRole.CALL and step.moved) or not self._waits(step.session):
            in_call = 0
        wrong_pins = min(wrong_pins, self.policies.lockout.pin_attempts + 1)
        after = Truth(proofs, windows, wrong_codes, in_call, failures, wrong_pins)
        return truth if after == truth else after


def proved_by(step: Step) -> set[str]:
    """What a step that moves on proves: looked at, and in truth so."""
    told, won = step.facts, set[str]()
    if not step.moved or step.against & {"locked", "contract_unknown", "not_individual", "no_phone"}:
        return won
    proved = told.get(facts.PROVED.name)
    if proved is not None and proved.value is not None:
        won.add("identity")
    if facts.REPORT.name in told and facts.RECEIVED_AT.name in told and not step.against:
        won.add("call")
    if {facts.ENTRY.name, facts.CODE.name, facts.RECEIVED_AT.name} <= set(told) and not step.against:
        won.add("code")
    check, reserved = told.get(facts.PIN_CHECK.name), told.get(facts.PIN_TRY.name)
    if check is not None and check.value is PinCheck.RIGHT and reserved is not None and reserved.value is True:
        won.add("pin")
    return won


def _as_of(wait: Wait | None, now: datetime) -> Wait | None:
    """A row that was written at *now*, as if that were NOW."""
    if wait is None or now == NOW:
        return wait
    by = now - NOW
    return Wait(wait.session, wait.until - by, wait.rests - by, wait.end, wait.earlier and wait.earlier - by)


def _wrong_pin(world: World) -> World:
    return attrs.evolve(world, truth=attrs.evolve(world.truth, wrong_pins=world.truth.wrong_pins + 1))

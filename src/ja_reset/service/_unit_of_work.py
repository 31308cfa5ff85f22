"""The unit of work of a turn: the rows it has read, the changes it will commit, the session as it moves.

Everything a turn changes is in one commit of compare-and-swaps, with its audit. After a conflict, the unit of work is
cleared and the turn is decided again on the current rows. The bank's answers are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

import attrs

from ja_reset.chart import Chart
from ja_reset.chart._deadlines import clock_is_behind, due
from ja_reset.chart._succession import displaced, is_stranded
from ja_reset.chart.advance import Outcome, advance
from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.session import Refusal, Session
from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import EventRole, Transition, WaitWrite
from ja_reset.chart.turn import Turn
from ja_reset.errors import (
    BankUnavailable,
    ChartError,
    InvalidArgument,
    NewerSession,
    UnknownInstitution,
    UnknownProcedure,
    UnknownSession,
)
from ja_reset.machines import CHARTS
from ja_reset.policies import Policies, PolicyOverride
from ja_reset.proofs.attempts import PinAttempts, WrongCodes
from ja_reset.proofs.waits import Wait, WaitEnd
from ja_reset.screens._texts import without
from ja_reset.screens.placeholders import NO_TEXTS, Catalogue
from ja_reset.secret import Secret
from ja_reset.service._bank import ask_institution
from ja_reset.service._institution import Institution
from ja_reset.service._io import Commit, Flow, Fresh, Get, GetMany, Now, Open, Warn
from ja_reset.service._marks import ref_marks
from ja_reset.service._names import session_id
from ja_reset.service._records import (
    CODES,
    OUTBOX,
    PIN_ATTEMPTS,
    REQUEST,
    SESSION,
    WAIT,
    OutboxEntry,
    RequestRecord,
    ViewRecord,
)
from ja_reset.service._refusals import while_completing
from ja_reset.service._terms import filed, recorded
from ja_reset.service._view import View, asks_code, show, view_of
from ja_reset.service._waiting import Waiter
from ja_reset.service.saved import load, load_session, save, save_session
from ja_reset.stores.rows import Put, Record, Row
from ja_reset.text import Text

T = TypeVar("T")
W = TypeVar("W", bound="SessionWork")
LIVE, ENDED, RESULT = "live", "ended", "result"
"""How a session's row is tagged: it goes on; it has ended; it has ended, and still keeps its result."""


@attrs.frozen(eq=False, repr=False)
class Known:
    """An institution as the bank had it at that time, with the policies that hold for it.

    `unfit` is what the bank has given in their place, and does not fit the service's policies (S11).
    """

    institution: Institution
    at: datetime
    unfit: PolicyOverride | None = None


MOST_KNOWN = 2000
"""How many institutions a process remembers: there are some five hundred JAs."""


@attrs.frozen(eq=False, repr=False)
class Config:
    """What a service is set up with. `known` remembers institutions, so that not every event asks the bank.

    They go by the id that the bank gave: it may take several spellings for one. `charts`: the procedures by name.
    `notices_later`: notices are left to `recover()` (C5).
    `waiting`: the requests that wait for the turn under way, by session.
    """

    policies: Policies
    texts: Mapping[str, Text] = NO_TEXTS
    charts: Mapping[str, Chart] = CHARTS
    notices_later: bool = False
    known: dict[str, Known] = attrs.field(factory=dict)
    waiting: dict[str, Waiter] = attrs.field(factory=dict)
    effects: Mapping[str, EffectSpec] = attrs.field(init=False)
    """The effects of all the charts, by name: two charts share one only as the same object."""

    @effects.default
    def _of_all_charts(self) -> Mapping[str, EffectSpec]:
        return {name: effect for chart in self.charts.values() for name, effect in chart.effects.items()}

    _catalogues: dict[tuple[str, str], Catalogue] = attrs.field(factory=dict, init=False)

    def ask_institution(self, institution: str) -> Flow[Institution]:
        """The institution as the bank has it now; raises UnknownInstitution, BankUnavailable."""
        found = (yield from ask_institution(institution)) if isinstance(institution, str) else None
        if found is None:
            msg = "the bank knows no institution with that id"
            raise UnknownInstitution(msg)
        found, unfit = yield from self._laid_over(found)
        self.known[found.id] = Known(found, (yield Now()), unfit)
        for oldest in list(self.known)[:-MOST_KNOWN]:
            self.known.pop(oldest, None)
        return found

    def _laid_over(self, found: Institution) -> Flow[tuple[Institution, PolicyOverride | None]]:
        """The institution with its figures over the service's; if they do not fit, what held before holds on (S11)."""
        override = found.policies
        if not isinstance(override, PolicyOverride):
            return found, None
        try:
            return attrs.evolve(found, policies=self.policies.overridden(override)), None
        except InvalidArgument as error:
            known = self.known.get(found.id)
            if known is None or known.unfit != override:
                yield Warn(
                    f"the policies of institution {found.id!r} do not fit the service's, and do not hold: {error}"
                )
            return attrs.evolve(found, policies=None if known is None else known.institution.policies), override

    def institution(self, institution: str) -> Flow[Institution]:
        """The institution as the bank had it within `institution_refresh`, or when it answered last."""
        known = self.known.get(institution)
        if known is not None and (yield Now()) <= known.at + self.policies.session.institution_refresh:
            return known.institution
        try:
            return (yield from self.ask_institution(institution))
        except BankUnavailable:
            if known is None:
                raise
            return known.institution

    def known_institution(self, institution: str) -> Flow[Institution]:
        """The institution as this process knows it, however long since: the bank is asked by who never has (L4)."""
        known = self.known.get(institution)
        return known.institution if known is not None else (yield from self.ask_institution(institution))

    def policies_of(self, institution: Institution | None) -> Policies:
        """The institution's own policies, or the service's; of those of a host's own, class by class."""
        own = None if institution is None else institution.policies
        return own.above(self.policies) if isinstance(own, Policies) else self.policies

    def texts_of(self, institution: Institution | None, chart: Chart | None) -> Catalogue:
        """The chart's texts, the service's over them, the institution's over both (S9); the same one again."""
        own = NO_TEXTS if institution is None else institution.messages
        ours = NO_TEXTS if chart is None else chart.texts
        if ours and isinstance(own, Catalogue) and ours not in own.charts:
            own = without(own, ours)  # another chart's, by those keys
        if not own and not self.texts:
            return ours
        key = ("" if institution is None else institution.id, "" if chart is None else chart.name)
        found = self._catalogues.get(key)
        if found is None or found.over != own:
            found = self._catalogues[key] = Catalogue(ours, self.texts, own, policies=ours.policies)
            for oldest in list(self._catalogues)[:-MOST_KNOWN]:
                self._catalogues.pop(oldest, None)
        return found


class UnitOfWork:
    """Rows that are known, changes and audit that wait to be committed together.

    A row is known from reading it, and from writing it: the unit chooses the stamps. So a turn reads no row twice. A
    row that was known before the bank was asked, or before the last commit, may have changed since: if it is relied on,
    the next commit names it, and is refused if it did change. After a refusal everything is read again.
    """

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Row | None] = {}
        self.puts: dict[tuple[str, str], Put] = {}
        self.audit: list[Mapping[str, object]] = []
        self.older: set[tuple[str, str]] = set()
        self.relied: set[tuple[str, str]] = set()
        self.was_refused = False
        self.marks: tuple[str, ...] = ()
        self._name = ""
        self._given = 0

    def _stamp(self) -> Flow[str]:
        """A stamp that was never used: an unguessable name, and how many this unit has given under it."""
        if not self._name:
            self._name = yield Fresh(8)
        self._given += 1
        return f"{self._name}.{self._given}"

    def read(self, kind: str, key: str) -> Flow[Mapping[str, object] | None]:
        """The body of a row, as this turn will leave it."""
        name = kind, key
        if name in self.puts:
            return self.puts[name].body
        if name not in self.rows:
            self.rows[name] = yield Get(kind, key)
        elif name in self.older:
            self.relied.add(name)
        row = self.rows[name]
        return None if row is None else row.body

    def fetch(self, names: Iterable[tuple[str, str]]) -> Flow[None]:
        """Read together those of these rows that are not known."""
        wanted = tuple(name for name in dict.fromkeys(names) if name not in self.rows and name not in self.puts)
        self.rows.update(zip(wanted, (yield from fetched(wanted)), strict=True))

    def find(self, name: tuple[str, str], row: Row | None) -> None:
        """Take a row as it was read before this unit began: if it is relied on, the commit names it."""
        self.rows.setdefault(name, row)
        self.older.add(name)

    def knows(self, kind: str, key: str) -> bool:
        """Whether a row is as this unit has read or written it, and the bank was not asked since."""
        return (kind, key) in self.rows and (kind, key) not in self.older

    def begin(self, kind: str, key: str) -> None:
        """Take a row under a name that was just made up not to be there: the commit is refused if it is."""
        if not self.was_refused:
            self.rows.setdefault((kind, key), None)

    def outdate(self) -> None:
        """The bank was asked: whatever is known may have changed since."""
        self.older.update(self.rows)

    def load(self, kind: str, key: str, form: type[T]) -> Flow[T | None]:
        """A row as the value that it was saved from."""
        body = yield from self.read(kind, key)
        return None if body is None else load(form, body, kind)

    def put(
        self, kind: str, key: str, value: object | None, *, tag: str = "", at: datetime | None = None
    ) -> Flow[None]:
        """Write a row, or delete it (None), if it is still as it was read."""
        yield from self.read(kind, key)
        row = self.rows.get((kind, key))
        if value is None and row is None:
            self.puts.pop((kind, key), None)
            return
        body = None if value is None else save_session(value) if isinstance(value, Session) else save(value)
        stamp = None if body is None else (yield from self._stamp())
        found = filed(kind, body)
        if found is not None and row is not None and row.at is not None and found == filed(kind, row.body):
            found = None  # what it is found under stays
        since, terms = found or (None, None)
        expect = None if row is None else row.stamp
        self.puts[kind, key] = Put(kind, key, expect, body, tag, at, stamp=stamp, at=since, terms=terms)

    def hold(self, kind: str, key: str) -> Flow[None]:
        """Commit only if the row is then as it was read, or is not there as it was not."""
        yield from self.read(kind, key)
        row = self.rows.get((kind, key))
        if (kind, key) in self.puts:
            return
        if row is None:
            self.puts[kind, key] = Put(kind, key, None, None)
        else:
            stamp = yield from self._stamp()
            self.puts[kind, key] = Put(kind, key, row.stamp, row.body, row.tag, row.due, stamp=stamp)

    def save(self) -> Flow[bool]:
        """Commit; afterwards nothing is to be written, and if the commit was not made, nothing is known."""
        for kind, key in self.relied - self.puts.keys():
            yield from self.hold(kind, key)
        puts, audit, known = tuple(self.puts.values()), tuple(map(self._record, self.audit)), dict(self.rows)
        self.clear()
        made: bool = yield Commit(puts, audit)
        if made:
            self.rows.update(known)
            self.older.update(known)
            for put in puts:
                self._wrote(put)
        self.was_refused = not made
        return made

    def _wrote(self, put: Put) -> None:
        """A row is as this unit has just left it."""
        name = put.kind, put.key
        before = self.rows.get(name)
        at = put.at if put.terms is not None or before is None else before.at
        gone = put.body is None or put.stamp is None
        self.rows[name] = None if gone else Row(*name, put.stamp, put.body, put.tag, put.due, at)  # type: ignore[arg-type]
        self.older.discard(name)

    def _record(self, record: Mapping[str, object]) -> Record:
        """An audit record with what it is found under."""
        return record if isinstance(record, Record) else recorded(record, self.marks)

    def clear(self) -> None:
        """Forget what is known and what was to be written."""
        for each in (self.rows, self.puts, self.audit, self.older, self.relied):
            each.clear()


def fetched(names: Sequence[tuple[str, str]]) -> Flow[list[Row | None]]:
    """These rows, in one trip to the store."""
    found: list[Row | None] = []
    if len(names) > 1:
        found = yield GetMany(tuple(names))
    elif names:
        found.append((yield Get(*names[0])))
    return found


class SessionWork(UnitOfWork):
    """A unit of work bound to one session, and what is known of its surroundings."""

    def __init__(self, config: Config, session: Session, institution: Institution | None, now: datetime) -> None:
        super().__init__()
        self.config = config
        self.session = session
        self.chart: Chart = config.charts[session.procedure]
        self.go_by(institution)
        self.now = now
        self.fresh: tuple[Refusal, ...] = ()
        self.moved = False
        self.is_forgotten = False
        self.is_proved = session.kept.ref is not None

    def go_by(self, institution: Institution | None) -> None:
        """From here on by the figures and texts of that institution, or by the service's."""
        self.institution = institution
        self.policies = self.config.policies_of(institution)
        self.texts = self.config.texts_of(institution, self.chart)

    def join(self, other: UnitOfWork) -> None:
        """Be one unit of work with *other*: what either knows or puts, both do, and *other* commits it."""
        self.rows, self.puts, self.audit = other.rows, other.puts, other.audit
        self.older, self.relied, self.was_refused = other.older, other.relied, other.was_refused

    def go_on(self) -> Flow[SessionWork]:
        """The next unit of work on the session as this one has committed it, with time passed.

        It knows what this one does, all of it from before: whatever it relies on, its commit names.
        """
        work = SessionWork(self.config, self.session, self.institution, max(self.now, (yield Now())))
        work.rows.update(self.rows)
        work.outdate()
        work.is_forgotten = self.is_forgotten
        if work.institution is not None or work.is_forgotten:
            yield from work.pass_time()
        return work

    # Time ---------------------------------------------------------------------------------------------------

    def pass_time(self) -> Flow[None]:
        """Let what is overdue happen, in the order in which it was due (S3, P6)."""
        if clock_is_behind(self.chart, self.session, self.policies, self.now):
            yield from self.happen(EventRole.CLOCK_WENT_BACK, self.now, {})
        elif not self.session.is_claimed(self.now):
            if self.session.claim is not None:
                self.session = self.session.released()
            while (next_due := due(self.chart, self.session, self.policies)) and self.now > next_due.at:
                more = {} if next_due.detail is None else {"detail": next_due.detail}
                yield from self.happen(next_due.role, next_due.at, {}, **more)
        if self._result_is_over():
            self.session = self.session.without_result()
            yield from self.record()

    def _result_is_over(self) -> bool:
        """Whether the session ended so long ago that its result is no longer shown (C3)."""
        session = self.session
        state = self.chart.states.get(session.state)
        if state is None or not state.is_final or session.kept.result is None:
            return False
        return self.now > session.active_at + self.policies.session.result_shown

    def find_state(self, *, has_ended: bool) -> Flow[None]:
        """Move a session whose state this version of the chart cannot go on from (S4); its wait ends (P8)."""
        before = self.session
        if not is_stranded(self.chart, before):
            return
        self.session = displaced(self.chart, before, has_ended=has_ended)
        self.fresh = self.session.reasons
        held = (yield from self.load(WAIT, before.phone.number, Wait)) if before.phone is not None else None
        if before.phone is not None and held is not None and (held.session, held.end) == (before.id, None):
            ended = held.ended(WaitEnd.LEFT, self.now, self.policies.phone.number_rest)
            yield from self.put(WAIT, before.phone.number, ended, at=ended.rests)
        self.note("state_is_gone", before, self.fresh)
        yield from self.record()

    # What happens elsewhere ---------------------------------------------------------------------------------

    def happen(self, role: EventRole, at: datetime, facts: Mapping[str, object], **reason: object) -> Flow[Outcome]:
        """The event of *role*, which no customer sent: time, a contest, the bank's word. Its facts are all there.

        *reason* says more of the reasons that it gives: until when, in which words.
        """
        trigger = self.chart.event(self.session.state, role)
        outcome = advance(self.chart, trigger, Turn(self.session, at, self.policies, facts))
        reasons = tuple(attrs.evolve(each, **reason) for each in outcome.reasons)  # type: ignore[arg-type]
        outcome = attrs.evolve(outcome, reasons=reasons)
        yield from self.take(trigger, outcome, at)
        return outcome

    def call_off(self, reason: Refusal) -> Flow[None]:
        """The event by which a customer breaks off (M3), on another's word and for another *reason*."""
        trigger = self.chart.event(self.session.state, EventRole.CANCEL)
        outcome = advance(self.chart, trigger, Turn(self.session, self.now, self.policies, {}))
        yield from self.take(trigger, attrs.evolve(outcome, reasons=(reason,)), self.now)

    def take(self, trigger: str, outcome: Outcome, at: datetime) -> Flow[None]:
        """The session as the outcome leaves it, for an event from elsewhere: its reasons stay on the view (S2a)."""
        self.fresh = outcome.reasons
        after = outcome.session.acted_upon(self.session, at, self.now, reasons=outcome.reasons)
        yield from self.become(after, trigger, outcome.reasons, outcome, at)

    def become(
        self, after: Session, trigger: str, reasons: tuple[Refusal, ...], outcome: Outcome | None, at: datetime
    ) -> Flow[None]:
        """Put what an event makes of the session: its row, those of the numbers that are waited for, the audit.

        *outcome*: None where nothing was decided, as the bank gave no answer.
        """
        before, self.session = self.session, after
        if outcome is not None:
            yield from self.move_wait(before, outcome.transition, at)
            if outcome.transition.wait is WaitWrite.CONTEST:
                yield from self.contest(self.wanted_number())
        self.note(trigger, before, reasons, arrow=outcome.transition.name if outcome else None)
        yield from self.record()

    def touch(self, standing: tuple[Refusal, ...]) -> Flow[None]:
        """The customer was there, and nothing else happened; *standing* are the reasons that stay on the view."""
        self.session = self.session.touched(self.now, reasons=standing)
        yield from self.record()

    def wanted_number(self) -> str:
        """The number that the event asks for, in E.164; an event from elsewhere asks for none."""
        msg = f"an event from elsewhere contests a number in chart {self.chart.name}"
        raise ChartError(msg)

    def move_wait(self, before: Session, transition: Transition, at: datetime) -> Flow[None]:
        """What the transition does to the row of the number that is, or was, waited for (P8)."""
        after, rest = self.session, self.policies.phone.number_rest
        if transition.wait is WaitWrite.OPEN and after.phone and after.kept.window:
            until = after.kept.window.closes_at + self.policies.phone.delivery_grace
            held = yield from self.load(WAIT, after.phone.number, Wait)
            wait = Wait.begin(after.id, until, rest, before=held)
            yield from self.put(WAIT, after.phone.number, wait, at=wait.rests)
        elif before.phone and self._is_waiting(before) and not self._is_waiting(after):
            held = yield from self.load(WAIT, before.phone.number, Wait)
            if held is not None and held.session == before.id:
                end = WaitEnd.TIMED_OUT if transition.role is EventRole.WINDOW_CLOSED else WaitEnd.LEFT
                released = transition.wait is WaitWrite.RELEASE
                ended = held.succeeded(at) if released else held.ended(end, at, rest)
                yield from self.put(WAIT, before.phone.number, ended, at=None if ended is None else ended.rests)

    def contest(self, number: str) -> Flow[None]:
        """End the wait of the other session for *number*: from now on a call under way proves nobody (P8)."""
        held = yield from self.load(WAIT, number, Wait)
        if held is None or not held.is_waiting(self.now):
            return
        contested = held.ended(WaitEnd.CONTESTED, self.now, self.policies.phone.number_rest)
        yield from self.put(WAIT, number, contested, at=contested.rests)
        body = yield from self.read(SESSION, held.session)
        if body is None:
            return
        try:
            other = load_session(body, self.config.charts)
        except (
            UnknownProcedure,
            NewerSession,
        ):  # its own process finds that its wait has ended, when the window closes
            return
        institution: Institution | None = None
        with suppress(BankUnavailable, UnknownInstitution):  # its limits only say when it is due
            institution = yield from self.config.institution(other.institution)
        beside = SessionWork(self.config, other, institution, self.now)
        beside.join(self)
        if not is_stranded(beside.chart, other) and beside.chart.hears(other.state, EventRole.CONTESTED):
            yield from beside.happen(EventRole.CONTESTED, self.now, {}, until=contested.rests)

    def lost_wait(self) -> Flow[Wait | None]:
        """The row of the number that is waited for, where the wait was ended without this session (P8).

        A process that was not given this session's chart ends its wait by the row alone.
        """
        phone = self.session.phone
        held = (yield from self.load(WAIT, phone.number, Wait)) if phone is not None else None
        stands = held is None or (held.session == self.session.id and held.end is None)
        return None if stands else held

    def waits_for(self, number: str) -> bool:
        """Whether the session waits for a call from *number*, in E.164."""
        phone = self.session.phone
        return phone is not None and phone.number == number and self._is_waiting(self.session)

    def _is_waiting(self, session: Session) -> bool:
        state = self.chart.states.get(session.state)
        return state is not None and state.kind is StateKind.WAITING

    # Rows ---------------------------------------------------------------------------------------------------

    def record(self) -> Flow[None]:
        """Put the session's row."""
        self.moved = True
        if self.ref is not None:
            self.session = self.session.marked(*(yield from ref_marks(self.ref))[:1])
        session, state = self.session, self.chart.states[self.session.state]
        if state.is_final:
            yield from self.forget_answer()
            limits = self.policies.session
            tag, keep = ENDED, limits.retention
            if not self.is_proved and state.kind is not StateKind.SUCCESS:
                keep = min(keep, limits.retention_unproved)
            if session.kept.result is not None and limits.result_shown < keep:
                tag, keep = RESULT, limits.result_shown
            return (yield from self.put(SESSION, session.id, session, tag=tag, at=session.active_at + keep))
        next_due = due(self.chart, session, self.policies)
        return (yield from self.put(SESSION, session.id, session, tag=LIVE, at=next_due.at if next_due else None))

    @property
    def ref(self) -> str | None:
        """The contract that the session is about; None before there is one."""
        return self.session.kept.ref

    @property
    def is_final(self) -> bool:
        """Whether the session has ended."""
        return self.chart.states[self.session.state].is_final

    @property
    def is_completing(self) -> bool:
        """Whether the session waits for the bank's word on its order."""
        return self.chart.states[self.session.state].kind is StateKind.COMPLETING

    def is_busy(self) -> Flow[bool]:
        """Whether a turn has claimed the session, or somebody is delivering its order (S2)."""
        if self.session.is_claimed(self.now) or not self.is_completing:
            return self.session.is_claimed(self.now)
        order = yield from self.load(OUTBOX, self.session.kept.order or "", OutboxEntry)
        return order is not None and order.is_leased(self.now)

    def remember(self, request: str | None, shown: ViewRecord) -> Flow[None]:
        """Keep the answer under its request's id, if it has one (S2)."""
        if request is not None:
            answer = shown.bare() if self.is_final else shown
            yield from self.put(REQUEST, self.session.id, RequestRecord(request, answer=answer))

    def let_again(self, request: str | None) -> Flow[None]:
        """Nothing took effect: the same request, under the version of then, may be made again (C6)."""
        if request is not None:
            yield from self.put(REQUEST, self.session.id, RequestRecord(request, version=self.session.version))

    def forget_answer(self) -> Flow[None]:
        """Keep of the last answer nothing about a contract: the session has ended."""
        request = yield from self.load(REQUEST, self.session.id, RequestRecord)
        if request is not None and request.answer is not None and request.answer != request.answer.bare():
            yield from self.put(REQUEST, self.session.id, attrs.evolve(request, answer=request.answer.bare()))

    def note(self, event: str, before: Session, reasons: tuple[Refusal, ...], **more: object) -> None:
        """An audit record of an event (S7)."""
        record = {
            "time": self.now.isoformat(),
            "session": before.id,
            "procedure": before.procedure,
            "institution": before.institution,
            "ref": before.kept.ref or self.session.kept.ref,
            "event": event,
            "before": before.state,
            "after": self.session.state,
            "reasons": [reason.code for reason in reasons],
            **more,
        }
        self.audit.append(recorded(record, self.session.marks))

    def add_to_note(self, **more: object) -> None:
        """Add to the last audit record."""
        last = self.audit[-1]
        self.audit[-1] = recorded({**last, **more}, self.session.marks)

    def pin_attempts(self, ref: str) -> Flow[PinAttempts]:
        """The PIN count of a contract's card, without attempts whose outcome has been unknown too long (L5)."""
        held = (yield from self.load(PIN_ATTEMPTS, ref, PinAttempts)) or PinAttempts()
        return held.lapse(self.now, self.policies.lockout.unknown_lapse)

    def wrong_codes(self, number: str) -> Flow[WrongCodes]:
        """The wrong codes that stand for a number, whoever keyed them in (P4)."""
        held = (yield from self.load(CODES, number, WrongCodes)) or WrongCodes()
        return held.within(self.now, self.policies.phone.codes_window)

    def count_wrong_code(self, number: str) -> Flow[None]:
        """Count a wrong code for its number, too (P4).

        Institutions may have windows of different lengths: nothing is dropped from the row before it is due by all.
        """
        phone = self.policies.phone
        held = (yield from self.load(CODES, number, WrongCodes)) or WrongCodes()
        row = self.rows.get((CODES, number))
        due_of_others = None if row is None else row.due
        if due_of_others is not None and due_of_others < self.now:
            held, due_of_others = WrongCodes(), None
        own = self.now + phone.codes_window
        counted = held.missed(self.now, phone.codes_per_number)
        yield from self.put(CODES, number, counted, at=max(own, due_of_others or own))

    # The answer ---------------------------------------------------------------------------------------------

    def shown(self, reasons: tuple[Refusal, ...]) -> Flow[ViewRecord]:
        """What the present screen shows."""
        tries = None
        if self.chart.asks_pin(self.session.state) and self.session.kept.ref is not None:
            attempts = yield from self.pin_attempts(self.session.kept.ref)
            tries = attempts.tries_left(self.policies.lockout.pin_attempts)
        phone = self.session.phone
        if phone is not None and asks_code(self.chart, self.session, self.policies):
            tries = (yield from self.wrong_codes(phone.number)).left(self.policies.phone.codes_per_number)
        dial = self.institution.dial if self.institution else None
        session = self.session
        if self._result_is_over():  # the time of a session does not pass while nobody knows its institution
            session = session.without_result()
        if self.is_completing:
            reasons = while_completing(reasons, is_overdue=(yield from self._order_is_overdue()))
        return show(self.chart, session, self.policies, reasons=reasons, dial=dial, tries=tries)

    def _order_is_overdue(self) -> Flow[bool]:
        """Whether the session waits for an effect that is tried no longer (C4)."""
        entry = yield from self.load(OUTBOX, self.session.kept.order or "", OutboxEntry)
        return entry is not None and entry.is_open and entry.is_overdue(self.now)

    def present(self, token: Secret, reasons: tuple[Refusal, ...]) -> Flow[View]:
        """The present screen, with *reasons*."""
        return (yield from self.view(token, (yield from self.shown(reasons))))

    def view(self, token: Secret, shown: ViewRecord) -> Flow[View]:
        """The answer; the code only where the policy displays it, and only while the call waits for it (P4)."""
        code = None
        answered = self.session.kept.answered
        displays = self.policies.phone.code_channel.value == "displayed"
        if displays and answered is not None and shown.state == self.session.state:
            code = yield Open(answered.code, code_context(self.session.id, answered.call))
        return view_of(
            self.chart,
            shown,
            self.policies,
            self.texts,
            token=token,
            session_id=self.session.id,
            code=code,
            busy=(yield from self.is_busy()),
        )


def code_context(session: str, call: str) -> str:
    """What a call's code is sealed for."""
    return f"code:{session}:{call}"


def arrive_by(kind: type[W], config: Config, token: Secret, *, beside: tuple[str, ...] = ()) -> Flow[W]:
    """The session that a customer's token names, with time passed; raises UnknownSession. See `arrive_at`."""
    work = yield from arrive_at(kind, config, session_id(token), refresh=False, beside=beside)
    if work is None:
        msg = "the token belongs to no session: it was never issued, or the session was purged"
        raise UnknownSession(msg)
    return work


def arrive(config: Config, key: str) -> Flow[SessionWork | None]:
    """The session of that id in a plain unit of work; see `arrive_at`."""
    return (yield from arrive_at(SessionWork, config, key))


def arrive_at(
    kind: type[W], config: Config, key: str, *, refresh: bool = True, beside: tuple[str, ...] = ()
) -> Flow[W | None]:
    """The session of that id in a unit of work, with time passed; None where there is none.

    *beside*: the kinds of the session's other rows that are wanted with it, as of the same moment.
    *refresh*: ask the bank for the institution now and then, not only where this process has never known it. Where
    the bank gives no answer there is none, and time does not pass for the session. Where the bank no longer knows it
    (`is_forgotten`) there is none either, but the session ends in its time, by the service's policies (S3). A session
    goes by the id that the bank gave; one that 0.1 started was saved with the id as it was typed. Raises
    UnknownProcedure for one whose chart this process was not given, NewerSession for one of a newer chart or release.
    """
    names = [(each, key) for each in (SESSION, *beside)]
    rows = yield from fetched(names)
    row = rows[0]
    if row is None:
        return None
    session = load_session(row.body, config.charts)
    find = config.institution if refresh else config.known_institution
    institution, is_forgotten = None, False
    try:
        institution = yield from find(session.institution)
    except BankUnavailable:
        pass
    except UnknownInstitution:
        is_forgotten = True
    if institution is not None and institution.id != session.institution:
        session = session.at_institution(institution.id)
    work = kind(config, session, institution, (yield Now()))
    work.rows.update(zip(names, rows, strict=True))
    work.is_forgotten = is_forgotten
    yield from work.find_state(has_ended=row.tag != LIVE)
    if institution is not None or is_forgotten:
        yield from work.pass_time()
    return work

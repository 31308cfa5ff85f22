"""The rows of one session in a unit of work: its own, its last request, the counts that it goes by, its audit."""

from __future__ import annotations

from datetime import datetime

from ja_reset.chart import Chart
from ja_reset.chart._changed import changed
from ja_reset.chart._deadlines import due
from ja_reset.chart.session import Refusal, Session
from ja_reset.chart.states import StateKind
from ja_reset.proofs.attempts import PinAttempts, WrongCodes
from ja_reset.proofs.caller import line_called, line_fits
from ja_reset.proofs.waits import Wait, Waits
from ja_reset.service._config import Config
from ja_reset.service._institution import Institution
from ja_reset.service._io import Flow
from ja_reset.service._marks import ref_marks
from ja_reset.service._records import CODES, PIN_ATTEMPTS, REQUEST, SESSION, WAIT, RequestRecord, ViewRecord
from ja_reset.service._terms import recorded
from ja_reset.service._unit_of_work import UnitOfWork
from ja_reset.stores.rows import Record

LIVE, ENDED, RESULT = "live", "ended", "result"
"""How a session's row is tagged: it goes on; it has ended; it has ended, and still keeps its result."""


class SessionRows(UnitOfWork):
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
        self._marked: str | None = None
        self._ref_marks: tuple[str, ...] = ()

    def go_by(self, institution: Institution | None) -> None:
        """From here on by the figures and texts of that institution, or by the service's."""
        self.institution = institution
        self.policies = self.config.policies_of(institution)
        self.texts = self.config.texts_of(institution, self.chart)

    def join(self, other: UnitOfWork) -> None:
        """Be one unit of work with *other*: what either knows or puts, both do, and *other* commits it."""
        self.rows, self.puts, self.audit = other.rows, other.puts, other.audit
        self.older, self.relied, self.was_refused = other.older, other.relied, other.was_refused

    def record(self) -> Flow[None]:
        """Put the session's row."""
        self.moved = True
        ref = self.ref
        if ref is not None:
            if self._marked != ref:
                self._marked, self._ref_marks = ref, (yield from ref_marks(ref))[:1]
            self.session = self.session.marked(*self._ref_marks)
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
            yield from self.put(REQUEST, self.session.id, changed(request, answer=request.answer.bare()))

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
        body = last.body if isinstance(last, Record) else last
        self.audit[-1] = recorded({**body, **more}, self.session.marks)

    def pin_attempts(self, ref: str) -> Flow[PinAttempts]:
        """The PIN count of a contract's card, without attempts whose outcome has been unknown too long (L5)."""
        held = (yield from self.load(PIN_ATTEMPTS, ref, PinAttempts)) or PinAttempts()
        return held.lapse(self.now, self.policies.lockout.unknown_lapse)

    @property
    def dials(self) -> tuple[str, ...]:
        """The institution's numbers to call, if it has several: then each wait is given one (P8)."""
        return self.institution.dials if self.institution is not None else ()

    def has_line(self, dial: str) -> bool:
        """Whether *dial* is a number to call of the institution, as this process knows it now (P11)."""
        institution = self.institution
        return institution is None or any(line_fits(dial, each) for each in institution.dials or (institution.dial,))

    def waits_of(self, number: str) -> Flow[Waits]:
        """The waits for a number, with the line of each."""
        held = yield from self.load(WAIT, number, Wait)
        return Waits.of(held, tuple(map(line_called, self.dials)) or (None,))

    def put_waits(self, number: str, waits: Waits) -> Flow[None]:
        """Write the row of a number; it is gone if nothing is left in it."""
        yield from self.put(WAIT, number, waits.row, at=waits.due)

    def wrong_codes(self, number: str) -> Flow[WrongCodes]:
        """The wrong codes that count for a number, in all sessions (P4)."""
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

    def _is_waiting(self, session: Session) -> bool:
        state = self.chart.states.get(session.state)
        return state is not None and state.kind is StateKind.WAITING

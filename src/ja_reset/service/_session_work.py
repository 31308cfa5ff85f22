"""A session as it moves: by time, by events from elsewhere, with its wait; and how a turn arrives at it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

import attrs

from ja_reset.chart._deadlines import clock_is_behind, due
from ja_reset.chart._succession import displaced, is_stranded
from ja_reset.chart.advance import Outcome, advance
from ja_reset.chart.session import Refusal, Session
from ja_reset.chart.transitions import EventRole, Transition, WaitWrite
from ja_reset.chart.turn import Turn
from ja_reset.errors import (
    BankUnavailable,
    ChartError,
    NewerSession,
    UnknownInstitution,
    UnknownProcedure,
    UnknownSession,
)
from ja_reset.proofs.caller import line_called
from ja_reset.proofs.waits import Wait, WaitEnd, Waits
from ja_reset.service._config import Config
from ja_reset.service._institution import Institution
from ja_reset.service._io import Flow, Now
from ja_reset.service._records import SESSION
from ja_reset.service._session_rows import LIVE
from ja_reset.service._shown import ShownWork
from ja_reset.service._unit_of_work import fetched
from ja_reset.service.saved import load_session

W = TypeVar("W", bound="SessionWork")


class SessionWork(ShownWork):
    """A unit of work bound to one session, which events move."""

    def go_on(self) -> Flow[SessionWork]:
        """The next unit of work on the session as this one has committed it, with time passed.

        It knows what this one does, all of it from before: whatever it relies on, its commit names.
        """
        work = SessionWork(self.config, self.session, self.institution, max(self.now, (yield Now())))
        work.follow(self)
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

    def find_state(self, *, has_ended: bool) -> Flow[None]:
        """Move a session whose state this version of the chart cannot go on from (S4); its wait ends (P8)."""
        before = self.session
        if not is_stranded(self.chart, before):
            return
        self.session = displaced(self.chart, before, has_ended=has_ended)
        self.fresh = self.session.reasons
        if before.phone is not None:
            waits = yield from self.waits_of(before.phone.number)
            held = wait_of(before, waits)
            if held is not None and held.end is None:
                ended = held.ended(WaitEnd.LEFT, self.now, self.policies.phone.number_rest)
                yield from self.put_waits(before.phone.number, waits.changed(held, ended))
        self.note("state_is_gone", before, self.fresh)
        yield from self.record()

    # What happens elsewhere ---------------------------------------------------------------------------------

    def happen(self, role: EventRole, at: datetime, facts: Mapping[str, object], **reason: object) -> Flow[Outcome]:
        """The event of *role*, which no customer sent: time, a contest, the bank's word. Its facts are all there.

        *reason* says more of the reasons that it gives: until when, in which words.
        """
        trigger = self.chart.event(self.session.state, role)
        outcome = advance(self.chart, trigger, Turn(self.session, at, self.policies, facts))
        if reason and outcome.reasons:
            reasons = tuple(attrs.evolve(each, **reason) for each in outcome.reasons)  # type: ignore[arg-type]
            outcome = outcome.because(reasons)
        yield from self.take(trigger, outcome, at)
        return outcome

    def call_off(self, reason: Refusal) -> Flow[None]:
        """The event by which a customer breaks off (M3), on another's word and for another *reason*."""
        trigger = self.chart.event(self.session.state, EventRole.CANCEL)
        outcome = advance(self.chart, trigger, Turn(self.session, self.now, self.policies, {}))
        yield from self.take(trigger, outcome.because((reason,)), self.now)

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
        waited_for = before.phone if self._is_waiting(before) else None
        if transition.wait is WaitWrite.OPEN and after.phone and after.kept.window:
            if self.dials and after.kept.window.dial is None:
                msg = f"chart {self.chart.name} opens a wait without the number to call: open windows by `assigns`"
                raise ChartError(msg)
            until = after.kept.window.closes_at + self.policies.phone.delivery_grace
            waits = yield from self.waits_of(after.phone.number)
            begun = waits.begun(after.id, until, rest, at, line=line_called(after.kept.window.dial))
            yield from self.put_waits(after.phone.number, begun)
        elif waited_for and not self._is_waiting(after):
            waits = yield from self.waits_of(waited_for.number)
            held = wait_of(before, waits)
            if held is not None:
                end = WaitEnd.TIMED_OUT if transition.role is EventRole.WINDOW_CLOSED else WaitEnd.LEFT
                if transition.wait is WaitWrite.DISOWN:  # nobody is to wait for it, on whatever line
                    end, rest = WaitEnd.CONTESTED, max(rest, self.policies.phone.not_me_rest)
                released = transition.wait is WaitWrite.RELEASE
                ended = held.succeeded(at) if released else held.ended(end, at, rest)
                yield from self.put_waits(waited_for.number, waits.changed(held, ended))

    def contest(self, number: str) -> Flow[None]:
        """End the waits of the other sessions for *number*: from now on a call under way proves nobody (P8)."""
        waits = yield from self.waits_of(number)
        live, rest = waits.waiting(self.now), self.policies.phone.number_rest
        if not live:
            return
        yield from self.put_waits(number, waits.contested(self.now, rest))
        yield from self.fetch((SESSION, wait.session) for wait in live)
        for wait in live:
            yield from self._tell_contested(wait.session, self.now + rest)

    def _tell_contested(self, session: str, until: datetime) -> Flow[None]:
        body = yield from self.read(SESSION, session)
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
            yield from beside.happen(EventRole.CONTESTED, self.now, {}, until=until)

    def lost_wait(self) -> Flow[Waits | None]:
        """The row of the number that is waited for, where the wait was ended without this session (P8).

        A process that was not given this session's chart ends its wait by the row alone.
        """
        phone = self.session.phone
        waits = (yield from self.waits_of(phone.number)) if phone is not None else Waits()
        held = wait_of(self.session, waits)
        stands = not waits.held or (held is not None and held.end is None)
        return None if stands else waits

    def waits_for(self, number: str) -> bool:
        """Whether the session waits for a call from *number*, in E.164."""
        phone = self.session.phone
        return phone is not None and phone.number == number and self._is_waiting(self.session)


def wait_of(session: Session, waits: Waits) -> Wait | None:
    """What is held of the session's own wait, on the line whose number it was given; None if it has none."""
    window = session.kept.window
    return waits.of_session(session.id, line_called(None if window is None else window.dial))


def arrive_by(kind: type[W], config: Config, key: str, *, beside: tuple[str, ...] = ()) -> Flow[W]:
    """The session that a customer's token names, by its id, with time passed; raises UnknownSession: `arrive_at`."""
    work = yield from arrive_at(kind, config, key, refresh=False, beside=beside)
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

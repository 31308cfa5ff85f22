"""A gateway's reports: a call, then perhaps keys. The number finds the session; a call id counts once (P).

The chart decides. This module finds the session, recognises repeated reports, and says what the gateway does next.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from ja_reset.bank._values import Call, CallResult, CallStatus
from ja_reset.chart._changed import changed
from ja_reset.chart.advance import Outcome
from ja_reset.chart.session import Refusal
from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import EventRole
from ja_reset.errors import BankUnavailable, StoreError, UnknownProcedure
from ja_reset.fields._phone_numbers import masked
from ja_reset.machines import facts
from ja_reset.policies._phone import CodeChannel
from ja_reset.proofs.caller import Evidence, Report, evidence, line_called, line_fits, particulars
from ja_reset.proofs.waits import Wait, Waits
from ja_reset.secret import Secret
from ja_reset.service._claims import Again
from ja_reset.service._config import Config
from ja_reset.service._io import Fingerprint, Flow, Now, Open, Recognise
from ja_reset.service._names import digest
from ja_reset.service._records import CALL, WAIT, CallRecord
from ja_reset.service._refusals import UNAVAILABLE
from ja_reset.service._reports import (
    CALL_REUSED,
    LATE,
    answer,
    commit,
    decide,
    deliver,
    has_ended,
    is_known,
    session_for,
    waiting_for_keys,
)
from ja_reset.service._resolver import FactResolver
from ja_reset.service._shown import code_context
from ja_reset.service._unit_of_work import UnitOfWork, fetched
from ja_reset.service.saved import load
from ja_reset.stores.rows import Row


def report_call(config: Config, call: Call, session: object) -> Flow[CallResult]:
    """An incoming call. `session` is a public id, only where the telephony knows whose call it is (P8a)."""
    while True:
        try:
            return (yield from _call(config, call, session))
        except Again:
            continue
        except (BankUnavailable, StoreError, UnknownProcedure):
            return answer(config, None, CallStatus.REFUSED, (UNAVAILABLE,))


# A call -----------------------------------------------------------------------------------------------------


def _call(config: Config, call: Call, session: object) -> Flow[CallResult]:
    arrived = yield from _arrive(config, call, session)
    work = yield from _admit(config, arrived)
    if isinstance(work, CallResult):
        return work
    trigger, outcome = yield from decide(work, EventRole.CALL)
    record = _heard(work, arrived, outcome)
    until = work.now + work.policies.phone.remembers_calls
    told = {"relay": True} if arrived.found.refusal == "voip" and not outcome.reasons else {}
    leased = yield from commit(work, trigger, outcome, key=arrived.key, record=record, until=until, told=told)
    yield from deliver(config, leased)
    is_spoken = record.status is CallStatus.ANNOUNCE and work.policies.phone.code_channel is CodeChannel.SPOKEN
    return answer(config, work, record.status, outcome.reasons, work.code if is_spoken else None)


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class _Arrived:
    """A call that was reported, the row of its id, what its number proves, and who waits for that.

    `fingerprint`: what the call is recognised by; None where the row is of a call that is remembered, and nothing more
    was looked at. `named`: a session's public id that came with it. `misses`: why it is for none of those who wait.
    """

    call: Call
    key: str
    row: Row | None
    now: datetime
    found: Evidence
    named: object
    fingerprint: str | None = None
    wait: Wait | None = None
    misses: str | None = None
    work: FactResolver | None = None


def _arrive(config: Config, call: Call, named: object) -> Flow[_Arrived]:
    """What is known of the call and of its number, and the session that it may be for, as time has left it."""
    key, found = digest(call.id), evidence(call)
    row, *held = yield from fetched([(CALL, key), *([] if found.number is None else [(WAIT, found.number)])])
    now: datetime = yield Now()
    arrived = _Arrived(call, key, row, now, found, named)
    if row is not None and is_known(row, now):
        return arrived
    made: str = yield Fingerprint(Secret(particulars(call, found)), _context(key))
    waits = Waits.of(load(Wait, held[0].body, WAIT) if held and held[0] is not None else None)
    line = line_called(call.dialed)
    wait = waits.called(line, now) if named is None else waits.last_of(named)
    misses = None if wait is not None or not waits.waiting(now) else "line_unknown" if line is None else "wrong_line"
    target = named if named is not None else wait.session if wait and wait.is_waiting(now) else None
    work = yield from session_for(config, target)
    if work is not None:
        work.find((CALL, key), row)  # who reports the same beside this one hears it again
        if found.number is not None:
            work.find((WAIT, found.number), held[0])
    return changed(arrived, fingerprint=made, wait=wait, misses=misses, work=work)


def _admit(config: Config, arrived: _Arrived) -> Flow[FactResolver | CallResult]:
    """The session whose event the call is, with its facts; or what is told where it is known, or nobody's."""
    work, row, found = arrived.work, arrived.row, arrived.found
    if arrived.fingerprint is None and row is not None:
        return (yield from _again(config, arrived.call, found, row))
    if work is not None and work.institution is None:
        raise BankUnavailable
    if work is None or work.institution is None or not work.chart.hears(work.session.state, EventRole.CALL):
        return (yield from _unmatched(config, arrived))
    work.facts = {
        facts.RECEIVED_AT.name: arrived.call.received_at or arrived.now,
        facts.REPORT.name: Report(arrived.call, found, _fits(work, arrived.call.dialed)),
        facts.CALL_KEY.name: arrived.key,
    }
    return work


def _fits(work: FactResolver, dialed: str | None) -> bool:
    """Whether the dialled number is the one that the session was given, and still one of the institution's (P11)."""
    window, institution = work.session.kept.window, work.institution
    given = None if window is None else window.dial
    if institution is None or given is None:
        return institution is not None and line_fits(dialed, institution.dial)
    return line_fits(dialed, given) and (line_called(dialed) is None or work.has_line(given))


def _heard(work: FactResolver, arrived: _Arrived, outcome: Outcome) -> CallRecord:
    """The call as it is remembered: what the gateway does next, and whose session it was."""
    goes_to = outcome.session.state
    if outcome.reasons:
        status = CallStatus.REFUSED
    else:
        waits = work.chart.states[goes_to].kind is StateKind.WAITING
        status = CallStatus.ANNOUNCE if waits else CallStatus.VERIFIED
    state = goes_to if status is CallStatus.VERIFIED else None
    return CallRecord(status, session=work.session.id, reasons=outcome.reasons, state=state, call=arrived.fingerprint)


def _context(key: str) -> str:
    """What the fingerprint of a call is made for."""
    return f"call:{key}"


def _unmatched(config: Config, arrived: _Arrived) -> Flow[CallResult]:
    """A call that fits no waiting session: audited, and it changes nothing (P9)."""
    wait, refusal = arrived.wait, arrived.found.refusal
    ran_out = wait is not None and wait.ran_out(arrived.now) and arrived.named in (None, wait.session)
    work = arrived.work or (yield from session_for(config, wait.session if ran_out and wait else None))
    status = CallStatus.REFUSED if ran_out else CallStatus.UNMATCHED
    missed = arrived.misses if arrived.named is None else None
    told = missed if refusal in {None, "wrong_number"} else refusal
    reasons = (LATE,) if ran_out else (Refusal(told),) if told else ()
    result = answer(config, work, status, reasons)
    unit: UnitOfWork = work or UnitOfWork()
    unit.rows[CALL, arrived.key] = arrived.row
    session = work.session.id if work else None
    record = CallRecord(status, session=session, reasons=reasons, call=arrived.fingerprint)
    yield from unit.put(CALL, arrived.key, record, at=arrived.now + config.policies.phone.remembers_calls)
    unit.audit.append(_record(arrived.call, arrived.now, None, result))
    if not (yield from unit.save()):
        raise Again
    return result


def _record(call: Call, now: datetime, session: str | None, result: CallResult) -> dict[str, object]:
    """An audit record of a call that changes no session (S7)."""
    number = evidence(call).number
    return {
        "time": now.isoformat(),
        "session": session,
        "event": EventRole.CALL.value,
        "caller": None if number is None else masked(number),
        "status": result.status.value,
        "reasons": [reason.code for reason in result.reasons],
    }


def _again(config: Config, call: Call, found: Evidence, row: Row) -> Flow[CallResult]:
    """A call id that is known: the same call hears its first answer, another call is refused; both are audited (P3)."""
    record = load(CallRecord, row.body, CALL)
    told = Secret(particulars(call, found))
    is_same = record.call is None or (yield Recognise(record.call, told, _context(row.key)))
    result = (
        (yield from _first_answer(config, row.key, record))
        if is_same
        else answer(config, None, CallStatus.REFUSED, (CALL_REUSED,))
    )
    unit = UnitOfWork()
    if not is_same and not record.ambiguous:  # whose keys come under this id now, nobody can say: they prove nothing
        unit.rows[CALL, row.key] = row
        yield from unit.put(CALL, row.key, attrs.evolve(record, ambiguous=True), at=row.due)
    unit.audit.append(
        {**_record(call, (yield Now()), record.session, result), **({"repeated": True} if is_same else {})}
    )
    if not (yield from unit.save()):
        raise Again
    return result


def _first_answer(config: Config, key: str, record: CallRecord) -> Flow[CallResult]:
    """What the call was told first, while it still holds (P3)."""
    if record.status is not CallStatus.ANNOUNCE:
        whose = yield from session_for(config, record.session)
        moved_on = record.state is not None and (whose is None or whose.session.state != record.state)
        if moved_on:
            return answer(config, whose, CallStatus.REFUSED, (LATE,))
        return answer(config, whose, record.status, record.reasons)
    work = yield from waiting_for_keys(config, record, key)
    answered = work.session.kept.answered if work is not None else None
    if work is None or record.ambiguous or has_ended(work):
        reason = CALL_REUSED if work is not None and record.ambiguous else LATE
        return answer(config, work or (yield from session_for(config, record.session)), CallStatus.REFUSED, (reason,))
    code = None
    if work.policies.phone.code_channel is CodeChannel.SPOKEN and answered is not None and answered.code:
        code = yield Open(answered.code, code_context(work.session.id, key))
    return answer(config, work, CallStatus.ANNOUNCE, (), code)

"""What a gateway reports: a call, then perhaps keys. The number finds the session; a call id is heard once (SPEC P).

What is decided is the chart's; here is only whose session it is, what was heard before, and what the gateway does next.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import attrs

from ja_reset.bank._values import Call, CallResult, CallStatus
from ja_reset.chart.advance import Outcome
from ja_reset.chart.session import Refusal
from ja_reset.chart.transitions import EventRole, StateKind, WaitWrite
from ja_reset.errors import BankUnavailable, StoreError, UnknownProcedure
from ja_reset.fields._phone_numbers import masked
from ja_reset.machines import facts
from ja_reset.policies._phone import CodeChannel
from ja_reset.proofs.caller import evidence, line_fits, particulars
from ja_reset.proofs.waits import Wait
from ja_reset.secret import Secret
from ja_reset.service._io import Fingerprint, Flow, Get, Now, Open, Recognise
from ja_reset.service._keys import Keys, OtherDigits, judged_before, judged_now
from ja_reset.service._names import digest
from ja_reset.service._outbox import Leased, deliver_all, record_entries
from ja_reset.service._records import CALL, PIN_ATTEMPTS, WAIT, CallRecord, KeysRecord
from ja_reset.service._resolver import Again, FactResolver, OrderData
from ja_reset.service._unit_of_work import Config, UnitOfWork, arrive_at, code_context
from ja_reset.service._view import reason_of
from ja_reset.service.saved import load
from ja_reset.stores.rows import Row

LATE = Refusal("late")
CALL_REUSED = Refusal("call_id_reused")
ENTRY_REUSED = Refusal("entry_id_reused")
UNAVAILABLE = Refusal("temporarily_unavailable")


def report_call(config: Config, call: Call, session: object) -> Flow[CallResult]:
    """An incoming call. `session` is a public id, only where the telephony knows whose call it is (P8a)."""
    while True:
        try:
            return (yield from _call(config, call, session))
        except Again:
            continue
        except (BankUnavailable, StoreError, UnknownProcedure):
            return _result(config, None, CallStatus.REFUSED, (UNAVAILABLE,))


def report_keys(config: Config, keys: Keys) -> Flow[CallResult]:
    """One whole entry of keys in a call."""
    while True:
        try:
            result, leased = yield from _keys(config, keys)
            break
        except Again:
            continue
        except (BankUnavailable, StoreError, UnknownProcedure):
            return _result(config, None, CallStatus.RETRY, (UNAVAILABLE,))
    yield from _deliver(config, leased)
    return result


def _deliver(config: Config, leased: tuple[Leased, ...]) -> Flow[None]:
    """Give what the report has ordered; it is recorded, so that after an error proceed or recover() gives it again."""
    if leased:
        with suppress(StoreError):
            yield from deliver_all(config, leased)


def _result(
    config: Config,
    work: FactResolver | None,
    status: CallStatus,
    reasons: tuple[Refusal, ...],
    code: Secret | None = None,
) -> CallResult:
    policies = work.policies if work else config.policies
    texts = work.texts if work else config.texts
    return CallResult(status, code, tuple(reason_of(each, policies, texts) for each in reasons))


# A call -----------------------------------------------------------------------------------------------------


def _call(config: Config, call: Call, session: object) -> Flow[CallResult]:
    key = digest(call.id)
    row: Row | None = yield Get(CALL, key)
    now: datetime = yield Now()
    if row is not None and _is_known(row, now):
        return (yield from _again(config, call, row))
    made: str = yield Fingerprint(Secret(particulars(call)), _context(key))
    found = evidence(call)
    wait = None
    if found.number is not None:
        held = yield Get(WAIT, found.number)
        wait = load(Wait, held.body, WAIT) if held is not None else None
    refusals = (Refusal(found.refusal),) if found.refusal and found.refusal != "wrong_number" else ()
    target = session if session is not None else wait.session if wait and wait.is_waiting(now) else None
    work = yield from _whose(config, target)
    if work is not None and work.institution is None:
        raise BankUnavailable
    if work is None or not work.chart.hears(work.session.state, EventRole.CALL):
        ran_out = wait is not None and wait.ran_out(now) and session in (None, wait.session)
        status = CallStatus.REFUSED if ran_out else CallStatus.UNMATCHED
        whose = work or (yield from _whose(config, wait.session if ran_out and wait else None))
        reasons = (LATE,) if ran_out else refusals
        record = CallRecord(status, session=whose.session.id if whose else None, reasons=reasons, call=made)
        return (yield from _unmatched(config, whose, key=key, row=row, record=record, now=now, call=call))
    work.rows[CALL, key] = row  # as it was read, here and below: who reports the same beside this one hears it again
    work.facts = {
        facts.RECEIVED_AT.name: call.received_at or now,
        facts.REPORT.name: facts.Report(call, found, line_fits(call.dialed, work.institution.dial)),  # type: ignore[union-attr]
        facts.CALL_KEY.name: key,
    }
    trigger, outcome, datas = yield from _decide(work, EventRole.CALL)
    status = _status(work, outcome)
    state = outcome.session.state if status is CallStatus.VERIFIED else None
    record = CallRecord(status, session=work.session.id, reasons=outcome.reasons, state=state, call=made)
    until = work.now + work.policies.phone.remembers_calls
    leased = yield from _conclude(work, trigger, outcome, datas=datas, key=key, record=record, until=until)
    yield from _deliver(config, leased)
    spoken = work.policies.phone.code_channel is CodeChannel.SPOKEN
    code = work.code if status is CallStatus.ANNOUNCE and spoken else None
    return _result(config, work, status, outcome.reasons, code)


def _decide(work: FactResolver, role: EventRole) -> Flow[tuple[str, Outcome, OrderData]]:
    """What the report makes of the session; where its wait was ended by the row alone it proves nobody (P8)."""
    trigger = work.chart.event(work.session.state, role)
    outcome, datas = yield from work.decide(trigger)
    lost = (yield from work.lost_wait()) if outcome.transition.wait is WaitWrite.RELEASE else None
    if lost is None:
        return trigger, outcome, datas
    trigger = work.chart.event(work.session.state, EventRole.CONTESTED)
    outcome, datas = yield from work.decide(trigger)
    reasons = tuple(attrs.evolve(reason, until=lost.rests) for reason in outcome.reasons)
    return trigger, attrs.evolve(outcome, reasons=reasons), datas


def _status(work: FactResolver, outcome: Outcome) -> CallStatus:
    if outcome.reasons:
        return CallStatus.REFUSED
    waits = work.chart.states[outcome.session.state].kind is StateKind.WAITING
    return CallStatus.ANNOUNCE if waits else CallStatus.VERIFIED


def _is_known(row: Row, now: datetime) -> bool:
    """Whether the call is still remembered, housekeeping or not: afterwards its id may be another call's (P3)."""
    return row.due is None or now <= row.due


def _context(key: str) -> str:
    """What the fingerprint of a call is made for."""
    return f"call:{key}"


def _unmatched(
    config: Config,
    work: FactResolver | None,
    *,
    key: str,
    row: Row | None,
    record: CallRecord,
    now: datetime,
    call: Call,
) -> Flow[CallResult]:
    """A call that fits no waiting session: audited, and it changes nothing (P9)."""
    result = _result(config, work, record.status, record.reasons)
    unit: UnitOfWork = work or UnitOfWork()
    unit.rows[CALL, key] = row
    yield from unit.put(CALL, key, record, at=now + config.policies.phone.remembers_calls)
    unit.audit.append(_record(call, now, None, result))
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


def _again(config: Config, call: Call, row: Row) -> Flow[CallResult]:
    """A call id that is known: the same call hears its first answer, another call is refused; both are audited (P3)."""
    record = load(CallRecord, row.body, CALL)
    is_same = record.call is None or (yield Recognise(record.call, Secret(particulars(call)), _context(row.key)))
    result = (
        (yield from _first_answer(config, row.key, record))
        if is_same
        else _result(config, None, CallStatus.REFUSED, (CALL_REUSED,))
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
        whose = yield from _whose(config, record.session)
        moved_on = record.state is not None and (whose is None or whose.session.state != record.state)
        if moved_on:
            return _result(config, whose, CallStatus.REFUSED, (LATE,))
        return _result(config, whose, record.status, record.reasons)
    work = yield from _answered(config, record, key)
    if work is None or record.ambiguous:
        reason = LATE if work is None else CALL_REUSED
        return _result(config, work or (yield from _whose(config, record.session)), CallStatus.REFUSED, (reason,))
    code = None
    if work.policies.phone.code_channel is CodeChannel.SPOKEN and work.session.kept.answered is not None:
        code = yield Open(work.session.kept.answered.code, code_context(work.session.id, key))
    return _result(config, work, CallStatus.ANNOUNCE, (), code)


def _whose(config: Config, session: object) -> Flow[FactResolver | None]:
    """The session that an answer is about, in whose institution's words it is told; not saved (S9)."""
    return (yield from arrive_at(FactResolver, config, session)) if isinstance(session, str) else None


def _answered(config: Config, record: CallRecord, key: str) -> Flow[FactResolver | None]:
    """The session that waits for keys in this very call."""
    work = (yield from arrive_at(FactResolver, config, record.session)) if record.session else None
    if work is not None and work.institution is None:
        raise BankUnavailable
    answered = work.session.kept.answered if work else None
    if answered is not None and answered.call == key:
        return work
    if work is not None and work.moved and not (yield from work.save()):  # what was told rests on it (S10)
        raise Again
    return None


def _conclude(
    work: FactResolver,
    trigger: str,
    outcome: Outcome,
    *,
    datas: OrderData,
    key: str,
    record: CallRecord,
    until: datetime | None,
) -> Flow[tuple[Leased, ...]]:
    before = work.session
    yield from work.take(trigger, outcome, work.now)
    work.audit[-1]["status"] = (record.keys_status or record.status).value
    leased = yield from record_entries(work, before, datas)
    if leased and before.kept.ref is not None:  # the last step: a lock that comes now must not be slipped past (I6)
        yield from work.hold(PIN_ATTEMPTS, before.kept.ref)
    yield from work.put(CALL, key, record, at=until)
    if not (yield from work.save()):
        raise Again
    return leased


# Keys -------------------------------------------------------------------------------------------------------


def _keys(config: Config, keys: Keys) -> Flow[tuple[CallResult, tuple[Leased, ...]]]:
    key = keys.call
    row: Row | None = yield Get(CALL, key)
    if row is None or not _is_known(row, (yield Now())):
        return (yield from _aside(None, _result(config, None, CallStatus.UNMATCHED, ()))), ()
    record = load(CallRecord, row.body, CALL)
    work = yield from _answered(config, record, key)
    if work is None:  # by keys that were judged meanwhile, perhaps these very ones
        still: Row | None = yield Get(CALL, key)
        if still is None or still.stamp != row.stamp:
            raise Again
    entry, refusal = yield from _known(keys, record)
    if work is None or entry is not None or refusal is not None:
        return (yield from _told_aside(config, record, work, entry, refusal)), ()
    work.rows[CALL, key] = row
    work.facts = {facts.RECEIVED_AT.name: keys.received_at or work.now, facts.ENTRY.name: keys.entry}
    trigger, outcome, datas = yield from _decide(work, EventRole.KEYS)
    status = _keys_status(work, outcome)
    if facts.CODE.name in work.facts:  # judged: a retry must not be judged again
        entries = yield from judged_now(keys, status, outcome.session.state, outcome.reasons)
        record = attrs.evolve(record, entries=(*record.entries, *entries))
    if outcome.session.wrong_codes > work.session.wrong_codes and work.session.phone is not None:
        yield from work.count_wrong_code(work.session.phone.number)
    record = attrs.evolve(record, keys_status=status)
    leased = yield from _conclude(work, trigger, outcome, datas=datas, key=key, record=record, until=row.due)
    return _result(config, work, status, outcome.reasons), leased


def _keys_status(work: FactResolver, outcome: Outcome) -> CallStatus:
    if not outcome.reasons:
        return CallStatus.VERIFIED
    again = outcome.session.kept.answered is not None and outcome.transition.codes == ("wrong_code",)
    return CallStatus.RETRY if again and outcome.session.state == work.session.state else CallStatus.REFUSED


def _known(keys: Keys, record: CallRecord) -> Flow[tuple[KeysRecord | None, Refusal | None]]:
    """The entry that the keys repeat, or why nobody can say which entry they are."""
    if record.ambiguous:
        return None, CALL_REUSED
    try:
        return (yield from judged_before(record, keys)), None
    except OtherDigits:
        return None, ENTRY_REUSED


def _told_aside(
    config: Config, record: CallRecord, work: FactResolver | None, entry: KeysRecord | None, refusal: Refusal | None
) -> Flow[CallResult]:
    """What is told of keys that are not judged: they change nothing."""
    if record.status is not CallStatus.ANNOUNCE:
        return (yield from _aside(record.session, _result(config, None, CallStatus.UNMATCHED, ())))
    whose = work or (yield from _whose(config, record.session))
    if entry is not None and _still_holds(entry, whose, waits=work is not None):
        result = _result(config, whose, entry.status, entry.reasons)
    else:
        reason = refusal if refusal is not None and work is not None else LATE
        result = _result(config, whose, CallStatus.REFUSED, (reason,))
    return (yield from _aside(record.session, result, repeated=entry is not None))


def _still_holds(entry: KeysRecord, whose: FactResolver | None, *, waits: bool) -> bool:
    """Whether the first answer still says what is so (P3).

    "Gather again": while the call is waited in. "Go on": while the session is where the keys led it, or where the
    bank's confirmation of their order did.
    """
    if entry.status is CallStatus.RETRY:
        return waits
    if entry.status is not CallStatus.VERIFIED:
        return True
    if whose is None:
        return False
    states, state = whose.chart.states, whose.session.state
    ordered = entry.state in states and states[entry.state].kind is StateKind.COMPLETING
    return state == entry.state or (ordered and states[state].kind is StateKind.SUCCESS)


def _aside(session: str | None, result: CallResult, *, repeated: bool = False) -> Flow[CallResult]:
    """Keys that change nothing are audited."""
    unit = UnitOfWork()
    now: datetime = yield Now()
    unit.audit.append(
        {
            "time": now.isoformat(),
            "session": session,
            "event": EventRole.KEYS.value,
            "status": result.status.value,
            "reasons": [reason.code for reason in result.reasons],
            **({"repeated": True} if repeated else {}),
        }
    )
    if not (yield from unit.save()):
        raise Again
    return result

"""What calls and keys have in common: whose session it is, and the stages to the answer (specification, P)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType
from typing import Final

import attrs

from ja_reset.bank._values import CallResult, CallStatus, Reason
from ja_reset.chart.advance import Outcome
from ja_reset.chart.session import Refusal
from ja_reset.chart.transitions import EventRole, WaitWrite
from ja_reset.errors import BankUnavailable, StoreError
from ja_reset.secret import Secret
from ja_reset.service._claims import Again
from ja_reset.service._config import Config
from ja_reset.service._delivery import deliver_all
from ja_reset.service._io import Flow, Now
from ja_reset.service._outbox import Leased, record_entries
from ja_reset.service._records import CALL, PIN_ATTEMPTS, REQUEST, CallRecord
from ja_reset.service._resolver import FactResolver
from ja_reset.service._session_work import arrive_at
from ja_reset.service._spoken import at_call, at_keys
from ja_reset.service._unit_of_work import UnitOfWork
from ja_reset.service._view import reason_of
from ja_reset.stores.rows import Row

LATE = Refusal("late")
CALL_REUSED = Refusal("call_id_reused")
NOTHING_MORE: Final[Mapping[str, object]] = MappingProxyType({})


def session_for(config: Config, session: object) -> Flow[FactResolver | None]:
    """The session that an answer is about, in whose institution's words it is told; not saved (S9)."""
    return (yield from arrive_at(FactResolver, config, session)) if isinstance(session, str) else None


def waiting_for_keys(config: Config, record: CallRecord, key: str) -> Flow[FactResolver | None]:
    """The session that waits for keys in this very call."""
    session, beside = record.session, (REQUEST,)  # if it ends, its last answer is reduced
    work = (yield from arrive_at(FactResolver, config, session, beside=beside)) if session else None
    if work is not None and work.institution is None:
        raise BankUnavailable
    answered = work.session.kept.answered if work else None
    if answered is not None and answered.call == key:
        return work
    if work is not None and work.moved and not (yield from work.save()):  # what was told rests on it (S10)
        raise Again
    return None


def has_ended(work: FactResolver) -> bool:
    """Whether the call that the session waits in is known to be over (P4)."""
    answered = work.session.kept.answered
    return answered is not None and answered.ended is not None


def is_known(row: Row, now: datetime) -> bool:
    """Whether the call is still remembered, purged or not: afterwards its id may be another call's (P3)."""
    return row.due is None or now <= row.due


def decide(work: FactResolver, role: EventRole) -> Flow[tuple[str, Outcome]]:
    """What the report makes of the session; where its wait was ended by the row alone it proves nobody (P8)."""
    trigger = work.chart.event(work.session.state, role)
    outcome = yield from work.decide(trigger)
    lost = (yield from work.lost_wait()) if outcome.transition.wait is WaitWrite.RELEASE else None
    if lost is None:
        return trigger, outcome
    trigger = work.chart.event(work.session.state, EventRole.CONTESTED)
    outcome = yield from work.decide(trigger)
    reasons = tuple(attrs.evolve(reason, until=lost.due) for reason in outcome.reasons)
    return trigger, attrs.evolve(outcome, reasons=reasons)


def commit(
    work: FactResolver,
    trigger: str,
    outcome: Outcome,
    *,
    key: str,
    record: CallRecord,
    until: datetime | None,
    told: Mapping[str, object] = NOTHING_MORE,
) -> Flow[tuple[Leased, ...]]:
    """Everything that the report changes, and the call's row, in one commit; raises Again where a row has changed.

    *told*: what the audit record says beside.
    """
    before = work.session
    yield from work.take(trigger, outcome, work.now)
    work.add_to_note(status=(record.keys_status or record.status).value, **told)
    leased = yield from record_entries(work, before, outcome.effects)
    if leased and before.kept.ref is not None:  # the last step: a lock that comes now must not be slipped past (I6)
        yield from work.hold(PIN_ATTEMPTS, before.kept.ref)
    yield from work.put(CALL, key, record, at=until)
    if not (yield from work.save()):
        raise Again
    return leased


def deliver(config: Config, leased: tuple[Leased, ...]) -> Flow[None]:
    """Give what the report has ordered; it is recorded, so that after an error proceed or recover() gives it again."""
    if leased:
        with suppress(StoreError):
            yield from deliver_all(config, leased)


def answer(
    config: Config,
    work: FactResolver | None,
    status: CallStatus,
    reasons: tuple[Refusal, ...],
    code: Secret | None = None,
) -> CallResult:
    """What the gateway is told of a call, in the words of the session's institution."""
    script = at_call(config, work, status, code)
    return CallResult(status, code, _worded(config, work, reasons), script)


def answer_keys(
    config: Config,
    work: FactResolver | None,
    status: CallStatus,
    reasons: tuple[Refusal, ...],
    left: int | None = None,
) -> CallResult:
    """What the gateway is told of an entry of keys; *left* are the tries left in the call after a wrong one."""
    script = at_keys(config, work, status, reasons, left)
    return CallResult(status, None, _worded(config, work, reasons), script)


def _worded(config: Config, work: FactResolver | None, reasons: tuple[Refusal, ...]) -> tuple[Reason, ...]:
    policies = work.policies if work else config.policies
    texts = work.texts if work else config.texts
    return tuple(reason_of(each, policies, texts) for each in reasons)


def answer_end(
    config: Config, work: FactResolver | None, status: CallStatus, reasons: tuple[Refusal, ...] = ()
) -> CallResult:
    """What the gateway is told of the end of a call: nothing is left to say in it."""
    return CallResult(status, None, _worded(config, work, reasons))


def aside(role: EventRole, session: str | None, result: CallResult, *, repeated: bool = False) -> Flow[CallResult]:
    """What is told of a report that changes nothing; it is audited."""
    unit = UnitOfWork()
    now: datetime = yield Now()
    unit.audit.append(
        {
            "time": now.isoformat(),
            "session": session,
            "event": role.value,
            "status": result.status.value,
            "reasons": [reason.code for reason in result.reasons],
            **({"repeated": True} if repeated else {}),
        }
    )
    if not (yield from unit.save()):
        raise Again
    return result

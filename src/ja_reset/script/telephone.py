"""What a gateway reports: a call, then perhaps keys. The number finds the session; the call id is heard once (SPEC P).

What is decided is the chart's; here is only whose session it is, what was heard before, and what the gateway does next.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from ja_reset.advance import Outcome
from ja_reset.arrows import StateKind
from ja_reset.caller import evidence, line_fits
from ja_reset.errors import BankUnavailable, StoreError
from ja_reset.machines import facts
from ja_reset.phone_numbers import masked
from ja_reset.policies.phone import CodeChannel
from ja_reset.records import CALL, LEDGER, WAIT, Heard
from ja_reset.saved import load
from ja_reset.script.gather import Again, Gathering, OrderData
from ja_reset.script.names import digest
from ja_reset.script.orders import give_all, record_orders
from ja_reset.script.requests import Flow, Get, Now, Open
from ja_reset.script.work import Config, Desk, arrive_at, code_context
from ja_reset.secret import Secret
from ja_reset.session import Refusal
from ja_reset.values import Call, CallResult, CallStatus
from ja_reset.view import reason_of
from ja_reset.waits import Wait

LATE = Refusal("late")
UNAVAILABLE = Refusal("temporarily_unavailable")


@attrs.frozen(eq=False, repr=False)
class Keys:
    """An entry of keys in a call: when it reached the gateway (None: now)."""

    call_id: str
    digits: Secret
    received_at: datetime | None


def report_call(config: Config, call: Call, session: object) -> Flow[CallResult]:
    """An incoming call. `session` is a public id, only where the telephony knows whose call it is (P8a)."""
    while True:
        try:
            return (yield from _call(config, call, session))
        except Again:
            continue
        except (BankUnavailable, StoreError):
            return _result(config, None, CallStatus.REFUSED, (UNAVAILABLE,))


def report_keys(config: Config, keys: Keys) -> Flow[CallResult]:
    """One whole entry of keys in a call."""
    while True:
        try:
            result, orders = yield from _keys(config, keys)
            break
        except Again:
            continue
        except (BankUnavailable, StoreError):
            return _result(config, None, CallStatus.RETRY, (UNAVAILABLE,))
    if orders:
        try:
            yield from give_all(config, orders)
        except StoreError:  # recorded: proceed or recover() gives it again
            return result
    return result


def _result(
    config: Config, work: Gathering | None, status: CallStatus, reasons: tuple[Refusal, ...], code: Secret | None = None
) -> CallResult:
    policies = work.policies if work else config.policies
    texts = work.texts if work else config.texts
    return CallResult(status, code, tuple(reason_of(each, policies, texts) for each in reasons))


# A call -----------------------------------------------------------------------------------------------------


def _call(config: Config, call: Call, session: object) -> Flow[CallResult]:
    key = digest(call.id)
    row = yield Get(CALL, key)
    if row is not None:
        return (yield from _again(config, key, load(Heard, row.body, CALL)))
    now: datetime = yield Now()
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
    if work is None or not work.chart.has(work.session.state, "call_received"):
        ran_out = wait is not None and wait.ran_out(now) and session in (None, wait.session)
        status = CallStatus.REFUSED if ran_out else CallStatus.UNMATCHED
        whose = work or (yield from _whose(config, wait.session if ran_out and wait else None))
        reasons = (LATE,) if ran_out else refusals
        heard = Heard(status, session=whose.session.id if whose else None, reasons=reasons)
        shown = None if found.number is None else masked(found.number)
        return (yield from _unmatched(config, whose, key=key, heard=heard, now=now, caller=shown))
    work.rows[CALL, key] = None  # as it was read, here and below: who reports the same beside this one hears it again
    work.facts = {
        facts.RECEIVED_AT.name: call.received_at or now,
        facts.REPORT.name: facts.Report(call, found, line_fits(call.dialed, work.institution.dial)),  # type: ignore[union-attr]
        facts.CALL_KEY.name: key,
    }
    outcome, datas = yield from work.decide("call_received")
    status = _status(work, outcome)
    state = outcome.session.state if status is CallStatus.VERIFIED else None
    heard = Heard(status, session=work.session.id, reasons=outcome.reasons, state=state)
    yield from _conclude(work, "call_received", outcome, datas=datas, key=key, heard=heard)
    spoken = work.policies.phone.code_channel is CodeChannel.SPOKEN
    code = work.code if status is CallStatus.ANNOUNCE and spoken else None
    return _result(config, work, status, outcome.reasons, code)


def _status(work: Gathering, outcome: Outcome) -> CallStatus:
    if outcome.reasons:
        return CallStatus.REFUSED
    waits = work.chart.states[outcome.session.state].kind is StateKind.WAITING
    return CallStatus.ANNOUNCE if waits else CallStatus.VERIFIED


def _unmatched(
    config: Config, work: Gathering | None, *, key: str, heard: Heard, now: datetime, caller: str | None
) -> Flow[CallResult]:
    """A call that fits no waiting session: audited, and it changes nothing (P9)."""
    desk: Desk = work or Desk()
    desk.rows[CALL, key] = None
    yield from desk.put(CALL, key, heard, at=now + config.policies.session.retention)
    desk.audit.append(
        {
            "time": now.isoformat(),
            "session": None,
            "event": "call_received",
            "caller": caller,
            "status": heard.status.value,
            "reasons": [reason.code for reason in heard.reasons],
        }
    )
    if not (yield from desk.save()):
        raise Again
    return _result(config, work, heard.status, heard.reasons)


def _again(config: Config, key: str, heard: Heard) -> Flow[CallResult]:
    """The same call reported again: the first answer, while it still holds (P3)."""
    if heard.status is not CallStatus.ANNOUNCE:
        whose = yield from _whose(config, heard.session)
        moved_on = heard.state is not None and (whose is None or whose.session.state != heard.state)
        if moved_on:
            return _result(config, whose, CallStatus.REFUSED, (LATE,))
        return _result(config, whose, heard.status, heard.reasons)
    work = yield from _answered(config, heard, key)
    if work is None:
        return _result(config, (yield from _whose(config, heard.session)), CallStatus.REFUSED, (LATE,))
    code = None
    if work.policies.phone.code_channel is CodeChannel.SPOKEN and work.session.kept.answered is not None:
        code = yield Open(work.session.kept.answered.code, code_context(work.session.id, key))
    return _result(config, work, CallStatus.ANNOUNCE, (), code)


def _whose(config: Config, session: object) -> Flow[Gathering | None]:
    """The session that an answer is about, in whose institution's words it is told; not saved (S9)."""
    return (yield from arrive_at(Gathering, config, session)) if isinstance(session, str) else None


def _answered(config: Config, heard: Heard, key: str) -> Flow[Gathering | None]:
    """The session that waits for keys in this very call."""
    work = (yield from arrive_at(Gathering, config, heard.session)) if heard.session else None
    if work is not None and work.institution is None:
        raise BankUnavailable
    answered = work.session.kept.answered if work else None
    if answered is not None and answered.call == key:
        return work
    if work is not None and work.moved and not (yield from work.save()):  # what was told rests on it (S10)
        raise Again
    return None


def _conclude(
    work: Gathering, trigger: str, outcome: Outcome, *, datas: OrderData, key: str, heard: Heard
) -> Flow[tuple[str, ...]]:
    before = work.session
    yield from work.take(trigger, outcome, work.now)
    work.audit[-1]["status"] = (heard.keys_status or heard.status).value
    keys = yield from record_orders(work, before, datas)
    if keys and before.kept.ref is not None:  # the last step: a lock that comes now must not be slipped past (I6)
        yield from work.hold(LEDGER, before.kept.ref)
    yield from work.put(CALL, key, heard, at=work.now + work.policies.session.retention)
    if not (yield from work.save()):
        raise Again
    return keys


# Keys -------------------------------------------------------------------------------------------------------


def _keys(config: Config, keys: Keys) -> Flow[tuple[CallResult, tuple[str, ...]]]:
    key = digest(keys.call_id)
    row = yield Get(CALL, key)
    if row is None:
        return (yield from _unknown(config)), ()
    heard = load(Heard, row.body, CALL)
    work = yield from _answered(config, heard, key)
    if work is None:
        status = CallStatus.REFUSED if heard.status is CallStatus.ANNOUNCE else CallStatus.UNMATCHED
        reasons = (LATE,) if status is CallStatus.REFUSED else ()
        return (yield from _unknown(config, heard.session, status, reasons)), ()
    work.rows[CALL, key] = row
    work.facts = {
        facts.RECEIVED_AT.name: keys.received_at or work.now,
        facts.ENTRY.name: Secret(_entry(keys.digits)),
    }
    outcome, datas = yield from work.decide("keys_received")
    status = _keys_status(work, outcome)
    heard = attrs.evolve(heard, keys_status=status)
    orders = yield from _conclude(work, "keys_received", outcome, datas=datas, key=key, heard=heard)
    return _result(config, work, status, outcome.reasons), orders


def _entry(digits: Secret) -> str:
    """What was keyed in, without what a dial-pulse line's switch to tones leaves in front, and one closing # (P4)."""
    return digits.reveal().lstrip("*#").removesuffix("#")


def _keys_status(work: Gathering, outcome: Outcome) -> CallStatus:
    if not outcome.reasons:
        return CallStatus.VERIFIED
    again = outcome.session.kept.answered is not None and outcome.arrow.codes == ("wrong_code",)
    return CallStatus.RETRY if again and outcome.session.state == work.session.state else CallStatus.REFUSED


def _unknown(
    config: Config,
    session: str | None = None,
    status: CallStatus = CallStatus.UNMATCHED,
    reasons: tuple[Refusal, ...] = (),
) -> Flow[CallResult]:
    """Keys in a call that no session waits in: audited, and they change nothing."""
    desk = Desk()
    now: datetime = yield Now()
    desk.audit.append(
        {
            "time": now.isoformat(),
            "session": session,
            "event": "keys_received",
            "status": status.value,
            "reasons": [reason.code for reason in reasons],
        }
    )
    if not (yield from desk.save()):
        raise Again
    return _result(config, (yield from _whose(config, session)) if reasons else None, status, reasons)

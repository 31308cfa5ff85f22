"""What is nobody's turn: starting, unlocking, recovering, ending what has run out, dropping what is old, reading."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.session import Session
from ja_reset.errors import InvalidArgument, ResetError, StoreError, UnknownProcedure
from ja_reset.fields import readers
from ja_reset.fields._phone_numbers import masked, read_presented
from ja_reset.fields.readers import Reader
from ja_reset.machines._phones import offered
from ja_reset.policies import Policies
from ja_reset.proofs._identity import account_key, login_key
from ja_reset.proofs.attempts import PinAttempts
from ja_reset.proofs.waits import Wait
from ja_reset.secret import Secret
from ja_reset.service._bank import find_contract
from ja_reset.service._institution import Institution
from ja_reset.service._io import Flow, Fresh, Get, Now, ReadAudit, Scan
from ja_reset.service._names import session_id, tries_key
from ja_reset.service._outbox import PENDING, Delivery, deliver, deliver_all, withdraw_locks
from ja_reset.service._records import (
    CALL,
    CODES,
    IDENTITY_ATTEMPTS,
    OUTBOX,
    PIN_ATTEMPTS,
    REQUEST,
    SESSION,
    WAIT,
    OutboxEntry,
    OutboxStatus,
)
from ja_reset.service._unit_of_work import ENDED, LIVE, RESULT, Config, SessionWork, UnitOfWork, arrive
from ja_reset.service._view import View
from ja_reset.service.saved import load, read_session
from ja_reset.stores.rows import Row, is_name, newest

TOKEN_OCTETS = 32
"""256 bits (S1)."""

NAMES = 3
"""How many names are tried for a session, each unguessable."""

NO_DAY = date.max
"""For fields that no date bears on."""


def start(config: Config, chart: Chart, institution: str) -> Flow[View]:
    """A new session on its first screen; raises UnknownInstitution, BankUnavailable."""
    found: Institution = yield from config.ask_institution(institution)
    for _ in range(NAMES):
        view = yield from _start(config, chart, found)
        if view is not None:
            return view
    msg = f"the store has refused a new session {NAMES} times: it holds rows under new names, or keeps nothing"
    raise StoreError(msg)


def _start(config: Config, chart: Chart, found: Institution) -> Flow[View | None]:
    """The session under a new name; None where the store does not take it."""
    token = Secret((yield Fresh(TOKEN_OCTETS)))
    now: datetime = yield Now()
    session = Session(
        id=session_id(token),
        procedure=chart.name,
        chart_version=chart.version,
        institution=found.id,
        state=chart.initial,
        version=1,
        created_at=now,
        active_at=now,
        seen_at=now,
    )
    work = SessionWork(config, session, found, now)
    yield from work.record()
    work.note("start", session, ())
    shown = yield from work.shown(())
    view = yield from work.view(token, shown)
    return view if (yield from work.save()) else None  # 256 random bits that were there already


@attrs.frozen(eq=False, repr=False)
class Account:
    """The account, and the login id if any, whose counts are cleared."""

    institution: str
    branch: object
    subject: object
    account: object
    login_id: object


def unlock(config: Config, what: Account) -> Flow[None]:
    """Clear the counts of an account, of its card and its registered numbers, and withdraw its pending locks (L6).

    Raises UnlockRefused, UnknownInstitution, InvalidArgument, BankUnavailable.
    """
    institution = yield from config.ask_institution(what.institution)
    policies = config.policies_of(institution)
    branch = _read("branch", readers.BRANCH, what.branch, policies)
    subject = _read("subject", readers.SUBJECT, what.subject, policies)
    account = _read("account", readers.ACCOUNT, what.account, policies)
    names = [account_key(branch, subject, account)]
    if what.login_id is not None:
        names.append(login_key(_read("login_id", readers.LOGIN_ID, what.login_id, policies)))
    contract = yield from find_contract(institution.id, branch, subject, account)
    while True:
        unit = UnitOfWork()
        now: datetime = yield Now()
        for name in names:
            yield from unit.put(IDENTITY_ATTEMPTS, tries_key(institution.id, name), None)
        if contract is not None:
            for number in offered(contract.phones):
                yield from unit.put(CODES, number, None)
            attempts = yield from unit.load(PIN_ATTEMPTS, contract.ref, PinAttempts)
            yield from withdraw_locks(config, unit, contract.ref, attempts or PinAttempts(), now, policies=policies)
            if attempts is not None:
                yield from unit.put(PIN_ATTEMPTS, contract.ref, attempts.unlock())
        unit.audit.append(
            {
                "time": now.isoformat(),
                "session": None,
                "institution": institution.id,
                "ref": contract.ref if contract else None,
                "event": "unlock",
                "reasons": [],
            }
        )
        if (yield from unit.save()):
            return


def _read(name: str, reader: Reader, given: object, policies: Policies) -> str:
    """What was given as *name*, normalised; raises InvalidArgument, naming it."""
    value = reader.read(given, policies, NO_DAY)
    if not isinstance(value, str):
        msg = f"{name} is not one"
        raise InvalidArgument(msg)
    return value


def recover(config: Config) -> Flow[int]:
    """Give every effect that is not confirmed and that nobody is giving now; how many the bank has answered.

    Those of a session whose chart this process was not given are left to another process. What one effect raises is
    raised once all were tried.
    """
    settled, failure = 0, None
    after: Row | None = None
    while page := (yield Scan(OUTBOX, tag=PENDING, after=after)):
        after = page[-1]
        for row in page:
            try:
                delivery, more = yield from deliver(config, row.key, lease=None)
                settled += delivery is Delivery.SETTLED
                if more:
                    yield from deliver_all(config, more)
            except UnknownProcedure:  # a process that was given the chart gives it
                continue
            except Exception as error:  # noqa: BLE001 - one effect must not keep the others from being given
                failure = failure or error
    if failure is not None:
        raise failure
    return settled


def expire_due(config: Config) -> Flow[int]:
    """Let time pass for every session that has run out of it; how many it moved.

    Results that are no longer shown are dropped on the way.
    """
    moved, failure = yield from _let_time_pass(config, LIVE)
    _, beside = yield from _let_time_pass(config, RESULT)
    failure = failure or beside
    if failure is not None:
        raise failure
    return moved


def _let_time_pass(config: Config, tag: str) -> Flow[tuple[int, ResetError | None]]:
    """How many sessions with that tag time has moved, and the first thing that one of them raised."""
    moved, failure = 0, None
    after: Row | None = None
    now: datetime = yield Now()
    while page := (yield Scan(SESSION, tag=tag, due=now, after=after)):
        after = page[-1]
        for row in page:
            try:
                work = yield from arrive(config, row.key)
                moved += bool(work and work.moved and (yield from work.save()))
            except UnknownProcedure:  # a process that was given the chart lets its time pass
                continue
            except ResetError as error:
                failure = failure or error
    return moved, failure


def purge(config: Config) -> Flow[int]:
    """Drop ended sessions past retention, and rows that no longer say anything; how many sessions were dropped."""
    now: datetime = yield Now()
    _, failure = yield from _let_time_pass(config, RESULT)
    dropped = yield from _drop(SESSION, now, tag=ENDED)
    for kind in (IDENTITY_ATTEMPTS, WAIT, CALL, CODES, OUTBOX):
        yield from _drop(kind, now)
    if failure is not None:
        raise failure
    return dropped


def _drop(kind: str, now: datetime, *, tag: str | None = None) -> Flow[int]:
    dropped = 0
    after: Row | None = None
    while page := (yield Scan(kind, tag=tag, due=now, after=after)):
        after = page[-1]
        for row in page:
            if row.due is None or row.due >= now:
                continue
            unit = UnitOfWork()
            unit.rows[kind, row.key] = row
            yield from unit.put(kind, row.key, None)
            if kind == SESSION:
                yield from unit.put(REQUEST, row.key, None)
            dropped += yield from unit.save()
    return dropped


# An operator's acts -----------------------------------------------------------------------------------------

WORDS = 200
"""How many characters the name of an operator and the reason of an act may have."""


def lift(config: Config, *, number: object, effect: object, by: object, reason: object) -> Flow[None]:
    """Take away the rest of a number (P8) or the lease of an effect (C4) before its time; raises InvalidArgument."""
    act = {"actor": _words(by, "by"), "reason": _words(reason, "reason")}
    if (number is None) is (effect is None):
        msg = "lift takes a number or an effect's key, one of the two"
        raise InvalidArgument(msg)
    while True:
        lifted = (yield from _lift_rest(config, number)) if effect is None else (yield from _lift_lease(effect))
        unit, record = lifted
        now: datetime = yield Now()
        unit.audit.append({"time": now.isoformat(), **record, "event": "lift", "reasons": [], **act})
        if (yield from unit.save()):
            return


def _words(text: object, name: str) -> str:
    if not isinstance(text, str) or not 0 < len(text.strip()) <= WORDS or not is_name(text) or not text.isprintable():
        msg = f"{name} must be a str of 1 to {WORDS} printable characters"
        raise InvalidArgument(msg)
    return text


def _lift_rest(config: Config, number: object) -> Flow[tuple[UnitOfWork, dict[str, object]]]:
    """The rest of a number, to be taken away; a session that waits for the number keeps it."""
    e164 = read_presented(number)
    if e164 is None:
        msg = "number must be a Japanese phone number"
        raise InvalidArgument(msg)
    now: datetime = yield Now()
    held = yield from UnitOfWork().load(WAIT, e164, Wait)
    work = (yield from arrive(config, held.session)) if held is not None and held.end is None else None
    unit: UnitOfWork = UnitOfWork() if work is None else work
    wait = yield from unit.load(WAIT, e164, Wait)
    if wait is None or not (wait.is_waiting(now) or now <= wait.rests):
        msg = "that number does not rest"
        raise InvalidArgument(msg)
    if work is not None and work.waits_for(e164):
        msg = "a session waits for that number: end its wait first"
        raise InvalidArgument(msg)
    yield from unit.put(WAIT, e164, None)
    return unit, {"session": wait.session, "number": masked(e164)}


def _lift_lease(key: object) -> Flow[tuple[UnitOfWork, dict[str, object]]]:
    """The lease of an effect, to be taken away, so that `recover()` or proceed gives it now."""
    unit = UnitOfWork()
    entry = (yield from unit.load(OUTBOX, key, OutboxEntry)) if isinstance(key, str) else None
    if entry is None or entry.status is not OutboxStatus.PENDING or entry.lease is None:
        msg = "no effect of that key is leased"
        raise InvalidArgument(msg)
    yield from unit.put(OUTBOX, entry.key, attrs.evolve(entry, lease=None), tag=PENDING)
    about = {"session": entry.session, "institution": entry.institution, "ref": entry.ref, "effect": str(entry.kind)}
    return unit, {**about}


# Reading ----------------------------------------------------------------------------------------------------


def read_sessions(*, state: str | None, limit: int | None) -> Flow[list[dict[str, object]]]:
    """Sessions as they were saved last, of any chart, without secrets; time does not pass for them."""
    newest(limit)
    found: list[dict[str, object]] = []
    after: Row | None = None
    while page := (yield Scan(SESSION, after=after)):
        after = page[-1]
        for row in page:
            session = read_session(row.body)
            if state is None or session.state == state:
                found.append(_plain_session(session))
            if limit is not None and len(found) >= limit:
                return found
    return found


def _plain_session(session: Session) -> dict[str, object]:
    return {
        "id": session.id,
        "procedure": session.procedure,
        "institution": session.institution,
        "state": session.state,
        "version": session.version,
        "ref": session.kept.ref,
        "created_at": session.created_at.isoformat(),
        "active_at": session.active_at.isoformat(),
        "reasons": [reason.code for reason in session.reasons],
        "phone_windows": session.windows,
        "identity_failures": session.tries,
        "wrong_codes": session.wrong_codes,
    }


def read_effects(*, status: str | None, session: str | None, limit: int | None) -> Flow[list[dict[str, object]]]:
    """Effects as they were recorded, without their data."""
    newest(limit)
    found: list[dict[str, object]] = []
    after: Row | None = None
    while page := (yield Scan(OUTBOX, after=after)):
        after = page[-1]
        for row in page:
            entry = load(OutboxEntry, row.body, OUTBOX)
            if (status is None or entry.status.value == status) and (session is None or entry.session == session):
                found.append(_plain_order(entry))
            if limit is not None and len(found) >= limit:
                return found
    return found


def _plain_order(entry: OutboxEntry) -> dict[str, object]:
    return {
        "key": entry.key,
        "kind": str(entry.kind),
        "status": entry.status.value,
        "session": entry.session,
        "institution": entry.institution,
        "ref": entry.ref,
        "made_at": entry.made_at.isoformat(),
    }


def read_pin_count(ref: str) -> Flow[int]:
    """How many wrong PINs in a row stand for the card of contract *ref*."""
    row: Row | None = yield Get(PIN_ATTEMPTS, ref)
    return 0 if row is None else load(PinAttempts, row.body, PIN_ATTEMPTS).wrong


def read_audit(*, session: str | None, limit: int | None) -> Flow[list[dict[str, object]]]:
    """Audit records, oldest first (S7)."""
    records: list[dict[str, object]] = yield ReadAudit(session, limit)
    return records

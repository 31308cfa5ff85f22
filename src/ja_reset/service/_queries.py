"""What an operator reads: rows as they stand in the store, told without secrets."""

from __future__ import annotations

from ja_reset.chart.session import Session
from ja_reset.proofs.attempts import PinAttempts
from ja_reset.service._io import Flow, Get, ReadAudit, Scan
from ja_reset.service._records import OUTBOX, PIN_ATTEMPTS, SESSION, OutboxEntry
from ja_reset.service.saved import load, read_session
from ja_reset.stores.rows import Row, newest


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
        "tries": entry.tries,
        "tried_at": None if entry.tried_at is None else entry.tried_at.isoformat(),
        "error": entry.error or None,
        "next_try": None if entry.next_try is None else entry.next_try.isoformat(),
        "deadline": None if entry.deadline is None else entry.deadline.isoformat(),
    }


def read_pin_count(ref: str) -> Flow[int]:
    """How many wrong PINs in a row stand for the card of contract *ref*."""
    row: Row | None = yield Get(PIN_ATTEMPTS, ref)
    return 0 if row is None else load(PinAttempts, row.body, PIN_ATTEMPTS).wrong


def read_audit(*, session: str | None, limit: int | None) -> Flow[list[dict[str, object]]]:
    """Audit records, oldest first (S7)."""
    records: list[dict[str, object]] = yield ReadAudit(session, limit)
    return records

"""Erasure: what the store no longer needs to know of a contract is removed, on an operator's word (S8).

What protects somebody stays: a count, a rest, and the audit, whose older records name a pseudonym in place of the
contract. Every step can be made again, by another process too: the act is audited first, then the rows go one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.proofs.attempts import PinAttempts
from ja_reset.secret import shown
from ja_reset.service._accounts import words
from ja_reset.service._config import Config
from ja_reset.service._holdings import Holdings, holdings_of
from ja_reset.service._io import Amend, Flow, Get, Marks, Now
from ja_reset.service._marks import ref_marks
from ja_reset.service._outbox import SETTLED
from ja_reset.service._pages import Item
from ja_reset.service._records import CALL, CODES, OUTBOX, PIN_ATTEMPTS, REQUEST, SESSION, WAIT
from ja_reset.service._session_rows import LIVE
from ja_reset.service._session_work import arrive
from ja_reset.service._terms import indexed, said, term, time_of
from ja_reset.service._unit_of_work import UnitOfWork
from ja_reset.service.saved import load
from ja_reset.stores.rows import AUDIT, Amendment, Row

_CHUNK: Final = 200


@attrs.frozen(eq=False, kw_only=True)
class Erasure(Item):
    """What an erasure has removed, and what of the contract is still there.

    `sessions`, `effects`, `calls`, `numbers`: how many rows are gone; the last are those of waits and wrong codes.
    `numbers_left`: numbers that still rest, or wrong codes that still count; `purge()` drops them in their time.
    `audit`: how many audit records name `pseudonym` from now on; `audit_left`: how many still name the contract, as
    they are younger than `audit_retention`.
    """

    __repr__ = shown

    sessions: int
    effects: int
    calls: int
    numbers: int
    numbers_left: int
    audit: int
    audit_left: int
    pseudonym: str


def erase(config: Config, ref: object, *, by: object, reason: object) -> Flow[Erasure]:
    """Remove what is held of the contract *ref*. Raises InvalidArgument where something still depends on it."""
    act = {"actor": words(by, "by"), "reason": words(reason, "reason")}
    while True:
        held = yield from holdings_of(ref)
        if held.is_empty:
            msg = "the store holds nothing of a contract with that ref; nothing was erased"
            raise InvalidArgument(msg)
        if (yield from _time_has_moved(config, held)):
            continue
        now: datetime = yield Now()
        if (yield from _noted(config, held, now, act)):
            break
    sessions = yield from _drop(SESSION, held.sessions, lambda row: row.tag != LIVE)
    effects = yield from _drop(OUTBOX, held.effects, lambda row: row.tag == SETTLED)

    def is_over(row: Row) -> bool:
        return row.due is not None and row.due < now

    calls = yield from _drop(CALL, held.calls, is_over)
    waits = yield from _drop(WAIT, held.waits, is_over)
    codes = yield from _drop(CODES, held.codes, is_over)
    pseudonym = yield from pseudonym_of(held.ref)
    changed = yield from _pseudonymise(config, held, pseudonym, now)
    return Erasure(
        sessions=sessions,
        effects=effects,
        calls=calls,
        numbers=waits + codes,
        numbers_left=len(held.waits) + len(held.codes) - waits - codes,
        audit=changed,
        audit_left=len(held.audit) + 1 - changed,
        pseudonym=pseudonym,
    )


def pseudonym_of(ref: str) -> Flow[str]:
    """What older audit records name in place of the contract: an HMAC under a subkey of the host's first key."""
    marks: tuple[str, ...] = yield Marks(f"\0erased:{ref}")
    return f"erased-{marks[0]}"


def _time_has_moved(config: Config, held: Holdings) -> Flow[bool]:
    """Whether a session had run out of time, so that all is to be read again; raises InvalidArgument for a live one."""
    moved = False
    for row in held.sessions:
        if row.tag != LIVE:
            continue
        work = yield from arrive(config, row.key)
        if work is not None and not work.is_final:
            msg = "a session of that contract goes on: let it end, or end it (operator.end), and erase then"
            raise InvalidArgument(msg)
        if work is not None:
            yield from work.save()
        moved = True
    return moved


def _noted(config: Config, held: Holdings, now: datetime, act: dict[str, str]) -> Flow[bool]:
    """Whether the act was audited, with the count as it was read; raises InvalidArgument where something stands."""
    if any(row.tag != SETTLED for row in held.effects):
        msg = "an effect for that contract is not settled: recover(), or operator.settle, and erase then"
        raise InvalidArgument(msg)
    row = held.attempts
    counted = PinAttempts() if row is None else load(PinAttempts, row.body, PIN_ATTEMPTS)
    standing = counted.lapse(now, config.policies.lockout.unknown_lapse)
    if standing.open:
        msg = "a PIN attempt of that contract is under way or in doubt: wait until it lapses, or unlock, and erase then"
        raise InvalidArgument(msg)
    if standing.wrong or standing.locked:
        msg = "wrong PINs count for that contract, which an erasure must not lift: unlock, and erase then"
        raise InvalidArgument(msg)
    unit = UnitOfWork()
    unit.rows[PIN_ATTEMPTS, held.ref] = row
    if row is None:
        yield from unit.hold(PIN_ATTEMPTS, held.ref)
    else:
        yield from unit.put(PIN_ATTEMPTS, held.ref, None)  # it counts nothing
    about = {"session": None, "institution": _institution(held), "ref": held.ref}
    unit.audit.append({"time": now.isoformat(), **about, "event": "erase", "reasons": [], **act})
    return (yield from unit.save())


def _institution(held: Holdings) -> str | None:
    """The institution that the contract was last seen at."""
    seen = (row.body.get("institution") for row in (*held.sessions, *held.effects, *held.audit))
    return next((each for each in seen if isinstance(each, str)), None)


def _drop(kind: str, rows: Iterable[Row], may_go: Callable[[Row], bool]) -> Flow[int]:
    """Delete rows, each as long as it may go; how many are gone."""
    dropped = 0
    for found in rows:
        row: Row | None = found
        while row is not None and may_go(row):
            unit = UnitOfWork()
            unit.rows[kind, row.key] = row
            yield from unit.put(kind, row.key, None)
            if kind == SESSION:
                yield from unit.put(REQUEST, row.key, None)
            if (yield from unit.save()):
                break
            row = yield Get(kind, row.key)
        dropped += row is None or may_go(row)
    return dropped


def _pseudonymise(config: Config, held: Holdings, pseudonym: str, now: datetime) -> Flow[int]:
    """Have older audit records name the pseudonym; how many that named the contract.

    Those of its sessions that name nobody come first: who begins again finds them by those that name the contract.
    """
    retention = config.policies.session.audit_retention
    if retention is None:
        return 0
    gone = frozenset({term("ref", held.ref), *(yield from ref_marks(held.ref))})
    named = _older(held.audit, now, retention)
    sessions = {row.body.get("session") for row in named}
    beside = [row for row in _older(held.beside, now, retention) if row.body.get("session") in sessions]
    yield from _amend(beside, None, gone)
    yield from _amend(named, pseudonym, gone)
    return len(named)


def _older(records: Iterable[Row], now: datetime, retention: timedelta) -> list[Row]:
    """Those that were made longer ago than that."""
    return [row for row in records if (at := time_of(AUDIT, row.body)) is not None and at + retention < now]


def _amend(records: Sequence[Row], pseudonym: str | None, gone: frozenset[str]) -> Flow[None]:
    changes = []
    for row in records:
        body = dict(row.body) if pseudonym is None else {**row.body, "ref": pseudonym}
        if "actor" not in body:  # of an operator's act, the context says who has done it
            body.pop("context", None)
        changes.append(Amendment(row, body, gone, indexed(AUDIT, said(AUDIT, body))))
    for first in range(0, len(changes), _CHUNK):
        yield Amend(tuple(changes[first : first + _CHUNK]))

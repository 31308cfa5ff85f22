"""What an operator reads: rows as they stand in the store, told without secrets, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ja_reset.proofs.attempts import PinAttempts
from ja_reset.service._config import Config
from ja_reset.service._filters import limit_of, query_of
from ja_reset.service._finding import listed, page_of
from ja_reset.service._io import Flow, Get
from ja_reset.service._items import (
    AuditItem,
    EffectItem,
    LockItem,
    SessionItem,
    WaitItem,
    audit_item,
    effect_item,
    lock_items,
    session_item,
    wait_items,
)
from ja_reset.service._pages import Page
from ja_reset.service._records import OUTBOX, PIN_ATTEMPTS, SESSION, WAIT
from ja_reset.service.saved import load
from ja_reset.stores.rows import AUDIT, Row

Filters = Mapping[str, object]


def find_sessions(config: Config, limit: object, after: object, filters: Filters) -> Flow[Page[SessionItem]]:
    """Sessions as they were saved last, of any chart; time does not pass for them."""
    most = limit_of(limit)
    query = yield from query_of(config, SESSION, filters)
    return (yield from page_of(query, partial(session_item, charts=config.charts), most, after))


def find_effects(config: Config, limit: object, after: object, filters: Filters) -> Flow[Page[EffectItem]]:
    """Effects as they were recorded, without their data."""
    most = limit_of(limit)
    query = yield from query_of(config, OUTBOX, filters)
    return (yield from page_of(query, effect_item, most, after))


def find_audit(config: Config, limit: object, after: object, filters: Filters) -> Flow[Page[AuditItem]]:
    """Audit records (S7)."""
    most = limit_of(limit)
    query = yield from query_of(config, AUDIT, filters)
    return (yield from page_of(query, audit_item, most, after))


def list_locks(limit: object, after: object) -> Flow[Page[LockItem]]:
    """Contracts that are locked after wrong PINs, by ref (L2)."""
    return (yield from listed(PIN_ATTEMPTS, lock_items, limit_of(limit), after))


def list_waits(limit: object, after: object) -> Flow[Page[WaitItem]]:
    """Numbers that are waited for or rest, by number (P8)."""
    return (yield from listed(WAIT, wait_items, limit_of(limit), after, personal=True))


def read_pin_count(ref: str) -> Flow[int]:
    """How many wrong PINs in a row stand for the card of contract *ref*."""
    row: Row | None = yield Get(PIN_ATTEMPTS, ref)
    return 0 if row is None else load(PinAttempts, row.body, PIN_ATTEMPTS).wrong

"""A store in the memory of one process: for tests, for trying things out, and for what may be forgotten.

Bodies are kept as JSON text, so that nothing is shared by reference and what a file could not keep is
refused here too. Sorted indexes beside the rows make a page of a scan as cheap as its length.
"""

from __future__ import annotations

import secrets
from bisect import bisect_right, insort
from threading import Lock
from typing import TYPE_CHECKING, Self, TypeVar

import attrs

from ja_reset.errors import StoreError
from ja_reset.rows import Put, Row, audit_columns, decoded, encoded, is_name, newest, no_row_twice, page_bounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from types import TracebackType

    _Item = TypeVar("_Item", str, tuple[datetime, str])


@attrs.frozen
class _Kept:
    """A row at rest: its body is text."""

    stamp: str
    text: str
    tag: str
    due: datetime | None


class MemoryStore:
    """A Store (see `ja_reset.rows.Store`) that ends with its process; one lock, no I/O."""

    persistent = False
    blocking = False

    def __init__(self) -> None:
        self._lock = Lock()
        self._closed = False
        self._rows: dict[tuple[str, str], _Kept] = {}
        # by (kind, tag) and, for scans that name no tag, by (kind, None)
        self._keys: dict[tuple[str, str | None], list[str]] = {}
        self._dues: dict[tuple[str, str | None], list[tuple[datetime, str]]] = {}
        self._audit: list[tuple[str | None, str]] = []

    def get(self, kind: str, key: str) -> Row | None:
        """The row, or None."""
        with self._lock:
            self._open()
            kept = self._rows.get((kind, key)) if is_name(kind) and is_name(key) else None
        return None if kept is None else _row(kind, key, kept)

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """Make all the changes and write all the audit records, or nothing (see Store.commit)."""
        no_row_twice(puts)
        texts = [None if put.body is None else encoded(put.body) for put in puts]
        records = [audit_columns(record) for record in audit]
        with self._lock:
            self._open()
            if not all(self._as_expected(put) for put in puts):
                return False
            for put, text in zip(puts, texts, strict=True):
                after = None if text is None else _Kept(secrets.token_hex(8), text, put.tag, put.due)
                self._change(put.kind, put.key, after)
            self._audit.extend((session, text) for _, session, text in records)
        return True

    def scan(
        self,
        kind: str,
        *,
        tag: str | None = None,
        due: datetime | None = None,
        after: Row | None = None,
        limit: int = 500,
    ) -> list[Row]:
        """A page of the rows of *kind* (see Store.scan)."""
        until = page_bounds(due, after, limit)
        with self._lock:
            self._open()
            if until is None:
                order = self._keys.get((kind, tag), [])
                first = 0 if after is None else bisect_right(order, after.key)
                keys = order[first : first + limit]
            else:
                dues = self._dues.get((kind, tag), [])
                first = 0 if after is None or after.due is None else bisect_right(dues, (after.due, after.key))
                keys = [key for at, key in dues[first : first + limit] if at <= until]
            found = [(key, self._rows[kind, key]) for key in keys]
        return [_row(kind, key, kept) for key, kept in found]

    def audit(self, *, session: str | None = None, limit: int | None = None) -> list[dict[str, object]]:
        """The audit records (of one session), oldest first; with *limit* the newest so many."""
        count = newest(limit)
        with self._lock:
            self._open()
            texts = [text for of, text in self._audit if session is None or of == session]
        return [decoded(text) or {} for text in (texts if count is None else texts[-count:])]

    def close(self) -> None:
        """End the use of the store and forget its rows."""
        with self._lock:
            self._closed = True
            self._rows.clear()
            self._keys.clear()
            self._dues.clear()
            self._audit.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> None:
        if self._closed:
            msg = "the store is closed"
            raise StoreError(msg)

    def _as_expected(self, put: Put) -> bool:
        kept = self._rows.get((put.kind, put.key))
        return put.expect == (None if kept is None else kept.stamp)

    def _change(self, kind: str, key: str, after: _Kept | None) -> None:
        before = self._rows.get((kind, key))
        if before is not None and after is not None and (before.tag, before.due) == (after.tag, after.due):
            self._rows[kind, key] = after  # its place in the indexes is the same
            return
        self._drop(kind, key)
        if after is not None:
            self._keep(kind, key, after)

    def _keep(self, kind: str, key: str, kept: _Kept) -> None:
        self._rows[kind, key] = kept
        for tag in (kept.tag, None):
            insort(self._keys.setdefault((kind, tag), []), key)
            if kept.due is not None:
                insort(self._dues.setdefault((kind, tag), []), (kept.due, key))

    def _drop(self, kind: str, key: str) -> None:
        kept = self._rows.pop((kind, key), None)
        if kept is None:
            return
        for tag in (kept.tag, None):
            _remove(self._keys, (kind, tag), key)
            if kept.due is not None:
                _remove(self._dues, (kind, tag), (kept.due, key))


def _remove(index: dict[tuple[str, str | None], list[_Item]], name: tuple[str, str | None], item: _Item) -> None:
    order = index[name]
    del order[bisect_right(order, item) - 1]
    if not order:
        del index[name]


def _row(kind: str, key: str, kept: _Kept) -> Row:
    return Row(kind, key, kept.stamp, decoded(kept.text) or {}, kept.tag, kept.due)

"""A store in the memory of one process: for tests, for trials, and for what may be forgotten.

Bodies are kept as JSON text, so nothing is shared by reference, and a body that a file could not keep is refused here
too. Sorted indexes beside the rows make the cost of a page of a scan proportional to its length.

A commit is one assignment of everything that is to change. The next holder of the lock carries out what is left of it,
as often as needed with the same outcome. So neither an exception that a signal handler raises in the middle, nor a
fork, leaves a commit half done.
"""

from __future__ import annotations

import os
import secrets
from bisect import bisect_left, bisect_right
from threading import RLock
from typing import TYPE_CHECKING, Final, Self, TypeVar
from weakref import WeakSet

import attrs

from ja_reset.errors import StoreError
from ja_reset.stores.rows import Put, Row, audit_columns, decoded, encoded, is_name, newest, no_row_twice, page_bounds

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


@attrs.frozen
class _Commit:
    """What a commit changes: each row, what it was and what it will be; and the audit records, with their place."""

    rows: tuple[tuple[str, str, _Kept | None, _Kept | None], ...]
    audit: tuple[tuple[str | None, str], ...]
    place: int


class MemoryStore:
    """A Store (see `ja_reset.stores.rows.Store`) that ends with its process; one lock, no I/O.

    A forked child has a copy of its own, with what was committed until then.
    """

    persistent = False
    blocking = False

    def __init__(self) -> None:
        self._lock = RLock()
        self._closed = False
        self._undone: _Commit | None = None
        self._rows: dict[tuple[str, str], _Kept] = {}
        # by (kind, tag) and, for scans that name no tag, by (kind, None)
        self._keys: dict[tuple[str, str | None], list[str]] = {}
        self._dues: dict[tuple[str, str | None], list[tuple[datetime, str]]] = {}
        self._audit: list[tuple[str | None, str]] = []
        _ALL.add(self)

    def get(self, kind: str, key: str) -> Row | None:
        """The row, or None."""
        with self._turn():
            self._open()
            kept = self._rows.get((kind, key)) if is_name(kind) and is_name(key) else None
        return None if kept is None else _row(kind, key, kept)

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """Make all the changes and write all the audit records, or nothing (see Store.commit)."""
        no_row_twice(puts)
        texts = [None if put.body is None else encoded(put.body) for put in puts]
        records = [audit_columns(record) for record in audit]
        with self._turn():
            self._open()
            if not all(self._as_expected(put) for put in puts):
                return False
            rows = []
            for put, text in zip(puts, texts, strict=True):
                after = None if text is None else _Kept(secrets.token_hex(8), text, put.tag, put.due)
                rows.append((put.kind, put.key, self._rows.get((put.kind, put.key)), after))
            audited = tuple((session, text) for _, session, text in records)
            self._undone = _Commit(tuple(rows), audited, len(self._audit))
            self._carry_out()
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
        with self._turn():
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
        """The audit records (of one session), oldest first; *limit* selects the newest."""
        count = newest(limit)
        with self._turn():
            self._open()
            texts = [text for of, text in self._audit if session is None or of == session]
        return [decoded(text) or {} for text in (texts if count is None else texts[-count:])]

    def close(self) -> None:
        """End the use of the store and forget its rows."""
        with self._turn():
            self._closed = True
            self._undone = None
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

    def _turn(self) -> RLock:
        """The lock, which the handler of a signal cannot wait for if the call that it interrupted holds it."""
        if self._lock._is_owned():  # type: ignore[attr-defined]  # noqa: SLF001 - as threading.Condition asks it
            msg = "the store is in use by the call that the signal handler interrupted; let the handler return first"
            raise StoreError(msg)
        return self._lock

    def _open(self) -> None:
        if self._closed:
            msg = "the store is closed"
            raise StoreError(msg)
        self._carry_out()

    def _as_expected(self, put: Put) -> bool:
        kept = self._rows.get((put.kind, put.key))
        return put.expect == (None if kept is None else kept.stamp)

    def _carry_out(self) -> None:
        """Do what is left of the last commit; what is done already stays as it is."""
        commit = self._undone
        if commit is None:
            return
        for kind, key, before, after in commit.rows:
            # a row whose place in the indexes stays is changed where it is
            if before is None or after is None or (before.tag, before.due) != (after.tag, after.due):
                if before is not None:
                    self._unlist(kind, key, before)
                if after is not None:
                    self._list(kind, key, after)
            if after is None:
                self._rows.pop((kind, key), None)
            else:
                self._rows[kind, key] = after
        self._audit[commit.place :] = commit.audit
        self._undone = None

    def _list(self, kind: str, key: str, kept: _Kept) -> None:
        for tag in (kept.tag, None):
            _insert(self._keys.setdefault((kind, tag), []), key)
            if kept.due is not None:
                _insert(self._dues.setdefault((kind, tag), []), (kept.due, key))

    def _unlist(self, kind: str, key: str, kept: _Kept) -> None:
        for tag in (kept.tag, None):
            _remove(self._keys, (kind, tag), key)
            if kept.due is not None:
                _remove(self._dues, (kind, tag), (kept.due, key))


def _insert(order: list[_Item], item: _Item) -> None:
    at = bisect_left(order, item)
    if order[at : at + 1] != [item]:
        order.insert(at, item)


def _remove(index: dict[tuple[str, str | None], list[_Item]], name: tuple[str, str | None], item: _Item) -> None:
    order = index.get(name, [])
    at = bisect_left(order, item)
    if order[at : at + 1] == [item]:
        del order[at]
    if not order:
        index.pop(name, None)


def _row(kind: str, key: str, kept: _Kept) -> Row:
    return Row(kind, key, kept.stamp, decoded(kept.text) or {}, kept.tag, kept.due)


_ALL: Final[WeakSet[MemoryStore]] = WeakSet()


def _after_fork_in_child() -> None:
    for store in _ALL:
        store._lock = RLock()  # noqa: SLF001 - the thread that held it is not in this process


if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(after_in_child=_after_fork_in_child)

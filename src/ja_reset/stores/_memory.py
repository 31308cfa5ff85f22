"""A store in the memory of one process: for tests, for trials, and for what may be forgotten.

Bodies are kept as JSON text, so nothing is shared by reference, and a body that a file could not keep is refused here
too. Sorted indexes beside the rows make the cost of a page of a scan proportional to its length. What has changed since
the last scan or find is filed in them by the next one, or when a thousand rows wait.

A commit is one assignment of everything that is to change. The next holder of the lock carries out what is left of it,
as often as needed with the same outcome. So neither an exception that a signal handler raises in the middle, nor a
fork, leaves a commit half done.
"""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from datetime import UTC, datetime
from threading import RLock
from typing import TYPE_CHECKING, Final, Self
from weakref import WeakSet

from ja_reset.errors import InvalidArgument, StoreError
from ja_reset.stores._bodies import audit_columns, decoded, encoded, found_under, no_row_twice
from ja_reset.stores._kept import Audited, Commit, Kept, kept_by, row_of
from ja_reset.stores._pages import find_bounds, page_bounds
from ja_reset.stores._sorted import MOST, Indexes, insert, remove
from ja_reset.stores.rows import AUDIT, Amendment, Put, Row, are_names, newest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType


class MemoryStore:
    """A Store (see `ja_reset.stores.rows.Store`) that ends with its process; one lock, no I/O.

    It keeps the newest *audit_limit* audit records and drops older ones, so that a process that runs for months does
    not grow (S8). A forked child has a copy of its own, with what was committed until then.
    """

    persistent = False
    blocking = False

    def __init__(self, *, audit_limit: int = 10_000) -> None:
        if type(audit_limit) is not int or audit_limit < 0:
            msg = f"audit_limit must be a number of audit records, 0 or more, not {audit_limit!r}"
            raise InvalidArgument(msg)
        self._audit_limit = audit_limit
        self._lock = RLock()
        self._closed = False
        self._undone: Commit | None = None
        self._rows: dict[tuple[str, str], Kept] = {}
        self._indexes = Indexes()
        # by its place: how many were written before it; those that were dropped are not there
        self._audit: dict[int, Audited] = {}
        self._first, self._next = 0, 0
        # the place of the first record that is not filed under its terms yet
        self._unfiled = 0
        _ALL.add(self)

    def get(self, kind: str, key: str) -> Row | None:
        """The row, or None."""
        with self._turn():
            self._open()
            kept = self._rows.get((kind, key)) if are_names((kind, key)) else None
        return None if kept is None else row_of(kind, key, kept)

    def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        """The rows, in this order (see Store.get_many)."""
        with self._turn():
            self._open()
            kept = [self._rows.get(name) if are_names(name) else None for name in names]
        return [None if each is None else row_of(*name, each) for name, each in zip(names, kept, strict=True)]

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """Make all the changes and write all the audit records, or nothing (see Store.commit)."""
        no_row_twice(puts)
        texts = [None if put.body is None else encoded(put.body) for put in puts]
        records = [(*audit_columns(record)[1:], *found_under(record)) for record in audit]
        with self._turn():
            self._open()
            rows = []
            for put, text in zip(puts, texts, strict=True):
                before = self._rows.get((put.kind, put.key))
                if put.expect != (None if before is None else before.stamp):
                    return False
                rows.append((put.kind, put.key, before, None if text is None else kept_by(put, text, before)))
            audited = tuple(Audited(session, text, at, terms) for session, text, terms, at in records)
            self._undone = Commit(tuple(rows), audited, self._next)
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
            self._file()
            if until is None:
                order = self._indexes.keys.get((kind, tag), [])
                first = 0 if after is None else bisect_right(order, after.key)
                keys = order[first : first + limit]
            else:
                dues = self._indexes.dues.get((kind, tag), [])
                first = 0 if after is None or after.due is None else bisect_right(dues, (after.due, after.key))
                keys = [key for at, key in dues[first : first + limit] if at <= until]
            found = [(key, self._rows[kind, key]) for key in keys]
        return [row_of(kind, key, kept) for key, kept in found]

    def audit(self, *, session: str | None = None, limit: int | None = None) -> list[dict[str, object]]:
        """The audit records (of one session), oldest first; *limit* selects the newest."""
        count = newest(limit)
        with self._turn():
            self._open()
            texts = [each.text for each in self._audit.values() if session is None or each.session == session]
        return [decoded(text) or {} for text in (texts if count is None else texts[-count:])]

    def find(
        self,
        kind: str,
        term: str | None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        before: Row | None = None,
        limit: int = 50,
    ) -> list[Row]:
        """A page of the rows of *kind* with that term, newest first (see Store.find)."""
        since, until = find_bounds(term, since, until, before, limit)
        with self._turn():
            self._open()
            self._file()
            order = self._indexes.found.get((kind, term), [])
            first = 0 if since is None else bisect_left(order, (since, ""))
            end = len(order) if until is None else bisect_right(order, until, key=lambda item: item[0])
            if before is not None:
                end = min(end, bisect_left(order, (before.at or _NEVER, before.key)))
            names = order[max(first, end - min(limit, end)) : end][::-1]
            if kind == AUDIT:
                found = [(at, key, self._audit[int(key)].text) for at, key in names]
            else:
                kept = [(key, self._rows[kind, key]) for _, key in names]
        if kind == AUDIT:
            return [Row(kind, key, "", decoded(text) or {}, at=at) for at, key, text in found]
        return [row_of(kind, key, each) for key, each in kept]

    def amend(self, changes: Sequence[Amendment]) -> None:
        """Change audit records (see Store.amend)."""
        with self._turn():
            self._open()
            self._undone = Commit.of_amendments(changes, self._audit, self._next)
            self._carry_out()

    def close(self) -> None:
        """End the use of the store and forget its rows."""
        with self._turn():
            self._closed = True
            self._undone = None
            self._rows.clear()
            self._audit.clear()
            self._indexes.clear()

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
        if self._undone is not None:
            self._carry_out()

    def _carry_out(self) -> None:
        """Do what is left of the last commit; what is done already stays as it is."""
        commit = self._undone
        if commit is None:
            return
        for kind, key, before, after in commit.rows:
            self._indexes.note((kind, key), before)
            if after is None:
                self._rows.pop((kind, key), None)
            else:
                self._rows[kind, key] = after
        for place, audited in enumerate(commit.audit, commit.place):
            self._audit[place] = audited
        self._next = commit.place + len(commit.audit)
        for place, found, left in commit.amended:
            self._unlist_audited(place, found)
            self._audit[place] = left
            if place < self._unfiled:
                self._list_audited(place, left)
        self._drop_oldest(min(self._first, commit.place))
        self._undone = None
        if self._indexes.are_behind or self._next - self._unfiled >= MOST:
            self._file()

    def _file(self) -> None:
        """Bring the indexes up to date."""
        self._indexes.file(self._rows)
        for place in range(max(self._first, self._unfiled), self._next):
            self._list_audited(place, self._audit[place])
            self._unfiled = place + 1
        self._unfiled = self._next  # with what was dropped before it was filed

    def _drop_oldest(self, first: int) -> None:
        """Audit records from the place *first* on, down to the limit; what was dropped already is not there."""
        for place in range(first, self._next - self._audit_limit):
            if place in self._audit:
                self._unlist_audited(place, self._audit[place])
                del self._audit[place]
            self._first = place + 1

    def _unlist_audited(self, place: int, audited: Audited) -> None:
        for term in audited.terms:
            remove(self._indexes.found, (AUDIT, term), (audited.at or _NEVER, f"{place:019d}"))

    def _list_audited(self, place: int, audited: Audited) -> None:
        for term in audited.terms:
            if audited.at is not None:
                insert(self._indexes.found.setdefault((AUDIT, term), []), (audited.at, f"{place:019d}"))


_NEVER: Final = datetime.min.replace(tzinfo=UTC)

_ALL: Final[WeakSet[MemoryStore]] = WeakSet()


def _after_fork_in_child() -> None:
    for store in _ALL:
        store._lock = RLock()  # noqa: SLF001 - the thread that held it is not in this process


if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(after_in_child=_after_fork_in_child)

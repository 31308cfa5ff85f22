"""The unit of work of a turn: the rows that it knows, and the changes that it will commit.

Everything a turn changes is in one commit of compare-and-swaps, with its audit. After a conflict, the unit of work is
cleared and the turn is decided again on the current rows. The bank's answers are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from ja_reset.chart.session import Session
from ja_reset.service._io import Commit, Flow, Fresh, Get, GetMany
from ja_reset.service._terms import filed, recorded
from ja_reset.service.saved import load, save, save_session
from ja_reset.stores.rows import Put, Record, Row

T = TypeVar("T")


class UnitOfWork:
    """Rows that are known, changes and audit that wait to be committed together.

    A row is known from reading it, and from writing it: the unit chooses the stamps. So a turn reads no row twice. A
    row that was known before the bank was asked, or before the last commit, may have changed since: if it is relied on,
    the next commit names it, and is refused if it did change. After a refusal everything is read again.
    """

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Row | None] = {}
        self.puts: dict[tuple[str, str], Put] = {}
        self.audit: list[Mapping[str, object]] = []
        self.older: set[tuple[str, str]] = set()
        self.relied: set[tuple[str, str]] = set()
        self.was_refused = False
        self._values: dict[tuple[str, str], tuple[object, object]] = {}
        self._terms: dict[tuple[str, str], tuple[object, tuple[datetime, frozenset[str]] | None]] = {}
        self.marks: tuple[str, ...] = ()
        self._name = ""
        self._given = 0

    def _stamp(self) -> Flow[str]:
        """A stamp that was never used: an unguessable name, and how many this unit has given under it."""
        if not self._name:
            self._name = yield Fresh(8)
        self._given += 1
        return f"{self._name}.{self._given}"

    def read(self, kind: str, key: str) -> Flow[Mapping[str, object] | None]:
        """The body of a row, as this turn will leave it."""
        name = kind, key
        if name in self.puts:
            return self.puts[name].body
        if name not in self.rows:
            self.rows[name] = yield Get(kind, key)
        elif name in self.older:
            self.relied.add(name)
        row = self.rows[name]
        return None if row is None else row.body

    def fetch(self, names: Iterable[tuple[str, str]]) -> Flow[None]:
        """Read together those of these rows that are not known."""
        wanted = tuple(name for name in dict.fromkeys(names) if name not in self.rows and name not in self.puts)
        self.rows.update(zip(wanted, (yield from fetched(wanted)), strict=True))

    def find(self, name: tuple[str, str], row: Row | None) -> None:
        """Take a row as it was read before this unit began: if it is relied on, the commit names it."""
        self.rows.setdefault(name, row)
        self.older.add(name)

    def knows(self, kind: str, key: str) -> bool:
        """Whether a row is as this unit has read or written it, and the bank was not asked since."""
        return (kind, key) in self.rows and (kind, key) not in self.older

    def begin(self, kind: str, key: str) -> None:
        """Take a row under a name that was just made up not to be there: the commit is refused if it is."""
        if not self.was_refused:
            self.rows.setdefault((kind, key), None)

    def outdate(self) -> None:
        """The bank was asked: whatever is known may have changed since."""
        self.older.update(self.rows)

    def load(self, kind: str, key: str, form: type[T]) -> Flow[T | None]:
        """A row as the value that it was saved from."""
        body = yield from self.read(kind, key)
        if body is None:
            return None
        of, value = self._values.get((kind, key), (None, None))
        if of is not body or not isinstance(value, form):
            value = load(form, body, kind)
            self._values[kind, key] = body, value
        return value

    def _filed(self, kind: str, key: str, body: Mapping[str, object] | None) -> tuple[datetime, frozenset[str]] | None:
        """What a row with this body is found under."""
        of, found = self._terms.get((kind, key), (None, None))
        if of is not body or body is None:
            found = filed(kind, body)
            self._terms[kind, key] = body, found
        return found

    def put(
        self, kind: str, key: str, value: object | None, *, tag: str = "", at: datetime | None = None
    ) -> Flow[None]:
        """Write a row, or delete it (None), if it is still as it was read."""
        yield from self.read(kind, key)
        row = self.rows.get((kind, key))
        if value is None and row is None:
            self.puts.pop((kind, key), None)
            return
        body = None if value is None else save_session(value) if isinstance(value, Session) else save(value)
        stamp = None if body is None else (yield from self._stamp())
        was = None if row is None or row.at is None else self._filed(kind, key, row.body)
        found = self._filed(kind, key, body)
        since, terms = (None, None) if found is None or found == was else found  # else what it is found under stays
        expect = None if row is None else row.stamp
        self.puts[kind, key] = Put(kind, key, expect, body, tag, at, stamp=stamp, at=since, terms=terms)

    def hold(self, kind: str, key: str) -> Flow[None]:
        """Commit only if the row is then as it was read, or is not there as it was not."""
        yield from self.read(kind, key)
        row = self.rows.get((kind, key))
        if (kind, key) in self.puts:
            return
        if row is None:
            self.puts[kind, key] = Put(kind, key, None, None)
        else:
            stamp = yield from self._stamp()
            self.puts[kind, key] = Put(kind, key, row.stamp, row.body, row.tag, row.due, stamp=stamp)

    def save(self) -> Flow[bool]:
        """Commit; afterwards nothing is to be written, and if the commit was not made, nothing is known."""
        for kind, key in self.relied - self.puts.keys():
            yield from self.hold(kind, key)
        puts, audit, known = tuple(self.puts.values()), tuple(map(self._record, self.audit)), dict(self.rows)
        self.clear()
        made: bool = yield Commit(puts, audit)
        if made:
            self.rows.update(known)
            self.older.update(known)
            for put in puts:
                self._wrote(put)
        self.was_refused = not made
        return made

    def _wrote(self, put: Put) -> None:
        """A row is as this unit has just left it."""
        name = put.kind, put.key
        before = self.rows.get(name)
        at = put.at if put.terms is not None or before is None else before.at
        gone = put.body is None or put.stamp is None
        self.rows[name] = None if gone else Row(*name, put.stamp, put.body, put.tag, put.due, at)  # type: ignore[arg-type]
        self.older.discard(name)

    def _record(self, record: Mapping[str, object]) -> Record:
        """An audit record with what it is found under."""
        return record if isinstance(record, Record) else recorded(record, self.marks)

    def clear(self) -> None:
        """Forget what is known and what was to be written."""
        for each in (self.rows, self.puts, self.audit, self.older, self.relied):
            each.clear()


def fetched(names: Sequence[tuple[str, str]]) -> Flow[list[Row | None]]:
    """These rows, in one trip to the store."""
    found: list[Row | None] = []
    if len(names) > 1:
        found = yield GetMany(tuple(names))
    elif names:
        found.append((yield Get(*names[0])))
    return found

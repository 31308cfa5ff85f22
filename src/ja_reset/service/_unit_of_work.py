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
from ja_reset.service._terms import filed, is_filed_alike, recorded
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
        self.rows: dict[tuple[str, str], Row | Put | None] = {}
        self.puts: dict[tuple[str, str], Put] = {}
        self.audit: list[Mapping[str, object]] = []
        self.older: set[tuple[str, str]] = set()
        self.relied: set[tuple[str, str]] = set()
        self.was_refused = False
        self._values: dict[tuple[str, str], tuple[object, object]] = {}
        self.marks: tuple[str, ...] = ()
        self._name = ""
        self._given = 0

    def new_name(self) -> Flow[str]:
        """A name that was never used: an unguessable one, and how many this unit has given under it."""
        if not self._name:
            self._name = yield Fresh(8)
        return self._stamp()

    def _stamp(self) -> str:
        self._given += 1
        return f"{self._name}.{self._given}"

    def _relies_on(self, name: tuple[str, str]) -> bool:
        """Whether a row is known; one that is known from before is relied on from here on."""
        if name in self.puts:
            return True
        if name in self.older:
            self.relied.add(name)
        return name in self.rows

    def read(self, kind: str, key: str) -> Flow[Mapping[str, object] | None]:
        """The body of a row, as this turn will leave it."""
        name = kind, key
        if not self._relies_on(name):
            self.rows[name] = yield Get(kind, key)
        row = self.puts.get(name) or self.rows[name]
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
        name = kind, key
        if not self._relies_on(name):
            self.rows[name] = yield Get(kind, key)
        row = self.puts.get(name) or self.rows[name]
        if row is None or row.body is None:
            return None
        of, value = self._values.get(name, (None, None))
        if of is not row.body or not isinstance(value, form):
            value = load(form, row.body, kind)
            self._values[name] = row.body, value
        return value

    def follow(self, other: UnitOfWork) -> None:
        """Know what *other* does, all of it from before."""
        self.rows.update(other.rows)
        self._values.update(other._values)
        self.outdate()

    def put(
        self, kind: str, key: str, value: object | None, *, tag: str = "", at: datetime | None = None
    ) -> Flow[None]:
        """Write a row, or delete it (None), if it is still as it was read."""
        name = kind, key
        if not self._relies_on(name):
            self.rows[name] = yield Get(kind, key)
        row = self.rows.get(name)
        expect = None if row is None else row.stamp
        if value is None:
            if row is None:
                self.puts.pop(name, None)
            else:
                self.puts[name] = Put(kind, key, expect, None, tag, at)
            return
        if not self._name:
            self._name = yield Fresh(8)
        body = save_session(value) if isinstance(value, Session) else save(value)
        before = None if row is None or row.at is None else row.body
        stays = before is not None and is_filed_alike(kind, before, body)
        since, terms = (None if stays else filed(kind, body)) or (None, None)
        self.puts[name] = Put(kind, key, expect, body, tag, at, stamp=self._stamp(), at=since, terms=terms)
        self._values[name] = body, value

    def hold(self, kind: str, key: str) -> Flow[None]:
        """Commit only if the row is then as it was read, or is not there as it was not."""
        name = kind, key
        if not self._relies_on(name):
            self.rows[name] = yield Get(kind, key)
        if name in self.puts:
            return
        row = self.rows[name]
        if row is None:
            self.puts[name] = Put(kind, key, None, None)
            return
        if not self._name:
            self._name = yield Fresh(8)
        self.puts[name] = Put(kind, key, row.stamp, row.body, row.tag, row.due, stamp=self._stamp())

    def save(self) -> Flow[bool]:
        """Commit; afterwards nothing is to be written, and if the commit was not made, nothing is known."""
        for kind, key in self.relied - self.puts.keys():
            yield from self.hold(kind, key)
        puts, audit, known = self.puts.copy(), tuple(map(self._record, self.audit)), self.rows.copy()
        self.clear()
        made: bool = yield Commit(tuple(puts.values()), audit)
        if made:
            self.older.update(known.keys() - puts.keys())
            for name, put in puts.items():
                known[name] = _left_by(put, known.get(name))
            self.rows.update(known)
        self.was_refused = not made
        return made

    def _record(self, record: Mapping[str, object]) -> Record:
        """An audit record with what it is found under."""
        return record if isinstance(record, Record) else recorded(record, self.marks)

    def clear(self) -> None:
        """Forget what is known and what was to be written."""
        self.rows.clear()
        self.puts.clear()
        self.audit.clear()
        self.older.clear()
        self.relied.clear()


def _left_by(put: Put, before: Row | Put | None) -> Row | Put | None:
    """A row as a change has left it: the change itself says what is asked of it, but for a time that stays."""
    if put.body is None:
        return None
    if put.terms is not None or before is None or before.at is None:
        return put
    return Row(put.kind, put.key, put.stamp or "", put.body, put.tag, put.due, before.at)


def fetched(names: Sequence[tuple[str, str]]) -> Flow[list[Row | None]]:
    """These rows, in one trip to the store."""
    found: list[Row | None] = []
    if len(names) > 1:
        found = yield GetMany(tuple(names))
    elif names:
        found.append((yield Get(*names[0])))
    return found

"""The run of benchmarks/recording.py without a store: the same statements, terms and all, with nothing but the driver.

No JSON is written or read here, no row made, no error explained, no pool asked.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs
import psycopg
from recording import AwaitedTurn, Committed, Got, Name, Tape, Turn, ended, put_of

from ja_reset.stores import _sqlite_commits as lite
from ja_reset.stores import _statements as statements
from ja_reset.stores.postgres._plans import Plans
from ja_reset.stores.rows import Put

_OLD, _NEW, _ID, _END = "\1old", "\1new", "\1id", "\1end"
"""What stands in a recorded statement for the stamp that is expected, the new one, a name, and the ending of a key."""


@attrs.frozen
class _Said:
    """One statement; `places`: which of its values each run fills in; `name`: the row whose stamp it changes."""

    words: str
    values: tuple[object, ...]
    name: Name | None = None
    places: tuple[int, ...] = attrs.field(init=False)

    @places.default
    def _which(self) -> tuple[int, ...]:
        return tuple(place for place, value in enumerate(self.values) if _filled(value, "", "", "") != value)


@attrs.frozen
class _Step:
    """Statements of one exchange; a commit's name the rows whose stamps they change."""

    said: tuple[_Said, ...]
    is_commit: bool = False

    def filled(self, ending: str, stamps: dict[Name, str]) -> Iterator[tuple[str, list[object]]]:
        """The statements on keys with that *ending*. One random name is enough for the stamps of a step."""
        made = secrets.token_hex(8) if self.is_commit else ""
        for number, each in enumerate(self.said):
            old, new = stamps.get(each.name) if each.name else None, f"{made}.{number}"
            if each.name:
                stamps[each.name] = new
            values = list(each.values)
            for place in each.places:
                values[place] = _filled(values[place], old, new, ending)
            yield each.words, values


def _filled(value: object, old: str | None, new: str, ending: str) -> object:
    if value == _OLD:
        return old
    if value in (_NEW, _ID):
        return new
    if isinstance(value, str) and value.endswith(_END):
        return value.removesuffix(_END) + ending
    if isinstance(value, tuple):  # keys that are looked up together
        return [_filled(each, old, new, ending) for each in value]
    return value


def _as_put(put: Put) -> Put:
    return put_of(put, put.key + _END, None if put.expect is None else _OLD, None if put.body is None else _NEW)


def _as_record(record: Mapping[str, object]) -> Mapping[str, object]:
    return ended(record, f"{record['session']}{_END}")


def bare_sqlite(tape: Tape, connection: sqlite3.Connection) -> Turn:
    """The same statements through sqlite3 alone; *connection* commits by itself (isolation_level=None)."""
    steps = [_sqlite_step(step) for step in tape]

    def play(ending: str) -> None:
        stamps: dict[Name, str] = {}
        for step in steps:
            is_one_read = len(step.said) == 1 and not step.is_commit
            if not is_one_read:
                connection.execute("BEGIN IMMEDIATE" if step.is_commit else "BEGIN")
            place: int | None = None
            for words, values in step.filled(ending, stamps):
                if words.startswith("INSERT INTO audit_terms"):
                    values[-1] = place
                cursor = connection.execute(words, values)
                if words == statements.ADD_AUDIT:
                    place = cursor.lastrowid
                elif not step.is_commit:
                    cursor.fetchone()
            if not is_one_read:
                connection.execute("COMMIT")

    return play


def _sqlite_step(step: Got | Committed) -> _Step:
    if isinstance(step, Got):
        return _Step(tuple(_Said(statements.GET, (kind, key + _END)) for kind, key in step.names))
    said: list[_Said] = []
    told = _Told(said)
    for put in step.puts:
        told.name = put.kind, put.key
        lite.made(told, lite.said(_as_put(put)))  # type: ignore[arg-type]  # a connection that only writes down
    told.name = None
    lite.add_audit(told, [lite.record(_as_record(each)) for each in step.audit])  # type: ignore[arg-type]  # as above
    return _Step(tuple(said), is_commit=True)


class _Told:
    """In place of a connection: writes down what is said."""

    rowcount: Final = 1
    lastrowid: Final = 0

    def __init__(self, said: list[_Said]) -> None:
        self._said = said
        self.name: Name | None = None

    def execute(self, words: str, values: Sequence[object]) -> _Told:
        self._said.append(_Said(words, tuple(values), self.name))
        self.name = None  # the statements that follow are of its terms
        return self

    def executemany(self, words: str, values: Sequence[Sequence[object]]) -> None:
        for each in values:
            self.execute(words, each)

    def fetchone(self) -> None:
        return None


def bare_postgres(tape: Tape, connection: psycopg.Connection, schema: str, *, way: str) -> Turn:
    """The same statements through psycopg alone.

    *way*: "pipeline", each step of the tape in one trip, as the store does it; "plain", one statement after the other;
    "fewest", in one trip also what is read between two commits, though a turn may have to see one row to know the next.
    """
    plans = Plans(schema, "")
    steps = [_postgres_step(step, plans) for step in tape]
    if way == "fewest":
        steps = list(_joined(steps))

    def play(ending: str) -> None:
        stamps: dict[Name, str] = {}
        for step in steps:
            said = list(step.filled(ending, stamps))
            if len(said) == 1:
                found = [connection.execute(*each) for each in said]
            elif way == "plain":
                connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
                found = [connection.execute(*each) for each in said]
                connection.execute("COMMIT")
            else:
                with connection.pipeline():
                    found = [connection.execute(*each) for each in said]
            for cursor in found:
                if step.is_commit:
                    _expect(cursor.rowcount)
                else:
                    cursor.fetchall()

    return play


def bare_postgres_awaited(tape: Tape, connection: psycopg.AsyncConnection, schema: str) -> AwaitedTurn:
    """The same statements through psycopg alone, awaited; each step of the tape in one trip, as the store does it."""
    plans = Plans(schema, "")
    steps = [_postgres_step(step, plans) for step in tape]

    async def play(ending: str) -> None:
        stamps: dict[Name, str] = {}
        for step in steps:
            said = list(step.filled(ending, stamps))
            if len(said) == 1:
                found = [await connection.execute(*each) for each in said]
            else:
                async with connection.pipeline():
                    found = [await connection.execute(*each) for each in said]
            for cursor in found:
                if step.is_commit:
                    _expect(cursor.rowcount)
                else:
                    await cursor.fetchall()

    return play


def _joined(steps: Sequence[_Step]) -> Iterator[_Step]:
    """The reads between two commits as one step."""
    reads: list[_Said] = []
    for step in steps:
        if step.is_commit:
            if reads:
                yield _Step(tuple(reads))
            reads = []
            yield step
        else:
            reads += step.said
    if reads:
        yield _Step(tuple(reads))


def _postgres_step(step: Got | Committed, plans: Plans) -> _Step:
    names: list[Name | None]
    if isinstance(step, Got):
        ended = [(kind, key + _END) for kind, key in step.names]
        plan = plans.get_many(ended) if step.many else plans.get(*ended[0])
        names = [None]
    else:
        puts = sorted(step.puts, key=lambda put: (put.kind, put.key))
        plan = plans.commit([_as_put(put) for put in puts], [_as_record(each) for each in step.audit])
        names = [(put.kind, put.key) for put in puts] + [None] * len(step.audit)
    said = [(words, tuple(map(_hashable, values))) for words, values in next(plan)]
    # a row that is only to be missing is made and deleted: two statements, which no run has
    return _Step(
        tuple(_Said(words, values, name) for (words, values), name in zip(said, names, strict=True)),
        is_commit=isinstance(step, Committed),
    )


def _hashable(value: object) -> object:
    """Keys that are looked up together; terms stay a list, which is never filled in."""
    return tuple(value) if isinstance(value, list) and any(str(each).endswith(_END) for each in value) else value


def _expect(rows: int) -> None:
    if rows != 1:
        msg = f"a statement met {rows} rows"
        raise RuntimeError(msg)

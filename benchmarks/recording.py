"""The store's part of a whole LOGIN_PASSWORD run, recorded once and played again on other keys.

`ours` plays it through a Store; `bare_sqlite` and `bare_postgres` say the same statements with nothing but the
driver: no JSON is written or read there, no row made, no error explained, no pool asked.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import attrs
import psycopg

from ja_reset import Call, CallSource, Procedure, ResetService
from ja_reset.stores import MemoryStore
from ja_reset.stores import _columns as columns
from ja_reset.stores import _statements as statements
from ja_reset.stores._bodies import audit_columns, encoded
from ja_reset.stores.postgres._plans import Plans, Said
from ja_reset.stores.rows import Put, Row, Store
from ja_reset.testing import CAST, FakeBank, FakeClock, answers, identity

Turn = Callable[[str], None]
"""Plays the run once, on keys with this ending, that nobody has played it on."""


@attrs.frozen
class Got:
    """A read of a row."""

    kind: str
    key: str


@attrs.frozen
class Committed:
    """A commit: (kind, key, whether it was there, body, tag, due) for each row, and audit records."""

    puts: tuple[tuple[str, str, bool, Mapping[str, object] | None, str, datetime | None], ...]
    audit: tuple[Mapping[str, object], ...]


class _Recorder(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.tape: list[Got | Committed] = []

    def get(self, kind: str, key: str) -> Row | None:
        self.tape.append(Got(kind, key))
        return super().get(kind, key)

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        rows = tuple((put.kind, put.key, put.expect is not None, put.body, put.tag, put.due) for put in puts)
        self.tape.append(Committed(rows, tuple(audit)))
        return super().commit(puts, audit)


def record() -> tuple[list[Got | Committed], int]:
    """What a run from the first screen to DONE asks of its store, and how many turns it took."""
    customer, store = CAST[0], _Recorder()
    service = ResetService(bank=FakeBank(), store=store, key=bytes(32), clock=FakeClock())
    view = service.start(Procedure.LOGIN_PASSWORD, institution=customer.institution)
    view = service.send(view.token, "submit_identity", identity(customer), version=view.version)
    view = service.send(view.token, "choose_phone", {"phone_id": view.phones[0].id}, version=view.version)
    service.report_call(Call(id="c", number=customer.contract.phones[0], source=CallSource.NETWORK))
    view = service.view(view.token)
    view = service.send(view.token, "submit_reset", answers(view, customer), version=view.version)
    if view.state != "DONE":
        msg = f"the run ended in {view.state}"
        raise RuntimeError(msg)
    return store.tape, 6


def ours(tape: Sequence[Got | Committed], store: Store) -> Turn:
    """The run through *store*."""

    def play(ending: str) -> None:
        stamps: dict[tuple[str, str], str] = {}
        for step in tape:
            if isinstance(step, Got):
                row = store.get(step.kind, step.key + ending)
                if row is not None:
                    stamps[step.kind, step.key] = row.stamp
                continue
            puts = [
                Put(kind, key + ending, stamps[kind, key] if there else None, body, tag, due)
                for kind, key, there, body, tag, due in step.puts
            ]
            if not store.commit(puts, [{**record, "session": f"{record['session']}{ending}"} for record in step.audit]):
                msg = "a commit was not made"
                raise RuntimeError(msg)

    return play


def bare_sqlite(tape: Sequence[Got | Committed], connection: sqlite3.Connection) -> Turn:
    """The same statements through sqlite3 alone; *connection* commits by itself (isolation_level=None)."""
    steps = [step if isinstance(step, Got) else _changes(step) for step in tape]

    def play(ending: str) -> None:
        stamps: dict[tuple[str, str], str] = {}
        for step in steps:
            if isinstance(step, Got):
                found = connection.execute(statements.GET, (step.kind, step.key + ending)).fetchone()
                if found is not None:
                    stamps[step.kind, step.key] = found[0]
                continue
            connection.execute("BEGIN IMMEDIATE")
            for change in step.changes:
                statement, values = change.said(ending, stamps)
                _expect(connection.execute(statement, values).rowcount)
            for session, time, text in step.audit:
                connection.execute(statements.ADD_AUDIT, (time, session + ending, text))
            connection.execute("COMMIT")

    return play


def bare_postgres(
    tape: Sequence[Got | Committed], connection: psycopg.Connection, schema: str, *, pipeline: bool
) -> Turn:
    """The same statements through psycopg alone, one after the other or in a pipeline as the store sends them."""
    steps = [step if isinstance(step, Got) else _changes(step) for step in tape]
    plans = Plans(schema, "")
    words = {
        statement: plans._here(statement)  # noqa: SLF001 - the very statements
        for statement in (statements.GET, statements.INSERT, statements.UPDATE, statements.DELETE)
    }
    say = _say_at_once if pipeline else _say_one_by_one
    begin, add_audit = "BEGIN ISOLATION LEVEL READ COMMITTED", plans._add_audit  # noqa: SLF001 - as above

    def said(step: _Changes, ending: str, stamps: Mapping[tuple[str, str], str]) -> list[Said]:
        batch = [Said(begin)]
        for change in step.changes:
            statement, values = change.said(ending, stamps)
            batch.append(Said(words[statement], values))
        for number, (session, time, text) in enumerate(step.audit):
            batch.append(Said(add_audit, (session + ending, number, secrets.token_hex(8), time, text)))
        return batch

    def play(ending: str) -> None:
        stamps: dict[tuple[str, str], str] = {}
        for step in steps:
            if isinstance(step, Got):
                found = connection.execute(words[statements.GET], (step.kind, step.key + ending)).fetchone()
                if found is not None:
                    stamps[step.kind, step.key] = found[0]
                continue
            say(connection, said(step, ending, stamps))

    return play


@attrs.frozen
class _Change:
    kind: str
    key: str
    there: bool
    text: str | None
    tag: str
    due: int | None

    def said(self, ending: str, stamps: Mapping[tuple[str, str], str]) -> tuple[str, tuple[object, ...]]:
        expect = stamps[self.kind, self.key] if self.there else None
        if self.text is None:
            return statements.DELETE, (self.kind, self.key + ending, expect)
        stamp = secrets.token_hex(8)
        if expect is None:
            return statements.INSERT, (self.kind, self.key + ending, stamp, self.text, self.tag, self.due, 0)
        return statements.UPDATE, (stamp, self.text, self.tag, self.due, self.kind, self.key + ending, expect)


@attrs.frozen
class _Changes:
    changes: tuple[_Change, ...]
    audit: tuple[tuple[str, str, str], ...]


def _say_at_once(connection: psycopg.Connection, batch: Sequence[Said]) -> None:
    if len(batch) == 2:  # noqa: PLR2004 - BEGIN and one, which is its own transaction
        _expect(connection.execute(batch[1].statement, batch[1].values).rowcount)
        return
    with connection.pipeline():
        cursors = [connection.execute(each.statement, each.values) for each in batch]
    for cursor in cursors[1:]:
        _expect(cursor.rowcount)
    connection.execute("COMMIT")


def _say_one_by_one(connection: psycopg.Connection, batch: Sequence[Said]) -> None:
    if len(batch) > 2:  # noqa: PLR2004 - as above
        connection.execute(batch[0].statement)
    for each in batch[1:]:
        _expect(connection.execute(each.statement, each.values).rowcount)
    if len(batch) > 2:  # noqa: PLR2004 - as above
        connection.execute("COMMIT")


def _changes(step: Committed) -> _Changes:
    changes = [
        _Change(
            kind,
            key,
            there,
            None if body is None else encoded(body),
            tag,
            None if due is None else columns.microseconds(due),
        )
        for kind, key, there, body, tag, due in sorted(step.puts, key=lambda put: put[:2])
    ]
    records = [audit_columns(record) for record in step.audit]
    return _Changes(tuple(changes), tuple((str(session), time, text) for time, session, text in records))


def _expect(rows: int) -> None:
    if rows != 1:
        msg = "a statement met no row"
        raise RuntimeError(msg)

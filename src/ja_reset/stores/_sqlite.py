"""The embedded store: one SQLite file, any number of threads and processes of one machine (S4).

Write-ahead logging; each commit is one transaction that takes the file's place for writing first, so that
what it expects cannot change under it. With `synchronous="FULL"` (the default) what was committed outlives a
power cut; with "NORMAL" the last commits may not, though nothing is ever half there. Use a local disk: on a
network folder SQLite's locks do not hold.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import stat
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self, cast

from ja_reset.errors import InvalidArgument, StoreError
from ja_reset.stores import _columns as columns
from ja_reset.stores import _statements as statements
from ja_reset.stores._bodies import no_row_twice
from ja_reset.stores._connections import Connections, Synchronous
from ja_reset.stores._pages import find_bounds, page_bounds
from ja_reset.stores._sqlite_commits import (
    add_audit,
    amend_audit,
    amendment,
    found_row,
    look_up,
    made,
    page,
    record,
    said,
)
from ja_reset.stores._sqlite_schema import MARKS, MIGRATIONS, VERSION, empty, version_of
from ja_reset.stores.rows import Amendment, Put, Row, are_names, newest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType


class SqliteStore:
    """A Store (see `ja_reset.stores.rows.Store`) in the file at *path*, made where there is none yet.

    Use it in a `with` block. One that nobody closed closes itself, at the latest when the process ends.

    `busy_timeout`: how long to wait for another writer. Raises StoreError, which says what to do, for a file
    that is empty, damaged, of another program, of a newer ja_reset, read-only or out of reach; InvalidArgument for
    a path that is no file (":memory:": take MemoryStore).
    """

    persistent = True
    blocking = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        busy_timeout: timedelta = timedelta(seconds=5),
        synchronous: Synchronous = "FULL",
    ) -> None:
        _check_options(busy_timeout, synchronous)
        self._path = _file(path)
        self._patience = busy_timeout.total_seconds()
        self._connections = Connections(self._path, busy_timeout=busy_timeout, synchronous=synchronous)
        try:
            self._prepare(synchronous)
        except BaseException:
            self.close()
            raise

    def get(self, kind: str, key: str) -> Row | None:
        """The row, or None."""

        def find(connection: sqlite3.Connection) -> tuple[object, ...] | None:
            if are_names((kind, key)):
                return cast("tuple[object, ...] | None", connection.execute(statements.GET, (kind, key)).fetchone())
            return None

        found = self._connections.reading(find)
        return None if found is None else columns.row(kind, key, found, self._path)

    def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        """The rows, in this order (see Store.get_many)."""

        def find(connection: sqlite3.Connection) -> list[tuple[object, ...] | None]:
            connection.execute("BEGIN")
            found = [connection.execute(statements.GET, name).fetchone() if are_names(name) else None for name in names]
            connection.execute("COMMIT")
            return found

        found = self._connections.reading(find)
        return [
            None if each is None else columns.row(*name, each, self._path)
            for name, each in zip(names, found, strict=True)
        ]

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """Make all the changes and write all the audit records, or nothing (see Store.commit)."""
        no_row_twice(puts)
        changes = [said(put) for put in puts]
        records = [record(each) for each in audit]

        def make(connection: sqlite3.Connection) -> bool:
            for change in changes:
                if not made(connection, change):
                    connection.execute("ROLLBACK")
                    return False
            add_audit(connection, records)
            return True

        return self._connections.writing(make)

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
        values = columns.scan_values(kind, tag, until, after)
        statement = page(tag=tag is not None, due=until is not None, after=after is not None)
        found = self._found(statement, (*values, min(limit, columns.MOST)))
        return [columns.row(kind, str(key), rest, self._path) for key, *rest in found]

    def audit(self, *, session: str | None = None, limit: int | None = None) -> list[dict[str, object]]:
        """The audit records (of one session), oldest first; *limit* selects the newest."""
        count = newest(limit)
        newest_so_many = None if count is None else min(count, columns.MOST)
        values = [value for value in (session, newest_so_many) if value is not None]
        statement = statements.audit(session=session is not None, limit=count is not None)
        found = self._found(statement, values)
        return [columns.whole(text, "an audit record", self._path) for (text,) in reversed(found)]

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
        statement, values = look_up(kind, term, since, until, before)
        found = self._found(statement, (*values, min(limit, columns.MOST)))
        return [found_row(kind, each) for each in found]

    def amend(self, changes: Sequence[Amendment]) -> None:
        """Change audit records (see Store.amend)."""
        asked = [amendment(each) for each in changes]
        self._connections.writing(lambda connection: amend_audit(connection, asked))

    def close(self) -> None:
        """Close the store; other threads finish what they have started."""
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SqliteStore({self._path!r})"

    def _found(self, statement: str, values: Sequence[object]) -> list[tuple[object, ...]]:
        """The rows that *statement* finds; none where one of *values* is no name that a row can have."""

        def find(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
            if not are_names(value for value in values if not isinstance(value, int)):
                return []
            return connection.execute(statement, values).fetchall()

        return self._connections.reading(find)

    def _prepare(self, synchronous: Synchronous) -> None:
        try:
            found = os.stat(self._path)  # noqa: PTH116 - a str, as sqlite3 takes it
        except OSError:  # none is there, or what keeps it out of reach is told below
            self._make(synchronous)
        else:
            if not found.st_size and stat.S_ISREG(found.st_mode):
                raise empty(self._path)
        self._connections.writing(self._migrate)
        self._log_ahead()
        self._connections.settle()

    def _make(self, synchronous: Synchronous) -> None:
        """Put a new store at the path, all of it at the same instant, unless another process was first.

        So no file of ours is ever empty, not even if the process is killed here.
        """
        path = os.path.realpath(self._path)
        new = f"{path}.{secrets.token_hex(8)}.new"
        connections = Connections(new, busy_timeout=timedelta(0), synchronous=synchronous)
        try:
            connections.writing(self._migrate)
            connections.close()
            os.link(new, path)  # unlike a rename, never takes the place of a file that is there
        except (OSError, StoreError):
            return  # the file is there, or there are no hard links here, or SQLite says what is wrong when it opens it
        finally:
            connections.close()
            with suppress(OSError):
                os.unlink(new)  # noqa: PTH108 - a str, as sqlite3 takes it

    def _migrate(self, connection: sqlite3.Connection) -> None:
        version = self._version(connection)
        for step in range(version + 1, VERSION + 1):
            for statement in MIGRATIONS[step]:
                connection.execute(statement)
        if version < VERSION:
            for mark in MARKS:
                connection.execute(mark)

    def _version(self, connection: sqlite3.Connection) -> int:
        version = version_of(connection, self._path)
        if version > VERSION:
            msg = (
                f"{self._path}: has schema {version}, this ja_reset knows up to {VERSION}; "
                "install the release that wrote it, or a later one"
            )
            raise StoreError(msg)
        return version

    def _log_ahead(self) -> None:
        """Switch to write-ahead logging, which stays with the file.

        SQLite does not wait for the lock that the switch needs, as it does for all others: two processes
        that make the file together would meet here.
        """
        until = time.monotonic() + self._patience
        while True:
            try:
                mode = self._connections.reading(_switched)
                break
            except StoreError as error:
                cause = error.__cause__
                busy = (
                    isinstance(cause, sqlite3.OperationalError) and cause.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                )
                if not busy or time.monotonic() >= until:
                    raise
                time.sleep(0.005)
        if mode != "wal":
            msg = f"{self._path}: allows no write-ahead log; put the file on a local disk"
            raise StoreError(msg)


def _switched(connection: sqlite3.Connection) -> str:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    return str(mode)


def _check_options(busy_timeout: object, synchronous: object) -> None:
    if not isinstance(busy_timeout, timedelta) or busy_timeout < timedelta(0):
        msg = "busy_timeout must be a timedelta, not below zero"
        raise InvalidArgument(msg)
    if synchronous not in {"FULL", "NORMAL"}:
        msg = 'synchronous must be "FULL" or "NORMAL"'
        raise InvalidArgument(msg)


def _file(path: object) -> str:
    name = os.fspath(path) if isinstance(path, (str, os.PathLike)) else None
    if not isinstance(name, str) or not name or "\0" in name:
        msg = "path must be the path of a file, a str or PathLike"
        raise InvalidArgument(msg)
    if name == ":memory:":
        msg = 'SqliteStore keeps a file; for ":memory:" use ja_reset.stores.MemoryStore'
        raise InvalidArgument(msg)
    # absolute, so that a change of folder does not change the file
    return os.path.abspath(name)  # noqa: PTH100 - resolves no links, as sqlite3 itself does that

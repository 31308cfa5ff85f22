"""What an SQLite file has of our tables: looked at through a connection that only reads, and brought up to date."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from ja_reset.stores._connections import explained
from ja_reset.stores._sqlite import SqliteStore
from ja_reset.stores._sqlite_schema import MIGRATIONS, VERSION, ddl, empty, version_of
from ja_reset.stores._tables import Tables, indexes, lacks


class File:
    """The tables in the file at *path*; raises StoreError for what is no file of ours, and what SQLite cannot do."""

    def __init__(self, path: str) -> None:
        self._path = os.path.abspath(path)  # noqa: PTH100 - as the store names it

    def look(self) -> Tables:
        """What is there, and what it lacks; changes nothing."""
        try:
            if not os.stat(self._path).st_size:  # noqa: PTH116 - a str, as sqlite3 takes it
                raise empty(self._path)
        except FileNotFoundError:
            return Tables(self._path, None, VERSION)
        except OSError:
            pass  # SQLite says what is wrong when it opens it
        try:
            with closing(sqlite3.connect(f"{Path(self._path).as_uri()}?mode=ro", uri=True)) as connection:
                version = version_of(connection, self._path)
                columns, names = _columns(connection), _indexes(connection)
        except sqlite3.Error as error:
            raise explained(error, self._path) from error
        if not 0 < version <= VERSION:
            return Tables(self._path, version or None, VERSION)
        statements = [each for step in range(1, version + 1) for each in MIGRATIONS[step]]
        wanted = indexes(statements)
        unindexed = tuple(wanted[name] for name in wanted if name not in names)
        return Tables(self._path, version, VERSION, lacks(_made_by(statements), columns), unindexed)

    def step_of(self, tables: Tables) -> str:
        """The SQL that brings *tables* up to date; "" if there is nothing to do."""
        words = ("BEGIN IMMEDIATE", *tables.unindexed, "COMMIT") if tables.unindexed else ()
        first = "".join(f"{each};\n" for each in words)
        return first if tables.version == VERSION else first + ddl(since=tables.version or 0)

    def migrate(self, tables: Tables) -> None:
        """Bring *tables* up to date."""
        if tables.unindexed:
            try:
                with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
                    for each in ("BEGIN IMMEDIATE", *tables.unindexed, "COMMIT"):
                        connection.execute(each)
            except sqlite3.Error as error:
                raise explained(error, self._path) from error
        SqliteStore(self._path).close()


def _made_by(statements: Iterable[str]) -> dict[str, list[str]]:
    """The columns of each table that *statements* make."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for each in statements:
            connection.execute(each)
        return _columns(connection)


def _columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    words = "SELECT name FROM pragma_table_info(?)"
    return {table: [name for (name,) in connection.execute(words, (table,))] for (table,) in tables}


def _indexes(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}

"""The tables of an SQLite file, by version, and how a file is known as ours."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ja_reset.errors import StoreError

if TYPE_CHECKING:
    import sqlite3

APPLICATION_ID: Final = int.from_bytes(b"JARS")
"""Written into the file's head, so that another program's database is never taken for ours."""

MIGRATIONS: Final[Mapping[int, tuple[str, ...]]] = MappingProxyType(
    {
        1: (
            """CREATE TABLE rows (
                kind TEXT NOT NULL, key TEXT NOT NULL, stamp TEXT NOT NULL,
                body TEXT NOT NULL, tag TEXT NOT NULL, due INTEGER,
                PRIMARY KEY (kind, key)
            ) WITHOUT ROWID""",
            "CREATE INDEX rows_by_due ON rows (kind, due, key) WHERE due IS NOT NULL",
            "CREATE INDEX rows_by_tag ON rows (kind, tag, key)",
            """CREATE TABLE audit (
                id INTEGER PRIMARY KEY, time TEXT NOT NULL, session TEXT, body TEXT NOT NULL
            )""",
            "CREATE INDEX audit_by_session ON audit (session, id)",
        ),
        2: (
            "ALTER TABLE rows ADD COLUMN at INTEGER",
            "CREATE INDEX rows_unfiled ON rows (kind, key) WHERE at IS NULL",
            """CREATE TABLE terms (
                kind TEXT NOT NULL, key TEXT NOT NULL, term TEXT NOT NULL, at INTEGER NOT NULL,
                PRIMARY KEY (kind, key, term)
            ) WITHOUT ROWID""",
            "CREATE INDEX terms_by_time ON terms (kind, term, at, key)",
            "ALTER TABLE audit ADD COLUMN filed INTEGER",
            "CREATE INDEX audit_unfiled ON audit (id) WHERE filed IS NULL",
            """CREATE TABLE audit_terms (
                term TEXT NOT NULL, time INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (term, time, id)
            ) WITHOUT ROWID""",
        ),
    }
)
"""Schema version → the statements that lead to it from the one before; a new file takes them all."""

VERSION: Final = max(MIGRATIONS)
"""The version that this release works with."""

MARKS: Final = (f"PRAGMA application_id = {APPLICATION_ID}", f"PRAGMA user_version = {VERSION}")
"""What says that the file is ours, and that its tables are of this release."""


def ddl(*, since: int = 0) -> str:
    """The SQL that leads from the tables of version *since* (0: none) to those of this release, in one transaction."""
    steps = [statement for step in range(since + 1, VERSION + 1) for statement in MIGRATIONS[step]]
    return "".join(f"{each};\n" for each in ("BEGIN IMMEDIATE", *steps, *MARKS, "COMMIT"))


def version_of(connection: sqlite3.Connection, path: str) -> int:
    """The version of the tables in our file, 0 where there are none; raises StoreError for another program's file."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (application != APPLICATION_ID and (application or version or objects)) or version < 0:
        msg = f"{path}: is another program's database; name a file of its own for ja_reset"
        raise StoreError(msg)
    return int(version)


def empty(path: str) -> StoreError:
    """What a file without content raises."""
    return StoreError(
        f"{path}: exists but is empty, so its content may be lost; restore a backup, "
        "or delete the file to start a new store"
    )

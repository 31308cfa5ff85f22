"""The tables of an SQLite file, by version, and how a file is known as ours."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

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

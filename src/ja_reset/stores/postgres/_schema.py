"""The tables, how they are made, and whether the ones that are there are of this release (S4).

Keys are text compared by code point (`COLLATE "C"`), every primary key begins with what spreads, and no column
is filled from a sequence: that would be one place which every writer has to pass. `audit.at` is the
server's own clock when the record was written, after the locks on its rows were got, so the records of one
session stand in the order of its commits whatever the clocks of the hosts say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from ja_reset.errors import StoreError
from ja_reset.stores.postgres._address import Address
from ja_reset.stores.postgres._plans import COMMIT, Plan, Said, is_kept

MIGRATIONS: Final[Mapping[int, tuple[str, ...]]] = MappingProxyType(
    {
        1: (
            """CREATE TABLE {schema}.rows (
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    stamp TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    tag TEXT COLLATE "C" NOT NULL,
    due BIGINT,
    PRIMARY KEY (kind, key)
)""",
            "CREATE INDEX rows_by_due ON {schema}.rows (kind, due, key) WHERE due IS NOT NULL",
            "CREATE INDEX rows_by_tag ON {schema}.rows (kind, tag, key)",
            """CREATE TABLE {schema}.audit (
    session TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT,
    n INTEGER NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    time TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session, at, n, id)
)""",
            "CREATE INDEX audit_by_time ON {schema}.audit (at, n, id)",
        ),
    }
)
"""Schema version → the statements that lead to it from the one before; an empty schema takes them all."""

VERSION: Final = max(MIGRATIONS)
"""The version that this release works with."""

_MARK: Final = (
    "CREATE TABLE {schema}.schema_version (one BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one), version INTEGER NOT NULL)",
    "INSERT INTO {schema}.schema_version (version) VALUES (0)",
)
_LOCK: Final = int.from_bytes(b"JARS")


def ddl(schema: str = "ja_reset") -> str:
    """The whole SQL that makes the tables of this release in *schema*, for those who run it themselves."""
    steps = [statement for step in range(1, VERSION + 1) for statement in MIGRATIONS[step]]
    words = ("CREATE SCHEMA IF NOT EXISTS {schema}", *_MARK, *steps, _marked(VERSION))
    return "".join(f"{each.replace('{schema}', schema)};\n" for each in words)


def prepare(address: Address, *, create: bool) -> Plan[None]:
    """Look at what is there, and make what is missing where *create* allows it; raises StoreError."""
    encoding, version, several = yield from _look(address)
    if encoding != "UTF8":
        msg = f"{address}: the database's encoding is {encoding}; create one with ENCODING 'UTF8'"
        raise StoreError(msg)
    if version is None and several:
        msg = f"{address}: has tables without a version; use a separate schema for ja_reset"
        raise StoreError(msg)
    if version is not None and version > VERSION:
        msg = (
            f"{address}: has schema {version}, this ja_reset knows up to {VERSION}; "
            "install the release that made it, or a later one"
        )
        raise StoreError(msg)
    if (version or 0) < VERSION:
        if not create:
            what = "has no tables" if version is None else f"has tables of schema {version}, this ja_reset {VERSION}"
            msg = f"{address}: {what}; make them with PostgresStore(url, create=True), or run its SQL yourself"
            raise StoreError(msg)
        yield from _make(address)
    yield from _complete(address)


def _look(address: Address) -> Plan[tuple[str, int | None, bool]]:
    """The database's encoding, the schema's version (None: no mark), and whether there are tables at all."""
    [encoding] = yield [Said("SHOW server_encoding")]
    there = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
    [tables] = yield [Said(there, (address.schema,))]
    names = {name for (name,) in tables.rows}
    version = None
    if "schema_version" in names:
        [marked] = yield [Said(f'SELECT version FROM "{address.schema}".schema_version')]  # noqa: S608 - our own words
        found = marked.rows[0][0] if marked.rows else None
        if type(found) is not int or found < 0:
            msg = f"{address}: the mark of the schema's version was changed by hand; restore a backup"
            raise StoreError(msg)
        version = found
    return str(encoding.rows[0][0]), version, bool(names)


def _make(address: Address) -> Plan[None]:
    """Bring the schema up to date in one transaction; of several who do so at once, one does and the others find it."""
    schema = f'"{address.schema}"'
    yield [Said("BEGIN"), Said("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))]
    _, version, _ = yield from _look(address)
    if version is None:
        yield _in(schema, (f"CREATE SCHEMA IF NOT EXISTS {schema}", *_MARK))
    for step in range((version or 0) + 1, VERSION + 1):
        yield _in(schema, (*MIGRATIONS[step], _marked(step)))
    [end] = yield [COMMIT]
    if not is_kept(end):
        msg = f"{address}: the server did not keep the tables that were made; try again"
        raise StoreError(msg)


def _complete(address: Address) -> Plan[None]:
    """Both tables are there with their columns: a store that opens works."""
    yield _in(
        f'"{address.schema}"',
        (
            "SELECT kind, key, stamp, body, tag, due FROM {schema}.rows LIMIT 0",
            "SELECT session, at, n, id, time, body FROM {schema}.audit LIMIT 0",
        ),
    )


def _marked(version: int) -> str:
    return f"UPDATE {{schema}}.schema_version SET version = {version}"  # noqa: S608 - our own words


def _in(schema: str, words: Sequence[str]) -> list[Said]:
    return [Said(each.replace("{schema}", schema)) for each in words]

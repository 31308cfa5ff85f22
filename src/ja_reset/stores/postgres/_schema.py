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

from ja_reset.errors import InvalidArgument, StoreError
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
        2: (
            "ALTER TABLE {schema}.rows ADD COLUMN at BIGINT",
            "CREATE INDEX rows_unfiled ON {schema}.rows (kind, key) WHERE at IS NULL",
            """CREATE TABLE {schema}.terms (
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    term TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (kind, key, term)
)""",
            "CREATE INDEX terms_by_time ON {schema}.terms (kind, term, at, key)",
            "ALTER TABLE {schema}.audit ADD COLUMN filed SMALLINT",
            "CREATE INDEX audit_unfiled ON {schema}.audit (at, n, id) WHERE filed IS NULL",
            """CREATE TABLE {schema}.audit_terms (
    term TEXT COLLATE "C" NOT NULL,
    time BIGINT NOT NULL,
    at BIGINT NOT NULL,
    n INTEGER NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    session TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (term, time, at, n, id)
)""",
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


def ddl(schema: str = "ja_reset", *, since: int | None = None) -> str:
    """The SQL that makes the tables of this release in *schema*, for those who run it themselves.

    *since*: the version of tables that are there, which are brought up to date in one transaction; None: the whole.
    """
    if since is not None and since not in range(1, VERSION):
        msg = f"since must be a version before this release's, from 1 to {VERSION - 1}; tables of {VERSION} are current"
        raise InvalidArgument(msg)
    steps = [statement for step in range((since or 0) + 1, VERSION + 1) for statement in MIGRATIONS[step]]
    first = ("CREATE SCHEMA IF NOT EXISTS {schema}", *_MARK) if since is None else ("BEGIN",)
    words = (*first, *steps, _marked(VERSION), *(() if since is None else ("COMMIT",)))
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
            what, run = "has no tables", f"ddl({address.schema!r})"
            if version:
                what = f"has tables of schema {version}, and this ja_reset needs schema {VERSION}"
                run = f"ddl({address.schema!r}, since={version})"
            msg = (
                f"{address}: {what}; open it once with PostgresStore(url, create=True) as a user who may make tables, "
                f"or run the SQL that ja_reset.stores.postgres.{run} gives"
            )
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
    """All tables are there with their columns: a store that opens works."""
    yield _in(
        f'"{address.schema}"',
        (
            "SELECT kind, key, stamp, body, tag, due, at FROM {schema}.rows LIMIT 0",
            "SELECT session, at, n, id, time, body, filed FROM {schema}.audit LIMIT 0",
            "SELECT kind, key, term, at FROM {schema}.terms LIMIT 0",
            "SELECT term, time, at, n, id, session FROM {schema}.audit_terms LIMIT 0",
        ),
    )


def _marked(version: int) -> str:
    return f"UPDATE {{schema}}.schema_version SET version = {version}"  # noqa: S608 - our own words


def _in(schema: str, words: Sequence[str]) -> list[Said]:
    return [Said(each.replace("{schema}", schema)) for each in words]

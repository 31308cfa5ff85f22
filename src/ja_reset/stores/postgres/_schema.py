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
from ja_reset.stores._tables import Tables, indexes, lacks
from ja_reset.stores.postgres._address import Address
from ja_reset.stores.postgres._said import COMMIT, Plan, Said, is_kept

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

_COLUMNS: Final[Mapping[int, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        1: {
            "rows": ("kind", "key", "stamp", "body", "tag", "due"),
            "audit": ("session", "at", "n", "id", "time", "body"),
        },
        2: {
            "rows": ("at",),
            "audit": ("filed",),
            "terms": ("kind", "key", "term", "at"),
            "audit_terms": ("term", "time", "at", "n", "id", "session"),
        },
    }
)
"""Schema version → the columns that it adds."""

_MARK: Final = (
    "CREATE TABLE {schema}.schema_version (one BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one), version INTEGER NOT NULL)",
    "INSERT INTO {schema}.schema_version (version) VALUES (0)",
)
_THERE: Final = "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace AND s.nspname = %s"
_TABLES_THERE: Final = f"SELECT c.relname {_THERE} WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')"
_COLUMNS_THERE: Final = (
    f"SELECT c.relname, a.attname {_THERE} JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid"
    " WHERE a.attnum > 0 AND NOT a.attisdropped"
)
_INDEXES_THERE: Final = f"SELECT c.relname {_THERE} WHERE c.relkind IN ('i', 'I')"
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
    version = yield from _version(address)
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


def look(address: Address) -> Plan[Tables]:
    """What is there, and what it lacks; changes nothing. Raises StoreError for what is none of ours."""
    version = yield from _version(address)
    if version is None or version > VERSION:
        return Tables(str(address), version, VERSION)
    [columns, found] = yield [Said(_COLUMNS_THERE, (address.schema,)), Said(_INDEXES_THERE, (address.schema,))]
    there: dict[str, list[str]] = {}
    for table, column in columns.rows:
        there.setdefault(str(table), []).append(str(column))
    missing = lacks(_columns(version), there)
    if version == VERSION and not missing:
        yield from _complete(address)
    names = {name for (name,) in found.rows}
    wanted = indexes(each for step in range(1, version + 1) for each in MIGRATIONS[step])
    return Tables(str(address), version, VERSION, missing, tuple(wanted[name] for name in wanted if name not in names))


def step_of(address: Address, tables: Tables) -> str:
    """The SQL that brings *tables* up to date, for those who run it themselves; "" if there is nothing to do."""
    if tables.unindexed:
        words = ("BEGIN", *tables.unindexed, "COMMIT")
        first = "".join(f"{each.replace('{schema}', address.schema)};\n" for each in words)
    else:
        first = ""
    return first if tables.version == VERSION else first + ddl(address.schema, since=tables.version)


def index(address: Address, tables: Tables) -> Plan[None]:
    """Make the indexes that *tables* lack, all or none; of several who do so at once, one does and the others fail."""
    yield [Said("BEGIN"), Said("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))]
    yield _in(f'"{address.schema}"', tables.unindexed)
    yield from _kept(address, "indexes")


def _version(address: Address) -> Plan[int | None]:
    """The version of the tables, None where there are none; raises StoreError where it is not to be known."""
    [encoding, tables] = yield [Said("SHOW server_encoding"), Said(_TABLES_THERE, (address.schema,))]
    if encoding.rows[0][0] != "UTF8":
        msg = f"{address}: the database's encoding is {encoding.rows[0][0]}; create one with ENCODING 'UTF8'"
        raise StoreError(msg)
    names = {name for (name,) in tables.rows}
    if not names:
        return None
    if "schema_version" not in names:
        msg = f"{address}: has tables without a version; use a separate schema for ja_reset"
        raise StoreError(msg)
    [marked] = yield [Said(f'SELECT version FROM "{address.schema}".schema_version')]  # noqa: S608 - our own words
    found = marked.rows[0][0] if marked.rows else None
    if type(found) is not int or found < 0:
        msg = f"{address}: the mark of the schema's version was changed by hand; restore a backup"
        raise StoreError(msg)
    return found


def _make(address: Address) -> Plan[None]:
    """Bring the schema up to date in one transaction; of several who do so at once, one does and the others find it."""
    schema = f'"{address.schema}"'
    yield [Said("BEGIN"), Said("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))]
    version = yield from _version(address)
    if version is None:
        yield _in(schema, (f"CREATE SCHEMA IF NOT EXISTS {schema}", *_MARK))
    for step in range((version or 0) + 1, VERSION + 1):
        yield _in(schema, (*MIGRATIONS[step], _marked(step)))
    yield from _kept(address, "tables")


def _kept(address: Address, what: str) -> Plan[None]:
    [end] = yield [COMMIT]
    if not is_kept(end):
        msg = f"{address}: the server did not keep the {what} that were made; try again"
        raise StoreError(msg)


def _complete(address: Address) -> Plan[None]:
    """All tables are there with their columns: a store that opens works."""
    words = (f"SELECT {', '.join(names)} FROM {{schema}}.{table} LIMIT 0" for table, names in _columns(VERSION).items())  # noqa: S608 - our own words
    yield _in(f'"{address.schema}"', tuple(words))


def _columns(version: int) -> Mapping[str, tuple[str, ...]]:
    """The columns of each table in that version."""
    added = [_COLUMNS[step] for step in range(1, version + 1)]
    tables = dict.fromkeys(table for each in added for table in each)
    return {table: tuple(name for each in added for name in each.get(table, ())) for table in tables}


def _marked(version: int) -> str:
    return f"UPDATE {{schema}}.schema_version SET version = {version}"  # noqa: S608 - our own words


def _in(schema: str, words: Sequence[str]) -> list[Said]:
    return [Said(each.replace("{schema}", schema)) for each in words]

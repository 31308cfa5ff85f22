"""What PostgresStore makes of the database that it finds: none, another's, older, newer, damaged, out of reach."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

import psycopg
import pytest

from ja_reset.errors import InvalidArgument, StoreError
from ja_reset.stores import AsyncPostgresStore, PostgresStore
from ja_reset.stores import _statements as statements
from ja_reset.stores.postgres import ddl
from ja_reset.stores.postgres._plans import Plans
from ja_reset.stores.postgres._schema import MIGRATIONS, VERSION
from ja_reset.stores.rows import AUDIT, Amendment, Put, Record, Row
from ja_reset.testing.postgres import PostgresServer
from ja_reset.testing.store_history import NOON, there

PASSWORD = "kono-himitsu-4711"


@pytest.fixture
def schema(new_schema: Callable[[], str]) -> str:
    """A schema that is not there yet."""
    return new_schema()


@pytest.fixture
def store(postgres: PostgresServer, schema: str) -> Iterator[PostgresStore]:
    """A store with one row."""
    with PostgresStore(postgres.url, schema=schema) as opened:
        assert opened.commit([Put("count", "c", None, {"n": 0})])
        yield opened


@pytest.fixture
def by_hand(postgres: PostgresServer, schema: str) -> Callable[[str], list[tuple[object, ...]]]:
    """Give somebody who says statements to the database, in the schema."""

    def say(statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(postgres.url, options=f"-c search_path={schema}", autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    return say


@pytest.mark.rule("S4")
def test_rows_and_audit_outlive_the_store(postgres: PostgresServer, schema: str) -> None:
    """What one store committed, another finds in the database, stamp and all."""
    with PostgresStore(postgres.url, schema=schema) as first:
        first.commit([Put("session", "a", None, {"n": 1}, "open")], [{"time": "t", "session": "s"}])
        row = first.get("session", "a")
    with PostgresStore(postgres.url, schema=schema, create=False) as second:
        assert row == second.get("session", "a")
        assert [{"time": "t", "session": "s"}] == second.audit()
        assert second.persistent


def test_the_same_database_is_spelled_in_more_than_one_way(postgres: PostgresServer, schema: str) -> None:
    """Libpq's own words do as well as a URL, and the environment may say the rest."""
    words = f"host={postgres.folder} dbname=postgres user=postgres"
    with PostgresStore(words, schema=schema) as store:
        assert store.commit([Put("count", "c", None, {})])


@pytest.mark.parametrize("wrong", [None, "", 7, b"postgresql://localhost"])
def test_a_url_that_is_no_text_is_refused(wrong: str) -> None:
    """A URL is a str that says something."""
    with pytest.raises(InvalidArgument, match="url"):
        PostgresStore(wrong)


@pytest.mark.parametrize("wrong", ["", "Resets", "a b", 'x"; DROP TABLE rows; --', "a" * 64, None, "1a"])
def test_a_schema_that_is_no_name_is_refused(postgres: PostgresServer, wrong: str) -> None:
    """A schema's name goes into statements, so it is of letters, digits and underlines."""
    with pytest.raises(InvalidArgument, match="schema"):
        PostgresStore(postgres.url, schema=wrong)


@pytest.mark.parametrize("options", [{"pool_size": 0}, {"pool_size": True}, {"timeout": timedelta(0)}, {"timeout": 5}])
def test_options_that_make_no_sense_are_refused(postgres: PostgresServer, options: dict[str, object]) -> None:
    """No connection at all, no time at all, or a time without a unit: InvalidArgument, by both faces."""
    with pytest.raises(InvalidArgument):
        PostgresStore(postgres.url, **options)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument):
        AsyncPostgresStore(postgres.url, **options)  # type: ignore[arg-type]


@pytest.mark.rule("A7")
@pytest.mark.parametrize(
    ("url", "advice"),
    [
        (f"mysql://reset:{PASSWORD}@localhost/reset", "one that PostgreSQL reads"),
        (f"postgres//reset:{PASSWORD}@localhost", "one that PostgreSQL reads"),
        (f"postgresql://reset:{PASSWORD}@[::1/reset", "one that PostgreSQL reads"),
        (f"postgresql://reset:{PASSWORD}@localhost/reset?colour={PASSWORD}", "one that PostgreSQL reads"),
        (f"postgresql://reset:{PASSWORD}@127.0.0.1:1/reset", "cannot be reached"),
        (f"postgresql://reset:{PASSWORD}@no-such-host.invalid/reset", "cannot be reached"),
        (f"postgresql://reset:{PASSWORD}@/reset?host=/nowhere", "cannot be reached"),
    ],
)
def test_a_wrong_url_is_a_clear_error_without_the_password(url: str, advice: str) -> None:
    """It says what to check; neither message nor traceback shows the password, and no driver's error hangs on."""
    with pytest.raises(StoreError, match=advice) as caught:
        PostgresStore(url, timeout=timedelta(seconds=2))
    _hides_the_password(caught.value)


@pytest.mark.rule("A7")
def test_a_wrong_password_is_a_clear_error_without_it(postgres: PostgresServer, schema: str) -> None:
    """A user whom the server does not let in: StoreError that names user and password as what to check."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {schema} LOGIN PASSWORD 'another'".encode())
    access = postgres.folder / "data" / "pg_hba.conf"
    before = access.read_text("utf-8")
    access.write_text(f"local all {schema} scram-sha-256\n{before}", "utf-8")
    try:
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")
        right = f"postgresql://{schema}:another@/postgres?host={postgres.folder}"
        _until(lambda: psycopg.connect(right).close())
        with pytest.raises(StoreError, match="check user and password") as caught:
            PostgresStore(right.replace("another", PASSWORD), schema=schema)
        _hides_the_password(caught.value)
        with pytest.raises(StoreError, match="rights"):
            PostgresStore(right, schema=schema)
    finally:
        access.write_text(before, "utf-8")


def _until(work: Callable[[], None]) -> None:
    """Try until the server has reloaded its rules."""
    for _ in range(500):
        try:
            return work()
        except psycopg.OperationalError:
            continue
    return work()


def _hides_the_password(error: StoreError) -> None:
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in shown.stack if frame.filename != __file__]
    assert frames
    assert PASSWORD not in str(error)
    assert not any(PASSWORD in value for frame in frames for value in (frame.locals or {}).values())
    assert error.__cause__ is None
    assert error.__context__ is None


def test_neither_face_shows_the_password(postgres: PostgresServer, schema: str) -> None:
    """A store's repr says where the database is, and no more."""
    url = postgres.url.replace("postgres@", f"postgres:{PASSWORD}@")
    with PostgresStore(url, schema=schema) as store:
        for shown in (repr(store), repr(store.awaited()), repr(AsyncPostgresStore(url, schema=schema))):
            assert schema in shown
            assert PASSWORD not in shown


@pytest.mark.rule("S4")
def test_tables_are_made_only_where_that_is_allowed(postgres: PostgresServer, schema: str) -> None:
    """With create=False a database without tables is an error that says how to make them, and nothing is made."""
    with pytest.raises(StoreError, match="create=True"):
        PostgresStore(postgres.url, schema=schema, create=False)
    store = AsyncPostgresStore(postgres.url, schema=schema, create=False)

    async def use() -> None:
        with pytest.raises(StoreError, match="create=True"):
            await store.get("session", "a")
        await store.close()

    asyncio.run(use())
    with psycopg.connect(postgres.url) as connection:
        found = connection.execute("SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", (schema,))
        assert found.fetchone() is None


@pytest.mark.rule("S4")
def test_a_role_that_may_make_nothing_is_enough(
    postgres: PostgresServer, schema: str, store: PostgresStore, by_hand: Callable[[str], object]
) -> None:
    """The rights that the documentation names suffice for a worker, which then can make no table."""
    by_hand(f"CREATE ROLE {schema}_worker LOGIN")
    by_hand(f"GRANT USAGE ON SCHEMA {schema} TO {schema}_worker")
    for table in ("rows", "terms"):
        by_hand(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {schema}_worker")
    for table in ("audit", "audit_terms"):
        by_hand(f"GRANT SELECT, INSERT ON {table} TO {schema}_worker")
    by_hand(f"GRANT SELECT ON schema_version TO {schema}_worker")
    url = postgres.url.replace("postgres@", f"{schema}_worker@")
    with PostgresStore(url, schema=schema, create=False) as worker:
        hold = Put("count", "none", None, None)
        row = there(worker, "count", "c")
        assert worker.commit([hold, Put("count", "c", row.stamp, None)], [{"time": "t", "session": None}])
        terms = frozenset(["state:A"])
        put = Put("session", "a", None, {}, at=NOON, terms=terms, stamp="1")
        assert worker.commit([put], [Record({"time": NOON.isoformat(), "session": None}, terms)])
        assert worker.commit([Put("session", "a", "1", {}, at=NOON, terms=terms)])
        assert [1, 1] == [len(worker.find(kind, "state:A")) for kind in ("session", AUDIT)]
        assert [] == worker.scan("count")
    with pytest.raises(StoreError, match="rights"):
        PostgresStore(url, schema=f"{schema}_more")


@pytest.mark.rule("S4")
def test_the_published_sql_makes_the_same_tables(
    postgres: PostgresServer, schema: str, new_schema: Callable[[], str], by_hand: Callable[[str], object]
) -> None:
    """Who runs the SQL by himself gets what the store would have made: columns, keys and indexes."""
    other = new_schema()
    by_hand(ddl(schema))
    PostgresStore(postgres.url, schema=other).close()
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, collation_name, column_default"
        " FROM information_schema.columns WHERE table_schema = '{}' ORDER BY 1, ordinal_position"
    )
    indexes = "SELECT replace(indexdef, '{0}', '') FROM pg_indexes WHERE schemaname = '{0}' ORDER BY 1"
    marks = "SELECT version FROM {}.schema_version"
    for question in (columns, indexes, marks):
        assert by_hand(question.format(other)) == by_hand(question.format(schema)) != []
    with PostgresStore(postgres.url, schema=schema, create=False) as store:
        assert store.commit([Put("count", "c", None, {})], [{"time": "t", "session": None}])


@pytest.fixture
def old(postgres: PostgresServer, schema: str, by_hand: Callable[[str], object]) -> str:
    """The tables of release 0.1, with two rows and an audit record as it wrote them."""
    made = "".join(ddl(schema).partition("ALTER TABLE")[:1])
    by_hand(made + f"UPDATE {schema}.schema_version SET version = 1")  # noqa: S608 - our own words
    rows = "INSERT INTO rows (kind, key, stamp, body, tag) SELECT 'session', n, 's', '{}', ''"
    by_hand(rows + " FROM unnest('{a,b}'::text[]) n")
    by_hand("INSERT INTO audit (session, n, id, time, body) VALUES ('s', 0, 'x', 't', '{\"time\": \"t\"}')")
    return schema


@pytest.mark.rule("S4")
def test_tables_of_an_older_release_are_brought_up_to_date(
    postgres: PostgresServer, old: str, by_hand: Callable[[str], object]
) -> None:
    """What 0.1 saved is read, found as such, and found by its terms once it is written again; nothing is rewritten."""
    with PostgresStore(postgres.url, schema=old) as store:
        assert {} == there(store, "session", "a").body
        assert ["b", "a"] == [row.key for row in store.find("session", None)]
        (last,) = store.find("session", None, limit=1)
        assert ["a"] == [row.key for row in store.find("session", None, before=last)]
        (record,) = store.find(AUDIT, None)
        assert ({"time": "t"}, []) == (record.body, store.find(AUDIT, None, before=record))
        store.commit([Put("session", "a", "s", {}, at=NOON, terms=frozenset(["x"]))])
        assert (["b"], ["a"]) == tuple([row.key for row in store.find("session", term)] for term in (None, "x"))
    assert [(VERSION,)] == by_hand("SELECT version FROM schema_version")


@pytest.mark.rule("S4")
def test_a_worker_that_may_make_nothing_says_what_to_run(
    postgres: PostgresServer, old: str, new_schema: Callable[[], str], by_hand: Callable[[str], object]
) -> None:
    """With create=False, older tables are an error that names the SQL of the step; that SQL makes the same tables."""
    with pytest.raises(StoreError, match="schema 1, and this ja_reset needs schema 2") as caught:
        PostgresStore(postgres.url, schema=old, create=False)
    step = f"ddl({old!r}, since=1)"
    assert f"run the SQL that ja_reset.stores.postgres.{step} gives" in str(caught.value)
    by_hand(ddl(old, since=1))
    PostgresStore(postgres.url, schema=old, create=False).close()
    PostgresStore(postgres.url, schema=(other := new_schema())).close()
    indexes = "SELECT replace(indexdef, '{0}', '') FROM pg_indexes WHERE schemaname = '{0}' ORDER BY 1"
    assert by_hand(indexes.format(other)) == by_hand(indexes.format(old)) != []
    for wrong in (0, VERSION, VERSION + 1):
        with pytest.raises(InvalidArgument, match="since"):
            ddl(old, since=wrong)


def test_versions_have_no_gap() -> None:
    """Each version of the tables leads to the next."""
    assert list(range(1, VERSION + 1)) == list(MIGRATIONS)


@pytest.mark.rule("S4")
def test_a_newer_schema_is_refused(
    postgres: PostgresServer, schema: str, store: PostgresStore, by_hand: Callable[[str], object]
) -> None:
    """Tables that a later release made raise StoreError that says so, and are left as they are."""
    by_hand(f"UPDATE schema_version SET version = {VERSION + 1}")  # noqa: S608 - our own words
    with pytest.raises(StoreError, match="later"):
        PostgresStore(postgres.url, schema=schema)
    assert [(VERSION + 1,)] == by_hand("SELECT version FROM schema_version")


@pytest.mark.rule("S4")
@pytest.mark.parametrize("damage", ["DELETE FROM schema_version", "UPDATE schema_version SET version = -1"])
def test_a_mark_that_was_changed_by_hand_is_named(
    postgres: PostgresServer, schema: str, store: PostgresStore, by_hand: Callable[[str], object], damage: str
) -> None:
    """Without a version the tables are unknown: StoreError, and nothing is recreated."""
    by_hand(damage)
    with pytest.raises(StoreError, match="by hand"):
        PostgresStore(postgres.url, schema=schema)


@pytest.mark.rule("S4")
def test_a_schema_of_another_program_is_left_alone(
    postgres: PostgresServer, schema: str, by_hand: Callable[[str], object]
) -> None:
    """Tables that are not ours: StoreError that asks for a schema of our own."""
    by_hand(f"CREATE SCHEMA {schema}")
    by_hand("CREATE TABLE theirs (x INTEGER)")
    with pytest.raises(StoreError, match="separate schema"):
        PostgresStore(postgres.url, schema=schema)
    assert [("theirs",)] == by_hand(f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}'")  # noqa: S608 - ours


@pytest.mark.rule("L1", "S4")
@pytest.mark.parametrize("damage", ["DROP TABLE rows", "DROP TABLE audit", "ALTER TABLE rows DROP COLUMN stamp"])
def test_a_table_that_is_missing_is_never_begun_anew(
    postgres: PostgresServer, schema: str, store: PostgresStore, by_hand: Callable[[str], object], damage: str
) -> None:
    """A marked schema without a table, open or opened: StoreError, as a new table would forget every count."""
    by_hand(damage)
    record = {"time": "t", "session": None}
    with pytest.raises(StoreError, match="missing or was altered") as caught:
        store.commit([Put("count", "d", None, {})], [record])
    assert caught.value.__context__ is None
    with pytest.raises(StoreError, match="missing or was altered"):
        PostgresStore(postgres.url, schema=schema)


@pytest.mark.rule("S4")
@pytest.mark.parametrize("damage", ["body = '{'", "body = '[]'", f"due = {2**62}"])
def test_a_row_edited_by_hand_is_a_clear_error(
    store: PostgresStore, by_hand: Callable[[str], object], damage: str
) -> None:
    """A row that is none any more raises StoreError, which quotes nothing of it; others are still read."""
    store.commit([Put("session", "k-secret", None, {})])
    by_hand(f"UPDATE rows SET {damage} WHERE kind = 'session'")  # noqa: S608 - our own words
    for read in (lambda: store.get("session", "k-secret"), lambda: store.scan("session")):
        with pytest.raises(StoreError, match="damaged") as caught:
            read()
        assert "k-secret" not in str(caught.value)
    assert {"n": 0} == there(store, "count", "c").body


@pytest.mark.rule("S5", "S4")
def test_an_error_of_the_server_quotes_no_row(store: PostgresStore, by_hand: Callable[[str], object]) -> None:
    """Where a table was altered by hand so that a row no longer fits, the error shows nothing of the row."""
    by_hand("ALTER TABLE rows ADD CONSTRAINT theirs CHECK (tag = '')")
    with pytest.raises(StoreError, match="theirs") as caught:
        store.commit([Put("session", "k", None, {"ref": "R-4711"}, "open")])
    assert "R-4711" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.rule("S4")
def test_a_damaged_audit_record_is_a_clear_error(store: PostgresStore, by_hand: Callable[[str], object]) -> None:
    """An audit record that is no JSON raises StoreError."""
    store.commit([], [{"time": "t", "session": None}])
    by_hand("UPDATE audit SET body = 'x'")
    with pytest.raises(StoreError, match="audit record"):
        store.audit()


def test_a_database_that_keeps_no_unicode_is_refused(postgres: PostgresServer, schema: str) -> None:
    """An encoding that cannot hold every name: StoreError that names the encoding to create it with."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {schema} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0".encode())
    with pytest.raises(StoreError, match="UTF8"):
        PostgresStore(postgres.url.replace("/postgres?", f"/{schema}?"))
    with pytest.raises(StoreError, match="no such database"):
        PostgresStore(postgres.url.replace("/postgres?", f"/{schema}x?"))


@pytest.mark.rule("S7")
def test_audit_of_no_session_is_not_that_of_a_blank_one(store: PostgresStore) -> None:
    """None, an empty and a blank session are three, though a primary key has no NULL."""
    records: list[dict[str, object]] = [{"time": "t", "session": name} for name in (None, "", " ", "  ", "a")]
    store.commit([], records)
    assert records == store.audit()
    for record in records[1:]:
        assert [record] == store.audit(session=str(record["session"]))


@pytest.mark.parametrize(
    ("tag", "due", "index"),
    [(None, None, "rows_pkey"), ("open", None, "rows_by_tag"), (None, 1, "rows_by_due"), ("open", 1, "rows_by_due")],
)
def test_every_scan_reads_along_an_index(
    store: PostgresStore, by_hand: Callable[[str], object], *, schema: str, tag: str | None, due: int | None, index: str
) -> None:
    """No page costs a look at every row, nor sorting: its length is all it costs."""
    by_hand(
        "INSERT INTO rows SELECT 'k', 'key' || n, 's', '{}', CASE n % 2 WHEN 0 THEN 'open' ELSE 'x' END, n"
        " FROM generate_series(1, 20000) n"
    )
    by_hand("ANALYZE rows")
    for after in (False, True):
        statement = statements.scan(tag=tag is not None, due=due is not None, after=after)
        values: list[object] = ["k", *([tag] if tag else []), *([10000] if due else [])]
        values += [] if not after else [5000, "key5000"] if due else ["key5000"]
        words = Plans(schema, "")._here(statement).replace("%s", "{}")
        plan = str(by_hand("EXPLAIN " + words.format(*(f"'{each}'" for each in values), 50)))
        assert index in plan
        assert "Sort" not in plan
        assert "Seq Scan" not in plan


def _filled(by_hand: Callable[[str], object]) -> None:
    """Twenty thousand rows and audit records, each under a term of its own, one of many, and one of all."""
    by_hand(
        "INSERT INTO rows (kind, key, stamp, body, tag, at)"
        " SELECT 'k', 'key' || n, 's', '{}', '', n FROM generate_series(1, 20000) n"
    )
    terms = "unnest(ARRAY['', 'ref:' || n, 'state:' || n % 2]) term"
    by_hand(f"INSERT INTO terms SELECT 'k', 'key' || n, term, n FROM generate_series(1, 20000) n, {terms}")  # noqa: S608 - our own words
    by_hand("INSERT INTO audit SELECT 's', n, 0, n::text, 't', '{}' FROM generate_series(1, 20000) n")
    by_hand(f"INSERT INTO audit_terms SELECT term, n, n, 0, n::text, 's' FROM generate_series(1, 20000) n, {terms}")  # noqa: S608 - our own words
    for table in ("rows", "terms", "audit", "audit_terms"):
        by_hand(f"ANALYZE {table}")


@pytest.mark.parametrize("kind", ["k", AUDIT])
def test_every_look_up_reads_along_an_index(
    store: PostgresStore, by_hand: Callable[[str], object], schema: str, kind: str
) -> None:
    """A page by a term of one, of half or of all costs its length: no look at every row, and no sorting."""
    _filled(by_hand)
    before = Row(kind, "9000.0.9000" if kind == AUDIT else "key9000", "", {}, at=_at(9000))
    for term in ("ref:77", "state:1", "", None):
        times = [(None, None)] if term is None else [(None, None), (_at(10), _at(15000))]
        for (since, until), place in product(times, (None, before)):
            plan = Plans(schema, "").find(kind, term, since=since, until=until, before=place, limit=50)
            [said] = next(plan)
            values = tuple("'%s'" % each for each in said.values)  # noqa: UP031 - as the driver's own sign
            told = str(by_hand("EXPLAIN " + said.statement % values))
            index = "audit_terms_pkey" if kind == AUDIT else "terms_by_time"
            assert (index if term is not None else "unfiled") in told
            assert term == "ref:77" or "Sort" not in told, (term, since, place, told)
            assert "Seq Scan" not in told


def test_an_amendment_reads_along_the_primary_keys(
    store: PostgresStore, by_hand: Callable[[str], object], schema: str
) -> None:
    """To change a record costs no look at the others, nor at their terms."""
    _filled(by_hand)
    body = {"time": _at(77).isoformat(), "session": "s"}
    row = Row(AUDIT, "77.0.77", "", body, at=_at(77))
    [said] = next(Plans(schema, "").amend([Amendment(row, body, frozenset(["ref:77"]), frozenset(["ref:x"]))]))
    values = tuple(f"ARRAY{each}" if isinstance(each, list) else f"'{each}'" for each in said.values)
    told = str(by_hand("EXPLAIN " + said.statement % values))
    assert "audit_terms_pkey" in told
    assert "Seq Scan" not in told


def _at(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


@pytest.mark.rule("S4")
def test_a_damaged_row_is_found_as_such(store: PostgresStore, by_hand: Callable[[str], object]) -> None:
    """One row that cannot be read does not keep the others from being found."""
    puts = [Put("session", key, None, {"n": 1}, at=NOON, terms=frozenset(["x"])) for key in "abc"]
    store.commit(puts, [Record({"time": NOON.isoformat(), "session": None}, frozenset(["x"]))])
    for damage in ("body = 'x'", f"body = '{{}}', due = {2**62}"):
        by_hand(f"UPDATE rows SET {damage} WHERE key = 'b'")  # noqa: S608 - our own words
        found = store.find("session", "x")
        assert [("c", False), ("b", True), ("a", False)] == [(row.key, row.damaged) for row in found]
        assert [{"n": 1}, {}, {"n": 1}] == [row.body for row in found]
        assert ["a"] == [row.key for row in store.find("session", "x", before=found[1])]
    by_hand("UPDATE audit SET body = 'x'")
    assert [True] == [row.damaged for row in store.find(AUDIT, "x")]


def test_reading_audit_goes_along_an_index(store: PostgresStore, by_hand: Callable[[str], object], schema: str) -> None:
    """One session's records, and the newest of all, cost as much as there are of them."""
    by_hand("INSERT INTO audit SELECT 's' || n % 2000, n, 0, n::text, 't', '{}' FROM generate_series(1, 20000) n")
    by_hand("ANALYZE audit")
    ordered = "ORDER BY at DESC, n DESC, id DESC"
    for where, index in ((" WHERE session = 's7'", "audit_pkey"), ("", "audit_by_time")):
        plan = str(by_hand(f"EXPLAIN SELECT body FROM audit{where} {ordered} LIMIT 20"))  # noqa: S608 - our own words
        assert index in plan
        assert "Seq Scan" not in plan

"""Each call of the PostgreSQL stores is one exchange with the server, and is made once if it breaks in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count

import psycopg
import pytest

from ja_reset import Procedure
from ja_reset.errors import StoreError
from ja_reset.stores import AsyncPostgresStore, PostgresStore
from ja_reset.stores.postgres._exchange import NoAnswerError, answers
from ja_reset.stores.postgres._said import Said
from ja_reset.stores.rows import AUDIT, Amendment, Put, Record, Row, Store
from ja_reset.testing.postgres import PostgresServer
from ja_reset.testing.store_history import there
from ja_reset.testing.sync_store import Loop, SyncStore
from runs import Person, World, success
from wayside import Wayside

AT = datetime(2026, 4, 1, tzinfo=UTC)
TERMS = frozenset({"", "state:A"})
RECORD = {"time": AT.isoformat(), "session": "s"}
LONG = timedelta(seconds=30)
NUMBERS = count()


@pytest.fixture
def schema(new_schema: Callable[[], str]) -> str:
    """A schema that is not there yet."""
    return new_schema()


@pytest.fixture
def way(postgres: PostgresServer) -> Iterator[Wayside]:
    """Give the way to the server."""
    with Wayside(postgres.folder) as opened:
        yield opened


@pytest.fixture(params=["at once", "awaited"])
def store(request: pytest.FixtureRequest, way: Wayside, schema: str) -> Iterator[Store]:
    """A store with each face, of one connection, which is open."""
    with Loop() as loop:
        made = (
            PostgresStore(way.url, schema=schema, pool_size=1, timeout=LONG)
            if request.param == "at once"
            else SyncStore(AsyncPostgresStore(way.url, schema=schema, pool_size=1, timeout=LONG), loop)
        )
        with closing(made) as opened:
            assert opened.get("count", "c") is None
            yield opened


def _found(key: str, stamp: str | None) -> Put:
    return Put("count", key, stamp, {"n": 1}, "tag", AT, at=AT, terms=TERMS)


SHAPES: dict[str, Callable[[Row, Row], tuple[list[Put], list[Mapping[str, object]]]]] = {
    "a new row": lambda _a, _b: ([Put("count", f"new{next(NUMBERS)}", None, {"n": 1})], []),
    "a new row with terms": lambda _a, _b: ([_found(f"new{next(NUMBERS)}", None)], []),
    "a row": lambda a, _b: ([Put("count", a.key, a.stamp, {"n": 1})], []),
    "a row with terms": lambda a, _b: ([_found(a.key, a.stamp)], []),
    "a deletion": lambda a, _b: ([Put("count", a.key, a.stamp, None)], []),
    "no such row": lambda _a, _b: ([Put("count", "none", None, None)], []),
    "records": lambda _a, _b: ([], [RECORD, Record(RECORD, TERMS)]),
    "all of these": lambda a, b: (
        [
            Put("count", a.key, a.stamp, {"n": 1}, "tag", AT),
            _found(b.key, b.stamp),
            _found(f"new{next(NUMBERS)}", None),
            Put("count", "none", None, None),
        ],
        [RECORD, Record(RECORD, TERMS)],
    ),
}


def _two_rows(store: Store) -> tuple[Row, Row]:
    keys = [f"row{next(NUMBERS)}" for _ in range(2)]
    assert store.commit([Put("count", key, None, {"n": 0}) for key in keys])
    return there(store, "count", keys[0]), there(store, "count", keys[1])


@pytest.mark.rule("S10")
@pytest.mark.parametrize("shape", SHAPES)
def test_a_commit_is_one_exchange_made_or_not(store: Store, way: Wayside, shape: str) -> None:
    """Statements, checks and the end of the transaction: one burst and its answer, also while they are prepared."""
    for _ in range(4):
        rows = _two_rows(store)
        puts, audit = SHAPES[shape](*rows)
        before = way.exchanges
        assert store.commit(puts, audit)
        assert before + 1 == way.exchanges
        if any(put.expect for put in puts):
            assert not store.commit(puts, audit)
            assert before + 2 == way.exchanges


def test_a_read_is_one_exchange(store: Store, way: Wayside) -> None:
    """Of one row, of many, of a page, of the audit; so are changes of audit records."""
    for _ in range(4):
        assert store.commit([_found(f"new{next(NUMBERS)}", None)], [Record({**RECORD, "n": 0}, TERMS)] * 2)
        records = store.find(AUDIT, "state:A", limit=2)
        uses: Sequence[Callable[[], object]] = (
            lambda: store.get("count", "new0"),
            lambda: store.get_many([("count", "a"), ("count", "b")]),
            lambda: store.scan("count", due=AT),
            lambda: store.find("count", "state:A"),
            lambda: store.audit(session="s"),
            lambda: store.amend([Amendment(row, {**row.body, "n": 1}) for row in records]),  # noqa: B023 - run at once
        )
        for use in uses:
            before = way.exchanges
            use()
            assert before + 1 == way.exchanges


class _Counted(PostgresStore):
    calls = 0

    def get(self, kind: str, key: str) -> Row | None:
        self.calls += 1
        return super().get(kind, key)

    def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        self.calls += 1
        return super().get_many(names)

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        self.calls += 1
        return super().commit(puts, audit)


@pytest.mark.parametrize("procedure", Procedure)
def test_a_run_has_as_many_exchanges_as_calls(way: Wayside, schema: str, procedure: Procedure) -> None:
    """No exchange of a whole run is for anything but a read or a commit of the service."""
    with _Counted(way.url, schema=schema, pool_size=1, timeout=LONG) as store:
        before = way.exchanges
        assert success(procedure) == Person(procedure).goes_to(World(store=store).service).state
        assert store.calls == way.exchanges - before


@pytest.mark.rule("S10", "C4")
@pytest.mark.parametrize("cut", ["before", "half", "after"])
@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "no such row"])
def test_a_commit_whose_connection_breaks_is_made_once(store: Store, way: Wayside, shape: str, cut: str) -> None:
    """It is made once, and True; where that cannot be found out, StoreError says so and it is made once or not."""
    for _ in range(2):
        puts, audit = SHAPES[shape](*_two_rows(store))
        records = len(store.audit())
        way.cut(cut)
        # what only adds could be added twice, and is looked for; what only deletes, or records, leaves no stamp
        only_adds = shape in {"a new row", "a new row with terms"}
        if shape == "records" or (only_adds and cut != "after") or (shape, cut) == ("a deletion", "after"):
            with pytest.raises(StoreError, match="not known"):
                store.commit(puts, audit)
            kept = cut == "after"
        else:
            assert store.commit(puts, audit)
            kept = True
        wanted = {(put.kind, put.key): put.body for put in puts}
        if kept:
            found = store.get_many(list(wanted))
            assert list(wanted.values()) == [None if row is None else row.body for row in found]
        assert len(store.audit()) == records + len(audit) * kept
        assert store.commit([Put("count", f"new{next(NUMBERS)}", None, {})])


@pytest.mark.rule("S10", "C4")
def test_a_commit_that_the_server_ends_after_its_connection_broke_is_made_once(
    postgres: PostgresServer, store: Store, way: Wayside, schema: str
) -> None:
    """The server works on for a host that is gone: the commit that is said again finds that it was made."""
    row, _ = _two_rows(store)
    with ThreadPoolExecutor(1) as thread, psycopg.connect(postgres.url) as other:
        other.execute(f"SELECT * FROM {schema}.rows FOR UPDATE".encode())  # noqa: S608 - our own words
        way.cut("sent")
        commit = thread.submit(store.commit, [Put("count", row.key, row.stamp, {"n": 1})], [RECORD])
        while _waiting(postgres) < 2:
            pass
        other.rollback()
        assert commit.result()
    assert {"n": 1} == there(store, "count", row.key).body
    assert 1 == len(store.audit())


def _waiting(server: PostgresServer) -> int:
    """How many of a store's transactions wait for a lock."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ja_reset' AND wait_event_type = 'Lock'"
    with psycopg.connect(server.url, autocommit=True) as connection:
        [(number,)] = connection.execute(asked)
        return int(number)


@pytest.mark.rule("S10", "C4")
def test_a_commit_whose_doubt_ends_in_an_outage_says_so(way: Wayside, store: Store) -> None:
    """If the server stays away, the error says both: that it is, and that nobody knows."""
    row, _ = _two_rows(store)
    way.cut("after")
    way.refuse()
    with pytest.raises(StoreError, match=r"cannot be reached.*not known"):
        store.commit([Put("count", row.key, row.stamp, {"n": 1})])


@pytest.mark.rule("S10", "C4")
@pytest.mark.parametrize("rows", [1, 2])
def test_a_commit_that_fails_at_its_very_end_is_an_error(
    postgres: PostgresServer, store: Store, schema: str, rows: int
) -> None:
    """What the server refuses when all statements are done, as it commits, is not taken for made."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(
            f"""CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '22P02'; END$$;
            CREATE CONSTRAINT TRIGGER late AFTER INSERT ON {schema}.rows DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION {schema}.refuse()""".encode()
        )
    for _ in range(3):
        with pytest.raises(StoreError, match="refused"):
            store.commit([Put("count", key, None, {}) for key in "ab"[:rows]])
    assert [] == store.scan("count")


def test_a_statement_without_an_answer_is_an_error() -> None:
    """What has no result was not answered: no row is made of it, nor none."""
    with pytest.raises(NoAnswerError):
        answers([Said("SELECT 1")], [])

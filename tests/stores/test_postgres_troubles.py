"""What PostgresStore does when its server gives trouble: it says so, leaves nothing half-written, and goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import psycopg
import pytest

from ja_reset.errors import StoreError
from ja_reset.stores import AsyncPostgresStore, PostgresStore, threaded
from ja_reset.stores.postgres._pools import Attempts
from ja_reset.stores.postgres._said import COMMIT, Plan, Said
from ja_reset.stores.rows import Put
from ja_reset.testing.postgres import NoPostgresError, PostgresServer
from ja_reset.testing.store_concurrency import increment
from ja_reset.testing.store_history import there

SHORT = timedelta(milliseconds=300)


@pytest.fixture
def schema(new_schema: Callable[[], str]) -> str:
    """A schema that is not there yet."""
    return new_schema()


@pytest.fixture
def store(postgres: PostgresServer, schema: str) -> Iterator[PostgresStore]:
    """A store of two connections that does not wait long, with a count."""
    with PostgresStore(postgres.url, schema=schema, pool_size=2, timeout=SHORT) as opened:
        assert opened.commit([Put("count", "c", None, {"n": 0})])
        yield opened


@pytest.fixture
def own_server(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server that a test may stop; *postgres*: where there is none at all, there is none of one's own."""
    with PostgresServer() as server:
        yield server


def _end_all(server: PostgresServer) -> None:
    """What a restart does to connections, to those of stores in this database."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'ja_reset'"
        )


@pytest.mark.rule("C6", "S10")
def test_a_server_that_was_away_and_is_back_costs_nothing(own_server: PostgresServer) -> None:
    """While it is away reads and commits raise StoreError; when it is back the first call works again."""
    with PostgresStore(own_server.url, pool_size=3, timeout=timedelta(seconds=2)) as store:
        store.commit([Put("count", "c", None, {"n": 0})])
        with ThreadPoolExecutor(3) as threads:  # so that several connections lie in the pool
            list(threads.map(increment, [store] * 12))
        for crash in (True, False):
            own_server.stop(crash=crash)
            for use in (lambda: store.get("count", "c"), lambda: increment(store), store.audit):
                with pytest.raises(StoreError, match="cannot be reached"):
                    use()
            own_server.start()
            increment(store)
        assert {"n": 14} == there(store, "count", "c").body


@pytest.mark.rule("C6")
def test_an_awaited_store_finds_its_server_again(own_server: PostgresServer) -> None:
    """The same, awaited: StoreError while it is away, and no trace of it afterwards."""

    async def use() -> None:
        async with AsyncPostgresStore(own_server.url, pool_size=2, timeout=timedelta(seconds=2)) as store:
            assert await store.commit([Put("count", "c", None, {"n": 0})])
            own_server.stop()
            with pytest.raises(StoreError, match="cannot be reached"):
                await store.get("count", "c")
            own_server.start()
            row = await store.get("count", "c")
            assert row is not None
            assert await store.commit([Put("count", "c", row.stamp, {"n": 1})])

    asyncio.run(use())


@pytest.mark.rule("S10")
def test_connections_that_the_server_ended_while_they_lay_idle_are_not_used(
    postgres: PostgresServer, store: PostgresStore
) -> None:
    """Nobody gets an error for a connection that broke while nobody used it, not even who changes one row."""
    for _ in range(3):
        _end_all(postgres)
        increment(store)
    assert {"n": 3} == there(store, "count", "c").body


@pytest.mark.rule("S10")
def test_a_connection_that_breaks_between_two_exchanges_is_begun_anew(
    postgres: PostgresServer, store: PostgresStore
) -> None:
    """A plan whose connection breaks while nothing of it can be kept starts again on another."""
    begun = 0

    def plan() -> Plan[object]:
        nonlocal begun
        begun += 1
        yield [Said("BEGIN"), Said("SELECT 1")]
        if begun == 1:
            _end_all(postgres)
        [answer] = yield [Said("SELECT 2")]
        yield [Said("COMMIT")]
        return answer.rows

    assert [(2,)] == store._pool.run(plan)
    assert 2 == begun


@pytest.mark.rule("S10")
def test_a_connection_that_breaks_as_a_plan_ends_its_transaction_is_an_error_that_says_so(
    postgres: PostgresServer, store: PostgresStore
) -> None:
    """If nobody can know whether the change was kept, the plan does not restart: StoreError says so."""
    begun = 0

    def plan() -> Plan[None]:
        nonlocal begun
        begun += 1
        yield [Said("BEGIN"), Said("SELECT 1")]
        _end_all(postgres)
        yield [COMMIT]

    with pytest.raises(StoreError, match="not known"):
        store._pool.run(plan)
    assert 1 == begun
    increment(store)


@pytest.mark.rule("S10")
def test_a_row_that_another_holds_too_long_is_an_error_that_passes(
    postgres: PostgresServer, store: PostgresStore, schema: str
) -> None:
    """While another transaction holds the row, a commit raises StoreError and reads go on; afterwards commits go on."""
    with psycopg.connect(postgres.url) as other:
        other.execute(f"SELECT * FROM {schema}.rows FOR UPDATE".encode())  # noqa: S608 - our own words
        with pytest.raises(StoreError, match="within the time allowed"):
            increment(store)
        assert {"n": 0} == there(store, "count", "c").body
        other.rollback()
    increment(store)
    assert {"n": 1} == there(store, "count", "c").body


@pytest.mark.rule("S10", "A8")
def test_a_pool_in_which_all_connections_are_lent_is_an_error_that_passes(store: PostgresStore) -> None:
    """Who waits for a connection longer than allowed gets StoreError that says what to change; then all is well."""
    holding, told = threading.Barrier(3), threading.Event()

    def hold():  # type: ignore[no-untyped-def]  # noqa: ANN202 - a plan that holds its connection
        batch = yield next(store._plans.get("count", "c"))
        holding.wait()
        told.wait()
        return batch

    with ThreadPoolExecutor(2) as threads:
        held = [threads.submit(store._pool.run, hold) for _ in range(2)]
        holding.wait()
        with pytest.raises(StoreError, match="all 2 connections are in use"):
            store.get("count", "c")
        told.set()
        assert all(each.result() for each in held)
    increment(store)


@pytest.mark.rule("S10")
def test_what_interrupts_a_commit_leaves_the_whole_of_it(store: PostgresStore) -> None:
    """What is raised when the answer of a commit is there changes nothing in it, and the next one works."""

    def interrupted() -> Plan[None]:
        yield next(store._plans.commit([Put("count", key, None, {}) for key in "de"], [{"time": "t", "session": None}]))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store._pool.run(interrupted)
    assert all(store.get_many([("count", "d"), ("count", "e")]))
    assert 1 == len(store.audit())
    assert store.commit([Put("count", "f", None, {})])


@pytest.mark.rule("S10")
def test_a_commit_whose_waiter_is_cancelled_is_whole_or_not_there(postgres: PostgresServer, schema: str) -> None:
    """However early or late it is cancelled: both rows and the record, or none; and the store goes on."""

    async def use() -> None:
        async with AsyncPostgresStore(postgres.url, schema=schema, pool_size=2) as store:
            await store.commit([])
            for turn in range(25):
                puts = [Put("session", f"{turn}-{key}", None, {}) for key in "ab"]
                commit = asyncio.ensure_future(store.commit(puts, [{"time": "t", "session": str(turn)}]))
                await asyncio.sleep(turn / 5000)
                commit.cancel()
                await asyncio.gather(commit, return_exceptions=True)
                found = [await store.get("session", put.key) is not None for put in puts]
                found.append(bool(await store.audit(session=str(turn))))
                assert len(set(found)) == 1

    asyncio.run(use())


def test_one_awaited_store_serves_one_loop_after_the_other(store: PostgresStore) -> None:
    """Each event loop gets connections of its own, and those of a loop that is gone are let go, with no warning."""
    awaited = threaded(store)
    assert awaited is threaded(store)
    for n in range(3):
        row = asyncio.run(_get(awaited))  # type: ignore[arg-type]
        assert row == there(store, "count", "c")
        assert row.body == {"n": n}
        increment(store)
    store.close()
    with pytest.raises(StoreError, match="closed"):
        asyncio.run(_get(awaited))  # type: ignore[arg-type]


async def _get(store: AsyncPostgresStore) -> object:
    return await store.get("count", "c")


@pytest.mark.rule("S10")
def test_what_a_server_breaks_off_for_another_is_tried_again_but_not_for_ever(store: PostgresStore) -> None:
    """After a serialization failure or a deadlock the plan goes on, a bounded number of times; then StoreError."""
    begin = partial(store._plans.commit, [Put("count", "d", None, {})], [])
    attempts = Attempts(begin, store._address, store._terms)
    failure = psycopg.errors.SerializationFailure()
    for _ in range(10):
        assert 0 <= attempts.failed(failure, committing=True) < 1
        assert attempts.batch
    with pytest.raises(StoreError, match="too busy"):
        attempts.failed(failure, committing=True)


def test_a_server_that_does_not_start_says_why(own_server: PostgresServer) -> None:
    """The server's own words are in the error, and nothing is left running."""
    own_server.stop()
    (own_server.folder / "data" / "postgresql.conf").write_text("no_such_setting = 1\n", "utf-8")
    with pytest.raises(NoPostgresError, match="no_such_setting"):
        own_server.start()

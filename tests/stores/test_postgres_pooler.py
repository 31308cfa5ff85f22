"""Both PostgreSQL stores behind a real PgBouncer, in its session mode and its transaction mode (S4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest

from bouncer import Bouncer, NoBouncerError
from ja_reset import Procedure
from ja_reset.errors import StoreError
from ja_reset.stores import AsyncPostgresStore, PostgresStore
from ja_reset.stores.rows import Put, Store
from ja_reset.testing.postgres import PostgresServer
from ja_reset.testing.store_concurrency import MakeStore, increment
from ja_reset.testing.store_contract import StoreContract
from ja_reset.testing.store_history import there
from ja_reset.testing.sync_store import Loop, SyncStore
from runs import Person, World, success
from tools import missing

SIZE = 3
"""Connections of the server, which all clients share."""

Open = Callable[..., Store]


@pytest.fixture(scope="module", params=["session", "transaction"])
def bouncer(request: pytest.FixtureRequest, postgres: PostgresServer) -> Iterator[Bouncer]:
    """A PgBouncer in each mode; without one, CI fails and others skip."""
    # in session mode a client keeps its connection until it leaves
    size = SIZE if request.param == "transaction" else 60
    try:
        started = Bouncer(postgres, request.param, size)
    except NoBouncerError as error:
        missing(str(error))
    with started:
        yield started


@pytest.fixture(params=["at once", "awaited"])
def open_store(request: pytest.FixtureRequest, bouncer: Bouncer) -> Iterator[Open]:
    """Give a maker of stores with each face, over the pooler."""
    if request.param == "at once":
        yield lambda **options: PostgresStore(bouncer.url, **options)
        return
    with Loop() as loop:
        yield lambda **options: SyncStore(AsyncPostgresStore(bouncer.url, **options), loop)


class TestStoreBehindPooler(StoreContract):
    """Each store meets the contract in each mode."""

    examples = 3

    @pytest.fixture
    def make_store(self, open_store: Open, new_schema: Callable[[], str]) -> MakeStore:
        """Give a maker of stores, each in a schema of its own."""
        return lambda: open_store(schema=new_schema(), pool_size=2)


@pytest.mark.rule("S4", "S10")
def test_whole_runs_end_well(open_store: Open, new_schema: Callable[[], str]) -> None:
    """Six customers at a time, each with a store of his own, walk through every procedure to its success."""

    def walk(schema: str) -> list[str]:
        with closing(open_store(schema=schema, pool_size=2)) as store:
            ends = []
            for procedure in Procedure:
                world = World(store=store)
                ends.append(Person(procedure).goes_to(world.service).state)
                world.clock.advance(3600)
                world.service.purge()
            return ends

    with ThreadPoolExecutor(6) as threads:
        walks = [threads.submit(walk, new_schema()) for _ in range(6)]
        for each in walks:
            assert [success(procedure) for procedure in Procedure] == each.result()


@pytest.mark.rule("S2", "S10")
def test_many_clients_share_few_connections(open_store: Open, new_schema: Callable[[], str]) -> None:
    """More statements than a driver says before it prepares them, from more clients than connections: none fails."""
    schema = new_schema()
    with closing(open_store(schema=schema)) as first:
        assert first.commit([Put("count", "c", None, {"n": 0})])

        def work(_: int) -> None:
            with closing(open_store(schema=schema, pool_size=2)) as store:
                for _ in range(15):
                    increment(store)
                    assert store.commit([], [{"time": "t", "session": "s"}])

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(work, range(8)))
        assert {"n": 8 * 15} == there(first, "count", "c").body
        assert 8 * 15 == len(first.audit(session="s"))


@pytest.mark.rule("S10")
@pytest.mark.parametrize("rows", [1, 2], ids=["one statement", "a transaction"])
def test_the_limits_of_time_hold_and_stay_with_the_store(
    postgres: PostgresServer, bouncer: Bouncer, open_store: Open, new_schema: Callable[[], str], rows: int
) -> None:
    """A row that another holds is waited for no longer than allowed; other clients of the pooler keep their limits."""
    schema = new_schema()
    with closing(open_store(schema=schema, timeout=timedelta(milliseconds=300))) as store:
        assert store.commit([Put("count", key, None, {}) for key in "cd"])
        found = [there(store, "count", key) for key in "cd"]
        change = [Put("count", row.key, row.stamp, {"n": 1}) for row in found[:rows]]
        with psycopg.connect(postgres.url) as other:
            other.execute(f"SELECT * FROM {schema}.rows FOR UPDATE".encode())  # noqa: S608 - our own words
            with pytest.raises(StoreError, match="within the time allowed"):
                store.commit(change)
            for _ in range(2 * SIZE):
                with psycopg.connect(bouncer.url, prepare_threshold=None) as client:
                    assert ("0",) == client.execute("SHOW lock_timeout").fetchone()
            other.rollback()
        assert store.commit(change)

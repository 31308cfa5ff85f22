"""Another server takes over, and the one that was the primary comes back as a standby (S10)."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from ja_reset.errors import StoreError
from ja_reset.stores import AsyncPostgresStore, PostgresStore
from ja_reset.stores.rows import Put, Store
from ja_reset.testing.postgres import PostgresServer
from ja_reset.testing.store_concurrency import increment
from ja_reset.testing.store_history import there
from ja_reset.testing.sync_store import Loop, SyncStore
from wayside import Wayside

SIZE = 3
PATIENCE = timedelta(seconds=5)


class Cluster:
    """Two servers, of which an address (a link to the folder of its socket) names one."""

    def __init__(self, folder: Path, servers: ExitStack) -> None:
        self._servers = servers
        self.first = self._server()
        self.first.start()
        self.address = folder / "primary"
        self.address.symlink_to(self.first.folder)
        self.url = self.first.url.replace(str(self.first.folder), str(self.address))

    def _server(self) -> PostgresServer:
        server = PostgresServer()
        self._servers.callback(server.close)
        return server

    def fail_over(self) -> PostgresServer:
        """Start a copy of the first server as the primary, and the first one as a standby; the address stays."""
        self.first.stop()
        second = self._server()
        data = self.first.folder / "data"
        shutil.rmtree(second.folder / "data")
        subprocess.run(["cp", "-a", str(data), str(second.folder / "data")], check=True)  # noqa: S603, S607 - keeps owners
        mark, owner = data / "standby.signal", data.stat()
        mark.touch()
        os.chown(mark, owner.st_uid, owner.st_gid)
        self.first.start()
        second.start()
        return second

    def turn_to(self, server: PostgresServer) -> None:
        """Have the address name *server*."""
        self.address.unlink()
        self.address.symlink_to(server.folder)


@pytest.fixture
def cluster(postgres: PostgresServer) -> Iterator[Cluster]:
    """Two servers; *postgres*: where there is none at all, there is no cluster."""
    with ExitStack() as servers:
        folder = tempfile.TemporaryDirectory(prefix="vip-", dir=postgres.folder.parent)  # short, for a socket's path
        yield Cluster(Path(servers.enter_context(folder)), servers)


@pytest.fixture(params=["at once", "awaited"])
def store(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[Store]:
    """A store at the address, with each face."""
    with Loop() as loop:
        made = (
            PostgresStore(cluster.url, pool_size=SIZE, timeout=PATIENCE)
            if request.param == "at once"
            else SyncStore(AsyncPostgresStore(cluster.url, pool_size=SIZE, timeout=PATIENCE), loop)
        )
        with closing(made) as opened:
            yield opened


def _fill_the_pool(store: Store) -> None:
    """Read as often at a time as there are connections."""
    with ThreadPoolExecutor(SIZE) as threads:
        list(threads.map(lambda _: there(store, "count", "c"), range(10 * SIZE)))


@pytest.mark.rule("S10")
def test_a_connection_to_what_is_now_a_standby_is_not_used_again(cluster: Cluster, store: Store) -> None:
    """The first change that finds its server read-only is made, once, on a new connection to the primary."""
    assert store.commit([Put("count", "c", None, {"n": 0})])
    second = cluster.fail_over()
    _fill_the_pool(store)  # the standby answers reads
    cluster.turn_to(second)
    row = there(store, "count", "c")
    assert store.commit([Put("count", "c", row.stamp, {"n": 1})], [{"time": "t", "session": None}])
    increment(store)
    assert {"n": 2} == there(store, "count", "c").body
    assert 1 == len(store.audit())


@pytest.mark.rule("S10")
def test_a_connection_that_is_on_its_way_to_what_is_now_a_standby_is_not_used(cluster: Cluster) -> None:
    """A connection that was begun before anybody knew, and is there only afterwards, is as old as the others."""

    async def use(way: Wayside) -> None:
        async with AsyncPostgresStore(way.url, timeout=PATIENCE) as store:
            assert await store.commit([Put("count", "c", None, {"n": 0})])
            second = await asyncio.to_thread(cluster.fail_over)
            row = await store.get("count", "c")
            assert row is not None
            way.hold()
            while not way.held.is_set():  # more requests at a time than connections, so that one more is asked for
                await asyncio.gather(*(store.get("count", "c") for _ in range(SIZE + 2)))
            cluster.turn_to(second)
            assert await store.commit([Put("count", "c", row.stamp, {"n": 1})])

    with Wayside(cluster.address) as way:
        asyncio.run(asyncio.wait_for(use(way), 60))


@pytest.mark.rule("S10")
def test_an_address_that_names_the_standby_is_an_error_that_passes(cluster: Cluster, store: Store) -> None:
    """While new connections too lead to the standby, a change is StoreError that says what to do; then it goes on."""
    assert store.commit([Put("count", "c", None, {"n": 0})])
    second = cluster.fail_over()
    _fill_the_pool(store)
    for _ in range(2):
        with pytest.raises(StoreError, match="read-only"):
            increment(store)
    cluster.turn_to(second)
    increment(store)
    assert {"n": 1} == there(store, "count", "c").body

"""PostgresStore among processes: spawned, forked, crashed; and the servers that tests start."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from ja_reset.stores import PostgresStore
from ja_reset.stores.rows import Put
from ja_reset.testing.postgres import NoPostgresError, PostgresServer, programs
from ja_reset.testing.store_concurrency import increment
from ja_reset.testing.store_history import there
from processes import clean

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

PATIENT = timedelta(seconds=60)


@pytest.fixture
def schema(new_schema: Callable[[], str]) -> str:
    """A schema that is not there yet."""
    return new_schema()


@pytest.fixture
def store(postgres: PostgresServer, schema: str) -> Iterator[PostgresStore]:
    """A store with a count."""
    with PostgresStore(postgres.url, schema=schema, timeout=PATIENT) as opened:
        assert opened.commit([Put("count", "c", None, {"n": 0})])
        yield opened


def _count_up(url: str, schema: str, times: int) -> None:
    with PostgresStore(url, schema=schema, create=False, timeout=PATIENT) as store:
        for _ in range(times):
            increment(store)


def _together(context: BaseContext, target: Callable[..., None], args: tuple[object, ...], many: int) -> list[int]:
    children = [context.Process(target=target, args=args) for _ in range(many)]  # type: ignore[attr-defined]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return [child.exitcode for child in children]


@pytest.mark.rule("L3", "S4")
def test_counting_by_processes_loses_nothing(postgres: PostgresServer, schema: str, store: PostgresStore) -> None:
    """Several processes that increment one row by compare and swap lose no increment."""
    many, each = 3, 25
    context = clean()
    assert [0] * many == _together(context, _count_up, (postgres.url, schema, each), many)
    assert {"n": many * each} == there(store, "count", "c").body


def _make(url: str, schema: str, start: multiprocessing.synchronize.Barrier) -> None:
    start.wait()
    with PostgresStore(url, schema=schema, timeout=PATIENT) as store:
        assert store.commit([Put("session", str(os.getpid()), None, {})])


def test_processes_may_make_the_tables_together(postgres: PostgresServer, schema: str) -> None:
    """Processes that open the same new schema at the same moment all get the one store."""
    many = 4
    context = clean()
    assert [0] * many == _together(context, _make, (postgres.url, schema, context.Barrier(many)), many)
    with PostgresStore(postgres.url, schema=schema) as store:
        assert many == len(store.scan("session"))


def _cross(url: str, schema: str, start: multiprocessing.synchronize.Barrier, keys: str, times: int) -> None:
    with PostgresStore(url, schema=schema, create=False, timeout=PATIENT) as store:
        start.wait()
        made = 0
        while made < times:
            rows = [there(store, "count", key) for key in keys]
            made += store.commit([Put("count", row.key, row.stamp, {"n": int(str(row.body["n"])) + 1}) for row in rows])


@pytest.mark.rule("S2")
def test_commits_that_name_the_same_rows_in_another_order_never_block_each_other(
    postgres: PostgresServer, schema: str, store: PostgresStore
) -> None:
    """Two processes that change the same rows, named from either end: no deadlock is ever met, and no change lost."""
    store.commit([Put("count", key, None, {"n": 0}) for key in "abde"])
    context = clean()
    start, times = context.Barrier(2), 30
    children = [
        context.Process(target=_cross, args=(postgres.url, schema, start, keys, times)) for keys in ("abde", "edba")
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [0, 0] == [child.exitcode for child in children]
    assert [{"n": 2 * times}] * 4 == [there(store, "count", key).body for key in "abde"]
    with psycopg.connect(postgres.url) as connection:
        found = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'").fetchone()
    assert found == (0,)


def _go_on(store: PostgresStore, closed: multiprocessing.synchronize.Event, times: int) -> None:
    increment(store)
    closed.wait()
    for _ in range(times):
        increment(store)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # from Python 3.12 on; forking is what is tested
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")
@pytest.mark.rule("L3", "S4")
def test_forked_children_make_connections_of_their_own(postgres: PostgresServer, schema: str) -> None:
    """Children forked while threads of the parent write count on, even when the parent closes: nothing is lost."""
    many, each = 3, 10
    fork = multiprocessing.get_context("fork")
    closed, stop = fork.Event(), threading.Event()
    store = PostgresStore(postgres.url, schema=schema, timeout=PATIENT)
    store.commit([Put("count", "c", None, {"n": 0})])
    own = 0

    def write() -> None:
        nonlocal own
        while not stop.is_set():
            increment(store)
            own += 1

    writer = threading.Thread(target=write)
    writer.start()
    children = [fork.Process(target=_go_on, args=(store, closed, each)) for _ in range(many)]
    for child in children:
        child.start()
    stop.set()
    writer.join()
    increment(store)  # the children's end has not touched the parent's connections
    store.close()
    closed.set()
    for child in children:
        child.join()
    assert [0] * many == [child.exitcode for child in children]
    with PostgresStore(postgres.url, schema=schema) as again:
        assert {"n": own + 1 + many * (each + 1)} == there(again, "count", "c").body


_CRASH = """
import os, sys
from ja_reset.stores.rows import Put
from ja_reset.stores import PostgresStore
from ja_reset.stores.postgres._said import Said
store = PostgresStore(sys.argv[1], schema=sys.argv[2])
store.commit([Put("session", "whole", None, {})])
def dies():
    yield [Said("BEGIN"), Said(f"DELETE FROM {sys.argv[2]}.rows")]
    os._exit(9)
store._pool.run(dies)
"""


@pytest.mark.rule("C4", "S10")
def test_a_process_that_dies_in_a_commit_leaves_nothing_of_it(postgres: PostgresServer, schema: str) -> None:
    """After a crash between two statements, what was committed is there, the rest is not, and no lock is held."""
    words = [sys.executable, "-c", _CRASH, postgres.url, schema]
    assert 9 == subprocess.run(words, check=False).returncode  # noqa: S603 - ourselves
    with PostgresStore(postgres.url, schema=schema) as store:
        assert ["whole"] == [row.key for row in store.scan("session")]
        assert store.commit([Put("session", "whole", there(store, "session", "whole").stamp, {"n": 1})])


_START = """
import sys, time
from ja_reset.testing.postgres import PostgresServer
server = PostgresServer()
server.start()
print((server.folder / "data" / "postmaster.pid").read_text().split()[0], server.folder, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
@pytest.mark.parametrize("bare", [False, True], ids=["as found", "without setpriv"])
def test_a_server_ends_with_the_process_that_started_it(postgres: PostgresServer, tmp_path: Path, bare: bool) -> None:
    """Whoever starts a server and is killed leaves no server running."""
    environment = dict(os.environ)
    if bare:  # a PATH that has a shell and nothing else
        (tmp_path / "sh").symlink_to("/bin/sh")
        environment |= {"PATH": str(tmp_path), "PG_BIN": str(programs())}
    starter = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-c", _START], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert starter.stdout is not None
    words = starter.stdout.readline().split()
    starter.stdout.close()
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    assert 2 == len(words)
    until = time.monotonic() + 30
    while Path(f"/proc/{words[0]}").exists() and time.monotonic() < until:
        threading.Event().wait(0.02)
    assert not Path(words[1], "data", "postmaster.pid").exists()


def test_a_folder_without_the_programs_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """$PG_BIN that leads nowhere is an error that says so, rather than another server."""
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(NoPostgresError, match="initdb"):
        PostgresServer()

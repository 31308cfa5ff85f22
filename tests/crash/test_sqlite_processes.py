"""The SQLite store among processes: spawned, forked, crashed, of another user."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ja_reset.errors import StoreError
from ja_reset.stores import SqliteStore
from ja_reset.stores.rows import Put
from ja_reset.testing.store_concurrency import increment
from ja_reset.testing.store_history import there
from processes import clean

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

NOW = timedelta(0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where no file is yet."""
    return tmp_path / "reset.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """A store that waits for nobody, with one row."""
    with SqliteStore(path, busy_timeout=NOW) as opened:
        assert opened.commit([Put("count", "c", None, {"n": 0})])
        yield opened


def _open_as_nobody(path: Path, told: multiprocessing.SimpleQueue[str]) -> None:
    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        SqliteStore(path).close()
    except StoreError as error:
        told.put(str(error))
    else:
        told.put("opened")


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # from Python 3.12 on; forking is what is tested
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork to become another user")
@pytest.mark.parametrize(("of_file", "of_folder"), [(0o444, 0o755), (0o444, 0o555), (None, 0o555)])
def test_a_file_that_cannot_be_written_is_named(of_file: int | None, of_folder: int) -> None:
    """A read-only file, and a folder in which none can be made, raise StoreError that asks for the right to write."""
    folder = Path(tempfile.mkdtemp())
    try:
        path = folder / "reset.db"
        if of_file is not None:
            SqliteStore(path).close()
            path.chmod(of_file)
        folder.chmod(of_folder)
        fork = multiprocessing.get_context("fork")
        told: multiprocessing.SimpleQueue[str] = fork.SimpleQueue()
        child = fork.Process(target=_open_as_nobody, args=(path, told))
        child.start()
        child.join()
        assert "writable for this user" in told.get()
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def _count_up(path: str, times: int) -> None:
    with SqliteStore(path, synchronous="NORMAL", busy_timeout=timedelta(seconds=60)) as store:
        for _ in range(times):
            increment(store)


def _together(
    context: BaseContext, target: Callable[..., None], args: tuple[object, ...], many: int
) -> list[int | None]:
    children = [context.Process(target=target, args=args) for _ in range(many)]  # type: ignore[attr-defined]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return [child.exitcode for child in children]


@pytest.mark.rule("L3", "S4")
def test_counting_by_processes_loses_nothing(path: Path, store: SqliteStore) -> None:
    """Several processes that increment one row by compare and swap lose no increment."""
    many, each = 4, 25
    assert [0] * many == _together(clean(), _count_up, (str(path), each), many)
    assert {"n": many * each} == there(store, "count", "c").body


def _make(path: str, start: multiprocessing.synchronize.Barrier) -> None:
    start.wait()
    with SqliteStore(path, busy_timeout=timedelta(seconds=60)) as store:
        assert store.commit([Put("session", str(os.getpid()), None, {})])


def test_processes_may_make_the_file_together(path: Path) -> None:
    """Processes that open the same new file at the same moment all get the one store."""
    many = 6
    context = clean()
    assert [0] * many == _together(context, _make, (str(path), context.Barrier(many)), many)
    with SqliteStore(path) as store:
        assert many == len(store.scan("session"))


def _go_on(store: SqliteStore, closed: multiprocessing.synchronize.Event, times: int) -> None:
    increment(store)
    closed.wait()
    for _ in range(times):
        increment(store)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # from Python 3.12 on; forking is what is tested
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")
@pytest.mark.rule("L3", "S4")
def test_forked_children_use_the_store_of_their_parent(path: Path) -> None:
    """Children forked while threads of the parent write count on, even when the parent closes: nothing is lost."""
    many, each = 3, 20
    fork = multiprocessing.get_context("fork")
    closed, stop = fork.Event(), threading.Event()
    store = SqliteStore(path, synchronous="NORMAL", busy_timeout=timedelta(seconds=60))
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
    store.close()
    closed.set()
    for child in children:
        child.join()
    assert [0] * many == [child.exitcode for child in children]
    with SqliteStore(path) as again:
        assert {"n": own + many * (each + 1)} == there(again, "count", "c").body


_CRASH = """
import os, sys
from ja_reset.stores.rows import Put
from ja_reset.stores import SqliteStore
store = SqliteStore(sys.argv[1])
store.commit([Put("session", "whole", None, {})])
def die(connection):
    connection.execute("DELETE FROM rows")
    os._exit(9)
store._connections.writing(die)
"""


@pytest.mark.rule("C4", "S10")
def test_a_process_that_dies_in_a_commit_leaves_nothing_of_it(path: Path) -> None:
    """After a crash between two statements, what was committed is there and the rest is not."""
    done = subprocess.run([sys.executable, "-c", _CRASH, str(path)], check=False)  # noqa: S603 - ourselves
    assert 9 == done.returncode
    with SqliteStore(path, busy_timeout=NOW) as store:
        assert ["whole"] == [row.key for row in store.scan("session")]

"""The handler of a signal may raise anywhere in a call of a store: nothing is left held, nothing is half done."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from interruptions import Interrupted, Timer, interrupted, late, points
from ja_reset import PROCEDURES
from ja_reset.chart import _compiled
from ja_reset.errors import StoreError
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.stores.rows import AUDIT, Put, Record, Store
from ja_reset.testing.store_history import NOON, there

pytestmark = pytest.mark.rule("S10")
STRIKES = 2000


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store that waits for nobody, with two rows that always change together."""
    made: Store = MemoryStore() if request.param == "memory" else _opened(tmp_path / "reset.db")
    # one that stays open, so that a connection that is closed is not the last one, which would tidy up the file
    beside: Store = MemoryStore() if request.param == "memory" else _opened(tmp_path / "reset.db")
    with closing(made), closing(beside):
        made.commit(
            [Put("count", key, None, {"n": 0}, "0", NOON) for key in "ab"], [{"time": "0", "session": "s", "n": 0}]
        )
        yield made


@pytest.fixture(autouse=True)
def _no_others() -> Iterator[None]:
    """No collection of garbage within what is interrupted: what others do then is not tested here."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def another() -> Iterator[ThreadPoolExecutor]:
    """One other thread."""
    with ThreadPoolExecutor(1) as thread:
        yield thread


def _opened(path: Path) -> SqliteStore:
    return SqliteStore(path, busy_timeout=timedelta(0), synchronous="NORMAL")


def _change(store: Store) -> None:
    """Count up in both rows, whose tags and due times change with it, and in the audit."""
    rows = [there(store, "count", key) for key in "ab"]
    n, same = (row.body["n"] for row in rows)
    assert isinstance(n, int)
    assert same == n
    due = NOON + timedelta(seconds=n)
    terms = frozenset({"", f"of:{n % 3}"})
    puts = [Put("count", row.key, row.stamp, {"n": n + 1}, str(n % 3), due, at=NOON, terms=terms) for row in rows]
    changed = store.commit(puts, [Record({"time": due.isoformat(), "session": "s", "n": n + 1}, terms)])
    assert changed


def _replace(store: Store) -> None:
    """Make a row, and delete it."""
    store.commit([Put("count", "c", row.stamp if (row := store.get("count", "c")) else None, {"n": 0})])
    store.commit([Put("count", "c", there(store, "count", "c").stamp, None)])


def _change_and_look(store: Store, times: int) -> None:
    """Let each change be filed; after the third, both rows stand where they stood."""
    for _ in range(times):
        _change(store)
        store.find("count", "")


USES: dict[str, Callable[[Store], object]] = {
    "get": lambda store: store.get("count", "a"),
    "commit": _change,
    "replace": _replace,
    "refused": lambda store: store.commit([Put("count", "d", None, {}), Put("count", "a", None, {})]),
    "hold": lambda store: store.commit([Put("count", key, None, None) for key in "da"]),
    "get many": lambda store: store.get_many([("count", key) for key in "abd"]),
    "scan": lambda store: store.scan("count", due=NOON + timedelta(days=1)),
    "audit": lambda store: store.audit(session="s", limit=3),
    "find": lambda store: _change_and_look(store, 1),
    "there and back": lambda store: _change_and_look(store, 3),
}


def _is_whole_and_free(store: Store) -> None:
    """Both rows and the audit say the same, every index too, and the next commit works."""
    before = {key: there(store, "count", key) for key in "ab"}
    n = before["a"].body["n"]
    assert {key: {"n": n} for key in "ab"} == {key: row.body for key, row in before.items()}
    assert n == store.audit(limit=1)[0]["n"]
    both = [before["a"], before["b"]]
    assert both == [row for row in store.scan("count", tag=both[0].tag) if row.key in before]
    assert both == [row for row in store.scan("count", due=NOON + timedelta(days=1)) if row.key in before]
    if both[0].at:  # it was changed once
        by_tag = {tag: {row.key for row in store.scan("count", tag=tag)} - {"c"} for tag in "012"}
        by_term = {tag: {row.key for row in store.find("count", f"of:{tag}")} for tag in "012"}
        assert by_tag == by_term == {tag: set("ab") if tag == both[0].tag else set() for tag in "012"}
        assert [n] == [row.body["n"] for row in store.find(AUDIT, "", limit=1)]
    _change(store)


def _uses_one_connection_more_at_most(store: Store) -> None:
    if isinstance(store, SqliteStore):
        slots = store._connections._slots
        assert 2 >= len(slots)
        assert all(slot.lock.acquire(blocking=False) for slot in slots)
        for slot in slots:
            slot.lock.release()


@pytest.mark.parametrize("use", list(USES))
def test_an_exception_at_any_point_of_a_call_leaves_nothing_held(
    store: Store, use: str, another: ThreadPoolExecutor
) -> None:
    """Wherever a handler raises in a call, another thread then reads and commits, while the traceback is still kept."""

    def work() -> None:
        USES[use](store)

    work()
    raised = 0
    for at in range(1, points(work) + 1):
        caught = interrupted(work, at=at)
        if at % 2:  # what was half done goes on from here, or is looked at first
            another.submit(_change, store).result()
        another.submit(_is_whole_and_free, store).result()
        raised += caught is not None
    assert raised > 10
    another.submit(_uses_one_connection_more_at_most, store).result()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # within a finalizer, Python drops it
def test_an_exception_at_any_point_of_opening_a_file_leaves_nothing_held(
    tmp_path: Path, another: ThreadPoolExecutor
) -> None:
    """Wherever a handler raises while a file is made and opened, another store then makes or opens it and commits."""
    number = count()

    def work() -> None:
        _opened(tmp_path / f"{next(number)}.db").close()

    def goes_on(path: Path) -> None:
        with _opened(path) as store:
            assert store.commit([Put("count", "c", None, {})])

    for at in range(1, points(work) + 1, 7):
        caught = interrupted(work, at=at)
        another.submit(goes_on, tmp_path / f"{at}.db").result()
        assert caught is None or isinstance(caught, Interrupted)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that sends signals")
def test_thousands_of_exceptions_at_random_instants_leave_nothing_held(
    store: Store, another: ThreadPoolExecutor
) -> None:
    """A timer strikes, and again while what it struck is cleaned up: another thread then reads and commits."""
    within = 2e-4 if isinstance(store, MemoryStore) else 6e-4
    raised = 0
    with Timer(Random(417)) as timer:  # noqa: S311 - instants, no secrets
        for n in range(STRIKES):
            use = USES[list(USES)[n % len(USES)]]
            caught = timer.strike(partial(use, store), within, times=1 + n % 3)
            another.submit(_is_whole_and_free if n % 20 == 0 else _change, store).result()
            raised += caught is not None
    assert raised > STRIKES / 10
    another.submit(_uses_one_connection_more_at_most, store).result()


def test_a_handler_may_use_the_store_that_it_interrupts(store: Store) -> None:
    """Within a call of the same thread the store answers or says that it is in use; it never waits for itself."""
    said: list[str] = []

    def commit() -> None:
        store.commit([], [{"time": "t", "session": "many"}])

    def handler(_number: int, _frame: object) -> None:
        try:
            commit()
        except StoreError as error:
            said.append(str(error))
        else:
            said.append("done")

    signal.signal(signal.SIGALRM, handler)
    try:
        for n in range(300):
            signal.setitimer(signal.ITIMER_REAL, 1e-6 * (1 + n % 100))  # before, within and after the commit
            commit()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, late)
    assert said
    assert 300 + said.count("done") == len(store.audit(session="many"))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # from Python 3.12 on; forking is what is tested
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")
def test_a_forked_child_has_a_memory_store_whole_and_free() -> None:
    """Children that are forked while threads commit read and commit at once; what they see is no half commit."""
    stop = threading.Event()
    store = MemoryStore()
    store.commit(
        [Put("count", key, None, {"n": 0}, "0", NOON) for key in "ab"], [{"time": "0", "session": "s", "n": 0}]
    )

    def write() -> None:
        while not stop.is_set():
            rows = [there(store, "count", key) for key in "ab"]
            store.commit([Put("count", row.key, row.stamp, row.body, row.tag, row.due) for row in rows])

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        assert [0] * 30 == [_child(store) for _ in range(30)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _child(store: Store) -> int:
    """What a forked child ends with that uses the store."""
    return _forked(lambda: _is_whole_and_free(store))


def _forked(work: Callable[[], object]) -> int:
    """What a forked child ends with: 0 where all was well in it, -14 where it hung."""
    process = os.fork()
    if not process:
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(10)
            work()
        except BaseException:  # noqa: BLE001 - the tests that were forked along must not run on
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # as above
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")
def test_a_child_forked_while_a_chart_is_built_builds_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chart's Machine is built when it is first run (M6): no lock is held meanwhile, which a child would wait for."""
    begun, ends = threading.Event(), threading.Event()
    build = _compiled.compiled

    def slow(*given: Any) -> _compiled.Compiled:  # noqa: ANN401 - whatever a chart is built from
        begun.set()
        ends.wait(10)
        return build(*given)

    one, two, _ = PROCEDURES.values()
    for chart in (one, two):
        monkeypatch.delitem(chart.__dict__, "_compiled", raising=False)
    with monkeypatch.context() as patched, ThreadPoolExecutor(1) as another:
        patched.setattr(_compiled, "compiled", slow)
        built = another.submit(one.prepare)
        assert begun.wait(10)
        patched.setattr(_compiled, "compiled", build)
        try:
            assert 0 == _forked(two.prepare)
        finally:
            ends.set()
        built.result()


def test_what_was_interrupted_is_no_longer_handled() -> None:
    """After an interruption no exception counts as handled, so that none is the context of a later one."""
    store = MemoryStore()
    for at in range(1, points(lambda: store.commit([Put("k", "a", None, {})])) + 1):
        interrupted(lambda: MemoryStore().commit([Put("k", "a", None, {})]), at=at)
        assert (None, None, None) == sys.exc_info()

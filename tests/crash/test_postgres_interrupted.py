"""A store whose calls an exception of a signal handler breaks off, anywhere: nothing is left held or lost (S10)."""

from __future__ import annotations

import dis
import gc
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from types import CodeType, FrameType
from typing import Any

import psycopg
import pytest

from interruptions import forget_handled, late
from ja_reset.errors import StoreError
from ja_reset.stores import PostgresStore
from ja_reset.stores.postgres._said import Plan, Said
from ja_reset.stores.rows import Put
from ja_reset.testing.postgres import PostgresServer
from ja_reset.testing.store_history import there

# what a handler raises while Python lets go of a generator of the driver, Python itself prints and drops
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

PATIENCE = timedelta(seconds=2)
BODY = {"n": 0}


class SoftTimeLimit(Exception):  # noqa: N818 - the name that job queues give it
    """What a signal handler raises."""


def raises() -> None:
    """What most handlers do."""
    raise SoftTimeLimit


@cache
def _heeding(code: CodeType) -> frozenset[int]:
    """The instructions after which the interpreter looks for signals: calls, jumps back, the start of a function."""
    names = ("CALL", "JUMP_BACKWARD", "RESUME")
    return frozenset(each.offset for each in dis.get_instructions(code) if each.opname.startswith(names))


class Interrupted:
    """*work*, interrupted at the instant number *at* at which the interpreter could run a signal handler: *handler*.

    Each instant in the library counts, and one in `sparse` of those in the driver: in what state the driver was left
    makes no difference, as its connection is closed.
    """

    sparse = 24

    def __init__(self, work: Callable[[], object], at: int, handler: Callable[[], object] = raises) -> None:
        self._work = work
        self._handler = handler
        self._at = at
        self._last: dict[FrameType, int] = {}
        self._elsewhere = 0
        self.instants = 0

    def run(self) -> bool:
        """Run it; whether it had that many instants."""
        before = sys.gettrace()
        sys.settrace(self._entered)
        try:
            self._work()
        except (SoftTimeLimit, StoreError):  # the driver takes some for errors of its own
            pass
        finally:
            sys.settrace(before)
            self._last.clear()
        forget_handled()
        return self.instants > self._at

    def _entered(self, frame: FrameType, _event: str, _arg: object) -> Callable[..., Any] | None:
        if frame.f_code.co_name == "__del__":  # whatever is raised there Python drops
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return self._stepped

    def _stepped(self, frame: FrameType, event: str, _arg: object) -> Callable[..., Any]:
        if event == "opcode":
            last = self._last.get(frame)
            self._last[frame] = frame.f_lasti
            if last in _heeding(frame.f_code) and self._counts(frame):
                self.instants += 1
                if self.instants > self._at:
                    sys.settrace(None)
                    self._handler()
        elif event == "return":
            self._last.pop(frame, None)
        return self._stepped

    def _counts(self, frame: FrameType) -> bool:
        if "ja_reset" in frame.f_code.co_filename:
            return True
        self._elsewhere += 1
        return self._elsewhere % self.sparse == 0


def _commit_of_two(store: PostgresStore) -> object:
    return store.commit([Put("new", "a", None, BODY), Put("new", "b", None, BODY)], [{"time": "t", "session": "s"}])


USES: dict[str, Callable[[PostgresStore], object]] = {
    "get": lambda store: store.get("count", "c"),
    "commit_of_two": _commit_of_two,
    "commit_of_one": lambda store: store.commit([Put("new", "one", None, BODY)]),
    "refused_commit": lambda store: store.commit([Put("new", "a", None, BODY), Put("count", "c", "none", BODY)]),
    "scan": lambda store: store.scan("count"),
    "audit": lambda store: store.audit(session="s"),
    "now": lambda store: store.now(),
}


def _next_calls_are_right(store: PostgresStore) -> None:
    """The row that is there is read, refused commits answer False, good ones True; nothing is half there."""
    row = there(store, "count", "c")
    assert not USES["refused_commit"](store)
    made = [old.key for old in store.scan("new")]
    assert (made, len(store.audit(session="s"))) in [([], 0), (["one"], 0), (["a", "b"], 1)]
    assert [row] == store.scan("count")
    assert store.commit([Put("new", "x", None, BODY), Put("count", "c", row.stamp, BODY)])


def _ended(server: PostgresServer, schema: str, store: PostgresStore) -> None:
    """End what the server still does for connections that are gone: a commit that it has got whole may be made."""
    kept = store._pool._slots._slots[0].connection
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s AND pid <> %s",
            (schema, 0 if kept is None else kept.info.backend_pid),
        )


def _cleared(server: PostgresServer, schema: str) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"DELETE FROM {schema}.audit; DELETE FROM {schema}.rows WHERE kind = 'new'".encode())  # noqa: S608


def _are_closed(server: PostgresServer, schema: str, allowed: int) -> bool:
    """Whether the server has *allowed* connections of the store at most, none of them in a transaction."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT state FROM pg_stat_activity WHERE application_name = %s AND pid <> pg_backend_pid()", (schema,)
        ).fetchall()
    return len(found) <= allowed and not any("transaction" in str(state) for (state,) in found)


@pytest.mark.rule("S10", "A8")
@pytest.mark.parametrize(("use", "idle"), [*((use, True) for use in USES), ("get", False), ("commit_of_two", False)])
def test_a_call_broken_off_at_any_instant_leaves_no_trace(
    postgres: PostgresServer, new_schema: Callable[[], str], use: str, *, idle: bool
) -> None:
    """Wherever a signal handler raises, no connection is lost or left in a transaction, and the next calls are right.

    The pool has one connection, so that one that got lost would be missed, and one in a wrong state used again.
    """
    schema = new_schema()
    url = f"{postgres.url}&application_name={schema}"
    with PostgresStore(url, schema=schema, pool_size=1, timeout=PATIENCE) as store:
        assert store.commit([Put("count", "c", None, BODY)])
        at, reached = 0, True
        while reached:
            if not idle:
                store._pool._slots.expire()
            if use == "now":
                store._clock._asked = float("-inf")  # measured long ago
            reached = Interrupted(lambda: USES[use](store), at).run()
            _ended(postgres, schema, store)
            _next_calls_are_right(store)
            _cleared(postgres, schema)
            at += 1
        assert at > 20
        assert _are_closed(postgres, schema, 1)


@pytest.mark.rule("S10")
def test_opening_a_store_broken_off_at_any_instant_leaves_no_connection(
    postgres: PostgresServer, new_schema: Callable[[], str]
) -> None:
    """Whether or not its tables were made: no connection stays, and the next store opens."""
    schema = new_schema()
    url = f"{postgres.url}&application_name={schema}"

    def opened() -> None:
        PostgresStore(url, schema=schema, timeout=PATIENCE).close()

    at = 0
    while Interrupted(opened, at).run():
        at += 1
    gc.collect()
    with PostgresStore(url, schema=schema, timeout=PATIENCE) as store:
        assert store.commit([Put("count", "c", None, BODY)])
    assert _are_closed(postgres, schema, 0)


@pytest.mark.rule("S10")
@pytest.mark.parametrize("use", ["get", "commit_of_two", "now"])
def test_a_handler_may_use_the_store_that_it_interrupted(
    postgres: PostgresServer, new_schema: Callable[[], str], use: str
) -> None:
    """Its call is answered on another connection, and the interrupted one then goes on to its right end."""
    schema = new_schema()
    with PostgresStore(postgres.url, schema=schema, pool_size=2, timeout=PATIENCE) as store:
        assert store.commit([Put("count", "c", None, BODY)])
        row, told = there(store, "count", "c"), []

        def handler() -> None:
            told.append((store.get("count", "c"), store.now() is None))

        at, reached = 0, True
        while reached:
            _cleared(postgres, schema)
            ends: list[object] = []
            reached = Interrupted(lambda: ends.append(USES[use](store)), at, handler).run()  # noqa: B023 - run at once
            assert {"get": row, "commit_of_two": True}.get(use, ends[0]) == ends[0]
            at += 1
        assert [(row, False)] * (at - 1) == told


INTERRUPTIONS = 2_000


@pytest.fixture
def interrupt() -> Iterator[Callable[[Callable[[], object], float], bool]]:
    """Return a function that runs a work and interrupts it by a signal after some seconds; it says whether it did."""
    armed = False

    def handler(number: int, frame: FrameType | None) -> None:
        if armed:
            raise SoftTimeLimit

    def run(work: Callable[[], object], seconds: float) -> bool:
        nonlocal armed
        armed = True
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, seconds)
                work()
            finally:
                armed = False
        except (SoftTimeLimit, StoreError):
            armed = False
            return True
        return False

    signal.signal(signal.SIGALRM, handler)
    yield run
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, late)


@pytest.mark.rule("S10", "A8")
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="has no such signals")
def test_thousands_of_random_interruptions_lose_no_connection(
    postgres: PostgresServer, new_schema: Callable[[], str], interrupt: Callable[[Callable[[], object], float], bool]
) -> None:
    """The main thread is broken off all the time while others use the pool: they notice nothing, and it stays whole."""
    chance, stop, size = random.Random(12), threading.Event(), 2  # noqa: S311 - when, not what
    with PostgresStore(postgres.url, schema=new_schema(), pool_size=size, timeout=timedelta(seconds=20)) as store:
        for key in ("main", "0", "1"):
            assert store.commit([Put("count", key, None, BODY)])
        made = [0, 0]

        def other(number: int) -> None:
            while not stop.is_set():
                row = there(store, "count", str(number))
                made[number] += store.commit([Put("count", row.key, row.stamp, {"n": made[number] + 1})])

        def change() -> None:
            row = there(store, "count", "main")
            store.commit([Put("count", "main", row.stamp, BODY), Put("new", row.stamp, None, BODY)])

        with ThreadPoolExecutor(2) as threads:
            others = [threads.submit(other, number) for number in range(2)]
            done = 0
            while done < INTERRUPTIONS:
                use = chance.choice([change, lambda: store.get("count", "main"), store.now, lambda: store.scan("new")])
                done += interrupt(use, chance.uniform(1e-6, 3e-3))
            stop.set()
            for each in others:
                each.result()
        assert [{"n": count} for count in made] == [there(store, "count", key).body for key in "01"]
        all_lent(store, size)


def all_lent(store: PostgresStore, size: int) -> None:
    """All connections of the pool are lent at the same time."""
    meeting = threading.Barrier(size)

    def hold() -> Plan[None]:
        yield [Said("SELECT 1")]
        meeting.wait()

    with ThreadPoolExecutor(size) as threads:
        for each in [threads.submit(store._pool.run, hold) for _ in range(size)]:
            each.result()

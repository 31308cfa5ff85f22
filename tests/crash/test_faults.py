"""What surrounds the library fails, and comes back: store, bank and clock (C6, L5, S3, S10, A6, A8)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hosts import codes
from ja_reset import Procedure, ResetService, View
from ja_reset.errors import BankUnavailable, StoreError
from ja_reset.stores import PostgresStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing._bank import METHODS
from ja_reset.testing.postgres import PostgresServer
from runs import Person, World, ordered, success

PAST_LEASE = 61
PAST_LAPSE = 3601
DOCUMENTED = {"temporarily_unavailable", "stale", "timed_out"}


def ends_well(world: World, person: Person) -> View:
    """With all well again the customer comes to success, by another session where his own has ended."""
    world.clock.advance(PAST_LEASE)
    service = world.open()
    service.recover()
    view = person.looks(service)
    if view.state == success(person.procedure):
        return view
    for _ in range(3):
        view = person.goes_to(service)
        if view.state == success(person.procedure):
            return view
        assert view.state == "EXPIRED" or view.tries_left == 0, view
        world.clock.advance(PAST_LAPSE)
        person.token = None
    return view


def is_done_once(world: World, procedure: Procedure) -> None:
    """What was ordered is done once, and nothing is left to do."""
    assert ordered(procedure) == world.carried_out()
    assert [] == world.service.operator.effects(status="pending")


@pytest.mark.rule("A6", "C4", "C6", "L5", "A8")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("procedure", list(Procedure), ids=lambda each: each.value)
def test_a_bank_that_works_and_gives_no_answer_is_a_refusal_that_passes(procedure: Procedure, method: str) -> None:
    """Each method does its work and times out, once, wherever it is asked: nothing is half done, and it ends well."""
    world, person = World(), Person(procedure)
    world.bank.fail(method, BankUnavailable, after=True)
    for _ in range(40):
        try:
            view = person.looks(world.service)
            if view.final:
                break
            after = person.steps(world.service, view)
        except BankUnavailable:
            assert method == "institution", "only a start passes it through"
            continue
        assert after.state != view.state or not after.reasons or set(codes(after)) <= DOCUMENTED
    assert success(procedure) == ends_well(world, person).state
    is_done_once(world, procedure)


class Flickering:
    """A store that is away for its *nth* call, before that was done or after it; all others reach it."""

    def __init__(self, store: Store, nth: int, *, after: bool) -> None:
        self.persistent = store.persistent
        self.count = 0
        self._store = store
        self._nth = nth
        self._after = after

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a store has
        method = getattr(self._store, name)
        if name not in {"get", "commit", "scan", "audit"}:
            return method

        def call(*args: object, **options: object) -> object:
            self.count += 1
            if self.count != self._nth:
                return method(*args, **options)
            if self._after:
                method(*args, **options)
            msg = "the database went away"
            raise StoreError(msg)

        return call


@pytest.mark.rule("A6", "A8", "C6", "S10")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("procedure", list(Procedure), ids=lambda each: each.value)
def test_a_database_that_is_away_for_one_call_is_an_error_that_passes(procedure: Procedure, after: bool) -> None:
    """Wherever a read or a commit fails, the host gets StoreError or the gateway a refusal, and all goes on."""
    nth, count = 0, 1
    while nth < count:
        nth += 1
        world, person = World(), Person(procedure)
        store = Flickering(world.store, nth, after=after)
        service = ResetService(
            bank=world.bank,
            store=store,
            key=bytes(range(32)),
            clock=world.clock,
        )
        for _ in range(40):
            with suppress(StoreError):
                view = person.looks(service)
                if view.final or view.tries_left == 0:
                    break
                person.steps(service, view)
        count = store.count
        assert success(procedure) == ends_well(world, person).state, nth
        is_done_once(world, procedure)


@pytest.mark.rule("S3", "A8", "A6")
@pytest.mark.parametrize("jump", [-7200, -3, -2, 3, 126, 601, 7200])
@pytest.mark.parametrize("procedure", list(Procedure), ids=lambda each: each.value)
def test_a_clock_that_jumps_ends_a_session_or_leaves_it(procedure: Procedure, jump: int) -> None:
    """Before whatever step the clock jumps, the customer gets on or the session is EXPIRED; another one ends well."""
    for place in range(1, 12):
        world, person = World(), Person(procedure)
        steps = 0
        while not (view := person.looks(world.service)).final and view.tries_left != 0 and steps < 40:
            steps += 1
            if steps == place:
                world.clock.advance(jump)
            if person.steps(world.service, view).state == view.state:
                world.clock.advance(1)  # and again: a call dated before its window has opened proves nothing
        assert view.state in {success(procedure), "EXPIRED"} or view.tries_left == 0, (place, view)
        if view.state != success(procedure):
            assert [] == world.carried_out(), "nothing was ordered by a session that ended"
            world.clock.advance(max(0, -jump) + 600)  # until no number rests any more
            person.token = None
        assert success(procedure) == ends_well(world, person).state, place
        is_done_once(world, procedure)


@pytest.mark.rule("A6", "C6", "S10")
@pytest.mark.parametrize("crash", [False, True], ids=["stopped", "crashed"])
def test_a_server_that_is_stopped_between_and_within_turns_comes_back(
    postgres: PostgresServer, new_schema: Callable[[], str], crash: bool
) -> None:
    """PostgreSQL is gone, before a turn or while the bank is asked in one: StoreError; started again, it goes on."""
    del postgres  # says what is to be done where there is none
    with PostgresServer(fsync=True) as server, PostgresStore(server.url, schema=new_schema(), pool_size=1) as store:
        world, person = World(store=store), Person(Procedure.LOGIN_PASSWORD)
        person.goes_to(world.service, "BIM017")
        server.stop(crash=crash)
        with pytest.raises(StoreError):
            person.looks(world.service)
        server.start()
        view = person.looks(world.service)

        def away(method: str) -> None:
            if method == "carry_out":
                world.bank.before = None
                server.stop(crash=crash)

        world.bank.before = away
        with pytest.raises(StoreError):
            person.steps(world.service, view)
        server.start()
        assert "COMPLETING" == person.looks(world.service).state
        assert "DONE" == ends_well(world, person).state
        is_done_once(world, Procedure.LOGIN_PASSWORD)


def _runs_out(world: World, person: Person, take: Callable[[], None]) -> None:
    """While the bank checks the PIN, *take* leaves the store without room: StoreError or a refusal, nothing done."""
    view = person.goes_to(world.service, "BIM017")

    def taken(method: str) -> None:
        if method == "check_pin":
            world.bank.before = None
            take()

    world.bank.before = taken
    try:
        refused = person.steps(world.service, view)
    except StoreError:
        pass
    else:
        assert ["temporarily_unavailable"] == codes(refused)
    assert 1 == world.pins_asked(), "it ran out in the middle of the turn"
    assert [] == world.carried_out()


@pytest.mark.rule("A6", "C6", "S10", "L5")
def test_a_pool_that_is_exhausted_within_a_turn_is_an_error_that_passes(
    postgres: PostgresServer, new_schema: Callable[[], str]
) -> None:
    """All connections are lent while the bank is asked: nothing is half done, and given back the turn succeeds."""
    with PostgresStore(postgres.url, schema=new_schema(), pool_size=2, timeout=timedelta(milliseconds=300)) as store:
        world, person = World(store=store), Person(Procedure.LOGIN_PASSWORD)
        holding, told = threading.Barrier(3), threading.Event()

        def hold():  # type: ignore[no-untyped-def]  # noqa: ANN202 - a plan that holds its connection
            batch = yield next(store._plans.get("count", "c"))
            holding.wait()
            told.wait()
            return batch

        with ThreadPoolExecutor(2) as threads:

            def take() -> None:
                for _ in range(2):
                    threads.submit(store._pool.run, hold)
                holding.wait()

            try:
                _runs_out(world, person, take)
            finally:
                told.set()
        assert "BIM017" == person.looks(world.service).state
        assert "DONE" == ends_well(world, person).state
        is_done_once(world, Procedure.LOGIN_PASSWORD)


@pytest.mark.rule("A6", "C6", "S10", "L5")
def test_a_disk_that_fills_within_a_turn_is_an_error_that_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file may not grow from when the bank is asked: nothing is half done, and with room the turn succeeds."""
    with SqliteStore(tmp_path / "reset.db") as store:
        world, person = World(store=store), Person(Procedure.LOGIN_PASSWORD)

        connect = store._connections._connect

        def limited(connection: sqlite3.Connection, more: int = 0) -> sqlite3.Connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + more}").fetchall()
            return connection

        def fill(size: int) -> None:
            for _ in range(2000):
                store.commit([], [{"time": "t", "session": None, "filler": "x" * size}])

        def take() -> None:
            monkeypatch.setattr(store._connections, "_connect", lambda: limited(connect()))
            store._connections.reading(limited)
            for size in (2000, 200, 1):  # what room is left in its pages
                with pytest.raises(StoreError, match="make room"):
                    fill(size)

        _runs_out(world, person, take)
        monkeypatch.undo()
        store._connections.reading(partial(limited, more=100_000))
        assert "BIM017" == person.looks(world.service).state
        assert "DONE" == ends_well(world, person).state
        is_done_once(world, Procedure.LOGIN_PASSWORD)

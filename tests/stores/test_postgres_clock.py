"""PostgresStore tells its server's time, whatever the clocks of the machines say (S3)."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

import psycopg
import pytest

from ja_reset.errors import StoreError
from ja_reset.stores import AsyncPostgresStore, MemoryStore, PostgresStore, threaded
from ja_reset.stores._executor import _Awaited
from ja_reset.stores.postgres._clock import REFRESH, ServerClock
from ja_reset.testing.postgres import PostgresServer

START = datetime(2026, 4, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Monotonic:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 5_000.0

    def __call__(self) -> float:
        """Tell the seconds."""
        return self.seconds


def server_says(clock: ServerClock, time: datetime, monotonic: Monotonic, *, round_trip: float = 0.0) -> None:
    """The server is asked, and its answer, *time*, was given in the middle of the round trip."""
    asked = monotonic.seconds
    monotonic.seconds += round_trip
    clock.measured(asked, (time - _EPOCH) // timedelta(microseconds=1), monotonic.seconds)


@pytest.fixture
def monotonic() -> Monotonic:
    """The process's seconds."""
    return Monotonic()


@pytest.fixture
def clock(monotonic: Monotonic) -> ServerClock:
    """A clock that was measured exactly, at START."""
    made = ServerClock(monotonic)
    server_says(made, START, monotonic)
    return made


@pytest.mark.rule("S3")
def test_the_time_is_the_servers_and_goes_on_by_itself(monotonic: Monotonic, clock: ServerClock) -> None:
    """Between two questions the process's monotonic seconds are added to what the server said."""
    assert START == clock.now()
    monotonic.seconds += 12.5
    assert START + timedelta(seconds=12.5) == clock.now()


def test_half_of_the_round_trip_has_passed_since_the_answer_was_given(monotonic: Monotonic) -> None:
    """An answer that took two seconds was true one second ago."""
    clock = ServerClock(monotonic)
    server_says(clock, START, monotonic, round_trip=2)
    assert START + timedelta(seconds=1) == clock.now()


def test_a_server_that_was_never_asked_has_no_time(monotonic: Monotonic) -> None:
    """No reading is made up, and the first caller is told to measure."""
    clock = ServerClock(monotonic)
    assert not clock.is_known
    assert clock.claims_refresh()
    assert clock.claims_refresh()
    with pytest.raises(RuntimeError):
        clock.now()


def test_one_reader_a_minute_measures(monotonic: Monotonic, clock: ServerClock) -> None:
    """When the measurement is old, the next reader measures again, and the others go on meanwhile."""
    monotonic.seconds += REFRESH - 1
    assert not clock.claims_refresh()
    monotonic.seconds += 1
    assert clock.claims_refresh()
    assert not clock.claims_refresh()
    server_says(clock, START, monotonic)
    monotonic.seconds += REFRESH
    assert clock.claims_refresh()


@pytest.mark.rule("S3")
@pytest.mark.parametrize("ahead", [-0.04, -0.001, 0.0, 0.001, 0.04])
def test_measuring_again_never_turns_the_time_back(monotonic: Monotonic, clock: ServerClock, ahead: float) -> None:
    """Within the error of measuring (a slow clock, a long way) readings wait rather than run backwards."""
    monotonic.seconds += REFRESH
    before = clock.now()
    server_says(clock, START + timedelta(seconds=REFRESH + ahead), monotonic)
    assert max(before, START + timedelta(seconds=REFRESH + ahead)) == clock.now()
    monotonic.seconds += 1
    assert START + timedelta(seconds=REFRESH + 1 + ahead) == clock.now()


@pytest.mark.rule("S3")
@pytest.mark.parametrize("step", [-3600.0, -2.1, 2.1, 86_400.0])
def test_a_server_whose_clock_was_set_is_followed(monotonic: Monotonic, clock: ServerClock, step: float) -> None:
    """A step beyond the error is the server's own, or another server's: readings are what it says now, back too."""
    monotonic.seconds += 30
    clock.now()
    server_says(clock, START + timedelta(seconds=30 + step), monotonic)
    assert START + timedelta(seconds=30 + step) == clock.now()


def test_a_slow_answer_does_not_replace_a_better_one(monotonic: Monotonic, clock: ServerClock) -> None:
    """An answer that took four seconds and agrees within them says less than what is known."""
    server_says(clock, START + timedelta(seconds=3.9), monotonic, round_trip=4)
    assert START + timedelta(seconds=4) == clock.now()
    server_says(clock, START + timedelta(seconds=30), monotonic, round_trip=4)
    assert START + timedelta(seconds=32) == clock.now()


@pytest.fixture
def store(postgres: PostgresServer, new_schema: Callable[[], str]) -> Iterator[PostgresStore]:
    """A store that was just opened."""
    with PostgresStore(postgres.url, schema=new_schema()) as opened:
        yield opened


def server_time(server: PostgresServer) -> datetime:
    """What a question on a connection of its own is told."""
    with psycopg.connect(server.url) as connection:
        [(at,)] = connection.execute("SELECT clock_timestamp()").fetchall()
        assert isinstance(at, datetime)
        return at


async def read_now(store: AsyncPostgresStore) -> datetime:
    """The time of an awaited store, whether it has to ask or not."""
    now = store.now()
    return await now if isinstance(now, Awaitable) else now


@pytest.mark.rule("S3")
def test_a_store_tells_the_time_of_its_server(postgres: PostgresServer, store: PostgresStore) -> None:
    """A reading lies between two that the server gives, aware and in UTC, and asks it nothing."""
    error = timedelta(microseconds=cast("int", store._clock._measured.error_at(store._clock.monotonic())))  # type: ignore[union-attr]
    before, told, after = server_time(postgres), store.now(), server_time(postgres)
    assert before - error <= told <= after + error
    assert UTC is told.tzinfo
    store.close()
    assert store.now() >= told


@pytest.mark.rule("S3")
def test_an_awaited_store_connects_to_know_the_time(postgres: PostgresServer, new_schema: Callable[[], str]) -> None:
    """The first reading has to be awaited, as the server is asked; the next is there at once."""

    async def use() -> None:
        async with AsyncPostgresStore(postgres.url, schema=new_schema()) as store:
            first = store.now()
            assert inspect.isawaitable(first)
            before = await first
            told = store.now()
            assert isinstance(told, datetime)
            assert before <= told
            assert abs(server_time(postgres) - told) < timedelta(minutes=1)

    asyncio.run(use())


def test_both_faces_of_a_store_tell_one_time(store: PostgresStore) -> None:
    """What the store knows its awaited face knows, without a connection of its own."""
    awaited = threaded(store)
    assert isinstance(awaited, AsyncPostgresStore)
    before = store.now()
    told = awaited.now()
    assert isinstance(told, datetime)
    assert before <= told <= store.now()


@pytest.mark.rule("S3")
def test_the_wall_clock_of_the_machine_is_not_read(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old measurement is made again by asking the server, and the machine's own clock plays no part."""
    monotonic = Monotonic()
    monotonic.seconds = store._clock.monotonic() + 10 * REFRESH
    before = store.now()
    monkeypatch.setattr(store._clock, "monotonic", monotonic)
    told = store.now()
    second = timedelta(seconds=1)  # far more than the error of measuring
    assert before - second < told < before + timedelta(minutes=1)  # and not the ten minutes that the process imagines
    assert told == store.now()


def test_a_server_that_is_away_leaves_the_time_going(postgres: PostgresServer, new_schema: Callable[[], str]) -> None:
    """Whoever knew the time goes on telling it; who never did gets StoreError."""
    with PostgresServer() as server:
        store = PostgresStore(server.url, timeout=timedelta(seconds=2))
        awaited, new = threaded(store), AsyncPostgresStore(server.url, timeout=timedelta(seconds=2))
    monotonic = Monotonic()
    monotonic.seconds = store._clock.monotonic() + REFRESH
    with pytest.MonkeyPatch.context() as patch:
        before = store.now()
        patch.setattr(store._clock, "monotonic", monotonic)
        assert before + timedelta(seconds=REFRESH - 1) < store.now() < before + timedelta(seconds=REFRESH + 1)
        monotonic.seconds += REFRESH
        assert isinstance(awaited, AsyncPostgresStore)
        told = asyncio.run(read_now(awaited))
        assert before + timedelta(seconds=2 * REFRESH - 1) < told < before + timedelta(seconds=2 * REFRESH + 1)
    with pytest.raises(StoreError, match="cannot be reached"):
        asyncio.run(read_now(new))
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_that_was_forked_while_a_thread_read_tells_the_time(store: PostgresStore) -> None:
    """A lock that was held in the parent holds nobody up in the child."""
    with store._clock._lock:
        child = os.fork()
        if child == 0:  # pragma: no cover - in the child
            os._exit(0 if store.now() > START - timedelta(days=36_500) else 1)
        _, status = os.waitpid(child, 0)
    assert 0 == os.waitstatus_to_exitcode(status)


class Timed(MemoryStore):
    """A store of a host's own that tells its server's time."""

    blocking = True

    def now(self) -> datetime:
        """Tell it."""
        return START


def test_a_wrapped_store_tells_the_time_that_it_wraps() -> None:
    """`threaded` passes `now` on, awaited, and has none where the store has none."""

    async def read() -> datetime:
        store = threaded(Timed())
        assert isinstance(store, _Awaited)
        told = await store.now()
        await store.close()
        return told

    assert START == asyncio.run(read())
    for store in (MemoryStore(), threaded(MemoryStore())):
        assert not hasattr(store, "now")

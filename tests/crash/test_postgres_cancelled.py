"""An awaited store whose requests are cancelled, at every await: what the next request sees (S10)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ja_reset.stores import AsyncPostgresStore
from ja_reset.stores.rows import Put
from ja_reset.testing.postgres import PostgresServer

PATIENCE = timedelta(seconds=2)
LONG = 120.0
"""Seconds after which a request that is never answered fails the test rather than holds it up."""

BODY = {"n": 0}

Use = Callable[[AsyncPostgresStore], Coroutine[object, object, object]]


class Cancelled:
    """*work*, cancelled at its await number *at*: before what is awaited has happened, or (*after*) when it has."""

    def __init__(self, work: Coroutine[object, object, object], at: int, *, after: bool) -> None:
        self._work = work
        self._at = at
        self._after = after
        self.awaits = 0

    async def run(self) -> bool:
        """Run it to its end; whether it had that many awaits."""
        await asyncio.gather(asyncio.ensure_future(self._run()), return_exceptions=True)
        return self.awaits > self._at

    async def _run(self) -> None:
        await self

    def __await__(self) -> Generator[object, None, None]:
        task = asyncio.current_task()
        assert task is not None
        thrown: BaseException | None = None
        while True:
            try:
                awaited = self._work.send(None) if thrown is None else self._work.throw(thrown)
            except StopIteration:
                return
            if self.awaits == self._at:
                if self._after and isinstance(awaited, asyncio.Future):
                    awaited.add_done_callback(
                        lambda _: task.cancel()
                    )  # before the task's own, so it is woken cancelled
                else:
                    task.cancel()
            self.awaits += 1
            thrown = None
            try:
                yield awaited
            except BaseException as error:  # noqa: BLE001 - passed on
                thrown = error


async def _commit_of_two(store: AsyncPostgresStore) -> object:
    return await store.commit(
        [Put("new", "a", None, BODY), Put("new", "b", None, BODY)], [{"time": "t", "session": "s"}]
    )


async def _refused(store: AsyncPostgresStore) -> object:
    return await store.commit([Put("new", "a", None, BODY), Put("count", "c", "no such stamp", BODY)])


async def _commit_of_one(store: AsyncPostgresStore) -> object:
    return await store.commit([Put("new", "one", None, BODY)])


async def _scan(store: AsyncPostgresStore) -> object:
    return await store.scan("count", due=datetime(2030, 1, 1, tzinfo=UTC))


async def _now(store: AsyncPostgresStore) -> object:
    store._clock._asked = float("-inf")  # measured long ago
    now = store.now()
    return now if isinstance(now, datetime) else await now


USES: dict[str, Use] = {
    "get": lambda store: store.get("count", "c"),
    "commit_of_two": _commit_of_two,
    "commit_of_one": _commit_of_one,
    "refused_commit": _refused,
    "scan": _scan,
    "audit": lambda store: store.audit(session="s"),
    "now": _now,
}


async def _next_requests_are_right(store: AsyncPostgresStore) -> None:
    """The row that is there is read, refused commits answer False, good ones True and are kept."""
    row = await store.get("count", "c")
    assert row is not None
    assert BODY == row.body
    assert not await _refused(store)
    made = [old.key for old in await store.scan("new")]
    assert (made, len(await store.audit(session="s"))) in [([], 0), (["one"], 0), (["a", "b"], 1)]
    assert [row] == await store.scan("count")
    for old in await store.scan("new"):
        assert await store.commit([Put("new", old.key, old.stamp, None)])
    assert await store.commit([Put("new", "x", None, BODY), Put("new", "y", None, BODY)])
    assert await store.commit([Put("new", new.key, new.stamp, None) for new in await store.scan("new")])
    assert [] == await store.scan("new")


@pytest.fixture(autouse=True)
def driver_awaits_wherever_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """Psycopg yields to the loop also where nothing blocks (right after entering pipeline mode), if that ran for long.

    With no time allowed it does so each time; releases that do not know the figure never do.
    """
    monkeypatch.setattr("psycopg.waiting.MAX_BUSY_TIME", 0.0, raising=False)


def _without_records(server: PostgresServer, schema: str) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"DELETE FROM {schema}.audit".encode())  # noqa: S608 - our own words


def _end_all(server: PostgresServer) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'ja_reset'"
        )


@pytest.mark.rule("S10", "A8")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("pool", ["used", "dead", "unopened"])
@pytest.mark.parametrize("use", USES)
def test_a_request_cancelled_at_any_await_leaves_no_trace(
    postgres: PostgresServer, new_schema: Callable[[], str], use: str, pool: str, *, after: bool
) -> None:
    """Whatever was cancelled, on an idle connection, a dead or a first one: the next requests on it are right.

    The pool has one connection, so that one that got lost would be missed, and one in a wrong state used again.
    """
    schema = new_schema()

    async def play() -> None:
        store = AsyncPostgresStore(postgres.url, schema=schema, pool_size=1, timeout=PATIENCE)
        assert await store.commit([Put("count", "c", None, BODY, "", datetime(2020, 1, 1, tzinfo=UTC))])
        at, reached = 0, True
        while reached:
            if pool == "dead":
                _end_all(postgres)
            if pool == "unopened":
                await store.close()
                store = AsyncPostgresStore(postgres.url, schema=schema, pool_size=1, timeout=PATIENCE)
            reached = await Cancelled(USES[use](store), at, after=after).run()
            await _next_requests_are_right(store)
            _without_records(postgres, schema)
            at += 1
        await store.close()
        assert at > 1

    asyncio.run(asyncio.wait_for(play(), LONG))


@pytest.mark.rule("S10")
def test_requests_cancelled_while_they_wait_for_a_connection_lose_none(
    postgres: PostgresServer, new_schema: Callable[[], str]
) -> None:
    """Of twenty requests that share two connections some are cancelled at each await; the others are answered."""

    async def play() -> None:
        async with AsyncPostgresStore(postgres.url, schema=new_schema(), pool_size=2, timeout=PATIENCE) as store:
            assert await store.commit([Put("count", "c", None, BODY)])
            for at in range(40):
                cancelled = [Cancelled(USES["commit_of_two"](store), at, after=bool(n % 2)).run() for n in range(5)]
                answers = await asyncio.gather(*cancelled, *(store.get("count", "c") for _ in range(15)))
                assert all(answers[5:])
                await asyncio.gather(*(store.get("count", "c") for _ in range(4)))

    asyncio.run(asyncio.wait_for(play(), LONG))

"""The same as `pools`, for the tasks of an event loop: nothing here holds a thread up.

Connections belong to the loop that made them. In another loop (or a forked child) new ones are made, and those
of a loop that is gone are let go.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar
from weakref import WeakSet

import attrs
import psycopg
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from ja_reset.stores.postgres.address import Address
from ja_reset.stores.postgres.clock import ASK, ServerClock
from ja_reset.stores.postgres.plans import Answer, Plan, Said
from ja_reset.stores.postgres.pools import SLICE, Attempts, Terms, closed, exhausted, has_rows, is_commit, is_suspect
from ja_reset.stores.postgres.trouble import explained

T = TypeVar("T")


@attrs.define(eq=False)
class _Loop:
    """The connections of one event loop in one process."""

    loop: asyncio.AbstractEventLoop
    process: int
    pool: AsyncConnectionPool
    made: WeakSet[psycopg.AsyncConnection]
    gate: asyncio.Lock
    prepared: bool = False


class AsyncPool:
    """The connections of this process, for tasks; *prepare*: the plan that is driven before all others."""

    def __init__(self, address: Address, terms: Terms, clock: ServerClock, prepare: Callable[[], Plan[None]]) -> None:
        self._address = address
        self._terms = terms
        self._clock = clock
        self._prepare = prepare
        self._here: _Loop | None = None
        self._closed = False
        self._failed = 0

    async def run(self, begin: Callable[[], Plan[T]]) -> T:
        """See `Pool.run`."""
        here = self._of_this_loop()
        if not here.prepared:
            async with here.gate:
                if not here.prepared:
                    await here.pool.open()
                    await self._driven(here, self._prepare)
                    here.prepared = True
        return await self._driven(here, begin)

    async def close(self) -> None:
        """Close the connections."""
        here, self._here, self._closed = self._here, None, True
        if here is None:
            return
        if here.loop is asyncio.get_running_loop() and here.process == os.getpid():
            await here.pool.close()
        else:
            _let_go(here)

    def close_at_once(self) -> None:
        """Close the connections where nothing can be awaited."""
        here, self._here, self._closed = self._here, None, True
        if here is not None:
            _let_go(here)

    def _of_this_loop(self) -> _Loop:
        if self._closed:
            raise closed(self._address)
        loop, here = asyncio.get_running_loop(), self._here
        if here is not None and here.loop is loop and here.process == os.getpid():
            return here
        if here is not None:
            _let_go(here)
        made: WeakSet[psycopg.AsyncConnection] = WeakSet()

        async def configure(connection: psycopg.AsyncConnection) -> None:
            made.add(connection)
            await connection.execute(self._terms.settings)
            asked = self._clock.monotonic()
            [row] = await (await connection.execute(ASK.statement)).fetchall()
            self._clock.answered(asked, row)

        pool = AsyncConnectionPool(
            self._address.conninfo.reveal(),
            kwargs={"autocommit": True},
            min_size=0,
            max_size=self._terms.size,
            open=False,
            configure=configure,
            reconnect_timeout=0.0,  # who needs a connection tries again, and is told why there is none
            num_workers=1,
            name="ja_reset",
        )
        self._failed = 0
        self._here = _Loop(loop, os.getpid(), pool, made, asyncio.Lock())
        return self._here

    async def _driven(self, here: _Loop, begin: Callable[[], Plan[T]]) -> T:
        attempts = Attempts(self._address, self._terms)
        while True:
            done, pause = await self._attempt(here.pool, begin(), attempts)
            if pause is None:
                return done[0]
            await asyncio.sleep(pause)

    async def _attempt(
        self, pool: AsyncConnectionPool, plan: Plan[T], attempts: Attempts
    ) -> tuple[list[T], float | None]:
        try:
            batch = next(plan)
        except StopIteration as end:
            return [end.value], None
        connection, committing, failure = await self._lent(pool), False, None
        try:
            while True:
                committing = is_commit(batch)
                batch = plan.send(await _said(connection, batch))
        except StopIteration as end:
            return [end.value], None
        except psycopg.Error as error:
            failure = error.with_traceback(None)
        finally:
            # shielded: who is cancelled twice must not keep the connection
            await asyncio.shield(_given_back(pool, connection))
        pause = attempts.pause(failure, committing=committing)
        if pause is None:
            raise attempts.trouble(failure, committing=committing)
        return [], pause

    async def _lent(self, pool: AsyncConnectionPool) -> psycopg.AsyncConnection:
        until = time.monotonic() + self._terms.patience
        while True:
            left = until - time.monotonic()
            connection = await _from(pool, min(left, SLICE) if left > 0 else 0.001)
            if connection is None:
                if pool.closed:
                    raise closed(self._address)
                failed = pool.get_stats().get("connections_errors", 0)
                if failed > self._failed:
                    self._failed = failed
                    await self._ask_why()
                if left <= 0:
                    raise exhausted(self._address, self._terms)
            elif is_suspect(connection) and not await _answers(connection):
                await pool.putconn(connection)
            else:
                return connection

    async def _ask_why(self) -> None:
        failure = None
        try:
            await (await psycopg.AsyncConnection.connect(self._address.conninfo.reveal())).close()
        except psycopg.Error as error:
            failure = error.with_traceback(None)
        if failure is not None:
            raise explained(failure, self._address)


def _let_go(here: _Loop) -> None:
    """Close the connections of a loop that is gone; in a forked child they are the parent's, and stay open."""
    for connection in tuple(here.made):
        if here.process == os.getpid():
            connection.pgconn.finish()


async def _from(pool: AsyncConnectionPool, seconds: float) -> psycopg.AsyncConnection | None:
    try:
        return await pool.getconn(timeout=seconds)
    except PoolTimeout:
        return None
    except psycopg.OperationalError:  # closed meanwhile
        return None


async def _answers(connection: psycopg.AsyncConnection) -> bool:
    try:
        await connection.execute("SELECT 1")
    except psycopg.Error:
        await connection.close()
        return False
    return True


async def _said(connection: psycopg.AsyncConnection, batch: Sequence[Said]) -> list[Answer]:
    if len(batch) == 1:
        cursors = [await connection.execute(batch[0].statement, batch[0].values)]
    else:
        async with connection.pipeline():
            cursors = [await connection.execute(said.statement, said.values) for said in batch]
    return [Answer(each.rowcount, await each.fetchall() if has_rows(each) else ()) for each in cursors]


async def _given_back(pool: AsyncConnectionPool, connection: psycopg.AsyncConnection) -> None:
    await _tidied(connection)
    await pool.putconn(connection)


async def _tidied(connection: psycopg.AsyncConnection) -> None:
    status = connection.pgconn.transaction_status
    if status == TransactionStatus.IDLE:
        return
    if status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
        with suppress(psycopg.Error):
            await connection.rollback()
            return
    await connection.close()

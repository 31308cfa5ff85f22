"""Pools of connections for the tasks of an event loop; nothing here blocks a thread.

Connections belong to the loop that made them. Another loop, or a forked child, makes its own. Those of a loop that is
closed are dropped.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from typing import TypeVar
from weakref import WeakSet

import attrs
import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from ja_reset.errors import StoreError
from ja_reset.stores.postgres._address import Address
from ja_reset.stores.postgres._clock import ServerClock
from ja_reset.stores.postgres._exchange import AsyncConnection, answers, burst
from ja_reset.stores.postgres._pooler import GREETING, greeted, limited
from ja_reset.stores.postgres._pools import (
    Attempts,
    Terms,
    closed,
    exhausted,
    is_commit,
    is_of_standby,
    is_suspect,
    is_usable,
)
from ja_reset.stores.postgres._said import Answer, Plan, Said
from ja_reset.stores.postgres._slots import SLICE
from ja_reset.stores.postgres._trouble import explained

T = TypeVar("T")


@attrs.define(eq=False)
class _Loop:
    """The connections of one event loop in one process; those that were begun before `since` are not used again."""

    loop: asyncio.AbstractEventLoop
    process: int
    pool: AsyncConnectionPool[AsyncConnection]
    made: WeakSet[AsyncConnection]
    gate: asyncio.Lock
    prepared: bool = False
    since: float = 0.0


class AsyncPool:
    """The connections of this process, for tasks; *prepare*: the plan that is driven before all others."""

    def __init__(self, address: Address, terms: Terms, clock: ServerClock, prepare: Callable[[], Plan[None]]) -> None:
        self._address = address
        self._terms = terms
        self._limits = terms.limits(local=True)
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
        made: WeakSet[AsyncConnection] = WeakSet()

        async def configure(connection: AsyncConnection) -> None:
            made.add(connection)
            asked = self._clock.monotonic()
            [row] = await (await connection.execute(GREETING)).fetchall()
            self._clock.answered(asked, row)
            if greeted(connection, row[1]):
                await connection.execute(self._terms.limits(local=False))

        pool = AsyncConnectionPool(
            self._address.conninfo.reveal(),
            connection_class=AsyncConnection,
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
        attempts = Attempts(begin, self._address, self._terms)
        while attempts.batch is not None:
            pause = await self._attempt(here, attempts)
            if pause:
                await asyncio.sleep(pause)
        return attempts.value

    async def _attempt(self, here: _Loop, attempts: Attempts[T]) -> float:
        """See `Pool._attempt`."""
        try:
            connection = await self._lent(here)
        except StoreError as error:
            raise attempts.doubted(error) from None
        usable, committing, failure = False, False, None
        try:
            while (batch := attempts.batch) is not None:
                committing = is_commit(connection, batch)
                attempts.take(await self._said(connection, batch))
            usable = is_usable(connection)
        except psycopg.Error as error:
            failure = error.with_traceback(None)
        finally:
            await _given_back(here.pool, connection, usable=usable)
        if failure is None:
            return 0.0
        if is_of_standby(failure):
            here.since = time.monotonic()
        return attempts.failed(failure, committing=committing)

    async def _lent(self, here: _Loop) -> AsyncConnection:
        pool = here.pool
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
            elif connection.begun <= here.since or is_suspect(connection):
                await _given_back(pool, connection, usable=False)
            else:
                return connection

    async def _said(self, connection: AsyncConnection, batch: Sequence[Said]) -> Sequence[Answer]:
        whole, extra = limited(connection, batch, self._limits)
        return answers(whole, await connection.wait(burst(connection, whole)), without=extra)

    async def _ask_why(self) -> None:
        failure = None
        try:
            await (await psycopg.AsyncConnection.connect(self._address.conninfo.reveal())).close()
        except psycopg.Error as error:
            failure = error.with_traceback(None)
        except asyncio.CancelledError as error:  # the driver's frames hold the password
            raise error.with_traceback(None) from None
        if failure is not None:
            raise explained(failure, self._address)


def _let_go(here: _Loop) -> None:
    """Close the connections of a loop that is gone; in a forked child they are the parent's, and stay open."""
    for connection in tuple(here.made):
        if here.process == os.getpid():
            connection.pgconn.finish()


async def _from(pool: AsyncConnectionPool[AsyncConnection], seconds: float) -> AsyncConnection | None:
    try:
        return await pool.getconn(timeout=seconds)
    except PoolTimeout:
        return None
    except psycopg.OperationalError:  # closed meanwhile
        return None


async def _given_back(pool: AsyncConnectionPool[AsyncConnection], connection: AsyncConnection, *, usable: bool) -> None:
    """Give a connection back, closed unless it is *usable*; shielded, so that who is cancelled does not keep it."""
    if not usable:
        connection.pgconn.finish()
    await asyncio.shield(pool.putconn(connection))

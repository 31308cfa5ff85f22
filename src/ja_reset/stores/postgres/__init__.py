"""The store of many processes on many machines: a PostgreSQL database, through psycopg 3 (S4).

The same rows, statements and audit as in the SQLite file. Each commit is one short transaction of conditional
statements, one a row, in the order of the keys; each read is one statement. What was committed outlives a crash of
the hosts; whether it outlives one of the server is the server's own setting (`fsync`, `synchronous_commit`).
Needs the extra: `pip install 'ja-reset[postgres]'`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Final, Self, cast

from ja_reset.errors import InvalidArgument, StoreError
from ja_reset.secret import Secret
from ja_reset.stores.postgres._address import Address, hidden
from ja_reset.stores.postgres._async_pools import AsyncPool
from ja_reset.stores.postgres._clock import ServerClock
from ja_reset.stores.postgres._plans import Plans
from ja_reset.stores.postgres._pools import Pool, Terms
from ja_reset.stores.postgres._schema import ddl, prepare
from ja_reset.stores.rows import Amendment, Put, Row

__all__ = ["AsyncPostgresStore", "PostgresStore", "ddl"]

_PATIENCE: Final = timedelta(seconds=5)


class PostgresStore:
    """A Store (see `ja_reset.stores.rows.Store`) in the database at *url*, for any number of threads.

    `url`: `postgresql://user:password@host:port/database`, or whatever else libpq reads. `schema`: where in the
    database the tables are. `create`: make the tables where there are none yet; with False a database without them
    is an error. `pool_size`: connections at most, made when needed. `timeout`: how long to wait for a connection or
    a lock; a statement may take twelve times as long. Raises StoreError, which says what to do and never shows the
    password, for a database that is out of reach, of a newer ja_reset, incomplete or damaged; InvalidArgument.
    """

    persistent = True
    blocking = True
    _shown = "not opened"

    def __init__(
        self,
        url: str,
        *,
        schema: str = "ja_reset",
        create: bool = True,
        pool_size: int = 10,
        timeout: timedelta = _PATIENCE,
    ) -> None:
        url = cast("str", hidden(url))
        self._terms = _terms(pool_size, timeout)
        self._address = Address(cast("Secret", url), schema, self._terms.seconds)
        self._shown = str(self._address)
        self._plans = Plans(schema, self._shown)
        self._clock = ServerClock()
        self._pool = Pool(self._address, self._terms, self._clock)
        # made here, not when it is first asked for: of two threads that ask, one would get a twin that nobody closes
        self._awaited = AsyncPostgresStore._beside(self)  # noqa: SLF001 - its asynchronous twin
        try:
            self._pool.run(partial(prepare, self._address, create=create))
        except BaseException:
            self._pool.close()
            raise

    def get(self, kind: str, key: str) -> Row | None:
        """The row, or None."""
        return self._pool.run(partial(self._plans.get, kind, key))

    def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        """The rows, in this order (see Store.get_many)."""
        return self._pool.run(partial(self._plans.get_many, names))

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """Make all the changes and write all the audit records, or nothing (see Store.commit)."""
        return self._pool.run(partial(self._plans.commit, puts, audit))

    def scan(
        self,
        kind: str,
        *,
        tag: str | None = None,
        due: datetime | None = None,
        after: Row | None = None,
        limit: int = 500,
    ) -> list[Row]:
        """A page of the rows of *kind* (see Store.scan)."""
        return self._pool.run(partial(self._plans.scan, kind, tag, due, after, limit))

    def audit(self, *, session: str | None = None, limit: int | None = None) -> list[dict[str, object]]:
        """The audit records (of one session), oldest first; *limit* selects the newest."""
        return self._pool.run(partial(self._plans.audit, session, limit))

    def find(
        self,
        kind: str,
        term: str | None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        before: Row | None = None,
        limit: int = 50,
    ) -> list[Row]:
        """A page of the rows of *kind* with that term, newest first (see Store.find)."""
        plan = partial(self._plans.find, kind, term, since=since, until=until, before=before, limit=limit)
        return self._pool.run(plan)

    def amend(self, changes: Sequence[Amendment]) -> None:
        """Change audit records (see Store.amend)."""
        self._pool.run(partial(self._plans.amend, changes))

    def now(self) -> datetime:
        """The server's time: aware, in UTC. Asks the server once a minute at most.

        Between the questions this process's monotonic clock is added. A server that does not answer raises
        nothing here: its time goes on as last measured.
        """
        if self._clock.claims_refresh():
            with suppress(StoreError):
                self._pool.run(self._clock.ask)
        return self._clock.now()

    def close(self) -> None:
        """Close the store; other threads finish what they have started."""
        self._pool.close()
        self._awaited._close_at_once()  # noqa: SLF001 - its asynchronous twin

    def awaited(self) -> AsyncPostgresStore:
        """The same store for an event loop, with connections of its own, which are closed with this store."""
        return self._awaited

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<PostgresStore {self._shown}>"


class AsyncPostgresStore:
    """The same as PostgresStore, awaited; it connects, and looks at the tables, when it is first used.

    Takes the arguments of PostgresStore. May be used from one event loop after the other, not from two at a time.
    """

    persistent = True
    _shown = "not opened"

    def __init__(
        self,
        url: str,
        *,
        schema: str = "ja_reset",
        create: bool = True,
        pool_size: int = 10,
        timeout: timedelta = _PATIENCE,
    ) -> None:
        url = cast("str", hidden(url))
        terms = _terms(pool_size, timeout)
        self._set_up(Address(cast("Secret", url), schema, terms.seconds), terms, ServerClock(), create=create)

    @classmethod
    def _beside(cls, store: PostgresStore) -> AsyncPostgresStore:
        """The same store, whose tables are known to be there."""
        made = cls.__new__(cls)
        made._set_up(store._address, store._terms, store._clock, create=False)  # noqa: SLF001 - its own
        return made

    def _set_up(self, address: Address, terms: Terms, clock: ServerClock, *, create: bool) -> None:
        self._shown = str(address)
        self._plans = Plans(address.schema, self._shown)
        self._clock = clock
        self._pool = AsyncPool(address, terms, clock, partial(prepare, address, create=create))

    async def get(self, kind: str, key: str) -> Row | None:
        """See `PostgresStore.get`."""
        return await self._pool.run(partial(self._plans.get, kind, key))

    async def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        """See `PostgresStore.get_many`."""
        return await self._pool.run(partial(self._plans.get_many, names))

    async def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """See `PostgresStore.commit`; one whose waiter was cancelled may still take place, whole."""
        return await self._pool.run(partial(self._plans.commit, puts, audit))

    async def scan(
        self,
        kind: str,
        *,
        tag: str | None = None,
        due: datetime | None = None,
        after: Row | None = None,
        limit: int = 500,
    ) -> list[Row]:
        """See `PostgresStore.scan`."""
        return await self._pool.run(partial(self._plans.scan, kind, tag, due, after, limit))

    async def audit(self, *, session: str | None = None, limit: int | None = None) -> list[dict[str, object]]:
        """See `PostgresStore.audit`."""
        return await self._pool.run(partial(self._plans.audit, session, limit))

    async def find(
        self,
        kind: str,
        term: str | None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        before: Row | None = None,
        limit: int = 50,
    ) -> list[Row]:
        """See `PostgresStore.find`."""
        plan = partial(self._plans.find, kind, term, since=since, until=until, before=before, limit=limit)
        return await self._pool.run(plan)

    async def amend(self, changes: Sequence[Amendment]) -> None:
        """See `PostgresStore.amend`."""
        await self._pool.run(partial(self._plans.amend, changes))

    def now(self) -> datetime | Awaitable[datetime]:
        """See `PostgresStore.now`; an awaitable of the time where the server has to be asked first."""
        return self._asked() if self._clock.claims_refresh() else self._clock.now()

    async def _asked(self) -> datetime:
        try:
            await self._pool.run(self._clock.ask)
        except StoreError:
            if not self._clock.is_known:
                raise
        return self._clock.now()

    async def close(self) -> None:
        """End the use of the database."""
        await self._pool.close()

    def _close_at_once(self) -> None:
        self._pool.close_at_once()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncPostgresStore {self._shown}>"


def _terms(pool_size: object, timeout: object) -> Terms:
    if isinstance(pool_size, bool) or not isinstance(pool_size, int) or pool_size < 1:
        msg = "pool_size must be an int of at least 1"
        raise InvalidArgument(msg)
    if not isinstance(timeout, timedelta) or timeout <= timedelta(0):
        msg = "timeout must be a timedelta above zero"
        raise InvalidArgument(msg)
    return Terms(pool_size, timeout.total_seconds())

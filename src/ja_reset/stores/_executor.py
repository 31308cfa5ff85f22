"""A store for an event loop: every method is awaited, and no disk holds up the loop.

A store whose attribute `blocking` is true runs on one thread of its own, so its statements stay in order; a store
without it (the memory store) answers at once, on no thread. If a store has an asynchronous twin (`awaited`), that one
is used.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar, cast

from ja_reset.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime
    from types import TracebackType

    from ja_reset.stores.rows import Amendment, AsyncStore, Put, Row, Store


_T = TypeVar("_T")


def threaded(store: Store) -> AsyncStore:
    """*store* with methods that are awaited."""
    awaited = getattr(store, "awaited", None)
    if awaited is not None:
        return cast("AsyncStore", awaited())
    return _Threaded(store) if getattr(store, "blocking", True) else _Inline(store)


class _Awaited:
    """The methods of a Store, each awaited through `_run`; `now` only where the store tells the time."""

    now: Callable[[], Awaitable[datetime]]

    def __init__(self, store: Store) -> None:
        self._store = store
        now = getattr(store, "now", None)
        if callable(now):
            self.now = lambda: self._run(now)

    @property
    def persistent(self) -> bool:
        return self._store.persistent

    async def _run(self, work: Callable[[], _T]) -> _T:
        return work()

    async def get(self, kind: str, key: str) -> Row | None:
        return await self._run(partial(self._store.get, kind, key))

    async def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        return await self._run(partial(self._store.get_many, names))

    async def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        return await self._run(partial(self._store.commit, puts, audit))

    async def scan(
        self,
        kind: str,
        *,
        tag: str | None = None,
        due: datetime | None = None,
        after: Row | None = None,
        limit: int = 500,
    ) -> list[Row]:
        return await self._run(partial(self._store.scan, kind, tag=tag, due=due, after=after, limit=limit))

    async def audit(self, *, session: str | None = None, limit: int | None = None) -> list[dict[str, object]]:
        return await self._run(partial(self._store.audit, session=session, limit=limit))

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
        find = partial(self._store.find, kind, term, since=since, until=until, before=before, limit=limit)
        return await self._run(find)

    async def amend(self, changes: Sequence[Amendment]) -> None:
        await self._run(partial(self._store.amend, changes))

    async def close(self) -> None:
        await self._run(self._store.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class _Inline(_Awaited):
    """Over a store that never waits."""


class _Threaded(_Awaited):
    """Over a store that waits for a disk: one executor thread, started when it is first needed."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._executor: ThreadPoolExecutor | None = None
        self._process = 0
        self._closed = False

    async def _run(self, work: Callable[[], _T]) -> _T:
        if self._closed:
            msg = "the store is closed"
            raise StoreError(msg)
        # a thread does not come along into a forked child
        if self._executor is None or self._process != os.getpid():
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="ja_reset-store")
            self._process = os.getpid()
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    async def close(self) -> None:
        if self._closed:
            return
        await self._run(self._store.close)
        self._closed = True
        if self._executor is not None:
            self._executor.shutdown(wait=False)

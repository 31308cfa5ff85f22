"""A host's store, with a rival: on command somebody else is first, and the next commit finds a row changed.

It stands between the service and any `ja_reset.stores.rows.Store` or `AsyncStore`, so that suites can have every commit
of a turn refused once at a store that was not written for tests.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import attrs

from ja_reset.stores.rows import AsyncStore, Put, Row, Store


@attrs.define
class Rival:
    """Whom a service shares its store with. `comes`: before which of the next commits, the first being 1; 0: none."""

    comes: int = 0

    def is_first(self) -> bool:
        """Whether the rival changes the rows of this commit before it."""
        if self.comes == 0:
            return False
        self.comes -= 1
        return self.comes == 0


def _rewritten(row: Row) -> Put:
    """The same row once more: it says what it said, under a new stamp."""
    return Put(row.kind, row.key, row.stamp, row.body, row.tag, row.due)


class RivalledStore:
    """*store*, shared with a *rival*."""

    def __init__(self, store: Store, rival: Rival) -> None:
        self._store = store
        self._rival = rival

    def __getattr__(self, name: str) -> object:
        if name == "awaited":
            awaited = cast("Callable[[], AsyncStore]", self._store.awaited)  # type: ignore[attr-defined]
            return lambda: RivalledAsyncStore(awaited(), self._rival)
        return getattr(self._store, name)

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """See `Store.commit`."""
        if self._rival.is_first():
            for put in puts:
                row = self._store.get(put.kind, put.key)
                if row is not None:
                    self._store.commit([_rewritten(row)])
        return self._store.commit(puts, audit)


class RivalledAsyncStore:
    """*store*, whose methods are coroutines, shared with a *rival*."""

    def __init__(self, store: AsyncStore, rival: Rival) -> None:
        self._store = store
        self._rival = rival

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def get(self, kind: str, key: str) -> Row | None:
        """See `AsyncStore.get`."""
        return await self._store.get(kind, key)

    async def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """See `AsyncStore.commit`."""
        if self._rival.is_first():
            for put in puts:
                row = await self._store.get(put.kind, put.key)
                if row is not None:
                    await self._store.commit([_rewritten(row)])
        return await self._store.commit(puts, audit)


def rivalled(store: Store | AsyncStore, rival: Rival) -> Store | AsyncStore:
    """*store* shared with *rival*, synchronous or asynchronous as it is."""
    if inspect.iscoroutinefunction(store.get):
        return cast("AsyncStore", RivalledAsyncStore(cast("AsyncStore", store), rival))
    return cast("Store", RivalledStore(cast("Store", store), rival))

"""An awaited store with the methods of one that is not, so that the suite for stores can ask it.

    class TestOurStore(StoreContract):
        @pytest.fixture
        def make_store(self):
            with Loop() as loop:
                yield lambda: WaitedStore(OurAsyncStore(...), loop)

The loop runs on a thread of its own, so any number of threads may ask at once, as the suite for stores does.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

from ja_reset.stores.rows import Amendment, AsyncStore, Put, Row

T = TypeVar("T")


class Loop:
    """An event loop on a thread of its own, which ends with the `with`, or with `close`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def __call__(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What *ask* gives, called and awaited on the loop; a plain answer is given as it is."""

        async def wait() -> T:
            answer = ask()
            return await answer if inspect.isawaitable(answer) else answer

        return asyncio.run_coroutine_threadsafe(wait(), self._loop).result()

    def close(self) -> None:
        """Stop the loop and wait for its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class SyncStore:
    """An `AsyncStore` as a `Store`, for `StoreContract`."""

    def __init__(self, store: AsyncStore, loop: Loop) -> None:
        self._store, self._wait = store, loop

    @property
    def persistent(self) -> bool:
        """See `ja_reset.stores.rows.Store.persistent`."""
        return self._store.persistent

    def get(self, kind: str, key: str) -> Row | None:
        """See `ja_reset.stores.rows.Store.get`."""
        return self._wait(lambda: self._store.get(kind, key))

    def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        """See `ja_reset.stores.rows.Store.get_many`."""
        return self._wait(lambda: self._store.get_many(names))

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """See `ja_reset.stores.rows.Store.commit`."""
        return self._wait(lambda: self._store.commit(puts, audit))

    def scan(
        self,
        kind: str,
        *,
        tag: str | None = None,
        due: datetime | None = None,
        after: Row | None = None,
        limit: int = 500,
    ) -> list[Row]:
        """See `ja_reset.stores.rows.Store.scan`."""
        return self._wait(lambda: self._store.scan(kind, tag=tag, due=due, after=after, limit=limit))

    def audit(self, *, session: str | None = None, limit: int | None = None) -> list[dict[str, object]]:
        """See `ja_reset.stores.rows.Store.audit`."""
        return self._wait(lambda: self._store.audit(session=session, limit=limit))

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
        """See `ja_reset.stores.rows.Store.find`."""
        return self._wait(lambda: self._store.find(kind, term, since=since, until=until, before=before, limit=limit))

    def amend(self, changes: Sequence[Amendment]) -> None:
        """See `ja_reset.stores.rows.Store.amend`."""
        self._wait(lambda: self._store.amend(changes))

    def close(self) -> None:
        """See `ja_reset.stores.rows.Store.close`."""
        self._wait(self._store.close)

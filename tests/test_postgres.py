"""PostgresStore meets the contract, at once and awaited."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import TypeVar

import pytest

from ja_reset.rows import Put, Row
from ja_reset.stores import AsyncPostgresStore, PostgresStore
from ja_reset.testing.postgres import PostgresServer
from ja_reset.testing.store_concurrency import MakeStore
from ja_reset.testing.store_contract import StoreContract

T = TypeVar("T")
NewSchema = Callable[[], str]


class TestPostgresStore(StoreContract):
    """PostgresStore meets the contract."""

    examples = 25

    @pytest.fixture
    def make_store(self, postgres: PostgresServer, new_schema: NewSchema) -> MakeStore:
        """Give a maker of stores, each in a schema of its own."""
        return lambda: PostgresStore(postgres.url, schema=new_schema())


class TestAwaitedPostgresStore(StoreContract):
    """AsyncPostgresStore meets the contract, used from the threads of the suite by way of one event loop."""

    examples = 10

    @pytest.fixture
    def make_store(self, postgres: PostgresServer, new_schema: NewSchema) -> Iterator[MakeStore]:
        """Give a maker of stores that work on the loop."""
        with closing(_Loop()) as loop:
            yield lambda: _OnLoop(AsyncPostgresStore(postgres.url, schema=new_schema()), loop)


class _Loop:
    """An event loop on a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def __call__(self, awaited: Awaitable[T]) -> T:
        async def wait() -> T:
            return await awaited

        return asyncio.run_coroutine_threadsafe(wait(), self._loop).result()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _OnLoop:
    """An awaited store with the methods of one that is not."""

    persistent = True

    def __init__(self, store: AsyncPostgresStore, loop: _Loop) -> None:
        self._store = store
        self._wait = loop

    def get(self, kind: str, key: str) -> Row | None:
        return self._wait(self._store.get(kind, key))

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        return self._wait(self._store.commit(puts, audit))

    def scan(
        self,
        kind: str,
        *,
        tag: str | None = None,
        due: datetime | None = None,
        after: Row | None = None,
        limit: int = 500,
    ) -> list[Row]:
        return self._wait(self._store.scan(kind, tag=tag, due=due, after=after, limit=limit))

    def audit(self, *, session: str | None = None, limit: int | None = None) -> list[dict[str, object]]:
        return self._wait(self._store.audit(session=session, limit=limit))

    def close(self) -> None:
        self._wait(self._store.close())


def test_the_driver_is_imported_when_it_is_first_asked_for() -> None:
    """Importing the stores loads no psycopg; asking for PostgresStore does."""
    script = (
        "import sys, json, ja_reset.stores as stores\n"
        "before = 'psycopg' in sys.modules\n"
        "stores.PostgresStore\n"
        "print(json.dumps([before, 'psycopg' in sys.modules, 'AsyncPostgresStore' in dir(stores)]))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)  # noqa: S603 - ourselves
    assert [False, True, True] == json.loads(done.stdout)


@pytest.mark.parametrize("missing", ["psycopg", "psycopg_pool"])
def test_without_the_driver_the_error_names_the_extra(missing: str) -> None:
    """One line says what to install."""
    script = f"import sys; sys.modules[{missing!r}] = None\nfrom ja_reset.stores import PostgresStore"
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)  # noqa: S603
    assert done.stderr.splitlines()[-1].endswith("pip install 'ja-reset[postgres]'")

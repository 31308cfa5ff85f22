"""The stores meet the contract, at once and awaited."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from budgets import budget
from ja_reset.errors import InvalidArgument, StoreError
from ja_reset.stores import MemoryStore, SqliteStore, threaded
from ja_reset.stores.rows import Amendment, Put, Row, Store, are_names, is_name
from ja_reset.testing.store_concurrency import MakeStore
from ja_reset.testing.store_contract import StoreContract
from ja_reset.testing.store_history import NOON


class TestMemoryStore(StoreContract):
    """MemoryStore meets the contract."""

    @pytest.fixture
    def make_store(self) -> MakeStore:
        """Give the class itself."""
        return MemoryStore


class TestSqliteStore(StoreContract):
    """SqliteStore meets the contract."""

    examples = budget(30)

    @pytest.fixture
    def make_store(self, tmp_path: Path) -> MakeStore:
        """Give a maker of stores, each in a file of its own."""
        number = count()
        return lambda: SqliteStore(tmp_path / f"{next(number)}.db", synchronous="NORMAL")


class TestReopenedSqliteStore(StoreContract):
    """SqliteStore meets the contract with the file closed and opened again before every call."""

    examples = budget(5)

    @pytest.fixture
    def make_store(self, tmp_path: Path) -> MakeStore:
        """Give a maker of stores that forget all but the file."""
        number = count()
        return lambda: _Reopened(tmp_path / f"{next(number)}.db")


class _Reopened:
    """Each call on a new SqliteStore over the same file."""

    persistent = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._closed = False

    def _store(self) -> SqliteStore:
        store = SqliteStore(self._path, synchronous="NORMAL", busy_timeout=timedelta(seconds=60))
        if self._closed:
            store.close()
        return store

    def get(self, kind: str, key: str) -> Row | None:
        with self._store() as store:
            return store.get(kind, key)

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        with self._store() as store:
            return store.commit(puts, audit)

    def scan(
        self,
        kind: str,
        *,
        tag: str | None = None,
        due: datetime | None = None,
        after: Row | None = None,
        limit: int = 500,
    ) -> list[Row]:
        with self._store() as store:
            return store.scan(kind, tag=tag, due=due, after=after, limit=limit)

    def audit(self, *, session: str | None = None, limit: int | None = None) -> list[dict[str, object]]:
        with self._store() as store:
            return store.audit(session=session, limit=limit)

    def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        with self._store() as store:
            return store.get_many(names)

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
        with self._store() as store:
            return store.find(kind, term, since=since, until=until, before=before, limit=limit)

    def amend(self, changes: Sequence[Amendment]) -> None:
        with self._store() as store:
            store.amend(changes)

    def close(self) -> None:
        self._closed = True


@pytest.mark.parametrize("wrong", [{"kind": 1}, {"key": None}, {"expect": b"x"}, {"tag": None}, {"body": []}], ids=str)
def test_a_put_of_wrong_types_is_refused(wrong: dict[str, object]) -> None:
    """A Put checks itself when it is made, in the code that made it; so does its due time, which must be aware."""
    right: dict[str, object] = {"kind": "session", "key": "a", "expect": None, "body": {}}
    with pytest.raises(InvalidArgument, match=f"Put.{next(iter(wrong))}"):
        Put(**{**right, **wrong})  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="due"):
        Put(**right, due=NOON.replace(tzinfo=None))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [{"expect": 0}, {"stamp": b""}, {"terms": ["a", 1]}, {"terms": frozenset({"\0"})}], ids=str
)
def test_a_put_refuses_what_only_looks_empty(wrong: dict[str, object]) -> None:
    """Only None stands for no stamp, and each term is text that every database can store."""
    right: dict[str, object] = {"kind": "session", "key": "a", "expect": None, "body": {}, "at": NOON, "terms": [""]}
    assert frozenset({""}) == Put(**right).terms  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match=next(iter(wrong))):
        Put(**{**right, **wrong})  # type: ignore[arg-type]


@given(
    st.lists(st.text() | st.sampled_from(["\0", "\ud83d", "\ude00", "é", ""]) | st.none() | st.binary() | st.integers())
)
@example(["\ud83d", "\ude00"])
def test_names_are_names_together_if_each_is_one(values: list[object]) -> None:
    """Two halves of a pair do not make each other right, and what is no text is no name beside others either."""
    assert all(map(is_name, values)) is are_names(values)


def test_a_memory_store_ends_with_its_block() -> None:
    """Like a file, it can be used in a `with`."""
    with MemoryStore() as store:
        assert store.commit([])
    with pytest.raises(StoreError, match="closed"):
        store.commit([])


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_an_awaited_store_ends_with_its_block(tmp_path: Path, kind: str) -> None:
    """`async with` closes what `threaded` made."""
    store = threaded(MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "reset.db"))

    async def use() -> None:
        async with store:  # type: ignore[attr-defined]  # more than an AsyncStore must have
            assert await store.commit([])
        with pytest.raises(StoreError, match="closed"):
            await store.commit([])

    asyncio.run(use())


def test_sqlite_is_imported_when_it_is_first_asked_for() -> None:
    """Importing the stores loads no sqlite3; asking for SqliteStore does; what is not there is not made up."""
    script = (
        "import sys, json, ja_reset.stores as stores\n"
        "before = 'sqlite3' in sys.modules\n"
        "stores.SqliteStore\n"
        "after = 'sqlite3' in sys.modules\n"
        "print(json.dumps([before, after, hasattr(stores, 'Nothing'), 'SqliteStore' in dir(stores)]))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)  # noqa: S603 - ourselves
    assert [False, True, False, True] == json.loads(done.stdout)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_store_can_be_awaited(tmp_path: Path, kind: str) -> None:
    """The awaited store does what the store does, the memory's on the loop's own thread, the file's on one other."""
    inner: Store = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "reset.db")
    seen: set[int] = set()

    class Watched:
        """Notes the thread of each call."""

        persistent = inner.persistent
        blocking = kind == "sqlite"

        def __getattr__(self, name: str) -> object:
            seen.add(threading.get_ident())
            return getattr(inner, name)

    async def use() -> None:
        store = threaded(inner)
        assert store.persistent is inner.persistent
        puts = [Put("session", key, None, {"of": key}, "open") for key in "abc"]
        assert await store.commit(puts, [{"time": "t", "session": "s"}])
        assert not await store.commit(puts)
        row = await store.get("session", "a")
        assert row is not None
        assert [row] == await store.scan("session", tag="open", limit=1)
        assert [{"time": "t", "session": "s"}] == await store.audit(session="s", limit=1)
        won = await asyncio.gather(*(store.commit([Put("session", "a", row.stamp, {"n": n})]) for n in range(5)))
        assert [False, False, False, False, True] == sorted(won)
        await store.close()
        await store.close()
        with pytest.raises(StoreError, match="closed"):
            await store.get("session", "a")

    asyncio.run(use())

"""The whole service beside a simple model of the specification, over every store, each with both faces."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import ClassVar

import attrs
import pytest

from ja_reset import Policies
from ja_reset.ports import AsyncBank, Bank
from ja_reset.rows import AsyncStore, Store
from ja_reset.stores import AsyncPostgresStore, MemoryStore, PostgresStore, SqliteStore
from ja_reset.testing import AsyncFakeBank, FakeBank
from ja_reset.testing.postgres import PostgresServer
from ja_reset.testing.service_suite import SMALL, ServiceSuite

WITH_CODES = attrs.evolve(SMALL, phone=attrs.evolve(SMALL.phone, bim_code=True, code_channel="displayed"))


class Ours(ServiceSuite):
    """The suite at the fake bank."""

    @pytest.fixture
    def make_bank(self) -> Callable[[], Bank]:
        """The cast, as at the beginning."""
        return FakeBank


class TestOnMemory(Ours):
    """Over the memory store."""

    @pytest.fixture
    def make_store(self) -> Callable[[], Store]:
        """An empty one."""
        return MemoryStore


class TestWithCodesOnMemory(TestOnMemory):
    """With a code that the screen displays, in the BIM family too."""

    policies: ClassVar[Policies] = WITH_CODES


class TestAtABankOfCoroutines(Ours):
    """At a bank whose methods are awaited, over a store whose methods are awaited, too."""

    examples: ClassVar[int] = 10

    @pytest.fixture
    def make_bank(self) -> Callable[[], AsyncBank]:
        """The cast, as at the beginning."""
        return AsyncFakeBank

    @pytest.fixture
    def make_store(self, postgres: PostgresServer, new_schema: Callable[[], str]) -> Callable[[], AsyncStore]:
        """A new schema."""
        return lambda: AsyncPostgresStore(postgres.url, schema=new_schema(), pool_size=2)


class TestOnSqlite(Ours):
    """Over a file."""

    examples: ClassVar[int] = 25

    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], Store]:
        """A new file."""
        names = count()
        return lambda: SqliteStore(tmp_path / f"{next(names)}.db")


class TestOnPostgres(Ours):
    """Over a server, each history in a schema of its own."""

    examples: ClassVar[int] = 10

    @pytest.fixture
    def make_store(self, postgres: PostgresServer, new_schema: Callable[[], str]) -> Callable[[], Store]:
        """A new schema."""
        return lambda: PostgresStore(postgres.url, schema=new_schema(), pool_size=2)

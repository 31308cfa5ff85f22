"""The whole service beside a simple model of the specification, over every store, each with both faces."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import ClassVar

import attrs
import pytest

from budgets import budget
from ja_reset import Contract, Policies, ResetService
from ja_reset.service.ports import AsyncBank, Bank
from ja_reset.stores import AsyncPostgresStore, MemoryStore, PostgresStore, SqliteStore
from ja_reset.stores.rows import AsyncStore, Store
from ja_reset.testing import AsyncFakeBank, Customer, FakeBank
from ja_reset.testing.cast import EVERYBODY, INSTITUTION
from ja_reset.testing.postgres import PostgresServer
from ja_reset.testing.service_suite import SMALL, ServiceSuite

RELAYED = attrs.evolve(SMALL, caller_id=attrs.evolve(SMALL.caller_id, relay=True))
ANNOUNCED = attrs.evolve(RELAYED, phone=attrs.evolve(RELAYED.phone, bim_announce=True))
WITH_CODES = attrs.evolve(RELAYED, phone=attrs.evolve(RELAYED.phone, bim_code=True, code_channel="displayed"))


class Ours(ServiceSuite):
    """The suite at the fake bank."""

    customers: ClassVar[tuple[Customer, ...]] = EVERYBODY
    examples: ClassVar[int] = budget(ServiceSuite.examples)

    @pytest.fixture
    def make_bank(self) -> Callable[[], Bank]:
        """The cast, and who is kept as core banking keeps them, as at the beginning."""
        return lambda: FakeBank(EVERYBODY, forgiving=True)


class TestOnMemory(Ours):
    """Over the memory store."""

    @pytest.fixture
    def make_store(self) -> Callable[[], Store]:
        """An empty one."""
        return MemoryStore


class TestWithCodesOnMemory(TestOnMemory):
    """With a code that the screen displays, in the BIM family too."""

    policies: ClassVar[Policies] = WITH_CODES


class TestWithAnnouncedCallsOnMemory(TestOnMemory):
    """With calls that a key confirms, at an institution that lets customers call through a relay service."""

    policies: ClassVar[Policies] = ANNOUNCED


class TestWithTwoNumbersOnMemory(TestOnMemory):
    """At an institution with two numbers to call, with and without a code in the BIM family."""

    @pytest.fixture(params=[SMALL, WITH_CODES], ids=["plain", "codes"])
    def make_bank(self, request: pytest.FixtureRequest) -> Callable[[], Bank]:
        """The cast, at an institution with two numbers."""
        two = attrs.evolve(INSTITUTION, dials=(INSTITUTION.dial, "0120-417-001"), policies=request.param)
        return lambda: FakeBank(EVERYBODY, institutions=(two,), forgiving=True)


class TestWithThreeNumbersOnMemory(TestOnMemory):
    """At an institution with three numbers, of which two sessions may wait for one phone at a time."""

    @pytest.fixture
    def make_bank(self) -> Callable[[], Bank]:
        """The cast, at an institution with three numbers."""
        three = attrs.evolve(INSTITUTION, dials=(INSTITUTION.dial, "0120-417-001", "0120-417-002"))
        return lambda: FakeBank(EVERYBODY, institutions=(three,), forgiving=True)


class TestAtABankOfCoroutines(Ours):
    """At a bank whose methods are awaited, over a store whose methods are awaited, too."""

    examples: ClassVar[int] = budget(10)

    @pytest.fixture
    def make_bank(self) -> Callable[[], AsyncBank]:
        """The same customers."""
        return lambda: AsyncFakeBank(FakeBank(EVERYBODY, forgiving=True))

    @pytest.fixture
    def make_store(self, postgres: PostgresServer, new_schema: Callable[[], str]) -> Callable[[], AsyncStore]:
        """A new schema."""
        return lambda: AsyncPostgresStore(postgres.url, schema=new_schema(), pool_size=2)


class OfOneThread(FakeBank):
    """Refuses to be asked while an event loop runs in the thread, as Django's ORM does."""

    def contract(self, ref: str, /) -> Contract | None:
        """Only where nobody awaits."""
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop()
            pytest.fail("asked while an event loop runs")
        return super().contract(ref)


class TestAtABankThatNobodyAwaits(TestOnMemory):
    """At a bank that `AsyncResetService` cannot serve: the suite is told to leave that one out."""

    examples: ClassVar[int] = budget(10)
    faces: ClassVar[tuple[str, ...]] = ("sync",)

    @pytest.fixture
    def make_bank(self) -> Callable[[], Bank]:
        """The cast, as at the beginning."""
        return OfOneThread


class TestAwaitedAlone(TestOnMemory):
    """The other way round."""

    examples: ClassVar[int] = budget(5)
    faces: ClassVar[tuple[str, ...]] = ("async",)


@pytest.mark.parametrize(("faces", "tried"), [(("sync",), "1 passed, 3 skipped"), (("async",), "1 passed, 3 skipped")])
def test_a_suite_tries_the_faces_that_it_names(faces: tuple[str, ...], tried: str, tmp_path: Path) -> None:
    """The other one is skipped, and said to be."""
    suite = f"""
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeBank
from ja_reset.testing.service_suite import ServiceSuite
import pytest

class TestOurs(ServiceSuite):
    examples, steps, faces = 2, 5, {faces!r}
    make_bank = pytest.fixture(lambda self: FakeBank)
    make_store = pytest.fixture(lambda self: MemoryStore)
"""
    (tmp_path / "test_ours.py").write_text(suite, "utf-8")
    command = [sys.executable, "-X", "utf8", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", str(tmp_path)]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False).stdout  # noqa: S603 - our own text
    assert tried in told
    assert "not among the faces of this suite" in told


@pytest.mark.parametrize("faces", [(), ("sync", "threads"), "sync"], ids=repr)
def test_faces_that_are_none_are_told(faces: tuple[str, ...]) -> None:
    """A name that is misspelt, a text in place of a tuple, or no face at all tries nothing, and so is an error."""
    suite = TestOnMemory()
    suite.faces = faces  # type: ignore[misc]  # of this object alone
    with pytest.raises(ValueError, match="faces must name one of sync, async, or both"):
        suite.test_every_history_is_that_of_the_model(FakeBank, MemoryStore, ResetService)


class TestOnSqlite(Ours):
    """Over a file."""

    examples: ClassVar[int] = budget(25)

    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], Store]:
        """A new file."""
        names = count()
        return lambda: SqliteStore(tmp_path / f"{next(names)}.db")


class TestOnPostgres(Ours):
    """Over a server, each history in a schema of its own."""

    examples: ClassVar[int] = budget(10)

    @pytest.fixture
    def make_store(self, postgres: PostgresServer, new_schema: Callable[[], str]) -> Callable[[], Store]:
        """A new schema."""
        return lambda: PostgresStore(postgres.url, schema=new_schema(), pool_size=2)

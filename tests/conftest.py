"""How Hypothesis looks for counterexamples (the same ones each time in CI), and the stores that tests run over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing.postgres import NoPostgresError, PostgresServer
from lanes import lanes_of

if TYPE_CHECKING:
    from crash_worker import Victims

# No deadline and no too_slow: how fast a machine is, is never what a test asserts.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, max_examples=200, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, one for each process of the tests; without one, CI fails and others skip."""
    try:
        server = PostgresServer()
    except NoPostgresError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture(scope="session")
def new_schema(postgres: PostgresServer) -> Callable[[], str]:
    """A maker of names of schemas that are not there yet; making one is quicker than emptying it."""
    number = count()
    return lambda: f"s{next(number)}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each test into its slow lane, where it has one."""
    for item in items:
        for lane in lanes_of(item.path):
            item.add_marker(lane)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--golden`: write tests/golden/ again. `--kills`: how many processes are killed, for `make crashes`."""
    parser.addoption("--golden", action="store_true", help="write tests/golden/ again instead of comparing it")
    parser.addoption("--kills", type=int, default=12, help="processes killed at random instants, for each journey")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> bool:
    """Whether the golden files are to be written again."""
    asked: bool = request.config.getoption("--golden")
    return asked


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """How many processes are to be killed at random instants."""
    asked: int = request.config.getoption("--kills")
    return asked


@pytest.fixture(scope="session")
def victims() -> Iterator[Victims]:
    """The server that forks processes to be killed: one for each worker."""
    from crash_worker import Victims  # noqa: PLC0415 - beside those who use it, in tests/crash

    server = Victims()
    yield server
    server.close()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A new store of each kind."""
    with closing(_made(request, tmp_path)) as made:
        yield made


def _made(request: pytest.FixtureRequest, folder: Path) -> Store:
    if request.param == "memory":
        return MemoryStore()
    if request.param == "sqlite":
        return SqliteStore(folder / "reset.db")
    from ja_reset.stores import PostgresStore  # noqa: PLC0415 - needs psycopg, which most tests do without

    server: PostgresServer = request.getfixturevalue("postgres")
    return PostgresStore(server.url, schema=request.getfixturevalue("new_schema")(), pool_size=4)

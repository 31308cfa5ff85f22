"""How Hypothesis looks for counterexamples (the same ones each time in CI), and the stores that tests run over."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import budgets
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing.postgres import NoPostgresError, PostgresServer
from lanes import EMPTY_ENTRIES, HERE, empty_entries, lanes_of, name_of
from shares import Shares
from tools import missing, not_tried

if TYPE_CHECKING:
    from crash_worker import Victims

budgets.register()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, one for each process of the tests; without one, CI fails and others skip."""
    try:
        server = PostgresServer()
    except NoPostgresError as error:
        missing(str(error))
    with server:
        yield server


@pytest.fixture(scope="session")
def new_schema(postgres: PostgresServer) -> Callable[[], str]:
    """A maker of names of schemas that are not there yet; making one is quicker than emptying it."""
    number = count()
    return lambda: f"s{next(number)}"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect the tests, and no garbage: what is made here stays, and would be looked through again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(tryfirst=True)  # before what is not asked for is left out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put each test into its slow lane, where it has one."""
    names = [name_of(item) for item in items if item.path.is_relative_to(HERE)]
    for item in items:
        for lane in lanes_of(name_of(item)):
            item.add_marker(lane)
    if {path.relative_to(HERE).as_posix() for path in HERE.rglob("test_*.py")} <= {
        name.partition("::")[0] for name in names
    }:
        config.stash[EMPTY_ENTRIES] = empty_entries(names)


def pytest_configure(config: pytest.Config) -> None:
    """Weigh the tests, where that is asked for."""
    if config.getoption("--shares"):
        config.pluginmanager.register(Shares())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say in one line, the last one, what the machine lacks."""
    yield
    if line := not_tried(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(line, yellow=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--golden`: write tests/golden/ again. `--kills`: for `make crashes`. `--shares`: for `make test`."""
    parser.addoption("--golden", action="store_true", help="write tests/golden/ again instead of comparing it")
    parser.addoption("--kills", type=int, default=12, help="processes killed at random instants, for each journey")
    parser.addoption("--shares", action="store_true", help="no test may take over a fortieth of the run's CPU time")


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

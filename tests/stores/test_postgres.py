"""PostgresStore meets the contract, at once and awaited."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from budgets import budget
from ja_reset.stores import AsyncPostgresStore, PostgresStore
from ja_reset.testing.postgres import PostgresServer
from ja_reset.testing.store_concurrency import MakeStore
from ja_reset.testing.store_contract import StoreContract
from ja_reset.testing.sync_store import Loop, SyncStore

NewSchema = Callable[[], str]


class TestPostgresStore(StoreContract):
    """PostgresStore meets the contract."""

    examples = budget(25)

    @pytest.fixture
    def make_store(self, postgres: PostgresServer, new_schema: NewSchema) -> MakeStore:
        """Give a maker of stores, each in a schema of its own."""
        return lambda: PostgresStore(postgres.url, schema=new_schema())


class TestAwaitedPostgresStore(StoreContract):
    """AsyncPostgresStore meets the contract, used from the threads of the suite by way of one event loop."""

    examples = budget(10)

    @pytest.fixture
    def make_store(self, postgres: PostgresServer, new_schema: NewSchema) -> Iterator[MakeStore]:
        """Give a maker of stores that work on the loop."""
        with Loop() as loop:
            yield lambda: SyncStore(AsyncPostgresStore(postgres.url, schema=new_schema()), loop)


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

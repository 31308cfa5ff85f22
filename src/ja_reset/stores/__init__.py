"""Where rows are stored: in memory, in an SQLite file, or in a PostgreSQL database; each also asynchronously.

Each is a `Store`, or an AsyncStore. What a store needs (sqlite3, psycopg) is imported when the store is first used.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from ja_reset.stores._memory import MemoryStore

if TYPE_CHECKING:
    from ja_reset.stores._executor import threaded
    from ja_reset.stores._sqlite import SqliteStore
    from ja_reset.stores.postgres import AsyncPostgresStore, PostgresStore

__all__ = ["AsyncPostgresStore", "MemoryStore", "PostgresStore", "SqliteStore", "threaded"]

_LATER = MappingProxyType(
    {
        "SqliteStore": "_sqlite",
        "PostgresStore": "postgres",
        "AsyncPostgresStore": "postgres",
        "threaded": "_executor",
    }
)


def __getattr__(name: str) -> object:
    module = _LATER.get(name)
    if module is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        return getattr(import_module(f"ja_reset.stores.{module}"), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"psycopg", "psycopg_pool"}:
            raise
        msg = f"{name} needs PostgreSQL's driver: pip install 'ja-reset[postgres]'"
        raise ImportError(msg) from None


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

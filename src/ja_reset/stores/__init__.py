"""Where rows are kept: in memory, in an SQLite file; and the same stores awaited.

Each is a `ja_reset.rows.Store`. SqliteStore, and with it sqlite3, is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ja_reset.stores.executor import threaded
from ja_reset.stores.memory import MemoryStore

if TYPE_CHECKING:
    from ja_reset.stores.sqlite import SqliteStore

__all__ = ["MemoryStore", "SqliteStore", "threaded"]


def __getattr__(name: str) -> object:
    if name == "SqliteStore":
        from ja_reset.stores.sqlite import SqliteStore  # noqa: PLC0415 - importing ja_reset stays light

        return SqliteStore
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""How a command names a store: the path of an SQLite file, or the URL of a PostgreSQL database."""

from __future__ import annotations

import re
from importlib import import_module
from types import ModuleType
from typing import Final

from ja_reset.cli._exits import MISUSED, UNUSABLE, CommandError

WHERE: Final = "the path of an SQLite file, or a postgresql:// URL; leave its password to PGPASSFILE"

_DATABASE: Final = re.compile(
    r"postgres(ql)?://|\s*(host|hostaddr|port|dbname|user|password|passfile|service)\s*=", re.ASCII
)
"""What libpq reads: a URL, or its own words."""

_ANY_URL: Final = re.compile(r"\w[\w+.-]*:(//|memory:)|:memory:", re.ASCII)


def is_database(where: str) -> bool:
    """Whether it is a PostgreSQL database, not a file. Raises CommandError, which does not quote it, for any other."""
    if _DATABASE.match(where):
        return True
    if not where or "\0" in where or _ANY_URL.match(where):
        msg = f"a store is {WHERE.partition(';')[0]}, such as reset.db or postgresql://reset@db.example/reset"
        raise CommandError(msg, MISUSED)
    return False


def driver(name: str) -> ModuleType:
    """The module of that name, which needs a database's driver. Raises CommandError where it is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"psycopg", "psycopg_pool"}:
            raise
        msg = "a PostgreSQL database needs its driver: pip install 'ja-reset[postgres]'"
        raise CommandError(msg, UNUSABLE) from None

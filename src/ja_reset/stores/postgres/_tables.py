"""What a database has of our tables, and how they are brought up to date, for `ja-reset store`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar, cast

from ja_reset.secret import Secret
from ja_reset.stores._tables import Tables
from ja_reset.stores.postgres import PostgresStore
from ja_reset.stores.postgres._address import Address, hidden
from ja_reset.stores.postgres._clock import ServerClock
from ja_reset.stores.postgres._pools import Pool, Terms
from ja_reset.stores.postgres._said import Plan
from ja_reset.stores.postgres._schema import index, step_of
from ja_reset.stores.postgres._schema import look as looked_at

T = TypeVar("T")

_PATIENCE: Final = 5.0
"""Seconds, as the store's own default."""


class Database:
    """The tables in *schema* of the database at *url*; raises StoreError, which does not show the password."""

    def __init__(self, url: str, schema: str) -> None:
        url = cast("str", hidden(url))
        self._url = cast("Secret", url)
        self._terms = Terms(1, _PATIENCE)
        self._address = Address(self._url, schema, self._terms.seconds)

    def look(self) -> Tables:
        """What is there, and what it lacks; changes nothing."""
        return self._run(partial(looked_at, self._address))

    def step_of(self, tables: Tables) -> str:
        """The SQL that brings *tables* up to date; "" if there is nothing to do."""
        return step_of(self._address, tables)

    def migrate(self, tables: Tables) -> None:
        """Bring *tables* up to date."""
        if tables.unindexed:
            self._run(partial(index, self._address, tables))
        PostgresStore(self._url.reveal(), schema=self._address.schema, pool_size=1).close()

    def _run(self, begin: Callable[[], Plan[T]]) -> T:
        pool = Pool(self._address, self._terms, ServerClock())
        try:
            return pool.run(begin)
        finally:
            pool.close()

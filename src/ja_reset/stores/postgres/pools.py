"""Connections to one database, lent to threads, and plans driven over them.

A connection that the server has closed while it lay idle is noticed before it is used; one that breaks in use
lets the plan begin anew on another, unless its change may have been kept already. So a server that was
away and is back costs nobody an error but those who were in the middle of their commit. None of the
connections is used in a forked child: it makes its own.
"""

from __future__ import annotations

import os
import random
import select
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock
from typing import Final, TypeVar
from weakref import WeakSet

import attrs
import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from ja_reset.errors import StoreError
from ja_reset.stores.postgres.address import Address
from ja_reset.stores.postgres.clock import ASK, ServerClock
from ja_reset.stores.postgres.plans import COMMIT, Answer, Plan, Said
from ja_reset.stores.postgres.trouble import explained

T = TypeVar("T")

SLICE: Final = 0.25
"""Seconds after which who waits for a connection asks why there is none."""

_CONFLICTS: Final = 10
"""How often a plan that the server broke off for another's sake is begun anew."""

_LEFT_BEHIND: Final[list[object]] = []
"""The parent's pools, in a forked child: never used, and never let go, as that could end the parent's connections."""


@attrs.frozen
class Terms:
    """How many connections at most, and how many seconds to wait for one of them or for another's lock."""

    size: int
    patience: float

    @property
    def seconds(self) -> int:
        """How long connecting may take: libpq counts in whole seconds, and takes no less than two."""
        return max(2, round(self.patience))

    @property
    def settings(self) -> str:
        """What each connection is told first; a host that dies or hangs in a commit holds its locks no longer."""
        wait = max(1, round(self.patience * 1000))
        return (
            f"SET lock_timeout = {wait}; SET idle_in_transaction_session_timeout = {2 * wait}; "
            f"SET statement_timeout = {12 * wait}"
        )


class Attempts:
    """Counts how often one plan was begun, and says whether it is to be begun again."""

    def __init__(self, address: Address, terms: Terms) -> None:
        self._address = address
        self._broken = terms.size + 1  # all that lay in the pool may be broken, and then a new one must do
        self._conflicts = _CONFLICTS

    def pause(self, error: psycopg.Error, *, committing: bool) -> float | None:
        """Seconds to wait before the plan is begun anew; None where that would help nobody, or do it twice."""
        if isinstance(error, (errors.SerializationFailure, errors.DeadlockDetected)) and self._conflicts:
            self._conflicts -= 1
            return random.uniform(0, 0.005 * (_CONFLICTS - self._conflicts))  # noqa: S311 - so that rivals part
        if is_broken(error) and not committing and self._broken:
            self._broken -= 1
            return 0.0
        return None

    def trouble(self, error: psycopg.Error, *, committing: bool) -> StoreError:
        """What is raised in the end."""
        return explained(error, self._address, committing=committing and is_broken(error))


def is_broken(error: psycopg.Error) -> bool:
    """Whether the connection is gone, rather than a statement refused."""
    gone = (errors.AdminShutdown, errors.CrashShutdown, errors.IdleInTransactionSessionTimeout)
    return isinstance(error, gone) or (isinstance(error, psycopg.OperationalError) and error.sqlstate is None)


def is_commit(batch: Sequence[Said]) -> bool:
    """Whether, once *batch* is under way, the change may be kept."""
    return batch[0] is COMMIT or (len(batch) == 1 and not batch[0].statement.startswith(("SELECT", "SHOW", "ROLLBACK")))


def is_suspect(connection: psycopg.Connection | psycopg.AsyncConnection) -> bool:
    """Whether the server has said something on an idle connection: as a rule, good-bye."""
    try:
        descriptor = connection.fileno()
        if hasattr(select, "poll"):
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            return bool(poll.poll(0))
        return bool(select.select([descriptor], [], [], 0)[0])
    except (psycopg.Error, OSError, ValueError):
        return True


def has_rows(cursor: psycopg.Cursor | psycopg.AsyncCursor) -> bool:
    """Whether the statement gives rows; asking the cursor for their description would build it."""
    return cursor.pgresult is not None and cursor.pgresult.nfields > 0


def closed(address: Address) -> StoreError:
    """What a closed store raises."""
    return StoreError(f"{address}: the store is closed")


def exhausted(address: Address, terms: Terms) -> StoreError:
    """What is raised when the wait for a connection was in vain."""
    return StoreError(
        f"{address}: all {terms.size} connections are in use beyond the time allowed; allow a larger pool, or more time"
    )


class Pool:
    """The connections of this process, for threads."""

    def __init__(self, address: Address, terms: Terms, clock: ServerClock) -> None:
        self._address = address
        self._terms = terms
        self._clock = clock
        self._lock = Lock()
        self._pool: ConnectionPool | None = None
        self._closed = False
        self._failed = 0
        _ALL.add(self)

    def run(self, begin: Callable[[], Plan[T]]) -> T:
        """Drive a plan to its end, from its beginning as often as that is safe. Raises StoreError."""
        attempts = Attempts(self._address, self._terms)
        while True:
            done, pause = self._attempt(begin(), attempts)
            if pause is None:
                return done[0]
            time.sleep(pause)

    def close(self) -> None:
        """Close the connections; those that are lent are closed when they come back."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def leave_behind(self) -> None:
        """In a forked child: forget the parent's connections."""
        self._lock = Lock()
        if self._pool is not None:
            _LEFT_BEHIND.append(self._pool)
            self._pool = None
        self._failed = 0

    def _attempt(self, plan: Plan[T], attempts: Attempts) -> tuple[list[T], float | None]:
        """What the plan gave (a list of one) and None, or nothing and how long to wait before the next attempt."""
        pool = self._opened()
        try:
            batch = next(plan)
        except StopIteration as end:
            return [end.value], None
        connection, committing, failure = self._lent(pool), False, None
        try:
            while True:
                committing = is_commit(batch)
                batch = plan.send(_said(connection, batch))
        except StopIteration as end:
            return [end.value], None
        except psycopg.Error as error:
            failure = error.with_traceback(None)
        finally:
            _tidied(connection)
            pool.putconn(connection)
        # outside of the except, so that no error of the driver hangs on ours
        pause = attempts.pause(failure, committing=committing)
        if pause is None:
            raise attempts.trouble(failure, committing=committing)
        return [], pause

    def _opened(self) -> ConnectionPool:
        with self._lock:
            if self._closed:
                raise closed(self._address)
            if self._pool is None:
                self._pool = ConnectionPool(
                    self._address.conninfo.reveal(),
                    kwargs={"autocommit": True},
                    min_size=0,
                    max_size=self._terms.size,
                    open=True,
                    configure=self._configure,
                    reconnect_timeout=0.0,  # who needs a connection tries again, and is told why there is none
                    num_workers=1,
                    name="ja_reset",
                )
            return self._pool

    def _configure(self, connection: psycopg.Connection) -> None:
        connection.execute(self._terms.settings)
        asked = self._clock.monotonic()
        [row] = connection.execute(ASK.statement)
        self._clock.answered(asked, row)

    def _lent(self, pool: ConnectionPool) -> psycopg.Connection:
        """A connection that the server has not closed."""
        until = time.monotonic() + self._terms.patience
        while True:
            left = until - time.monotonic()
            connection = _from(pool, min(left, SLICE) if left > 0 else 0.001)
            if connection is None:
                if pool.closed:
                    raise closed(self._address)
                failed = pool.get_stats().get("connections_errors", 0)
                if failed > self._failed:
                    self._failed = failed
                    self._ask_why()
                if left <= 0:
                    raise exhausted(self._address, self._terms)
            elif is_suspect(connection) and not _answers(connection):
                pool.putconn(connection)
            else:
                return connection

    def _ask_why(self) -> None:
        """Connect, and raise what is in the way of it."""
        failure = None
        try:
            psycopg.connect(self._address.conninfo.reveal()).close()
        except psycopg.Error as error:
            failure = error.with_traceback(None)
        if failure is not None:
            raise explained(failure, self._address)


def _from(pool: ConnectionPool, seconds: float) -> psycopg.Connection | None:
    try:
        return pool.getconn(timeout=seconds)
    except PoolTimeout:
        return None
    except psycopg.OperationalError:  # closed meanwhile
        return None


def _answers(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.Error:
        connection.close()
        return False
    return True


def _said(connection: psycopg.Connection, batch: Sequence[Said]) -> list[Answer]:
    """Say a batch; it goes out in one piece."""
    if len(batch) == 1:
        cursors = [connection.execute(batch[0].statement, batch[0].values)]
    else:
        with connection.pipeline():
            cursors = [connection.execute(said.statement, said.values) for said in batch]
    return [Answer(each.rowcount, each.fetchall() if has_rows(each) else ()) for each in cursors]


def _tidied(connection: psycopg.Connection) -> None:
    """Leave no transaction open, whatever was raised."""
    status = connection.pgconn.transaction_status
    if status == TransactionStatus.IDLE:
        return
    if status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
        with suppress(psycopg.Error):
            connection.rollback()
            return
    connection.close()


_ALL: WeakSet[Pool] = WeakSet()


def _after_fork_in_child() -> None:
    for pool in tuple(_ALL):
        pool.leave_behind()


if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(after_in_child=_after_fork_in_child)

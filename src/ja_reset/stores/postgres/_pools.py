"""Connections to one database, lent to threads, and plans driven over them.

A connection that the server closed while it was idle is detected before it is used. If one breaks in use, the plan
restarts on another; if its change may already have been kept, the plan itself finds out (see `_commits`). A connection
is used again only if every statement on it was answered and no transaction is open; all others are closed. A forked
child uses none of the connections; it makes its own.
"""

from __future__ import annotations

import os
import random
import select
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Generic, TypeVar
from weakref import WeakSet

import attrs
import psycopg
from psycopg import errors
from psycopg.pq import PipelineStatus, TransactionStatus

from ja_reset.errors import StoreError
from ja_reset.stores.postgres._address import Address
from ja_reset.stores.postgres._clock import ServerClock
from ja_reset.stores.postgres._exchange import AsyncConnection, Connection, answers, burst
from ja_reset.stores.postgres._pooler import GREETING, greeted, limited
from ja_reset.stores.postgres._said import COMMIT, Answer, Plan, Said
from ja_reset.stores.postgres._slots import SLICE, Lease, Slot, Slots
from ja_reset.stores.postgres._trouble import NOT_KNOWN, explained, is_broken

T = TypeVar("T")

_CONFLICTS: Final = 10
"""How often a plan that the server broke off for another's sake restarts."""

_LEFT_BEHIND: Final[list[object]] = []
"""The parent's slots, in a forked child: never used or closed, as that could close the parent's connections."""


@attrs.frozen
class Terms:
    """How many connections at most, and how many seconds to wait for one of them or for another's lock."""

    size: int
    patience: float

    @property
    def seconds(self) -> int:
        """How long connecting may take: libpq counts in whole seconds, and takes no less than two."""
        return max(2, round(self.patience))

    def limits(self, *, local: bool) -> str:
        """How long a host that dies or hangs may hold its locks: told to a session, or (*local*) a transaction.

        A session is also told how its transactions are to be kept apart.
        """
        wait = max(1, round(self.patience * 1000))
        milliseconds = {
            "lock_timeout": wait,
            "idle_in_transaction_session_timeout": 2 * wait,
            "statement_timeout": 12 * wait,
        }
        isolation = {} if local else {"default_transaction_isolation": "read committed"}
        told = (f"set_config('{name}', '{value}', {local})" for name, value in {**milliseconds, **isolation}.items())
        return f"SELECT {', '.join(told)}"


class Attempts(Generic[T]):
    """A plan on its way: how often it was started, what it says next, and what it gave.

    `batch`: what is to be said; None when the plan has ended, with `value`.
    """

    def __init__(self, begin: Callable[[], Plan[T]], address: Address, terms: Terms) -> None:
        self._begin = begin
        self._address = address
        self._broken = terms.size + 1  # all that lay in the pool may be broken, and then a new one must do
        self._conflicts = _CONFLICTS
        self._standbys = 1
        self._in_doubt = False
        self.batch: Sequence[Said] | None = None
        self.value: T
        self._start()

    def take(self, answers: Sequence[Answer]) -> None:
        """Let the plan have its answers."""
        self._goes_on(partial(self._plan.send, answers))

    def failed(self, error: psycopg.Error, *, committing: bool) -> float:
        """Seconds to wait before the plan goes on, or restarts; raises StoreError where neither would do.

        *committing*: the change was under way, so if the connection is gone, it may be kept.
        """
        unsure = committing and is_broken(error)
        self._in_doubt = self._in_doubt or unsure
        pause = self._pause(error)
        if pause is None:
            raise self.doubted(explained(error, self._address))
        try:
            self._goes_on(partial(self._plan.throw, error))
        except psycopg.Error:
            self.batch = None
        else:
            return pause
        # outside of the except, so that no error of the driver hangs on ours
        if unsure:
            raise self.doubted(explained(error, self._address))
        self._start()
        return pause

    def doubted(self, error: StoreError) -> StoreError:
        """*error*, which also says if nobody knows whether a change was kept."""
        return StoreError(f"{error}{NOT_KNOWN}") if self._in_doubt else error

    def _start(self) -> None:
        self._plan = self._begin()
        self._goes_on(partial(next, self._plan))

    def _goes_on(self, step: Callable[[], Sequence[Said]]) -> None:
        try:
            self.batch = step()
        except StopIteration as end:
            self.batch, self.value = None, end.value

    def _pause(self, error: psycopg.Error) -> float | None:
        """Seconds to wait; None where another attempt would help nobody."""
        if isinstance(error, (errors.SerializationFailure, errors.DeadlockDetected)) and self._conflicts:
            self._conflicts -= 1
            return random.uniform(0, 0.005 * (_CONFLICTS - self._conflicts))  # noqa: S311 - so that rivals part
        if is_of_standby(error) and self._standbys:
            self._standbys -= 1
            return 0.0
        if is_broken(error) and self._broken:
            self._broken -= 1
            return 0.0
        return None


def is_of_standby(error: psycopg.Error) -> bool:
    """Whether the server only reads: after a failover the connection leads to what was the primary."""
    return isinstance(error, errors.ReadOnlySqlTransaction)


def is_usable(connection: psycopg.Connection | psycopg.AsyncConnection) -> bool:
    """Whether the next call finds the connection as if it were new, if every statement so far was answered."""
    pgconn = connection.pgconn
    return pgconn.transaction_status == TransactionStatus.IDLE and pgconn.pipeline_status == PipelineStatus.OFF


def is_commit(connection: Connection | AsyncConnection, batch: Sequence[Said]) -> bool:
    """Whether, once *batch* is under way on *connection*, the change may be kept."""
    if connection.pgconn.transaction_status != TransactionStatus.IDLE:
        return batch[0] is COMMIT
    return not batch[0].statement.startswith(("SELECT", "SHOW", "BEGIN"))


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


def closed(address: Address) -> StoreError:
    """What a closed store raises."""
    return StoreError(f"{address}: the store is closed")


def exhausted(address: Address, terms: Terms) -> StoreError:
    """What is raised when the wait for a connection was in vain."""
    return StoreError(
        f"{address}: all {terms.size} connections are in use, and none became free; increase pool_size or timeout"
    )


class Pool:
    """The connections of this process, for threads."""

    def __init__(self, address: Address, terms: Terms, clock: ServerClock) -> None:
        self._address = address
        self._terms = terms
        self._clock = clock
        self._limits = terms.limits(local=True)
        self._slots = Slots(terms.size)
        _ALL.add(self)

    def run(self, begin: Callable[[], Plan[T]]) -> T:
        """Drive a plan to its end, from its beginning as often as that is safe. Raises StoreError."""
        if self._slots.is_closed:
            raise closed(self._address)
        attempts = Attempts(begin, self._address, self._terms)
        while attempts.batch is not None:
            pause = self._attempt(attempts)
            if pause:
                time.sleep(pause)
        return attempts.value

    def close(self) -> None:
        """Close the connections; those that are lent are closed when they come back."""
        self._slots.close()

    def leave_behind(self) -> None:
        """In a forked child: forget the parent's connections."""
        _LEFT_BEHIND.append(self._slots)
        slots = Slots(self._terms.size)
        slots.is_closed = self._slots.is_closed
        self._slots = slots

    def _attempt(self, attempts: Attempts[T]) -> float:
        """Let the plan go on as far as one connection carries it; how long to wait before the next."""
        slots, lease, usable, committing, failure = self._slots, Lease(), False, False, None
        try:
            try:
                connection = self._connected(self._lent(slots, lease))
            except StoreError as error:
                raise attempts.doubted(error) from None
            while (batch := attempts.batch) is not None:
                committing = is_commit(connection, batch)
                attempts.take(self._said(connection, batch))
            usable = is_usable(connection)
        except psycopg.Error as error:
            failure = error.with_traceback(None)
        finally:
            try:
                slots.give_back(lease, usable=usable)
            except BaseException:  # of a signal handler; whoever keeps it keeps its frames, and the lease in them
                slots.give_back(lease, usable=False)
                raise
        # outside of the except, so that no error of the driver hangs on ours
        if failure is None:
            return 0.0
        if is_of_standby(failure):
            slots.expire()
        return attempts.failed(failure, committing=committing)

    def _lent(self, slots: Slots, lease: Lease) -> Slot:
        until = time.monotonic() + self._terms.patience
        while True:
            slot = slots.take(lease)
            if slots.is_closed:
                raise closed(self._address)
            if slot is not None:
                return slot
            left = until - time.monotonic()
            if left <= 0:
                raise exhausted(self._address, self._terms)
            lease.wait(min(left, SLICE))

    def _connected(self, slot: Slot) -> Connection:
        """The slot's connection: one that the server has not closed, or a new one."""
        if slot.connection is not None and is_suspect(slot.connection):
            slot.empty()
        if slot.connection is None:
            slot.made = time.monotonic()  # before it sets out: who expires the slots means also what is on its way
            slot.connection = self._connection()
        return slot.connection

    def _connection(self) -> Connection:
        failure = None
        try:
            connection = Connection.connect(self._address.conninfo.reveal(), autocommit=True)
            asked = self._clock.monotonic()
            [row] = connection.execute(GREETING)
            self._clock.answered(asked, row)
            if greeted(connection, row[1]):
                connection.execute(self._terms.limits(local=False))
        except psycopg.Error as error:
            failure = error.with_traceback(None)
        except BaseException as error:  # noqa: BLE001 - of a signal handler; the driver's frames hold the password
            raise error.with_traceback(None) from None
        else:
            return connection
        raise explained(failure, self._address)

    def _said(self, connection: Connection, batch: Sequence[Said]) -> Sequence[Answer]:
        whole, extra = limited(connection, batch, self._limits)
        return answers(whole, connection.wait(burst(connection, whole)), without=extra)


_ALL: WeakSet[Pool] = WeakSet()


def _after_fork_in_child() -> None:
    for pool in tuple(_ALL):
        pool.leave_behind()


if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(after_in_child=_after_fork_in_child)

"""Connections to one database, lent to threads, and plans driven over them.

A connection that the server closed while it was idle is detected before it is used. If one breaks in use, the plan
restarts on another, unless its change may already have been kept. So after an outage, only callers that were in the
middle of their commit get an error. A connection is used again only if every statement on it was answered and no
transaction is open; all others are closed. A forked child uses none of the connections; it makes its own.
"""

from __future__ import annotations

import os
import random
import select
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar
from weakref import WeakSet

import attrs
import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus

from ja_reset.errors import StoreError
from ja_reset.stores.postgres._address import Address
from ja_reset.stores.postgres._clock import ServerClock
from ja_reset.stores.postgres._plans import COMMIT, Answer, Plan, Said
from ja_reset.stores.postgres._pooler import GREETING, greeted, limited
from ja_reset.stores.postgres._slots import SLICE, Lease, Slot, Slots
from ja_reset.stores.postgres._trouble import explained, is_of_connection

T = TypeVar("T")

_CONFLICTS: Final = 10
"""How often a plan that the server broke off for another's sake restarts."""

_LEFT_BEHIND: Final[list[object]] = []
"""The parent's slots, in a forked child: never used, and never let go, as that could end the parent's connections."""

_DONE: Final = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})


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
        """How long a host that dies or hangs may hold its locks: told to a session, or (*local*) a transaction."""
        wait = max(1, round(self.patience * 1000))
        milliseconds = {
            "lock_timeout": wait,
            "idle_in_transaction_session_timeout": 2 * wait,
            "statement_timeout": 12 * wait,
        }
        told = (f"set_config('{name}', '{value}', {local})" for name, value in milliseconds.items())
        return f"SELECT {', '.join(told)}"


class Attempts:
    """Counts how often one plan was started, and says whether it is to be restarted."""

    def __init__(self, address: Address, terms: Terms) -> None:
        self._address = address
        self._broken = terms.size + 1  # all that lay in the pool may be broken, and then a new one must do
        self._conflicts = _CONFLICTS
        self._standbys = 1

    def pause(self, error: psycopg.Error, *, committing: bool) -> float | None:
        """Seconds to wait before the plan restarts; None where that would help nobody, or do it twice."""
        if isinstance(error, (errors.SerializationFailure, errors.DeadlockDetected)) and self._conflicts:
            self._conflicts -= 1
            return random.uniform(0, 0.005 * (_CONFLICTS - self._conflicts))  # noqa: S311 - so that rivals part
        if is_of_standby(error) and self._standbys:
            self._standbys -= 1
            return 0.0
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
    return isinstance(error, gone) or (isinstance(error, psycopg.OperationalError) and is_of_connection(error))


def is_of_standby(error: psycopg.Error) -> bool:
    """Whether the server only reads: after a failover the connection leads to what was the primary."""
    return isinstance(error, errors.ReadOnlySqlTransaction)


def is_usable(connection: psycopg.Connection | psycopg.AsyncConnection) -> bool:
    """Whether the next call finds the connection as if it were new, if every statement so far was answered."""
    pgconn = connection.pgconn
    return pgconn.transaction_status == TransactionStatus.IDLE and pgconn.pipeline_status == PipelineStatus.OFF


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


def answer(cursor: psycopg.Cursor | psycopg.AsyncCursor, rows: Sequence[tuple[object, ...]]) -> Answer:
    """What a statement was answered. Raises NoAnswerError where the driver has no result."""
    result = cursor.pgresult
    if result is None or result.status not in _DONE:
        raise NoAnswerError
    return Answer(cursor.rowcount, rows, result.command_status or b"")


def has_rows(cursor: psycopg.Cursor | psycopg.AsyncCursor) -> bool:
    """Whether the statement gives rows; asking the cursor for their description would build it."""
    return cursor.pgresult is not None and cursor.pgresult.nfields > 0


class NoAnswerError(psycopg.OperationalError):
    """A statement without an answer of the server; as if the connection had broken."""

    def __init__(self) -> None:
        super().__init__("a statement got no answer")


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
        self._slots = Slots(terms.size)
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
        self._slots.close()

    def leave_behind(self) -> None:
        """In a forked child: forget the parent's connections."""
        _LEFT_BEHIND.append(self._slots)
        slots = Slots(self._terms.size)
        slots.is_closed = self._slots.is_closed
        self._slots = slots

    def _attempt(self, plan: Plan[T], attempts: Attempts) -> tuple[list[T], float | None]:
        """What the plan gave (a list of one) and None, or nothing and how long to wait before the next attempt."""
        slots = self._slots
        if slots.is_closed:
            raise closed(self._address)
        try:
            batch = next(plan)
        except StopIteration as end:
            return [end.value], None
        lease, usable, committing, failure = Lease(), False, False, None
        try:
            connection = self._connected(self._lent(slots, lease))
            while True:
                committing = is_commit(batch)
                answers = self._said(connection, batch)
                batch = plan.send(answers)
        except StopIteration as end:
            usable = is_usable(connection)
            return [end.value], None
        except psycopg.Error as error:
            failure = error.with_traceback(None)
        finally:
            try:
                slots.give_back(lease, usable=usable)
            except BaseException:  # of a signal handler; whoever keeps it keeps its frames, and the lease in them
                slots.give_back(lease, usable=False)
                raise
        # outside of the except, so that no error of the driver hangs on ours
        if is_of_standby(failure):
            slots.expire()
        pause = attempts.pause(failure, committing=committing)
        if pause is None:
            raise attempts.trouble(failure, committing=committing)
        return [], pause

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

    def _connected(self, slot: Slot) -> psycopg.Connection:
        """The slot's connection: one that the server has not closed, or a new one."""
        if slot.connection is not None and is_suspect(slot.connection):
            slot.empty()
        if slot.connection is None:
            slot.connection = self._connection()
            slot.made = time.monotonic()
        return slot.connection

    def _connection(self) -> psycopg.Connection:
        failure = None
        try:
            connection = _Connection.connect(self._address.conninfo.reveal(), autocommit=True)
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

    def _said(self, connection: psycopg.Connection, batch: Sequence[Said]) -> list[Answer]:
        """Send a batch in one pipeline."""
        whole, extra = limited(connection, batch, self._terms.limits(local=True))
        if len(whole) == 1:
            cursors = [connection.execute(whole[0].statement, whole[0].values)]
        else:
            with connection.pipeline():
                cursors = [connection.execute(said.statement, said.values) for said in whole]
        answers = [answer(each, each.fetchall() if has_rows(each) else ()) for each in cursors]
        if extra is not None:
            del answers[extra]
        return answers


class _Connection(psycopg.Connection):
    """One that libpq closes when it is let go; the driver would warn, though its owner was only interrupted."""

    def __del__(self, *unused: object) -> None:
        pass


_ALL: WeakSet[Pool] = WeakSet()


def _after_fork_in_child() -> None:
    for pool in tuple(_ALL):
        pool.leave_behind()


if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(after_in_child=_after_fork_in_child)

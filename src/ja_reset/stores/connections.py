"""Connections to one SQLite file: borrowed by threads, given back, and none of them open across a fork.

SQLite keeps its locks on a file in the memory of the process, so a connection that is open while the process
forks leaves the child with locks that it does not hold, and a file that the parent may pull away from under
it. So a fork waits until every connection is given back and closes them all; parent and child open new ones.
Readers have a connection each, so that none waits for a writer's disk; writers of a process queue on a lock,
which is fairer and quicker than SQLite's own waiting by naps.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from threading import Condition, Lock
from typing import TYPE_CHECKING, Final, Literal
from weakref import WeakSet

from ja_reset.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

Synchronous = Literal["FULL", "NORMAL"]

_DISK: Final = 10.0
"""Seconds beyond the time for locks that a use may take on a slow disk before a fork goes ahead all the same."""

_ADVICE: Final = {
    sqlite3.SQLITE_NOTADB: "is not a database, or its head is damaged; check the path, or restore a backup",
    sqlite3.SQLITE_CORRUPT: "is damaged; stop all that use it and restore a backup",
    sqlite3.SQLITE_READONLY: "cannot be written; make the file and its folder writable for this user",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; the folder must exist and be writable for this user",
    sqlite3.SQLITE_PERM: "cannot be opened; this user lacks the rights to it",
    sqlite3.SQLITE_FULL: "cannot grow, the disk is full; make room and try again",
    sqlite3.SQLITE_IOERR: "met an error of the disk; look for a full or failing disk, then try again",
    sqlite3.SQLITE_BUSY: "is locked by another process beyond the time allowed; end what holds it, or allow more",
    sqlite3.SQLITE_LOCKED: "is locked beyond the time allowed; end what holds it, or allow more",
}


def explained(error: sqlite3.Error, path: str) -> StoreError:
    """What *error* means for the file at *path*, and what to do about it.

    Chained to *error*, but for the one that has no code: text that is no UTF-8, which quotes what it read.
    """
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return StoreError(f"{path}: {_ADVICE[sqlite3.SQLITE_CORRUPT]}")
    advice = _ADVICE.get(code & 0xFF, f"cannot be used ({error})")
    trouble = StoreError(f"{path}: {advice}")
    trouble.__cause__ = error
    return trouble


class Connections:
    """All connections of this process to the file at *path* (absolute). Any number of threads may borrow."""

    def __init__(self, path: str, *, busy_timeout: timedelta, synchronous: Synchronous) -> None:
        self.path = path
        self._patience = busy_timeout.total_seconds()
        self._synchronous = synchronous
        self._idle: list[sqlite3.Connection] = []
        self._lent = 0
        self._closed = False
        self._forking = False
        self._gate = Condition(Lock())
        self._writer = Lock()
        self._place: tuple[int, int] | None = None
        with _FORK[0]:
            _ALL.add(self)

    @contextmanager
    def borrowed(self) -> Iterator[sqlite3.Connection]:
        """A connection for this thread; one that anything was raised over is closed, which rolls back.

        Raises StoreError for whatever SQLite raises, when closed, and when the file is not the one that was
        opened: what is written into a file that was moved away is lost.
        """
        with self._gate:
            self._gate.wait_for(lambda: not self._forking)
            if self._closed:
                msg = f"{self.path}: the store is closed"
                raise StoreError(msg)
            self._lent += 1
            connection = self._idle.pop() if self._idle else None
        whole = False
        try:
            self._still_there()
            if connection is None:
                connection = self._connect()
            yield connection
            whole = True
        except sqlite3.Error as error:
            trouble = explained(error, self.path)
            raise trouble from trouble.__cause__
        finally:
            self._take_back(connection, whole=whole)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction that holds the file's one place for writing.

        The transaction ends with the block: committed, unless the block raised or ended it itself.
        """
        writer = self._writer
        if not writer.acquire(timeout=self._patience):
            msg = f"{self.path}: {_ADVICE[sqlite3.SQLITE_LOCKED]}"
            raise StoreError(msg)
        try:
            with self.borrowed() as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                if connection.in_transaction:
                    connection.execute("COMMIT")
        finally:
            writer.release()

    def settle(self) -> None:
        """Hold on to the file that is at the path now: from here on, any other is refused."""
        try:
            found = os.stat(self.path)  # noqa: PTH116 - a str, as sqlite3 takes it
        except OSError as error:
            msg = f"{self.path}: was moved away while it was opened"
            raise StoreError(msg) from error
        self._place = found.st_dev, found.st_ino

    def close(self) -> None:
        """Close the connections; those that are lent are closed when they come back."""
        with self._gate:
            self._closed = True
            self._close_idle()

    def before_fork(self) -> None:
        """Wait for what is lent, close all, and lend nothing more until the fork is over."""
        self._gate.acquire()
        self._forking = True
        # not without end: the handler of a signal that forks within a use would wait for itself
        self._gate.wait_for(lambda: not self._lent, timeout=self._patience + _DISK)
        self._close_idle()

    def after_fork_in_parent(self) -> None:
        """Lend again."""
        self._forking = False
        self._gate.notify_all()
        self._gate.release()

    def after_fork_in_child(self) -> None:
        """Begin anew: whoever held a lock is not in this process."""
        self._gate = Condition(Lock())
        self._writer = Lock()
        self._lent = 0
        self._forking = False

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=self._patience, isolation_level=None, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _still_there(self) -> None:
        if self._place is None:
            return
        try:
            found = os.stat(self.path)  # noqa: PTH116 - a str, as sqlite3 takes it
        except OSError as error:
            msg = f"{self.path}: cannot be reached any more; put the file back, or open the store anew"
            raise StoreError(msg) from error
        if self._place != (found.st_dev, found.st_ino):
            msg = f"{self.path}: another file is there than the one that was opened; open the store anew"
            raise StoreError(msg)

    def _take_back(self, connection: sqlite3.Connection | None, *, whole: bool) -> None:
        with self._gate:
            self._lent -= 1
            self._gate.notify_all()
            if connection is not None:
                if whole and not self._closed:
                    self._idle.append(connection)
                else:
                    connection.close()

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()


_ALL: WeakSet[Connections] = WeakSet()
_FORK: list[Lock] = [Lock()]
_HELD: list[Connections] = []


def _before_fork() -> None:
    _FORK[0].acquire()
    _HELD.extend(_ALL)
    for connections in _HELD:
        connections.before_fork()


def _after_fork_in_parent() -> None:
    for connections in _HELD:
        connections.after_fork_in_parent()
    _HELD.clear()
    _FORK[0].release()


def _after_fork_in_child() -> None:
    for connections in _HELD:
        connections.after_fork_in_child()
    _HELD.clear()
    _FORK[0] = Lock()


if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)

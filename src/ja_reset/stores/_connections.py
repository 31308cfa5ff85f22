"""Connections to one SQLite file: used by threads, one at a time, and none of them open across a fork.

SQLite keeps its locks on a file in the memory of the process, so a connection that is open while the process
forks leaves the child with locks that it does not hold, and a file that the parent may pull away from under
it. So a fork waits until no connection is in use and closes them all; parent and child open new ones.
Readers have a connection each, so that none waits for a writer's disk; writers of a process queue on a lock,
which is fairer and quicker than SQLite's own waiting by naps.

The handler of a signal may raise (Ctrl-C, a worker's time limit) after any call, also after the call that took a
lock or that begins to clean up. Nothing may be left held then. So what is in use is known by locks alone, there
is no count beside them, and what ends a use is the first call of its `finally` or `except`, written in C: CPython
runs handlers of signals after a call, at the start of a function and when a loop goes back, and nowhere else.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import deque
from functools import partial
from itertools import starmap
from operator import methodcaller
from threading import RLock, local
from typing import TYPE_CHECKING, Final, Literal, TypeVar
from weakref import WeakSet, finalize

from ja_reset.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import timedelta

    _T = TypeVar("_T")

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


# holds what `RLock()` gives: an owner's lock, so that it can be asked whether this thread holds it
_is_held: Final[Callable[[object], bool]] = methodcaller("_is_owned")
_release: Final[Callable[[object], None]] = methodcaller("release")


def _releases(locks: Iterable[object]) -> Iterator[None]:
    """Lets go of one of *locks* each time it is asked for the next, leaving out those that this thread does not hold.

    Made before a lock is taken; `next()` is then one call, in which no signal is handled.
    """
    return map(_release, filter(_is_held, locks))


class _Slot:
    """Room for one connection, which belongs to the thread that holds the lock."""

    __slots__ = ("fit", "kept", "lock")

    def __init__(self) -> None:
        self.lock = RLock()
        self.kept: list[sqlite3.Connection] = []
        self.fit = False
        """Whether the last use of the connection ended well; otherwise another is opened in its place."""

    def empty(self) -> None:
        """Close what is here."""
        self.fit = False
        for connection in self.kept:
            connection.close()
        self.kept.clear()


def _empty(slots: Iterable[_Slot]) -> None:
    """Close the connections that are in no use."""
    for slot in tuple(slots):
        if _is_held(slot.lock):
            continue
        releases = _releases((slot.lock,))
        try:
            if slot.lock.acquire(blocking=False):
                slot.empty()
        finally:
            next(releases, None)


class Connections:
    """All connections of this process to the file at *path* (absolute), for any number of threads.

    What raises over a connection closes it, which rolls back.
    """

    def __init__(self, path: str, *, busy_timeout: timedelta, synchronous: Synchronous) -> None:
        self.path = path
        self._patience = busy_timeout.total_seconds()
        self._synchronous = synchronous
        self._connect: Callable[[], sqlite3.Connection] = partial(
            sqlite3.connect, path, timeout=self._patience, isolation_level=None, check_same_thread=False
        )
        self._slots: list[_Slot] = []
        self._growing = RLock()
        self._writer = RLock()
        self._closed = False
        self._place: tuple[int, int] | None = None
        # what nobody closed closes itself, at the latest when the process ends
        finalize(self, _empty, self._slots)
        with _FORK:
            _ALL.add(self)

    def reading(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """What *work* makes of a connection that nobody else uses meanwhile.

        Raises StoreError for whatever SQLite raises, when closed, and when the file is not the one that was
        opened: what is written into a file that was moved away is lost.
        """
        try:
            while True:
                for slot in self._slots:
                    if _is_held(slot.lock):  # this is the handler of a signal, which came during a use
                        continue
                    releases = _releases((slot.lock,))
                    try:
                        if slot.lock.acquire(blocking=False):
                            answer = self._used(slot, work)
                            return answer  # noqa: RET504 - what a signal raises after the call is raised within the try
                    finally:
                        next(releases, None)
                        if self._closed:
                            self.close()
                with self._growing:
                    self._slots.append(_Slot())
        except sqlite3.Error as error:
            trouble = explained(error, self.path)
            raise trouble from trouble.__cause__

    def writing(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """What *work* makes of a connection inside a transaction that holds the file's one place for writing.

        The transaction is committed when *work* returns, unless it ended it itself.
        """
        writer = self._writer
        releases = _releases((writer,))
        if _is_held(writer):  # the handler of a signal cannot wait for what it interrupted
            raise self._locked()
        try:
            if not writer.acquire(timeout=self._patience):
                raise self._locked()
            answer = self.reading(partial(_committed, work))
            return answer  # noqa: RET504 - as in `reading`
        finally:
            next(releases, None)

    def settle(self) -> None:
        """Hold on to the file that is at the path now: from here on, any other is refused."""
        try:
            found = os.stat(self.path)  # noqa: PTH116 - a str, as sqlite3 takes it
        except OSError as error:
            msg = f"{self.path}: was moved away while it was opened"
            raise StoreError(msg) from error
        self._place = found.st_dev, found.st_ino

    def close(self) -> None:
        """Close the connections; one that is in use is closed when its use ends."""
        self._closed = True
        _empty(self._slots)

    def before_fork(self, taken: list[object]) -> None:
        """Wait for all uses to end, close the connections, and let none be used until *taken* is released."""
        # not without end: a thread may be stuck in a use
        until = time.monotonic() + self._patience + _DISK
        _take(self._growing, taken)
        for slot in self._slots:
            if _take(slot.lock, taken, until=until):
                slot.empty()

    def after_fork_in_child(self) -> None:
        """Start again: a thread that used a connection is not in this process."""
        # what could not be closed before the fork is the parent's: closing it here would pull the log away from it
        _PARENTS.extend(slot for slot in self._slots if slot.kept)
        self._slots.clear()
        self._growing = RLock()
        self._writer = RLock()

    def _used(self, slot: _Slot, work: Callable[[sqlite3.Connection], _T]) -> _T:
        connection = self._ready(slot)
        try:
            answer = work(connection)
            slot.fit = True
        except BaseException:
            connection.close()
            raise
        return answer

    def _ready(self, slot: _Slot) -> sqlite3.Connection:
        if self._closed:
            msg = f"{self.path}: the store is closed"
            raise StoreError(msg)
        fit, slot.fit = slot.fit, False
        try:
            self._still_there()
        except StoreError:
            slot.empty()
            raise
        if not fit:
            slot.empty()
            # one call opens it and puts it where it is found again
            slot.kept.extend(starmap(self._connect, ((),)))
            slot.kept[0].execute(f"PRAGMA synchronous = {self._synchronous}")
            slot.kept[0].execute("PRAGMA secure_delete = ON")  # what is erased is not left in the file's free space
        return slot.kept[0]

    def _still_there(self) -> None:
        if self._place is None:
            return
        try:
            found = os.stat(self.path)  # noqa: PTH116 - a str, as sqlite3 takes it
        except OSError as error:
            msg = f"{self.path}: cannot be reached any more; put the file back, or open the store again"
            raise StoreError(msg) from error
        if self._place != (found.st_dev, found.st_ino):
            msg = f"{self.path}: another file is there than the one that was opened; open the store again"
            raise StoreError(msg)
        if not found.st_size:
            msg = f"{self.path}: was truncated while it was open; stop all processes that use it and restore a backup"
            raise StoreError(msg)

    def _locked(self) -> StoreError:
        return StoreError(f"{self.path}: {_ADVICE[sqlite3.SQLITE_LOCKED]}")


def _committed(work: Callable[[sqlite3.Connection], _T], connection: sqlite3.Connection) -> _T:
    connection.execute("BEGIN IMMEDIATE")
    answer = work(connection)
    if connection.in_transaction:
        connection.execute("COMMIT")
    return answer


_ALL: WeakSet[Connections] = WeakSet()
_FORK: Final = RLock()
_FORKING: Final = local()
_PARENTS: Final[list[_Slot]] = []


def _take(lock: RLock, taken: list[object], *, until: float | None = None) -> bool:
    """Take *lock* and note it in *taken*; False where time ran out, or where what was interrupted to fork holds it."""
    if _is_held(lock):
        return False
    taken.append(lock)
    return lock.acquire(timeout=-1 if until is None else max(0.0, until - time.monotonic()))


def _before_fork() -> None:
    taken: list[object] = []
    _FORKING.taken = taken
    _take(_FORK, taken)
    for connections in _ALL:
        connections.before_fork(taken)


def _after_fork() -> None:
    deque(_releases(_FORKING.taken), 0)  # all of them by one call, as what a signal raises here is ignored


def _after_fork_in_child() -> None:
    for connections in _ALL:
        connections.after_fork_in_child()
    _after_fork()


if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork_in_child)

"""The places for connections in one process, so kept that no exception of a signal handler can lose one.

Such an exception (Ctrl-C, a soft time limit) comes between any two steps of the main thread, in a `finally` too. So
nothing here counts: a call holds a slot for as long as its `Lease` lives, and a slot whose lease is gone is free,
whatever was or was not done at the end. A connection is used again only if its last call gave it back; any other is
closed. Who waits for a slot is handed the next one, in order; a wake-up that got lost costs him `SLICE` seconds.
A handler may use the store that it interrupted: the lock lets its thread in again, and what it took it has given back
before the interrupted call goes on.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from threading import Lock, RLock
from typing import Final
from weakref import ref

import attrs

from ja_reset.stores.postgres._exchange import Connection

SLICE: Final = 0.25
"""Seconds after which who waits looks for himself."""

LIFETIME: Final = 3600.0
"""Seconds after which a connection is made again: the server's memory for it grows, and addresses change."""

IDLE: Final = 600.0
"""Seconds after which a connection that nobody used is closed, as a firewall may have forgotten it."""


class Lease:
    """A call's hold on a slot, or its wait for one; over when nothing refers to it."""

    __slots__ = ("__weakref__", "_turn")

    def __init__(self) -> None:
        self._turn = Lock()
        self._turn.acquire()

    def wait(self, seconds: float) -> None:
        """Until a slot is handed over, or so long."""
        self._turn.acquire(timeout=seconds)

    def hand_over(self) -> None:
        """Let the wait end."""
        with suppress(RuntimeError):  # it was told already
            self._turn.release()


@attrs.define(eq=False)
class Slot:
    """A place for one connection. *lease*: None where the last call gave it back; one that is gone: it did not."""

    connection: Connection | None = None
    lease: ref[Lease] | None = None
    made: float = 0.0
    used: float = 0.0

    def is_held(self) -> bool:
        """Whether a call has it."""
        return self.lease is not None and self.lease() is not None

    def empty(self) -> None:
        """Close the connection; the server then rolls back what it had under way."""
        if self.connection is not None:
            self.connection.pgconn.finish()
            self.connection = None

    def expire(self) -> None:
        """Have the connection closed before it is used again."""
        self.made = float("-inf")


class Slots:
    """A fixed number of slots, for any number of threads."""

    def __init__(self, size: int) -> None:
        self._lock = RLock()
        self._slots = tuple(Slot() for _ in range(size))
        self._waiting: deque[ref[Lease]] = deque()
        self.is_closed = False

    def take(self, lease: Lease) -> Slot | None:
        """The slot that *lease* has from now on; None: all are held, and it stands in the queue."""
        with self._lock:
            slot = self._of(lease) or self._free()
            if slot is None:
                if ref(lease) not in self._waiting:
                    self._waiting.append(ref(lease))
                return None
            if slot.lease is not None and slot.lease() is not lease:
                slot.empty()  # the call that had it was interrupted
            slot.lease = ref(lease)
            self._leave_queue(lease)
            now = time.monotonic()
            if now - slot.made > LIFETIME or now - slot.used > IDLE:
                slot.empty()
            return slot

    def give_back(self, lease: Lease, *, usable: bool) -> None:
        """End the hold, or the wait, of *lease*; its slot, with a *usable* connection, goes to who waits longest.

        One that was interrupted may be called again.
        """
        with self._lock:
            self._leave_queue(lease)
            slot = self._of(lease)
            if slot is None:
                return
            if self.is_closed or not usable:
                slot.empty()
            slot.used = time.monotonic()
            following = self._first_waiting()
            slot.lease = None if following is None else ref(following)
        if following is not None:
            following.hand_over()

    def expire(self) -> None:
        """Use none of the present connections again."""
        with self._lock:
            for slot in self._slots:
                slot.expire()

    def close(self) -> None:
        """Close the connections; those that are held are closed when they are given back."""
        with self._lock:
            self.is_closed = True
            for slot in self._slots:
                if not slot.is_held():
                    slot.empty()
            waiting = [each() for each in self._waiting]
        for lease in waiting:
            if lease is not None:
                lease.hand_over()

    def _of(self, lease: Lease) -> Slot | None:
        return next((slot for slot in self._slots if slot.lease is not None and slot.lease() is lease), None)

    def _free(self) -> Slot | None:
        """The free slot with the connection that was used last; one that nobody used for long is closed."""
        free = [slot for slot in self._slots if not slot.is_held()]
        now = time.monotonic()
        for slot in free:
            if slot.lease is None and now - slot.used > IDLE:
                slot.empty()
        return max(free, key=lambda slot: (slot.connection is not None, slot.used), default=None)

    def _leave_queue(self, lease: Lease) -> None:
        if ref(lease) in self._waiting:
            self._waiting.remove(ref(lease))

    def _first_waiting(self) -> Lease | None:
        while self._waiting:
            lease = self._waiting.popleft()()
            if lease is not None:
                return lease
        return None

"""The server's time, told without a question for each reading.

Machines that share a database share its server's clock. What is kept is the difference between that clock and this
process's monotonic one, so that a step of the local wall clock changes nothing. Each new connection measures it, and a
reading that finds the measurement older than `REFRESH` seconds measures it again. The server's answer was given
at some instant between question and answer, so half of the round trip is the error of a measurement.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Final, cast
from weakref import WeakSet

import attrs

from ja_reset.stores.postgres._said import Plan, Said

REFRESH: Final = 60.0
"""Seconds after which the difference is measured again."""

ASK: Final = Said("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT")
"""The server's time in microseconds since 1970 UTC; a number, as a time would come in the session's time zone."""

_DRIFT: Final = 0.001
"""Seconds that the two clocks may part in a second: each is slewed by 500 ppm at most (the kernel's adjtime limit)."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@attrs.frozen
class _Measured:
    """At *at* (monotonic, seconds) the server's clock was *ahead* microseconds ahead of it, give or take *error*."""

    ahead: int
    error: int
    at: float

    def error_at(self, now: float) -> int:
        """How far it may be off by now, in microseconds."""
        return self.error + round((now - self.at) * _DRIFT * 1_000_000)


class ServerClock:
    """The time of one server, for any number of threads. `monotonic`: this process's seconds, that never step."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._lock = RLock()  # a signal's handler may read the time that it interrupted
        self._measured: _Measured | None = None
        self._asked = 0.0
        self._told = 0
        _ALL.add(self)

    @property
    def is_known(self) -> bool:
        """Whether the server was ever asked."""
        return self._measured is not None

    def claims_refresh(self) -> bool:
        """Whether the caller is to measure again; then nobody else is told so for the next `REFRESH` seconds."""
        with self._lock:
            now = self.monotonic()
            if self._measured is not None and now - self._asked < REFRESH:
                return False
            self._asked = now
            return True

    def measured(self, asked: float, server: int, answered: float) -> None:
        """Take the answer *server* (microseconds since 1970 UTC) to a question between two monotonic seconds.

        Where it agrees with what is known, within the errors of both, the more exact of the two is kept and no
        reading runs backwards. Where it does not, the server's clock was set, or it is another server: it is right.
        """
        ahead = server - round((asked + answered) / 2 * 1_000_000)
        new = _Measured(ahead, round((answered - asked) / 2 * 1_000_000), answered)
        with self._lock:
            self._asked = answered
            old = self._measured
            if old is None or abs(new.ahead - old.ahead) > new.error + old.error_at(answered):
                self._measured, self._told = new, 0
            elif new.error <= old.error_at(answered):
                self._measured = new

    def now(self) -> datetime:
        """The server's time, aware, in UTC; the server must have been asked once."""
        with self._lock:
            if self._measured is None:
                msg = "the server's time is not known yet"
                raise RuntimeError(msg)
            self._told = max(self._told, round(self.monotonic() * 1_000_000) + self._measured.ahead)
            return _EPOCH + timedelta(microseconds=self._told)

    def ask(self) -> Plan[None]:
        """The plan that measures; the wait for a connection counts as its error."""
        asked = self.monotonic()
        [answer] = yield [ASK]
        self.answered(asked, answer.rows[0])

    def answered(self, asked: float, row: tuple[object, ...]) -> None:
        """Take the row that answers `ASK`, which was sent at *asked* (monotonic seconds) and came now."""
        self.measured(asked, cast("int", row[0]), self.monotonic())

    def leave_behind(self) -> None:
        """In a forked child: the lock may be held by a thread that did not come along."""
        self._lock = RLock()


_ALL: Final[WeakSet[ServerClock]] = WeakSet()


def _after_fork_in_child() -> None:
    for clock in tuple(_ALL):
        clock.leave_behind()


if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(after_in_child=_after_fork_in_child)

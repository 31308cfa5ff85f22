"""A clock that stands still until you move it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from ja_reset.bank._values import aware_utc

START: Final = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
"""Where a FakeClock begins unless told otherwise: a Wednesday, ten in the morning in Japan."""


class FakeClock:
    """A `Clock`: call it for the current time, an aware UTC datetime. Any number of threads may use it."""

    def __init__(self, start: datetime = START) -> None:
        self._now = aware_utc(start, "start")
        self._lock = Lock()

    def __call__(self) -> datetime:
        """The present."""
        return self._now

    @property
    def now(self) -> datetime:
        """The present, as calling the clock gives it."""
        return self._now

    def advance(self, seconds: float | timedelta) -> None:
        """Move the time by seconds or a timedelta; a negative value moves it back."""
        step = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)
        with self._lock:
            self._now += step

    def __repr__(self) -> str:
        return f"FakeClock({self._now.isoformat()})"

"""A repeated request waits for the answer of the turn that is working on it (S2).

It looks again after each pause. How long it has waited is the sum of its pauses, so that no clock is needed. Places
are few, one for each session and `MOST_WAITING` for a service, so that repeated requests do not take up every worker.
"""

from __future__ import annotations

from datetime import timedelta

from ja_reset.service._io import Flow, Pause

PAUSE = timedelta(milliseconds=100)
"""How long a request waits before it looks again."""
MOST_WAITING = 8
"""How many requests of one service wait at a time."""


class Waiter:
    """A request that may wait. *places*: who waits in this service, by session; *longest*: for how long at most."""

    def __init__(self, places: dict[str, Waiter], session: str, longest: timedelta) -> None:
        self._places = places
        self._session = session
        self._left = longest

    def pause(self) -> Flow[bool]:
        """Wait for one pause; False where its time is over or no place is free."""
        if self._left <= timedelta() or not self._takes_place():
            return False
        pause = min(PAUSE, self._left)
        self._left -= pause
        yield Pause(pause)
        return True

    def leave(self) -> None:
        """Give the place back."""
        if self._places.get(self._session) is self:
            del self._places[self._session]

    def _takes_place(self) -> bool:
        if self._places.setdefault(self._session, self) is not self:
            return False
        if len(self._places) > MOST_WAITING:
            self.leave()
            return False
        return True

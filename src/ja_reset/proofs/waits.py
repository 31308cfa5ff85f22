"""At most one session waits for a call from a number (P8): the pure arithmetic of a number's row.

A wait that ended in success leaves nothing. After any other end the number rests: for a while no other session may wait
for it, and after a contest not even the same one, so that a call under way proves nothing. The rest remains even if the
same session waits again meanwhile and succeeds. Whether a wait is over is decided by the clock, so it makes no
difference whether anybody looked.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

import attrs

from ja_reset.secret import shown


class WaitEnd(Enum):
    """How a wait ended without success."""

    LEFT = "left"
    TIMED_OUT = "timed_out"
    CONTESTED = "contested"


@attrs.frozen
class Wait:
    """The wait of `session` for one number: it waits through `until`, and the number rests through `rests`.

    `earlier`: through when the number rests for the wait before, where this one succeeds.
    """

    __repr__ = shown

    session: str
    until: datetime
    rests: datetime
    end: WaitEnd | None = None
    earlier: datetime | None = None

    @classmethod
    def begin(cls, session: str, until: datetime, rest: timedelta, *, before: Wait | None = None) -> Wait:
        """A wait that begins, after the one *before* for that number; it ends by itself after *until*."""
        return cls(session, until, until + rest, earlier=None if before is None else before.rests)

    def succeeded(self, at: datetime) -> Wait | None:
        """What is left when it ends in success: the rest for the wait before, while that lasts."""
        if self.earlier is None or at > self.earlier:
            return None
        return attrs.evolve(self, end=WaitEnd.LEFT, rests=self.earlier)

    def ended(self, end: WaitEnd, at: datetime, rest: timedelta) -> Wait:
        """Ended at *at*; a wait that had ended already stays as it is, so that asking again prolongs nothing."""
        if self.end is not None:
            return self
        return attrs.evolve(self, end=end, rests=at + rest)

    def is_waiting(self, now: datetime) -> bool:
        """Whether a call can prove the session."""
        return self.end is None and now <= self.until

    def ran_out(self, now: datetime) -> bool:
        """Whether the wait has ended by the clock, and the number still rests for it."""
        return now <= self.rests and (self.end is WaitEnd.TIMED_OUT or (self.end is None and now > self.until))

    def is_free_for(self, session: str, now: datetime) -> bool:
        """Whether *session* may wait for the number now."""
        if now > self.rests and not self.is_waiting(now):
            return True
        return self.session == session and self.end is not WaitEnd.CONTESTED

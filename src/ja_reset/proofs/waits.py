"""At most one session waits for a call from a number on a line (P8): the pure arithmetic of a number's row.

A wait that ended in success leaves nothing. After any other end the number rests on that line: for a while no other
session may wait for it there, and after a contest nobody on any line, so that a call under way proves nothing. The rest
remains even if the same session waits again meanwhile and succeeds. Whether a wait is over is decided by the clock, so
it makes no difference whether anybody looked. A wait at an institution with one line takes all lines.
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

    `earlier`: through when the number rests for the wait before, where this one succeeds. `line`: the dialled line that
    it waits on, as `line_called` names it; None: the only one of its institution, and no other session waits on any.
    `beside`: the other waits of the number's row (`Waits`).
    """

    __repr__ = shown

    session: str
    until: datetime
    rests: datetime
    end: WaitEnd | None = None
    earlier: datetime | None = None
    line: str | None = None
    beside: tuple[Wait, ...] = ()

    @classmethod
    def begin(
        cls, session: str, until: datetime, rest: timedelta, *, before: Wait | None = None, line: str | None = None
    ) -> Wait:
        """A wait that begins, after the one *before* for that number and line; it ends by itself after *until*."""
        return cls(session, until, until + rest, earlier=None if before is None else before.rests, line=line)

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

    def is_over(self, now: datetime) -> bool:
        """Whether nothing of it is left: nobody waits, and the number no longer rests for it."""
        return now > self.rests and not self.is_waiting(now)

    @property
    def rests_on_all_lines(self) -> bool:
        """Whether the number rests on all lines after it, for everybody."""
        return self.end is WaitEnd.CONTESTED

    def takes(self, line: str | None) -> bool:
        """Whether another session is kept from that line by it; None is all lines."""
        return self.line is None or line is None or self.line == line


@attrs.frozen
class Waits:
    """All waits for one number, at most one on a line, as an institution with these `lines` sees them (P8).

    `lines`: as `line_called` names them, or (None,) for the only one. The row of the number holds all waits, so that of
    two sessions that ask for one line at the same time only one is committed.
    """

    __repr__ = shown

    held: tuple[Wait, ...] = ()
    lines: tuple[str | None, ...] = (None,)

    @classmethod
    def of(cls, row: Wait | None, lines: tuple[str | None, ...] = (None,)) -> Waits:
        """The waits in a row; release 0.2 and an institution with one line have one in it."""
        if row is None:
            return cls((), lines)
        return cls((attrs.evolve(row, beside=()), *row.beside) if row.beside else (row,), lines)

    @property
    def row(self) -> Wait | None:
        """What is saved; None if nothing is left."""
        if not self.held:
            return None
        first, *others = self.held
        return attrs.evolve(first, beside=tuple(others)) if others else first

    @property
    def due(self) -> datetime | None:
        """After which nothing of them is left."""
        return max((wait.rests for wait in self.held), default=None)

    def waiting(self, now: datetime) -> tuple[Wait, ...]:
        """Those that a call can prove."""
        return tuple(wait for wait in self.held if wait.is_waiting(now))

    def on(self, line: str | None) -> Wait | None:
        """What is held for exactly that line."""
        return next((wait for wait in self.held if wait.line == line), None)

    def of_session(self, session: str, line: str | None) -> Wait | None:
        """What is held for that line, if it is that session's."""
        wait = self.on(line)
        return wait if wait is not None and wait.session == session else None

    def last_of(self, session: object) -> Wait | None:
        """The last wait of that session, on whatever line."""
        return max((wait for wait in self.held if wait.session == session), key=lambda each: each.until, default=None)

    def called(self, line: str | None, now: datetime) -> Wait | None:
        """The wait that a call on *line* is for (None: the gateway does not say which).

        A call on a line that nobody waits on, or that rests for nobody else, is for the only session that waits: it has
        misdialled. No call without its line is for a wait on a line of its own.
        """
        exact, live = None if line is None else self.on(line), self.waiting(now)
        alone = live[0] if len(live) == 1 else None
        is_its_former = exact is not None and alone is not None and exact.session == alone.session
        if exact is not None and not exact.is_over(now) and not is_its_former:
            return exact
        if alone is not None and (line is not None or alone.line is None):
            return alone
        return None if live else self.on(None)

    def free_for(self, session: str, now: datetime, most: int) -> tuple[str | None, ...]:
        """The lines on which *session* may wait now, where at most *most* sessions wait for the number."""
        if sum(wait.session != session for wait in self.waiting(now)) >= most:
            return ()
        if any(wait.rests_on_all_lines and not wait.is_free_for(session, now) for wait in self.held):
            return ()
        return tuple(line for line in self.lines if not self._keeps_from(line, session, now))

    def free_after(self, session: str, now: datetime) -> datetime | None:
        """The last instant at which no line is free for *session*, as things stand; None where nothing rests."""
        everywhere = [wait.rests for wait in self.held if wait.rests_on_all_lines]
        on_lines = [[wait.rests for wait in self._keeps_from(line, session, now)] for line in self.lines]
        first = [min(max(each) for each in on_lines)] if all(on_lines) else []
        return max([*everywhere, *first], default=None)

    def _keeps_from(self, line: str | None, session: str, now: datetime) -> list[Wait]:
        return [wait for wait in self.held if wait.takes(line) and not wait.is_free_for(session, now)]

    def begun(self, session: str, until: datetime, rest: timedelta, now: datetime, *, line: str | None) -> Waits:
        """With the wait of *session* on *line*; what is over on the other lines is dropped."""
        others = [wait for wait in self.held if wait.line != line and not wait.is_over(now)]
        return attrs.evolve(self, held=(*others, Wait.begin(session, until, rest, before=self.on(line), line=line)))

    def changed(self, before: Wait, after: Wait | None) -> Waits:
        """With *after* in place of *before*; without it where None."""
        held = (after if wait is before else wait for wait in self.held)
        return attrs.evolve(self, held=tuple(wait for wait in held if wait is not None))

    def contested(self, now: datetime, rest: timedelta) -> Waits:
        """With every wait ended: from now on a call under way proves nobody, on whatever line."""
        ended = (wait.ended(WaitEnd.CONTESTED, now, rest) if wait.is_waiting(now) else wait for wait in self.held)
        return attrs.evolve(self, held=tuple(ended))

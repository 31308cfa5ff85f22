"""The nonces that were used, so that no report is read twice: bounded, and never forgotten too early."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.telephony._errors import Fault

Refused = Literal[Fault.REPLAYED, Fault.FLOODED, Fault.AGE]
"""Why a nonce is not taken."""

_SLOTS: Final = 8  # of a window: what has run out is forgotten in as many parts


class NonceMemory(Protocol):
    """What remembers nonces: `Nonces`, or a store that several processes share."""

    @property
    def window(self) -> timedelta:
        """How old a report may be, and how far in the future."""

    def use(self, nonce: str, *, until: datetime, now: datetime) -> Refused | None:
        """Remember *nonce* through the instant *until*, in one step, and give None; or give why it is refused.

        `REPLAYED`: it is remembered. `FLOODED`: there is no room. `AGE`: it may have been forgotten already.
        """


@attrs.define(eq=False, repr=False)
class Nonces:
    """The nonces of one process, at most *limit* of them (100,000 by default, some 15 MB), for *window* (300 s).

    When it is full, what comes next is refused until the oldest have run out: nothing is forgotten early, or a flood
    would open the way for a replay. Threads may share it; then it holds a few more at most. A clock that goes back does
    not bring back what was forgotten: such a report is refused.

    Several processes need one memory: `SET nonce 1 NX PX …` in Redis, or a row whose key is the nonce, behind an object
    with `window` and `use`. Keep each a little longer than *until*: at that instant a report still counts, and the
    clocks of two machines differ.
    """

    limit: int = 100_000
    window: timedelta = timedelta(seconds=300)
    _slots: dict[int, dict[str, object]] = attrs.field(factory=dict, init=False)
    # the last part of time that was dropped; not a value that two threads could overwrite with the earlier of two
    _gone: dict[int, None] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        if type(self.limit) is not int or self.limit < 1 or not timedelta(0) < self.window <= timedelta(days=1):
            msg = "limit must be 1 at least, window more than nothing and a day at most"
            raise InvalidArgument(msg)

    def __len__(self) -> int:
        """How many it holds."""
        return sum(len(slot) for slot in list(self._slots.values()))

    def __bool__(self) -> bool:
        """True, also while it is empty: `nonces or Nonces()` must not be a new memory for each report."""
        return True

    def use(self, nonce: str, *, until: datetime, now: datetime) -> Refused | None:
        """As `NonceMemory.use` says."""
        self._forget(now)
        part = self._slot(until)
        if self._is_gone(part):
            return Fault.AGE
        if any(nonce in slot for slot in list(self._slots.values())):
            return Fault.REPLAYED
        if len(self) >= self.limit:
            return Fault.FLOODED
        mine = object()
        slot = self._slots.setdefault(part, {})
        if slot.setdefault(nonce, mine) is not mine:
            return Fault.REPLAYED
        return Fault.AGE if self._is_gone(part) else None  # another thread may have dropped it in between

    def _is_gone(self, part: int) -> bool:
        """Whether nonces of this part of time may have been forgotten."""
        return part <= max(list(self._gone), default=part - 1)

    def _slot(self, instant: datetime) -> int:
        """The part of time that the instant lies in."""
        return int(instant.timestamp() // (self.window.total_seconds() / _SLOTS))

    def _forget(self, now: datetime) -> None:
        """Drop each part of time that is over."""
        over = self._slot(now)
        for each in [slot for slot in list(self._slots) if slot < over]:
            self._gone.setdefault(each)  # first, so that a thread that misses its nonces finds it here
            self._slots.pop(each, None)
        for each in sorted(list(self._gone))[:-1]:  # noqa: C414 - a list is made in one step, whatever threads do
            self._gone.pop(each, None)

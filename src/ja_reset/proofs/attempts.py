"""Attempts are counted before they are verified: the pure arithmetic of PIN, identity and code counts.

Three kinds of rows are decided here. A card's row of wrong PINs (L1-L6): an attempt is reserved, the bank is asked, the
attempt is settled. Wrong attempts count in the order in which they were settled. A right PIN clears only those that
were settled when it was *reserved*: one that was settled later may have reached the bank after it, so it still counts,
and no interleaving gives more wrong verifications in a row than the limit (A3). An account's row of identity failures
(I5). A number's row of wrong codes (P4).
"""

from __future__ import annotations

import functools
from datetime import datetime, timedelta

import attrs

from ja_reset.bank._kinds import PinCheck
from ja_reset.secret import shown


@attrs.frozen
class Attempt:
    """A reserved verification of a PIN: `total` is how many wrong ones had been settled by then.

    `until`: how long it is held, by the policy under which it was reserved; None where release 0.1 has reserved it.
    `unknown`: the bank gave no answer, and none is under way any more (L5).
    """

    __repr__ = shown

    id: str
    at: datetime
    total: int
    unknown: bool = False
    until: datetime | None = None

    def is_in_doubt(self, now: datetime, lease: timedelta) -> bool:
        """Whether nobody is going to settle it: the bank gave no answer, or the turn of *lease* is long over (L5)."""
        return self.unknown or now > self.at + lease

    def lapses_at(self, lapse: timedelta) -> datetime:
        """The last instant at which it is held; *lapse* is for those of release 0.1, which do not say."""
        return self.until or self.at + lapse


@attrs.frozen
class PinAttempts:
    """A card's PIN attempts. `total` counts wrong ones ever settled, `cleared` those that no longer stand.

    `locked`: both locks were ordered since the last unlock, by `orders`, the keys of these (none where release 0.1 has
    ordered them).
    """

    __repr__ = shown

    total: int = 0
    cleared: int = 0
    locked: bool = False
    open: tuple[Attempt, ...] = ()
    orders: tuple[str, ...] = ()

    @property
    def wrong(self) -> int:
        """How many wrong PINs in a row stand."""
        return self.total - self.cleared

    def is_locked(self, limit: int) -> bool:
        """Locked by our count (L2), until the host unlocks."""
        return self.locked or self.wrong >= limit

    def lock(self, orders: tuple[str, ...]) -> PinAttempts:
        """Locked for good by *orders*, which are recorded in the same commit; nobody orders them again (L2)."""
        return attrs.evolve(self, locked=True, orders=orders)

    def lapse(self, now: datetime, lapse: timedelta) -> PinAttempts:
        """Without the attempts whose outcome has been unknown for too long (L5).

        Each is held as long as it says, whoever looks: institutions that share a contract may not agree. *lapse* is for
        those of release 0.1, which do not say.
        """
        standing = tuple([a for a in self.open if now <= a.lapses_at(lapse)])
        return self if len(standing) == len(self.open) else attrs.evolve(self, open=standing)

    def in_doubt_until(self, now: datetime, *, lease: timedelta, lapse: timedelta) -> datetime | None:
        """When the first of the attempts lapses, if all of them are in doubt; None while one is under way."""
        if not all(a.is_in_doubt(now, lease) for a in self.open):
            return None
        return min((a.lapses_at(lapse) for a in self.open), default=None)

    def tries_left(self, limit: int) -> int:
        """How many attempts can be reserved now."""
        return 0 if self.locked else max(0, limit - self.wrong - len(self.open))

    def reserve(self, attempt: str, now: datetime, *, until: datetime | None = None) -> PinAttempts:
        """With *attempt* reserved, *until* then if its outcome stays unknown; the caller has seen that one is left."""
        return attrs.evolve(self, open=(*self.open, Attempt(attempt, now, self.total, until=until)))

    def settle(self, attempt: str, check: PinCheck) -> PinAttempts:
        """With the bank's answer to *attempt*: wrong counts, right clears, not checked frees."""
        reserved = next((a for a in self.open if a.id == attempt), None)
        rest = attrs.evolve(self, open=tuple(a for a in self.open if a.id != attempt))
        if check is PinCheck.WRONG:
            return attrs.evolve(rest, total=rest.total + 1)
        if check is PinCheck.RIGHT and reserved is not None:
            return attrs.evolve(rest, cleared=max(rest.cleared, reserved.total))
        return rest

    def doubt(self, attempt: str) -> PinAttempts:
        """With the outcome of *attempt* unknown: it stays reserved (L5)."""
        doubted = tuple(attrs.evolve(a, unknown=True) if a.id == attempt else a for a in self.open)
        return attrs.evolve(self, open=doubted)

    def unlock(self) -> PinAttempts:
        """With nothing standing (L6) but the attempts under way: the bank may still find one wrong (A3).

        No clock says that one is a dead process's, as it may go fast: such a one lapses like others (L5).
        """
        under_way = tuple(a for a in self.open if not a.unknown)
        return PinAttempts(total=self.total, cleared=self.total, open=under_way)


@attrs.frozen
class Pending:
    """A try at an identity that the bank is answering now."""

    __repr__ = shown

    id: str
    at: datetime


@attrs.frozen
class IdentityAttempts:
    """An account's identity failures, each of which counts for a window from its own time (I5).

    `failures` are certain, each the time at which its try was taken. `pending` are tries that the bank is answering
    now: they count as failures until they are taken back, and are certain once their answer is overdue.
    """

    __repr__ = shown

    failures: tuple[datetime, ...] = ()
    pending: tuple[Pending, ...] = ()

    @property
    def count(self) -> int:
        """How many tries count."""
        return len(self.failures) + len(self.pending)

    @property
    def settled(self) -> int:
        """How many failures are certain."""
        return len(self.failures)

    @property
    def last_at(self) -> datetime | None:
        """When the last try was taken; None where nothing counts."""
        return max((*self.failures, *(each.at for each in self.pending)), default=None)

    def within(self, now: datetime, window: timedelta, lease: timedelta) -> IdentityAttempts:
        """As it stands now: without what counted longer ago than *window*."""
        if not self.failures and not self.pending:
            return self
        overdue = (each.id for each in self.pending if now > each.at + lease)
        settled = functools.reduce(IdentityAttempts.keep, overdue, self)
        return attrs.evolve(
            settled,
            failures=tuple(at for at in settled.failures if now <= at + window),
            pending=tuple(each for each in settled.pending if now <= each.at + window),
        )

    def free_after(self, limit: int, window: timedelta) -> datetime | None:
        """The last instant at which no try is free, as it stands; None if one is."""
        taken = sorted((*self.failures, *(each.at for each in self.pending)))
        return None if len(taken) < limit else taken[-limit] + window

    def unlock(self) -> IdentityAttempts:
        """With nothing standing (L6) but the tries that the bank is answering now."""
        return IdentityAttempts(pending=self.pending)

    def take(self, name: str, now: datetime) -> IdentityAttempts:
        """With a try counted before the bank is asked."""
        return IdentityAttempts(self.failures, (*self.pending, Pending(name, now)))

    def keep(self, name: str) -> IdentityAttempts:
        """With the try *name* settled as a failure: it was counted already."""
        settled = tuple(each.at for each in self.pending if each.id == name)
        return attrs.evolve(self.give_back(name), failures=(*self.failures, *settled))

    def give_back(self, name: str) -> IdentityAttempts:
        """With the try *name* taken back: it was right, or the bank gave no answer."""
        return IdentityAttempts(self.failures, tuple(each for each in self.pending if each.id != name))


MOST_CODES = 100
"""How many wrong codes of a number are kept: more than any policy should allow in a window."""


@attrs.frozen
class WrongCodes:
    """The wrong codes that were keyed in for a number, in whatever session: when each was (P4).

    They stand for a window each, so that no edge of a window lets twice as many through. How long a window is the
    policy of each reader says: the row keeps them all until it is due, no more than `MOST_CODES` or a reader's limit.
    """

    __repr__ = shown

    at: tuple[datetime, ...] = ()

    def within(self, now: datetime, window: timedelta) -> WrongCodes:
        """Those that still stand, the last instant of each window included."""
        return WrongCodes(tuple(sorted(at for at in self.at if now <= at + window))) if self.at else self

    def left(self, limit: int) -> int:
        """How many more may be wrong."""
        return max(0, limit - len(self.at))

    def missed(self, now: datetime, limit: int) -> WrongCodes:
        """With one more; of the oldest none is dropped that a reader may count."""
        most = max(MOST_CODES, limit, len(self.at))
        return WrongCodes(tuple(sorted((*self.at, now)))[-most:])

    def free_after(self, limit: int, window: timedelta) -> datetime:
        """The last instant at which none is left, where that is so."""
        return self.at[-limit] + window

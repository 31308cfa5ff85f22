"""Whether the service could go on now: its store answers, its orders are not stuck, its clock is right."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from ja_reset.errors import StoreError
from ja_reset.service._io import Flow, Now, Scan, StoreClock
from ja_reset.service._outbox import OPEN, OVERDUE, PENDING
from ja_reset.service._records import OUTBOX, OutboxEntry, OutboxStatus
from ja_reset.service.saved import load
from ja_reset.stores.rows import Row


@attrs.frozen(kw_only=True)
class Health:
    """What `ping()` found.

    - `store`: whether the store answered. If it did not, nothing else is known.
    - `oldest_order`: for how long the oldest pending effect has waited for the bank's answer; None if none waits.
    - `overdue_orders`: how many effects are overdue: nobody delivers them until an operator decides, locks apart (C4).
    - `clock_difference`: the service's clock minus the clock of the store's server; None if the store has no clock.
      A service that was given no clock uses the server's, so the difference is nearly zero.
    """

    store: bool
    oldest_order: timedelta | None = None
    overdue_orders: int = 0
    clock_difference: timedelta | None = None

    def to_dict(self) -> dict[str, object]:
        """Plain JSON; durations in seconds."""
        return {
            "store": self.store,
            "oldest_order": None if self.oldest_order is None else self.oldest_order.total_seconds(),
            "overdue_orders": self.overdue_orders,
            "clock_difference": None if self.clock_difference is None else self.clock_difference.total_seconds(),
        }


def ping() -> Flow[Health]:
    """Read from the store; changes nothing, asks the bank nothing."""
    try:
        oldest, overdue = yield from _unconfirmed()
        before: datetime = yield Now()
        stores: datetime | None = yield StoreClock()
        after: datetime = yield Now()
    except StoreError:
        return Health(store=False)
    return Health(
        store=True,
        oldest_order=None if oldest is None else max(before - oldest, timedelta(0)),
        overdue_orders=overdue,
        clock_difference=None if stores is None else before + (after - before) / 2 - stores,
    )


def _unconfirmed() -> Flow[tuple[datetime | None, int]]:
    """When the oldest pending effect was recorded, and how many are overdue.

    Rows that cannot be read are left out: the operator's list has them.
    """
    oldest: datetime | None = None
    overdue = 0
    for tag in (PENDING, OPEN, OVERDUE):
        last: Row | None = None
        while page := (yield Scan(OUTBOX, tag=tag, after=last)):
            last = page[-1]
            for row in page:
                try:
                    entry = load(OutboxEntry, row.body, OUTBOX)
                except StoreError:
                    continue
                if entry.status is OutboxStatus.OVERDUE:
                    overdue += 1
                elif entry.status is OutboxStatus.PENDING:
                    oldest = entry.made_at if oldest is None else min(oldest, entry.made_at)
    return oldest, overdue

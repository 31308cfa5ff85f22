"""The bounds of a page: what a scan and a find may be asked for."""

from __future__ import annotations

from datetime import datetime

from ja_reset.bank._values import aware_utc
from ja_reset.errors import InvalidArgument
from ja_reset.stores.rows import Row


def page_bounds(due: datetime | None, after: Row | None, limit: object) -> datetime | None:
    """Check the arguments of a scan; gives *due* in UTC. Raises InvalidArgument."""
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        msg = "limit must be an int of at least 1"
        raise InvalidArgument(msg)
    if due is None:
        return None
    if after is not None and after.due is None:
        msg = "after must be a row with a due time, where due is given"
        raise InvalidArgument(msg)
    return aware_utc(due, "due")


def find_bounds(
    term: object, since: datetime | None, until: datetime | None, before: Row | None, limit: object
) -> tuple[datetime | None, datetime | None]:
    """Check the arguments of a find; gives *since* and *until* in UTC. Raises InvalidArgument.

    Of *until* and *before*, which says the same and more, only one is left: a planner would count both.
    """
    page_bounds(None, None, limit)
    if term is None and (since is not None or until is not None):
        msg = "since and until must be None where no term is given"
        raise InvalidArgument(msg)
    since, until = (
        None if each is None else aware_utc(each, name) for each, name in ((since, "since"), (until, "until"))
    )
    if until is not None and before is not None and before.at is not None and before.at <= until:
        until = None
    return since, until

"""How a row stands in the columns of a database, the same in every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ja_reset.errors import StoreError
from ja_reset.stores.rows import Row, decoded

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST: Final = 2**63 - 1
"""What a database takes for a number."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(at: datetime | None) -> int:
    """A due time as it is kept; 0 where there is none (as no page by due time has such a row)."""
    return 0 if at is None else (at - _EPOCH) // _MICROSECOND


def scan_values(kind: str, tag: str | None, until: datetime | None, after: Row | None) -> list[object]:
    """The values of `statements.scan`, in their order, without the limit."""
    values: list[object] = [kind]
    if tag is not None:
        values.append(tag)
    if until is not None:
        values.append(microseconds(until))
    if after is not None:
        values.extend([after.key] if until is None else [microseconds(after.due), after.key])
    return values


def row(kind: str, key: str, columns: Sequence[object], place: str) -> Row:
    """The row of *columns* (stamp, body, tag, due); raises StoreError, naming *place*, where they make none."""
    stamp, text, tag, due = columns
    at = None
    if due is not None:
        try:
            at = _EPOCH + due * _MICROSECOND  # type: ignore[operator]  # what is no number raises TypeError
        except (OverflowError, TypeError):
            text = None
    body = whole(text, f"the row of kind {kind!r} with stamp {stamp!r}", place)
    return Row(kind, key, str(stamp), body, str(tag), at)


def whole(text: object, what: str, place: str) -> dict[str, object]:
    """The JSON object that *text* is; raises StoreError, which quotes nothing of it, where it is none."""
    body = decoded(text)
    if body is None:
        msg = f"{place}: {what} is damaged; restore a backup, or delete it"
        raise StoreError(msg)
    return body

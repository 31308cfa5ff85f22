"""How a row stands in the columns of a database, the same in every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ja_reset.errors import StoreError
from ja_reset.stores._bodies import decoded
from ja_reset.stores.rows import Row

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
    """The row of *columns* (stamp, body, tag, due, at); raises StoreError, naming *place*, where they make none."""
    stamp, text, tag, due, at = columns
    body = decoded(text)
    try:
        if body is not None:
            return Row(kind, key, str(stamp), body, str(tag), instant(due), instant(at or None))
    except (OverflowError, TypeError):
        pass
    name = f"the row of kind {kind!r} with stamp {stamp!r}"
    raise _damaged(name, place)


def found(kind: str, key: str, columns: Sequence[object]) -> Row:
    """The row of *columns*, whose body may be bytes; one that they do not make is given as damaged."""
    stamp, text, tag, due, at = columns
    try:
        text = text.decode() if isinstance(text, bytes) else text
        body = decoded(text)
        if body is not None:
            return Row(kind, key, str(stamp), body, str(tag), instant(due), instant(at or None))
    except (OverflowError, TypeError, ValueError):
        pass
    return Row(kind, key, str(stamp), {}, at=_whenever(at), damaged=True)


def instant(kept: object) -> datetime | None:
    """The time that is kept as that number; raises OverflowError or TypeError for what is none."""
    return None if kept is None else _EPOCH + kept * _MICROSECOND  # type: ignore[operator]  # what is no number raises


def _whenever(kept: object) -> datetime | None:
    try:
        return instant(kept or None)
    except (OverflowError, TypeError):
        return None


def find_values(
    kind: str, term: str | None, since: datetime | None, until: datetime | None, before: Row | None
) -> list[object]:
    """The values of `statements.find` or `find_unfiled`, in their order, without the limit."""
    if term is None:
        return [kind, *([] if before is None else [before.key])]
    values: list[object] = [kind, term, *(microseconds(each) for each in (since, until) if each is not None)]
    return values if before is None else [*values, microseconds(before.at), before.key]


def whole(text: object, what: str, place: str) -> dict[str, object]:
    """The JSON object that *text* is; raises StoreError, which quotes nothing of it, where it is none."""
    body = decoded(text)
    if body is None:
        raise _damaged(what, place)
    return body


def _damaged(what: str, place: str) -> StoreError:
    return StoreError(f"{place}: {what} is damaged; restore a backup, or delete it")

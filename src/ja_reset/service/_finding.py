"""Finds sessions, effects and audit records: one index look-up, newest first, page by page.

The most selective term is looked up, in the store's index; the other filters are compared row by row. A page examines
at most `EXAMINED` rows: where few of them fit, it has fewer items than its limit, and its cursor leads on. After what
has terms comes what release 0.1 has written, which has none.

A cursor goes through logs and URLs. It names a row by its key; where that is a phone number, the key is sealed (S7).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import attrs

from ja_reset.errors import InvalidArgument, SealError
from ja_reset.secret import Secret
from ja_reset.service._io import Find, Flow, Open, Scan, Seal
from ja_reset.service._names import digest
from ja_reset.service._pages import Item, Page
from ja_reset.service._terms import said, time_of
from ja_reset.stores.rows import Row

T = TypeVar("T", bound=Item)

LIMIT: Final = 50
"""How many items a page has, where nobody says how many."""

MOST: Final = 1000
"""How many items a page may have."""

EXAMINED: Final = 2000
"""How many rows are examined for a page, at most."""

_CHUNK: Final = 200
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@attrs.frozen(eq=False, repr=False)
class Query:
    """What is to be found: rows of *kind* that have one term of each of *terms*; by the first they are looked up."""

    kind: str
    terms: tuple[tuple[str, ...], ...]
    since: datetime | None = None
    until: datetime | None = None

    @property
    def name(self) -> str:
        """What distinguishes it from any other query."""
        times = [each and each.isoformat() for each in (self.since, self.until)]
        return digest(json.dumps([self.kind, self.terms, times]))[:16]

    def fits(self, row: Row, *, found: bool) -> bool:
        """Whether a row fits; *found*: the first term has found it. Of one that cannot be read only that is known."""
        rest = self.terms[found:]
        if row.damaged or not rest:
            return found
        has = said(row.kind, row.body)
        return all(has.intersection(each) for each in rest)


@attrs.frozen(eq=False, repr=False)
class _Place:
    """Where a page begins: behind a row, among those with terms or among the *old* ones without."""

    old: bool = False
    row: Row | None = None


def page_of(query: Query, item: Callable[[Row], T], limit: int, after: object) -> Flow[Page[T]]:
    """A page of what the query finds; raises InvalidArgument for a cursor that is none, or of another query."""
    place = _place_of(query, after)
    found: list[Row] = []
    examined = 0
    plain = len(query.terms) == 1
    while True:
        size = limit - len(found) + 1 if plain and not place.old else _CHUNK
        rows = yield from _rows(query, place, size)
        for row in rows:
            if len(found) == limit or examined == EXAMINED:
                return Page(map(item, found), _cursor(query, place))
            examined += 1
            place = _Place(place.old, row)
            if query.fits(row, found=not place.old) and (not place.old or _within(query, row)):
                found.append(row)
        if len(rows) < size:
            if place.old:
                return Page(map(item, found))
            place = _Place(old=True)


def all_of(query: Query, *, old: Callable[[Row], bool]) -> Flow[list[Row]]:
    """All rows that the query's first term finds, newest first, and those without terms that *old* takes."""
    found: list[Row] = []
    place = _Place()
    while True:
        rows = yield from _rows(query, place, _CHUNK)
        found += [row for row in rows if not place.old or (not row.damaged and old(row))]
        if rows:
            place = _Place(place.old, rows[-1])
        if len(rows) < _CHUNK:
            if place.old:
                return found
            place = _Place(old=True)


def listed(
    kind: str, items: Callable[[Row], Sequence[T]], limit: int, after: object, *, personal: bool = False
) -> Flow[Page[T]]:
    """A page of what *items* makes of all rows of a kind, by key; the items of one row are on one page.

    So a page may have more items than its limit by those of its last row. *personal*: the keys are personal data, so
    a cursor has its row's key sealed, and leads on only under the host's key.
    """
    query = Query(kind, ())
    place = _place_of(query, after).row
    if personal and place is not None:
        place = attrs.evolve(place, key=(yield from _opened(query, place.key)))
    found: list[T] = []
    rows: list[Row] = []
    for examined in range(EXAMINED):
        if examined % _CHUNK == 0:
            rows = yield Scan(kind, after=place, limit=_CHUNK)
        if examined % _CHUNK == len(rows):
            return Page(found)
        if len(found) >= limit:
            break
        place = rows[examined % _CHUNK]
        found += items(place)
    if personal and place is not None:
        place = attrs.evolve(place, key=(yield Seal(Secret(place.key), _context(query))))
    return Page(found, _cursor(query, _Place(row=place)))


def _opened(query: Query, sealed: str) -> Flow[str]:
    """The key of a row in a cursor; raises InvalidArgument."""
    try:
        key: Secret = yield Open(sealed, _context(query))
    except SealError:
        msg = "after cannot be opened: pass the `next` of a page as it came, to a service that has the same key"
        raise InvalidArgument(msg) from None
    return key.reveal()


def _context(query: Query) -> str:
    return f"cursor:{query.name}"


def _rows(query: Query, place: _Place, size: int) -> Flow[list[Row]]:
    """The next rows behind a place: those of every term that stands for the first filter, merged."""
    if place.old:
        old: list[Row] = yield Find(query.kind, None, None, None, place.row, size)
        return old
    pages: list[list[Row]] = []
    for term in query.terms[0]:
        page: list[Row] = yield Find(query.kind, term, query.since, query.until, place.row, size)
        pages.append(page)
    if len(pages) == 1:
        return pages[0]
    merged = sorted({row.key: row for page in pages for row in page}.values(), key=_order, reverse=True)
    # behind the end of a full page its term may have more rows
    return merged[:size]


def _order(row: Row) -> tuple[datetime, str]:
    return row.at or _EPOCH, row.key


def _within(query: Query, row: Row) -> bool:
    """Whether a row without terms is of the time that is asked for."""
    if query.since is None and query.until is None:
        return True
    at = time_of(query.kind, row.body)
    return at is not None and (query.since is None or query.since <= at) and (query.until is None or at <= query.until)


def _cursor(query: Query, place: _Place) -> str | None:
    at = None if place.row is None or place.row.at is None else (place.row.at - _EPOCH) // _MICROSECOND
    told = json.dumps([query.name, place.old, at, None if place.row is None else place.row.key])
    return base64.urlsafe_b64encode(told.encode()).rstrip(b"=").decode()


def _place_of(query: Query, after: object) -> _Place:
    if after is None:
        return _Place()
    try:
        text = after if isinstance(after, str) else ""
        name, old, at, key = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
        instant = None if at is None else _EPOCH + int(at) * _MICROSECOND
        row = None if key is None else Row(query.kind, str(key), "", {}, at=instant)
        place = _Place(bool(old), row)
    except (binascii.Error, OverflowError, RecursionError, TypeError, ValueError):
        msg = "after must be the `next` of a page that this call has returned"
        raise InvalidArgument(msg) from None
    if name != query.name:
        msg = "after is the cursor of another query: pass it to the same call, with the same filters"
        raise InvalidArgument(msg)
    return place

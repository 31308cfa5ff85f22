"""What a commit and a look-up say to SQLite; the connection, and what becomes of it, are the store's."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from ja_reset.errors import InvalidArgument
from ja_reset.stores import _columns as columns
from ja_reset.stores import _statements as statements
from ja_reset.stores._bodies import amended, audit_columns, encoded, found_under
from ja_reset.stores.rows import AUDIT, Amendment, Put, Row

_DROP_TERMS: Final = "DELETE FROM terms WHERE kind = ? AND key = ?"
_ADD_TERM: Final = (
    "INSERT INTO terms (kind, key, term, at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (kind, key, term) DO UPDATE SET at = excluded.at WHERE at <> excluded.at"
)
_ADD_AUDIT_TERM: Final = "INSERT INTO audit_terms (term, time, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_DROP_AUDIT_TERM: Final = "DELETE FROM audit_terms WHERE term = ? AND time = ? AND id = ?"
_PLACES: Final = ("id",)
_ROWS: Final = "CROSS JOIN rows r ON r.kind = t.kind AND r.key = t.key"
_RECORDS: Final = "CROSS JOIN audit a ON a.id = t.id"
"""A CROSS JOIN is one that SQLite does not turn round."""
_DIGITS: Final = 19


Change = tuple[str, tuple[object, ...], tuple[str, tuple[str, ...]] | None, Sequence[tuple[object, ...]]]
"""The statement of one change, its values, and what becomes of the row's terms.

First the statement that takes terms away, with its values (None if all stay as they are), then the values of each term
that the row has from now on. A statement that changes nothing, `EXISTS`, is met by no row.
"""


def said(put: Put) -> Change:
    """What one change says."""
    kind, key, expect, terms = put.kind, put.key, put.expect, put.terms
    if put.body is None:
        if expect is None:
            return statements.EXISTS, (kind, key), None, ()
        return statements.DELETE, (kind, key, expect), (_DROP_TERMS, (kind, key)), ()
    stamp, text, due = put.stamp or secrets.token_hex(8), encoded(put.body), put.due
    when = None if due is None else columns.microseconds(due)
    if terms is None:
        if expect is None:
            return statements.INSERT, (kind, key, stamp, text, put.tag, when, 0), None, ()
        return statements.UPDATE, (stamp, text, put.tag, when, kind, key, expect), None, ()
    at, ordered = columns.microseconds(put.at), sorted(terms)
    dropped = _dropping(len(ordered)), (kind, key, *ordered)
    added = [(kind, key, term, at) for term in ordered]
    if expect is None:
        return statements.INSERT, (kind, key, stamp, text, put.tag, when, at), dropped, added
    return statements.UPDATE_FOUND, (stamp, text, put.tag, when, at, kind, key, expect), dropped, added


@lru_cache(maxsize=32)
def _dropping(kept: int) -> str:
    """The statement that drops all terms of a row but that number of them."""
    return f"{_DROP_TERMS} AND term NOT IN ({', '.join('?' * kept)})" if kept else _DROP_TERMS


def made(connection: sqlite3.Connection, change: Change) -> bool:
    """Whether the expectation was met; then the change is made, with its terms.

    No cursor is kept: one with a statement would keep the connection open, for as long as a traceback has its frame.
    """
    statement, values, dropped, added = change
    if statement is statements.EXISTS:
        return connection.execute(statement, values).fetchone() is None
    if connection.execute(statement, values).rowcount != 1:
        return False
    if dropped is not None:
        connection.execute(*dropped)
        if added:
            connection.executemany(_ADD_TERM, added)
    return True


def record(given: Mapping[str, object]) -> tuple[tuple[object, ...], frozenset[str], int]:
    """An audit record as it is kept, its terms, and its time where it has any."""
    kept = audit_columns(given)
    terms, at = found_under(given)
    return kept, terms, 0 if at is None else columns.microseconds(at)


def add_audit(
    connection: sqlite3.Connection, records: Sequence[tuple[tuple[object, ...], frozenset[str], int]]
) -> None:
    """Add audit records, with their terms."""
    for values, terms, at in records:
        place = connection.execute(statements.ADD_AUDIT, values).lastrowid
        if terms:
            connection.executemany(_ADD_AUDIT_TERM, [(term, at, place) for term in sorted(terms)])


def amendment(change: Amendment) -> tuple[tuple[object, ...], Amendment, int]:
    """The values of one amendment, and its time."""
    before, _, after, at = amended(change)
    return (after, before, _place(change.row.key)), change, columns.microseconds(at)


def amend_audit(connection: sqlite3.Connection, changes: Sequence[tuple[tuple[object, ...], Amendment, int]]) -> None:
    """Change audit records that are as they were found."""
    for values, change, at in changes:
        if connection.execute(statements.AMEND_AUDIT, values).rowcount == 1:
            place = values[-1]
            connection.executemany(_DROP_AUDIT_TERM, [(term, at, place) for term in sorted(change.gone)])
            connection.executemany(_ADD_AUDIT_TERM, [(term, at, place) for term in sorted(change.terms)])


def page(*, tag: bool, due: bool, after: bool) -> str:
    """The statement of a scan; SQLite's planner has to be told that the tag's index is in the order of keys."""
    statement = statements.scan(tag=tag, due=due, after=after)
    return statement.replace("FROM rows", "FROM rows INDEXED BY rows_by_tag") if tag and not due else statement


def look_up(
    kind: str, term: str | None, since: datetime | None, until: datetime | None, before: Row | None
) -> tuple[str, list[object]]:
    """The statement of a find, and its values without the limit."""
    limits = {"since": since is not None, "until": until is not None, "before": before is not None}
    if kind == AUDIT:
        place = [] if before is None else [_place(before.key)]
        if term is None:
            return statements.find_unfiled_audit(_PLACES, before=before is not None), [*place]
        bounds = [columns.microseconds(each) for each in (since, until) if each is not None]
        after = [] if before is None else [columns.microseconds(before.at), *place]
        return statements.find_audit(_PLACES, _RECORDS, **limits), [term, *bounds, *after]
    values = columns.find_values(kind, term, since, until, before)
    statement = statements.find_unfiled(before=before is not None) if term is None else statements.find(_ROWS, **limits)
    statement = statement.replace("FROM rows r", "FROM rows r INDEXED BY rows_unfiled")
    # a body that is no UTF-8 comes as bytes, so that it is one damaged row and not an error of them all
    return statement.replace("r.body", "CAST(r.body AS BLOB)"), values


def found_row(kind: str, found: tuple[object, ...]) -> Row:
    """A row of what `look_up` finds."""
    if kind == AUDIT:
        at, place, text = found
        return columns.found(kind, f"{place:0{_DIGITS}d}", ("", text, "", None, at))
    key, *rest = found
    return columns.found(kind, str(key), rest)


def _place(key: str) -> int:
    if not key.isascii() or not key.isdigit():
        msg = "before must be a row that find gave"
        raise InvalidArgument(msg)
    return int(key)

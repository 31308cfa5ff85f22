"""What a store says to its database, in standard SQL with `?` for a value; written once for every database.

One table of rows, changed by conditional statements on a single row, so that the number of rows changed
tells whether the expectation held; and one table of audit records, only ever added to. Beside each stands a table of
terms, from which an index leads to it in the order of time. `due` and `at` are integers, microseconds since 1970 UTC.
Keys are ordered by code point (a database with another default orders by "C"). A row whose `at` is NULL was written by
a release without terms (0.1), which names no such column; one that was put without terms has 0.
"""

from __future__ import annotations

from typing import Final

GET: Final = "SELECT stamp, body, tag, due, at FROM rows WHERE kind = ? AND key = ?"
INSERT: Final = (
    "INSERT INTO rows (kind, key, stamp, body, tag, due, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (kind, key) DO NOTHING"
)
UPDATE: Final = "UPDATE rows SET stamp = ?, body = ?, tag = ?, due = ? WHERE kind = ? AND key = ? AND stamp = ?"
UPDATE_FOUND: Final = (
    "UPDATE rows SET stamp = ?, body = ?, tag = ?, due = ?, at = ? WHERE kind = ? AND key = ? AND stamp = ?"
)
DELETE: Final = "DELETE FROM rows WHERE kind = ? AND key = ? AND stamp = ?"
EXISTS: Final = "SELECT 1 FROM rows WHERE kind = ? AND key = ?"
AMEND_AUDIT: Final = "UPDATE audit SET body = ?, filed = 1 WHERE body = ? AND id = ?"
ADD_AUDIT: Final = "INSERT INTO audit (time, session, body, filed) VALUES (?, ?, ?, 1)"


def scan(*, tag: bool, due: bool, after: bool) -> str:
    """The page of a scan that is limited in these ways; the values follow in this order, then the limit.

    kind; tag; due; of the row before: its key, or (where *due*) its due and its key.
    """
    wheres = ["kind = ?"]
    if tag:
        wheres.append("tag = ?")
    if due:
        wheres.append("due <= ?")
    if after:
        wheres.append("(due, key) > (?, ?)" if due else "key > ?")
    order = "due, key" if due else "key"
    where = " AND ".join(wheres)
    return f"SELECT key, stamp, body, tag, due, at FROM rows WHERE {where} ORDER BY {order} LIMIT ?"  # noqa: S608 - only the words above


def audit(*, session: bool, limit: bool) -> str:
    """The audit records, newest first; the values are the session, then the limit."""
    where = " WHERE session = ?" if session else ""
    return f"SELECT body FROM audit{where} ORDER BY id DESC{' LIMIT ?' if limit else ''}"  # noqa: S608 - only the words above


def find(rows: str, *, since: bool, until: bool, before: bool) -> str:
    """The page of a find; the values follow in this order, then the limit.

    kind; term; since; until; of the row before: its at and its key. *rows* is how the database joins the rows, one for
    each term: its planner may not begin with them.
    """
    wheres = ["t.kind = ?", "t.term = ?", *_between("t.at", since=since, until=until)]
    if before:
        wheres.append("(t.at, t.key) < (?, ?)")
    return (
        f"SELECT r.key, r.stamp, r.body, r.tag, r.due, t.at FROM terms t {rows} WHERE {' AND '.join(wheres)}"  # noqa: S608 - only the words above
        " ORDER BY t.at DESC, t.key DESC LIMIT ?"
    )


def find_unfiled(*, before: bool) -> str:
    """The rows that a release without terms has written; the values are the kind, the key before, the limit."""
    where = " AND r.key < ?" if before else ""
    return (
        "SELECT r.key, r.stamp, r.body, r.tag, r.due, r.at FROM rows r WHERE r.kind = ? AND r.at IS NULL"  # noqa: S608 - only the words above
        f"{where} ORDER BY r.key DESC LIMIT ?"
    )


def find_audit(places: tuple[str, ...], records: str, *, since: bool, until: bool, before: bool) -> str:
    """As `find`, for audit records, joined as *records*; *places* are the columns that say where one stands."""
    wheres = ["t.term = ?", *_between("t.time", since=since, until=until)]
    order = ["t.time", *(f"t.{each}" for each in places)]
    if before:
        wheres.append(f"({', '.join(order)}) < ({', '.join('?' * len(order))})")
    return (
        f"SELECT {', '.join(order)}, a.body FROM audit_terms t {records} WHERE {' AND '.join(wheres)}"  # noqa: S608 - only the words above
        f" ORDER BY {', '.join(f'{each} DESC' for each in order)} LIMIT ?"
    )


def find_unfiled_audit(places: tuple[str, ...], *, before: bool) -> str:
    """The audit records that a release without terms has written, as `find_audit` gives them."""
    order = [f"a.{each}" for each in places]
    where = f" AND ({', '.join(order)}) < ({', '.join('?' * len(order))})" if before else ""
    return (
        f"SELECT NULL, {', '.join(order)}, a.body FROM audit a WHERE a.filed IS NULL{where}"  # noqa: S608 - only the words above
        f" ORDER BY {', '.join(f'{each} DESC' for each in order)} LIMIT ?"
    )


def _between(column: str, *, since: bool, until: bool) -> list[str]:
    return [f"{column} >= ?"] * since + [f"{column} <= ?"] * until

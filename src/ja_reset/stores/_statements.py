"""What a store says to its database, in standard SQL with `?` for a value; written once for every database.

One table of rows, changed by conditional statements on a single row, so that the number of rows changed
tells whether the expectation held; and one table of audit records, only ever added to. `due` is an integer,
microseconds since 1970 UTC. Keys are ordered by code point (a database with another default orders by "C").
"""

from __future__ import annotations

from typing import Final

GET: Final = "SELECT stamp, body, tag, due FROM rows WHERE kind = ? AND key = ?"
INSERT: Final = (
    "INSERT INTO rows (kind, key, stamp, body, tag, due) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind, key) DO NOTHING"
)
UPDATE: Final = "UPDATE rows SET stamp = ?, body = ?, tag = ?, due = ? WHERE kind = ? AND key = ? AND stamp = ?"
DELETE: Final = "DELETE FROM rows WHERE kind = ? AND key = ? AND stamp = ?"
EXISTS: Final = "SELECT 1 FROM rows WHERE kind = ? AND key = ?"
ADD_AUDIT: Final = "INSERT INTO audit (time, session, body) VALUES (?, ?, ?)"


def scan(*, tag: bool, due: bool, after: bool) -> str:
    """The page of a scan that is limited in these ways; the values follow in this order, then the limit.

    kind; tag; due; of the row before: its key, or (where *due*) its due and its key.
    """
    wheres = ["kind = ?"]
    if tag:
        wheres.append("tag = ?")
    if due:
        wheres.append("due <= ?")
    elif tag and not after:
        # says nothing, but lets SQLite's planner see that the tag's index is in the order of keys
        wheres.append("key >= ''")
    if after:
        wheres.append("(due, key) > (?, ?)" if due else "key > ?")
    order = "due, key" if due else "key"
    where = " AND ".join(wheres)
    return f"SELECT key, stamp, body, tag, due FROM rows WHERE {where} ORDER BY {order} LIMIT ?"  # noqa: S608 - only the words above


def audit(*, session: bool, limit: bool) -> str:
    """The audit records, newest first; the values are the session, then the limit."""
    where = " WHERE session = ?" if session else ""
    return f"SELECT body FROM audit{where} ORDER BY id DESC{' LIMIT ?' if limit else ''}"  # noqa: S608 - only the words above

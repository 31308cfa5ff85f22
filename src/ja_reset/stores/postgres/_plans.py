"""The statements of each method for PostgreSQL, as generators: written once, driven with and without await.

Every method is one batch of statements, so one exchange with the server. Every statement that changes a row names it by
its whole key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import psycopg

from ja_reset.errors import InvalidArgument
from ja_reset.stores import _columns as columns
from ja_reset.stores import _statements as statements
from ja_reset.stores._bodies import amended
from ja_reset.stores._pages import find_bounds, page_bounds
from ja_reset.stores.postgres._commits import Commits, session_kept
from ja_reset.stores.postgres._said import Plan, Said
from ja_reset.stores.rows import AUDIT, Amendment, Row, are_names, is_name, newest

_TABLE: Final = re.compile(r"\b(INTO|UPDATE|FROM|JOIN) (rows|audit|terms|audit_terms)\b")
_GET_MANY: Final = (
    "SELECT w.n, r.kind, r.key, r.stamp, r.body, r.tag, r.due, r.at"
    " FROM unnest(?::text[], ?::text[]) WITH ORDINALITY w(kind, key, n)"
    " JOIN rows r ON r.kind = w.kind AND r.key = w.key"
)
_AMENDED: Final = (
    "WITH put AS (UPDATE audit SET body = ?, filed = 1"
    " WHERE body = ? AND session = ? AND at = ? AND n = ? AND id = ? RETURNING session, at, n, id), gone AS ("
    "DELETE FROM audit_terms t USING put"
    " WHERE t.term = ANY(?::text[]) AND t.time = ? AND t.at = put.at AND t.n = put.n AND t.id = put.id"
    "), new AS ("
    "INSERT INTO audit_terms (term, time, at, n, id, session)"
    " SELECT term, ?::bigint, put.at, put.n, put.id, put.session FROM put, unnest(?::text[]) term"
    " ON CONFLICT DO NOTHING"
    ") SELECT 1 FROM put"
)
_PLACES: Final = ("at", "n", "id")
_EACH: Final = "CROSS JOIN LATERAL (SELECT * FROM {} OFFSET 0) {}"
_ROWS: Final = _EACH.format("rows r WHERE r.kind = t.kind AND r.key = t.key", "r")
_RECORDS: Final = _EACH.format("audit a WHERE a.session = t.session AND a.at = t.at AND a.n = t.n AND a.id = t.id", "a")
"""OFFSET 0 keeps the planner from guessing how few rows of the two tables fit together, and sorting them."""


class Plans:
    """The plans over the tables in *schema*; *place* is what a damaged row's error calls the database."""

    def __init__(self, schema: str, place: str) -> None:
        self._schema = schema
        self._place = place
        self._get = self._here(statements.GET)
        self._get_many = self._here(_GET_MANY)
        self._amended = self._here(_AMENDED)
        self.commit = Commits(self._here, place).commit

    def get(self, kind: str, key: str) -> Plan[Row | None]:
        """See Store.get."""
        if not are_names((kind, key)):
            return None
        [found] = yield [Said(self._get, (kind, key))]
        return columns.row(kind, key, found.rows[0], self._place) if found.rows else None

    def get_many(self, names: Sequence[tuple[str, str]]) -> Plan[list[Row | None]]:
        """See Store.get_many."""
        found: list[Row | None] = [None] * len(names)
        asked = [(place, *name) for place, name in enumerate(names) if are_names(name)]
        if asked:
            kinds, keys = [kind for _, kind, _ in asked], [key for _, _, key in asked]
            [answer] = yield [Said(self._get_many, (kinds, keys))]
            for n, kind, key, *rest in answer.rows:
                place = asked[int(str(n)) - 1][0]
                found[place] = columns.row(str(kind), str(key), rest, self._place)
        return found

    def scan(self, kind: str, tag: str | None, due: datetime | None, after: Row | None, limit: int) -> Plan[list[Row]]:
        """See Store.scan."""
        until = page_bounds(due, after, limit)
        values = columns.scan_values(kind, tag, until, after)
        if not are_names(value for value in values if not isinstance(value, int)):
            return []
        statement = statements.scan(tag=tag is not None, due=until is not None, after=after is not None)
        [found] = yield [Said(self._here(statement), (*values, min(limit, columns.MOST)))]
        return [columns.row(kind, str(key), rest, self._place) for key, *rest in found.rows]

    def audit(self, session: str | None, limit: int | None) -> Plan[list[dict[str, object]]]:
        """See Store.audit."""
        count = newest(limit)
        if session is not None and not is_name(session):
            return []
        values: list[object] = [] if session is None else [session_kept(session)]
        if count is not None:
            values.append(min(count, columns.MOST))
        statement = statements.audit(session=session is not None, limit=count is not None)
        statement = statement.replace("ORDER BY id DESC", "ORDER BY at DESC, n DESC, id DESC")
        [found] = yield [Said(self._here(statement), tuple(values))]
        return [columns.whole(text, "an audit record", self._place) for (text,) in reversed(found.rows)]

    def find(
        self,
        kind: str,
        term: str | None,
        *,
        since: datetime | None,
        until: datetime | None,
        before: Row | None,
        limit: int,
    ) -> Plan[list[Row]]:
        """See Store.find."""
        since, until = find_bounds(term, since, until, before, limit)
        if not are_names((kind, term or "", before.key if before else "")):
            return []
        statement, values = _looked_up(kind, term, since, until, before)
        [answer] = yield [Said(self._here(statement), (*values, min(limit, columns.MOST)))]
        if kind != AUDIT:
            return [columns.found(kind, str(key), rest) for key, *rest in answer.rows]
        return [
            columns.found(kind, f"{at}.{n}.{name}", ("", text, "", None, time))
            for time, at, n, name, text in answer.rows
        ]

    def amend(self, changes: Sequence[Amendment]) -> Plan[None]:
        """See Store.amend."""
        asked = [self._amendment(each) for each in sorted(changes, key=lambda each: each.row.key)]
        while asked:
            try:
                yield asked
            except psycopg.Error:  # what was changed already is no longer as it was found, and stays as it is
                continue
            return

    def _here(self, statement: str) -> str:
        """*statement* over the tables in the schema, with the driver's sign for a value."""
        return _TABLE.sub(rf'\1 "{self._schema}".\2', statement).replace("?", "%s")

    def _amendment(self, change: Amendment) -> Said:
        before, session, after, at = amended(change)
        time = columns.microseconds(at)
        names = (after, before, session_kept(session), *_read_place(change.row.key))
        return Said(self._amended, (*names, sorted(change.gone), time, time, sorted(change.terms)))


def _looked_up(
    kind: str, term: str | None, since: datetime | None, until: datetime | None, before: Row | None
) -> tuple[str, list[object]]:
    """The statement of a find, and its values without the limit."""
    limits = {"since": since is not None, "until": until is not None, "before": before is not None}
    if kind != AUDIT:
        values = columns.find_values(kind, term, since, until, before)
        return statements.find_unfiled(before=before is not None) if term is None else statements.find(
            _ROWS, **limits
        ), values
    place = [] if before is None else _read_place(before.key)
    if term is None:
        return statements.find_unfiled_audit(_PLACES, before=before is not None), place
    bounds = [columns.microseconds(each) for each in (since, until) if each is not None]
    after = [] if before is None else [columns.microseconds(before.at), *place]
    return statements.find_audit(_PLACES, _RECORDS, **limits), [term, *bounds, *after]


def _read_place(key: str) -> list[object]:
    """Where an audit record stands: the server's time, the number within its commit, and its name."""
    at, n, name = (*key.split("."), "", "")[:3]
    if not (at.isascii() and at.isdigit() and n.isascii() and n.isdigit() and max(int(at), int(n)) <= columns.MOST):
        msg = "before must be a row that find gave"
        raise InvalidArgument(msg)
    return [int(at), int(n), name]

"""The statements of each method for PostgreSQL, as generators: written once, driven with and without await.

A plan yields a batch of statements and receives their answers. A batch is sent at once, so a commit of any number of
rows costs two exchanges: the changes, in the order of their keys (so that commits do not deadlock), and COMMIT or
ROLLBACK. A single statement is its own transaction. Every statement names one row by its whole key.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Generator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, TypeVar

from ja_reset.errors import InvalidArgument
from ja_reset.stores import _columns as columns
from ja_reset.stores import _statements as statements
from ja_reset.stores._bodies import amended, audit_columns, encoded, found_under, no_row_twice
from ja_reset.stores._pages import find_bounds, page_bounds
from ja_reset.stores.rows import AUDIT, Amendment, Put, Row, is_name, newest

T = TypeVar("T")


class Said(NamedTuple):
    """A statement and its values; a tuple, as one is made for each statement of each turn."""

    statement: str
    values: tuple[object, ...] = ()

    def __repr__(self) -> str:
        return f"Said({self.statement!r})"


class Answer(NamedTuple):
    """How many rows a statement changed or found, the rows, and the word that the server says for what it did."""

    changed: int
    rows: Sequence[tuple[object, ...]] = ()
    word: bytes = b""

    def __repr__(self) -> str:
        return f"Answer({self.changed})"


Plan = Generator[Sequence[Said], Sequence[Answer], T]

COMMIT: Final = Said("COMMIT")
"""Once this is under way nobody knows whether the change is kept, until the server has answered."""

_BEGIN: Final = Said("BEGIN ISOLATION LEVEL READ COMMITTED")
_ROLLBACK: Final = Said("ROLLBACK")
_TABLE: Final = re.compile(r"\b(INTO|UPDATE|FROM|JOIN) (rows|audit|terms|audit_terms)\b")
_FILED: Final = (
    "WITH put AS ({} RETURNING kind, key, at), gone AS ("
    "DELETE FROM terms t USING put WHERE t.kind = put.kind AND t.key = put.key AND t.term <> ALL(?::text[])"
    "), new AS ("
    "INSERT INTO terms (kind, key, term, at)"
    " SELECT put.kind, put.key, term, put.at FROM put, unnest(?::text[]) term"
    " ON CONFLICT (kind, key, term) DO UPDATE SET at = excluded.at WHERE terms.at <> excluded.at"
    ") SELECT 1 FROM put"
)
"""A change of a row, and of its terms if it is made: one statement, which finds one row where it is."""

_DELETED: Final = (
    "WITH gone AS ({} RETURNING kind, key), unfiled AS ("
    "DELETE FROM terms t USING gone WHERE t.kind = gone.kind AND t.key = gone.key"
    ") SELECT 1 FROM gone"
)
_GET_MANY: Final = (
    "SELECT w.n, r.kind, r.key, r.stamp, r.body, r.tag, r.due, r.at"
    " FROM unnest(?::text[], ?::text[]) WITH ORDINALITY w(kind, key, n)"
    " JOIN rows r ON r.kind = w.kind AND r.key = w.key"
)
_ADD_AUDIT: Final = "INSERT INTO audit (session, n, id, time, body, filed) VALUES (?, ?, ?, ?, ?, 1)"
_FILED_AUDIT: Final = (
    f"WITH put AS ({_ADD_AUDIT} RETURNING session, at, n, id), new AS ("  # noqa: S608 - our own words
    "INSERT INTO audit_terms (term, time, at, n, id, session)"
    " SELECT term, ?, put.at, put.n, put.id, put.session FROM put, unnest(?::text[]) term"
    ") SELECT 1 FROM put"
)
_AMENDED: Final = (
    "WITH put AS (UPDATE audit SET body = ?, filed = 1"
    " WHERE body = ? AND session = ? AND at = ? AND n = ? AND id = ? RETURNING session, at, n, id), gone AS ("
    "DELETE FROM audit_terms t USING put"
    " WHERE t.term = ANY(?::text[]) AND t.time = ? AND t.at = put.at AND t.n = put.n AND t.id = put.id"
    "), new AS ("
    "INSERT INTO audit_terms (term, time, at, n, id, session)"
    " SELECT term, ?, put.at, put.n, put.id, put.session FROM put, unnest(?::text[]) term ON CONFLICT DO NOTHING"
    ") SELECT 1 FROM put"
)
_PLACES: Final = ("at", "n", "id")
_EACH: Final = "CROSS JOIN LATERAL (SELECT * FROM {} OFFSET 0) {}"
_ROWS: Final = _EACH.format("rows r WHERE r.kind = t.kind AND r.key = t.key", "r")
_RECORDS: Final = _EACH.format("audit a WHERE a.session = t.session AND a.at = t.at AND a.n = t.n AND a.id = t.id", "a")
"""OFFSET 0 keeps the planner from guessing how few rows of the two tables fit together, and sorting them."""


def is_kept(answer: Answer) -> bool:
    """Whether that was the answer to a COMMIT which committed; in a transaction that failed it says ROLLBACK."""
    return answer.word == b"COMMIT"


class Plans:
    """The plans over the tables in *schema*; *place* is what a damaged row's error calls the database."""

    def __init__(self, schema: str, place: str) -> None:
        self._schema = schema
        self._place = place
        self._get = self._here(statements.GET)
        self._insert = self._here(statements.INSERT)
        self._update = self._here(statements.UPDATE)
        self._delete = self._here(statements.DELETE)
        self._insert_filed = self._here(_FILED.format(statements.INSERT))
        self._update_filed = self._here(_FILED.format(statements.UPDATE_FOUND))
        self._delete_filed = self._here(_DELETED.format(statements.DELETE))
        self._get_many = self._here(_GET_MANY)
        self._add_audit = self._here(_ADD_AUDIT)
        self._add_filed_audit = self._here(_FILED_AUDIT)
        self._amended = self._here(_AMENDED)

    def get(self, kind: str, key: str) -> Plan[Row | None]:
        """See Store.get."""
        if not is_name(kind) or not is_name(key):
            return None
        [found] = yield [Said(self._get, (kind, key))]
        return columns.row(kind, key, found.rows[0], self._place) if found.rows else None

    def get_many(self, names: Sequence[tuple[str, str]]) -> Plan[list[Row | None]]:
        """See Store.get_many."""
        found: list[Row | None] = [None] * len(names)
        asked = [(place, *name) for place, name in enumerate(names) if all(map(is_name, name))]
        if asked:
            kinds, keys = [kind for _, kind, _ in asked], [key for _, _, key in asked]
            [answer] = yield [Said(self._get_many, (kinds, keys))]
            for n, kind, key, *rest in answer.rows:
                place = asked[int(str(n)) - 1][0]
                found[place] = columns.row(str(kind), str(key), rest, self._place)
        return found

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]]) -> Plan[bool]:
        """See Store.commit."""
        no_row_twice(puts)
        changes = [said for put in sorted(puts, key=lambda put: (put.kind, put.key)) for said in self._change(put)]
        records = [self._record(number, record) for number, record in enumerate(audit)]
        if not changes and not records:
            return True
        if len(changes) + len(records) == 1:
            [answer] = yield [*changes, *records]
            return answer.changed == 1
        answers = yield [_BEGIN, *changes, *records]
        kept = all(answer.changed == 1 for answer in answers[1:])
        [end] = yield [COMMIT if kept else _ROLLBACK]
        return kept and is_kept(end)

    def scan(self, kind: str, tag: str | None, due: datetime | None, after: Row | None, limit: int) -> Plan[list[Row]]:
        """See Store.scan."""
        until = page_bounds(due, after, limit)
        values = columns.scan_values(kind, tag, until, after)
        if not all(is_name(value) for value in values if not isinstance(value, int)):
            return []
        statement = statements.scan(tag=tag is not None, due=until is not None, after=after is not None)
        [found] = yield [Said(self._here(statement), (*values, min(limit, columns.MOST)))]
        return [columns.row(kind, str(key), rest, self._place) for key, *rest in found.rows]

    def audit(self, session: str | None, limit: int | None) -> Plan[list[dict[str, object]]]:
        """See Store.audit."""
        count = newest(limit)
        if session is not None and not is_name(session):
            return []
        values: list[object] = [] if session is None else [_of(session)]
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
        if not all(is_name(value) for value in (kind, term or "", before.key if before else "")):
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
        if len(asked) == 1:
            yield asked
        elif asked:
            yield [_BEGIN, *asked]
            yield [COMMIT]

    def _here(self, statement: str) -> str:
        """*statement* over the tables in the schema, with the driver's sign for a value."""
        return _TABLE.sub(rf'\1 "{self._schema}".\2', statement).replace("?", "%s")

    def _change(self, put: Put) -> list[Said]:
        """The statements of one change; each has to find, or make, one row."""
        if put.body is None and put.expect is not None:
            return [Said(self._delete_filed, (put.kind, put.key, put.expect))]
        stamp, text = put.stamp or secrets.token_hex(8), encoded(put.body or {})
        due = None if put.due is None else columns.microseconds(put.due)
        at, terms = columns.microseconds(put.at), None if put.terms is None else sorted(put.terms)
        if put.expect is not None:
            name = (put.kind, put.key, put.expect)
            if terms is None:
                return [Said(self._update, (stamp, text, put.tag, due, *name))]
            return [Said(self._update_filed, (stamp, text, put.tag, due, at, *name, terms, terms))]
        row = (put.kind, put.key, stamp, text, put.tag, due, at)
        if terms is not None:
            return [Said(self._insert_filed, (*row, terms, terms))]
        insert = Said(self._insert, row)
        if put.body is not None:
            return [insert]
        # a look would not keep others from making the row before this commit is over; making it does
        return [insert, Said(self._delete, (put.kind, put.key, stamp))]

    def _record(self, number: int, record: Mapping[str, object]) -> Said:
        (time, session, text), (terms, at) = audit_columns(record), found_under(record)
        values = (_of(session), number, secrets.token_hex(8), time, text)
        if not terms:
            return Said(self._add_audit, values)
        return Said(self._add_filed_audit, (*values, columns.microseconds(at), sorted(terms)))

    def _amendment(self, change: Amendment) -> Said:
        before, session, after, at = amended(change)
        time = columns.microseconds(at)
        names = (after, before, _of(session), *_read_place(change.row.key))
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


def _of(session: str | None) -> str:
    """How an audit record's session is kept, as a primary key has no NULL: "" is that of none."""
    if session is None:
        return ""
    return session if session.strip(" ") else session + " "

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

from ja_reset.stores import _columns as columns
from ja_reset.stores import _statements as statements
from ja_reset.stores.rows import Put, Row, audit_columns, encoded, is_name, newest, no_row_twice, page_bounds

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
_TABLE: Final = re.compile(r"\b(INTO|UPDATE|FROM) (rows|audit)\b")


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
        self._add_audit = self._here("INSERT INTO audit (session, n, id, time, body) VALUES (?, ?, ?, ?, ?)")

    def get(self, kind: str, key: str) -> Plan[Row | None]:
        """See Store.get."""
        if not is_name(kind) or not is_name(key):
            return None
        [found] = yield [Said(self._get, (kind, key))]
        return columns.row(kind, key, found.rows[0], self._place) if found.rows else None

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

    def _here(self, statement: str) -> str:
        """*statement* over the tables in the schema, with the driver's sign for a value."""
        return _TABLE.sub(rf'\1 "{self._schema}".\2', statement).replace("?", "%s")

    def _change(self, put: Put) -> list[Said]:
        """The statements of one change; each has to find, or make, one row."""
        stamp = secrets.token_hex(8)
        if put.body is None and put.expect is not None:
            return [Said(self._delete, (put.kind, put.key, put.expect))]
        text = encoded(put.body or {})
        due = None if put.due is None else columns.microseconds(put.due)
        if put.expect is not None:
            return [Said(self._update, (stamp, text, put.tag, due, put.kind, put.key, put.expect))]
        insert = Said(self._insert, (put.kind, put.key, stamp, text, put.tag, due))
        if put.body is not None:
            return [insert]
        # a look would not keep others from making the row before this commit is over; making it does
        return [insert, Said(self._delete, (put.kind, put.key, stamp))]

    def _record(self, number: int, record: Mapping[str, object]) -> Said:
        time, session, text = audit_columns(record)
        return Said(self._add_audit, (_of(session), number, secrets.token_hex(8), time, text))


def _of(session: str | None) -> str:
    """How an audit record's session is kept, as a primary key has no NULL: "" is that of none."""
    if session is None:
        return ""
    return session if session.strip(" ") else session + " "

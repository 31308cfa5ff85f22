"""The plan of a commit: one exchange, in which the server itself checks what is expected.

Each change is one statement, in the order of the keys, so that commits do not deadlock. One that does not find its row
fails, and the whole batch with it (see `_said.checked`): the commit is False. If the connection breaks before the
answer is there, nobody knows whether the commit was made. Then it is said once more on another connection, with the
same stamps. Each is used once, so what was made is not made twice: a change that names a stamp fails if it was
made, and the stamps in the rows then tell by whom.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import psycopg

from ja_reset.errors import StoreError
from ja_reset.stores import _columns as columns
from ja_reset.stores import _statements as statements
from ja_reset.stores._bodies import audit_columns, encoded, found_under, no_row_twice
from ja_reset.stores.postgres._said import CHECK, Plan, Said, checked
from ja_reset.stores.postgres._trouble import NOT_KNOWN, is_broken
from ja_reset.stores.rows import Put

_FILED: Final = (
    "WITH put AS ({CHANGE} RETURNING kind, key, at), gone AS ("
    "DELETE FROM terms t USING put WHERE t.kind = put.kind AND t.key = put.key AND t.term <> ALL(?::text[])"
    "), new AS ("
    "INSERT INTO terms (kind, key, term, at)"
    " SELECT put.kind, put.key, term, put.at FROM put, unnest(?::text[]) term"
    " ON CONFLICT (kind, key, term) DO UPDATE SET at = excluded.at WHERE terms.at <> excluded.at"
    ") {CHECK}"
)
"""A change of a row, and of its terms."""

_DELETED: Final = (
    "WITH put AS ({CHANGE} RETURNING kind, key), unfiled AS ("
    "DELETE FROM terms t USING put WHERE t.kind = put.kind AND t.key = put.key"
    ") {CHECK}"
)
_ADD_AUDIT: Final = "INSERT INTO audit (session, n, id, time, body, filed) VALUES (?, ?, ?, ?, ?, 1)"
_FILED_AUDIT: Final = (
    f"WITH put AS ({_ADD_AUDIT} RETURNING session, at, n, id), new AS ("  # noqa: S608 - our own words
    "INSERT INTO audit_terms (term, time, at, n, id, session)"
    " SELECT term, ?::bigint, put.at, put.n, put.id, put.session FROM put, unnest(?::text[]) term"
    ") SELECT 1 FROM put"
)
_LOOK: Final = (
    "SELECT 1 FROM unnest(?::text[], ?::text[], ?::text[]) w(kind, key, stamp)"
    " JOIN rows r ON r.kind = w.kind AND r.key = w.key AND r.stamp = w.stamp LIMIT 1"
)
"""Whether a row has the stamp that the commit brings."""


class Commits:
    """The commits of a store; *here* puts a statement over its tables, *place* is what errors call the database."""

    def __init__(self, here: Callable[[str], str], place: str) -> None:
        self._place = place
        self._insert = here(checked(f"{statements.INSERT} RETURNING 1"))
        self._update = here(checked(f"{statements.UPDATE} RETURNING 1"))
        self._insert_filed = here(_FILED.format(CHECK=CHECK, CHANGE=statements.INSERT))
        self._update_filed = here(_FILED.format(CHECK=CHECK, CHANGE=statements.UPDATE_FOUND))
        self._delete = here(_DELETED.format(CHANGE=statements.DELETE, CHECK=CHECK))
        self._add_audit = here(_ADD_AUDIT)
        self._add_filed_audit = here(_FILED_AUDIT)
        self._look = here(_LOOK)

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]]) -> Plan[bool]:
        """See Store.commit."""
        no_row_twice(puts)
        batch, made = [], []
        for put in sorted(puts, key=lambda put: (put.kind, put.key)) if len(puts) > 1 else puts:
            stamp = put.stamp or secrets.token_hex(8)
            batch += self._change(put, stamp)
            if put.body is not None:
                made.append((put.kind, put.key, stamp))
        batch += [self._record(number, record) for number, record in enumerate(audit)]
        if not batch:
            return True
        in_doubt = False
        while True:
            try:
                done: object = yield batch
            except psycopg.Error as error:
                in_doubt = in_doubt or is_broken(error)
                if not in_doubt or any(put.expect is not None for put in puts):
                    continue
                done = None  # it could be made twice: a row that it made may have been deleted since
            if done or not in_doubt:
                return bool(done)
            return (yield from self._was_made(made))

    def _was_made(self, made: Sequence[tuple[str, str, str]]) -> Plan[bool]:
        """Whether a commit of which no answer came has left these stamps; raises StoreError if that does not show."""
        while made:
            try:
                [found] = yield [Said(self._look, tuple(map(list, zip(*made, strict=True))))]
            except psycopg.Error:
                continue
            if found.rows:
                return True
            break
        msg = f"{self._place}: the connection broke{NOT_KNOWN}"
        raise StoreError(msg)

    def _change(self, put: Put, stamp: str) -> list[Said]:
        """The statements of one change."""
        if put.body is None and put.expect is not None:
            return [Said(self._delete, (put.kind, put.key, put.expect))]
        text = encoded(put.body or {})
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
        values = (session_kept(session), number, secrets.token_hex(8), time, text)
        if not terms:
            return Said(self._add_audit, values)
        return Said(self._add_filed_audit, (*values, columns.microseconds(at), sorted(terms)))


def session_kept(session: str | None) -> str:
    """How an audit record's session is kept, as a primary key has no NULL: "" is that of none."""
    if session is None:
        return ""
    return session if session.strip(" ") else session + " "

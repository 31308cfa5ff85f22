"""What every store keeps: versioned rows, changed only by compare-and-swap, and audit records.

A row is a JSON object under a kind and a key. A change names the stamp that was read, and brings a new one that was
never used before, so that a row which was deleted and created again is not mistaken for the old one. Several changes
and their audit records are one commit: all or none.

Rows and audit records can be found by terms: short texts like `state:BIM015`, each in an index with the row's time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import attrs

from ja_reset.bank._values import aware_utc, can_be_stored
from ja_reset.errors import InvalidArgument
from ja_reset.secret import shown

AUDIT: Final = "audit"
"""The kind under which audit records are found; no row has it."""


def _in_utc(row: Row | Put) -> None:
    """Have the times of a row in UTC; raises InvalidArgument for what is no aware datetime."""
    due, at = row.due, row.at
    if due is not None and (type(due) is not datetime or due.tzinfo is not UTC):
        object.__setattr__(row, "due", aware_utc(due, "due"))
    if at is not None and (type(at) is not datetime or at.tzinfo is not UTC):
        object.__setattr__(row, "at", aware_utc(at, "at"))


def _terms(value: object) -> frozenset[str] | None:
    if value is None or (type(value) is frozenset and are_names(value)):
        return value
    if isinstance(value, str) or not isinstance(value, Iterable):
        msg = f"terms must be a set of str or None, not {type(value).__name__}"
        raise InvalidArgument(msg)
    if not are_names(terms := frozenset(value)):
        msg = "each of the terms must be text that UTF-8 can encode, without NUL"
        raise InvalidArgument(msg)
    return terms


def _some_terms(value: object) -> frozenset[str]:
    return _terms(value) or frozenset()


@attrs.frozen
class Row:
    """What a store holds under *kind* and *key*.

    `body` is a JSON object, the reader's own copy. `tag` groups rows of a kind (by state, for example). `due` is the
    aware UTC time, to the microsecond, at which the maintenance calls look at the row. `at` is the time by which the
    row is found; None if it was put without terms. `damaged`: only `find` gives such a row, with an empty body.
    """

    __repr__ = shown

    kind: str
    key: str
    stamp: str
    body: Mapping[str, object] = attrs.field(hash=False, repr=False)
    tag: str = ""
    due: datetime | None = None
    at: datetime | None = None
    damaged: bool = False
    __attrs_post_init__ = _in_utc


@attrs.frozen
class Put:
    """One conditional change of one row.

    `expect=None`: the row must not exist; otherwise its stamp must be this one. `body=None` deletes the row (with
    `expect=None` it writes nothing, and only asserts that the row does not exist). Names are text that UTF-8 can
    encode, without NUL, because every database can store that.

    `stamp` is the row's new stamp, which its writer never uses twice; None: the store chooses one. `terms`: what the
    row is found under from now on, at the time `at`; None: both stay as they are (a new row then has none). A deleted
    row has no terms any more.
    """

    __repr__ = shown

    kind: str
    key: str
    expect: str | None
    body: Mapping[str, object] | None = attrs.field(hash=False, repr=False)
    tag: str = ""
    due: datetime | None = None
    stamp: str | None = attrs.field(default=None, kw_only=True)
    at: datetime | None = attrs.field(default=None, kw_only=True)
    terms: frozenset[str] | None = attrs.field(default=None, converter=_terms, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _in_utc(self)
        expect, body, stamp, terms = self.expect, self.body, self.stamp, self.terms
        optional = "" if expect is None else expect, "" if stamp is None else stamp
        if not are_names((self.kind, self.key, self.tag, *optional)):
            self._complain()
        if type(body) is not dict and body is not None and not isinstance(body, Mapping):
            msg = f"Put.body must be a mapping or None, not {type(body).__name__}"
            raise InvalidArgument(msg)
        if self.kind == AUDIT:
            msg = f"Put.kind must not be {AUDIT!r}: audit records are not put, but given to commit beside the puts"
            raise InvalidArgument(msg)
        if stamp is not None and stamp == expect:
            msg = "Put.stamp must be a new stamp, not the one that is expected"
            raise InvalidArgument(msg)
        if (terms is None) is not (self.at is None) or (terms is not None and body is None):
            msg = "Put.terms and Put.at are given together, and with a body"
            raise InvalidArgument(msg)

    def _complain(self) -> None:
        """Raise InvalidArgument for the name that is none."""
        optional = [field for field in ("expect", "stamp") if getattr(self, field) is not None]
        wrong = next(field for field in ("kind", "key", "tag", *optional) if not is_name(getattr(self, field)))
        value, what = getattr(self, wrong), "text that UTF-8 can encode, without NUL"
        msg = f"Put.{wrong} must be {what if isinstance(value, str) else f'a str, not {type(value).__name__}'}"
        raise InvalidArgument(msg)


@attrs.frozen(eq=False, repr=False)
class Record(Mapping[str, object]):
    """An audit record with the terms that it is found under, at its `time`; a plain mapping is one without terms."""

    body: Mapping[str, object]
    terms: frozenset[str] = attrs.field(converter=_some_terms)

    def __getitem__(self, name: str) -> object:
        return self.body[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.body)

    def __len__(self) -> int:
        return len(self.body)


@attrs.frozen
class Amendment:
    """A change of one audit record, which `find` gave in *row*: its body is *body* from then on.

    Its `time` and `session` stay as they are. It is not found under the terms in *gone* any more, and under *terms* it
    is; under all others as before.
    """

    __repr__ = shown

    row: Row
    body: Mapping[str, object] = attrs.field(hash=False, repr=False)
    gone: frozenset[str] = attrs.field(default=frozenset(), converter=_some_terms)
    terms: frozenset[str] = attrs.field(default=frozenset(), converter=_some_terms)


class Store(Protocol):
    """Where rows and audit records are stored; every method may raise StoreError.

    `persistent`: whether the rows outlive the process. A StoreError leaves nothing half-written, and the store works
    again when its cause is gone. Any number of threads may use one store. A store whose server has a clock may also
    have a method `now()`: the server's time, an aware datetime in UTC (from an AsyncStore also an awaitable of one).
    """

    @property
    def persistent(self) -> bool:
        """Whether the rows outlive the process."""

    def get(self, kind: str, key: str) -> Row | None:
        """The row, or None; a name that no row can have (see Put) gives None."""

    def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        """The rows of these kinds and keys, each as `get` gives it, in this order and all as of one moment."""

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """Make all the changes and write all the audit records, or nothing.

        Returns False if any expectation fails. Raises InvalidArgument, before anything is written, for a row named
        twice, a body that is not plain JSON, or an audit record without `time` (str) and `session` (str or None). The
        `time` of a `Record` is an aware time in ISO 8601.
        """

    def scan(
        self,
        kind: str,
        *,
        tag: str | None = None,
        due: datetime | None = None,
        after: Row | None = None,
        limit: int = 500,
    ) -> list[Row]:
        """A page of the rows of *kind*, if given with that tag, and due at *due* or before.

        Ordered by (due, key) if *due* is given, otherwise by key, in the order of code points. `after` is the last row
        of the page before, whether it still exists or not.
        """

    def audit(self, *, session: str | None = None, limit: int | None = None) -> list[dict[str, object]]:
        """The audit records (of one session), oldest first; *limit* selects the newest."""

    def find(
        self,
        kind: str,
        term: str | None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        before: Row | None = None,
        limit: int = 50,
    ) -> list[Row]:
        """A page of the rows of *kind* with that term, newest first: by (at, key), from the last to the first.

        *since* and *until* (both included) are times of `at`. `before` is the last row of the page before, whether it
        still exists or not. A row that is damaged is given as such. The term None finds what a release without terms
        has written (0.1): by key, without *since* and *until*. With the kind `audit` it finds audit records: each in a
        row whose body it is, with a key that says only where it stands.
        """

    def amend(self, changes: Sequence[Amendment]) -> None:
        """Change audit records, all at once; one that is no longer as it was found stays as it is.

        Raises InvalidArgument, before anything is written, where `time` or `session` would change.
        """

    def close(self) -> None:
        """Close the store; afterwards every other method raises StoreError. May be called again."""


class AsyncStore(Protocol):
    """A Store whose methods are awaited; `ja_reset.stores.threaded` makes one of any Store."""

    @property
    def persistent(self) -> bool:
        """Whether the rows outlive the process."""

    def get(self, kind: str, key: str) -> Awaitable[Row | None]:
        """As Store.get."""

    def get_many(self, names: Sequence[tuple[str, str]]) -> Awaitable[list[Row | None]]:
        """As Store.get_many."""

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> Awaitable[bool]:
        """As Store.commit; a commit whose waiter was cancelled may still take place."""

    def scan(
        self,
        kind: str,
        *,
        tag: str | None = None,
        due: datetime | None = None,
        after: Row | None = None,
        limit: int = 500,
    ) -> Awaitable[list[Row]]:
        """As Store.scan."""

    def audit(self, *, session: str | None = None, limit: int | None = None) -> Awaitable[list[dict[str, object]]]:
        """As Store.audit."""

    def find(
        self,
        kind: str,
        term: str | None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        before: Row | None = None,
        limit: int = 50,
    ) -> Awaitable[list[Row]]:
        """As Store.find."""

    def amend(self, changes: Sequence[Amendment]) -> Awaitable[None]:
        """As Store.amend."""

    def close(self) -> Awaitable[None]:
        """As Store.close."""


def is_name(value: object) -> bool:
    """Whether *value* can name a row in every database: a str that UTF-8 can encode, without NUL."""
    return isinstance(value, str) and can_be_stored(value)


def are_names(values: Iterable[Any]) -> bool:
    """Whether each of *values* can name a row, as `is_name` says it: looked at in one go."""
    try:
        return can_be_stored("".join(values))
    except TypeError:  # one is no str
        return False


def newest(limit: object) -> int | None:
    """Check how many records are asked for. Raises InvalidArgument."""
    if limit is None:
        return None
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        msg = "limit must be an int of at least 1, or None"
        raise InvalidArgument(msg)
    return limit

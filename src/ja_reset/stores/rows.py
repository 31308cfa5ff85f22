"""What every store keeps: versioned rows, changed only by compare-and-swap, and audit records.

A row is a JSON object under a kind and a key. A change names the stamp that was read. The store gives every written row
a new stamp that was never used before, so that a row which was deleted and created again is not mistaken for the old
one. Several changes and their audit records are one commit: all or none.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import attrs

from ja_reset.bank._values import aware_utc, can_be_stored
from ja_reset.errors import InvalidArgument
from ja_reset.secret import shown

_LEAVES = (str, int, float, type(None))
_JSON = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def _name(instance: object, attribute: attrs.Attribute[str], value: object) -> None:
    where = f"{type(instance).__name__}.{attribute.name}"
    if not isinstance(value, str):
        msg = f"{where} must be a str, not {type(value).__name__}"
        raise InvalidArgument(msg)
    if not is_name(value):
        msg = f"{where} must be text that UTF-8 can encode, without NUL"
        raise InvalidArgument(msg)


def _optional_name(instance: object, attribute: attrs.Attribute[str | None], value: object) -> None:
    if value is not None:
        _name(instance, attribute, value)  # type: ignore[arg-type]


def _body(instance: object, attribute: attrs.Attribute[Mapping[str, object] | None], value: object) -> None:
    if value is not None and not isinstance(value, Mapping):
        msg = f"{type(instance).__name__}.{attribute.name} must be a mapping or None, not {type(value).__name__}"
        raise InvalidArgument(msg)


def _due(value: datetime | None) -> datetime | None:
    return None if value is None else aware_utc(value, "due")


@attrs.frozen
class Row:
    """What a store holds under *kind* and *key*.

    `body` is a JSON object, the reader's own copy. `tag` groups rows of a kind (by state, for example). `due` is the
    aware UTC time, to the microsecond, at which the maintenance calls look at the row.
    """

    __repr__ = shown

    kind: str
    key: str
    stamp: str
    body: Mapping[str, object] = attrs.field(hash=False, repr=False)
    tag: str = ""
    due: datetime | None = attrs.field(default=None, converter=_due)


@attrs.frozen
class Put:
    """One conditional change of one row.

    `expect=None`: the row must not exist; otherwise its stamp must be this one. `body=None` deletes the row (with
    `expect=None` it writes nothing, and only asserts that the row does not exist). Names are text that UTF-8 can
    encode, without NUL, because every database can store that.
    """

    __repr__ = shown

    kind: str = attrs.field(validator=_name)
    key: str = attrs.field(validator=_name)
    expect: str | None = attrs.field(validator=_optional_name)
    body: Mapping[str, object] | None = attrs.field(validator=_body, hash=False, repr=False)
    tag: str = attrs.field(default="", validator=_name)
    due: datetime | None = attrs.field(default=None, converter=_due)


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

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """Make all the changes and write all the audit records, or nothing.

        Returns False if any expectation fails. Raises InvalidArgument, before anything is written, for a row named
        twice, a body that is not plain JSON, or an audit record without `time` (str) and `session` (str or None).
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

    def close(self) -> None:
        """Close the store; afterwards every other method raises StoreError. May be called again."""


class AsyncStore(Protocol):
    """A Store whose methods are awaited; `ja_reset.stores.threaded` makes one of any Store."""

    @property
    def persistent(self) -> bool:
        """Whether the rows outlive the process."""

    def get(self, kind: str, key: str) -> Awaitable[Row | None]:
        """As Store.get."""

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

    def close(self) -> Awaitable[None]:
        """As Store.close."""


def is_name(value: object) -> bool:
    """Whether *value* can name a row in every database: a str that UTF-8 can encode, without NUL."""
    return isinstance(value, str) and can_be_stored(value)


def encoded(body: Mapping[str, object]) -> str:
    """*body* as ASCII JSON text; raises InvalidArgument, which names a type and no value, if it is not plain JSON.

    A tuple becomes a list; every other value comes back from `decoded` unchanged.
    """
    plain = dict(body)
    try:
        _no_lossy_keys(plain)
        return _JSON.encode(plain)
    except InvalidArgument:
        raise
    except (TypeError, ValueError, RecursionError) as error:
        # not chained: the encoder's message can quote what it was given
        msg = f"a body must be plain JSON ({type(error).__name__})"
        raise InvalidArgument(msg) from None


def decoded(text: object) -> dict[str, object] | None:
    """The JSON object that *text* is, or None where it is none: the store then says where the damage is."""
    if not isinstance(text, str):
        return None
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def audit_columns(record: Mapping[str, object]) -> tuple[str, str | None, str]:
    """An audit record as a store keeps it: time, session, and the whole as JSON text."""
    time, session = record.get("time"), record.get("session", ...)
    if not is_name(time) or (session is not None and not is_name(session)):
        msg = "an audit record must have `time` (a str) and `session` (a str or None)"
        raise InvalidArgument(msg)
    return str(time), None if session is None else str(session), encoded(record)


def no_row_twice(puts: Iterable[Put]) -> None:
    """Raise InvalidArgument where a commit names a row twice: which of the two comes first would be a guess."""
    seen: set[tuple[str, str]] = set()
    for put in puts:
        if (put.kind, put.key) in seen:
            msg = f"a commit names a row of kind {put.kind!r} twice"
            raise InvalidArgument(msg)
        seen.add((put.kind, put.key))


def page_bounds(due: datetime | None, after: Row | None, limit: object) -> datetime | None:
    """Check the arguments of a scan; gives *due* in UTC. Raises InvalidArgument."""
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        msg = "limit must be an int of at least 1"
        raise InvalidArgument(msg)
    if due is None:
        return None
    if after is not None and after.due is None:
        msg = "after must be a row with a due time, where due is given"
        raise InvalidArgument(msg)
    return aware_utc(due, "due")


def newest(limit: object) -> int | None:
    """Check how many records are asked for. Raises InvalidArgument."""
    if limit is None:
        return None
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        msg = "limit must be an int of at least 1, or None"
        raise InvalidArgument(msg)
    return limit


def _no_lossy_keys(value: object) -> None:
    """Raise where the encoder would quietly turn a key that is no string into one."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                msg = f"a body must be plain JSON: a key is a {type(key).__name__}"
                raise InvalidArgument(msg)
            if not isinstance(item, _LEAVES):
                _no_lossy_keys(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            if not isinstance(item, _LEAVES):
                _no_lossy_keys(item)

"""Bodies and audit records as a store keeps them: JSON text, checked before anything is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from json import encoder
from typing import Final

from ja_reset.bank._values import aware_utc
from ja_reset.errors import InvalidArgument
from ja_reset.stores.rows import AUDIT, Amendment, Put, Record, is_name

_LEAVES: Final = frozenset({str, int, float, bool, type(None)})
_KEYS: Final = frozenset({str})
# a body that holds itself has been refused by then: the search for lossy keys comes to no end in it
_JSON: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False)
# what `_JSON.encode` makes anew for every body; an interpreter without it has one in Python
_MAKE: Final = getattr(encoder, "c_make_encoder", None)
_OPTIONS: Final = (None, _JSON.default, encoder.encode_basestring_ascii, None, ":", ",", False, False, False)
_chunks: Final[Callable[[object, int], Iterable[str]]] = _MAKE(*_OPTIONS) if _MAKE else _JSON.iterencode  # type: ignore[assignment]  # its flag is an int to the one in C
_DECODER: Final = json.JSONDecoder()


def encoded(body: Mapping[str, object]) -> str:
    """*body* as ASCII JSON text; raises InvalidArgument, which names a type and no value, if it is not plain JSON.

    A tuple becomes a list; every other value comes back from `decoded` unchanged.
    """
    plain = body if type(body) is dict else dict(body)
    try:
        _no_lossy_keys(plain)
        return "".join(_chunks(plain, 0))
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
        body, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        body, end = None, -1
    if end != len(text):  # not as `encoded` writes it: with white space around it, or damaged
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            return None
    return body if isinstance(body, dict) else None


def audit_columns(record: Mapping[str, object]) -> tuple[str, str | None, str]:
    """An audit record as a store keeps it: time, session, and the whole as JSON text."""
    body = record.body if isinstance(record, Record) else record
    time, session = body.get("time"), body.get("session", ...)
    if not is_name(time) or (session is not None and not is_name(session)):
        msg = "an audit record must have `time` (a str) and `session` (a str or None)"
        raise InvalidArgument(msg)
    return str(time), None if session is None else str(session), encoded(body)


def found_under(record: Mapping[str, object]) -> tuple[frozenset[str], datetime | None]:
    """The terms of an audit record, and its time where it has any. Raises InvalidArgument."""
    if not isinstance(record, Record) or not record.terms:
        return frozenset(), None
    try:
        return record.terms, aware_utc(datetime.fromisoformat(str(record["time"])), "time")
    except ValueError:
        msg = "the time of an audit record with terms must be an aware time in ISO 8601"
        raise InvalidArgument(msg) from None


def amended(change: Amendment) -> tuple[str, str | None, str, datetime | None]:
    """What an amendment says: the text that is there, the session, the new text, the time. Raises InvalidArgument."""
    if change.row.kind != AUDIT:
        msg = "an amendment must be of an audit record that find gave"
        raise InvalidArgument(msg)
    before, after = audit_columns(change.row.body), audit_columns(change.body)
    if before[:2] != after[:2]:
        msg = "an amendment must leave `time` and `session` of an audit record as they are"
        raise InvalidArgument(msg)
    _, at = found_under(Record(change.body, change.terms | {""}))
    return before[2], after[1], after[2], at


def no_row_twice(puts: Iterable[Put]) -> None:
    """Raise InvalidArgument where a commit names a row twice: which of the two comes first would be a guess."""
    seen: set[tuple[str, str]] = set()
    for put in puts:
        name = put.kind, put.key
        if name in seen:
            msg = f"a commit names a row of kind {put.kind!r} twice"
            raise InvalidArgument(msg)
        seen.add(name)


def _no_lossy_keys(value: object) -> None:
    """Raise where the encoder would quietly turn a key that is no string into one."""
    inner: Iterable[object]
    if type(value) is dict or isinstance(value, dict):
        if not _KEYS.issuperset(map(type, value)):  # all at once: hardly ever is there any other
            lossy = next((key for key in value if not isinstance(key, str)), "")
            if not isinstance(lossy, str):
                msg = f"a body must be plain JSON: a key is a {type(lossy).__name__}"
                raise InvalidArgument(msg)
        inner = value.values()
    elif isinstance(value, (list, tuple)):
        inner = value
    else:
        return
    for item in inner:
        if type(item) not in _LEAVES:
            _no_lossy_keys(item)

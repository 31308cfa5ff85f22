"""How values are saved: attrs values as plain JSON and back, strictly (S4).

What is None, empty or zero by default is left out, so a live session stays small. Reading back is strict: an
unknown key, a missing one or a wrong type is a StoreError that names the place and never the value. A session's
saved form is versioned (`FORM`); `MIGRATIONS` has a function from each older version to the next.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import TypeVar, cast

import attrs

from ja_reset.errors import StoreError
from ja_reset.session import Session
from ja_reset.values import aware_utc

T = TypeVar("T")
Json = Mapping[str, object]

FORM = 1
"""The version of a session's saved form that this release writes."""

PLACE = "session"
"""What a damaged session's form is called."""

MIGRATIONS: Mapping[int, Callable[[Json], Json]] = types.MappingProxyType({})
"""From each older version to the next; there is none before 1."""


def save(value: object) -> dict[str, object]:
    """An attrs value as a JSON object."""
    return {
        field.name: _plain(held)
        for field in attrs.fields(type(value))  # type: ignore[arg-type]
        if (held := getattr(value, field.name)) != field.default
    }


def load(kind: type[T], body: Json, place: str) -> T:
    """The value that `save` wrote; raises StoreError, with *place* in its words, for anything else."""
    if not isinstance(body, Mapping):
        raise _damaged(place)
    hints = _hints(cast("type", kind))
    if not hints.keys() >= body.keys():
        raise _damaged(place)
    try:
        return kind(**{name: _read(hints[name], held, f"{place}.{name}") for name, held in body.items()})
    except (TypeError, ValueError) as error:
        raise _damaged(place) from error


def save_session(session: Session) -> dict[str, object]:
    """A session's saved form; no secret and no token is in it (S5)."""
    return {"form": FORM, **save(session)}


def load_session(body: Json, *, migrations: Mapping[int, Callable[[Json], Json]] = MIGRATIONS) -> Session:
    """The session of a saved form, brought up to this release's version first.

    Raises StoreError for a damaged form, one of a newer release, and one that no migration leads on from.
    """
    form = body.get("form") if isinstance(body, Mapping) else None
    if type(form) is not int or form < 0:
        raise _damaged(PLACE)
    if form > FORM:
        msg = f"a session was saved by a newer release (form {form}; this one reads up to {FORM}): upgrade this host"
        raise StoreError(msg)
    while form < FORM:
        step = migrations.get(form)
        if step is None:
            msg = f"a session's saved form {form} is too old: no migration leads on from it"
            raise StoreError(msg)
        body = step(body)
        form += 1
    return load(Session, {name: held for name, held in body.items() if name != "form"}, PLACE)


def _damaged(place: str) -> StoreError:
    msg = f"a saved record is damaged at {place}: restore the store, or delete the row"
    return StoreError(msg)


@cache
def _hints(kind: type) -> Mapping[str, object]:
    return typing.get_type_hints(kind)


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if attrs.has(type(value)):
        return save(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value


def _read(hint: object, held: object, place: str) -> object:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        (hint,) = (each for each in inner if each is not types.NoneType)
        return _read(hint, held, place)
    if origin is tuple and isinstance(held, list):
        return tuple(_read(inner[0], each, place) for each in held)
    if origin is Mapping and isinstance(held, dict) and all(isinstance(each, str) for each in held.values()):
        return types.MappingProxyType(dict(held))
    if isinstance(hint, type):
        return _one(hint, held, place)
    raise _damaged(place)


def _one(kind: type, held: object, place: str) -> object:
    if attrs.has(kind):
        return load(kind, cast("Json", held), place)
    if issubclass(kind, Enum):
        return kind(held)
    if kind is datetime and isinstance(held, str):
        return aware_utc(datetime.fromisoformat(held), place)
    if kind in {str, int, bool} and type(held) is kind:
        return held
    raise _damaged(place)

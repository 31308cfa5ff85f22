"""How values are saved: attrs values as plain JSON and back, strictly (S4).

A value that is None, empty or zero by default is left out, so an active session is small. Reading is strict: an unknown
key, a missing key or a wrong type raises a StoreError that names the place and never the value. A session's saved form
is versioned (`FORM`); `MIGRATIONS` has a function from each older version to the next.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast

import attrs

from ja_reset.bank._values import aware_utc, is_own_name
from ja_reset.chart import Chart
from ja_reset.chart._changed import changed, draft_of, finished
from ja_reset.chart.session import Session
from ja_reset.errors import NewerSession, StoreError, UnknownProcedure
from ja_reset.machines import CHARTS
from ja_reset.service._records import CALL, CODES, IDENTITY_ATTEMPTS, OUTBOX, PIN_ATTEMPTS, REQUEST, WAIT

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
    return _save(value, {})


def _save(value: object, saved: dict[str, object]) -> dict[str, object]:
    """It with the fields of *value*."""
    needed, optional, read_needed, read_optional, defaults = _fields(type(value))  # type: ignore[arg-type]  # a class is hashable
    for name, held in zip(needed, read_needed(value), strict=True):
        kind = type(held)
        if kind in _AS_THEY_ARE:
            saved[name] = held
        else:
            saved[name] = held.isoformat() if kind is datetime else _writer(kind)(held)  # type: ignore[arg-type]  # as above
    rest = read_optional(value)
    if rest != defaults:
        for name, held, default in zip(optional, rest, defaults, strict=True):
            if held is not default and held != default:
                kind = type(held)
                saved[name] = held if kind in _AS_THEY_ARE else _writer(kind)(held)  # type: ignore[arg-type]  # as above
    return saved


def load(kind: type[T], body: Json, place: str) -> T:
    """The value that `save` wrote; raises StoreError, which names *place*, for anything else."""
    types_at_sight, readers, draft = _plan(kind)  # type: ignore[arg-type]  # a class is hashable
    fields: dict[str, object] = {}
    try:
        for name, held in body.items():
            wanted = types_at_sight[name]
            if wanted is type(held):
                fields[name] = held
            elif wanted is _TIME and type(held) is str and (time := datetime.fromisoformat(held)).tzinfo is UTC:
                fields[name] = time
            else:
                fields[name] = readers[name](held, f"{place}.{name}")
        value = draft(**fields)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _damaged(place) from None  # what went wrong may quote the value
    return finished(value, kind) if draft is not kind else value


def save_session(session: Session) -> dict[str, object]:
    """A session's saved form; no secret and no token is in it (S5)."""
    return _save(session, {"form": FORM})


def load_session(
    body: Json,
    charts: Mapping[str, Chart] = CHARTS,
    *,
    migrations: Mapping[int, Callable[[Json], Json]] = MIGRATIONS,
) -> Session:
    """The session of a saved form, checked against its chart, and migrated to this release's version first.

    Raises UnknownProcedure if *charts* have none of its name, NewerSession if they have an older version of it, and
    what `read_session` raises. A state that the chart no longer has is for the caller to end (S4).
    """
    _look_at_chart(body, charts)
    session = read_session(body, migrations=migrations)
    return _held_together(session, charts[session.procedure])


def _look_at_chart(body: Json, charts: Mapping[str, Chart]) -> None:
    """Raise UnknownProcedure or NewerSession where the session is not for this process, whatever else stands in it."""
    if not (type(body) is dict or isinstance(body, Mapping)) or not isinstance(name := body.get("procedure"), str):
        return  # damaged, as the strict reading finds
    if name not in charts:
        if not is_own_name(name):
            return  # as above
        msg = (
            f"a saved session is of the procedure {name}, whose chart this process was not given: "
            f"pass it to the service in procedures=[…]"
        )
        raise UnknownProcedure(msg)
    version = body.get("chart_version", 0)
    if type(version) is int and version > charts[name].version:
        msg = (
            f"a saved session is of version {version} of the procedure {name}, and this process was given version "
            f"{charts[name].version}: give it the newer chart"
        )
        raise NewerSession(msg)


def read_session(body: Json, *, migrations: Mapping[int, Callable[[Json], Json]] = MIGRATIONS) -> Session:
    """The session of a saved form, whatever its chart, migrated to this release's version first.

    Raises NewerSession for the form of a newer release, StoreError for a damaged one and for one without a migration.
    """
    form = body.get("form") if type(body) is dict or isinstance(body, Mapping) else None
    if type(form) is not int or form < 0:
        raise _damaged(PLACE)
    if form > FORM:
        msg = f"a session was saved by a newer release (form {form}; this one reads up to {FORM}): upgrade this host"
        raise NewerSession(msg)
    while form < FORM:
        step = migrations.get(form)
        if step is None:
            msg = f"a session's saved form {form} is too old: this release has no migration from it"
            raise StoreError(msg)
        body = step(body)
        form += 1
    fields = dict(body)
    del fields["form"]
    session = load(Session, fields, PLACE)
    if not is_own_name(session.procedure):
        raise _damaged(PLACE + ".procedure")
    if session.version < 1 or min(session.tries, session.windows, session.wrong_codes, session.chart_version) < 0:
        raise _damaged(PLACE)
    return session


def _held_together(session: Session, chart: Chart) -> Session:
    """The session, which keeps exactly what its state keeps; raises StoreError for one of this version that does not.

    One of an older version goes on by this one where its state keeps the same; one that has ended stays as it is.
    """
    state = chart.states.get(session.state)
    if state is None:
        return session
    fits = session.kept.names == state.keeps
    if session.chart_version < chart.version:
        return changed(session, chart_version=chart.version) if fits else session
    if not fits:
        raise _damaged(PLACE + ".kept")
    return session


def _damaged(place: str) -> StoreError:
    kind = place.partition(".")[0]
    holds = _HOLDS.get(kind)
    advice = "" if holds is None else f", do not delete the row: it holds {holds}"
    msg = f"a saved record is damaged at {place}, or a newer release saved it: upgrade this host or restore the store"
    return StoreError(msg + advice)


_HOLDS: Mapping[str, str] = types.MappingProxyType(
    {
        PIN_ATTEMPTS: "a count of wrong PINs",
        IDENTITY_ATTEMPTS: "a count of failures",
        WAIT: "who may wait for a number",
        CALL: "what a call has proved",
        REQUEST: "what a request came to",
        OUTBOX: "an order to the bank",
        CODES: "a count of wrong codes",
    }
)
"""What is lost with a row of each kind; without a session's row its customer starts again."""


_TIME = object()
"""In place of a type: the text of a time."""
_AS_THEY_ARE: frozenset[object] = frozenset({str, int, bool})
_AT_SIGHT: Mapping[object, object] = types.MappingProxyType({**{kind: kind for kind in _AS_THEY_ARE}, datetime: _TIME})


Reads = Callable[[object], tuple[Any, ...]]
"""Reads some fields of a value."""


@cache
def _fields(kind: type) -> tuple[tuple[str, ...], tuple[str, ...], Reads, Reads, tuple[object, ...]]:
    """The names of the fields without a default, those of the others, what reads either, and the defaults."""
    needed = tuple(field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING)
    optional = {field.name: field.default for field in attrs.fields(kind) if field.default is not attrs.NOTHING}
    return needed, tuple(optional), _reads(needed), _reads(tuple(optional)), tuple(optional.values())


def _reads(names: tuple[str, ...]) -> Reads:
    return attrgetter(*names) if len(names) > 1 else lambda value: tuple([getattr(value, name) for name in names])


Write = Callable[[Any], object]
"""Writes a value."""


@cache
def _writer(kind: type) -> Write:
    """How a value of that type is written."""
    if issubclass(kind, datetime):
        return datetime.isoformat
    if issubclass(kind, tuple):
        return lambda held: [_writer(type(each))(each) for each in held]  # type: ignore[arg-type]  # as above
    if issubclass(kind, Enum):
        return lambda held: held.value
    if attrs.has(kind):
        return save
    return dict if issubclass(kind, Mapping) else lambda held: held


Read = Callable[[object, str], object]
"""Reads a value back; the place is for the complaint."""


@cache
def _plan(kind: type) -> tuple[Mapping[str, object], Mapping[str, Read], type]:
    """For each field of an attrs class the type that is read at sight, how it is read else, and what makes a value."""
    hints = typing.get_type_hints(kind)
    at_sight = {name: _AT_SIGHT.get(_bare(hint)) for name, hint in hints.items()}
    return at_sight, {name: _reader(hint) for name, hint in hints.items()}, draft_of(kind)


def _bare(hint: object) -> object:
    """The one type that is allowed beside None, or the hint."""
    inner = [each for each in typing.get_args(hint) if each is not types.NoneType]
    return inner[0] if typing.get_origin(hint) in {types.UnionType, typing.Union} and len(inner) == 1 else hint


def _reader(hint: object) -> Read:
    hint = _bare(hint)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return _member_or_name(cast("type[Enum]", inner[0]))
    if origin is tuple:
        each = _reader(inner[0])
        return lambda held, place: tuple(each(one, place) for one in _a(list, held, place))
    return _texts if origin is Mapping else _reader_of(cast("type", hint))


def _reader_of(kind: type) -> Read:
    if kind is datetime:
        return lambda held, place: aware_utc(datetime.fromisoformat(_a(str, held, place)), place)
    if attrs.has(kind):
        return lambda held, place: load(kind, _a(dict, held, place), place)
    if issubclass(kind, Enum):
        return lambda held, _: kind(held)
    return lambda held, place: _a(kind, held, place)


def _member_or_name(kind: type[Enum]) -> Read:
    """Of a closed set that a host's chart may add to: the member, or the name that is none."""
    members: dict[object, object] = {member.value: member for member in kind}

    def read(held: object, place: str) -> object:
        name = _a(str, held, place)
        if not is_own_name(name):
            raise _damaged(place)
        return members.get(name, name)

    return read


def _a(kind: type[T], held: object, place: str) -> T:
    """*held*, which must be exactly a *kind*: no bool is an int here."""
    if type(held) is not kind:
        raise _damaged(place)
    return held


def _texts(held: object, place: str) -> object:
    texts = _a(dict, held, place)
    return types.MappingProxyType({_a(str, key, place): _a(str, text, place) for key, text in texts.items()})

"""The filters of the operator's listings: what each call takes, and the terms that it is looked up by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypedDict

from ja_reset.bank._values import aware_utc
from ja_reset.errors import InvalidArgument
from ja_reset.machines import Procedure
from ja_reset.service._accounts import Account as Given
from ja_reset.service._accounts import counted_name
from ja_reset.service._config import Config
from ja_reset.service._finding import MOST, Query
from ja_reset.service._io import Flow
from ja_reset.service._marks import look_ups, ref_marks
from ja_reset.service._records import OUTBOX, SESSION, OutboxStatus
from ja_reset.service._terms import EVERY, INDEXED, read_reference, reference_of, term
from ja_reset.stores.rows import AUDIT, is_name

Account = tuple[str, str, str, str]
"""Institution, branch, subject and account."""


class _Who(TypedDict, total=False):
    ref: str | None
    reference: str | None
    session: str | None
    institution: str | None
    since: datetime | None
    until: datetime | None


class SessionFilters(_Who, total=False):
    """What sessions are found by."""

    account: Account | None
    login_id: tuple[str, str] | None
    procedure: str | None
    state: str | None
    reason: str | None


class EffectFilters(_Who, total=False):
    """What effects are found by."""

    status: str | None


class AuditFilters(_Who, total=False):
    """What audit records are found by; `state` is the one that an event led to."""

    account: Account | None
    login_id: tuple[str, str] | None
    procedure: str | None
    state: str | None
    reason: str | None
    actor: str | None


_TAKEN: Final[Mapping[str, frozenset[str]]] = {
    SESSION: frozenset(SessionFilters.__annotations__) | frozenset(_Who.__annotations__),
    OUTBOX: frozenset(EffectFilters.__annotations__) | frozenset(_Who.__annotations__),
    AUDIT: frozenset(AuditFilters.__annotations__) | frozenset(_Who.__annotations__),
}
_TIMES: Final = frozenset({"since", "until"})
_MARKED: Final = ("account", "login_id")
_STATUSES: Final = tuple(status.value for status in OutboxStatus)
_NOTHING: Final = ("nothing",)
"""A term that nothing has."""


def limit_of(limit: object) -> int:
    """How many items a page is to have; raises InvalidArgument."""
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST:
        msg = f"limit must be an int from 1 to {MOST}"
        raise InvalidArgument(msg)
    return limit


def query_of(config: Config, kind: str, filters: Mapping[str, object]) -> Flow[Query]:
    """The query that filters ask for; raises InvalidArgument, for accounts UnknownInstitution, BankUnavailable too."""
    unknown = sorted(set(filters) - _TAKEN[kind])
    if unknown:
        msg = f"there is no filter {unknown[0]!r}; there are {', '.join(sorted(_TAKEN[kind]))}"
        raise InvalidArgument(msg)
    given = {name: value for name, value in filters.items() if value is not None}
    since, until = (aware_utc(given[name], name) if name in given else None for name in ("since", "until"))
    if all(name in given for name in _MARKED):
        msg = "give an account or a login_id, not both"
        raise InvalidArgument(msg)
    found = {name: _terms(name, value) for name, value in given.items() if name not in {*_TIMES, *_MARKED}}
    for name in _MARKED:
        if name in given:
            found["mark"] = yield from _marks(config, name, given[name])
    if kind == SESSION and found.get("ref", _NOTHING) != _NOTHING:  # a session may have forgotten its contract
        found["ref"] = yield from ref_marks(str(given["ref"]))
    order = [name for name in INDEXED[kind] if name in found]
    first: tuple[str, ...]
    if "session" in found and "mark" not in found:  # looked up by its reference, which is in the index
        reference = reference_of(str(given["session"]))
        first = (term("reference", reference),) if reference else _NOTHING
    else:
        first = found.pop(order[0]) if order else (EVERY,)
    return Query(kind, (first, *(found[name] for name in sorted(found))), since, until)


def _terms(name: str, value: object) -> tuple[str, ...]:
    """The term of a filter; one that nothing can have finds nothing. Raises InvalidArgument for what is no such value.

    What statuses there are is known: with one that is mistyped, nobody must believe that no effect is overdue.
    """
    text = value.value if isinstance(value, Procedure | OutboxStatus) else value
    if not isinstance(text, str):
        msg = f"{name} must be a str, not {type(value).__name__}"
        raise InvalidArgument(msg)
    if name == "status" and text not in _STATUSES:
        msg = f"status must be one of {', '.join(_STATUSES)}"
        raise InvalidArgument(msg)
    if not is_name(text):
        return _NOTHING
    return (term(name, read_reference(text) if name == "reference" else text),)


def _marks(config: Config, name: str, value: object) -> Flow[tuple[str, ...]]:
    """The marks that an account, or a login id, of an institution may have been stored under."""
    wanted = len(Account.__args__) if name == "account" else 2  # type: ignore[attr-defined]  # a tuple of str
    if not isinstance(value, tuple | list) or len(value) != wanted or not isinstance(value[0], str):
        say = "(institution, branch, subject, account)" if name == "account" else "(institution, login id)"
        msg = f"{name} must be a tuple {say}"
        raise InvalidArgument(msg)
    institution = yield from config.ask_institution(value[0])
    policies = config.policies_of(institution)
    branch, subject, account, login_id = (*value[1:], None) if name == "account" else (None, None, None, value[1])
    what = Given(institution.id, branch, subject, account, login_id)
    return (yield from look_ups(institution.id, counted_name(what, policies)))

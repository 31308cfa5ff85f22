"""The library's own policies by their names, and what paths of figures begin with: `phone`, `own.TransferPolicy`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.policies._caller_id import CallerIdPolicy
from ja_reset.policies._fields import FieldPolicy
from ja_reset.policies._identity import IdentityPolicy
from ja_reset.policies._lockout import LockoutPolicy
from ja_reset.policies._phone import PhonePolicy
from ja_reset.policies._session import SessionPolicy

Kind = type[attrs.AttrsInstance]

PARTS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "fields": FieldPolicy,
        "identity": IdentityPolicy,
        "caller_id": CallerIdPolicy,
        "phone": PhonePolicy,
        "lockout": LockoutPolicy,
        "session": SessionPolicy,
    }
)
"""The library's own policies by the attributes of `Policies`, in their order."""

OWN: Final = "own"
"""What the paths of figures of a host's own policies begin with."""

OF_THE_STORE: Final = frozenset({"session.institution_refresh", "session.duplicate_wait", "session.audit_retention"})
"""Figures of the whole service or store: no institution has one of its own."""


def why_no_policy(kind: object) -> str | None:
    """What keeps *kind* from being a class of policies of a host's own; None where nothing does."""
    if not isinstance(kind, type) or not attrs.has(kind):
        return "must be an attrs class"
    if kind in PARTS.values():
        return "is the library's own"
    try:
        hash(kind())
    except TypeError:
        return "must be frozen, with a default for each figure"
    return None


def own_kinds(kinds: object) -> tuple[Kind, ...]:
    """*kinds* as classes of policies of a host's own; raises InvalidArgument for what is none, and for a name twice."""
    if isinstance(kinds, type | str) or not isinstance(kinds, Iterable):
        msg = f"own must be several classes of policies, as in own=[TransferPolicy]; got {type(kinds).__name__}"
        raise InvalidArgument(msg)
    given: tuple[Any, ...] = tuple(kinds)
    for each in given:
        trouble = why_no_policy(each)
        if trouble is not None:
            msg = f"own: {getattr(each, '__name__', type(each).__name__)} {trouble}"
            raise InvalidArgument(msg)
    if len({each.__name__ for each in given}) < len(given):
        msg = "own has two classes of one name"
        raise InvalidArgument(msg)
    return given


def kinds_by_path(own: Iterable[Kind]) -> Mapping[str, Kind]:
    """Every class of policies by the path that its figures begin with: the library's, then those of *own*."""
    return {**PARTS, **{f"{OWN}.{kind.__name__}": kind for kind in own}}

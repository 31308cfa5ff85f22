"""Every limit that an institution may choose, with the manual's or our default (specification, 1).

One file a policy; `ja_reset.policies.standard` lists all defaults with their clauses. A machine never holds a figure
of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.policies._caller_id import CallerIdPolicy
from ja_reset.policies._fields import FieldPolicy
from ja_reset.policies._identity import IdentityPolicy
from ja_reset.policies._lockout import LockoutPolicy
from ja_reset.policies._phone import CodeChannel, PhonePolicy
from ja_reset.policies._session import SessionPolicy
from ja_reset.secret import shown

__all__ = [
    "CallerIdPolicy",
    "CodeChannel",
    "FieldPolicy",
    "IdentityPolicy",
    "LockoutPolicy",
    "PhonePolicy",
    "Policies",
    "SessionPolicy",
]


P = TypeVar("P")


def _is(kind: type) -> Any:  # noqa: ANN401 - attrs' validator protocol
    def validate(instance: object, attribute: attrs.Attribute[object], value: object) -> None:
        if not isinstance(value, kind):
            msg = f"{type(instance).__name__}.{attribute.name} must be a {kind.__name__}"
            raise InvalidArgument(msg)

    return validate


def why_no_policy(kind: object) -> str | None:
    """What keeps *kind* from being a class of policies of a host's own; None where nothing does."""
    if not isinstance(kind, type) or not attrs.has(kind):
        return "must be an attrs class"
    if kind in _OURS:
        return "is the library's own"
    try:
        hash(kind())
    except TypeError:
        return "must be frozen, with a default for each figure"
    return None


def _several(value: Iterable[attrs.AttrsInstance]) -> tuple[attrs.AttrsInstance, ...]:
    return tuple(value)


def _own(
    instance: object,
    attribute: attrs.Attribute[tuple[attrs.AttrsInstance, ...]],
    value: tuple[attrs.AttrsInstance, ...],
) -> None:
    name = f"{type(instance).__name__}.{attribute.name}"
    for each in value:
        trouble = why_no_policy(type(each))
        if trouble is not None:
            msg = f"{name}: {type(each).__name__} {trouble}"
            raise InvalidArgument(msg)
    if len({type(each) for each in value}) < len(value):
        msg = f"{name} has two policies of one class"
        raise InvalidArgument(msg)


@attrs.frozen(kw_only=True)
class Policies:
    """The policies of the service, or of one institution; hashable, and shared between sessions.

    `own` are policies of a host's own procedures, frozen attrs values, at most one of each class. A class that an
    institution's policies lack is the service's, and where the service has none either, the class's own defaults hold.
    """

    __repr__ = shown

    fields: FieldPolicy = attrs.field(default=FieldPolicy(), validator=_is(FieldPolicy))
    identity: IdentityPolicy = attrs.field(default=IdentityPolicy(), validator=_is(IdentityPolicy))
    caller_id: CallerIdPolicy = attrs.field(default=CallerIdPolicy(), validator=_is(CallerIdPolicy))
    phone: PhonePolicy = attrs.field(default=PhonePolicy(), validator=_is(PhonePolicy))
    lockout: LockoutPolicy = attrs.field(default=LockoutPolicy(), validator=_is(LockoutPolicy))
    session: SessionPolicy = attrs.field(default=SessionPolicy(), validator=_is(SessionPolicy))
    own: tuple[attrs.AttrsInstance, ...] = attrs.field(default=(), converter=_several, validator=_own)

    @property
    def parts(self) -> Mapping[str, attrs.AttrsInstance]:
        """Every policy by its name: the library's by attribute, those of a host's own by their class's name."""
        ours = {name: getattr(self, name) for name in PARTS}
        return MappingProxyType({**ours, **{type(each).__name__: each for each in self.own}})

    def of(self, kind: type[P]) -> P:
        """The policy of that class, with its defaults where none was given."""
        for name in PARTS:
            part = getattr(self, name)
            if isinstance(part, kind):
                return part
        given = next((each for each in self.own if isinstance(each, kind)), None)
        return kind() if given is None else given

    def changed(self, name: str, **figures: object) -> Policies:
        """These policies with *figures* of the part of that name changed; raises KeyError where there is none."""
        part: Any = self.parts[name]
        part = attrs.evolve(part, **figures)
        if name in PARTS:
            return attrs.evolve(self, **{name: part})
        return attrs.evolve(self, own=tuple(part if type(each) is type(part) else each for each in self.own))

    def having(self, kinds: Iterable[type[attrs.AttrsInstance]]) -> Policies:
        """These policies with each of *kinds* among `own`, where it is missing with its defaults."""
        missing = tuple(kind() for kind in kinds if not any(type(each) is kind for each in self.own))
        return attrs.evolve(self, own=(*self.own, *missing)) if missing else self

    def above(self, base: Policies) -> Policies:
        """These policies, with the own ones of *base* for the classes that they lack."""
        return _above(self, base) if base.own else self


_OURS = tuple(type(field.default) for field in attrs.fields(Policies) if field.name != "own")

PARTS: tuple[str, ...] = tuple(field.name for field in attrs.fields(Policies) if field.name != "own")
"""The names of the library's own policies, in their order."""


@lru_cache(maxsize=1024)
def _above(policies: Policies, base: Policies) -> Policies:
    there = {type(each) for each in policies.own}
    return attrs.evolve(policies, own=(*policies.own, *(each for each in base.own if type(each) not in there)))

"""Every figure that an institution may choose, with the manual's or our default (SPEC 1).

One file a policy; `ja_reset.policies.standard` lists all defaults with their clauses. A machine never holds a figure
of its own.
"""

from __future__ import annotations

from typing import Any, TypeVar

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.policies.caller_id import CallerIdPolicy
from ja_reset.policies.fields import FieldPolicy
from ja_reset.policies.identity import IdentityPolicy
from ja_reset.policies.lockout import LockoutPolicy
from ja_reset.policies.phone import CodeChannel, PhonePolicy
from ja_reset.policies.session import SessionPolicy
from ja_reset.representation import shown

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


@attrs.frozen(kw_only=True)
class Policies:
    """The policies of the service, or of one institution; hashable, and shared between sessions."""

    __repr__ = shown

    fields: FieldPolicy = attrs.field(default=FieldPolicy(), validator=_is(FieldPolicy))
    identity: IdentityPolicy = attrs.field(default=IdentityPolicy(), validator=_is(IdentityPolicy))
    caller_id: CallerIdPolicy = attrs.field(default=CallerIdPolicy(), validator=_is(CallerIdPolicy))
    phone: PhonePolicy = attrs.field(default=PhonePolicy(), validator=_is(PhonePolicy))
    lockout: LockoutPolicy = attrs.field(default=LockoutPolicy(), validator=_is(LockoutPolicy))
    session: SessionPolicy = attrs.field(default=SessionPolicy(), validator=_is(SessionPolicy))

    def of(self, kind: type[P]) -> P:
        """The policy of the class *kind*; its defaults where there is none."""
        parts = (getattr(self, each.name) for each in attrs.fields(type(self)))
        return next((part for part in parts if isinstance(part, kind)), None) or kind()

"""Every limit that an institution may choose, with the manual's or our default (specification, 1).

One file a policy; `ja_reset.policies.standard` lists all defaults with their clauses. A machine never holds a figure
of its own. Each policy is loaded when it is first asked for: charts are made without any.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ja_reset.policies._caller_id import CallerIdPolicy
    from ja_reset.policies._fields import FieldPolicy
    from ja_reset.policies._identity import IdentityPolicy
    from ja_reset.policies._lockout import LockoutPolicy
    from ja_reset.policies._override import PolicyOverride
    from ja_reset.policies._phone import CodeChannel, PhonePolicy
    from ja_reset.policies._policies import Policies
    from ja_reset.policies._session import SessionPolicy

__all__ = [
    "CallerIdPolicy",
    "CodeChannel",
    "FieldPolicy",
    "IdentityPolicy",
    "LockoutPolicy",
    "PhonePolicy",
    "Policies",
    "PolicyOverride",
    "SessionPolicy",
]

_MODULES = {
    "CallerIdPolicy": "_caller_id",
    **dict.fromkeys(("CodeChannel", "PhonePolicy"), "_phone"),
    "FieldPolicy": "_fields",
    "IdentityPolicy": "_identity",
    "LockoutPolicy": "_lockout",
    "Policies": "_policies",
    "PolicyOverride": "_override",
    "SessionPolicy": "_session",
}
"""Where each name is."""

if not TYPE_CHECKING:  # or a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        found = globals()[name] = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

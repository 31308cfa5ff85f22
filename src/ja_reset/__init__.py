"""Self-service resets of JA Bank (login password, risk-based authentication, token) as explicit finite state machines.

A host passes its bank and a store to a `ResetService`, and then sends it what customers and the telephone gateway do.
Every answer is a `View`. Stores are in `ja_reset.stores`, the test kit is in `ja_reset.testing`. Each name is imported
when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ja_reset.bank._hours import Hours
    from ja_reset.bank._script import Gather, HangUp, Reject, Say, SayDigits, Step
    from ja_reset.bank._values import (
        Call,
        CallResult,
        CallSource,
        CallStatus,
        Contract,
        Effect,
        EffectKind,
        LoginCredentials,
        PinCheck,
        Presentation,
        Reason,
    )
    from ja_reset.chart import Chart
    from ja_reset.errors import (
        BankUnavailable,
        ChartError,
        EffectLeased,
        EffectRefused,
        InvalidArgument,
        NewerSession,
        PortError,
        ResetError,
        SealError,
        StoreError,
        UnknownAccount,
        UnknownInstitution,
        UnknownProcedure,
        UnknownSession,
        UnlockRefused,
    )
    from ja_reset.machines import PROCEDURES, Procedure
    from ja_reset.policies import Policies, PolicyOverride
    from ja_reset.screens import Button, Field, Moment, Screen
    from ja_reset.secret import Secret
    from ja_reset.service._async_facade import AsyncResetService
    from ja_reset.service._facade import ResetService
    from ja_reset.service._happened import Happened
    from ja_reset.service._health import Health
    from ja_reset.service._institution import Institution
    from ja_reset.service._pages import Page
    from ja_reset.service._view import PhoneChoice, Result, View
    from ja_reset.text import Text

__version__ = "0.1.0"

__all__ = [
    "PROCEDURES",
    "AsyncResetService",
    "BankUnavailable",
    "Button",
    "Call",
    "CallResult",
    "CallSource",
    "CallStatus",
    "Chart",
    "ChartError",
    "Contract",
    "Effect",
    "EffectKind",
    "EffectLeased",
    "EffectRefused",
    "Field",
    "Gather",
    "HangUp",
    "Happened",
    "Health",
    "Hours",
    "Institution",
    "InvalidArgument",
    "LoginCredentials",
    "Moment",
    "NewerSession",
    "Page",
    "PhoneChoice",
    "PinCheck",
    "Policies",
    "PolicyOverride",
    "PortError",
    "Presentation",
    "Procedure",
    "Reason",
    "Reject",
    "ResetError",
    "ResetService",
    "Result",
    "Say",
    "SayDigits",
    "Screen",
    "SealError",
    "Secret",
    "Step",
    "StoreError",
    "Text",
    "UnknownAccount",
    "UnknownInstitution",
    "UnknownProcedure",
    "UnknownSession",
    "UnlockRefused",
    "View",
]

_HOLDERS = {
    "bank._hours": ("Hours",),
    "bank._script": (
        "Gather",
        "HangUp",
        "Reject",
        "Say",
        "SayDigits",
        "Step",
    ),
    "bank._values": (
        "Call",
        "CallResult",
        "CallSource",
        "CallStatus",
        "Contract",
        "Effect",
        "EffectKind",
        "LoginCredentials",
        "PinCheck",
        "Presentation",
        "Reason",
    ),
    "chart": ("Chart",),
    "errors": (
        "BankUnavailable",
        "ChartError",
        "EffectLeased",
        "EffectRefused",
        "InvalidArgument",
        "NewerSession",
        "PortError",
        "ResetError",
        "SealError",
        "StoreError",
        "UnknownAccount",
        "UnknownInstitution",
        "UnknownProcedure",
        "UnknownSession",
        "UnlockRefused",
    ),
    "machines": (
        "PROCEDURES",
        "Procedure",
    ),
    "policies": (
        "Policies",
        "PolicyOverride",
    ),
    "screens": (
        "Button",
        "Field",
        "Moment",
        "Screen",
    ),
    "secret": ("Secret",),
    "service._async_facade": ("AsyncResetService",),
    "service._facade": ("ResetService",),
    "service._happened": ("Happened",),
    "service._health": ("Health",),
    "service._institution": ("Institution",),
    "service._pages": ("Page",),
    "service._view": (
        "PhoneChoice",
        "Result",
        "View",
    ),
    "text": ("Text",),
}
"""What is imported from each module."""
_MODULES = {name: module for module, names in _HOLDERS.items() for name in names}
_PARTS = frozenset(
    (
        "bank",
        "chart",
        "errors",
        "fields",
        "machines",
        "policies",
        "proofs",
        "screens",
        "secret",
        "service",
        "stores",
        "text",
    )
)
"""The submodules that `import ja_reset` alone makes attributes of it."""

if not TYPE_CHECKING:  # or a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name in _PARTS:
            return import_module(f"ja_reset.{name}")
        if name not in _MODULES:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        found = globals()[name] = getattr(import_module(f"ja_reset.{_MODULES[name]}"), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

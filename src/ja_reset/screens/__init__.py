"""The screens of the three procedures, as data: plans by the keys of their texts, and the screens rendered from them.

`SCREEN_TEXTS` is the catalogue that a host may replace key by key; placeholders in it are written `{name}`. A plan's
name here is the procedure's short name and the state's: `LOGIN_BIM015`, `BTR003`. What no chart is made of is loaded
when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ja_reset.fields.specs import FieldKind
from ja_reset.screens._bim import (
    LOGIN_BIM015,
    LOGIN_BIM016,
    LOGIN_BIM017,
    LOGIN_COMPLETING,
    LOGIN_DONE,
    LOGIN_PHONE,
    RISK_BIM015,
    RISK_BIM016,
    RISK_BIM017,
    RISK_COMPLETING,
    RISK_DONE,
    RISK_PHONE,
)
from ja_reset.screens._btr import BTR001, BTR002_ACCOUNT, BTR002_LOGIN_ID, BTR003, BTR004, BTR005, BTR_COMPLETING
from ja_reset.screens._catalogue import SCREEN_TEXTS
from ja_reset.screens._endings import CANCELLED, CLOSED, EXPIRED, LOCKED, REJECTED
from ja_reset.screens._moments import Moment
from ja_reset.screens._notice_plans import CALL_NOTICES, CALL_SECTIONS, COMPLETING_NOTICES, Notice, SectionPlan
from ja_reset.screens._plan import (
    BACK,
    CANCEL,
    COMPLETING_BUTTON,
    ButtonPlan,
    FieldPlan,
    OptionPlan,
    ScreenPlan,
)

if TYPE_CHECKING:
    from ja_reset.screens._call_texts import CALL_TEXTS
    from ja_reset.screens._entry import BL1001, ENTRY, MENU
    from ja_reset.screens._plans import PLANS
    from ja_reset.screens._reason_names import REASON_NAMES
    from ja_reset.screens._screen import Button, Field, Option, Screen, Section

__all__ = [
    "BACK",
    "BL1001",
    "BTR001",
    "BTR002_ACCOUNT",
    "BTR002_LOGIN_ID",
    "BTR003",
    "BTR004",
    "BTR005",
    "BTR_COMPLETING",
    "CALL_NOTICES",
    "CALL_SECTIONS",
    "CALL_TEXTS",
    "CANCEL",
    "CANCELLED",
    "CLOSED",
    "COMPLETING_BUTTON",
    "COMPLETING_NOTICES",
    "ENTRY",
    "EXPIRED",
    "LOCKED",
    "LOGIN_BIM015",
    "LOGIN_BIM016",
    "LOGIN_BIM017",
    "LOGIN_COMPLETING",
    "LOGIN_DONE",
    "LOGIN_PHONE",
    "MENU",
    "PLANS",
    "REASON_NAMES",
    "REJECTED",
    "RISK_BIM015",
    "RISK_BIM016",
    "RISK_BIM017",
    "RISK_COMPLETING",
    "RISK_DONE",
    "RISK_PHONE",
    "SCREEN_TEXTS",
    "Button",
    "ButtonPlan",
    "Field",
    "FieldKind",
    "FieldPlan",
    "Moment",
    "Notice",
    "Option",
    "OptionPlan",
    "Screen",
    "ScreenPlan",
    "Section",
    "SectionPlan",
]

_MODULES = {
    "CALL_TEXTS": "_call_texts",
    **dict.fromkeys(("BL1001", "ENTRY", "MENU"), "_entry"),
    "PLANS": "_plans",
    "REASON_NAMES": "_reason_names",
    **dict.fromkeys(("Button", "Field", "Option", "Screen", "Section"), "_screen"),
}
"""Where each name is that is loaded when it is first asked for."""

if not TYPE_CHECKING:  # or a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        found = globals()[name] = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Every screen of the library's own, in one place."""

from __future__ import annotations

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
from ja_reset.screens._endings import CANCELLED, CLOSED, EXPIRED, LOCKED, REJECTED
from ja_reset.screens._entry import ENTRY
from ja_reset.screens._plan import ScreenPlan

PLANS: tuple[ScreenPlan, ...] = (
    *ENTRY,
    *(LOGIN_BIM015, LOGIN_BIM016, LOGIN_PHONE, LOGIN_BIM017, LOGIN_COMPLETING, LOGIN_DONE),
    *(RISK_BIM015, RISK_BIM016, RISK_PHONE, RISK_BIM017, RISK_COMPLETING, RISK_DONE),
    *(BTR001, BTR002_LOGIN_ID, BTR002_ACCOUNT, BTR003, BTR004, BTR_COMPLETING, BTR005),
    *(CANCELLED, EXPIRED, REJECTED, LOCKED, CLOSED),
)
"""Every screen there is, in the manual's order; an id comes more than once, as the procedures share the manual's."""

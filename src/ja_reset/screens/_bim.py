"""The screens of the BIM family: resets of the login password and of risk-based authentication.

One plan for each state and procedure (specification, M). The two procedures differ in what is applied for, in the words
of two buttons, and in BIM017, where only a new login password is asked for (F9).
"""

from __future__ import annotations

from functools import partial

import attrs

from ja_reset.fields.forms import IdentityForm, PasswordForm, PhoneForm, PinForm
from ja_reset.fields.specs import Form
from ja_reset.screens._notice_plans import CALL_NOTICES, CALL_SECTIONS, KEYS_IN_TIME, PROVED, Notice, call_moments
from ja_reset.screens._plan import BACK, CANCEL, KEYBOARD, ButtonPlan, ScreenPlan, completing

_STEPS = (
    "step.contract_authentication",
    "step.contract_confirmation",
    "step.phone_authentication",
    "step.password_entry",
    "step.reset_completed",
)
_FIRST_STEPS = tuple(step for step in _STEPS if step != "step.phone_authentication")
"""M1: BIM015 does not name the phone step yet."""

_screen = partial(ScreenPlan, breadcrumb=_STEPS, application="application.LOGIN_PASSWORD")
_risk = partial(attrs.evolve, application="application.RISK_BASED_AUTH")


def _phone_notices(moves_on: str) -> tuple[Notice, ...]:
    return (
        *call_moments("PHONE.notice.lead"),
        Notice(moves_on),
        Notice("PHONE.notice.window"),
        KEYS_IN_TIME,
        *CALL_NOTICES,
    )


def _bim017(form: Form, *notices: str) -> ScreenPlan:
    return _screen(
        id="BIM017",
        title="BIM017.title",
        position=3,
        form=form,
        buttons=(ButtonPlan("submit_reset", "button.reset"), CANCEL),
        notices=(PROVED, *map(Notice, notices)),
        keyboard=KEYBOARD,
    )


LOGIN_BIM015 = _screen(
    id="BIM015",
    title="BIM015.title",
    breadcrumb=_FIRST_STEPS,
    position=0,
    form=IdentityForm,
    buttons=(ButtonPlan("submit_identity", "button.to_confirmation"), CANCEL),
    notices=(
        Notice("BIM015.notice.lead"),
        Notice("BIM015.notice.pin_needed"),
        Notice("BIM015.notice.pin_lock"),
        Notice("BIM015.notice.merger"),
    ),
)
LOGIN_BIM016 = _screen(
    id="BIM016",
    title="BIM016.title",
    position=1,
    form=PhoneForm,
    buttons=(ButtonPlan("choose_phone", "button.phone_authentication"), BACK, CANCEL),
    notices=(Notice("BIM016.notice.lead"),),
)
LOGIN_PHONE = _screen(
    id="PHONE",
    title="PHONE.title",
    position=2,
    buttons=(ButtonPlan("proceed", "button.to_password"), BACK, CANCEL),
    notices=_phone_notices("PHONE.notice.moves_on_to_password"),
    rings_off=True,
    sections=CALL_SECTIONS,
    prints_id=False,
)
LOGIN_BIM017 = _bim017(PasswordForm, "BIM017.notice.lead_password")
LOGIN_COMPLETING = completing(LOGIN_BIM017)
LOGIN_DONE = _screen(
    id="DONE", title="DONE.title", position=4, notices=(Notice("DONE.notice.LOGIN_PASSWORD"),), prints_id=False
)

RISK_BIM015 = _risk(LOGIN_BIM015)
RISK_BIM016 = _risk(LOGIN_BIM016)
RISK_PHONE = _risk(
    LOGIN_PHONE,
    buttons=(ButtonPlan("proceed", "button.to_pin"), BACK, CANCEL),
    notices=_phone_notices("PHONE.notice.moves_on_to_pin"),
)
RISK_BIM017 = _risk(_bim017(PinForm, "BIM017.notice.lead_pin"))
RISK_COMPLETING = completing(RISK_BIM017)
RISK_DONE = _risk(LOGIN_DONE, notices=(Notice("DONE.notice.RISK_BASED_AUTH"),))

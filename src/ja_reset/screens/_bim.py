"""The screens of the BIM family: resets of the login password and of risk-based authentication.

One plan for each state and procedure (specification, M). The two procedures differ in what is applied for, in the words
of two buttons, and in BIM017, where only a new login password is asked for (F9).
"""

from __future__ import annotations

from ja_reset.fields.forms import IdentityForm, PasswordForm, PhoneForm, PinForm
from ja_reset.fields.specs import Form
from ja_reset.screens._plan import (
    BACK,
    CALL_NOTICES,
    CANCEL,
    COMPLETING_BUTTON,
    COMPLETING_NOTICES,
    ButtonPlan,
    Notice,
    ScreenPlan,
)

_LOGIN = "application.LOGIN_PASSWORD"
_RISK = "application.RISK_BASED_AUTH"

# M1: BIM015 does not name the phone step yet.
_FIRST_STEPS = (
    "step.contract_authentication",
    "step.contract_confirmation",
    "step.password_entry",
    "step.reset_completed",
)
_STEPS = (
    "step.contract_authentication",
    "step.contract_confirmation",
    "step.phone_authentication",
    "step.password_entry",
    "step.reset_completed",
)


def _bim015(application: str) -> ScreenPlan:
    return ScreenPlan(
        id="BIM015",
        title="BIM015.title",
        breadcrumb=_FIRST_STEPS,
        position=0,
        application=application,
        form=IdentityForm,
        buttons=(ButtonPlan("submit_identity", "button.to_confirmation"), CANCEL),
        notices=(
            Notice("BIM015.notice.lead"),
            Notice("BIM015.notice.gaiji"),
            Notice("BIM015.notice.pin_needed"),
            Notice("BIM015.notice.pin_lock"),
            Notice("BIM015.notice.merger"),
        ),
    )


def _bim016(application: str) -> ScreenPlan:
    return ScreenPlan(
        id="BIM016",
        title="BIM016.title",
        breadcrumb=_STEPS,
        position=1,
        application=application,
        form=PhoneForm,
        buttons=(ButtonPlan("choose_phone", "button.phone_authentication"), BACK, CANCEL),
        notices=(Notice("BIM016.notice.lead"),),
    )


def _phone(application: str, proceed: str, moves_on: str) -> ScreenPlan:
    return ScreenPlan(
        id="PHONE",
        title="PHONE.title",
        breadcrumb=_STEPS,
        position=2,
        application=application,
        buttons=(ButtonPlan("proceed", proceed), BACK, CANCEL),
        notices=(Notice("PHONE.notice.lead"), Notice(moves_on), Notice("PHONE.notice.window"), *CALL_NOTICES),
        rings_off=True,
    )


def _bim017(application: str, lead: str, form: Form, notices: tuple[Notice, ...] = ()) -> ScreenPlan:
    return ScreenPlan(
        id="BIM017",
        title="BIM017.title",
        breadcrumb=_STEPS,
        position=3,
        application=application,
        form=form,
        buttons=(ButtonPlan("submit_reset", "button.reset"), CANCEL),
        notices=(Notice(lead), *notices),
    )


def _completing(application: str) -> ScreenPlan:
    return ScreenPlan(
        id="BIM017",
        title="BIM017.title",
        breadcrumb=_STEPS,
        position=3,
        application=application,
        buttons=(COMPLETING_BUTTON,),
        notices=COMPLETING_NOTICES,
    )


def _done(application: str, notice: str) -> ScreenPlan:
    return ScreenPlan(
        id="DONE",
        title="DONE.title",
        breadcrumb=_STEPS,
        position=4,
        application=application,
        notices=(Notice(notice),),
    )


LOGIN_BIM015 = _bim015(_LOGIN)
LOGIN_BIM016 = _bim016(_LOGIN)
LOGIN_PHONE = _phone(_LOGIN, "button.to_password", "PHONE.notice.moves_on_to_password")
LOGIN_BIM017 = _bim017(
    _LOGIN,
    "BIM017.notice.lead_password",
    PasswordForm,
    (Notice("BIM017.notice.password_rule"),),
)
LOGIN_COMPLETING = _completing(_LOGIN)
LOGIN_DONE = _done(_LOGIN, "DONE.notice.LOGIN_PASSWORD")

RISK_BIM015 = _bim015(_RISK)
RISK_BIM016 = _bim016(_RISK)
RISK_PHONE = _phone(_RISK, "button.to_pin", "PHONE.notice.moves_on_to_pin")
RISK_BIM017 = _bim017(_RISK, "BIM017.notice.lead_pin", PinForm)
RISK_COMPLETING = _completing(_RISK)
RISK_DONE = _done(_RISK, "DONE.notice.RISK_BASED_AUTH")

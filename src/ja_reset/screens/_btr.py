"""The screens of the BTR family: the reissue of the one-time password.

BTR002 has two plans, one for each method of BTR001 (F8, F12). Both waits of BTR004, for the call and for the keys,
show the one screen of the manual.
"""

from __future__ import annotations

from ja_reset.fields.forms import AccountForm, DetailsForm, LoginIdForm, MethodForm
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

_APPLICATION = "application.TOKEN_REISSUE"

_STEPS = (
    "step.method_choice",
    "step.authentication",
    "step.details_entry",
    "step.phone_authentication",
    "step.completed",
)


def _btr002(form: Form) -> ScreenPlan:
    return ScreenPlan(
        id="BTR002",
        title="BTR002.title",
        breadcrumb=_STEPS,
        position=1,
        application=_APPLICATION,
        form=form,
        buttons=(ButtonPlan("submit_credentials", "button.next"), BACK, CANCEL),
        notices=(Notice("BTR002.notice.lead"),),
    )


BTR001 = ScreenPlan(
    id="BTR001",
    title="BTR001.title",
    breadcrumb=_STEPS,
    position=0,
    application=_APPLICATION,
    form=MethodForm,
    buttons=(ButtonPlan("choose_method", "button.to_authentication"), CANCEL),
    notices=(
        Notice("BTR001.notice.lead"),
        Notice("BTR001.notice.call_needed"),
        Notice("BTR001.notice.masked"),
        Notice("notice.phone.caller_id"),
        Notice("notice.phone.out_of_use"),
    ),
)
BTR002_LOGIN_ID = _btr002(LoginIdForm)
BTR002_ACCOUNT = _btr002(AccountForm)
BTR003 = ScreenPlan(
    id="BTR003",
    title="BTR003.title",
    breadcrumb=_STEPS,
    position=2,
    application=_APPLICATION,
    form=DetailsForm,
    buttons=(ButtonPlan("submit_details", "button.phone_authentication"), CANCEL),
    notices=(Notice("BTR003.notice.lead"), Notice("BTR003.notice.activation_password")),
)
BTR004 = ScreenPlan(
    id="BTR004",
    title="BTR004.title",
    breadcrumb=_STEPS,
    position=3,
    application=_APPLICATION,
    buttons=(ButtonPlan("proceed", "button.confirm"), BACK, CANCEL),
    notices=(
        Notice("BTR004.notice.lead"),
        Notice("BTR004.notice.moves_on"),
        Notice("BTR004.notice.window"),
        *CALL_NOTICES,
    ),
)
BTR_COMPLETING = ScreenPlan(
    id="BTR004",
    title="BTR004.title",
    breadcrumb=_STEPS,
    position=3,
    application=_APPLICATION,
    buttons=(COMPLETING_BUTTON,),
    notices=COMPLETING_NOTICES,
)
BTR005 = ScreenPlan(
    id="BTR005",
    title="BTR005.title",
    breadcrumb=("step.application_choice", *_STEPS),  # M1: here alone the choice of application stands in front
    position=5,
    application=_APPLICATION,
    buttons=(ButtonPlan(None, "button.print"), ButtonPlan(None, "button.home")),
    notices=(
        Notice("BTR005.notice.issued"),
        Notice("BTR005.notice.next_step"),
        Notice("BTR005.notice.keep_ids"),
        Notice("BTR005.notice.latest_version"),
        Notice("BTR005.notice.set_up_failed"),
    ),
)

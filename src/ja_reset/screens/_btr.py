"""The screens of the BTR family: the reissue of the one-time password.

BTR002 has two plans, one for each method of BTR001 (F8, F12). Both waits of BTR004, for the call and for the keys,
show the one screen of the manual.
"""

from __future__ import annotations

from functools import partial

from ja_reset.fields.forms import AccountForm, DetailsForm, LoginIdForm, MethodForm
from ja_reset.fields.specs import Form
from ja_reset.screens._notice_plans import CALL_NOTICES, CALL_SECTIONS, Notice, call_moments
from ja_reset.screens._plan import BACK, CANCEL, KEYBOARD, ButtonPlan, ScreenPlan, completing

_STEPS = (
    "step.method_choice",
    "step.authentication",
    "step.details_entry",
    "step.phone_authentication",
    "step.completed",
)

_screen = partial(ScreenPlan, breadcrumb=_STEPS, application="application.TOKEN_REISSUE")


def _btr002(form: Form) -> ScreenPlan:
    return _screen(
        id="BTR002",
        title="BTR002.title",
        position=1,
        form=form,
        buttons=(ButtonPlan("submit_credentials", "button.next"), BACK, CANCEL),
        notices=(Notice("BTR002.notice.lead"),),
        keyboard=KEYBOARD,
    )


BTR001 = _screen(
    id="BTR001",
    title="BTR001.title",
    position=0,
    form=MethodForm,
    buttons=(ButtonPlan("choose_method", "button.to_authentication"), CANCEL),
    notices=(
        Notice("BTR001.notice.lead"),
        Notice("BTR001.notice.call_needed"),
        Notice("BTR001.notice.masked"),
        Notice("notice.phone.caller_id"),
        Notice("notice.phone.relay", relay_only=True),
        Notice("notice.phone.out_of_use"),
    ),
)
BTR002_LOGIN_ID = _btr002(LoginIdForm)
BTR002_ACCOUNT = _btr002(AccountForm)
BTR003 = _screen(
    id="BTR003",
    title="BTR003.title",
    position=2,
    form=DetailsForm,
    buttons=(ButtonPlan("submit_details", "button.phone_authentication"), CANCEL),
    notices=(Notice("BTR003.notice.lead"),),
)
BTR004 = _screen(
    id="BTR004",
    title="BTR004.title",
    position=3,
    buttons=(ButtonPlan("proceed", "button.confirm"), BACK, CANCEL),
    notices=(
        *call_moments("BTR004.notice.lead"),
        Notice("BTR004.notice.moves_on"),
        Notice("BTR004.notice.window"),
        *CALL_NOTICES,
    ),
    sections=CALL_SECTIONS,
)
BTR_COMPLETING = completing(BTR004)
BTR005 = _screen(
    id="BTR005",
    title="BTR005.title",
    breadcrumb=("step.application_choice", *_STEPS),  # M1: here alone the choice of application stands in front
    position=5,
    buttons=(ButtonPlan(None, "button.print"), ButtonPlan(None, "button.home")),
    notices=(
        Notice("BTR005.notice.issued"),
        Notice("BTR005.notice.next_step"),
        Notice("BTR005.notice.keep_ids"),
        Notice("BTR005.notice.latest_version"),
        Notice("BTR005.notice.set_up_failed"),
    ),
)

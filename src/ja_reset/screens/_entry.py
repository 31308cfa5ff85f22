"""The way in, which the host owns (E1): BL1001 and the menu behind 各種パスワード等の初期化・再設定.

No session runs on these screens. A button's event on the menu is the name of the procedure that the host starts;
prefectures and JAs are the host's to list.
"""

from __future__ import annotations

import attrs

from ja_reset.fields import forms
from ja_reset.fields.specs import FieldKind, FieldSpec
from ja_reset.screens._notice_plans import Notice, SectionPlan
from ja_reset.screens._plan import KEYBOARD, ButtonPlan, FieldPlan, ScreenPlan


def _optional(spec: FieldSpec, section: str | None = None) -> FieldPlan:
    """Either the login ID or the account logs in, so none of them is required by itself."""
    return attrs.evolve(FieldPlan.of(spec), section=section, required=False)


BL1001 = ScreenPlan(
    id="BL1001",
    title="BL1001.title",
    fields=(
        _optional(forms.LOGIN_ID, "section.login"),
        _optional(forms.BRANCH, "section.login_account"),
        _optional(forms.SUBJECT),
        _optional(forms.ACCOUNT),
        attrs.evolve(FieldPlan.of(forms.PASSWORD), section="section.login_password"),
    ),
    buttons=(
        ButtonPlan(None, "button.log_in"),
        ButtonPlan(None, "button.apply"),
        ButtonPlan(None, "button.first_time"),
        ButtonPlan(None, "button.help"),
    ),
    notices=(
        Notice("BL1001.notice.login"),
        Notice("BL1001.notice.forgotten"),
        Notice("BL1001.notice.fraud"),
        Notice("BL1001.notice.new_device"),
        Notice("BL1001.notice.shut_out"),
        Notice("BL1001.notice.next_day"),
        Notice("BL1001.notice.where"),
    ),
    sections=(
        SectionPlan("section.resets", ("BL1001.notice.forgotten",), ("button.apply",)),
        SectionPlan("section.fraud", ("BL1001.notice.fraud",)),
        SectionPlan(
            "section.new_device",
            ("BL1001.notice.new_device", "BL1001.notice.shut_out", "BL1001.notice.next_day", "BL1001.notice.where"),
        ),
    ),
    keyboard=KEYBOARD,
)
MENU = ScreenPlan(
    id="MENU",
    title="MENU.title",
    fields=(
        FieldPlan("prefecture", FieldKind.SELECT, "section.institution", hint=False),
        FieldPlan("institution", FieldKind.SELECT, hint=False),
    ),
    buttons=(
        ButtonPlan("LOGIN_PASSWORD", "button.LOGIN_PASSWORD"),
        ButtonPlan("RISK_BASED_AUTH", "button.RISK_BASED_AUTH"),
        ButtonPlan("TOKEN_REISSUE", "button.TOKEN_REISSUE"),
    ),
    notices=(
        Notice("MENU.notice.choose"),
        Notice("MENU.notice.read"),
        Notice("MENU.notice.individuals"),
        Notice("MENU.notice.hours", needs="hours"),
    ),
    prints_id=False,
)

ENTRY = (BL1001, MENU)

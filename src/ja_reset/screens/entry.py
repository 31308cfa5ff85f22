"""The way in, which the host owns (E1): BL1001 and the menu behind 各種パスワード等の初期化・再設定.

No session runs on these screens. A button's event on the menu is the name of the procedure that the host starts;
prefectures and JAs are the host's to list.
"""

from __future__ import annotations

from ja_reset.screens.bim import SUBJECTS
from ja_reset.screens.plan import ButtonPlan, FieldPlan, Notice, ScreenPlan
from ja_reset.screens.screen import FieldKind

BL1001 = ScreenPlan(
    id="BL1001",
    title="BL1001.title",
    fields=(
        # Either the login ID or the account logs in, so none of them is required by itself.
        FieldPlan("login_id", FieldKind.TEXT, "section.login", required=False),
        FieldPlan("branch", FieldKind.DIGITS, required=False),
        FieldPlan("subject", FieldKind.RADIO, hint=False, required=False, options=SUBJECTS),
        FieldPlan("account", FieldKind.DIGITS, required=False),
        FieldPlan("password", FieldKind.PASSWORD),
    ),
    buttons=(ButtonPlan(None, "button.log_in"), ButtonPlan(None, "button.apply")),
    notices=(
        Notice("BL1001.notice.login"),
        Notice("BL1001.notice.forgotten"),
        Notice("BL1001.notice.fraud"),
        Notice("BL1001.notice.new_device"),
    ),
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
    notices=(Notice("MENU.notice.choose"), Notice("MENU.notice.individuals")),
)

ENTRY = (BL1001, MENU)

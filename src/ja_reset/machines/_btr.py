"""The BTR family: reissue of the one-time-password token (BTR001 to BTR005 of the manual)."""

from __future__ import annotations

from ja_reset import screens
from ja_reset.chart import Chart
from ja_reset.chart.states import State, StateKind
from ja_reset.chart.transitions import Handler, check
from ja_reset.fields.forms import AccountForm, DetailsForm, LoginIdForm, MethodForm
from ja_reset.machines import assigns, effects, guards
from ja_reset.machines.common import COMPLETING, back, cancel, clock, completing, endings, identity
from ja_reset.machines.phone import Phone, choosing, waiting, waiting_states
from ja_reset.text import Text

PHONE = Phone(
    choose="BTR003",
    call="BTR004",
    keys="BTR004_KEYS",
    to=COMPLETING,
    opens=(assigns.btr_window_opens,),
    assigns=(assigns.order_is_kept(effects.ISSUE_TOKEN),),
    effects=(effects.ISSUE_TOKEN,),
)

_PROVED = frozenset({"method", "ref", "phones"})

TOKEN_REISSUE = Chart(
    "TOKEN_REISSUE",
    version=1,
    title=Text(ja="ワンタイムパスワードの再発行", en="Reissue of the one-time-password token"),
    initial="BTR001",
    states=(
        State(name="BTR001", kind=StateKind.FORM, screen=screens.BTR001),
        State(
            name="BTR002",
            kind=StateKind.FORM,
            screen=screens.BTR002_LOGIN_ID,
            variants={"LOGIN_ID": screens.BTR002_LOGIN_ID, "ACCOUNT": screens.BTR002_ACCOUNT},
            keeps=frozenset({"method"}),
        ),
        State(name="BTR003", kind=StateKind.FORM, screen=screens.BTR003, keeps=_PROVED),
        *waiting_states(PHONE, screen=screens.BTR004, keeps=_PROVED | {"activation", "email"}),
        State(
            name=COMPLETING,
            kind=StateKind.COMPLETING,
            screen=screens.BTR_COMPLETING,
            keeps=frozenset({"ref", "email", "order"}),
        ),
        State(
            name="BTR005",
            kind=StateKind.SUCCESS,
            screen=screens.BTR005,
            keeps=frozenset({"email", "issued"}),
            tolerates=("proceed",),
        ),
        *endings(),
    ),
    handlers=(
        # BTR001 認証方法選択
        Handler(
            trigger="choose_method",
            source="BTR001",
            form=MethodForm,
            checks=(check(guards.form_is_valid),),
            to="BTR002",
            assigns=(assigns.method_is_chosen,),
        ),
        # BTR002 認証
        identity(
            trigger="submit_credentials",
            source="BTR002",
            form={"LOGIN_ID": LoginIdForm, "ACCOUNT": AccountForm},
            proof=guards.login_is_proved,
            to="BTR003",
        ),
        back("BTR002", to="BTR001"),
        # BTR003 情報入力
        choosing(PHONE, trigger="submit_details", form=DetailsForm, assigns=(assigns.details_are_sealed,)),
        # BTR004 電話番号認証
        *waiting(PHONE),
        # BTR005 完了
        *completing(success="BTR005", refused="REJECTED", assigns=(assigns.token_is_issued,)),
        *cancel("BTR001", "BTR002", "BTR003"),
        *clock("BTR001", "BTR002", "BTR003"),
    ),
)

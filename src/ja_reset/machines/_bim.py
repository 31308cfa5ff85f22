"""The BIM family: the login password, and risk-based authentication (BIM015 to BIM017 of the manual)."""

from __future__ import annotations

from ja_reset import screens
from ja_reset.chart import Chart
from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.states import State, StateKind
from ja_reset.chart.transitions import Handler, check
from ja_reset.fields.forms import IdentityForm, PasswordForm, PhoneForm, PinForm
from ja_reset.fields.specs import Role, field_in
from ja_reset.machines import assigns, effects, guards
from ja_reset.machines.common import (
    COMPLETING,
    back,
    cancel,
    clock,
    completing,
    contract_still_stands,
    endings,
    identity,
    pin_is_proved,
)
from ja_reset.machines.phone import bim_phone, choosing, waiting, waiting_states
from ja_reset.screens import ScreenPlan
from ja_reset.text import Text

PHONE = bim_phone(choose="BIM016", call="PHONE", keys="PHONE_KEYS", to="BIM017")


def _submit_reset(form: type, effect: EffectSpec) -> Handler:
    password = (check(guards.password_is_allowed),) if field_in(form, Role.NEW_PASSWORD) else ()
    return Handler(
        trigger="submit_reset",
        source="BIM017",
        form=form,
        checks=(
            check(guards.form_is_valid),
            *contract_still_stands,
            *password,
            *pin_is_proved,
        ),
        to=COMPLETING,
        assigns=(assigns.order_is_kept(effect),),
        effects=(effect,),
    )


def bim_chart(
    name: str,
    *,
    title: Text,
    bim015: ScreenPlan,
    bim016: ScreenPlan,
    phone: ScreenPlan,
    bim017: ScreenPlan,
    processing: ScreenPlan,
    done: ScreenPlan,
    form: type,
    effect: EffectSpec,
    version: int = 1,
) -> Chart:
    """A procedure of the BIM family, with its screens, the form of BIM017, and the effect that completes it."""
    chosen = frozenset({"ref", "phones"})
    return Chart(
        name,
        version=version,
        title=title,
        initial="BIM015",
        states=(
            State(name="BIM015", kind=StateKind.FORM, screen=bim015),
            State(name="BIM016", kind=StateKind.FORM, screen=bim016, keeps=chosen),
            *waiting_states(PHONE, screen=phone, keeps=chosen),
            State(name="BIM017", kind=StateKind.FORM, screen=bim017, keeps=frozenset({"ref"}), tolerates=("proceed",)),
            State(name=COMPLETING, kind=StateKind.COMPLETING, screen=processing, keeps=frozenset({"ref", "order"})),
            State(name="DONE", kind=StateKind.SUCCESS, screen=done, tolerates=("proceed",)),
            *endings(),
        ),
        handlers=(
            # BIM015 契約者認証
            identity(
                trigger="submit_identity",
                source="BIM015",
                form=IdentityForm,
                proof=guards.identity_is_proved,
                to="BIM016",
            ),
            # BIM016 契約者確認
            choosing(PHONE, trigger="choose_phone", form=PhoneForm),
            back("BIM016", to="BIM015"),
            # 電話番号認証
            *waiting(PHONE),
            # BIM017 パスワード入力
            _submit_reset(form, effect),
            # 初期化完了
            *completing(success="DONE", refused="BIM017"),
            *cancel("BIM015", "BIM016", "BIM017"),
            *clock("BIM015", "BIM016", "BIM017"),
        ),
    )


LOGIN_PASSWORD = bim_chart(
    "LOGIN_PASSWORD",
    title=Text(ja="ログインパスワードの初期化", en="Reset of the login password"),
    bim015=screens.LOGIN_BIM015,
    bim016=screens.LOGIN_BIM016,
    phone=screens.LOGIN_PHONE,
    bim017=screens.LOGIN_BIM017,
    processing=screens.LOGIN_COMPLETING,
    done=screens.LOGIN_DONE,
    form=PasswordForm,
    effect=effects.SET_LOGIN_PASSWORD,
)

RISK_BASED_AUTH = bim_chart(
    "RISK_BASED_AUTH",
    title=Text(
        ja="リスクベース認証(追加認証)の初期化", en="Reset of risk-based authentication (additional authentication)"
    ),
    bim015=screens.RISK_BIM015,
    bim016=screens.RISK_BIM016,
    phone=screens.RISK_PHONE,
    bim017=screens.RISK_BIM017,
    processing=screens.RISK_COMPLETING,
    done=screens.RISK_DONE,
    form=PinForm,
    effect=effects.CLEAR_RISK_AUTH,
)

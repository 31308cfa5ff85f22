"""Change of the transfer limit: a procedure of a host's own, from the login to the order that its bank carries out."""

from __future__ import annotations

from datetime import date
from functools import partial
from types import NoneType

import attrs

from ja_reset import Secret, Text, screens
from ja_reset.chart import BankFact, Chart, EffectSpec, Guard, Handler, Refusal, State, StateKind, Turn, check
from ja_reset.fields.forms import PIN, LoginIdForm, PhoneForm
from ja_reset.fields.readers import Reader
from ja_reset.fields.specs import FieldKind, FieldSpec, field
from ja_reset.machines import assigns, common, guards
from ja_reset.machines.facts import READING
from ja_reset.machines.phone import bim_phone, choosing, waiting, waiting_states
from ja_reset.screens import BACK, CANCEL, ButtonPlan, Notice, ScreenPlan


@attrs.frozen
class TransferPolicy:
    """What an institution chooses: the highest limit that a customer can set here, in yen."""

    most_yen: int = attrs.field(default=10_000_000, validator=attrs.validators.gt(0))


def _amount(text: str, policy: TransferPolicy, _today: date) -> str | None:
    return str(int(text)) if text.isascii() and text.isdigit() and 0 < int(text) <= policy.most_yen else None


AMOUNT = Reader(
    name="amount",
    policy=TransferPolicy,
    longest=lambda policy: len(str(policy.most_yen)),
    parse=_amount,
    example=lambda _: "1",
    others=lambda policy: (str(policy.most_yen),),  # what a guard can tell from the example
    wrong=("0", "x", "-1"),
)


@attrs.frozen(kw_only=True)
class LimitForm:
    """The new limit, and the PIN of the cash card."""

    new_limit: str = field(FieldSpec("new_limit", AMOUNT, FieldKind.DIGITS, section="section.new_limit"))
    pin: Secret = field(PIN)


def _yen(turn: Turn) -> str:
    return turn.know(READING).of(LimitForm).new_limit


CEILING = BankFact[int | None](  # what this contract may transfer at most; a bank without the method sets no ceiling
    "ceiling", method="transfer_ceiling", kind=(int, NoneType), absent=None, values={"none": None, "nothing": 0}
)
limit_is_within_ceiling = Guard(
    "limit_is_within_ceiling",
    lambda turn: (ceiling := turn.know(CEILING)) is None or int(_yen(turn)) <= ceiling,
    ("limit_too_high",),
    says=Text("契約の上限以内である", "the limit is within the contract's ceiling"),
    reasons=lambda _: (Refusal("limit_too_high", "new_limit"),),
    reads=(READING, CEILING),
)

SET_TRANSFER_LIMIT = EffectSpec(
    "SET_TRANSFER_LIMIT", lambda turn: {"limit": _yen(turn)}, needs=("identity", "call", "pin"), reads=(READING,)
)
LIMIT_IS_KEPT = assigns.own_value("limit", LimitForm, "new_limit", words=lambda yen: f"{int(yen):,}")

TITLE = Text("振込限度額の変更", "Change of the transfer limit")
TEXTS = {
    "application.TRANSFER_LIMIT": TITLE,
    "step.new_limit": Text("限度額入力", "New limit"),
    "step.limit_changed": Text("変更完了", "Limit changed"),
    "limit.title": Text("振込限度額の入力", "New transfer limit"),
    "limit.lead": Text("新しい振込限度額と暗証番号をご入力ください。", "Enter the new limit, and your PIN."),
    "limit.changed": Text("振込限度額の変更完了", "Transfer limit changed"),
    "limit.now": Text("振込限度額を1日{limit}円に変更しました。", "You can now transfer {limit} yen a day."),
    "section.new_limit": Text("新しい振込限度額", "New transfer limit"),
    "field.new_limit.label": Text("1日の振込限度額（円）", "Transfer limit a day (yen)"),
    "field.new_limit.hint": Text("(半角数字 {most_yen}円まで)", "(digits, {most_yen} yen at most)"),
    "format.new_limit": Text("1円から{most_yen}円までの額をご入力ください。", "Enter 1 to {most_yen} yen."),
    "button.to_limit": Text("限度額入力へ", "To the new limit"),
    "button.change_limit": Text("変更する", "Change"),
}
TRAIL = ("step.authentication", "step.contract_confirmation", "step.phone_authentication", "step.new_limit")

_screen = partial(ScreenPlan, application="application.TRANSFER_LIMIT", breadcrumb=(*TRAIL, "step.limit_changed"))
LOG_IN, CHOOSE = ButtonPlan("log_in", "button.next"), ButtonPlan("choose_phone", "button.phone_authentication")
PROCEED, CHANGE = ButtonPlan("proceed", "button.to_limit"), ButtonPlan("change_limit", "button.change_limit")
LEAD, NOW = (Notice("limit.lead"),), (Notice("limit.now"),)
LOGIN = _screen(id="LOGIN", title="BTR002.title", position=0, form=LoginIdForm, buttons=(LOG_IN, CANCEL))
CHOICE = _screen(id="CHOICE", title="BIM016.title", position=1, form=PhoneForm, buttons=(CHOOSE, BACK, CANCEL))
CALL = _screen(
    id="CALL", title="PHONE.title", position=2, buttons=(PROCEED, BACK, CANCEL), notices=screens.CALL_NOTICES
)
LIMIT = _screen(id="LIMIT", title="limit.title", position=3, form=LimitForm, buttons=(CHANGE, CANCEL), notices=LEAD)
PROCESSING = _screen(
    id="LIMIT",
    title="limit.title",
    position=3,
    buttons=(screens.COMPLETING_BUTTON,),
    notices=screens.COMPLETING_NOTICES,
)
CHANGED = _screen(id="CHANGED", title="limit.changed", position=4, notices=NOW)

PHONE = bim_phone(choose="CHOICE", call="CALL", keys="CALL_KEYS", to="LIMIT")
KNOWN, ORDERED, SHOWN = frozenset({"ref", "phones"}), frozenset({"ref", "order", "limit"}), frozenset({"limit"})
CHECKS = (check(guards.form_is_valid), *common.contract_still_stands, check(limit_is_within_ceiling))

TRANSFER_LIMIT = Chart(
    "TRANSFER_LIMIT",
    title=TITLE,
    initial="LOGIN",
    texts=TEXTS,
    codes={"limit_too_high": Text("ご契約の上限を超えています。", "Your contract does not allow as much.")},
    policies=(TransferPolicy,),
    states=(
        State(name="LOGIN", kind=StateKind.FORM, screen=LOGIN),
        State(name="CHOICE", kind=StateKind.FORM, screen=CHOICE, keeps=KNOWN),
        *waiting_states(PHONE, screen=CALL, keeps=KNOWN),
        State(name="LIMIT", kind=StateKind.FORM, screen=LIMIT, keeps=frozenset({"ref"}), tolerates=("proceed",)),
        State(name=common.COMPLETING, kind=StateKind.COMPLETING, screen=PROCESSING, keeps=ORDERED),
        State(name="CHANGED", kind=StateKind.SUCCESS, screen=CHANGED, keeps=SHOWN, tolerates=("proceed",)),
        *common.endings(),
    ),
    handlers=(
        common.identity(trigger="log_in", source="LOGIN", form=LoginIdForm, proof=guards.login_is_proved, to="CHOICE"),
        choosing(PHONE, trigger="choose_phone", form=PhoneForm),
        common.back("CHOICE", to="LOGIN"),
        *waiting(PHONE),
        Handler(
            trigger="change_limit",
            source="LIMIT",
            form=LimitForm,
            checks=(*CHECKS, *common.pin_is_proved),
            to=common.COMPLETING,
            assigns=(assigns.order_is_kept(SET_TRANSFER_LIMIT), LIMIT_IS_KEPT),
            effects=(SET_TRANSFER_LIMIT,),
        ),
        *common.completing(success="CHANGED", refused="LIMIT"),
        *common.cancel("LOGIN", "CHOICE", "LIMIT"),
        *common.clock("LOGIN", "CHOICE", "LIMIT"),
    ),
)

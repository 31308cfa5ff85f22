"""What a step is called in a counterexample, in Japanese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.chart import Chart
from ja_reset.chart.turn import BankFact
from ja_reset.diagrams._words import EVENTS
from ja_reset.screens import SCREEN_TEXTS
from ja_reset.text import Text
from ja_reset.verify._samples import DIALS, OTHER_ENTRY

_T = Text

OTHERS: Mapping[str, Text] = MappingProxyType(
    {
        "grace_begins": _T(
            "受付時間が終わり、遅れて届く報告を待つ", "the window closes; late reports are still waited for"
        ),
        "other_waits": _T("別のセッションがその番号を待ち始める", "another session begins to wait for the number"),
        "other_asks": _T("別のセッションがその番号を求める", "another session asks for the number"),
        "other_leaves": _T("別のセッションがその番号を待つのをやめる", "the other session stops waiting"),
        "other_succeeds": _T("別のセッションがその番号で証明される", "the other session is proved by the number"),
        "others_contest": _T("別の二つのセッションがその番号を求める", "two other sessions contest the number"),
        "other_times_out": _T("別のセッションの受付時間が終わる", "the other session's window closes"),
        "rest_is_over": _T("番号の休止が終わる", "the number has rested"),
        "other_tries_identity": _T(
            "別のセッションが同じ口座で本人確認を試みる", "another session tries the same account"
        ),
        "other_fails_identity": _T("別のセッションが本人確認に失敗する", "the other session fails"),
        "other_proves_identity": _T("別のセッションが本人確認に成功する", "the other session proves its identity"),
        "identity_window_passes": _T("本人確認の失敗が時効になる", "the account's failures lapse"),
        "other_tries_pin": _T(
            "別のセッションが同じカードの暗証番号を照合中", "another session has a PIN of the same card checked"
        ),
        "other_pin_wrong": _T("別のセッションの暗証番号が誤り", "the other session's PIN was wrong"),
        "other_pin_right": _T("別のセッションの暗証番号が正しい", "the other session's PIN was right"),
        "other_pin_not_checked": _T("別のセッションの暗証番号は照合されず", "the other session's PIN was not checked"),
        "other_pin_unknown": _T("別のセッションの照合結果が不明", "what became of the other session's PIN is unknown"),
        "unknown_pin_lapses": _T("結果不明の照合が時効になる", "a PIN check of unknown outcome lapses"),
        "host_unlocks": _T("金融機関が利用停止を解除する", "the host unlocks"),
    }
)
"""What others do, and the clock without an event of the chart."""

_LOCKS = {
    "service_locked": _T("サービスは利用停止中", "the service is locked"),
    "card_locked": _T("カードは利用停止中", "the card is locked"),
    "both_locked": _T("サービスもカードも利用停止中", "service and card are locked"),
}
_AGAINST = {
    **_LOCKS,
    "not_individual": _T("個人ではない", "no individual"),
    "no_phone": _T("使える電話がない", "no phone to offer"),
    "chosen": _T("選択した番号から", "from the chosen number"),
    "other_registered": _T("登録済みの別の番号から", "from a registered number that was not chosen"),
    "stranger": _T("知らない番号から", "from a stranger's number"),
    "voip": _T("050番号から", "from a 050 number"),
    "other_relay": _T("選択していない電話リレーサービスの番号から", "from a relay number that was not chosen"),
    "withheld": _T("非通知で", "number withheld"),
    "unavailable": _T("通知不可で", "number unavailable"),
    "wrong_line": _T("別の発信先へ", "to another line"),
    "diverted": _T("転送されて", "diverted"),
    "claimed": _T("番号は自称", "number merely claimed"),
    "attestation": _T("証明の水準が足りない", "attestation too weak"),
    "same_end": _T("末尾が同じ別の番号から", "from another number with the same last digits"),
    "same_beginning": _T("先頭が同じ別の番号から", "from another number with the same first digits"),
    "last_digit": _T("最後の一桁だけ違う番号から", "from a number that differs in its last digit"),
    "other_mobile": _T("別の携帯電話から", "from another mobile phone"),
    "landline": _T("末尾が同じ固定電話から", "from a landline with the same last digits"),
    "line_nearby": _T("よく似た発信先へ", "to a line that is nearly the institution's"),
    "no_line": _T("発信先の報告なし", "no line reported"),
    "line:same": _T("認証先電話番号へ", "to the institution's line"),
    "NETWORK": _T("番号は網が確認", "asserted by the network"),
    "CLAIMED": _T("番号は自称", "number merely claimed"),
    "A": _T("証明 A", "attestation A"),
    "B": _T("証明 B", "attestation B"),
    "C": _T("証明 C", "attestation C"),
    "no_level": _T("証明なし", "no attestation"),
    "RESTRICTED": _T("非通知で", "number withheld"),
    "UNAVAILABLE": _T("通知不可で", "number unavailable"),
    "another": _T("よく似た別の契約のもの", "of another contract whose reference is nearly the same"),
}
_TOLD: Mapping[str, Text] = MappingProxyType(
    {
        "form:right": _T("正しい入力", "a valid form"),
        "form:LOGIN_ID": _T("ログインIDを選ぶ", "choosing the login id"),
        "form:ACCOUNT": _T("代表口座を選ぶ", "choosing the account"),
        "form:relay_phone": _T("電話リレーサービスの番号", "the relay service's number"),
        "form:unknown_phone": _T("提示されていない電話", "a phone that was not offered"),
        "form:refused_password": _T("金融機関が認めないパスワード", "a password that the host's rule refuses"),
        "account:this": _T("この口座で", "for this account"),
        "account:another": _T("別の口座で", "for another account"),
        "account:this, no try free": _T("この口座の回数は残っていない", "no try at this account is free"),
        "account:another, no try free": _T("セッションの回数は残っていない", "no try of this session is free"),
        "identity:right": _T("本人情報は正しい", "the identity is right"),
        "identity:wrong": _T("本人情報が一致しない", "the identity does not match"),
        "contract:fine": _T("契約は有効", "the contract stands"),
        "contract:service_locked": _LOCKS["service_locked"],
        "contract:card_locked": _LOCKS["card_locked"],
        "contract:both_locked": _LOCKS["both_locked"],
        "contract:gone": _T("契約はもうない", "the contract is gone"),
        "count:locked": _T("暗証番号の誤りで利用停止済み", "locked by wrong PINs"),
        "count:full": _T(
            "暗証番号の誤りが、引き下げられた上限に達している", "wrong PINs up to a limit that was lowered"
        ),
        "pin:none_free": _T("照合枠が空いていない", "no attempt at the PIN is free"),
        "pin:right": _T("暗証番号は正しい", "the PIN is right"),
        "pin:wrong": _T("暗証番号は誤り", "the PIN is wrong"),
        "pin:not_checked": _T("暗証番号は照合されず", "the PIN is not checked"),
        "codes:last_of_number": _T("この番号での確認番号はあと一回", "one code is left for this number"),
        "codes:none_of_number": _T("この番号での確認番号は残っていない", "no code is left for this number"),
        "keys:right": _T("正しい番号", "the right code"),
        "keys:wrong": _T("誤った番号", "a wrong code"),
        "keys:empty": _T("何も入力しない", "no digit"),
        "keys:beginning": _T("最後の桁のない番号", "the code without its last digit"),
        "keys:first_digit": _T("最初の一桁だけ", "the code's first digit alone"),
        "keys:longer": _T("一桁多い番号", "the code and one digit more"),
        "keys:with_more_in_front": _T("先頭に一桁多い番号", "the code with a digit in front"),
        "keys:last_digit": _T("最後の桁が違う番号", "the code but for its last digit"),
        "keys:other_order": _T("順序の違う番号", "the code's digits in another order"),
        "keys:of_the_call_before": _T("前の電話の番号", "the code of the call before"),
        "keys:of_another_call": _T("別の電話の番号", "another call's code"),
        "keys:in_full_width": _T("全角の番号", "the code in full-width digits"),
        "received:an_hour_early": _T("一時間早い時刻", "dated an hour early"),
        "received:an_hour_late": _T("一時間遅い時刻", "dated an hour late"),
        "received:a_zone_early": _T("九時間早い時刻", "dated nine hours early"),
        "received:a_zone_late": _T("九時間遅い時刻", "dated nine hours late"),
        "received:a_day_early": _T("一日早い時刻", "dated a day early"),
        "received:a_day_late": _T("一日遅い時刻", "dated a day late"),
        "form:unknown_phone+beginning": _T("提示された電話の途中までのID", "the beginning of an offered phone's id"),
        "form:unknown_phone+longer": _T("提示された電話より長いID", "an offered phone's id and more"),
        "form:unknown_phone+same_length": _T("一文字だけ違うID", "an id that differs in one letter"),
        "form:unknown_phone+other_letters": _T("大文字と小文字の違うID", "an offered phone's id in other letters"),
        "lines:two": _T("発信先の番号は二つ", "the institution has two numbers to call"),
        **{f"dial:{dial}": _T(f"発信先は {dial}", f"the number to call is {dial}") for dial in DIALS},
        "wait:last_instant": _T("番号の占有の最後の瞬間", "at the last instant of the number's rest or wait"),
        "moment:last": _T("最後の瞬間に報告", "reported at the last instant"),
        "received:now": _T("その場で報告", "reported as it happens"),
        "received:first": _T("受付の最初の瞬間に到着", "received at the window's first instant"),
        "received:last": _T("受付の最後の瞬間に到着", "received at the window's last instant"),
        "received:before": _T("受付の開始の直前に到着", "received just before the window"),
        "received:after": _T("受付の終了の直後に到着", "received just after the window"),
        "received:ahead": _T("許される時計のずれの分だけ先の時刻", "dated ahead, within the skew of clocks"),
        "received:future": _T("未来の時刻", "dated in the future"),
        "time:window": _T("受付時間が終わった直後", "just after the window and its grace"),
        "time:idle": _T("無操作の制限の直後", "just after the idle limit"),
        "time:too_old": _T("全体の制限の直後", "just after the absolute limit"),
        "clock:within_skew": _T("時計が許される範囲で戻る", "the clock goes back within its skew"),
        "clock:back": _T("時計が大きく戻る", "the clock goes back too far"),
    }
)


def event_words(chart: Chart, state: str, trigger: str) -> tuple[Text, bool]:
    """What an event is called in *state*: its button, or its own words, or its name; and whether it is a button."""
    if trigger in OTHERS:
        return OTHERS[trigger], False
    if state in chart.states:
        for button in chart.states[state].screen.buttons:
            words = chart.texts.get(button.text) or SCREEN_TEXTS.get(button.text)
            if button.event == trigger and words is not None:
                return words, True
    return EVENTS.get(chart.role(trigger)) or Text(trigger, trigger), False


def told_words(chart: Chart, told: str) -> Text:
    """What was told with an event, in words; a value of the chart's own BankFact stands with the fact's name."""
    if told in _TOLD:
        return _TOLD[told]
    if told.startswith(OTHER_ENTRY):
        field = told.removeprefix(OTHER_ENTRY)
        return Text(f"別の正しい入力 ({field})", f"another valid form ({field})")
    kind, _, rest = told.partition(":")
    said = Text("金融機関の応答なし", "the bank gives no answer") if rest == "no_answer" else Text(rest, rest)
    if isinstance(chart.facts.get(kind), BankFact):
        return Text(f"{kind}: {said.ja}", f"{kind}: {said.en}")
    if rest == "no_answer":
        return said
    if kind == "form":
        return Text(f"入力誤り ({rest})", f"an invalid form ({rest})")
    parts = [_AGAINST.get(part) or _TOLD.get(f"{kind}:{part}") or Text(part, part) for part in rest.split("+")]
    return Text("・".join(part.ja for part in parts), ", ".join(part.en for part in parts))

"""A short name for each reason code: in drawings, in tables and on operators' pages.

A customer reads the whole message of `messages`. These names are for the people who run a procedure.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ja_reset.text import Text

REASON_NAMES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "stale": Text("古い画面", "an old page"),
        "event_not_available": Text("利用できない操作", "not possible here"),
        "phone_not_verified": Text("電話番号認証が未了", "not called yet"),
        "number_in_use": Text("番号が使用中", "number in use"),
        "number_contested": Text("番号が競合", "number contested"),
        "temporarily_unavailable": Text("一時的に利用不可", "no answer for now"),
        "required": Text("未入力", "missing"),
        "too_long": Text("長すぎる入力", "too long"),
        "format": Text("形式の誤り", "wrong form"),
        "mismatch": Text("確認用と不一致", "two entries differ"),
        "not_accepted": Text("未承諾", "not accepted"),
        "password_rule": Text("使えないパスワード", "password not allowed"),
        "identity_mismatch": Text("本人情報の不一致", "identity does not match"),
        "login_mismatch": Text("ログイン情報の不一致", "login does not match"),
        "not_individual": Text("個人以外の契約", "not an individual"),
        "no_phone": Text("使える電話番号なし", "no usable phone"),
        "withheld": Text("番号非通知", "number withheld"),
        "unavailable": Text("番号通知不可", "number unavailable"),
        "voip": Text("050番号", "internet phone"),
        "wrong_number": Text("別の番号からの着信", "another number called"),
        "wrong_line": Text("発信先の誤り", "another number was dialled"),
        "line_unknown": Text("発信先が不明", "dialled number unknown"),
        "claimed": Text("自己申告の番号", "number only claimed"),
        "attestation": Text("番号の証明不足", "number not attested"),
        "diverted": Text("転送された着信", "call diverted"),
        "late": Text("受付時間後", "too late"),
        "early": Text("受付開始前", "too early"),
        "wrong_code": Text("確認番号の誤り", "wrong code"),
        "wrong_pin": Text("暗証番号の誤り", "wrong PIN"),
        "locked": Text("利用停止", "locked"),
        "timed_out": Text("時間切れ", "time ran out"),
        "refused_by_bank": Text("銀行の拒否", "refused by the bank"),
        "contract_unknown": Text("契約が存在しない", "contract unknown"),
        "call_id_reused": Text("通話IDの重複", "call id reused"),
        "entry_id_reused": Text("入力IDの重複", "entry id reused"),
        "codes_used_up": Text("番号の確認回数超過", "codes of the number used up"),
        "overdue": Text("完了の遅れ", "overdue"),
        "procedure_changed": Text("手続の更新", "procedure changed"),
        "in_progress": Text("処理中", "in progress"),
        "ended_by_operator": Text("担当者による終了", "ended by an operator"),
        "closed": Text("受付時間外", "closed"),
        "not_me": Text("心当たりなし", "not the caller's"),
        "not_confirmed": Text("電話で未確認", "not confirmed"),
    }
)
"""The names by code; a code that a chart of a host's own has is shown as it is."""

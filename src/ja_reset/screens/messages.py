"""The texts of refusals: each reason code in Japanese and in English (S9).

A published code keeps its meaning. A key of `MESSAGES` is a code, or `code.field` if a field has a text of its own; the
code stays the same. No message says which detail of an identity was wrong, nor whether the account exists (I4).
Placeholders are written `{name}`; `{label}` is the label of the field that the reason stands at.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from ja_reset.errors import InvalidArgument
from ja_reset.screens import _codes
from ja_reset.screens._catalogue import SCREEN_TEXTS
from ja_reset.screens._field_texts import FIELD_ERRORS
from ja_reset.screens._named import LABEL, NOTHING_TOLD, THIS_FIELD
from ja_reset.screens._reason_details import REASON_DETAILS
from ja_reset.screens.placeholders import NO_TEXTS, catalogue_of, fill, names_figures
from ja_reset.text import Text

if TYPE_CHECKING:
    from ja_reset.policies import Policies

CODES: tuple[str, ...] = _codes.CODES
"""The published codes: one may be added, none removed or given another meaning (S9)."""

_STEP_MESSAGES: dict[str, Text] = {
    "stale": Text(
        "画面の内容が更新されています。現在の画面をお確かめください。",
        "This page has been updated. Please check what it says now.",
    ),
    "event_not_available": Text("この画面では、その操作はご利用いただけません。", "You cannot do that on this page."),
    "temporarily_unavailable": Text(
        "ただいまお手続きを進めることができません。しばらくたってから、もう一度お試しください。",
        "We cannot continue just now. Try again in a little while.",
    ),
    "in_progress": Text(
        "ただいまお手続きを処理しております。そのまましばらくお待ちください。",
        "Your request is being processed. Please wait a moment.",
    ),
    "identity_mismatch": Text(
        "ご入力の内容では、ご本人であることを確認できませんでした。ご入力内容をお確かめください。"
        "ご不明な点は、お取引JAの窓口へお問い合わせください。",
        "We could not confirm your identity from what you entered. Please check your entries. If you are unsure, "
        "please ask at your JA.",
    ),
    "login_mismatch": Text(
        "ご入力の内容では認証できませんでした。ご入力内容をお確かめください。"
        "ご不明な点は、お取引JAの窓口へお問い合わせください。",
        "We could not sign you in with what you entered. Check your entries. If you are unsure, ask at your JA.",
    ),
    "not_individual": Text(
        "こちらのお手続きは、個人のお客様に限りご利用いただけます。お手数ですが、"
        "お取引店舗にて書面でお申し込みください。",
        "Only individual customers can use this service. Apply in writing at your branch.",
    ),
    "no_phone": Text(
        "認証にお使いいただける電話番号のご登録がありません。お取引店舗で電話番号の変更をお申し出ください。",
        "You have no registered phone number that can be used here. Have your number changed at your branch.",
    ),
    "wrong_pin": Text(
        "キャッシュカード暗証番号が正しくありません。連続して誤ってご入力になると、"
        "本サービスとキャッシュカードをご利用いただけなくなります。",
        "The cash card PIN is not correct. If you enter a wrong PIN too many times in a row, this service and your "
        "cash card will be locked.",
    ),
    "locked": Text(
        "本サービスまたはキャッシュカードのご利用を停止しています。お取引店舗の窓口でお手続きください。",
        "This service or your cash card is locked. Please apply at your branch.",
    ),
    "timed_out": Text(
        "所定の時間を過ぎました。お手数ですが、もう一度お手続きください。",
        "The time allowed has passed. Please try again.",
    ),
    "procedure_changed": Text(
        "お手続きの内容が更新されました。お手数ですが、はじめからお手続きください。",
        "This service has been updated. Start again from the beginning.",
    ),
    "ended_by_operator": Text(
        "お手続きは、窓口の担当者が終了いたしました。ご不明な点は、お取引JAへお問い合わせください。",
        "A member of staff has ended your application. If you have questions, ask your JA.",
    ),
    "closed": Text(
        "受付時間外のため、お手続きを始められませんでした。",
        "You applied outside our service hours, so your application was not started.",
    ),
    "refused_by_bank": Text(
        "お申し込みの内容をお受けできませんでした。内容を変えて、もう一度お申し込みください。",
        "We could not accept your application. Change it and try again.",
    ),
    "overdue": Text(
        "お手続きの完了まで、通常よりお時間をいただいております。お申し込みは受け付けておりますので、お手続きをやり直さずに、"
        "お取引店舗の窓口へお電話でお問い合わせください。ご迷惑をおかけし、申し訳ございません。",
        "We have your application, but it is taking longer than usual. Do not start again; telephone your branch. We "
        "are sorry for the trouble.",
    ),
    "contract_unknown": Text(
        "ご契約の内容を確認できなくなりました。お取引店舗の窓口へお問い合わせください。",
        "We can no longer confirm your contract. Ask at your branch.",
    ),
}

_PHONE_MESSAGES: dict[str, Text] = {
    "phone_not_verified": Text(
        "電話番号認証がまだ済んでおりません。この画面のご案内に沿ってお進めください。",
        "Your phone number has not been confirmed yet. Please follow the steps on this page.",
    ),
    "number_in_use": Text(
        "この電話番号では、ただいま認証を始めることができません。しばらくお待ちいただいてから、もう一度お試しください。",
        "This phone number cannot be used at the moment. Please wait for a while and try again.",
    ),
    "number_contested": Text(
        "同じ電話番号で別のお申し込みがあったため、安全のため認証を取りやめました。"
        "しばらくお待ちいただいてから、もう一度お試しください。お心当たりのないときは、お取引JAへお知らせください。",
        "There was another application with the same phone number, so we stopped for your safety. Please wait for a "
        "while and try again. If you do not know of another application, tell your JA.",
    ),
    "withheld": Text(
        "番号が非通知のお電話では認証できません。認証先電話番号の前に186を付けると、電話機や回線が非通知の設定でも番号が通知されます。"
        "番号を通知しておかけ直しください。",
        "We cannot accept a call that withholds its number. Call again and dial 186 first: your number is then shown, "
        "even if your phone or line is set to withhold it.",
    ),
    "unavailable": Text(
        "発信元の番号が分からないお電話（公衆電話、インターネットの通話アプリ、海外からのお電話など）では認証できません。"
        "通話アプリを使わずに、ご登録の電話番号からおかけ直しください。",
        "We cannot accept a call whose number is not known, such as one from a public phone, an internet calling app "
        "or abroad. Call again from your registered phone, without a calling app.",
    ),
    "voip": Text(
        "050で始まる番号では認証できません。ほかのご登録電話番号をお使いください。",
        "Numbers that begin with 050 cannot be used here. Use another registered number.",
    ),
    "wrong_number": Text(
        "選択された電話番号とは別の番号からのお電話でした。1台の電話機で2つの番号をお使いの場合や、会社の内線電話の場合は、"
        "どの番号で発信されるかをお確かめのうえ、選択された番号からおかけ直しください。",
        "The call did not come from the number you chose. Call again from that number. If your phone has two numbers, "
        "or is an office extension, check which number it calls from.",
    ),
    "wrong_line": Text(
        "おかけになった先の番号が異なります。画面の認証先電話番号をお確かめのうえ、おかけ直しください。",
        "You dialled a different number. Check the number shown and call again.",
    ),
    "line_unknown": Text(
        "おかけになった先の番号を確認できませんでした。画面の認証先電話番号へ、おかけ直しください。",
        "It is not known which number you dialled. Call the number shown again.",
    ),
    "claimed": Text(
        "発信元の番号を、電話会社の情報で確認できませんでした。ご登録の電話から直接おかけ直しください。",
        "The phone network did not confirm the number you called from. Call directly from your registered phone.",
    ),
    "attestation": Text(
        "発信元の番号が正しいことを確認できませんでした。ご登録の電話から直接おかけ直しください。",
        "The number you called from could not be verified. Call directly from your registered phone.",
    ),
    "diverted": Text(
        "転送されたお電話では認証できません。ご登録の電話から直接おかけ直しください。",
        "We cannot accept a call that was diverted. Call directly from your registered phone.",
    ),
    "late": Text(
        "お電話または確認番号の入力が、受付時間を過ぎていました。",
        "Your call, or the code that you keyed in, came too late.",
    ),
    "early": Text(
        "お電話が受付の開始前でした。画面が表示されてからおかけ直しください。",
        "Your call came too early. Call again while the page is shown.",
    ),
    "wrong_code": Text(
        "電話機で入力された番号が正しくありません。", "The digits that were keyed in on the phone are not right."
    ),
    "not_me": Text(
        "お電話で「心当たりがない」との回答があったため、お手続きを終了しました。ご本人のお申し込みの場合は、"
        "{not_me_rest}以上おいてもう一度お申し込みになるか、お取引JAの窓口へお問い合わせください。",
        "The caller told us that this application is not theirs, so it has ended. If it is yours, apply again after "
        "{not_me_rest} or more, or ask at your JA.",
    ),
    "not_confirmed": Text(
        "お電話で、お申し込みに間違いがないことを確認できませんでした。",
        "This application was not confirmed in your call.",
    ),
    "call_id_reused": Text(
        "お電話を、ほかのお電話と区別できませんでした。お手数ですが、おかけ直しください。",
        "We could not tell your call from another one. Please call again.",
    ),
    "entry_id_reused": Text(
        "確認番号の入力を、ほかの入力と区別できませんでした。お手数ですが、おかけ直しください。",
        "We could not tell your code from another entry. Please call again.",
    ),
    "codes_used_up": Text(
        "確認番号の入力誤りが重なったため、この電話番号ではしばらく認証できません。"
        "ほかのご登録電話番号をお選びになるか、お取引JAへお問い合わせください。",
        "Too many wrong codes were keyed in for this phone number, so it cannot be used for a while. Choose another "
        "registered number, or ask your JA.",
    ),
}

_FIELD_MESSAGES: dict[str, Text] = {
    "required": Text("{label}をご入力ください。", "{label} is required."),
    "too_long": Text("{label}のご入力が長すぎます。", "{label} is too long."),
    "format": Text("{label}のご入力の形式が正しくありません。", "{label} is not in the right format."),
    "mismatch": Text("{label}が、はじめのご入力と異なります。", "{label} does not match the first entry."),
    "not_accepted": FIELD_ERRORS["required.accepted"],
    "password_rule": Text(
        "このログインパスワードはご登録いただけません。別のパスワードをお決めください。",
        "This login password cannot be used. Choose another one.",
    ),
    **FIELD_ERRORS,
}

MESSAGES: Mapping[str, Text] = MappingProxyType(
    {**_STEP_MESSAGES, **_PHONE_MESSAGES, **_FIELD_MESSAGES, **REASON_DETAILS}
)
"""Every message by its code, by `code.field`, or by `code.detail`."""


def render(
    code: str,
    *,
    field: str | None = None,
    detail: str | None = None,
    label: Text | None = None,
    policies: Policies | None = None,
    texts: Mapping[str, Text] = NO_TEXTS,
    told: Mapping[str, Text] = NOTHING_TOLD,
) -> Text:
    """The text of *code* at *field*, with the limits of *policies*, the *label* of the field and what is *told*.

    Without *policies* the limits are the standard ones. Without a *label* it is the one that the catalogue has under
    the field's name.

    *texts* are the host's own; they are looked up by `code.detail`, `code.field`, then by `code`, then the catalogue in
    the same order, each language by itself. A text of the host may use every placeholder; an unknown `{name}` is left
    as it is. Raises `InvalidArgument` for a code without a text.
    """
    keys = (*(f"{code}.{more}" for more in (detail, field) if more is not None), code)
    catalogue = catalogue_of(texts)
    text = catalogue.text(keys, MESSAGES)
    if text is not None:
        if not names_figures(text):
            return text
        named = label or catalogue.text((f"field.{field}.label",), SCREEN_TEXTS) or THIS_FIELD
        figures = catalogue.words(_standard() if policies is None else policies)
        return fill(text, {**figures, **told, LABEL: named})
    msg = "this reason code has no message; use a published code"
    raise InvalidArgument(msg)


def _standard() -> Policies:
    from ja_reset.screens.placeholders import STANDARD  # noqa: PLC0415 - loaded for a service

    return STANDARD

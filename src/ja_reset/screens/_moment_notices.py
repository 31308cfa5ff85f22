"""The notices of moments and of endings: what is true just then, of this session and its institution."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.text import Text

MOMENT_NOTICES: Mapping[str, Text] = MappingProxyType(
    {
        "COMPLETING.title": Text("お手続き中", "Being processed"),
        "notice.moment.answered": Text(
            "お電話がつながりました。{code_length}桁の確認番号を、電話機のボタンで入力してください。",
            "Your call is connected. Enter the {code_length}-digit code on your phone.",
        ),
        "notice.moment.to_confirm": Text(
            "お電話がつながりました。音声を最後までお聞きください。お申し込みに間違いがなければ、"
            "電話機の「{confirm_key}」のあとに「#」を押してください。",
            "Your call is connected. Listen to the end. If this application is yours, press {confirm_key} and then # "
            "on your phone.",
        ),
        "notice.moment.not_confirmed": Text(
            "押されたボタンでは確認できませんでした。お申し込みに間違いがなければ、"
            "電話機の「{confirm_key}」のあとに「#」を押してください。",
            "That key does not confirm it. If this application is yours, press {confirm_key} and then # on your phone.",
        ),
        "notice.moment.wrong_code": Text(
            "確認番号が正しくありません。このお電話では、あと{tries_left}回ご入力いただけます。",
            "That code is not correct. Attempts left in this call: {tries_left}.",
        ),
        "notice.moment.call_over": Text(
            "お電話は終了しました。受付時間内に、もう一度お電話ください。",
            "Your call has ended. Please call again within the time allowed.",
        ),
        "notice.moment.proved": Text(
            "電話番号認証が完了しました。お手続きを続けてください。",
            "Phone authentication is complete. You can continue.",
        ),
        "notice.ending.whose": Text(
            "お手続き：{procedure}　お取引JA：{institution}", "Application: {procedure}. Your JA: {institution}."
        ),
        "notice.ending.contact": Text("お問い合わせ先：{contact}", "If you have questions, call {contact}."),
        "notice.ending.bring": Text(
            "窓口へは、本人確認書類、お届け印、キャッシュカードをお持ちください。",
            "When you visit the branch, bring proof of identity, your registered seal and your cash card.",
        ),
        "MENU.notice.hours": Text("受付時間：{hours}", "Service hours: {hours}."),
    }
)

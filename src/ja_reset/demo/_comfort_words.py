"""The texts for slow customers: the time left, the question before an end, keyboard, connection, receipt."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ja_reset import Text

COMFORT: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "largest": Text("特大", "Extra large"),
        # the time left
        "left_about": Text("残り時間は約{minutes}分です。", "About {minutes} minutes left."),
        "left_last": Text("残り時間は1分ほどです。", "About 1 minute left."),
        "left_why": Text(
            "操作がないまま時間が過ぎると、お手続きは終了します。",
            "Your application ends if you do nothing for that long.",
        ),
        "left_soon": Text("まもなくお手続きの時間が切れます。", "Your time is about to run out."),
        "left_limit": Text(
            "お手続き全体の時間に限りがあるため、これ以上は延長できません。",
            "There is a limit to the time for the whole application, so it cannot be extended further.",
        ),
        "extend": Text("時間を延長する", "Give me more time"),
        "extended": Text("時間を延長しました。", "You have more time now."),
        "ended_why": Text("お手続きが終了した理由", "Why your application has ended"),
        # opening hours
        "hours": Text("受付時間", "Opening hours"),
        "hours_always": Text("24時間いつでもお申し込みいただけます。", "You can apply at any hour."),
        "hours_closed": Text("ただいまは受付時間外です。", "We are closed at the moment."),
        # the question
        "cancel_title": Text("お申し込みを中止しますか", "Cancel this application?"),
        "cancel_lead": Text(
            "中止すると、お手続きはここで終わります。ご入力の内容は登録されません。",
            "Your application ends here, and nothing you entered is registered.",
        ),
        "cancel_no": Text("お手続きに戻る", "Go back to the application"),
        "cancel_yes": Text("中止する", "Cancel it"),
        # secrets are not filled in again
        "retype": Text(
            "安全のため、パスワードと暗証番号は画面に残しておりません。お手数ですが、もう一度ご入力ください。",
            "For your safety we do not keep passwords and PINs on the page. Please enter them again.",
        ),
        # the connection
        "sending": Text("送信しています。このままお待ちください。", "Sending. Please wait."),
        "slow": Text(
            "通信に時間がかかっています。画面を閉じずに、もうしばらくお待ちください。",
            "The connection is slow. Please keep this page open and wait a little longer.",
        ),
        "offline": Text(
            "インターネットにつながっていません。ご入力の内容はこのまま残ります。接続をお確かめください。",
            "You are offline. What you entered stays here. Please check your connection.",
        ),
        "online": Text("インターネットにつながりました。", "You are online again."),
        # the software keyboard
        "keyboard": Text("ソフトウェアキーボード", "On-screen keyboard"),
        "keyboard_delete": Text("1字削除", "Delete"),
        "keyboard_clear": Text("全て削除", "Clear"),
        "keyboard_shift": Text("大文字", "Shift"),
        # the call
        "tap": Text(
            "スマートフォンでは、番号を押すと電話をかけられます。", "On a smartphone, tap the number to call it."
        ),
        # the moments of a screen
        "moment_waiting": Text("お電話をお待ちしています", "Waiting for your call"),
        "moment_answered": Text("お電話がつながりました", "Your call has been answered"),
        "moment_wrong_code": Text("確認番号が正しくありません", "That code is not correct"),
        "moment_not_confirmed": Text("お電話での確認が済んでおりません", "Not confirmed yet"),
        "moment_call_over": Text("お電話は終了しました", "Your call has ended"),
        "windows_left": Text(
            "時間内に認証が済まなかったときは、あと{count}回やり直せます。",
            "If your number is not confirmed in time, you can try again. Times left: {count}.",
        ),
        "windows_none": Text(
            "お電話での認証は、今回が最後です。表示の時間内にお済ませください。",
            "This is the last time you can do this. Please finish within the time shown.",
        ),
        "windows_used": Text(
            "電話番号認証をご利用いただける回数に達しました。お手数ですが、はじめからお申し込みください。",
            "You have used all your attempts at phone authentication. Please apply again from the beginning.",
        ),
        # the receipt
        "receipt": Text("お申し込みの控え", "Your record"),
        "receipt_at": Text("日時", "Date and time"),
        "receipt_reference": Text("お問い合わせ番号", "Reference"),
    }
)

"""The notices of the BIM family; the sentences are ours, the facts the manual's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.text import Text

BIM_NOTICES: Mapping[str, Text] = MappingProxyType(
    {
        "BIM015.notice.lead": Text(
            "ご本人とサービス利用代表口座についてご入力のうえ、「確認画面へ」ボタンを押してください。",
            "Enter your details and those of your representative account, then select “Continue”.",
        ),
        "BIM015.notice.gaiji": Text(
            "※ {gaiji_until}以前にご利用を開始し、お届けの漢字のお名前に外字（JIS第1・第2水準以外の漢字）を含む"
            "お客様は、この欄にも全角カタカナでご入力ください。ご不明な点は、お取引JAへお問い合わせください。",
            "If you have used the service since {gaiji_until} or earlier, and your registered kanji name has a "
            "character outside JIS levels 1 and 2, enter your name in katakana here too. If you are unsure, ask your "
            "JA.",
        ),
        "BIM015.notice.pin_needed": Text(
            "お申し込みには、JAネットバンクの代表口座のキャッシュカード暗証番号が必要です。",
            "You will need the cash card PIN of your representative account.",
        ),
        "BIM015.notice.pin_lock": Text(
            "暗証番号を、お取引JAまたは連合会が定める回数、連続して誤ってご入力になると、本サービスだけでなくキャッシュカードも"
            "ご利用いただけなくなります。ATMや窓口での入出金、残高照会など、キャッシュカードによるお取引はすべて停止します。",
            "If you enter a wrong PIN as many times in a row as your JA or its federation allows, both this service "
            "and your cash card are locked. Everything you do with the card stops: withdrawals and deposits at ATMs "
            "and at the counter, and balance inquiries.",
        ),
        "BIM015.notice.merger": Text(
            "お取引JAの合併や店舗の統合により、口座番号が変わっていることがあります。お申し込みの前にお確かめください。",
            "Your account number may have changed if your JA or its branches have merged. Check it before you apply.",
        ),
        "BIM016.notice.lead": Text(
            "お申込種別とご登録電話番号をお確かめのうえ、認証に使う電話番号を選択し、「電話番号認証を行う」ボタンを押してください。",
            "Check what you are applying for, choose one of your registered phone numbers, then select “Continue to "
            "the phone call”.",
        ),
        "BIM017.notice.lead_password": Text(
            "新しいログインパスワードと、ご本人確認のためのキャッシュカード暗証番号をご入力のうえ、"
            "「初期化を行う」ボタンを押してください。",
            "Enter your new login password and, so that we know it is you, your cash card PIN. Then select “Reset”.",
        ),
        "BIM017.notice.lead_pin": Text(
            "ご本人確認のためのキャッシュカード暗証番号をご入力のうえ、「初期化を行う」ボタンを押してください。",
            "So that we know it is you, enter your cash card PIN. Then select “Reset”.",
        ),
        "BIM017.notice.password_rule": Text(
            "パスワードは、半角の英字・数字・記号を使って自由にお決めください。英字の大文字と小文字は区別しません。",
            "Choose any password of letters, numbers and symbols. Capital and small letters count as the same.",
        ),
        "DONE.notice.LOGIN_PASSWORD": Text(
            "ログインパスワードの初期化が完了しました。次回からは、新しいログインパスワードでログインしてください。",
            "Your login password has been reset. Use the new one when you next sign in.",
        ),
        "DONE.notice.RISK_BASED_AUTH": Text(
            "リスクベース認証（追加認証）の初期化が完了しました。次回のログイン後に登録画面が表示されますので、"
            "あらためてご登録ください。",
            "Risk-based (additional) authentication has been reset. When you next sign in, you will be asked to "
            "register it again.",
        ),
        "notice.keyboard": Text(
            "ソフトウェアキーボードを使う（パスワード入力時の安全性が高まります。チェックを外すと、直接入力できます。）",
            "Use the on-screen keyboard (it is the safer way to enter a password; untick this to type instead)",
        ),
    }
)

"""The demo's own texts around a screen. The texts of screens are the library's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from ja_reset import Text
from ja_reset.demo._comfort_words import COMFORT
from ja_reset.demo._office_words import OFFICE

Language = Literal["ja", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")

WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "brand": Text("ネットバンク", "Net Bank"),
        "demo": Text("デモ", "Demo"),
        "skip": Text("本文へ移動", "Skip to the content"),
        "font_size": Text("文字サイズ", "Text size"),
        "medium": Text("中", "Medium"),
        "large": Text("大", "Large"),
        "screen_id": Text("画面ID", "Screen ID"),
        "steps": Text("お手続きの流れ", "Steps"),
        "language": Text("言語", "Language"),
        "required": Text("必須", "Required"),
        "choose": Text("選択してください", "Choose one"),
        "year": Text("年", "year"),
        "month": Text("月", "month"),
        "day": Text("日", "day"),
        "era": Text("西暦", ""),
        "errors": Text("ご確認ください", "There is a problem"),
        "attention": Text("ご注意", "Please note"),
        "until": Text("{time} 以降にお試しください。", "Try again after {time}."),
        "call_from": Text("発信元（ご登録電話番号）", "Call from (your registered number)"),
        "call_to": Text("発信先（認証先電話番号・通話料無料）", "Call to (free of charge)"),
        "time_left": Text("残り時間", "Time left"),
        "seconds": Text("秒", "s"),
        "code": Text("確認番号", "Code"),
        "code_how": Text(
            "お電話を切らずに、この確認番号を電話機のボタンで入力してください。",
            "Stay on the line, and key in this code on your phone.",
        ),
        "tries_left": Text("あと{count}回ご入力いただけます。", "Tries left: {count}"),
        "service_id": Text("サービスID", "Service ID"),
        "user_id": Text("ユーザID", "User ID"),
        "email": Text("送信先メールアドレス", "Email address"),
        "result": Text("トークン情報", "Token"),
        "home": Text("ログイン画面へ", "Go to the sign-in page"),
        "again": Text("別のお手続きをする", "Apply for something else"),
        "not_logged_in": Text(
            "ログインできませんでした。ご入力内容をお確かめください。",
            "We could not sign you in. Check what you entered.",
        ),
        "logged_in": Text("ログインしました", "You are signed in"),
        "logged_in_text": Text(
            "{name} 様、ログインを確認しました。この先はデモには含まれていません。",
            "You are signed in as {name}. What comes next is not part of the demo.",
        ),
        "help": Text("ヘルプ", "Help"),
        "help_text": Text(
            "お手続きについてご不明な点は、お取引JAの窓口へお問い合わせください。銀行のヘルプは、デモには含まれていません。",
            "If you have questions, ask at the counter of your JA. The bank's own help is not part of the demo.",
        ),
        "first_time": Text("初めてご利用になる方", "First-time users"),
        "first_time_text": Text(
            "初回のご登録は、デモには含まれていません。", "Registering for the first time is not part of the demo."
        ),
        "gone": Text(
            "進行中のお手続きはありません。はじめからお申し込みください。",
            "You have no application in progress. Start again from the beginning.",
        ),
        "other_application": Text(
            "別の画面で、新しいお手続きが始まっています。そのお手続きの現在の画面を表示しています。",
            "You have started another application in another window. This is where it is now.",
        ),
        "choose_institution": Text("都道府県名とJA名をお選びください。", "Choose your prefecture and your JA."),
        "not_in_prefecture": Text("この都道府県のJAをお選びください。", "Choose a JA in that prefecture."),
        # the panel beside the screen
        "stage": Text("デモの道具", "Demo tools"),
        "stage_lead": Text(
            "この枠は銀行の画面ではありません。架空のお客様として操作し、電話をかけるための道具です。",
            "This panel is not part of the bank's page. Here you play a fictitious customer and make the phone call.",
        ),
        "you_are": Text("お客様", "You are"),
        "play_as": Text("このお客様になる", "Be this customer"),
        "fill": Text("自動で入力する", "Fill in the form"),
        "fill_note": Text("暗証番号とパスワードは、ご自分でご入力ください。", "Type the PIN and passwords yourself."),
        "all_customers": Text("お客様の一覧", "All customers"),
        "telephone": Text("電話", "Telephone"),
        "telephone_page": Text("電話を別の画面で開く", "Open the telephone on a page of its own"),
        "caller": Text("発信のしかた", "How to call"),
        "call": Text("電話をかける", "Call"),
        "call_again": Text("かけ直す", "Call again"),
        "heard": Text("受話器から", "You hear"),
        "speak": Text("音声で聞く", "Play the voice"),
        "keys": Text("ダイヤルボタン", "Keypad"),
        "send_keys": Text("送る", "Send"),
        "hang_up": Text("電話を切る", "Hang up"),
        "dialled": Text("発信先", "Dialled"),
        "of_customer": Text("電話をかけるお客様", "Whose phone"),
        "time": Text("時間", "Time"),
        "put_forward": Text("時間を進める", "Move time forward"),
        "operator": Text("運用者の画面", "Operator's page"),
        "customers": Text("お客様の一覧", "Customers"),
        "back_to_page": Text("お手続きの画面へ", "Back to the procedure"),
        "customers_lead": Text(
            "デモの銀行のお客様です。お一人を選び、そのデータを入力してお手続きをお試しください。",
            "The customers of the demo's bank. Choose one and try the procedures with that data.",
        ),
        "name_kana": Text("お名前（カナ）", "Name (kana)"),
        "name_kanji": Text("お名前（漢字）", "Name (kanji)"),
        "birth_date": Text("生年月日", "Date of birth"),
        "phones": Text("ご登録電話番号", "Registered phones"),
        "registered_email": Text("ご登録メールアドレス", "Registered email address"),
        "account": Text("代表口座", "Representative account"),
        "login_id": Text("ログインID", "Login ID"),
        "password": Text("ログインパスワード", "Login password"),
        "pin": Text("暗証番号", "PIN"),
        "started": Text("利用開始日", "Service since"),
        "institution": Text("JA", "JA"),
        **COMFORT,
        **OFFICE,
    }
)

GUIDE: Final = (
    Text("銀行の画面で「お申し込みはこちら」を押します。", "On the bank's page, select “Apply here”."),
    Text(
        "都道府県とJAを選び（下の「自動で入力する」ボタンも使えます）、お手続きを選びます。",
        "Choose the prefecture and the JA (or select “Fill in the form” below), then a procedure.",
    ),
    Text(
        "下のお客様のデータを入力して進み、電話の画面では、ここに現れる電話からかけます。",
        "Go on with the data of the customer below; on the phone screen, call with the telephone that appears here.",
    ),
)
"""How to begin."""

TRAITS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "ordinary": Text("手続きをすべて完了できます", "can complete every procedure"),
        "gaiji": Text(
            "外字のあるお名前：漢字欄にカタカナも可", "name with an external character: kana is accepted for kanji"
        ),
        "locked": Text("サービス停止中", "service locked"),
        "card_locked": Text("カード停止中", "card locked"),
        "voip": Text("050番号のみ登録", "only a 050 number registered"),
        "not_individual": Text("個人以外のご契約", "not an individual"),
        "old_email": Text("古い形式の携帯メールアドレス", "old-style mobile email address"),
        "displayed_code": Text("確認番号を画面に表示するJA", "a JA that shows the code on the screen"),
    }
)

CALLERS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "chosen": Text("選んだ番号からかける", "From the chosen number"),
        "other": Text("別の登録番号からかける", "From another registered number"),
        "stranger": Text("登録のない番号からかける", "From a number that is not registered"),
        "withheld": Text("非通知でかける（184）", "Number withheld (184)"),
        "voip": Text("050番号からかける", "From a 050 number"),
        "diverted": Text("転送された通話", "A diverted call"),
        "unavailable": Text("公衆電話からかける", "From a public phone"),
        "claimed": Text("番号を名乗るだけの通話", "The number is merely claimed"),
    }
)

HEARD: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "reject": Text("呼出音が{rings}回鳴り、電話が切れました。", "It rang {rings} times, and the call was cut off."),
        "hang_up": Text("電話が切れました。", "The call has ended."),
    }
)
"""What the telephone does; the words that are said are the bank's."""

PROBLEMS: Final[Mapping[int, tuple[Text, Text]]] = MappingProxyType(
    {
        400: (
            Text("お受けできませんでした", "We could not accept that"),
            Text("はじめの画面からお試しください。", "Go back to the first page and try again."),
        ),
        403: (
            Text("ページの有効期限が切れました", "This page has expired"),
            Text(
                "安全のため、送信された内容は処理しておりません。画面を開き直してお試しください。",
                "For your safety, nothing was processed. Open the page again.",
            ),
        ),
        404: (
            Text("ページが見つかりません", "Page not found"),
            Text(
                "アドレスをお確かめのうえ、はじめの画面からお試しください。",
                "Check the address, or go back to the first page.",
            ),
        ),
        405: (
            Text("お受けできない操作です", "That is not possible here"),
            Text("はじめの画面からお試しください。", "Go back to the first page and try again."),
        ),
        409: (
            Text("いまは解除できません", "It cannot be unlocked now"),
            Text(
                "停止の指示を金融機関へお伝えしているところです。1分ほどたってからお試しください。",
                "The bank is being told of a lock. Try again in a minute.",
            ),
        ),
        413: (
            Text("送信された内容が大きすぎます", "That was too large"),
            Text("はじめの画面からお試しください。", "Go back to the first page and try again."),
        ),
        415: (
            Text("お受けできない形式です", "That format is not accepted"),
            Text("はじめの画面からお試しください。", "Go back to the first page and try again."),
        ),
        429: (
            Text("しばらくお待ちください", "Please wait a moment"),
            Text(
                "短い間に多くの操作がありました。しばらくしてからお試しください。",
                "There were too many requests in a short time. Try again in a little while.",
            ),
        ),
        500: (
            Text("ただいまご利用いただけません", "Not available just now"),
            Text(
                "ご不便をおかけします。しばらくしてからお試しください。",
                "We are sorry. Try again in a little while.",
            ),
        ),
        503: (
            Text("ただいまご利用いただけません", "Not available just now"),
            Text(
                "ご不便をおかけします。しばらくしてからお試しください。",
                "We are sorry. Try again in a little while.",
            ),
        ),
    }
)
"""Status → title and text: what happened, and nothing about why."""

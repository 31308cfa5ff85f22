"""The titles of screens, and the notices of the call, of BTR and of endings: our sentences, the manual's facts.

Keys: `SCREEN.title` and `SCREEN.notice.…`. Notices that several screens share begin with `notice.`. Placeholders are
written `{name}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.text import Text


def _bim(ja: str, en: str) -> Text:
    return Text(f"インターネット申込受付（パスワード初期化（{ja}））", f"Online application: password reset ({en})")


def _btr(ja: str, en: str) -> Text:
    return Text(f"ソフトウェアトークン再発行（{ja}）", f"Reissue of your software token ({en})")


TITLES: Mapping[str, Text] = MappingProxyType(
    {
        "BL1001.title": Text("ログイン", "Sign in"),
        "MENU.title": Text("各種パスワード等の初期化・再設定", "Reset or reissue a password"),
        "BIM015.title": _bim("契約者認証", "your details"),
        "BIM016.title": _bim("契約者確認", "choose a phone"),
        "PHONE.title": _bim("電話番号認証", "confirm by phone"),
        "BIM017.title": _bim("パスワード入力", "password and PIN"),
        "DONE.title": _bim("初期化完了", "reset complete"),
        "BTR001.title": _btr("認証方法選択", "choose how to sign in"),
        "BTR002.title": _btr("認証", "sign in"),
        "BTR003.title": _btr("情報入力", "token details"),
        "BTR004.title": _btr("電話番号認証", "confirm by phone"),
        "BTR005.title": _btr("完了", "complete"),
        "CANCELLED.title": Text("お申し込みの中止", "Application cancelled"),
        "EXPIRED.title": Text("お手続きの終了", "This application has ended"),
        "REJECTED.title": Text("お手続きを続けられません", "We cannot continue"),
        "LOCKED.title": Text("ご利用の停止", "Locked"),
        "CLOSED.title": Text("受付時間外", "Outside service hours"),
    }
)

PHONE_NOTICES: Mapping[str, Text] = MappingProxyType(
    {
        "PHONE.notice.lead": Text(
            "ご登録電話番号から認証先電話番号へ、{bim_window}以内にお電話ください。通話料は無料です。",
            "Call us from your registered phone, on the number shown, within {bim_window}. The call is free.",
        ),
        "PHONE.notice.window": Text(
            "お電話は、この画面が表示されてから{bim_window}のあいだ受け付けます。",
            "We accept your call for {bim_window} from when this page is shown.",
        ),
        "PHONE.notice.keys_in_time": Text(
            "音声のご案内のあとに行う電話機のボタンの操作も、この時間内にお済ませください。",
            "A recorded voice speaks first. Press the keys on your phone within that time too.",
        ),
        "PHONE.notice.moves_on_to_password": Text(
            "認証が済むと自動で次の画面に進みます。進まないときは「パスワード入力へ」ボタンを押してください。",
            "When your number is confirmed, the next page appears by itself. If it does not, select “Continue”.",
        ),
        "PHONE.notice.moves_on_to_pin": Text(
            "認証が済むと自動で次の画面に進みます。進まないときは「暗証番号入力へ」ボタンを押してください。",
            "When your number is confirmed, the next page appears by itself. If it does not, select “Continue”.",
        ),
        "BTR004.notice.lead": Text(
            "ご登録電話番号から認証先電話番号へ、{btr_window}以内にお電話いただき、認証を終えてください。"
            "通話料は無料です。",
            "Call us from your registered phone, on the number shown, and key in the code, all within {btr_window}. "
            "The call is free.",
        ),
        "BTR004.notice.window": Text(
            "お電話は、この画面が表示されてから{btr_window}のあいだ受け付けます。番号の入力もこの時間内にお済ませください。",
            "We accept your call for {btr_window} from when this page is shown. The code must be keyed in within that "
            "time too.",
        ),
        "BTR004.notice.moves_on": Text(
            "認証が済むと自動で次の画面に進みます。進まないときは「確定する」ボタンを押してください。",
            "When your number is confirmed, the next page appears by itself. If it does not, select “Confirm”.",
        ),
        "notice.phone.stay": Text(
            "認証が終わるまで、この画面を閉じたり別の画面に移ったりしないでください。",
            "Do not close or leave this page until your number is confirmed.",
        ),
        "notice.phone.wrong_dialling": Text(
            "お電話のおかけ間違いにより、無関係の方にご迷惑をおかけする事例が起きています。"
            "認証先電話番号を最後の桁までよくお確かめのうえ、おかけください。",
            "Misdialled calls are disturbing people who have nothing to do with this. Check the number to call, to its "
            "last digit, before you dial.",
        ),
        "notice.phone.dial_digits": Text(
            "特に、{dial_start}の後の{dial_digits}桁「{dial_rest}」にご注意ください。",
            "Take special care with the {dial_digits} digits after {dial_start}: {dial_rest}.",
        ),
        "notice.phone.caller_id": Text(
            "番号を非通知にしたお電話や、050で始まる番号からのお電話では認証できません。",
            "We cannot accept calls that withhold their number, or calls from numbers that begin with 050.",
        ),
        "notice.phone.shown_number": Text(
            "非通知の設定になっているときは、認証先電話番号の前に186を付けておかけください。"
            "公衆電話、インターネットの通話アプリ、会社の内線電話、海外からのお電話では、ご登録電話番号が通知されず、"
            "認証できないことがあります。1台の電話機で2つの番号をお使いの場合は、選択された番号からおかけください。",
            "If your phone is set to withhold its number, dial 186 before the number to call. A public phone, an "
            "internet calling app, an office extension or a phone abroad may not show your registered number, and then "
            "we cannot accept the call. If your phone has two numbers, call from the one you selected.",
        ),
        "notice.phone.out_of_use": Text(
            "ご登録電話番号を現在お使いでない場合は、お取引JAで電話番号の変更を済ませてからお手続きください。",
            "If you no longer use the registered number, have it changed at your JA before you continue.",
        ),
        "notice.phone.no_tone": Text(
            "呼出音が聞こえないときは、もう一度おかけ直しください。", "If you hear no ringing tone, call again."
        ),
        "notice.phone.rings_off": Text(
            "認証ができると、2～3回の呼出音のあとお電話は自動で切れます。音声のご案内はありません。",
            "When we have recognised your call, it is cut off after two or three rings. There is no announcement.",
        ),
        "notice.phone.code_spoken": Text(
            "お電話がつながりましたら、自動音声が読み上げる{code_length}桁の確認番号を、電話機のボタンで入力してください。",
            "When your call is answered, a recorded voice reads out a code of {code_length} digits. Key it in on your "
            "phone.",
        ),
        "notice.phone.confirmed": Text(
            "お電話がつながりましたら、音声のご案内をお聞きになり、お申し込みに間違いがなければ、"
            "電話機の「{confirm_key}」のあとに「#」を押してください。",
            "When your call is answered, listen to what it says. If this application is yours, press {confirm_key} and "
            "then # on your phone.",
        ),
        "notice.phone.code_displayed": Text(
            "お電話がつながりましたら、この画面に表示される{code_length}桁の確認番号を、電話機のボタンで入力してください。",
            "When your call is answered, key in on your phone the code of {code_length} digits shown on this page.",
        ),
        "notice.phone.relay": Text(
            "ただし、お取引JAにご登録の電話リレーサービスの番号は、選択してご利用いただけます。",
            "But you can choose the number of a relay service for people who are deaf or hard of hearing, if it is "
            "registered with your JA.",
        ),
        "notice.phone.hearing_confirmed": Text(
            "音声をお聞きになれない場合は、お電話がつながったことをこの画面でお確かめのうえ、"
            "電話機の「{confirm_key}」のあとに「#」を押してください。"
            "音声が終わるまでは受け付けません。画面が変わらないときは、少しおいて、もう一度押してください。",
            "If you cannot hear the voice, wait until this page says that your call is connected. Then press "
            "{confirm_key} and # on your phone. Keys do not count until the voice has finished: if this page does not "
            "change, wait a little and press them again.",
        ),
        "notice.phone.hearing_spoken": Text(
            "自動音声をお聞きになることが難しい場合は、お取引JAの窓口へご相談ください。",
            "If you cannot hear the recorded voice, ask at your JA.",
        ),
        "notice.phone.hearing_displayed": Text(
            "音声をお聞きになる必要はありません。お電話がつながるとこの画面に確認番号が表示されますので、"
            "お電話を切らずに電話機のボタンで入力し、最後に「#」を押してください。",
            "You do not need to hear anything. When your call is answered, this page shows the code: stay on the line, "
            "key it in on your phone, then press “#”.",
        ),
        "notice.phone.dial_line": Text(
            "ダイヤル回線のお電話では、番号を入力する前に電話機の「*」「#」「トーン」「P#」などのボタンを押し、"
            "プッシュ信号に切り替えてください。切替方法は電話機により異なりますので、取扱説明書をお確かめください。",
            "On a pulse-dial line, press “*”, “#”, “tone” or “P#” on your phone before you key in the digits, to "
            "switch it to tones. How to do this differs: see the manual of your phone.",
        ),
        "notice.phone.smartphone": Text(
            "スマートフォンをお使いの場合、通話が終わっても電話アプリが閉じないときは、"
            "通話終了ボタンを押してブラウザにお戻りください。",
            "On a smartphone, if the phone app stays open after the call, press the end-call button and go back to "
            "your browser.",
        ),
    }
)

BTR_NOTICES: Mapping[str, Text] = MappingProxyType(
    {
        "BTR001.notice.lead": Text(
            "ログインIDと代表口座番号のどちらで認証するかを選択し、「認証画面へ」ボタンを押してください。",
            "Choose whether to sign in with your login ID or with your representative account, then select “Continue”.",
        ),
        "BTR001.notice.call_needed": Text(
            "ご本人確認のため、ご登録電話番号からお電話をおかけいただきます（通話料無料）。",
            "So that we know it is you, you will call us from your registered phone number. The call is free.",
        ),
        "BTR001.notice.masked": Text(
            "ご登録電話番号は、下4桁を伏せて「電話番号認証」の画面に表示します。",
            "Your registered number is shown on the “Confirm by phone” page, with its last four digits hidden.",
        ),
        "BTR002.notice.lead": Text(
            "必要な項目をご入力のうえ、「次へ」ボタンを押してください。", "Fill in the fields, then select “Continue”."
        ),
        "BTR003.notice.lead": Text(
            "ソフトウェアトークンを再発行します。送信先メールアドレスと利用開始パスワードをご入力のうえ、認証に使う電話番号を選択し、"
            "「電話番号認証を行う」ボタンを押してください。",
            "We will reissue your software token. Enter the email address to send to and an activation password, "
            "choose a phone number, then select “Continue to the phone call”.",
        ),
        "BTR003.notice.activation_password": Text(
            "利用開始パスワードは、トークンアプリの初期設定と利用開始登録に必要です。お忘れにならないようご注意ください。",
            "You will need the activation password to set up the token app and to start using it. Do not forget it.",
        ),
        "BTR005.notice.issued": Text(
            "ソフトウェアトークンの再発行が完了しました。送信先メールアドレスへトークン発行用のメールをお送りしますので、"
            "届いたメールをご確認ください。",
            "Your software token has been reissued. We are sending an email to the address shown here. Check your "
            "email.",
        ),
        "BTR005.notice.next_step": Text(
            "引き続き、トークンアプリをダウンロードし、この画面のサービスIDとユーザID、利用開始パスワードを使って、"
            "初期設定と利用開始登録を行ってください。",
            "Next, download the token app. Set it up and start using it with the service ID and the user ID shown here "
            "and your activation password.",
        ),
        "BTR005.notice.keep_ids": Text(
            "サービスIDとユーザIDは初期設定に必要です。このページを印刷するなどして、お手元にお控えください。",
            "You need the service ID and the user ID to set up the app. Print this page or write them down.",
        ),
        "BTR005.notice.latest_version": Text(
            "トークンアプリは、最新のバージョンであることをお確かめのうえご利用ください。",
            "Make sure that you have the latest version of the token app.",
        ),
        "BTR005.notice.set_up_failed": Text(
            "初期設定に失敗したときは、端末の種類をお確かめのうえ、もう一度トークンの再発行をお申し込みください。",
            "If the set-up fails, check the type of your device and apply for the reissue again.",
        ),
    }
)

OUTCOME_NOTICES: Mapping[str, Text] = MappingProxyType(
    {
        "notice.completing.processing": Text(
            "お申し込みを承り、ただいま処理しております。もうしばらくお待ちください。",
            "We have received your application and it is being processed. Please wait.",
        ),
        "notice.completing.check": Text(
            "画面が変わらないときは、「処理の結果を確認する」ボタンを押してください。もう一度ご入力いただく必要はありません。",
            "If the page does not change, select “Check the result”. You do not need to enter anything again.",
        ),
        "CANCELLED.notice": Text(
            "お申し込みを中止しました。ご入力の内容は登録されていません。",
            "Your application has been cancelled. Nothing you entered has been registered.",
        ),
        "EXPIRED.notice": Text("お手続きを終了いたしました。", "This application has ended."),
        "REJECTED.notice": Text(
            "誠に申し訳ございませんが、お申し込みをお受けできませんでした。ご不明な点は、お取引JAの窓口へお問い合わせください。",
            "We are sorry that we cannot accept your application. If you have questions, please ask at your JA.",
        ),
        "CLOSED.notice": Text(
            "お手数ですが、受付時間内に、もう一度お申し込みください。",
            "Please apply again within our service hours.",
        ),
        "LOCKED.notice": Text(
            "ご利用の再開は、お取引店舗の窓口でお申し込みください。",
            "Please apply at your branch to use it again.",
        ),
    }
)

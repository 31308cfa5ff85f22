"""The titles and notices of screens; the sentences are ours, the facts the manual's.

Keys: `SCREEN.title` and `SCREEN.notice.…`. Notices that several screens share begin with `notice.`. Placeholders are
written `{name}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.text import Text

TITLES: Mapping[str, Text] = MappingProxyType(
    {
        "BL1001.title": Text("ログイン", "Login"),
        "MENU.title": Text("各種パスワード等の初期化・再設定", "Reset and reissue of passwords"),
        "BIM015.title": Text("契約者認証", "Customer authentication"),
        "BIM016.title": Text("契約者確認", "Customer confirmation"),
        "PHONE.title": Text("電話番号認証", "Phone authentication"),
        "BIM017.title": Text("パスワード入力", "Password entry"),
        "DONE.title": Text("初期化完了", "Reset completed"),
        "BTR001.title": Text("認証方法選択", "Choice of method"),
        "BTR002.title": Text("認証", "Authentication"),
        "BTR003.title": Text("情報入力", "Details"),
        "BTR004.title": Text("電話番号認証", "Phone authentication"),
        "BTR005.title": Text("完了", "Completed"),
        "CANCELLED.title": Text("お申込みの中止", "Application cancelled"),
        "EXPIRED.title": Text("有効期限切れ", "Time has run out"),
        "REJECTED.title": Text("お手続きを続けられません", "We cannot continue"),
        "LOCKED.title": Text("サービスのご利用停止", "Service locked"),
    }
)

ENTRY_NOTICES: Mapping[str, Text] = MappingProxyType(
    {
        "BL1001.notice.login": Text(
            "ログインID、または代表口座の支店番号・科目・口座番号のいずれかと、ログインパスワードをご入力ください。",
            "Enter your login ID, or the branch, type and number of your representative account, and your password.",
        ),
        "BL1001.notice.forgotten": Text(
            "ログインパスワードやリスクベース認証の回答をお忘れの方、ワンタイムパスワードの再発行をご希望の方は、"
            "「お申し込みはこちら」からお手続きいただけます。",
            "If you have forgotten your login password or your answers for risk-based authentication, or need your "
            "one-time password reissued, press “Apply here”.",
        ),
        "BL1001.notice.fraud": Text(
            "JAバンクが電子メールでパスワードの入力をお願いすることはありません。不審なメールには返信しないでください。",
            "JA Bank never asks for a password by e-mail. Please do not answer suspicious messages.",
        ),
        "BL1001.notice.new_device": Text(
            "スマートフォンなどの機種変更をされる方は、変更の前にログインし、ワンタイムパスワードの利用を解除してください。"
            "解除せずに変更されてログインできない場合は、ワンタイムパスワードの再発行をお申し込みください。",
            "Before you change your smartphone, log in and release the one-time password from it. If you can no longer "
            "log in because you did not, apply for a reissue of the one-time password.",
        ),
        "MENU.notice.choose": Text(
            "ご契約のあるJAの都道府県名とJA名をお選びのうえ、ご希望のお手続きのボタンを押してください。",
            "Choose the prefecture and the name of your JA, then press the button of what you need.",
        ),
        "MENU.notice.individuals": Text(
            "こちらのお手続きは、個人のお客様に限りご利用いただけます。個人以外のお客様は、"
            "お取引店舗にて書面でお申し込みください。",
            "These procedures are for individual customers only. Other customers are asked to apply in writing at "
            "their branch.",
        ),
    }
)

BIM_NOTICES: Mapping[str, Text] = MappingProxyType(
    {
        "BIM015.notice.lead": Text(
            "お客様ご本人とサービス利用代表口座についてご入力いただき、「確認画面へ」ボタンでお進みください。",
            "Fill in the details about yourself and your representative account, then press “To confirmation”.",
        ),
        "BIM015.notice.gaiji": Text(
            "ご利用開始日が{gaiji_until}以前で、お届けの漢字氏名に外字（JIS第1・第2水準以外の漢字）を含むお客様は、"
            "「お名前 (漢字)」にも全角カタカナでご記入ください。ご不明な点は当組合（当会）へお問い合わせください。",
            "If you have used the service since {gaiji_until} or earlier and your registered kanji name has a "
            "character outside JIS levels 1 and 2, write your name in full-width katakana in the kanji field too. "
            "Please ask your JA if you are unsure.",
        ),
        "BIM015.notice.pin_needed": Text(
            "お申し込みには、JAネットバンクの代表口座のキャッシュカード暗証番号をご用意ください。",
            "You will need the PIN of the cash card of your representative account.",
        ),
        "BIM015.notice.pin_lock": Text(
            "暗証番号の誤入力が当組合または当連合会の定める回数に達すると、本サービスに加えてキャッシュカードも"
            "ご利用いただけなくなります。ATMや窓口での入出金、残高照会など、カードによるお取引はすべて停止します。",
            "When a wrong PIN has been entered as many times in a row as your JA or its federation allows, this "
            "service and your cash card are both locked. All transactions with the card stop, at ATMs and at the "
            "counter, balance inquiries too.",
        ),
        "BIM015.notice.merger": Text(
            "JAの合併や店舗の統合により、口座番号が変わっていることがあります。お申し込みの前にお確かめください。",
            "Your account number may have changed if JAs or branches were merged. Please check it before you apply.",
        ),
        "BIM016.notice.lead": Text(
            "お申込種別をお確かめになり、認証に使う電話番号を選んで「電話番号認証を行う」ボタンを押してください。",
            "Check what you are applying for, choose the phone number to authenticate with, and press "
            "“Authenticate by phone”.",
        ),
        "BIM017.notice.lead_password": Text(
            "新しいログインパスワードと、ご本人確認のためキャッシュカードの暗証番号をご入力のうえ、"
            "「初期化を行う」ボタンを押してください。",
            "Enter your new login password and, to prove that it is you, the PIN of your cash card, then press "
            "“Reset”.",
        ),
        "BIM017.notice.lead_pin": Text(
            "ご本人確認のため、キャッシュカードの暗証番号をご入力のうえ、「初期化を行う」ボタンを押してください。",
            "To prove that it is you, enter the PIN of your cash card, then press “Reset”.",
        ),
        "BIM017.notice.password_rule": Text(
            "ログインパスワードは半角の英字・数字・記号から自由にお決めください。英字の大文字と小文字は同じ文字として扱います。",
            "You are free to choose a password of half-width letters, digits and symbols. Upper and lower case count "
            "as the same.",
        ),
        "DONE.notice.LOGIN_PASSWORD": Text(
            "新しいログインパスワードを登録し、初期化を完了しました。次回からは新しいパスワードでログインしてください。",
            "Your login password has been reset. From now on, log in with the new one.",
        ),
        "DONE.notice.RISK_BASED_AUTH": Text(
            "リスクベース認証（追加認証）の初期化を完了しました。次にログインされた後に登録画面を表示しますので、"
            "あらためてご登録をお願いいたします。",
            "Risk-based (additional) authentication has been reset. You will be asked to register it again after your "
            "next login.",
        ),
    }
)

PHONE_NOTICES: Mapping[str, Text] = MappingProxyType(
    {
        "PHONE.notice.lead": Text(
            "ご登録電話番号から認証先電話番号へ、{bim_window}以内にお電話ください。通話料は無料です。",
            "Call the authentication number from your registered phone within {bim_window}. The call is free.",
        ),
        "PHONE.notice.window": Text(
            "お電話は、この画面が表示されてから{bim_window}のあいだ受け付けます。",
            "We accept your call for {bim_window} from the moment this screen is shown.",
        ),
        "PHONE.notice.moves_on_to_password": Text(
            "認証が済むと自動で次の画面に進みます。進まないときは「パスワード入力へ」ボタンを押してください。",
            "When you are authenticated the next screen appears by itself. If it does not, press “To password entry”.",
        ),
        "PHONE.notice.moves_on_to_pin": Text(
            "認証が済むと自動で次の画面に進みます。進まないときは「暗証番号入力へ」ボタンを押してください。",
            "When you are authenticated the next screen appears by itself. If it does not, press “To PIN entry”.",
        ),
        "BTR004.notice.lead": Text(
            "ご登録電話番号から認証先電話番号へ、{btr_window}以内にお電話いただき、認証を終えてください。"
            "通話料は無料です。",
            "Call the authentication number from your registered phone and complete the authentication within "
            "{btr_window}. The call is free.",
        ),
        "BTR004.notice.window": Text(
            "お電話は、この画面が表示されてから{btr_window}のあいだ受け付けます。番号の入力もこの時間内にお済ませください。",
            "We accept your call for {btr_window} from the moment this screen is shown. The digits must be keyed in "
            "within that time too.",
        ),
        "BTR004.notice.moves_on": Text(
            "認証が済むと自動で次の画面に進みます。進まないときは「確定する」ボタンを押してください。",
            "When you are authenticated the next screen appears by itself. If it does not, press “Confirm”.",
        ),
        "notice.phone.stay": Text(
            "認証が終わるまで、この画面を閉じたり別の画面に移ったりしないでください。",
            "Please do not close or leave this screen until you are authenticated.",
        ),
        "notice.phone.wrong_dialling": Text(
            "番号の押し間違いにより、無関係の方にお電話がかかる事例が起きています。"
            "認証先電話番号を最後の桁までよくお確かめのうえ、おかけください。",
            "Misdialled calls have been troubling people who have nothing to do with this. Please check the "
            "authentication number to its last digit before you call.",
        ),
        "notice.phone.caller_id": Text(
            "番号を非通知にしたお電話や、050で始まる番号からのお電話では認証できません。",
            "We cannot authenticate calls that withhold their number, nor calls from numbers that begin with 050.",
        ),
        "notice.phone.out_of_use": Text(
            "ご登録の電話番号を現在お使いでない場合は、お取引JAで電話番号の変更を済ませてからお申し込みください。",
            "If you no longer use the registered number, have it changed at your JA before you apply.",
        ),
        "notice.phone.no_tone": Text(
            "呼出音が聞こえないときは、もう一度おかけ直しください。", "If you hear no ringing tone, please call again."
        ),
        "notice.phone.rings_off": Text(
            "認証ができると、2～3回の呼出音のあとお電話は自動で切れます。音声のご案内はありません。",
            "When we have recognised your call it is cut off after two or three rings. There is no announcement.",
        ),
        "notice.phone.code_spoken": Text(
            "お電話がつながりましたら、自動音声が読み上げる{code_length}桁の番号を、電話機のボタンで入力してください。",
            "When your call is answered, a recorded voice reads out {code_length} digits. Key them in on your phone.",
        ),
        "notice.phone.code_displayed": Text(
            "お電話がつながりましたら、この画面に表示される{code_length}桁の番号を、電話機のボタンで入力してください。",
            "When your call is answered, key in on your phone the {code_length} digits that this screen shows.",
        ),
        "notice.phone.dial_line": Text(
            "ダイヤル回線のお電話は、番号を入力する前に「*」「#」「トーン」などのボタンを押し、"
            "プッシュ信号に切り替えてください。切替方法は電話機の説明書をご覧ください。",
            "On a pulse-dial line, press “*”, “#” or the “tone” button to switch to tones before you key in the "
            "digits. The manual of your phone says how.",
        ),
        "notice.phone.smartphone": Text(
            "スマートフォンをお使いの方は、通話が終わっても電話アプリが閉じないとき、"
            "通話終了ボタンを押してブラウザにお戻りください。",
            "On a smartphone, if the phone app stays open after the call, press the end-call button and return to "
            "your browser.",
        ),
    }
)

BTR_NOTICES: Mapping[str, Text] = MappingProxyType(
    {
        "BTR001.notice.lead": Text(
            "ログインIDと代表口座番号のどちらで認証するかをお選びのうえ、「認証画面へ」ボタンを押してください。",
            "Choose whether to authenticate with your login ID or with the number of your representative account, "
            "then press “To authentication”.",
        ),
        "BTR001.notice.call_needed": Text(
            "ご本人確認のため、JAにご登録の電話番号からお電話をおかけいただきます（通話料無料）。",
            "To prove that it is you, you will have to call from a number that you registered with your JA. "
            "The call is free.",
        ),
        "BTR001.notice.masked": Text(
            "ご登録電話番号は、下4桁を伏せて「電話番号認証」の画面に表示します。",
            "The “Phone authentication” screen shows your registered number, its last four digits hidden.",
        ),
        "BTR002.notice.lead": Text(
            "必要な項目をご入力になり、「次へ」ボタンを押してください。", "Fill in the fields, then press “Next”."
        ),
        "BTR003.notice.lead": Text(
            "送信先メールアドレスと利用開始パスワードをご入力になり、認証に使う電話番号を選んで"
            "「電話番号認証を行う」ボタンを押してください。",
            "Enter the e-mail address to send to and an activation password, choose the phone number to authenticate "
            "with, and press “Authenticate by phone”.",
        ),
        "BTR003.notice.activation_password": Text(
            "利用開始パスワードは、トークンアプリの初期設定と利用開始登録に必要です。設定を終えるまで確実に覚えておいてください。",
            "The activation password is used to set up the token app and to start using it. Please be sure to "
            "remember it until you have done so.",
        ),
        "BTR005.notice.issued": Text(
            "ソフトウェアトークンの再発行を完了しました。トークン発行用のメールを送信先メールアドレスにお送りします。",
            "Your software token has been reissued. We are sending the e-mail for it to the address shown here.",
        ),
        "BTR005.notice.next_step": Text(
            "引き続き、トークンアプリをダウンロードし、この画面のサービスIDとユーザID、ご登録の利用開始パスワードで"
            "初期設定をしてください。",
            "Next, download the token app and set it up with the service ID and the user ID shown here and the "
            "activation password you chose.",
        ),
        "BTR005.notice.keep_ids": Text(
            "サービスIDとユーザIDは初期設定に必要です。このページを印刷するなどしてお手元にお控えください。",
            "You need the service ID and the user ID for the set-up. Please print this page or write them down.",
        ),
        "BTR005.notice.latest_version": Text(
            "トークンアプリは、最新のバージョンであることをお確かめのうえご利用ください。",
            "Please make sure that the token app is the latest version.",
        ),
        "BTR005.notice.set_up_failed": Text(
            "初期設定ができなかったときは、端末の種類をお確かめのうえ、もう一度再発行をお申し込みください。",
            "If the set-up fails, check the type of your device and apply for a reissue again.",
        ),
    }
)

OUTCOME_NOTICES: Mapping[str, Text] = MappingProxyType(
    {
        "notice.completing.processing": Text(
            "お申し込みを承り、ただいま処理しております。もうしばらくお待ちください。",
            "We have received your application and it is being processed. Please wait a moment.",
        ),
        "notice.completing.check": Text(
            "画面が変わらないときは、「処理の結果を確認する」ボタンを押してください。もう一度ご入力いただく必要はありません。",
            "If the screen does not change, press “Check the result”. You need not enter anything again.",
        ),
        "CANCELLED.notice": Text(
            "お申込みを中止しました。ご入力いただいた内容は登録されておりません。",
            "The application has been cancelled. Nothing that you entered has been registered.",
        ),
        "EXPIRED.notice": Text(
            "お手続きの有効期限が過ぎたため、終了いたしました。お手数ですが、はじめからお申し込みください。",
            "The time for this procedure has run out and it has ended. Please apply again from the beginning.",
        ),
        "REJECTED.notice": Text(
            "誠に申し訳ございませんが、お申し込みをお受けできませんでした。ご不明な点は、お取引JAの窓口へお問い合わせください。",
            "We are sorry that we cannot accept your application. If you have questions, please ask at your JA.",
        ),
        "LOCKED.notice": Text(
            "安全のため、本サービスまたはキャッシュカードのご利用を停止しています。"
            "ご利用の再開は、お取引店舗の窓口でお申し込みください。",
            "For your safety, this service or your cash card has been locked. Please apply at your branch to "
            "use it again.",
        ),
    }
)

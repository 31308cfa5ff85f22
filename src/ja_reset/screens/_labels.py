"""The words that stand at a field, a button or a step: the manual's own, its reading slips put right.

Keys: `step.…` (breadcrumb), `application.…` (what is applied for), `section.…`, `field.….label`,
`field.….hint`, `option.…` and `button.…`. Figures come as `{name}`, see `ja_reset.screens.placeholders`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.text import Text

STEPS: Mapping[str, Text] = MappingProxyType(
    {
        "step.contract_authentication": Text("契約者認証", "Customer authentication"),
        "step.contract_confirmation": Text("契約者確認", "Customer confirmation"),
        "step.phone_authentication": Text("電話番号認証", "Phone authentication"),
        "step.password_entry": Text("パスワード入力", "Password entry"),
        "step.reset_completed": Text("初期化完了", "Reset completed"),
        "step.application_choice": Text("申込種別選択", "Choice of application"),
        "step.method_choice": Text("認証方法選択", "Choice of method"),
        "step.authentication": Text("認証", "Authentication"),
        "step.details_entry": Text("情報入力", "Details"),
        "step.completed": Text("完了", "Completed"),
    }
)

APPLICATIONS: Mapping[str, Text] = MappingProxyType(
    {
        "application.LOGIN_PASSWORD": Text(
            "お申込種別：ログインパスワード初期化", "Application: reset of the login password"
        ),
        "application.RISK_BASED_AUTH": Text(
            "お申込種別：リスクベース認証初期化", "Application: reset of risk-based authentication"
        ),
        "application.TOKEN_REISSUE": Text(
            "お申込種別：ソフトウェアトークン再発行", "Application: reissue of the software token"
        ),
    }
)

SECTIONS: Mapping[str, Text] = MappingProxyType(
    {
        "section.customer": Text("ご本人情報", "About you"),
        "section.account": Text("サービス利用代表口座", "Representative account"),
        "section.reminders": Text("ご留意事項", "Please note"),
        "section.phone": Text("ご登録電話番号の指定", "Your registered phone number"),
        "section.new_password": Text("ご登録されるパスワード情報", "Your new password"),
        "section.pin": Text("キャッシュカード暗証番号の入力", "PIN of your cash card"),
        "section.method": Text("認証方法選択", "Choice of method"),
        "section.login_id": Text("ログインIDの入力", "Login ID"),
        "section.account_entry": Text("代表口座番号の入力", "Representative account"),
        "section.password": Text("ログインパスワードの入力", "Login password"),
        "section.token_email": Text("送信先メールアドレスの指定", "Where we send the e-mail"),
        "section.activation_password": Text("利用開始パスワードの指定", "Activation password"),
        "section.login": Text("インターネットバンキングへのログイン", "Log in to internet banking"),
        "section.institution": Text("ご契約のあるJA", "Your JA"),
    }
)

_PASSWORD_SHAPE = Text(
    "(半角英数字記号{password_min}～{password_max}桁)",
    "({password_min} to {password_max} half-width letters, digits or symbols)",
)
_LOGIN_ID_SHAPE = Text(
    "(半角英数字{login_id_min}～{login_id_max}桁)", "({login_id_min} to {login_id_max} half-width letters or digits)"
)

FIELDS: Mapping[str, Text] = MappingProxyType(
    {
        "field.name_kana.label": Text("お名前 (全角カタカナ)", "Name (full-width katakana)"),
        "field.name_kana.hint": Text(
            "(例) ノウキョウタロウ (姓名の間にスペースは不要です。)",
            "(e.g. ノウキョウタロウ; no space between family name and given name)",
        ),
        "field.name_kanji.label": Text("お名前 (漢字)", "Name (kanji)"),
        "field.name_kanji.hint": Text(
            "(例) 農中太郎 (姓名の間にスペースは不要です。)",
            "(e.g. 農中太郎; no space between family name and given name)",
        ),
        "field.birth_date.label": Text("生年月日", "Date of birth"),
        "field.birth_date.hint": Text(
            "(半角数字) 西暦・年・月・日", "(half-width digits) Western calendar: year, month, day"
        ),
        "field.phone.label": Text("お届け電話番号", "Registered phone number"),
        "field.phone.hint": Text(
            "(半角数字) 電話番号を変更された方は、お届け済みの最新の番号をご記入ください。",
            "(half-width digits) If you have changed your number, enter the latest one you registered with us.",
        ),
        "field.email.label": Text("メールアドレス", "E-mail address"),
        "field.email.hint": Text(
            "(半角英数字記号) 当組合（当会）にご登録のメールアドレス",
            "(half-width letters, digits and symbols) The address you registered with us",
        ),
        "field.email_confirm.label": Text("メールアドレス（確認用）", "E-mail address (again)"),
        "field.email_confirm.hint": Text(
            "(半角英数字記号) 確認のため、もう一度ご入力ください。",
            "(half-width letters, digits and symbols) Enter it once more.",
        ),
        "field.branch.label": Text("支店番号", "Branch number"),
        "field.branch.hint": Text("(半角数字{branch_digits}桁)", "({branch_digits} half-width digits)"),
        "field.subject.label": Text("科目", "Type of account"),
        "field.account.label": Text("口座番号", "Account number"),
        "field.account.hint": Text(
            "(半角数字{account_digits}桁) ※例：0012345", "({account_digits} half-width digits, e.g. 0012345)"
        ),
        "field.accepted.label": Text("この内容を確認し、承諾します。", "I have read this and I accept it."),
        "field.phone_id.label": Text("電話番号", "Phone number"),
        "field.phone_id.hint": Text(
            "お電話は、ここでお選びになる番号からおかけいただきます。",
            "You will have to call from the number that you choose here.",
        ),
        "field.new_password.label": Text("新しいログインパスワード", "New login password"),
        "field.new_password.hint": _PASSWORD_SHAPE,
        "field.new_password_confirm.label": Text("新しいログインパスワード（確認用）", "New login password (again)"),
        "field.new_password_confirm.hint": Text(
            "(半角英数字記号{password_min}～{password_max}桁) 確認のため、もう一度ご入力ください。",
            "({password_min} to {password_max} half-width letters, digits or symbols) Enter it once more.",
        ),
        "field.pin.label": Text("キャッシュカード暗証番号", "PIN of your cash card"),
        "field.pin.hint": Text("(半角数字{pin_digits}桁)", "({pin_digits} half-width digits)"),
        "field.method.label": Text("認証方法", "Method"),
        "field.login_id.label": Text("ログインID", "Login ID"),
        "field.login_id.hint": _LOGIN_ID_SHAPE,
        "field.password.label": Text("ログインパスワード", "Login password"),
        "field.password.hint": _PASSWORD_SHAPE,
        "field.token_email.label": Text("送信先メールアドレス", "E-mail address to send to"),
        "field.token_email.hint": Text(
            "(半角英数字記号) トークンを利用する端末で受信できるメールアドレス",
            "(half-width letters, digits and symbols) An address you can read on the device that will hold the token",
        ),
        "field.token_email_confirm.label": Text("送信先メールアドレス（確認用）", "E-mail address to send to (again)"),
        "field.token_email_confirm.hint": Text(
            "(半角英数字記号) 確認のため、もう一度ご入力ください。",
            "(half-width letters, digits and symbols) Enter it once more.",
        ),
        "field.activation_password.label": Text("利用開始パスワード", "Activation password"),
        "field.activation_password.hint": Text(
            "(半角数字{activation_min}～{activation_max}桁)",
            "({activation_min} to {activation_max} half-width digits)",
        ),
        "field.activation_password_confirm.label": Text("利用開始パスワード（確認用）", "Activation password (again)"),
        "field.activation_password_confirm.hint": Text(
            "(半角数字{activation_min}～{activation_max}桁) 確認のため、もう一度ご入力ください。",
            "({activation_min} to {activation_max} half-width digits) Enter it once more.",
        ),
        "field.prefecture.label": Text("都道府県名", "Prefecture"),
        "field.institution.label": Text("JA名", "Name of the JA"),
    }
)

OPTIONS: Mapping[str, Text] = MappingProxyType(
    {
        "option.ordinary": Text("普通", "Ordinary (futsu)"),
        "option.current": Text("当座", "Current (toza)"),
        "option.LOGIN_ID": Text("ログインIDを入力する", "Enter the login ID"),
        "option.ACCOUNT": Text("代表口座番号を入力する", "Enter the number of the representative account"),
    }
)

BUTTONS: Mapping[str, Text] = MappingProxyType(
    {
        "button.cancel": Text("申込を中止する", "Cancel the application"),
        "button.back": Text("戻る", "Back"),
        "button.to_confirmation": Text("確認画面へ", "To confirmation"),
        "button.phone_authentication": Text("電話番号認証を行う", "Authenticate by phone"),
        "button.to_password": Text("パスワード入力へ", "To password entry"),
        "button.to_pin": Text("暗証番号入力へ", "To PIN entry"),
        "button.reset": Text("初期化を行う", "Reset"),
        "button.to_authentication": Text("認証画面へ", "To authentication"),
        "button.next": Text("次へ", "Next"),
        "button.confirm": Text("確定する", "Confirm"),
        "button.print": Text("ページを印刷する", "Print this page"),
        "button.home": Text("JAバンクホームページへ", "To the JA Bank website"),
        "button.check_result": Text("処理の結果を確認する", "Check the result"),
        "button.log_in": Text("ログイン", "Log in"),
        "button.apply": Text("お申し込みはこちら", "Apply here"),
        "button.LOGIN_PASSWORD": Text("ログインパスワード初期化", "Reset the login password"),
        "button.RISK_BASED_AUTH": Text(
            "リスクベース認証(追加認証)初期化", "Reset risk-based (additional) authentication"
        ),
        "button.TOKEN_REISSUE": Text("ワンタイムパスワード(トークン)再発行", "Reissue the one-time password (token)"),
    }
)

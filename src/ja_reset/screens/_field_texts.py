"""The words at the fields, in one place: headings, labels, hints, options, and what is wrong with an entry.

Keys: `section.…`, `field.….label`, `field.….hint`, `option.…`; and of errors `code.field`, where other words help more
at that field than those of the code alone (`ja_reset.screens.messages`). Limits come as `{name}`, see
`ja_reset.screens.placeholders`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.text import Text

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

_NOT_OFFERED = Text("表示されている電話番号の中からお選びください。", "Choose one of the phone numbers shown.")
_NOT_ACCEPTED = Text(
    "ご留意事項をお読みいただき、ご承諾のうえチェックを入れてください。",
    "Please read the notes and tick the box to accept them.",
)
_EMAIL_TOO_LONG = Text("{email_max}文字以内でご入力ください。", "Enter no more than {email_max} characters.")
_NAME_TOO_LONG = Text("{name_max}文字以内でご入力ください。", "Enter no more than {name_max} characters.")
_EMAIL_FORMAT = Text(
    "メールアドレスを1件だけ、半角英数字記号でご入力ください。",
    "Enter one e-mail address, in half-width letters, digits and symbols.",
)
_LOGIN_PASSWORD = Text(
    "半角の英字・数字・記号、{password_min}～{password_max}桁でご入力ください。",
    "Enter {password_min} to {password_max} half-width letters, digits or symbols.",
)
_ACTIVATION_PASSWORD = Text(
    "半角数字{activation_min}～{activation_max}桁でご入力ください。",
    "Enter {activation_min} to {activation_max} half-width digits.",
)

# What is too long for such a field is told like any other wrong entry: by what the field takes.
_SHAPES: dict[str, Text] = {
    "branch": Text("半角数字{branch_digits}桁でご入力ください。", "Enter {branch_digits} half-width digits."),
    "account": Text(
        "半角数字{account_digits}桁でご入力ください。先頭の0も省略しないでください。",
        "Enter {account_digits} half-width digits, with any zeros in front.",
    ),
    "login_id": Text(
        "半角の英字・数字、{login_id_min}～{login_id_max}桁でご入力ください。",
        "Enter {login_id_min} to {login_id_max} half-width letters or digits.",
    ),
    "password": _LOGIN_PASSWORD,
    "new_password": _LOGIN_PASSWORD,
    "new_password_confirm": _LOGIN_PASSWORD,
    "pin": Text("半角数字{pin_digits}桁でご入力ください。", "Enter {pin_digits} half-width digits."),
    "activation_password": _ACTIVATION_PASSWORD,
    "activation_password_confirm": _ACTIVATION_PASSWORD,
}

FIELD_ERRORS: Mapping[str, Text] = MappingProxyType(
    {
        "required.accepted": _NOT_ACCEPTED,
        "required.subject": Text("科目をお選びください。", "Choose the type of account."),
        "required.method": Text("認証方法をお選びください。", "Choose a method."),
        "required.phone_id": Text("電話番号をお選びください。", "Choose a phone number."),
        "too_long.name_kana": _NAME_TOO_LONG,
        "too_long.name_kanji": _NAME_TOO_LONG,
        "too_long.email": _EMAIL_TOO_LONG,
        "too_long.email_confirm": _EMAIL_TOO_LONG,
        "format.name_kana": Text(
            "カタカナでご入力ください。「・」「＝」「’」とかっこもご入力いただけます。",
            "Enter katakana. You may also use a middle dot, ＝, an apostrophe and brackets.",
        ),
        "format.name_kanji": Text(
            "漢字・かな・カタカナ・英字でご入力ください。数字、「・」「＝」「’」とかっこもご入力いただけます。",
            "Enter kanji, kana or letters. You may also use digits, a middle dot, ＝, an apostrophe and brackets.",
        ),
        "format.birth_date": Text(
            "実際にある過去の日付を、西暦の年・月・日でご入力ください。",
            "Enter a real date in the past: year of the Western calendar, month and day.",
        ),
        "format.phone": Text(
            "日本国内の電話番号を、市外局番から半角数字でご入力ください。",
            "Enter a Japanese phone number in half-width digits, with its area code.",
        ),
        "format.email": _EMAIL_FORMAT,
        "format.email_confirm": _EMAIL_FORMAT,
        "format.subject": Text("普通または当座をお選びください。", "Choose ordinary or current."),
        "format.method": Text(
            "ログインIDまたは代表口座番号をお選びください。", "Choose login ID or representative account."
        ),
        "format.phone_id": _NOT_OFFERED,
        **{f"{code}.{field}": words for code in ("format", "too_long") for field, words in _SHAPES.items()},
        "mismatch.email_confirm": Text(
            "2つのメールアドレスが一致しません。", "The two e-mail addresses are not the same."
        ),
        "mismatch.new_password_confirm": Text(
            "2つの新しいログインパスワードが一致しません。", "The two new login passwords are not the same."
        ),
        "mismatch.activation_password_confirm": Text(
            "2つの利用開始パスワードが一致しません。", "The two activation passwords are not the same."
        ),
    }
)
"""What is wrong at one field, by `code.field`."""

"""The words at the fields, in one place: headings, labels, hints, options, and what is wrong with an entry.

Keys: `section.…`, `field.….label`, `field.….hint`, `option.…`; and of errors `code.field`, where other words help more
at that field than those of the code alone (`ja_reset.screens.messages`). Limits come as `{name}`, see
`ja_reset.screens.placeholders`, and the label of the field as `{label}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.text import Text

SECTIONS: Mapping[str, Text] = MappingProxyType(
    {
        "section.customer": Text("ご本人情報", "About you"),
        "section.account": Text("サービス利用代表口座", "Your representative account"),
        "section.reminders": Text("ご留意事項", "Before you continue"),
        "section.phone": Text("ご登録電話番号の指定", "Your registered phone number"),
        "section.new_password": Text("ご登録されるパスワード情報", "Your new password"),
        "section.pin": Text("キャッシュカード暗証番号の入力", "Your cash card PIN"),
        "section.method": Text("認証方法選択", "How to sign in"),
        "section.login_id": Text("ログインIDの入力", "Your login ID"),
        "section.account_entry": Text("代表口座番号の入力", "Your representative account"),
        "section.password": Text("ログインパスワードの入力", "Your login password"),
        "section.token_email": Text("送信先メールアドレスの指定", "Where we send the email"),
        "section.activation_password": Text("利用開始パスワードの指定", "Your activation password"),
        "section.login": Text("インターネットバンキングへのログイン", "Sign in to internet banking"),
        "section.login_account": Text("または、代表口座でログイン", "Or sign in with your representative account"),
        "section.login_password": Text("ログインパスワード", "Login password"),
        "section.resets": Text("各種パスワード等の初期化・再設定", "Reset or reissue a password"),
        "section.fraud": Text("インターネットバンキングの不正利用にご注意ください", "Beware of internet banking fraud"),
        "section.new_device": Text("スマートフォンなどを機種変更されるお客様へ", "Before you change your smartphone"),
        "section.wrong_dialling": Text("電話番号のおかけ間違いにご注意ください", "Please dial carefully"),
        "section.institution": Text("ご契約のあるJA", "Your JA"),
    }
)

_EMAIL_AGAIN = Text("(半角英数字記号) 確認のため、もう一度ご入力ください。", "Enter it once more.")
_PASSWORD_SHAPE = Text(
    "(半角英数字記号{password_min}～{password_max}桁)",
    "{password_min} to {password_max} letters, numbers or symbols",
)

FIELDS: Mapping[str, Text] = MappingProxyType(
    {
        "field.name_kana.label": Text("お名前 (全角カタカナ)", "Name (katakana)"),
        "field.name_kana.hint": Text(
            "お取引JAにお届けのお名前 (例) ノウキョウタロウ (姓名の間にスペースは不要です。)",
            "Your name as registered with your JA, for example ノウキョウタロウ, with no space between family name and "
            "given name",
        ),
        "field.name_kanji.label": Text("お名前 (漢字)", "Name (kanji)"),
        "field.name_kanji.hint": Text(
            "お取引JAにお届けのお名前 (例) 農中太郎 (姓名の間にスペースは不要です。)",
            "Your name as registered with your JA, for example 農中太郎, with no space between family name and "
            "given name",
        ),
        "field.birth_date.label": Text("生年月日", "Date of birth"),
        "field.birth_date.hint": Text("(半角数字) 西暦・年・月・日", "Year (as in 1980), month and day"),
        "field.phone.label": Text("お届け電話番号", "Registered phone number"),
        "field.phone.hint": Text(
            "(半角数字) お取引JAにお届けの番号。変更をお届けの場合は、最新の番号をご入力ください。",
            "The number registered with your JA. If you have changed it, enter the latest one.",
        ),
        "field.email.label": Text("メールアドレス", "Email address"),
        "field.email.hint": Text(
            "(半角英数字記号) ご登録のメールアドレスをご入力ください。", "The address registered with your JA"
        ),
        "field.email_confirm.label": Text("メールアドレス（確認用）", "Email address (again)"),
        "field.email_confirm.hint": _EMAIL_AGAIN,
        "field.branch.label": Text("支店番号", "Branch number"),
        "field.branch.hint": Text("(半角数字{branch_digits}桁)", "{branch_digits} digits"),
        "field.subject.label": Text("科目", "Type of account"),
        "field.account.label": Text("口座番号", "Account number"),
        "field.account.hint": Text(
            "(半角数字{account_digits}桁) ※例：0012345", "{account_digits} digits, for example 0012345"
        ),
        "field.accepted.label": Text("この内容を確認し、承諾します。", "I have read this and I accept it."),
        "field.phone_id.label": Text("電話番号", "Phone number"),
        "field.phone_id.hint": Text(
            "選択された電話番号から、お電話をおかけいただきます。", "You will call us from the number you choose."
        ),
        "field.new_password.label": Text("新しいログインパスワード", "New login password"),
        "field.new_password.hint": _PASSWORD_SHAPE,
        "field.new_password_confirm.label": Text("新しいログインパスワード（確認用）", "New login password (again)"),
        "field.new_password_confirm.hint": Text(
            "(半角英数字記号{password_min}～{password_max}桁) 確認のため、もう一度ご入力ください。",
            "{password_min} to {password_max} letters, numbers or symbols. Enter it once more.",
        ),
        "field.pin.label": Text("キャッシュカード暗証番号", "Cash card PIN"),
        "field.pin.hint": Text("(半角数字{pin_digits}桁)", "{pin_digits} digits"),
        "field.method.label": Text("認証方法", "How to sign in"),
        "field.login_id.label": Text("ログインID", "Login ID"),
        "field.login_id.hint": Text(
            "(半角英数字{login_id_min}～{login_id_max}桁)", "{login_id_min} to {login_id_max} letters or numbers"
        ),
        "field.password.label": Text("ログインパスワード", "Login password"),
        "field.password.hint": Text(
            "(半角英数字{password_min}～{password_max}桁。記号を含む場合は記号もご入力ください。)",
            "{password_min} to {password_max} letters, numbers or symbols",
        ),
        "field.token_email.label": Text("送信先メールアドレス", "Email address to send to"),
        "field.token_email.hint": Text(
            "(半角英数字記号) トークンを利用する端末で受信できるメールアドレス",
            "An address you can read on the device that will hold the token",
        ),
        "field.token_email_confirm.label": Text("送信先メールアドレス（確認用）", "Email address to send to (again)"),
        "field.token_email_confirm.hint": _EMAIL_AGAIN,
        "field.activation_password.label": Text("利用開始パスワード", "Activation password"),
        "field.activation_password.hint": Text(
            "(半角数字{activation_min}～{activation_max}桁)", "{activation_min} to {activation_max} digits"
        ),
        "field.activation_password_confirm.label": Text("利用開始パスワード（確認用）", "Activation password (again)"),
        "field.activation_password_confirm.hint": Text(
            "(半角数字{activation_min}～{activation_max}桁) 確認のため、もう一度ご入力ください。",
            "{activation_min} to {activation_max} digits. Enter it once more.",
        ),
        "field.prefecture.label": Text("都道府県名", "Prefecture"),
        "field.institution.label": Text("JA名", "Name of your JA"),
    }
)

OPTIONS: Mapping[str, Text] = MappingProxyType(
    {
        "option.ordinary": Text("普通", "Ordinary (futsu)"),
        "option.current": Text("当座", "Current (toza)"),
        "option.LOGIN_ID": Text("ログインIDを入力する", "Use my login ID"),
        "option.ACCOUNT": Text("代表口座番号を入力する", "Use my representative account"),
    }
)

_NOT_OFFERED = Text("{label}は、表示されている中からお選びください。", "{label} must be one of those shown.")
_NOT_ACCEPTED = Text(
    "ご留意事項をお読みいただき、ご承諾のうえチェックを入れてください。",
    "Read the notes and tick the box to accept them.",
)
_EMAIL_TOO_LONG = Text(
    "{label}は、{email_max}文字以内でご入力ください。", "{label} must be {email_max} characters or fewer."
)
_NAME_TOO_LONG = Text(
    "{label}は、{name_max}文字以内でご入力ください。", "{label} must be {name_max} characters or fewer."
)
_EMAIL_FORMAT = Text(
    "{label}は、1件だけ、半角英数字記号でご入力ください。", "{label} must be one address, such as name@example.com."
)
_LOGIN_PASSWORD = Text(
    "{label}は、半角の英字・数字・記号、{password_min}～{password_max}桁でご入力ください。",
    "{label} must be {password_min} to {password_max} letters, numbers or symbols.",
)
_ACTIVATION_PASSWORD = Text(
    "{label}は、半角数字{activation_min}～{activation_max}桁でご入力ください。",
    "{label} must be {activation_min} to {activation_max} digits.",
)

# What is too long for such a field is told like any other wrong entry: by what the field takes.
_SHAPES: dict[str, Text] = {
    "branch": Text("{label}は、半角数字{branch_digits}桁でご入力ください。", "{label} must be {branch_digits} digits."),
    "account": Text(
        "{label}は、半角数字{account_digits}桁でご入力ください。先頭の0も省略しないでください。",
        "{label} must be {account_digits} digits, including any zeros at the front.",
    ),
    "login_id": Text(
        "{label}は、半角の英字・数字、{login_id_min}～{login_id_max}桁でご入力ください。",
        "{label} must be {login_id_min} to {login_id_max} letters or numbers.",
    ),
    "password": _LOGIN_PASSWORD,
    "new_password": _LOGIN_PASSWORD,
    "new_password_confirm": _LOGIN_PASSWORD,
    "pin": Text("{label}は、半角数字{pin_digits}桁でご入力ください。", "{label} must be {pin_digits} digits."),
    "activation_password": _ACTIVATION_PASSWORD,
    "activation_password_confirm": _ACTIVATION_PASSWORD,
}

FIELD_ERRORS: Mapping[str, Text] = MappingProxyType(
    {
        "required.accepted": _NOT_ACCEPTED,
        "required.subject": Text("{label}をお選びください。", "{label} is required. Choose ordinary or current."),
        "required.method": Text("{label}をお選びください。", "{label} is required. Choose one of the two."),
        "required.phone_id": Text("{label}をお選びください。", "{label} is required. Choose one of those shown."),
        "too_long.name_kana": _NAME_TOO_LONG,
        "too_long.name_kanji": _NAME_TOO_LONG,
        "too_long.email": _EMAIL_TOO_LONG,
        "too_long.email_confirm": _EMAIL_TOO_LONG,
        "format.name_kana": Text(
            "{label}は、カタカナでご入力ください。「・」「＝」「’」とかっこもご入力いただけます。",
            "{label} must be in katakana. You can also use a middle dot, ＝, an apostrophe and brackets.",
        ),
        "format.name_kanji": Text(
            "{label}は、漢字・かな・カタカナ・英字でご入力ください。数字、「・」「＝」「’」とかっこもご入力いただけます。",
            "{label} must be in kanji, kana or letters. You can also use numbers, a middle dot, ＝, an apostrophe and "
            "brackets.",
        ),
        "format.birth_date": Text(
            "{label}は、実際にある過去の日付を、西暦の年・月・日でご入力ください。",
            "{label} must be a real date in the past: year (as in 1980), month and day.",
        ),
        "format.phone": Text(
            "{label}は、日本国内の電話番号を、市外局番から半角数字でご入力ください。",
            "{label} must be a Japanese phone number, including its area code.",
        ),
        "format.email": _EMAIL_FORMAT,
        "format.email_confirm": _EMAIL_FORMAT,
        "format.subject": Text("{label}は、普通または当座をお選びください。", "{label} must be ordinary or current."),
        "format.method": Text(
            "{label}は、ログインIDまたは代表口座番号をお選びください。",
            "{label} must be your login ID or your representative account.",
        ),
        "format.phone_id": _NOT_OFFERED,
        **{f"{code}.{field}": words for code in ("format", "too_long") for field, words in _SHAPES.items()},
        "mismatch.email_confirm": Text(
            "{label}が、はじめにご入力のメールアドレスと異なります。",
            "{label} does not match the address entered first.",
        ),
        "mismatch.new_password_confirm": Text(
            "{label}が、はじめにご入力のパスワードと異なります。", "{label} does not match the password entered first."
        ),
        "mismatch.activation_password_confirm": Text(
            "{label}が、はじめにご入力のパスワードと異なります。", "{label} does not match the password entered first."
        ),
    }
)
"""What is wrong at one field, by `code.field`."""

"""The labels of fields, buttons and steps: the manual's own, with its reading slips corrected.

Keys: `step.…` (breadcrumb), `application.…` (what is applied for), `section.…`, `field.….label`, `field.….hint`,
`option.…` and `button.…`. Placeholders are written `{name}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.text import Text

STEPS: Mapping[str, Text] = MappingProxyType(
    {
        "step.contract_authentication": Text("契約者認証", "Your details"),
        "step.contract_confirmation": Text("契約者確認", "Choose a phone"),
        "step.phone_authentication": Text("電話番号認証", "Confirm by phone"),
        "step.password_entry": Text("パスワード入力", "Password and PIN"),
        "step.reset_completed": Text("初期化完了", "Reset complete"),
        "step.application_choice": Text("申込種別選択", "Choose a service"),
        "step.method_choice": Text("認証方法選択", "Choose how to sign in"),
        "step.authentication": Text("認証", "Sign in"),
        "step.details_entry": Text("情報入力", "Token details"),
        "step.completed": Text("完了", "Complete"),
    }
)

APPLICATIONS: Mapping[str, Text] = MappingProxyType(
    {
        "application.LOGIN_PASSWORD": Text(
            "お申込種別：ログインパスワード初期化", "You are applying to: reset your login password"
        ),
        "application.RISK_BASED_AUTH": Text(
            "お申込種別：リスクベース認証初期化", "You are applying to: reset risk-based authentication"
        ),
        "application.TOKEN_REISSUE": Text(
            "お申込種別：ソフトウェアトークン再発行", "You are applying to: reissue your software token"
        ),
    }
)

BUTTONS: Mapping[str, Text] = MappingProxyType(
    {
        "button.cancel": Text("申込を中止する", "Cancel application"),
        "button.back": Text("戻る", "Back"),
        "button.to_confirmation": Text("確認画面へ", "Continue"),
        "button.phone_authentication": Text("電話番号認証を行う", "Continue to the phone call"),
        "button.to_password": Text("パスワード入力へ", "Continue"),
        "button.to_pin": Text("暗証番号入力へ", "Continue"),
        "button.reset": Text("初期化を行う", "Reset"),
        "button.to_authentication": Text("認証画面へ", "Continue"),
        "button.next": Text("次へ", "Continue"),
        "button.confirm": Text("確定する", "Confirm"),
        "button.print": Text("ページを印刷する", "Print this page"),
        "button.home": Text("JAバンクホームページへ", "JA Bank website"),
        "button.check_result": Text("処理の結果を確認する", "Check the result"),
        "button.log_in": Text("ログイン", "Sign in"),
        "button.apply": Text("お申し込みはこちら", "Apply here"),
        "button.first_time": Text("初めてご利用になる方", "First-time users"),
        "button.help": Text("ヘルプ", "Help"),
        "button.LOGIN_PASSWORD": Text("ログインパスワード初期化", "Reset the login password"),
        "button.RISK_BASED_AUTH": Text(
            "リスクベース認証(追加認証)初期化", "Reset risk-based (additional) authentication"
        ),
        "button.TOKEN_REISSUE": Text("ワンタイムパスワード(トークン)再発行", "Reissue the one-time password (token)"),
    }
)

"""The notices of the way in; the sentences are ours, the facts the manual's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.text import Text

ENTRY_NOTICES: Mapping[str, Text] = MappingProxyType(
    {
        "BL1001.notice.login": Text(
            "JAネットバンクをご利用いただき、ありがとうございます。ログインID、または代表口座の支店番号・科目・口座番号の"
            "どちらかと、ログインパスワードをご入力ください。",
            "Welcome to JA Net Bank. Enter either your login ID or the branch, type and number of your representative "
            "account, and your login password.",
        ),
        "BL1001.notice.forgotten": Text(
            "ログインパスワードやリスクベース認証の回答をお忘れのお客様、ワンタイムパスワードの再発行をご希望のお客様は、"
            "「お申し込みはこちら」ボタンを押してください。",
            "If you have forgotten your login password or your answers for risk-based authentication, or need your "
            "one-time password reissued, select “Apply here”.",
        ),
        "BL1001.notice.fraud": Text(
            "JAバンクが、メールでパスワードの入力をお願いすることは決してありません。JAバンクを名乗るメールや心当たりのないメールには、"
            "返信しないでください。",
            "JA Bank never asks for a password by email. Do not reply to emails that claim to come from JA Bank or "
            "that you did not expect.",
        ),
        "BL1001.notice.new_device": Text(
            "機種変更の前に、今の端末でログインし、ワンタイムパスワードの利用を解除してください。解除しないまま変更されますと、"
            "ログインできなくなります。",
            "Before you change it, sign in on the present one and release the one-time password. If you change it "
            "without doing so, you will not be able to sign in.",
        ),
        "BL1001.notice.shut_out": Text(
            "ログインできなくなったお客様は、「各種パスワード等の初期化・再設定」からワンタイムパスワードの再発行をお申し込みください。"
            "再発行をご利用いただけない場合は、お取引JAの窓口へお申し出ください。",
            "If you can no longer sign in, apply for a reissue of the one-time password under “Reset or reissue a "
            "password”. If that is not possible for you, please ask at the counter of your JA.",
        ),
        "BL1001.notice.next_day": Text(
            "機種変更の後もワンタイムパスワードをご利用になるには、解除の翌日以降に、もう一度ワンタイムパスワードをお申し込みください。",
            "To go on using the one-time password afterwards, apply for it again on the next day or later.",
        ),
        "BL1001.notice.where": Text(
            "ワンタイムパスワードの利用解除と再度のお申し込みは、ログイン後の「各種お申込み・手続き」から"
            "「ワンタイムパスワード申請」へお進みください。",
            "To release the one-time password or to apply for it again, sign in and go to “Applications and "
            "procedures”, then “Apply for a one-time password”.",
        ),
        "MENU.notice.choose": Text(
            "ご契約のあるJAの都道府県名とJA名をお選びのうえ、ご希望のお手続きのボタンを押してください。",
            "Choose the prefecture and the name of your JA, then what you need.",
        ),
        "MENU.notice.read": Text(
            "お手続きの前に、画面に記載の注意事項を必ずお読みください。",
            "Read the notices on the page before you start.",
        ),
        "MENU.notice.individuals": Text(
            "こちらのお手続きは、個人のお客様に限りご利用いただけます。個人以外のお客様は、お取引店舗（お取引口座のあるJAの店舗）にて"
            "書面でお申し込みください。",
            "Only individual customers can use this service. All other customers must apply in writing at the branch "
            "where they have their account.",
        ),
    }
)

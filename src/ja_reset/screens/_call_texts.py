"""What is said in a call that is answered: plain spoken language, in short sentences (P12).

Keys: `call.…`; what the call does is `call.does.PROCEDURE`, and `call.does` for a chart that has no text of its own.
Nothing here says whose contract it is, or anything of it: whoever holds the phone may hear it (S6).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ja_reset.policies import Policies
from ja_reset.screens.placeholders import catalogue_of, fill
from ja_reset.text import Text

CALL_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        "call.greeting": Text(
            "お電話ありがとうございます。{institution}の自動音声です。",
            "Thank you for calling. This is the automated service of {institution}.",
        ),
        "call.does": Text(
            "このお電話は、「{procedure}」のお手続きのためのものです。", "This call is for the following: {procedure}."
        ),
        "call.does.LOGIN_PASSWORD": Text(
            "このお電話は、ログインパスワードを初期化するためのものです。", "This call resets a login password."
        ),
        "call.does.RISK_BASED_AUTH": Text(
            "このお電話は、リスクベース認証（追加認証）を初期化するためのものです。",
            "This call resets risk-based authentication.",
        ),
        "call.does.TOKEN_REISSUE": Text(
            "このお電話は、ワンタイムパスワードを再発行するためのものです。", "This call reissues a one-time password."
        ),
        "call.pressure": Text(
            "JAの職員や警察官が、このお電話をお願いすることはありません。"
            "誰かに言われておかけの場合は、詐欺のおそれがあります。お手続きを続けないでください。",
            "Nobody from the bank or the police asks you to make this call. If somebody told you to call, it may be "
            "fraud. Do not go on.",
        ),
        "call.not_me": Text(
            "誰かに言われておかけの場合や、このお申し込みに心当たりがない場合は、{not_me_key}を押し、"
            "最後にシャープを押してください。お申し込みを終了します。",
            "If somebody told you to call, or this application is not yours, press {not_me_key}, then the hash key. "
            "That ends it.",
        ),
        "call.confirm": Text(
            "このお申し込みに間違いがなければ、{confirm_key}を押し、最後にシャープを押してください。",
            "If this application is yours, press {confirm_key}, then the hash key.",
        ),
        "call.not_confirmed": Text(
            "押されたボタンでは確認できませんでした。"
            "このお申し込みに間違いがなければ、{confirm_key}を押し、最後にシャープを押してください。",
            "That key does not confirm it. If this application is yours, press {confirm_key}, then the hash key.",
        ),
        "call.no_key": Text(
            "ご入力がありませんでした。お電話を終了します。もう一度おかけ直しください。",
            "No key was pressed. This call ends now. Please call again.",
        ),
        "call.disowned": Text(
            "お申し込みを終了し、ご登録の連絡先へお知らせします。ご不明な点は、お取引JAの窓口へお問い合わせください。",
            "This application has ended. We will notify you at the address that we have on file. Ask your JA if you "
            "have questions.",
        ),
        "call.dial_line": Text(
            "ダイヤル回線をお使いの場合は、番号を入力する前に、"
            "電話機のトーンボタンなどを押して、プッシュ信号に切り替えてください。",
            "On a pulse-dial line, switch your phone to tones before you press any keys.",
        ),
        "call.code": Text("確認番号を申し上げます。", "Here is your code."),
        "call.code_again": Text("もう一度申し上げます。", "Once more."),
        "call.key_in": Text(
            "この{code_length}桁の確認番号を、電話機のボタンで入力し、最後にシャープを押してください。",
            "Key in this {code_length}-digit code on your phone, then press the hash key.",
        ),
        "call.key_in_displayed": Text(
            "画面に表示されている{code_length}桁の確認番号を、電話機のボタンで入力し、最後にシャープを押してください。",
            "On your phone, key in the {code_length}-digit code shown on your screen, then press the hash key.",
        ),
        "call.no_keys": Text(
            "確認番号の入力がありませんでした。お電話を終了します。もう一度おかけ直しください。",
            "No code was keyed in. This call ends now. Please call again.",
        ),
        "call.wrong": Text(
            "確認番号が正しくありません。このお電話では、あと{tries_left}回ご入力いただけます。"
            "もう一度、確認番号を入力し、最後にシャープを押してください。",
            "That code is not correct. Attempts left in this call: {tries_left}. Key in the code again, then press the "
            "hash key.",
        ),
        "call.not_processed": Text(
            "ただいま確認することができませんでした。もう一度、確認番号を入力し、最後にシャープを押してください。",
            "We could not check that just now. Key in the code again, then press the hash key.",
        ),
        "call.over": Text(
            "確認番号の誤りが続いたため、お電話を終了します。画面のご案内に沿って、もう一度おかけ直しください。",
            "The code was wrong too many times, so this call ends now. Follow your screen, and call again.",
        ),
        "call.stopped": Text(
            "お電話での確認ができませんでした。お電話を終了します。画面をお確かめください。",
            "We could not confirm your call. It ends now. Please check your screen.",
        ),
        "call.proved": Text(
            "お電話での確認が完了しました。電話を切り、画面に戻ってお進みください。",
            "Your call is confirmed. Hang up, and go back to your screen.",
        ),
    }
)
"""Every text that a script says, by its key, for a host to replace (S9)."""

DOES: Final = "call.does"
"""The key of what a call does; a chart has a text of its own under `call.does.NAME`."""


def spoken(keys: tuple[str, ...], policies: Policies, texts: Mapping[str, Text], told: Mapping[str, Text]) -> Text:
    """The text of the first of *keys* that there is, with the limits of *policies* and what is *told*.

    Raises KeyError where there is none.
    """
    catalogue = catalogue_of(texts)
    text = catalogue.text(keys, CALL_TEXTS)
    if text is None:
        raise KeyError(keys[0])
    return fill(text, {**catalogue.words(policies), **told})

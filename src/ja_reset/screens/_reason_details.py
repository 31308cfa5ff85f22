"""The texts of reasons that have a detail, by `code.detail`: the code stays the same, and the words say which it is.

Reasons on an ending are true of it: nothing threatens there, or offers another try.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.text import Text

REASON_DETAILS: Mapping[str, Text] = MappingProxyType(
    {
        "timed_out.window": Text(
            "受付時間内に電話番号認証が完了しませんでした。お電話いただいても認証できなかったときは、番号が非通知になっているか、"
            "別の番号で発信されていることがあります。もう一度、電話番号をお選びください。"
            "電話番号認証は、あと{windows_left}回ご利用いただけます。",
            "Phone authentication was not completed in time. If you did call, your number may have been withheld, or "
            "your phone may have called from another number. Choose a phone number again. Attempts left: "
            "{windows_left}.",
        ),
        "timed_out.limit": Text(
            "電話番号認証をご利用いただける回数（{phone_windows}回）に達したため、お手続きを終了しました。"
            "お手数ですが、はじめからお申し込みください。",
            "You have used all {phone_windows} attempts at phone authentication, so this application has ended. "
            "Please apply again from the beginning.",
        ),
        "timed_out.idle": Text(
            "{idle_timeout}のあいだ操作がなかったため、お手続きを終了しました。"
            "お手数ですが、はじめからお申し込みください。",
            "This application has ended because nothing was done for {idle_timeout}. Please apply again from "
            "the beginning.",
        ),
        "timed_out.too_old": Text(
            "お手続きの開始から{absolute_timeout}が過ぎたため、お手続きを終了しました。"
            "お手数ですが、はじめからお申し込みください。",
            "This application has ended because it was started more than {absolute_timeout} ago. Please apply again "
            "from the beginning.",
        ),
        "timed_out.clock": Text(
            "時刻を正しく確認できなかったため、安全のためお手続きを終了しました。"
            "お手数ですが、はじめからお申し込みください。",
            "We could not confirm the time, so this application has ended for your safety. Please apply again "
            "from the beginning.",
        ),
        "identity_mismatch.limit": Text(
            "ご入力の内容では、ご本人であることを確認できなかったため、お手続きを終了しました。"
            "確認できないご入力が{identity_attempts}回に達すると、その後{identity_window}は、"
            "正しくご入力になっても受け付けられないことがあります。"
            "時間をおいてもう一度お申し込みになるか、お取引JAの窓口へお問い合わせください。",
            "We could not confirm your identity from what you entered, so this application has ended. After "
            "{identity_attempts} such entries we may refuse even the right ones for {identity_window}. Please apply "
            "again later, or ask at your JA.",
        ),
        "login_mismatch.limit": Text(
            "ご入力の内容では認証できなかったため、お手続きを終了しました。"
            "認証できないご入力が{identity_attempts}回に達すると、その後{identity_window}は、"
            "正しくご入力になっても受け付けられないことがあります。"
            "時間をおいてもう一度お申し込みになるか、お取引JAの窓口へお問い合わせください。",
            "We could not sign you in with what you entered, so this application has ended. After "
            "{identity_attempts} such entries we may refuse even the right ones for {identity_window}. Please apply "
            "again later, or ask at your JA.",
        ),
        "wrong_line.withdrawn": Text(
            "画面の認証先電話番号は、ご利用いただけなくなりました。「戻る」ボタンを押して、もう一度、電話番号をお選びください。"
            "新しい認証先電話番号をご案内します。",
            "The number shown is no longer in use. Select “Back” and choose your phone number again: you will be given "
            "another number to call.",
        ),
        "late.call_over": Text(
            "確認番号の入力を確認する前に、お電話が終了しました。受付時間内に、もう一度お電話ください。",
            "Your call ended before we received the code. Please call again within the time allowed.",
        ),
        "wrong_code.limit": Text(
            "確認番号の誤りが所定の回数に達したため、お手続きを終了しました。"
            "時間をおいてもう一度お申し込みになるか、お取引JAの窓口へお問い合わせください。",
            "A wrong code was entered too many times, so this application has ended. Please apply again later, or ask "
            "at your JA.",
        ),
        "wrong_pin.limit": Text(
            "キャッシュカード暗証番号の誤りが、連続して{pin_attempts}回に達しました。",
            "A wrong cash card PIN was entered {pin_attempts} times in a row.",
        ),
        "locked.service": Text(
            "本サービスのご利用を停止しています。お取引店舗の窓口でお手続きください。",
            "This service is locked. Please apply at your branch.",
        ),
        "locked.card": Text(
            "キャッシュカードのご利用を停止しているため、お手続きいただけません。お取引店舗の窓口でお手続きください。",
            "Your cash card is locked, so you cannot continue here. Please apply at your branch.",
        ),
        "locked.both": Text(
            "本サービスとキャッシュカードのご利用を停止しています。お取引店舗の窓口でお手続きください。",
            "This service and your cash card are locked. Please apply at your branch.",
        ),
        "procedure_changed.ordered": Text(
            "お手続きの内容が更新されたため、この画面での操作を終了しました。お申し込みは受け付けておりますので、"
            "もう一度お手続きをなさらずに、お取引JAの窓口へお問い合わせください。",
            "This service has been updated, and this page has ended. We have received your application: do not apply "
            "again, and ask at your JA.",
        ),
    }
)

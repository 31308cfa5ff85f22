"""What the page says in each moment of a screen: true then, and gone when it is not."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.tours import wrong
from browser.walker import Walker


@pytest.mark.rule("P4", "P7")
def test_a_call_from_waiting_to_its_end(walker: Walker) -> None:
    """Waiting, answered, wrong with the tries left in this call, over and to be called again, and answered again."""
    walker.to_phone("TOKEN_REISSUE")
    walker.sees_moment("waiting", "お電話をお待ちしています")
    expect(walker.page.locator(".lead")).to_contain_text("認証先電話番号へ")
    walker.call()
    walker.sees_moment("answered", "お電話がつながりました")
    expect(walker.page.locator(".lead")).not_to_contain_text("認証先電話番号へ")  # nobody on the line is told to call
    code = walker.hear_code()
    for left in (2, 1):
        walker.key_in(wrong(code))
        walker.sees_moment("wrong_code", f"このお電話では、あと{left}回")
    walker.key_in(wrong(code))
    walker.sees_moment("call_over", "もう一度お電話ください")
    walker.call()
    walker.sees_moment("answered", "お電話がつながりました")
    walker.key_in(walker.hear_code())
    walker.sees("BTR005")


@pytest.mark.rule("P6")
def test_windows_are_counted_down_to_the_limit(walker: Walker) -> None:
    """The page says how often it can wait again, that this is the last time, and at last that the limit is reached."""
    walker.to_phone("LOGIN_PASSWORD")
    windows = walker.page.locator(".windows")
    expect(windows).to_contain_text("あと2回")
    walker.let_windows_close(1)
    walker.choose_phone()
    expect(windows).to_contain_text("あと1回")
    walker.let_windows_close(1)
    walker.choose_phone()
    expect(windows).to_contain_text("今回が最後")
    walker.let_windows_close(1)
    walker.sees("EXPIRED")
    expect(walker.page.locator("main")).to_have_attribute("data-moment", "limit")
    expect(walker.page.locator("#summary h2")).to_have_text("お手続きが終了した理由")


@pytest.mark.rule("P6")
def test_who_has_gone_back_too_often_is_told_before_choosing(walker: Walker) -> None:
    """Back uses a window up: where none is left, the page says that another choice leads nowhere."""
    walker.to_phone("LOGIN_PASSWORD")
    for _ in range(2):
        walker.press("back")
        expect(walker.page.locator(".again")).to_have_count(0)
        walker.choose_phone()
    walker.press("back")
    expect(walker.page.locator(".again")).to_contain_text("はじめからお申し込みください")


@pytest.mark.rule("P4")
def test_during_a_call_nothing_on_the_page_says_to_call(walker: Walker) -> None:
    """Neither how to dial, nor what happens without a call: both are over; and they come back with the call's end."""
    walker.to_phone("TOKEN_REISSUE")
    expect(walker.page.locator(".tap-how")).to_have_count(1)
    walker.call()
    walker.sees_moment("answered", "お電話がつながりました")
    expect(walker.page.locator(".tap-how")).to_have_count(0)
    expect(walker.page.locator(".windows")).to_contain_text("認証が済まなかったときは")


@pytest.mark.rule("P7")
def test_the_proof_is_confirmed_where_the_page_moves_on(walker: Walker) -> None:
    """After the call BIM017 says that it worked; not any more beside a wrong PIN."""
    walker.to_phone("RISK_BASED_AUTH")
    walker.prove_phone()
    walker.sees_moment("proved", "電話番号認証が完了しました")
    walker.reset(pin="0000")
    walker.sees_reason("暗証番号")
    expect(walker.page.locator(".well")).to_have_count(0)


@pytest.mark.rule("C4", "M2a")
def test_an_order_that_is_not_answered_is_being_processed(walker: Walker) -> None:
    """With the bank silent from the order on, which a button of the operator's page brings about."""
    walker.to_phone("RISK_BASED_AUTH")
    walker.prove_phone()
    operator = walker.beside()
    operator.go("/operator")
    operator.click('button[name="what"][value="silent"]')
    walker.reset()
    walker.sees_moment("processing", "処理しております")
    expect(walker.page.locator(".summary:not(.kind)")).to_have_count(0)  # nothing went wrong
    walker.press("proceed")
    walker.sees_moment("processing", "処理しております")
    operator.click('button[name="what"][value="orders"]')
    walker.press("proceed")
    walker.sees("DONE")


@pytest.mark.rule("L2", "L6")
def test_the_last_wrong_pin_reaches_the_limit(walker: Walker) -> None:
    """LOCKED says why it ended, and offers no form."""
    walker.to_phone("RISK_BASED_AUTH")
    walker.prove_phone()
    for _ in range(3):
        walker.reset(pin="0000")
    walker.sees("LOCKED")
    expect(walker.page.locator("main")).to_have_attribute("data-moment", "limit")
    expect(walker.page.locator("#summary h2")).to_have_text("お手続きが終了した理由")
    expect(walker.page.locator(".receipt dd")).to_have_count(4)


@pytest.mark.rule("I5", "I4")
@pytest.mark.parametrize("account", ["known", "unknown"])
def test_the_last_wrong_identity_says_how_long_it_counts(walker: Walker, account: str) -> None:
    """The fifth one says that it ended, and names the 24 hours; the same words whether the account exists or not."""
    walker.start("LOGIN_PASSWORD")
    for _ in range(5):
        walker.fill()
        walker.page.fill("#birth_date_year", "1955")
        if account == "unknown":
            walker.page.fill("#account", "7777777")
        walker.press("submit_identity")
    walker.sees("REJECTED")
    expect(walker.page.locator("main")).to_have_attribute("data-moment", "limit")
    walker.sees_reason("お手続きを終了しました。確認できないご入力が5回に達すると、その後24時間は")
    expect(walker.page.locator(".button[name='event']")).to_have_count(0)


@pytest.mark.rule("P4")
def test_the_last_wrong_code_ends_the_procedure(walker: Walker) -> None:
    """After nine wrong codes in three calls the page says that it ended, and asks nobody to call again."""
    walker.to_phone("TOKEN_REISSUE")
    for _ in range(3):
        walker.call()
        code = walker.hear_code()
        for _ in range(3):
            walker.key_in(wrong(code))
    walker.sees("REJECTED")
    expect(walker.page.locator("main")).to_have_attribute("data-moment", "limit")
    expect(walker.page.locator("#summary h2")).to_have_text("お手続きが終了した理由")
    expect(walker.page.locator("main")).not_to_contain_text("もう一度お電話ください")

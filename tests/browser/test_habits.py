"""What people do with browsers: go back, reload, open two tabs, click twice, change the language, turn scripts off."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from browser.walker import Walker
from demo_site import Site


@pytest.mark.rule("S2")
def test_the_back_button_leads_to_the_present_screen(walker: Walker) -> None:
    """The browser reloads a page that it had left, so its form cannot be sent a second time."""
    walker.start("LOGIN_PASSWORD")
    walker.identify()
    walker.sees("BIM016")
    walker.choose_phone()
    walker.sees("PHONE")
    walker.page.go_back()
    if walker.page.url.endswith("/menu"):
        walker.page.go_forward()
    walker.sees("PHONE")


@pytest.mark.rule("S2")
def test_reloading_sends_nothing_again(walker: Walker) -> None:
    """A reload shows the same screen with the same reasons, and changes no count."""
    walker.to_phone("RISK_BASED_AUTH")
    walker.prove_phone()
    walker.reset(pin="0000")
    walker.sees_reason("暗証番号が正しくありません")
    expect(walker.page.locator(".tries")).to_contain_text("2")
    walker.page.reload()
    walker.sees("BIM017")
    walker.sees_reason("暗証番号が正しくありません")
    expect(walker.page.locator(".tries")).to_contain_text("2")


@pytest.mark.rule("S2")
def test_a_second_tab_that_comes_late_is_told_so_kindly(walker: Walker) -> None:
    """The tab left behind changes nothing; it is shown the present screen, and why."""
    walker.start("LOGIN_PASSWORD")
    late = walker.beside()
    late.go("/application")
    walker.identify()
    walker.sees("BIM016")
    late.press("cancel")
    late.sees("BIM016")
    late.sees_reason("画面の内容が更新されています")


@pytest.mark.rule("S2")
def test_a_tab_of_another_application_does_not_act_on_the_new_one(walker: Walker) -> None:
    """A form that was made for an application which is no longer this browser's is not sent to the one that is."""
    walker.start("LOGIN_PASSWORD")
    other = walker.beside()
    other.start("TOKEN_REISSUE")
    other.sees("BTR001")
    walker.press("cancel")
    walker.sees("BTR001")
    walker.sees_reason("別の画面で、新しいお手続き")


@pytest.mark.rule("S2", "L3")
def test_a_double_click_takes_effect_once(walker: Walker) -> None:
    """Two clicks on 初期化を行う with a wrong PIN cost one try."""
    walker.to_phone("RISK_BASED_AUTH")
    walker.prove_phone()
    walker.page.fill("#pin", "0000")
    walker.page.dblclick('.button[value="submit_reset"]')
    walker.sees_reason("暗証番号が正しくありません")
    expect(walker.page.locator(".tries")).to_contain_text("2")


@pytest.mark.rule("S2", "L3")
def test_a_button_works_again_after_the_browsers_stop(walker: Walker) -> None:
    """A press whose request was stopped is no press for ever: the next one is sent, and both cost one try."""
    walker.to_phone("RISK_BASED_AUTH")
    walker.prove_phone()
    walker.page.clock.install()
    walker.page.reload()
    walker.page.fill("#pin", "0000")
    walker.page.route("**/application/send", lambda route: route.abort("aborted"))  # as Stop does
    button = '.button[value="submit_reset"]'
    with walker.page.expect_event("requestfailed"):
        walker.page.click(button, no_wait_after=True)
    walker.page.unroute("**/application/send")
    walker.page.clock.fast_forward(3_000)
    walker.click(button)
    walker.sees_reason("暗証番号が正しくありません")
    expect(walker.page.locator(".tries")).to_contain_text("2")
    walker.troubles.clear()  # the browser tells of the request that was cut off


@pytest.mark.rule("P7")
def test_a_page_whose_button_was_stopped_still_moves_on(walker: Walker) -> None:
    """The page shows a call that comes after a stopped press, although a form was on its way."""
    walker.to_phone("LOGIN_PASSWORD")
    walker.page.route("**/application/send", lambda route: route.abort("aborted"))
    with walker.page.expect_event("requestfailed"):
        walker.page.click('.button[name="event"][value="proceed"]', no_wait_after=True)
    phone = walker.beside()
    phone.go("/telephone")
    phone.click('form[action="/telephone/call"] .button')
    walker.sees("BIM017")
    walker.troubles.clear()  # the browser tells of the request that was cut off


@pytest.mark.rule("M4")
def test_the_language_switches_in_the_middle(walker: Walker) -> None:
    """What was typed stays, secrets apart; so do the errors, in the other language."""
    walker.start("LOGIN_PASSWORD")
    walker.page.fill("#name_kana", "ミホン")
    walker.press("submit_identity")
    walker.page.fill("#birth_date_year", "1980")
    walker.click('button[name="lang"][value="en"]')
    expect(walker.page.locator("html")).to_have_attribute("lang", "en")
    walker.sees_title("Online application: password reset (your details)")
    expect(walker.page.locator("#name_kana")).to_have_value("ミホン")
    expect(walker.page.locator("#birth_date_year")).to_have_value("1980")
    walker.sees_reason("is required")
    walker.identify()
    walker.sees("BIM016")


def test_the_text_size_switches(walker: Walker) -> None:
    """特大 makes the text larger from then on, without another page, so that no secret is lost; 中 takes it back."""
    size = "getComputedStyle(document.body).fontSize"
    medium = walker.page.evaluate(size)
    walker.page.fill("#password", "himitsu-99")
    with walker.page.expect_response("**/preferences"):
        walker.page.click('button[name="size"][value="largest"]')
    expect(walker.page.locator("#password")).to_have_value("himitsu-99")
    walker.go("/menu")
    assert medium != walker.page.evaluate(size)
    with walker.page.expect_response("**/preferences"):
        walker.page.click('button[name="size"][value="medium"]')
    assert medium == walker.page.evaluate(size)


def test_enter_presses_the_button_that_leads_on(walker: Walker) -> None:
    """The Enter key in a field sends the form, and does not switch the size of the text."""
    walker.start("LOGIN_PASSWORD")
    walker.fill()
    walker.page.press("#account", "Enter")
    walker.sees("BIM016")


def test_the_error_summary_has_the_focus_and_leads_to_the_fields(walker: Walker) -> None:
    """By keyboard alone: the sum is focused, and a link in it leads into the field."""
    walker.start("LOGIN_PASSWORD")
    walker.press("submit_identity")
    expect(walker.page.locator("#summary")).to_be_focused()
    walker.page.keyboard.press("Tab")
    walker.page.keyboard.press("Enter")
    expect(walker.page.locator("#name_kana")).to_be_focused()


def test_a_secret_can_be_typed_on_the_screens_own_keyboard(walker: Walker) -> None:
    """The keyboard is there until it is turned off, types and deletes, and stays off on the next page."""
    walker.go("/")
    expect(walker.page.locator("#keyboard-use")).to_be_checked()
    for key in ("a", "B", "9"):
        if key.isupper():
            walker.page.click(".keyboard [aria-pressed]")
        walker.page.click(f'.keyboard .key:text-is("{key}")')
    expect(walker.page.locator("#password")).to_have_value("aB9")
    walker.page.click('.keyboard .key:text-is("1字削除")')
    expect(walker.page.locator("#password")).to_have_value("aB")
    walker.page.uncheck("#keyboard-use")
    expect(walker.page.locator(".keyboard")).to_be_hidden()
    walker.page.reload()
    expect(walker.page.locator("#keyboard-use")).not_to_be_checked()
    expect(walker.page.locator(".keyboard")).to_be_hidden()


@pytest.mark.rule("P7")
def test_the_page_moves_on_when_the_call_comes_from_elsewhere(walker: Walker) -> None:
    """Server-sent events tell the page of a call from another window; nobody touches the page."""
    walker.to_phone("LOGIN_PASSWORD")
    phone = walker.beside()
    phone.go("/telephone")
    phone.click('form[action="/telephone/call"] .button')
    walker.sees("BIM017")


@pytest.mark.rule("P7")
def test_the_page_moves_on_by_asking_where_events_fail(walker: Walker) -> None:
    """Without a stream of events the page asks, and moves on all the same."""
    walker.page.route("**/application/events*", lambda route: route.abort())
    walker.to_phone("LOGIN_PASSWORD")
    phone = walker.beside()
    phone.go("/telephone")
    phone.click('form[action="/telephone/call"] .button')
    walker.sees("BIM017")
    walker.troubles.clear()  # the browser tells of the request that was cut off


@pytest.mark.rule("P5", "P3")
@pytest.mark.parametrize("caller", ["other", "stranger", "withheld", "voip", "diverted", "unavailable", "claimed"])
def test_other_calls_prove_nothing_and_another_may_follow(walker: Walker, caller: str) -> None:
    """After a call that proves nothing the page waits on, and the right call leads on."""
    walker.to_phone("LOGIN_PASSWORD")
    walker.call(caller)
    walker.sees("PHONE")
    expect(walker.page.locator(".says")).to_contain_text("電話が切れました")
    walker.call()
    walker.sees("BIM017")


@pytest.mark.rule("P6")
def test_three_windows_and_no_more(walker: Walker) -> None:
    """A window that closes leads back to the choice of the phone; the third one ends the procedure."""
    walker.to_phone("RISK_BASED_AUTH")
    for _ in range(2):
        walker.let_time_pass(120)
        walker.let_time_pass(30)
        walker.sees("BIM016")
        walker.sees_reason("受付時間内に電話番号認証が完了しませんでした")
        walker.choose_phone()
        walker.sees("PHONE")
    walker.let_time_pass(120)
    walker.let_time_pass(30)
    walker.sees("EXPIRED")


@pytest.mark.rule("P7", "P4")
@pytest.mark.parametrize("procedure", ["LOGIN_PASSWORD", "RISK_BASED_AUTH", "TOKEN_REISSUE"])
def test_all_of_it_works_without_javascript(site: Site, browser: Browser, procedure: str) -> None:
    """Forms, the telephone and the button that leads on need no script; the page reloads itself."""
    with closing(browser.new_context(java_script_enabled=False, locale="ja-JP")) as context:
        context.set_default_timeout(60_000)
        walker = Walker(site, context.new_page())
        walker.to_phone(procedure)
        assert "10" == walker.page.locator('meta[http-equiv="refresh"]').get_attribute("content")
        walker.press("proceed")
        walker.sees_reason("電話番号認証がまだ済んでおりません")
        walker.call()
        if procedure == "TOKEN_REISSUE":
            said = walker.page.locator(".says .digits").first.inner_text()
            walker.page.fill("#digits", "".join(re.findall(r"\d", said)))
            walker.click('form[action="/telephone/keys"] .button')
            walker.sees("BTR005")
        else:
            walker.sees("BIM017")
            walker.press("extend")
            walker.sees("BIM017")
            walker.reset()
            walker.sees("DONE")
        walker.start(procedure)
        walker.cancel()
        walker.sees("CANCELLED")

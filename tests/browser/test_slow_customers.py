"""Whoever needs more time: a warning, and a way to go on; nothing typed is lost; a word when the network is slow."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from browser.walker import NEW_PASSWORD, Walker
from demo_site import Site

SOON = timedelta(minutes=8, seconds=30)
"""After this long without an act, 90 seconds are left."""


@pytest.mark.rule("S3")
def test_two_minutes_before_the_end_the_page_warns_and_a_button_extends(site: Site, walker: Walker) -> None:
    """The warning is said aloud; 延長する takes it away, leaves what is typed alone, and is activity."""
    walker.start("LOGIN_PASSWORD")
    idle = walker.page.locator(".idle")
    expect(idle).to_contain_text("約10分")
    site.world.clock.put_forward(SOON)
    walker.page.reload()
    expect(walker.page.locator("#told")).to_have_text("まもなくお手続きの時間が切れます。")
    expect(idle).to_have_class("idle soon")
    walker.page.fill("#name_kana", "ミホン")
    walker.page.click(".idle button")
    expect(walker.page.locator("#told")).to_have_text("時間を延長しました。")
    expect(idle).to_have_class("idle")
    expect(idle).to_contain_text("約10分")
    expect(walker.page.locator("#name_kana")).to_have_value("ミホン")
    site.world.clock.put_forward(SOON)
    walker.page.reload()
    walker.sees("BIM015")


@pytest.mark.rule("S3")
def test_a_page_that_is_left_alone_says_that_time_is_up(site: Site, walker: Walker) -> None:
    """Without a touch the page turns into the ending, when the server says that it is over."""
    walker.start("LOGIN_PASSWORD")
    site.world.clock.put_forward(timedelta(minutes=9, seconds=59))
    walker.page.reload()
    site.world.clock.put_forward(timedelta(minutes=1))
    walker.sees("EXPIRED")


@pytest.mark.rule("M4", "S2")
def test_what_is_typed_survives_a_reload_and_a_late_tab(walker: Walker) -> None:
    """The page keeps what is typed on the way; a form of an older page adds to it, and empties nothing."""
    walker.start("LOGIN_PASSWORD")
    late = walker.beside()
    late.go("/application")
    with walker.page.expect_response("**/draft"):
        walker.page.fill("#name_kana", "ミホンタロウ")
    walker.page.reload()
    expect(walker.page.locator("#name_kana")).to_have_value("ミホンタロウ")
    walker.press("submit_identity")
    late.page.fill("#email", "taro@example.jp")
    late.press("submit_identity")
    expect(late.page.locator("#name_kana")).to_have_value("ミホンタロウ")
    expect(late.page.locator("#email")).to_have_value("taro@example.jp")


@pytest.mark.rule("S5")
def test_secrets_are_asked_for_again_kindly(walker: Walker) -> None:
    """After another language the secret fields are empty, and the page says why."""
    walker.to_phone("LOGIN_PASSWORD")
    walker.prove_phone()
    walker.sees("BIM017")
    walker.page.fill("#new_password", NEW_PASSWORD)
    walker.click('button[name="lang"][value="en"]')
    expect(walker.page.locator("#new_password")).to_have_value("")
    expect(walker.page.locator(".again")).to_contain_text("enter them again")


@pytest.mark.rule("M3")
def test_a_question_stands_before_the_end(walker: Walker) -> None:
    """申込を中止する asks first; back leads to the page with what was typed; yes ends it."""
    walker.start("LOGIN_PASSWORD")
    walker.page.fill("#name_kana", "ミホン")
    walker.press("cancel")
    walker.sees_title("お申し込みを中止しますか")
    walker.click('.actions a[href="/application"]')
    walker.sees("BIM015")
    expect(walker.page.locator("#name_kana")).to_have_value("ミホン")
    walker.cancel()
    walker.sees("CANCELLED")


def test_a_slow_network_and_none_are_told(walker: Walker) -> None:
    """A press that takes long is said to be under way; without a network nothing is sent, and nothing is lost."""
    walker.start("LOGIN_PASSWORD")
    told = walker.page.locator("#told")
    button = walker.page.locator('.button[value="submit_identity"]')
    walker.page.context.set_offline(offline=True)
    expect(told).to_contain_text("インターネットにつながっていません")
    walker.page.fill("#name_kana", "ミホン")
    button.click()
    walker.sees("BIM015")
    expect(walker.page.locator("#name_kana")).to_have_value("ミホン")
    walker.page.context.set_offline(offline=False)
    expect(told).to_have_text("インターネットにつながりました。")
    # as on a network that does not answer: no navigation begins, and none is waited for
    walker.page.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")
    button.click()
    expect(told).to_contain_text("送信しています")
    expect(told).to_contain_text("時間がかかっています")
    walker.troubles.clear()  # the browser tells of what it could not keep while it was offline


@pytest.mark.parametrize("width", [320, 375])
def test_a_date_of_birth_stands_in_one_line(walker: Walker, width: int) -> None:
    """Year, month and day are beside each other on the narrowest telephone."""
    walker.page.set_viewport_size({"width": width, "height": 700})
    walker.start("LOGIN_PASSWORD")
    boxes = [walker.page.locator(f"#birth_date_{part}").bounding_box() for part in ("year", "month", "day")]
    assert 1 == len({box["y"] for box in boxes if box is not None})


@pytest.mark.rule("P7")
def test_the_number_is_a_link_and_the_button_waits_behind_it(walker: Walker) -> None:
    """Tapping the number calls it; パスワード入力へ is no first choice before the call, and says so kindly."""
    walker.to_phone("LOGIN_PASSWORD")
    expect(walker.page.locator(".tap")).to_have_attribute("href", "tel:0120417000")
    button = walker.page.locator('.button[value="proceed"]')
    expect(button).to_have_class("button second")
    walker.press("proceed")
    expect(walker.page.locator(".summary.kind")).to_contain_text("電話番号認証がまだ済んでおりません")


@pytest.mark.rule("C3")
def test_the_last_page_prints_as_a_record(walker: Walker) -> None:
    """On paper: JA, procedure, date and reference, and neither buttons nor the demo's tools."""
    walker.to_phone("TOKEN_REISSUE")
    walker.prove_phone()
    walker.sees("BTR005")
    walker.page.emulate_media(media="print", color_scheme="dark")
    record = walker.page.locator(".receipt dd")
    expect(record).to_have_count(4)
    expect(record.first).to_have_text("長野県 JAみほん")
    expect(record.last).to_have_text(re.compile(r"^[0-9A-Z]{8}$"))
    for what in (".panel", ".actions", ".top"):
        expect(walker.page.locator(what)).to_be_hidden()
    assert "rgb(255, 255, 255)" == walker.page.evaluate("getComputedStyle(document.body).backgroundColor")

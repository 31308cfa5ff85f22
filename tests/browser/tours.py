"""Walks that come by every screen: each gives the name of what the page shows, and goes on when it is asked to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from playwright.sync_api import expect

from browser.walker import Walker
from ja_reset import BankUnavailable
from ja_reset.demo._world import ELSEWHERE
from ja_reset.testing import CAST

Tour = Callable[[Walker], Iterator[str]]

_, GAIJI, LOCKED, VOIP_ONLY, _, _ = CAST


def login_password(walker: Walker) -> Iterator[str]:
    """LOGIN_PASSWORD, with a form refused and a call that proves nothing."""
    walker.go("/")
    yield "bl1001"
    walker.go("/menu")
    walker.press("LOGIN_PASSWORD")
    yield "menu-errors"
    walker.fill()
    yield "menu"
    walker.press("LOGIN_PASSWORD")
    yield "bim015"
    walker.site.world.clock.put_forward(timedelta(minutes=8, seconds=30))
    walker.page.reload()
    expect(walker.page.locator(".idle.soon")).to_be_visible()
    yield "bim015-time-runs-out"
    walker.fill()
    walker.page.fill("#email_confirm", "someone-else@example.jp")
    walker.page.fill("#birth_date_day", "31")
    walker.press("submit_identity")
    yield "bim015-errors"
    walker.identify()
    yield "bim016"
    walker.choose_phone()
    yield "phone"
    walker.press("proceed")
    yield "phone-not-yet"
    walker.call("withheld")
    yield "phone-withheld"
    walker.let_windows_close(2)
    yield "bim016-window-closed"
    walker.choose_phone()
    yield "phone-last-window"
    walker.call()
    walker.sees("BIM017")
    yield "bim017-proved"
    walker.reset(pin="12")
    yield "bim017-errors"
    walker.reset()
    walker.sees("DONE")
    yield "done"
    walker.go("/operator")
    yield "operator"


def wrong(code: str) -> str:
    """Another code of that length."""
    return "".join(str(9 - int(digit)) for digit in code)


def risk_based_auth(walker: Walker) -> Iterator[str]:
    """RISK_BASED_AUTH, with a wrong PIN, and a bank that is silent for a while."""
    walker.to_phone("RISK_BASED_AUTH")
    walker.call()
    walker.sees("BIM017")
    yield "risk-bim017-proved"
    walker.reset(pin="0000")
    yield "risk-bim017-wrong-pin"
    walker.site.world.bank.fail("carry_out", BankUnavailable)
    walker.reset()
    yield "completing"
    walker.go("/operator")
    yield "operator-pending"
    walker.go("/application")
    walker.press("proceed")
    walker.sees("DONE")
    yield "risk-done"


def token_reissue(walker: Walker) -> Iterator[str]:
    """TOKEN_REISSUE, with both ways to authenticate."""
    walker.start("TOKEN_REISSUE")
    yield "btr001"
    walker.page.check('input[name="method"][value="ACCOUNT"]')
    walker.press("choose_method")
    yield "btr002-account"
    walker.press("back")
    walker.page.check('input[name="method"][value="LOGIN_ID"]')
    walker.press("choose_method")
    walker.press("submit_credentials")
    yield "btr002-errors"
    walker.fill()
    walker.page.fill("#password", walker.customer.password)
    walker.press("submit_credentials")
    yield "btr003"
    walker.give_details()
    yield "btr004"
    walker.call()
    yield "btr004-answered"
    code = walker.hear_code()
    walker.key_in(wrong(code))
    yield "btr004-wrong-code"
    walker.key_in(wrong(code))
    walker.key_in(wrong(code))
    yield "btr004-call-over"
    walker.call()
    walker.key_in(walker.hear_code())
    walker.sees("BTR005")
    yield "btr005"


def endings(walker: Walker) -> Iterator[str]:
    """The endings that are no success, and a code on the screen."""
    walker.start("TOKEN_REISSUE")
    walker.press("cancel")
    yield "cancel-question"
    walker.press("cancel")
    yield "cancelled"
    walker.start("LOGIN_PASSWORD")
    walker.let_time_pass(660)
    yield "expired"
    walker.to_phone("LOGIN_PASSWORD")
    walker.let_windows_close(3)
    yield "expired-windows"
    walker.start("LOGIN_PASSWORD")
    for _ in range(5):
        walker.fill()
        walker.page.fill("#birth_date_year", "1955")
        walker.press("submit_identity")
    yield "identity-limit"
    walker.site.world.set_hours(closed=True)
    walker.go("/menu")
    yield "menu-closed"
    walker.start("LOGIN_PASSWORD")
    yield "closed"
    walker.site.world.set_hours(closed=False)
    walker.be(VOIP_ONLY)
    walker.start("LOGIN_PASSWORD")
    walker.identify()
    yield "rejected"
    walker.be(GAIJI)
    walker.to_phone("RISK_BASED_AUTH")
    walker.prove_phone()
    for _ in range(3):
        walker.reset(pin="0000")
    yield "locked-pin-limit"
    walker.be(LOCKED)
    walker.start("LOGIN_PASSWORD")
    walker.identify()
    yield "locked"
    walker.be(ELSEWHERE)
    walker.to_phone("RISK_BASED_AUTH")
    walker.call()
    yield "phone-code"


def tools(walker: Walker) -> Iterator[str]:
    """The demo's own pages, and those for what went wrong."""
    walker.go("/customers")
    yield "customers"
    walker.go("/telephone")
    yield "telephone"
    walker.go("/operator")
    yield "operator-empty"
    walker.go("/application")
    yield "menu-nothing-under-way"
    walker.go("/")
    walker.page.fill("#login_id", "nobody")
    walker.press("log_in")
    yield "bl1001-errors"
    walker.page.fill("#login_id", walker.customer.login_id)
    walker.page.fill("#password", walker.customer.password)
    walker.press("log_in")
    yield "welcome"
    walker.go("/no-such-page")
    walker.troubles.clear()  # the browser tells of the status
    yield "not-found"


TOURS: dict[str, Tour] = {
    each.__name__: each for each in (login_password, risk_based_auth, token_reissue, endings, tools)
}

SCREENS = {
    "login_password": {"BL1001", "MENU", "BIM015", "BIM016", "PHONE", "BIM017", "DONE"},
    "risk_based_auth": {"BIM017", "DONE"},
    "token_reissue": {"BTR001", "BTR002", "BTR003", "BTR004", "BTR005"},
    "endings": {"MENU", "CLOSED", "CANCELLED", "EXPIRED", "REJECTED", "LOCKED", "PHONE"},
    "tools": {"MENU", "BL1001"},
}
"""What each walk comes by, by the ids on the pages."""

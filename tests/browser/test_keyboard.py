"""Every procedure by keyboard alone: what is reached by the Tab key, typed, and pressed by Enter or the space bar."""

from __future__ import annotations

import re

import attrs
import pytest
from playwright.sync_api import expect

from browser.walker import ACTIVATION, NEW_PASSWORD, Walker
from ja_reset import PROCEDURES
from ja_reset.testing import identity

_MOST = 120
"""More stops than any page has."""


@attrs.frozen
class Hands:
    """Two hands on a keyboard."""

    walker: Walker

    def reach(self, what: str) -> None:
        """Press Tab until that has the focus."""
        page = self.walker.page
        for _ in range(_MOST):
            if page.evaluate("(what) => document.activeElement.matches(what)", what):
                return
            page.keyboard.press("Tab")
        msg = f"no Tab leads to {what}"
        raise AssertionError(msg)

    def write(self, what: str, words: str) -> None:
        """Type into it, over what stands there."""
        self.reach(what)
        self.walker.page.keyboard.press("Control+a")
        self.walker.page.keyboard.insert_text(words)

    def press(self, what: str) -> None:
        """Press Enter on it, and wait for the page."""
        self.reach(what)
        with self.walker.page.expect_event("domcontentloaded"):
            self.walker.page.keyboard.press("Enter")

    def tick(self, what: str) -> None:
        """Tick a box, or choose one of several."""
        self.reach(what)
        self.walker.page.keyboard.press("Space")


def button(event: str) -> str:
    """The button of that event."""
    return f'.button[name="event"][value="{event}"]'


def identify(hands: Hands) -> None:
    """BIM015 and BIM016."""
    walker, page = hands.walker, hands.walker.page
    known = identity(walker.customer)
    year, month, day = known["birth_date"].split("-")
    boxes = {"birth_date_year": year, "birth_date_month": month, "birth_date_day": day}
    for name, words in ({**known, **boxes}).items():
        if page.locator(f"input#{name}:not([type=radio]):not([type=checkbox])").count():
            hands.write(f"#{name}", words)
    hands.tick('input[name="subject"]')
    hands.tick("#accepted")
    hands.press(button("submit_identity"))
    walker.sees("BIM016")
    hands.tick('input[name="phone_id"]')
    hands.press(button("choose_phone"))


def log_in(hands: Hands) -> None:
    """BTR001 to BTR003."""
    walker, page = hands.walker, hands.walker.page
    hands.tick('input[name="method"]')
    hands.press(button("choose_method"))
    hands.write("#login_id", walker.customer.login_id)
    hands.write("#password", walker.customer.password)
    hands.press(button("submit_credentials"))
    walker.sees("BTR003")
    for name in ("token_email", "token_email_confirm", "email", "email_confirm"):
        if page.locator(f"#{name}").count():
            hands.write(f"#{name}", walker.customer.contract.email)
    for name in ("activation_password", "activation_password_confirm"):
        hands.write(f"#{name}", ACTIVATION)
    hands.tick('input[name="phone_id"]')
    hands.press(button("submit_details"))


def type_pin(hands: Hands) -> None:
    """The PIN on the keyboard of the screen: one stop of the Tab key, its keys reached by the arrows."""
    walker, page = hands.walker, hands.walker.page
    hands.reach("#pin")
    page.keyboard.press("Tab")
    expect(page.locator("#pin-keyboard .key").first).to_be_focused()
    for digit in walker.customer.pin:
        while page.evaluate("document.activeElement.textContent") != digit:
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
    expect(page.locator("#pin")).to_have_value(walker.customer.pin)


@pytest.mark.rule("P7")
@pytest.mark.parametrize("procedure", [procedure.value for procedure in PROCEDURES])
def test_the_whole_of_it_by_keyboard_alone(walker: Walker, procedure: str) -> None:
    """From the login page to the end no pointer is needed, not for the demo's own telephone either."""
    hands, page = Hands(walker), walker.page
    hands.press('a.button[href="/menu"]')
    hands.press('form[action="/stage/fill"] button')
    hands.press(button(procedure))
    if procedure == "TOKEN_REISSUE":
        log_in(hands)
    else:
        identify(hands)
    hands.press('.panel form[action="/telephone/call"] .button')
    if procedure == "TOKEN_REISSUE":
        hands.write("#digits", "".join(re.findall(r"\d", page.locator(".says .digits").first.inner_text())))
        hands.press('form[action="/telephone/keys"] .button')
        walker.sees("BTR005")
        return
    walker.sees("BIM017")
    if procedure == "LOGIN_PASSWORD":
        hands.write("#new_password", NEW_PASSWORD)
        hands.write("#new_password_confirm", NEW_PASSWORD)
    type_pin(hands)
    hands.press(button("submit_reset"))
    walker.sees("DONE")

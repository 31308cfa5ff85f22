"""A customer before a real browser: sees what is on the page, and does what can be done there."""

from __future__ import annotations

import re

import attrs
from playwright.sync_api import Page, expect

from demo_site import Site
from ja_reset.testing import CAST, Customer

NEW_PASSWORD = "Aki-2026!"
ACTIVATION = "864213"


@attrs.define
class Walker:
    """One page of a browser; `troubles` is what its programs complained about."""

    site: Site
    page: Page
    customer: Customer = CAST[0]
    troubles: list[str] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda message: self.troubles.append(message.text) if message.type == "error" else None)
        self.go("/")

    def go(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(self.site.address + path)

    def be(self, customer: Customer) -> None:
        """Play that customer, by the page of all customers."""
        self.go("/customers")
        self.click(f'button[name="customer"][value="{customer.ref}"]')
        self.customer = customer

    def beside(self) -> Walker:
        """The same browser's second tab, on the procedure."""
        return attrs.evolve(self, page=self.page.context.new_page(), troubles=[])

    # where it is

    @property
    def screen(self) -> str:
        """The screen's id, as the library names it."""
        return self.page.get_attribute("main", "data-screen") or ""

    def sees(self, screen: str) -> None:
        """The page shows that screen, or does so before long."""
        expect(self.page.locator("main")).to_have_attribute("data-screen", screen)

    def sees_moment(self, moment: str, words: str) -> None:
        """The page is in that moment of its screen, or is before long, and says so in these words."""
        expect(self.page.locator("main")).to_have_attribute("data-moment", moment)
        expect(self.page.locator("main")).to_contain_text(words)

    def sees_title(self, title: str) -> None:
        """The page's heading, before long."""
        expect(self.page.locator("h1")).to_have_text(title)

    def sees_reason(self, words: str) -> None:
        """The sum at the top has these words."""
        expect(self.page.locator("#summary")).to_contain_text(words)

    # what it does

    def click(self, what: str) -> None:
        """Click on what leads to a new page, and wait for that page."""
        with self.page.expect_event("domcontentloaded"):
            self.page.click(what)

    def press(self, event: str) -> None:
        """The button of that event."""
        self.click(f'.button[name="event"][value="{event}"]')

    def cancel(self) -> None:
        """申込を中止する, and yes to the question."""
        self.press("cancel")
        self.sees_title("お申し込みを中止しますか")
        self.press("cancel")

    def fill(self) -> None:
        """Let the panel fill in what is no secret."""
        self.click('form[action="/stage/fill"] button')

    def start(self, procedure: str) -> None:
        """From BL1001 by the menu into a procedure."""
        self.go("/")
        self.click('a.button[href="/menu"]')
        self.fill()
        self.press(procedure)

    def identify(self) -> None:
        """BIM015, all right."""
        self.fill()
        self.press("submit_identity")

    def choose_phone(self) -> None:
        """BIM016: the first phone."""
        self.page.locator('input[name="phone_id"]').first.check()
        self.press("choose_phone")

    def log_in(self, method: str = "LOGIN_ID") -> None:
        """BTR001 and BTR002, all right."""
        self.page.check(f'input[name="method"][value="{method}"]')
        self.press("choose_method")
        self.sees("BTR002")
        self.fill()
        self.page.fill("#password", self.customer.password)
        self.press("submit_credentials")

    def give_details(self) -> None:
        """BTR003, all right."""
        self.fill()
        self.page.fill("#activation_password", ACTIVATION)
        self.page.fill("#activation_password_confirm", ACTIVATION)
        self.page.locator('input[name="phone_id"]').first.check()
        self.press("submit_details")

    def call(self, caller: str = "chosen") -> None:
        """Call from the panel's telephone."""
        self.page.check(f'.panel input[name="caller"][value="{caller}"]')
        self.click('.panel form[action="/telephone/call"] .button')

    def hear_code(self) -> str:
        """The digits that the receiver says."""
        said = self.page.locator(".says .digits").first.inner_text()
        return "".join(re.findall(r"\d", said))

    def key_in(self, digits: str) -> None:
        """Press the buttons of the telephone."""
        for digit in digits:
            self.page.click(f'.pad .key:text-is("{digit}")')
        self.click('form[action="/telephone/keys"] .button')

    def reset(self, pin: str | None = None) -> None:
        """BIM017, with a new password where one is asked for."""
        if self.page.locator("#new_password").count():
            self.page.fill("#new_password", NEW_PASSWORD)
            self.page.fill("#new_password_confirm", NEW_PASSWORD.upper())
        self.page.fill("#pin", self.customer.pin if pin is None else pin)
        self.press("submit_reset")

    def let_time_pass(self, seconds: int) -> None:
        """Put the clock forward, by the panel."""
        self.click(f'form[action="/stage/time"] button[value="{seconds}"]')

    def let_windows_close(self, windows: int) -> None:
        """From the phone screen: call in none of them."""
        for number in range(windows):
            self.let_time_pass(120)
            self.let_time_pass(30)
            if number + 1 < windows:
                self.choose_phone()

    def to_phone(self, procedure: str) -> None:
        """To the phone screen of a procedure."""
        self.start(procedure)
        if procedure == "TOKEN_REISSUE":
            self.log_in()
            self.sees("BTR003")
            self.give_details()
            self.sees("BTR004")
        else:
            self.identify()
            self.sees("BIM016")
            self.choose_phone()
            self.sees("PHONE")

    def prove_phone(self) -> None:
        """The call that is asked for, with its code where there is one."""
        self.call()
        if self.page.locator(".says .digits").count():
            self.key_in(self.hear_code())

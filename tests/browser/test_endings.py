"""Every procedure in a real browser, to success and to every other ending."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.walker import NEW_PASSWORD, Walker
from ja_reset import PROCEDURES, BankUnavailable
from ja_reset.demo._world import ELSEWHERE
from ja_reset.testing import CAST, Customer

EVERY = pytest.mark.parametrize("procedure", [procedure.value for procedure in PROCEDURES])
ON_BOTH_STORES = pytest.mark.parametrize("site", ["sqlite", "postgres"], indirect=True)
_, GAIJI, LOCKED, VOIP_ONLY, NOT_INDIVIDUAL, OLD_ADDRESS = CAST


def prove_identity(walker: Walker, procedure: str) -> None:
    """The first proof of a procedure, all right."""
    walker.start(procedure)
    if procedure == "TOKEN_REISSUE":
        walker.log_in()
    else:
        walker.identify()


@ON_BOTH_STORES
@pytest.mark.rule("A1", "P7", "C1")
def test_a_login_password_is_reset_and_logs_in(walker: Walker) -> None:
    """The page moves on by itself when the call is recognised, and the bank takes the new password afterwards."""
    walker.to_phone("LOGIN_PASSWORD")
    walker.prove_phone()
    walker.sees("BIM017")
    walker.reset()
    walker.sees("DONE")
    walker.go("/")
    walker.page.fill("#login_id", walker.customer.login_id)
    walker.page.fill("#password", NEW_PASSWORD)
    walker.press("log_in")
    walker.sees_title("ログインしました")


@ON_BOTH_STORES
@pytest.mark.rule("C2")
def test_risk_based_authentication_is_reset(walker: Walker) -> None:
    """No password is asked for, only the PIN."""
    walker.to_phone("RISK_BASED_AUTH")
    walker.prove_phone()
    walker.sees("BIM017")
    expect(walker.page.locator('input[type="password"]')).to_have_count(1)
    walker.reset()
    walker.sees("DONE")


@ON_BOTH_STORES
@pytest.mark.rule("C3", "P4")
@pytest.mark.parametrize("method", ["LOGIN_ID", "ACCOUNT"])
def test_a_token_is_reissued(walker: Walker, method: str) -> None:
    """By either method: the code is read out, keyed in, and the last page shows both ids and can be printed."""
    walker.start("TOKEN_REISSUE")
    walker.log_in(method)
    walker.sees("BTR003")
    walker.give_details()
    walker.sees("BTR004")
    walker.prove_phone()
    walker.sees("BTR005")
    expect(walker.page.locator(".result dd")).to_have_text([walker.customer.contract.email, "SV00000001", "US00000001"])
    walker.page.evaluate("window.printed = 0; window.print = () => { window.printed += 1 }; null")
    walker.page.click("[data-print]")
    assert 1 == walker.page.evaluate("window.printed")


@pytest.mark.rule("I3", "F5")
@pytest.mark.parametrize("customer", [GAIJI, OLD_ADDRESS], ids=lambda customer: customer.ref)
def test_customers_with_something_special_come_through(walker: Walker, customer: Customer) -> None:
    """A name with an external character, and a mobile address of the old kind, hinder nobody."""
    walker.be(customer)
    walker.to_phone("LOGIN_PASSWORD")
    walker.prove_phone()
    walker.reset()
    walker.sees("DONE")


@pytest.mark.rule("P4")
def test_a_displayed_code_is_keyed_in(walker: Walker) -> None:
    """At a JA whose policy displays the code, the page shows it as soon as the call is answered, and moves on."""
    walker.be(ELSEWHERE)
    walker.to_phone("LOGIN_PASSWORD")
    walker.call()
    code = walker.page.locator(".code .number").inner_text()
    expect(walker.page.locator(".says .digits")).to_have_count(0)  # it is not read out
    expect(walker.page.locator(".says")).to_contain_text("画面に表示されている")
    walker.key_in("".join(code.split()))
    walker.sees("BIM017")
    walker.reset()
    walker.sees("DONE")


@pytest.mark.rule("M2", "M3")
@EVERY
def test_cancelled(walker: Walker, procedure: str) -> None:
    """申込を中止する ends a procedure, even while a call is waited for."""
    walker.to_phone(procedure)
    walker.cancel()
    walker.sees("CANCELLED")
    expect(walker.page.locator('.button[name="event"]')).to_have_count(0)


@pytest.mark.rule("S3")
@EVERY
def test_expired(walker: Walker, procedure: str) -> None:
    """Left alone for eleven minutes, a procedure is over."""
    walker.start(procedure)
    walker.let_time_pass(660)
    walker.sees("EXPIRED")


@pytest.mark.rule("E3")
@EVERY
def test_rejected(walker: Walker, procedure: str) -> None:
    """A customer that is not an individual is sent to the branch as soon as the identity is proved."""
    walker.be(NOT_INDIVIDUAL)
    prove_identity(walker, procedure)
    walker.sees("REJECTED")
    walker.sees_reason("書面")


@pytest.mark.rule("P1")
@EVERY
def test_rejected_for_want_of_a_phone(walker: Walker, procedure: str) -> None:
    """Where only a 050 number is registered there is none to call from."""
    walker.be(VOIP_ONLY)
    prove_identity(walker, procedure)
    walker.sees("REJECTED")
    walker.sees_reason("電話番号")


@pytest.mark.rule("I6")
@EVERY
def test_locked(walker: Walker, procedure: str) -> None:
    """A service that is locked opens to no procedure."""
    walker.be(LOCKED)
    prove_identity(walker, procedure)
    walker.sees("LOCKED")


@ON_BOTH_STORES
@pytest.mark.rule("L2", "L6")
def test_locked_by_wrong_pins_and_unlocked(walker: Walker) -> None:
    """The page counts the tries down, the third wrong PIN locks, and the operator's button opens again."""
    walker.to_phone("RISK_BASED_AUTH")
    walker.prove_phone()
    for left in (3, 2, 1):
        expect(walker.page.locator(".tries")).to_contain_text(str(left))
        walker.reset(pin="0000")
    walker.sees("LOCKED")
    walker.go("/operator")
    expect(walker.page.locator(".stop")).to_have_count(3)  # both locks of this customer, and one of another
    walker.page.fill('[name="reason"]', "ご本人に確認済み")
    walker.click(f'button[name="ref"][value="{walker.customer.ref}"]')
    expect(walker.page.locator(".stop")).to_have_count(1)
    walker.start("RISK_BASED_AUTH")
    walker.identify()
    walker.sees("BIM016")


@pytest.mark.rule("C4", "M2a")
def test_the_bank_is_silent_and_comes_back(walker: Walker) -> None:
    """Without the bank's answer the page says that it is being processed, and moves on when the operator retries."""
    walker.to_phone("LOGIN_PASSWORD")
    walker.prove_phone()
    walker.sees("BIM017")
    operator = walker.beside()
    walker.site.world.bank.fail("carry_out", BankUnavailable)
    walker.reset()
    expect(walker.page.locator('.button[value="proceed"]')).to_be_visible()
    operator.go("/operator")
    operator.page.fill('[name="reason"]', "銀行の復旧を確認済み")
    operator.click('button[formaction="/operator/retry"]')
    walker.sees("DONE")


@pytest.mark.rule("C4a")
def test_the_bank_refuses(walker: Walker) -> None:
    """What the bank refuses for good brings the form back, with the bank's words."""
    walker.to_phone("LOGIN_PASSWORD")
    walker.prove_phone()
    operator = walker.beside()
    operator.go("/operator")
    operator.click('button[name="what"][value="refuse"]')
    walker.reset()
    walker.sees("BIM017")
    walker.sees_reason("銀行でお受けできませんでした")
    walker.reset()
    walker.sees("DONE")

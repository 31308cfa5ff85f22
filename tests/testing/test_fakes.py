"""The fake bank and the fake clock keep the promises that tests rely on."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import cast

import attrs
import pytest

from ja_reset.bank._values import Effect, EffectKind, LoginCredentials, PinCheck
from ja_reset.errors import BankUnavailable, EffectRefused, InvalidArgument
from ja_reset.secret import Secret
from ja_reset.service.ports import Bank, Clock
from ja_reset.testing import CAST, AsyncFakeBank, Customer, FakeBank, FakeClock, credentials, identity
from ja_reset.testing._bank import METHODS
from ja_reset.testing.cast import GAIJI, LOCKED, NOT_INDIVIDUAL, OLD_DOCOMO, ORDINARY, VOIP_ONLY

REF = ORDINARY.ref
WRONG = Secret("0000")


def _effect(kind: EffectKind, key: str = "k", **data: str | Secret) -> Effect:
    return Effect(key, kind, ORDINARY.institution, REF, data)


def _login(customer: Customer, method: str, **changes: str) -> LoginCredentials:
    return LoginCredentials(**{**credentials(customer, method), **changes})


@pytest.fixture
def bank() -> FakeBank:
    """A bank as it comes."""
    return FakeBank()


@pytest.fixture
def questions(bank: FakeBank) -> dict[str, Callable[[], object]]:
    """One question by each method of the port, and all must be there."""
    port: Bank = bank
    return {
        "institution": lambda: port.institution("ja-0417"),
        "find_contract": lambda: port.find_contract("ja-0417", ORDINARY.branch, ORDINARY.subject, ORDINARY.account),
        "check_login": lambda: port.check_login("ja-0417", _login(ORDINARY, "LOGIN_ID")),
        "contract": lambda: port.contract(REF),
        "check_pin": lambda: port.check_pin(REF, WRONG),
        "carry_out": lambda: port.carry_out(_effect(EffectKind.ISSUE_TOKEN)),
    }


def test_the_clock_stands_still_until_it_is_moved() -> None:
    """It gives aware UTC times, and moves by seconds or a timedelta, forward and back."""
    clock = FakeClock()
    port: Clock = clock
    start = port()
    assert (start, UTC) == (clock.now, start.tzinfo)
    clock.advance(1.5)
    clock.advance(timedelta(minutes=1))
    assert start + timedelta(seconds=61.5) == clock() == clock.now
    clock.advance(-61.5)
    assert start == clock()
    assert "FakeClock(2026-04-01T01:00:00+00:00)" == repr(clock)


def test_the_clock_starts_at_an_aware_time() -> None:
    """Any aware time becomes UTC; a naive one raises InvalidArgument."""
    noon = datetime(2021, 2, 15, 12, tzinfo=timezone(timedelta(hours=9)))
    assert (noon, UTC) == (FakeClock(noon).now, FakeClock(noon).now.tzinfo)
    with pytest.raises(InvalidArgument):
        FakeClock(noon.replace(tzinfo=None))


@pytest.mark.rule("E1")
@pytest.mark.parametrize("customer", CAST, ids=lambda customer: customer.ref)
def test_a_customer_is_found_by_the_representative_account(bank: FakeBank, customer: Customer) -> None:
    """The account, and no account that differs in one part, names the contract."""
    account = ("ja-0417", customer.branch, customer.subject, customer.account)
    assert customer.contract == bank.find_contract(*account)
    for part in range(4):
        other = [*account[:part], "999", *account[part + 1 :]]
        assert bank.find_contract(*other) is None


@pytest.mark.rule("F9", "I5")
@pytest.mark.parametrize("method", ["LOGIN_ID", "ACCOUNT"])
@pytest.mark.parametrize("customer", CAST, ids=lambda customer: customer.ref)
def test_a_login_is_proved_by_a_password_without_case(bank: FakeBank, customer: Customer, method: str) -> None:
    """Login id and password in either case prove the contract; a wrong password or institution does not."""
    for case in (str.lower, str.upper, str):
        given = {name: case(text) for name, text in credentials(customer, method).items()}
        assert customer.contract == bank.check_login("ja-0417", _login(customer, method, **given))
    assert bank.check_login("ja-0417", _login(customer, method, password="wrong")) is None
    assert bank.check_login("ja-0000", _login(customer, method)) is None
    with pytest.raises(ValueError, match="LOGIN_ID"):
        credentials(customer, "PASSWORD")


def test_the_cast_differs_in_what_procedures_look_at() -> None:
    """One for each thing: a name outside JIS X 0208, a lock, only 050, no individual, an old docomo address."""
    assert len(CAST) == len({each.ref for each in CAST}) == len({(each.branch, each.account) for each in CAST})
    phones = [phone for each in CAST for phone in each.contract.phones]
    assert len(set(phones)) == len(phones)
    with pytest.raises(UnicodeEncodeError):
        GAIJI.contract.name_kanji.encode("iso2022_jp")
    assert [LOCKED] == [each for each in CAST if each.contract.service_locked]
    assert [NOT_INDIVIDUAL] == [each for each in CAST if not each.contract.individual]
    assert [VOIP_ONLY] == [each for each in CAST if all(phone.startswith("050") for phone in each.contract.phones)]
    assert [OLD_DOCOMO] == [each for each in CAST if ".." in each.contract.email]


@pytest.mark.rule("A7")
def test_a_customer_shows_no_secret() -> None:
    """Its repr has neither PIN nor password."""
    for customer in CAST:
        assert customer.pin not in repr(customer)
        assert customer.password not in repr(customer)


def test_identity_is_what_the_contract_says() -> None:
    """The mapping has each field of the form, as text."""
    given = identity(ORDINARY)
    assert all(isinstance(text, str) and text for text in given.values())
    assert ("1980-04-01", "taro@example.jp", "0123456") == (
        given["birth_date"],
        given["email_confirm"],
        given["account"],
    )


@pytest.mark.rule("L1", "L3")
def test_wrong_pins_are_counted_in_a_row(bank: FakeBank) -> None:
    """A right PIN ends the row; the longest row stays known until the contract is unlocked."""
    right = Secret(ORDINARY.pin)
    assert [PinCheck.WRONG, PinCheck.WRONG, PinCheck.RIGHT, PinCheck.WRONG] == [
        bank.check_pin(REF, pin) for pin in (WRONG, WRONG, right, WRONG)
    ]
    assert (1, 2) == (bank.wrong_pins_in_a_row(REF), bank.most_wrong_pins_in_a_row(REF))
    assert PinCheck.NOT_CHECKED is bank.check_pin("C-none", WRONG)
    bank.unlock(REF)
    assert (0, 0) == (bank.wrong_pins_in_a_row(REF), bank.most_wrong_pins_in_a_row(REF))


@pytest.mark.rule("C1")
def test_a_new_password_logs_in(bank: FakeBank) -> None:
    """After SET_LOGIN_PASSWORD the new password proves the login and the old one does not."""
    bank.carry_out(_effect(EffectKind.SET_LOGIN_PASSWORD, new_password=Secret("daikon-1")))
    assert bank.check_login("ja-0417", _login(ORDINARY, "LOGIN_ID")) is None
    assert "daikon-1" == bank.customer(REF).password
    assert bank.check_login("ja-0417", _login(bank.customer(REF), "LOGIN_ID")) is not None


@pytest.mark.rule("L2", "L6")
def test_locks_are_seen_on_the_contract_until_the_bank_unlocks(bank: FakeBank) -> None:
    """LOCK_SERVICE and LOCK_CARD set the flags; `unlock` takes them away."""
    bank.carry_out(_effect(EffectKind.LOCK_SERVICE, "a"))
    bank.carry_out(_effect(EffectKind.LOCK_CARD, "b"))
    assert attrs.evolve(ORDINARY.contract, service_locked=True, card_locked=True) == bank.contract(REF)
    bank.unlock(REF)
    assert ORDINARY.contract == bank.contract(REF)


@pytest.mark.rule("C3", "C4")
def test_a_key_is_carried_out_once_and_gives_the_same_result_again(bank: FakeBank) -> None:
    """The same key issues no second token; another does; a key with another content is an error of ours."""
    order = _effect(EffectKind.ISSUE_TOKEN, "a", email="x@example.jp", activation_password=Secret("1234"))
    first = bank.carry_out(order)
    assert first is not None
    assert {"service_id", "user_id"} == set(first)
    assert first == bank.carry_out(order)
    assert first != bank.carry_out(attrs.evolve(order, key="b"))
    assert ["a", "b"] == [effect.key for effect in bank.carried_out]
    with pytest.raises(ValueError, match="another content"):
        bank.carry_out(attrs.evolve(order, data={"email": "y@example.jp"}))


@pytest.mark.rule("C2", "C5")
def test_what_changes_nothing_is_carried_out_all_the_same(bank: FakeBank) -> None:
    """CLEAR_RISK_AUTH and NOTIFY are on the list and give no result."""
    orders = [_effect(EffectKind.CLEAR_RISK_AUTH, "a"), _effect(EffectKind.NOTIFY, "b", what="RISK_BASED_AUTH")]
    assert [None, None] == [bank.carry_out(order) for order in orders]
    assert orders == bank.carried_out


@pytest.mark.rule("C5a")
def test_a_contract_that_is_gone_is_gone_for_every_method(bank: FakeBank) -> None:
    """After `forget` nothing finds it, and orders for it are refused."""
    bank.forget(REF)
    assert bank.contract(REF) is None
    assert bank.find_contract("ja-0417", ORDINARY.branch, ORDINARY.subject, ORDINARY.account) is None
    assert bank.check_login("ja-0417", _login(ORDINARY, "LOGIN_ID")) is None
    assert bank.check_login("ja-0417", _login(ORDINARY, "ACCOUNT")) is None
    assert PinCheck.NOT_CHECKED is bank.check_pin(REF, Secret(ORDINARY.pin))
    with pytest.raises(EffectRefused):
        bank.carry_out(_effect(EffectKind.NOTIFY))
    assert [] == bank.carried_out


@pytest.mark.parametrize("method", METHODS)
def test_a_bank_that_is_down_gives_no_answer(
    bank: FakeBank, questions: dict[str, Callable[[], object]], method: str
) -> None:
    """Every method raises BankUnavailable, does nothing, and was asked; up again, it answers."""
    bank.down = True
    with pytest.raises(BankUnavailable):
        questions[method]()
    assert ([method], [], 0) == ([name for name, _ in bank.asked], bank.carried_out, bank.wrong_pins_in_a_row(REF))
    bank.down = False
    assert questions[method]() is not None


@pytest.mark.parametrize("method", METHODS)
def test_a_method_fails_as_often_as_it_is_told(
    bank: FakeBank, questions: dict[str, Callable[[], object]], method: str
) -> None:
    """It raises what it was told that many times without acting, and then answers; other methods are unaffected."""
    bank.fail(method, BankUnavailable("no line"), times=2)
    for other in METHODS:
        if other != method:
            questions[other]()
    done = len(bank.carried_out), bank.wrong_pins_in_a_row(REF)
    for _ in range(2):
        with pytest.raises(BankUnavailable, match="no line"):
            questions[method]()
    assert done == (len(bank.carried_out), bank.wrong_pins_in_a_row(REF))
    assert questions[method]() is not None


def test_an_answer_can_be_lost_after_the_work_is_done(bank: FakeBank) -> None:
    """With `after` the PIN was checked and the order carried out, and the caller is none the wiser."""
    bank.fail("check_pin", BankUnavailable, after=True)
    bank.fail("carry_out", KeyboardInterrupt, after=True)
    with pytest.raises(BankUnavailable):
        bank.check_pin(REF, WRONG)
    with pytest.raises(KeyboardInterrupt):
        bank.carry_out(_effect(EffectKind.LOCK_CARD))
    assert (1, 1) == (bank.wrong_pins_in_a_row(REF), len(bank.carried_out))


@pytest.mark.parametrize("method", METHODS)
def test_a_method_can_answer_nonsense_once(
    bank: FakeBank, questions: dict[str, Callable[[], object]], method: str
) -> None:
    """The next answer is what it was told, the one after it is right again."""
    nonsense = object()
    bank.answer(method, nonsense)
    assert questions[method]() is nonsense
    assert questions[method]() is not nonsense


def test_what_is_no_method_cannot_be_told_to_fail(bank: FakeBank) -> None:
    """A slip in a test's word for a method is found at once."""
    with pytest.raises(ValueError, match="chek_pin"):
        bank.fail("chek_pin", BankUnavailable())
    with pytest.raises(ValueError, match="chek_pin"):
        bank.answer("chek_pin", None)


@pytest.mark.rule("A7")
def test_what_was_asked_is_known_without_secrets(bank: FakeBank, questions: dict[str, Callable[[], object]]) -> None:
    """Method and account, login id or reference of each question are there, in order."""
    for method in METHODS:
        questions[method]()
    assert [
        ("institution", "ja-0417"),
        ("find_contract", ORDINARY.account),
        ("check_login", ORDINARY.login_id),
        ("contract", REF),
        ("check_pin", REF),
        ("carry_out", REF),
    ] == bank.asked


def test_something_else_can_happen_before_a_method(bank: FakeBank) -> None:
    """The hook is called with the name before the work, and may itself ask and change the bank."""
    seen: list[str] = []

    def lock_meanwhile(method: str) -> None:
        seen.append(method)
        bank.before = None
        bank.change(REF, card_locked=True)
        assert bank.contract(REF) is not None

    bank.before = lock_meanwhile
    found = bank.contract(REF)
    assert found is not None
    assert found.card_locked
    assert ["contract"] == seen


def test_the_bank_counts_right_among_threads(bank: FakeBank) -> None:
    """Wrong PINs and orders by many threads are all counted, and each key is carried out once."""
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: bank.check_pin(REF, WRONG), range(200)))
        results = list(threads.map(lambda n: bank.carry_out(_effect(EffectKind.ISSUE_TOKEN, str(n % 5))), range(100)))
    assert (200, 5) == (bank.wrong_pins_in_a_row(REF), len(bank.carried_out))
    assert 5 == len({str(result) for result in results})


def test_the_fakes_need_neither_pytest_nor_hypothesis() -> None:
    """A host may use them in a demo: importing them loads no test tool."""
    script = "import sys, ja_reset.testing; print({'pytest', 'hypothesis'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    assert "set()" == done.stdout.strip()


def test_a_bank_has_the_methods_that_it_is_told() -> None:
    """What a host's chart asks for is answered, counted and can be silent like the port's own methods."""
    bank = FakeBank()
    assert not hasattr(bank, "transfer_ceiling")
    bank.tell("transfer_ceiling", 5)
    assert 5 == bank.transfer_ceiling("ja-0417", "C-0001")
    assert ("transfer_ceiling", "C-0001") == bank.asked[-1]
    bank.fail("transfer_ceiling", BankUnavailable)
    with pytest.raises(BankUnavailable):
        bank.transfer_ceiling("ja-0417", "C-0001")
    awaited = AsyncFakeBank(bank)
    assert 5 == asyncio.run(cast("Coroutine[object, object, object]", awaited.transfer_ceiling("ja-0417", "C-0001")))
    assert not hasattr(awaited, "no_such_method")


@pytest.mark.rule("C4")
def test_a_bank_fails_for_one_kind_of_effect() -> None:
    """Only an effect of that kind meets the failure, as often as it is told, whatever comes before."""
    bank = FakeBank()
    bank.fail("carry_out", BankUnavailable, kind=EffectKind.NOTIFY)
    clears, notifies = _effect(EffectKind.CLEAR_RISK_AUTH, "1"), _effect(EffectKind.NOTIFY, "2")
    assert None is bank.carry_out(clears)
    with pytest.raises(BankUnavailable):
        bank.carry_out(notifies)
    assert None is bank.carry_out(notifies)
    with pytest.raises(ValueError, match="only carry_out"):
        bank.fail("check_pin", BankUnavailable, kind=EffectKind.NOTIFY)

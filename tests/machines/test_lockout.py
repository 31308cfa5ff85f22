"""PINs, counted and locked (L1-L6, I6)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import attrs
import pytest

from hosts import Host, named
from ja_reset import BankUnavailable, EffectRefused, Procedure, UnlockRefused, View
from ja_reset.bank._values import EffectKind, PinCheck
from ja_reset.policies import LockoutPolicy, Policies
from ja_reset.service._institution import Institution
from ja_reset.service._records import PIN_ATTEMPTS
from ja_reset.stores.rows import Put
from ja_reset.testing import CAST, FakeBank, FakeClock
from ja_reset.testing.cast import GAIJI, INSTITUTION, ORDINARY
from runs import Crash, Life, Person, World

LOCKS = [EffectKind.LOCK_CARD, EffectKind.LOCK_SERVICE]
WITH_PIN = [Procedure.LOGIN_PASSWORD, Procedure.RISK_BASED_AUTH]
WRONG = "9999"
TWO = Policies(lockout=LockoutPolicy(pin_attempts=2))
REF = ORDINARY.ref


def codes(view: View) -> list[str]:
    """The codes of the reasons."""
    return [reason.code for reason in view.reasons]


def locks(host: Host) -> list[str]:
    """The locks that the bank has carried out."""
    done = [effect.kind for effect in host.bank.carried_out if effect.kind in LOCKS]
    return sorted(done)


def asked(host: Host) -> int:
    """How often the bank was asked about a PIN."""
    return sum(method == "check_pin" for method, _ in host.bank.asked)


def wrong(host: Host) -> View:
    """A wrong PIN in the session at hand."""
    return host.send("submit_reset", host.reset(pin=WRONG))


def during(host: Host, method: str, act: Callable[[], object]) -> None:
    """Let something happen while the bank is asked the next time."""

    def before(name: str) -> None:
        if name == method:
            host.bank.before = None
            act()

    host.bank.before = before


@pytest.mark.rule("L1", "L2")
@pytest.mark.parametrize("procedure", WITH_PIN, ids=named)
def test_the_last_wrong_pin_locks_with_both_reasons_and_both_locks_once(procedure: Procedure) -> None:
    """Wrong PINs are counted down on the screen; the third ends in LOCKED, with two orders to the bank."""
    host = Host()
    view = host.at_bim017(procedure)
    assert 3 == view.tries_left
    for left in (2, 1):
        view = wrong(host)
        assert ("BIM017", ["wrong_pin"], left) == (view.state, codes(view), view.tries_left)
        assert "pin" == view.reasons[0].field
    view = wrong(host)
    assert ("LOCKED", ["wrong_pin", "locked"], None, True) == (view.state, codes(view), view.tries_left, view.final)
    assert LOCKS == locks(host)
    assert (3, 3) == (asked(host), host.service.operator.pin_count(REF))
    host.service.recover()
    assert "event_not_available" in codes(wrong(host))
    assert (3, LOCKS) == (asked(host), locks(host))


@pytest.mark.rule("L1")
def test_wrong_pins_count_across_sessions_procedures_and_processes() -> None:
    """One wrong PIN in each of two procedures, the third in another process: the card is locked."""
    host = Host()
    host.at_bim017(Procedure.LOGIN_PASSWORD)
    wrong(host)
    host.clock.advance(1)
    other = host.beside()
    assert 2 == other.at_bim017(Procedure.RISK_BASED_AUTH).tries_left
    wrong(other)
    other.clock.advance(1)
    third = other.beside()
    assert 1 == third.at_bim017().tries_left
    assert "LOCKED" == wrong(third).state


@pytest.mark.rule("L1")
def test_each_card_has_its_own_count() -> None:
    """Another contract's wrong PINs are its own."""
    host = Host()
    host.at_bim017()
    wrong(host)
    other = Host(store=host.store, bank=host.bank, clock=host.clock, customer=GAIJI, calls=50)
    assert 3 == other.at_bim017().tries_left
    wrong(other)
    assert (1, 1) == tuple(host.service.operator.pin_count(ref) for ref in (REF, GAIJI.ref))


@pytest.mark.rule("L1")
def test_a_right_pin_sets_the_count_to_zero() -> None:
    """After two wrong PINs and a right one, another session has all attempts."""
    host = Host()
    host.at_bim017()
    wrong(host)
    wrong(host)
    assert "DONE" == host.send("submit_reset", host.reset()).state
    assert 0 == host.service.operator.pin_count(REF)
    assert 3 == host.at_bim017().tries_left


@pytest.mark.rule("L2")
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_the_limit_is_the_institutions_own(limit: int) -> None:
    """An institution's policies say how many wrong PINs lock, whatever the service's say."""
    own = attrs.evolve(INSTITUTION, policies=Policies(lockout=LockoutPolicy(pin_attempts=limit)))
    host = Host(bank=FakeBank(CAST, [own]))
    assert limit == host.at_bim017().tries_left
    for _ in range(limit - 1):
        assert "BIM017" == wrong(host).state
    assert "LOCKED" == wrong(host).state
    assert (limit, LOCKS) == (asked(host), locks(host))


@pytest.mark.rule("L2", "C4")
@pytest.mark.parametrize("trouble", [BankUnavailable("away"), EffectRefused(ja="だめ", en="no")], ids=["away", "no"])
def test_our_count_locks_whatever_the_bank_makes_of_the_orders(trouble: Exception) -> None:
    """Though the bank neither locks nor answers, no procedure lets the contract in any more."""
    host = Host()
    host.at_bim017()
    wrong(host)
    wrong(host)
    host.bank.fail("carry_out", trouble, times=2)
    view = wrong(host)
    assert ("LOCKED", ["wrong_pin", "locked"]) == (view.state, codes(view))
    assert [] == locks(host)
    host.clock.advance(1)
    for procedure in WITH_PIN:
        view = _proves_who_he_is(host, procedure)
        assert ("LOCKED", ["locked"]) == (view.state, codes(view))
    host.start(Procedure.TOKEN_REISSUE)
    host.send("choose_method", {"method": "ACCOUNT"})
    view = host.send("submit_credentials", host.credentials("ACCOUNT"))
    assert ("LOCKED", ["locked"]) == (view.state, codes(view))
    host.clock.advance(60)
    host.service.recover()
    assert (LOCKS if isinstance(trouble, BankUnavailable) else []) == locks(host)


def _proves_who_he_is(host: Host, procedure: Procedure) -> View:
    host.start(procedure)
    return host.send("submit_identity", host.identity())


@pytest.mark.rule("I6", "L2")
@pytest.mark.parametrize("state", ["BIM016", "PHONE", "BIM017"])
def test_a_session_opened_before_the_lock_does_not_slip_past_it(state: str) -> None:
    """At whatever step a session stands when the card is locked by another one, its next step is LOCKED, unasked."""
    host = Host()
    host.at(Procedure.RISK_BASED_AUTH, state)
    guesser = Host(store=host.store, bank=host.bank, clock=host.clock, calls=50)
    _by_another_phone(guesser)
    for _ in range(3):
        wrong(guesser)
    assert "LOCKED" == guesser.view.state
    host.bank.change(REF, service_locked=False, card_locked=False)
    questions = asked(host)
    if state == "BIM016":
        view = host.send("choose_phone", host.phone())
    elif state == "PHONE":
        assert ["locked"] == [reason.code for reason in host.call().reasons]
        view = host.look()
    else:
        view = host.send("submit_reset", host.reset())
    assert ("LOCKED", ["locked"], questions) == (view.state, codes(view), asked(host))
    assert LOCKS == locks(host)


def _by_another_phone(host: Host) -> None:
    host.at_phone(number=1)
    host.call(host.customer.contract.phones[1])
    host.look()


@pytest.mark.rule("I6", "L4")
@pytest.mark.parametrize("flag", ["service_locked", "card_locked"])
def test_the_banks_own_lock_ends_the_last_step_before_a_pin_is_checked(flag: str) -> None:
    """A lock that the bank has put on meanwhile shows at the last step, and costs no attempt."""
    host = Host()
    host.at_bim017()
    host.bank.change(REF, **{flag: True})
    view = host.send("submit_reset", host.reset())
    assert ("LOCKED", ["locked"], 0) == (view.state, codes(view), asked(host))
    assert [] == host.bank.carried_out


@pytest.mark.rule("L3")
def test_who_finds_all_attempts_under_way_is_told_that_it_is_in_progress() -> None:
    """While the bank is asked about the last attempt another session is told so, and asks nobody."""
    host = Host()
    host.at_bim017()
    wrong(host)
    wrong(host)
    host.clock.advance(1)
    other = host.beside()
    other.at_bim017(Procedure.RISK_BASED_AUTH)
    answers: list[View] = []
    during(host, "check_pin", lambda: answers.append(wrong(other)))
    assert "LOCKED" == wrong(host).state
    assert [("BIM017", ["in_progress"], 0)] == [(v.state, codes(v), v.tries_left) for v in answers]
    assert (3, LOCKS) == (asked(host), locks(host))
    assert ("LOCKED", ["locked"]) == ((view := wrong(other)).state, codes(view))
    assert (3, LOCKS) == (asked(host), locks(host))


@pytest.mark.rule("L3", "A3")
@pytest.mark.parametrize("right_first", [True, False])
def test_a_right_pin_beside_wrong_ones_gives_no_extra_attempt(right_first: bool) -> None:
    """A right PIN under way while a wrong one is settled: the bank sees three wrong ones in a row at most."""
    host = Host()
    host.at_bim017()
    host.clock.advance(1)
    other = host.beside()
    other.at_bim017(Procedure.RISK_BASED_AUTH)
    outer, inner = (host.reset(), host.reset(pin=WRONG))[:: 1 if right_first else -1]
    during(host, "check_pin", lambda: other.send("submit_reset", inner))
    host.send("submit_reset", outer)
    host.clock.advance(1)
    third = other.beside()
    view = third.at_bim017()
    assert ("BIM017", 2) == (view.state, view.tries_left)
    while view.state == "BIM017":
        view = wrong(third)
    assert LOCKS == locks(host)
    assert host.bank.most_wrong_pins_in_a_row(REF) <= 3


@pytest.mark.rule("L4")
@pytest.mark.parametrize(
    "typed",
    [{"pin": "407"}, {"pin": "40711"}, {"pin": "４０７１"}, {"pin": " 4071"}, {"pin": "4071\n"}, {"pin": ""},
     {"new_password_confirm": "other-11"}, {"new_password": "abc", "new_password_confirm": "abc"}],
)  # fmt: skip
def test_invalid_fields_cost_no_attempt_and_reach_no_port(typed: dict[str, str]) -> None:
    """A form with a field error asks the bank nothing at all, however long it was left alone, and costs no attempt."""
    host = Host()
    host.at_bim017()
    host.clock.advance(590)
    host.bank.asked.clear()
    view = host.send("submit_reset", host.reset(**typed))
    assert ("BIM017", 3) == (view.state, view.tries_left)
    assert {"pin", "new_password", "new_password_confirm"} >= {str(reason.field) for reason in view.reasons}
    assert [] == host.bank.asked


@pytest.mark.rule("L5")
def test_not_checked_frees_the_attempt() -> None:
    """A bank that says NOT_CHECKED has used up nothing."""
    host = Host()
    host.at_bim017()
    host.bank.answer("check_pin", PinCheck.NOT_CHECKED)
    view = wrong(host)
    assert ("BIM017", ["temporarily_unavailable"], 3) == (view.state, codes(view), view.tries_left)
    assert 0 == host.service.operator.pin_count(REF)
    assert "DONE" == host.send("submit_reset", host.reset()).state


class OddError(Exception):
    """What no port should raise."""


@pytest.mark.rule("L5", "C6")
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("error", [BankUnavailable("away"), OddError("odd")], ids=["away", "odd"])
def test_an_unknown_outcome_holds_its_attempt_and_locks_nobody(error: Exception, after: bool) -> None:
    """Where nobody knows whether the PIN was checked the attempt stays reserved, until it lapses."""
    host = Host()
    host.at_bim017()
    for left in (2, 1, 0):
        host.bank.fail("check_pin", error, after=after)
        if isinstance(error, BankUnavailable):
            assert ["temporarily_unavailable"] == codes(wrong(host))
        else:
            with pytest.raises(OddError):
                wrong(host)
        view = host.look()
        assert ("BIM017", left) == (view.state, view.tries_left)
    questions = asked(host)
    assert ["temporarily_unavailable"] == codes(wrong(host))
    assert (questions, 0, []) == (asked(host), host.service.operator.pin_count(REF), host.bank.carried_out)
    host.clock.advance(timedelta(hours=1))
    host.at_bim017()
    assert 0 == host.view.tries_left, "the last instant still counts"
    host.clock.advance(timedelta(microseconds=1))
    assert 3 == host.look().tries_left
    assert "DONE" == host.send("submit_reset", host.reset()).state


@pytest.mark.rule("L5", "L2")
def test_unknown_and_wrong_together_lock_only_by_the_wrong_ones() -> None:
    """One attempt unknown, two wrong: none is left, nobody is locked; when the unknown one lapses one is left."""
    host = Host()
    host.at_bim017()
    host.bank.fail("check_pin", BankUnavailable)
    wrong(host)
    wrong(host)
    view = wrong(host)
    assert ("BIM017", ["wrong_pin"], 0) == (view.state, codes(view), view.tries_left)
    assert (2, []) == (host.service.operator.pin_count(REF), locks(host))
    host.clock.advance(3601)
    assert 1 == host.at_bim017().tries_left
    assert "LOCKED" == wrong(host).state
    assert LOCKS == locks(host)


@pytest.mark.rule("L3", "L2")
def test_a_bank_slower_than_the_lease_still_counts_and_locks() -> None:
    """The customer cancels while a slow bank checks the last attempt: it counts, and the card is locked."""
    host = Host()
    host.at_bim017()
    wrong(host)
    wrong(host)
    view = host.view

    def slow() -> None:
        host.clock.advance(61)
        assert "CANCELLED" == host.service.send(view.token, "cancel").state

    during(host, "check_pin", slow)
    assert ("CANCELLED", "stale") == ((last := wrong(host)).state, codes(last)[0])
    assert (3, LOCKS) == (host.service.operator.pin_count(REF), locks(host))
    assert [] == host.service.operator.effects(status="pending")


@pytest.mark.rule("L2", "L6")
def test_after_an_unlock_a_new_round_locks_again_with_new_keys() -> None:
    """The host unlocks: all attempts are there again, and three wrong ones order both locks under new keys."""
    host = Host()
    for _ in range(2):
        host.at_bim017()
        for _ in range(3):
            view = wrong(host)
        assert "LOCKED" == view.state
        host.bank.unlock(REF)
        customer = host.customer
        host.service.unlock(
            customer.institution, branch=customer.branch, subject=customer.subject, account=customer.account
        )
        assert 0 == host.service.operator.pin_count(REF)
        host.clock.advance(1)
    assert sorted(2 * LOCKS, key=lambda kind: kind.value) == locks(host)
    assert 4 == len({effect.key for effect in host.bank.carried_out if effect.kind in LOCKS})
    assert 3 == host.at_bim017().tries_left


@pytest.mark.rule("L6", "S7")
def test_an_unlock_is_audited_and_clears_identity_counts_too() -> None:
    """Unlocking clears what was counted for the account and the login id, unknown attempts too, and is on record."""
    host = Host()
    for _ in range(5):
        host.start()
        host.send("submit_identity", host.identity(birth_date="1999-09-09"))
        host.start(Procedure.TOKEN_REISSUE)
        host.send("choose_method", {"method": "LOGIN_ID"})
        host.send("submit_credentials", host.credentials(password="wrong-000"))
    assert "REJECTED" == _proves_who_he_is(host, Procedure.LOGIN_PASSWORD).state
    customer = host.customer
    host.service.unlock(
        customer.institution, branch="００１", subject="普通", account=customer.account, login_id="TARO0001"
    )
    assert "BTR003" == host.at_btr003().state
    assert 3 == host.at_bim017().tries_left
    records = [record for record in host.store.audit() if record["event"] == "unlock"]
    assert [(REF, host.clock().isoformat())] == [(record["ref"], record["time"]) for record in records]


@pytest.mark.rule("L6", "A3")
def test_an_unlock_lets_nobody_off_whose_pin_is_being_checked() -> None:
    """A PIN that turns out wrong after the unlock is the first of the new round."""
    host = Host()
    host.at_bim017()
    customer = host.customer
    during(
        host,
        "check_pin",
        lambda: host.service.unlock(
            customer.institution, branch=customer.branch, subject=customer.subject, account=customer.account
        ),
    )
    assert 2 == wrong(host).tries_left


@pytest.mark.rule("L6")
def test_an_unlock_frees_attempts_of_unknown_outcome() -> None:
    """After an unlock nothing is held back any more."""
    host = Host()
    host.at_bim017()
    host.bank.fail("check_pin", BankUnavailable, times=3)
    for _ in range(3):
        wrong(host)
    assert 0 == host.look().tries_left
    customer = host.customer
    host.service.unlock(
        customer.institution, branch=customer.branch, subject=customer.subject, account=customer.account
    )
    assert 3 == host.look().tries_left


# Locked by the count ----------------------------------------------------------------------------------------


def limited(host: Host, limit: int, institution: Institution = INSTITUTION) -> None:
    """From now on the institution allows this many wrong PINs, and the process knows it."""
    own = attrs.evolve(institution, policies=Policies(lockout=LockoutPolicy(pin_attempts=limit)))
    host.bank.change_institution(own)
    host.service.start(Procedure.LOGIN_PASSWORD, institution=institution.id)


NEXT: dict[str, Callable[[Host], object]] = {
    "BIM015": lambda host: host.send("submit_identity", host.identity()),
    "BIM016": lambda host: host.send("choose_phone", host.phone()),
    "PHONE": lambda host: host.call(),
    "BIM017": lambda host: host.send("submit_reset", host.reset()),
    "BTR002": lambda host: host.send("submit_credentials", host.credentials()),
    "BTR003": lambda host: host.send("submit_details", host.details()),
    "BTR004": lambda host: host.call(),
}
"""What a customer does next, at every step that looks at the locks."""


@pytest.mark.rule("L2", "I6", "C4")
@pytest.mark.parametrize("state", NEXT)
def test_a_lowered_limit_locks_with_both_locks_at_whatever_step_it_is_met(state: str) -> None:
    """Two wrong PINs, and the limit becomes two: the next step of any session is LOCKED, with both orders, once."""
    host = Host()
    host.at_bim017()
    for _ in range(2):
        wrong(host)
    host.clock.advance(1)
    host.at(Procedure.TOKEN_REISSUE if state.startswith("BTR") else Procedure.RISK_BASED_AUTH, state)
    limited(host, 2)
    NEXT[state](host)
    assert ("LOCKED", ["locked"]) == ((view := host.look()).state, codes(view))
    assert LOCKS == locks(host)
    assert {REF} == {effect.ref for effect in host.bank.carried_out}
    host.bank.unlock(REF)
    for procedure in WITH_PIN:
        assert "LOCKED" == _proves_who_he_is(host, procedure).state
    assert LOCKS == locks(host)
    limited(host, 5)
    assert "LOCKED" == _proves_who_he_is(host, Procedure.LOGIN_PASSWORD).state, "until the host unlocks"
    unlocks(host)
    assert "BIM016" == _proves_who_he_is(host, Procedure.LOGIN_PASSWORD).state
    assert [] == host.service.operator.effects(status="pending")


def unlocks(host: Host) -> None:
    """The host unlocks the customer."""
    who = host.customer
    host.service.unlock(who.institution, branch=who.branch, subject=who.subject, account=who.account)


@pytest.mark.rule("L2", "L3")
def test_pins_under_way_at_two_limits_order_the_locks_once() -> None:
    """Three PINs are under way; the second wrong one locks where two are the limit, the third where three are."""
    first = Host()
    first.at_bim017()
    second = Host(store=first.store, bank=first.bank, clock=first.clock, policies=TWO, calls=50)
    third = Host(store=first.store, bank=first.bank, clock=first.clock, calls=100)
    for host in (second, third):
        host.clock.advance(1)
        host.at_bim017(Procedure.RISK_BASED_AUTH)

    def inner() -> None:
        during(second, "check_pin", lambda: wrong(third))
        assert "LOCKED" == wrong(second).state

    during(first, "check_pin", inner)
    assert ("LOCKED", "locked") == ((view := wrong(first)).state, codes(view)[-1])
    assert (3, LOCKS) == (first.service.operator.pin_count(REF), locks(first))
    assert [] == first.service.operator.effects(status="pending")


@pytest.mark.rule("L2", "L6")
def test_institutions_that_share_a_contract_lock_it_once() -> None:
    """Two wrong PINs at one that allows three; the other allows two: its session is LOCKED, with both orders, once."""
    other = attrs.evolve(INSTITUTION, id="ja-9999", policies=Policies(lockout=LockoutPolicy(pin_attempts=2)))
    twin = attrs.evolve(ORDINARY, institution=other.id)
    bank = FakeBank([ORDINARY], [INSTITUTION, other])
    host = Host(bank=bank)
    host.at_bim017()
    for _ in range(2):
        wrong(host)
    bank._customers = {"twin": twin, REF: ORDINARY}
    there = Host(bank=bank, store=host.store, clock=host.clock, customer=twin, calls=50)
    for _ in range(2):
        assert "LOCKED" == _proves_who_he_is(there, Procedure.LOGIN_PASSWORD).state
        assert LOCKS == locks(host)
    assert "LOCKED" == wrong(host).state
    assert (LOCKS, 2) == (locks(host), asked(host))


# Unlocked while locks are pending ---------------------------------------------------------------------------


def locked_at_a_silent_bank(host: Host) -> None:
    """The third wrong PIN, and a bank that gives no answer to the two orders."""
    host.at_bim017()
    host.bank.fail("carry_out", BankUnavailable, times=2)
    for _ in range(3):
        wrong(host)
    assert ("LOCKED", []) == (host.view.state, locks(host))


def statuses(host: Host) -> list[str]:
    """Where the locks stand, by the operator's list."""
    return sorted(str(each["status"]) for each in host.service.operator.effects() if each["kind"] in LOCKS)


@pytest.mark.rule("L6", "A6", "S7")
@pytest.mark.parametrize("release", ["this", "0.1"])
def test_an_unlock_withdraws_the_locks_that_are_pending(release: str) -> None:
    """They are not delivered afterwards and stay on record as withdrawn; another customer's are delivered."""
    host = Host()
    locked_at_a_silent_bank(host)
    other = Host(store=host.store, bank=host.bank, clock=host.clock, customer=GAIJI, calls=50)
    locked_at_a_silent_bank(other)
    if release == "0.1":  # its counts do not name the orders
        row = host.store.get(PIN_ATTEMPTS, REF)
        assert row is not None
        body = {name: held for name, held in row.body.items() if name != "orders"}
        assert host.store.commit([Put(PIN_ATTEMPTS, REF, row.stamp, body)])
    unlocks(host)
    assert 2 * ["pending"] + 2 * ["withdrawn"] == statuses(host)
    assert 2 == len(host.service.operator.effects(status="withdrawn"))
    host.clock.advance(3700)
    assert 2 == host.service.recover()
    assert {GAIJI.ref} == {effect.ref for effect in host.bank.carried_out if effect.kind in LOCKS}
    records = [record for record in host.store.audit() if record["event"] == "withdrawn"]
    assert [REF, REF] == [record["ref"] for record in records]
    assert {kind.value for kind in LOCKS} == {record["effect"] for record in records}
    assert 3 == host.at_bim017().tries_left
    host.clock.advance(31 * 86400)
    host.service.purge()
    assert [] == statuses(host)


@pytest.mark.rule("L6", "A6")
@pytest.mark.parametrize("later", [0, 61, 300, 3600])
def test_no_unlock_passes_a_lock_that_is_being_given(later: int) -> None:
    """While the bank locks, `unlock` is refused and changes nothing, by a fast clock too; then it unlocks."""
    host = Host()
    host.at_bim017()
    wrong(host)
    wrong(host)
    refused: list[UnlockRefused] = []
    lease = host.clock() + host.policies.session.effect_lease

    def meanwhile() -> None:
        fast = Host(store=host.store, bank=host.bank, clock=FakeClock(host.clock() + timedelta(seconds=later)))
        with pytest.raises(UnlockRefused) as error:
            unlocks(fast)
        refused.append(error.value)

    during(host, "carry_out", meanwhile)
    assert "LOCKED" == wrong(host).state
    (error,) = refused
    lapse = host.policies.lockout.unknown_lapse
    assert error.until == (lease if later <= 60 else lease + lapse)
    assert (LOCKS, 3) == (locks(host), host.service.operator.pin_count(REF))
    assert [] == [record for record in host.store.audit() if record["event"] == "unlock"]
    unlocks(host)
    assert (2 * ["confirmed"], 0) == (statuses(host), host.service.operator.pin_count(REF))


@pytest.mark.rule("L6", "A6", "C4")
@pytest.mark.parametrize("recovers", [True, False])
def test_a_lock_whose_process_died_is_settled_before_the_unlock_or_withdrawn_in_the_end(recovers: bool) -> None:
    """`recover()` gives it, and the unlock goes on; without that nobody is refused for ever."""
    world, person = World(), Person(Procedure.LOGIN_PASSWORD, pin=WRONG)
    view = person.goes_to(world.service, "BIM017")
    for _ in range(2):
        view = person.steps(world.service, view)
    with pytest.raises(Crash):
        person.steps(world.open(Life(7)), view)  # institution, claim, contract, attempt, PIN, end, the order
    host = Host(store=world.store, bank=world.bank, clock=world.clock, calls=50)
    host.clock.advance(61)
    with pytest.raises(UnlockRefused):
        unlocks(host)
    if recovers:
        assert 3 == host.service.recover()
        host.bank.unlock(REF)
    else:
        host.clock.advance(3600)
    unlocks(host)
    assert 2 * ["confirmed" if recovers else "withdrawn"] == statuses(host)
    host.clock.advance(3600)
    assert (0 if recovers else 1) == host.service.recover(), "only the notice is left"
    assert "BIM016" == _proves_who_he_is(host, Procedure.LOGIN_PASSWORD).state


@pytest.mark.rule("L6", "A3", "L5")
def test_an_unlock_by_a_fast_clock_forgets_no_attempt_under_way() -> None:
    """A PIN is being checked; a clock 61 s fast unlocks: that attempt still counts, so the bank sees three in a row."""
    host = Host()
    host.at_bim017()
    host.clock.advance(1)
    other = host.beside()
    other.at_bim017(Procedure.RISK_BASED_AUTH)

    def meanwhile() -> None:
        unlocks(Host(store=host.store, bank=host.bank, clock=FakeClock(host.clock() + timedelta(seconds=61))))
        assert 2 == other.look().tries_left
        assert ["wrong_pin"] == codes(wrong(other))
        assert ["wrong_pin"] == codes(wrong(other))
        assert ["in_progress"] == codes(wrong(other))

    during(host, "check_pin", meanwhile)
    assert "LOCKED" == wrong(host).state
    assert 3 == host.bank.most_wrong_pins_in_a_row(REF)


def _third_wrong_pin_without_an_answer(host: Host, trouble: type[Exception], meanwhile: Callable[[], None]) -> None:
    """The last wrong PIN, whose first order the bank leaves without an answer after *meanwhile*."""
    host.at_bim017()
    wrong(host)
    wrong(host)

    def before(method: str) -> None:
        if method == "carry_out":
            host.bank.before = None
            meanwhile()
            raise trouble

    host.bank.before = before
    wrong(host)


@pytest.mark.rule("L6", "A6", "C4")
@pytest.mark.parametrize("trouble", [BankUnavailable, OddError], ids=["away", "odd"])
def test_a_turn_whose_lease_has_run_out_does_not_end_the_lease_that_another_took(trouble: type[Exception]) -> None:
    """A slow turn gets no answer while `recover()` delivers its lock: no unlock withdraws that lock."""
    host = Host()
    delivers, goes_on = Event(), Event()

    def before(method: str) -> None:
        if method == "carry_out" and not delivers.is_set():
            delivers.set()
            assert goes_on.wait(30)

    with ThreadPoolExecutor(1) as threads:

        def taken_over() -> None:
            host.clock.advance(61)
            host.bank.before = before
            given.append(threads.submit(host.beside().service.recover))
            assert delivers.wait(30)

        given: list[Future[int]] = []
        try:
            _third_wrong_pin_without_an_answer(host, trouble, taken_over)
            with pytest.raises(UnlockRefused):
                unlocks(host)
        finally:
            goes_on.set()
        given[0].result(30)
    host.clock.advance(60)  # what had no answer rests
    host.service.recover()
    assert (LOCKS, 2 * ["confirmed"]) == (locks(host), statuses(host))
    unlocks(host)


@pytest.mark.rule("C4", "L6")
def test_an_effect_whose_lease_was_lifted_before_it_was_given_is_left_to_recover() -> None:
    """The first lock is slow, and the lease of the second is taken away meanwhile: the turn does not give that one."""
    host = Host()

    def lifted() -> None:
        for each in host.service.operator.effects(status="pending"):
            host.service.operator.lift(effect=each.key, by="op", reason="a clock went fast")

    _third_wrong_pin_without_an_answer(host, BankUnavailable, lifted)
    assert ([], 2 * ["pending"]) == (locks(host), statuses(host))
    assert 3 == host.service.recover()  # both locks and the notice of them
    assert (LOCKS, 2 * ["confirmed"]) == (locks(host), statuses(host))


@pytest.mark.rule("L5", "A3")
def test_an_institution_that_shares_a_contract_frees_no_attempt_of_another() -> None:
    """Three outcomes are unknown at one; the other, with a shorter lapse, checks nothing and drops none of them."""
    other = attrs.evolve(
        INSTITUTION, id="ja-9999", policies=Policies(lockout=LockoutPolicy(unknown_lapse=timedelta(seconds=1)))
    )
    twin = attrs.evolve(ORDINARY, institution=other.id)
    bank = FakeBank([ORDINARY], [INSTITUTION, other])
    host = Host(bank=bank)
    host.at_bim017()
    bank.fail("check_pin", BankUnavailable, times=3, after=True)
    for _ in range(3):
        wrong(host)
    host.clock.advance(121)
    bank._customers = {"twin": twin, REF: ORDINARY}
    there = Host(bank=bank, store=host.store, clock=host.clock, customer=twin, calls=50)
    there.at_bim017()
    for each in (there, host):
        assert ("BIM017", ["temporarily_unavailable"]) == ((view := wrong(each)).state, codes(view))
    assert (3, 3) == (asked(host), bank.most_wrong_pins_in_a_row(REF))


@pytest.mark.rule("L2", "I6")
@pytest.mark.parametrize("pin", [ORDINARY.pin, WRONG], ids=["right", "wrong"])
def test_a_lowered_limit_holds_at_the_next_step_before_the_pin_is_asked(pin: str) -> None:
    """Two wrong PINs, and the bank allows two: the process hears of it at the next step, which is LOCKED unasked."""
    host = Host()
    host.at_bim017()
    for _ in range(2):
        wrong(host)
    host.bank.change_institution(attrs.evolve(INSTITUTION, policies=TWO))
    host.clock.advance(61)
    view = host.send("submit_reset", host.reset(pin=pin))
    assert ("LOCKED", ["locked"], 2) == (view.state, codes(view), asked(host))
    assert LOCKS == locks(host)

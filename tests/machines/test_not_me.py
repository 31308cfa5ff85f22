"""Not me (P13): who is called upon to call, and knows nothing of it, ends it with one key. And announced calls (P4)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts import Host, codes, named
from ja_reset import (
    AsyncResetService,
    CallResult,
    CallStatus,
    EffectKind,
    Happened,
    Institution,
    InvalidArgument,
    Moment,
    Policies,
    Procedure,
    ResetService,
    Secret,
)
from ja_reset.policies import PhonePolicy
from ja_reset.service._io import MakeCode
from ja_reset.service._shell import ANSWERS
from ja_reset.stores.rows import Store
from ja_reset.testing.cast import INSTITUTION

Told = tuple[CallStatus, list[str]]
NOT_ME: Told = (CallStatus.REFUSED, ["not_me"])
LATE: Told = (CallStatus.REFUSED, ["late"])
VERIFIED: Told = (CallStatus.VERIFIED, [])
AGAIN: Told = (CallStatus.RETRY, ["not_confirmed"])
REST = PhonePolicy().not_me_rest
TICK, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
procedures = pytest.mark.parametrize("procedure", list(Procedure), ids=named)
BIM = [Procedure.LOGIN_PASSWORD, Procedure.RISK_BASED_AUTH]
families = pytest.mark.parametrize("procedure", BIM, ids=named)


def asking(**figures: object) -> Policies:
    """Policies that ask for a code in every procedure, with these figures."""
    return Policies(phone=PhonePolicy(**{"bim_code": True, **figures}))  # type: ignore[arg-type]  # figures by name


def announcing(**figures: object) -> Policies:
    """Policies by which each call is announced and confirmed."""
    return asking(**{"bim_code": False, "bim_announce": True, **figures})


def told(result: CallResult) -> Told:
    """Status and codes of what the gateway was told."""
    return result.status, codes(result)


def called(host: Host, procedure: Procedure = Procedure.TOKEN_REISSUE) -> str:
    """A session in a call that was answered; its code, if it has one."""
    host.at(procedure, "BTR004" if procedure is Procedure.TOKEN_REISSUE else "PHONE")
    result = host.call()
    assert CallStatus.ANNOUNCE is result.status
    return "" if result.code is None else result.code.reveal()


def notices(host: Host) -> list[str | Secret]:
    """What the customer was notified of."""
    return [effect.data["what"] for effect in host.bank.carried_out if effect.kind is EffectKind.NOTIFY]


# Not me -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("P13", "C5", "S7")
@procedures
def test_one_key_ends_it_for_good(store: Store, procedure: Procedure) -> None:
    """The session is rejected, the customer notified at what is on file, the number rests; page and audit say why."""
    host = Host(store=store, policies=asking())
    called(host, procedure)
    assert NOT_ME == told(host.keys("9"))
    view = host.look()
    assert ("REJECTED", ["not_me"], True) == (view.state, codes(view), view.final)
    assert "心当たりがない" in view.reasons[0].ja
    assert ["not_me"] == notices(host)
    (wait,) = host.service.operator.waits()
    assert host.clock.now + REST == datetime.fromisoformat(str(wait["rests"]))
    (record,) = [each for each in host.store.audit() if each.get("reasons") == ["not_me"]]
    assert ("keys_received", "REFUSED") == (record["event"], record["status"])


@pytest.mark.rule("P13", "P8")
def test_the_number_rests_longer_than_after_another_end(store: Store) -> None:
    """Nobody may wait for it until then, the last instant included; an operator may lift the rest."""
    host = Host(store=store)
    called(host)
    host.keys("9")
    until = host.clock.now + REST
    other = host.beside()
    other.at_btr003()
    refused = other.send("submit_details", other.details())
    assert [("number_in_use", until)] == [(reason.code, reason.until) for reason in refused.reasons]
    host.clock.advance(REST.total_seconds())
    last = host.beside()
    last.at_btr003()
    assert ["number_in_use"] == codes(last.send("submit_details", last.details()))
    host.service.operator.lift(number=host.customer.contract.phones[0], by="op", reason="asked at the branch")
    assert "BTR004" == last.send("submit_details", last.details()).state


@pytest.mark.rule("P13", "P8")
def test_the_rest_is_on_every_line() -> None:
    """Where an institution has several numbers to call, nobody waits for it on another one either."""
    host = Host()
    host.bank.change_institution(
        Institution(
            id=INSTITUTION.id,
            prefecture=INSTITUTION.prefecture,
            name=INSTITUTION.name,
            dials=("0120-417-001", "0120-417-002"),
        )
    )
    host.at_btr004()
    host.call(dialed=host.view.dial)
    host.keys("9")
    other = host.beside()
    other.at_btr003()
    assert ["number_in_use"] == codes(other.send("submit_details", other.details()))


@pytest.mark.rule("P13")
@pytest.mark.parametrize("entry", ["99", "9#9", "9 ", " 9", "９", "", "09", "90", "٩", "9\n", "nine"])
def test_only_the_key_alone_says_it(entry: str) -> None:
    """Anything else is a wrong code, a slow caller's first digit with more after it among them."""
    host = Host()
    called(host)
    assert (CallStatus.RETRY, ["wrong_code"]) == told(host.keys(entry))
    assert ([], "BTR004_KEYS") == (notices(host), host.look().state)


@pytest.mark.rule("P13", "P4")
@pytest.mark.parametrize("entry", ["9", "9#", "*9", "#9#", "**9#"])
def test_the_switch_to_tones_goes_with_it(entry: str) -> None:
    """As with a code: leading * and #, and a closing #."""
    host = Host()
    called(host)
    assert NOT_ME == told(host.keys(entry))


@pytest.mark.rule("P13", "P4")
@pytest.mark.parametrize(("at", "entry"), [(True, None), (False, "e1"), (True, "e1")])
def test_an_entry_that_comes_again_gets_its_first_answer(store: Store, *, at: bool, entry: str | None) -> None:
    """It takes effect once: one notice, and one rest, from the first time."""
    host = Host(store=store)
    called(host)
    now = host.clock.now

    def report() -> Told:
        received = now if at else None
        return told(host.service.report_keys("call-1", "9", received_at=received, entry_id=entry))

    assert NOT_ME == report()
    host.clock.advance(3)
    assert NOT_ME == report()
    assert ["not_me"] == notices(host)
    (wait,) = host.service.operator.waits()
    assert now + REST == datetime.fromisoformat(str(wait["rests"]))


@pytest.mark.rule("P13")
def test_it_comes_too_late_after_the_proof(store: Store) -> None:
    """What the right code has ordered stands; and before it, a code after the key proves nothing."""
    host = Host(store=store)
    code = called(host)
    assert VERIFIED == told(host.keys(code))
    assert LATE == told(host.keys("9"))
    assert ("BTR005", ["reset"]) == (host.look().state, notices(host))
    other = Host()
    code = called(other)
    assert [NOT_ME, LATE] == [told(other.keys("9")), told(other.keys(code))]
    assert ("REJECTED", ["not_me"]) == (other.look().state, notices(other))


@pytest.mark.rule("P13", "M4")
@pytest.mark.parametrize("event", ["back", "cancel"])
def test_it_ends_nothing_that_the_customer_has_left(event: str) -> None:
    """The call is of the wait before: the session is elsewhere, and goes on or has ended."""
    host = Host()
    called(host)
    host.look()
    state = host.send(event).state
    assert LATE == told(host.keys("9"))
    assert (state, []) == (host.look().state, notices(host))


@pytest.mark.rule("P13", "P4")
def test_it_is_for_the_call_that_is_waited_in(store: Store) -> None:
    """A call that another one has replaced ends nothing; nor does one that fits no session, or is nobody's."""
    host = Host(store=store)
    called(host)
    host.call()
    assert LATE == told(host.keys("9", call_id="call-1"))
    assert (CallStatus.UNMATCHED, []) == told(host.keys("9", call_id="nobody's"))
    assert "BTR004_KEYS" == host.look().state
    assert NOT_ME == told(host.keys("9"))


@pytest.mark.rule("P13", "P2")
@pytest.mark.parametrize("late", [timedelta(), 5 * SECOND])
def test_the_window_does_not_bind_it(late: timedelta) -> None:
    """As long as the session waits in that call, through the grace, whenever the gateway says that it came."""
    host = Host()
    called(host)
    host.clock.advance((timedelta(seconds=300) + late).total_seconds())
    assert NOT_ME == told(host.service.report_keys("call-1", "9", received_at=host.clock.now))


@pytest.mark.rule("P13", "P4")
def test_a_hang_up_ends_only_its_call(store: Store) -> None:
    """Another one may follow; and the key that was pressed before the end still counts."""
    host = Host(store=store)
    called(host)
    host.service.report_end("call-1")
    assert ("BTR004_KEYS", []) == (host.look().state, notices(host))
    over = host.clock.now
    host.clock.advance(2)
    assert NOT_ME == told(host.service.report_keys("call-1", "9", received_at=over))


@pytest.mark.rule("P13")
def test_other_sessions_and_other_numbers_go_on() -> None:
    """Only the session of that call ends, and only that number rests."""
    host, other = Host(), Host()
    other = host.beside()
    called(host)
    other.at_btr003()
    assert "BTR004" == other.send("submit_details", other.details(1)).state
    host.keys("9")
    assert "BTR004" == other.look().state


@pytest.mark.rule("P13", "S11")
def test_there_may_be_no_such_key() -> None:
    """Then 9 is a wrong code like others, and codes may begin with it."""
    host = Host(policies=asking(not_me_key=None))
    called(host)
    assert (CallStatus.RETRY, ["wrong_code"]) == told(host.keys("9"))
    other = Host(policies=asking(not_me_key="0"))
    called(other)
    assert NOT_ME == told(other.keys("0"))


@pytest.mark.rule("P13")
@given(st.sampled_from("0123456789"), st.integers(2, 12))
def test_no_code_begins_with_the_key(key: str, length: int) -> None:
    """So the first digit of a slow caller is never taken for it; every other digit may begin one."""
    made = [ANSWERS[MakeCode](None, MakeCode(length, key)).reveal() for _ in range(50)]  # type: ignore[arg-type]
    assert {length} == {len(code) for code in made}
    assert all(code.isascii() and code.isdecimal() and code[0] != key for code in made)


@pytest.mark.rule("P13", "P4")
def test_first_digits_are_spread_over_the_nine_others() -> None:
    """None is favoured: of 9,000 codes each begins about a thousand."""
    made = [ANSWERS[MakeCode](None, MakeCode(6, "9")).reveal()[0] for _ in range(9000)]  # type: ignore[arg-type]
    assert set("012345678") == set(made)
    assert all(800 < made.count(digit) < 1200 for digit in "012345678")


@pytest.mark.rule("P13", "S11")
@pytest.mark.parametrize(
    "figures",
    [
        {"not_me_key": ""},
        {"not_me_key": "99"},
        {"not_me_key": "#"},
        {"not_me_key": "９"},
        {"not_me_key": 9},
        {"confirm_key": None},
        {"confirm_key": "x"},
        {"confirm_key": "9"},
        {"not_me_key": "1"},
        {"code_length": 1},
        {"not_me_rest": -SECOND},
        {"bim_announce": 1},
    ],
)
def test_figures_that_do_not_fit_are_refused(figures: dict[str, object]) -> None:
    """One digit each, and two of them; codes of two digits or more; no rest that is less than none."""
    with pytest.raises(InvalidArgument, match="PhonePolicy"):
        PhonePolicy(**figures)  # type: ignore[arg-type]
    assert 1 == PhonePolicy(code_length=1, not_me_key=None).code_length


@pytest.mark.rule("P13", "P8")
def test_the_rest_is_never_shorter_than_the_usual_one() -> None:
    """A policy whose numbers rest for longer anyway keeps that."""
    long = timedelta(hours=2)
    host = Host(policies=asking(number_rest=long, not_me_rest=SECOND))
    called(host)
    host.keys("9")
    (wait,) = host.service.operator.waits()
    assert host.clock.now + long == datetime.fromisoformat(str(wait["rests"]))


@pytest.mark.rule("P13", "C5")
def test_the_notice_may_be_left_to_recover() -> None:
    """A service with `notices="later"` records it with the end, and delivers it afterwards."""
    host = Host()
    called(host)
    service = ResetService(bank=host.bank, store=host.store, key=host.key, clock=host.clock, notices="later")
    assert NOT_ME == told(service.report_keys("call-1", "9"))
    assert [] == notices(host)
    host.clock.advance(61)
    assert (1, ["not_me"]) == (service.recover(), notices(host))


@pytest.mark.rule("P13", "S7")
def test_the_observer_is_told() -> None:
    """As of any event: state before and after, status and reason."""
    heard: list[Happened] = []
    host = Host()
    called(host)
    service = ResetService(bank=host.bank, store=host.store, key=host.key, clock=host.clock, observer=heard.append)
    service.report_keys("call-1", "9")
    event = next(each for each in heard if each.event == "keys_received")
    assert ("BTR004_KEYS", "REJECTED", "REFUSED", ("not_me",)) == (
        event.before,
        event.after,
        event.status,
        event.reasons,
    )


@pytest.mark.rule("P13")
def test_the_asynchronous_service_does_the_same() -> None:
    """Both faces drive one flow."""
    host = Host()
    called(host)
    service = AsyncResetService(bank=host.bank, store=host.store, key=host.key, clock=host.clock)
    assert NOT_ME == told(asyncio.run(service.report_keys("call-1", "9")))
    assert "REJECTED" == host.look().state


# Announced calls --------------------------------------------------------------------------------------------


@pytest.mark.rule("P4", "A1")
@families
def test_an_announced_call_proves_nothing_until_it_is_confirmed(store: Store, procedure: Procedure) -> None:
    """The call is answered without a code, the page says what to press, and the key alone leads on."""
    host = Host(store=store, policies=announcing())
    assert "" == called(host, procedure)
    view = host.look()
    assert ("PHONE_KEYS", Moment.ANSWERED, None, None) == (view.state, view.moment, view.code, view.tries_left)
    assert any("「1」" in notice.ja for notice in view.screen.notices)
    assert not any("確認番号" in notice.ja for notice in view.screen.notices)
    assert ["phone_not_verified"] == codes(host.send("proceed"))
    assert VERIFIED == told(host.keys("1"))
    assert "BIM017" == host.look().state


@pytest.mark.rule("P4", "A1")
@families
def test_a_second_announced_call_proves_no_more_than_the_first(store: Store, procedure: Procedure) -> None:
    """A caller who calls again during the call hears the warning again; only the key of the new call confirms."""
    host = Host(store=store, policies=announcing())
    called(host, procedure)
    assert (CallStatus.ANNOUNCE, []) == told(host.call())
    assert "PHONE_KEYS" == host.look().state
    assert CallStatus.VERIFIED is not host.keys("1", call_id="call-1").status
    assert "PHONE_KEYS" == host.look().state
    assert CallStatus.VERIFIED is host.keys("1").status
    assert "BIM017" == host.look().state


@pytest.mark.rule("P4")
@families
def test_another_key_is_asked_for_again_and_counts_for_its_call_alone(store: Store, procedure: Procedure) -> None:
    """The last one ends the call; nothing is counted for session or number, as nothing is guessed."""
    host = Host(store=store, policies=announcing())
    for call in range(4):
        if call == 0:
            called(host, procedure)
        else:
            host.call()
        assert [AGAIN, AGAIN] == [told(host.keys(entry)) for entry in ("2", "11")]
        assert Moment.WRONG_CODE is host.look().moment
        assert (CallStatus.REFUSED, ["not_confirmed"]) == told(host.keys(""))
        assert ("PHONE", Moment.CALL_OVER) == (host.look().state, host.view.moment)
    assert "wrong_codes" not in host.saved()
    assert not [row for row in host.service.operator.audit() if row.get("reasons") == ["wrong_code"]]
    host.call()
    assert VERIFIED == told(host.keys("1#"))


@pytest.mark.rule("P13", "P4")
@families
def test_an_announced_call_can_be_disowned(procedure: Procedure) -> None:
    """The warning comes before the proof."""
    host = Host(policies=announcing())
    called(host, procedure)
    assert NOT_ME == told(host.keys("9"))
    assert ("REJECTED", ["not_me"]) == (host.look().state, notices(host))


@pytest.mark.rule("P4")
@families
def test_with_a_code_the_code_is_the_confirmation(procedure: Procedure) -> None:
    """Where both are asked for, the key that confirms is a wrong code."""
    host = Host(policies=announcing(bim_code=True))
    code = called(host, procedure)
    assert 6 == len(code)
    assert (CallStatus.RETRY, ["wrong_code"]) == told(host.keys("1"))
    assert VERIFIED == told(host.keys(code))


@pytest.mark.rule("P4", "A1")
def test_a_call_is_confirmed_as_it_was_announced() -> None:
    """A policy that changes in the middle changes no call that was answered: neither its code nor its key."""
    host = Host(policies=announcing())
    called(host, Procedure.LOGIN_PASSWORD)
    service = ResetService(bank=host.bank, store=host.store, key=host.key, clock=host.clock, policies=asking())
    assert AGAIN == told(service.report_keys("call-1", "2"))
    assert VERIFIED == told(service.report_keys("call-1", "1"))
    other = Host(policies=asking())
    code = called(other, Procedure.LOGIN_PASSWORD)
    service = ResetService(bank=other.bank, store=other.store, key=other.key, clock=other.clock, policies=announcing())
    assert (CallStatus.RETRY, ["wrong_code"]) == told(service.report_keys("call-1", "1"))
    assert VERIFIED == told(service.report_keys("call-1", code))


@pytest.mark.rule("P4")
def test_the_manuals_way_stays_the_default() -> None:
    """Without the policy the call is dropped, and is enough; a reissue of a token is as ever."""
    host = Host()
    host.at_phone()
    assert VERIFIED == told(host.call())
    token = Host(policies=announcing())
    assert 6 == len(called(token))


@pytest.mark.rule("P4", "S4")
def test_an_announced_call_is_saved_and_read() -> None:
    """Another process goes on; a retry of the call is announced again, without a code."""
    host = Host(policies=announcing())
    called(host, Procedure.LOGIN_PASSWORD)
    kept = host.saved()["kept"]
    assert isinstance(kept, dict)
    assert "" == kept["answered"]["code"]
    other = host.beside()
    other.calls = 0
    again = other.call()
    assert (CallStatus.ANNOUNCE, None) == (again.status, again.code)
    assert VERIFIED == told(other.keys("1"))

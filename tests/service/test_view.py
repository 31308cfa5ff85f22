"""The answer to every call: what a host shows, plain and without secrets, equal where nothing happened."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import attrs
import pytest

from hosts import EMAIL, LIVE, STATES, WITH_CODES, Host, named
from ja_reset import BankUnavailable, Call, CallSource, EffectRefused, Policies, Procedure, Result, Text, View
from ja_reset.bank._values import CallStatus
from ja_reset.chart.states import StateKind
from ja_reset.policies import LockoutPolicy, PhonePolicy, SessionPolicy
from ja_reset.testing import FakeBank
from ja_reset.testing.cast import INSTITUTION

TICK = timedelta(microseconds=1)

DISPLAYED: Final = Policies(phone=PhonePolicy(code_channel="displayed", bim_code=True))
PHONE_SCREENS: Final = {"PHONE", "PHONE_KEYS", "BTR004", "BTR004_KEYS"}
FAMILY_PHONE: Final = {Procedure.TOKEN_REISSUE: "BTR004"}


def _phone(procedure: Procedure) -> str:
    return FAMILY_PHONE.get(procedure, "PHONE")


def _codes(view: View) -> list[str]:
    return [reason.code for reason in view.reasons]


# Its form ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("S5", "A7")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_it_turns_into_plain_json_without_the_token(procedure: Procedure, state: str) -> None:
    """Every key of the API but the token, as JSON has it; the token is in neither JSON nor repr."""
    view = Host(policies=DISPLAYED).at(procedure, state)
    plain = view.to_dict()
    assert {field.name for field in attrs.fields(View)} - {"token"} == set(plain)
    assert json.loads(json.dumps(plain)) == plain
    assert view.token not in json.dumps(plain)
    assert view.token not in repr(view)
    assert view.token not in str(view)
    assert f"{view}" == repr(view)


@pytest.mark.rule("S5", "A7")
def test_its_repr_hides_code_and_address() -> None:
    """A code that is displayed, and the address of the result, are for the page and not for a log."""
    host = Host(policies=DISPLAYED)
    view = host.at_phone_keys()
    assert view.code is not None
    assert view.code not in repr(view)
    done = Host().at_btr005()
    assert EMAIL not in repr(done)


@pytest.mark.rule("S1", "S8")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_its_id_is_the_hash_of_the_token(procedure: Procedure) -> None:
    """The public name is the one under which the store and the audit know the session, and leads to no token."""
    host = Host()
    view = host.start(procedure)
    assert sha256(view.token.encode()).hexdigest() == view.id
    assert 43 == len(view.token)
    assert {view.id} == {record["session"] for record in host.store.audit()}
    assert [view.id] == [record["id"] for record in host.service.operator.sessions()]


@pytest.mark.rule("S2")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_where_nothing_happened_the_answer_is_equal(procedure: Procedure, state: str) -> None:
    """Looking again gives an equal view, in another process too, and is no activity."""
    host = Host(policies=DISPLAYED)
    host.at(procedure, state)
    view = host.look()
    rows = host.saved()
    host.clock.advance(1)
    assert view == host.look() == host.beside().look()
    assert rows == host.saved()


@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_it_cannot_be_changed(procedure: Procedure, state: str) -> None:
    """It is a value: frozen, and hashable."""
    view = Host(policies=WITH_CODES).at(procedure, state)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        view.state = "DONE"  # type: ignore[misc]
    assert hash(view) == hash(attrs.evolve(view))


# Deadlines --------------------------------------------------------------------------------------------------


@pytest.mark.rule("S3", "P2")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_the_deadline_is_the_last_instant_of_the_screen(procedure: Procedure, state: str) -> None:
    """A form's idle timeout; the window's end, without the grace; none where nothing strikes."""
    host = Host(policies=WITH_CODES)
    entered = host.clock.now
    view = host.at(procedure, state)
    kind = procedure.chart.states[state].kind
    window = timedelta(seconds=300 if procedure is Procedure.TOKEN_REISSUE else 120)
    wanted: dict[StateKind, datetime] = {
        StateKind.FORM: entered + timedelta(minutes=10),
        StateKind.WAITING: entered + window,
    }
    assert wanted.get(kind) == view.deadline


@pytest.mark.rule("S3")
def test_the_deadline_of_a_form_is_whichever_comes_first() -> None:
    """Activity moves the idle timeout on, until the session's whole time is nearer."""
    host = Host()
    start = host.start()
    ends = [start.deadline]
    for _ in range(4):
        host.clock.advance(timedelta(minutes=7))
        ends.append(host.send("back").deadline)
    minutes = [10, 17, 24, 30, 30]
    assert [host.clock.now - timedelta(minutes=28) + timedelta(minutes=n) for n in minutes] == ends


@pytest.mark.rule("S3", "P2", "P6")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_the_screen_lasts_through_its_deadline(procedure: Procedure) -> None:
    """At the last instant a form is still there, a microsecond later it is not; a window has the grace besides."""
    host = Host()
    view = host.start(procedure)
    assert view.deadline is not None
    host.clock.advance(view.deadline - host.clock.now)
    assert view.state == host.look().state
    host.clock.advance(timedelta(microseconds=1))
    assert "EXPIRED" == host.look().state
    waiting = host.at(procedure, _phone(procedure))
    assert waiting.deadline is not None
    host.clock.advance(waiting.deadline - host.clock.now + timedelta(seconds=5))
    assert (waiting.state, waiting.deadline) == (host.look().state, host.look().deadline)
    host.clock.advance(timedelta(microseconds=1))
    assert ["timed_out"] == _codes(host.look())


@pytest.mark.rule("S3")
def test_inside_a_window_neither_timeout_strikes() -> None:
    """A window that is longer than the session's whole time runs to its end."""
    short = SessionPolicy(idle_timeout=timedelta(seconds=30), absolute_timeout=timedelta(seconds=60))
    host = Host(policies=Policies(session=short))
    view = host.at_phone()
    host.clock.advance(120)
    assert view.state == host.look().state
    assert CallStatus.VERIFIED is host.call().status


# Counts -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("L2")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_tries_are_told_where_they_are_used(procedure: Procedure, state: str) -> None:
    """PINs at BIM017, codes where a code is asked for, and nothing anywhere else."""
    view = Host(policies=WITH_CODES).at(procedure, state)
    assert (3 if state == "BIM017" or state in PHONE_SCREENS else None) == view.tries_left
    if state != "PHONE_KEYS":
        plain = Host().at(procedure, state)
        asks = state == "BIM017" or state.startswith("BTR004")
        assert (3 if asks else None) == plain.tries_left


@pytest.mark.rule("L1", "L2")
def test_pins_are_counted_down_across_sessions_and_procedures() -> None:
    """Each wrong PIN takes one, wherever it was typed; the one that locks leaves none to tell."""
    host = Host()
    first = host.at_bim017()
    assert (2, ["wrong_pin"]) == (host.send("submit_reset", host.reset(pin="0000")).tries_left, ["wrong_pin"])
    host.clock.advance(121)
    assert 2 == host.at_bim017(Procedure.RISK_BASED_AUTH).tries_left
    assert 1 == host.send("submit_reset", host.reset(pin="0000")).tries_left
    assert 1 == host.service.view(first.token).tries_left
    assert 1 == host.send("submit_reset", host.reset(pin="")).tries_left
    locked = host.send("submit_reset", host.reset(pin="0000"))
    assert ("LOCKED", None, ["wrong_pin", "locked"]) == (locked.state, locked.tries_left, _codes(locked))


@pytest.mark.rule("P4")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_codes_are_counted_down_for_a_call_and_for_the_session(procedure: Procedure) -> None:
    """Each wrong code takes one of the call's; a new call restarts, within what the session has left."""
    few = PhonePolicy(bim_code=True, code_attempts=3, codes_per_session=4, code_length=6)
    host = Host(policies=Policies(phone=few))
    host.at(procedure, _phone(procedure))
    left: list[int | None] = [host.view.tries_left]
    for statuses in (("RETRY", "RETRY", "REFUSED"), ("REFUSED",)):
        code = host.call().code
        assert code is not None
        wrong = "000001" if code.reveal() == "000000" else "000000"
        for status in statuses:
            assert status == host.keys(wrong).status.value
            left.append(host.look().tries_left)
    assert [3, 2, 1, 1, None] == left
    assert ("REJECTED", ["wrong_code"]) == (host.view.state, _codes(host.view))


# What the phone screen shows --------------------------------------------------------------------------------


@pytest.mark.rule("P1", "P11", "S6")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_phones_and_the_number_to_call_are_shown_where_they_are_used(procedure: Procedure, state: str) -> None:
    """All masked phones where one is chosen, the chosen one with the number to call while it is waited for."""
    view = Host(policies=WITH_CODES).at(procedure, state)
    masked = ["090-1234-****", "080-1234-****", "026-234-****"]
    wanted = masked if state in {"BIM016", "BTR003"} else masked[:1] if state in PHONE_SCREENS else []
    assert wanted == [phone.masked for phone in view.phones]
    assert (INSTITUTION.dial if state in PHONE_SCREENS else None) == view.dial


@pytest.mark.rule("S6", "P1")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_no_answer_shows_what_the_contract_holds(procedure: Procedure, state: str) -> None:
    """Neither a whole phone number, nor name, birth date, registered address or reference is in any answer."""
    host = Host(policies=WITH_CODES)
    plain = json.dumps(host.at(procedure, state).to_dict(), ensure_ascii=False)
    contract = host.customer.contract
    held = [contract.ref, contract.name_kana, contract.name_kanji, contract.email, str(contract.birth_date)]
    held += [form for phone in contract.phones for form in (phone, phone.replace("-", ""), phone.replace("-", "")[1:])]
    assert [] == [each for each in held if each in plain]


@pytest.mark.rule("F13")
def test_phone_ids_are_other_ones_in_each_session() -> None:
    """They are random, and say nothing of the number."""
    host = Host()
    ids = [phone.id for _ in range(3) for phone in host.at_bim016().phones]
    assert 9 == len(set(ids))
    host.send("back")
    again = host.send("submit_identity", host.identity())
    assert 12 == len({*ids, *(phone.id for phone in again.phones)})


@pytest.mark.rule("P4")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_a_code_is_shown_only_where_the_policy_displays_it(procedure: Procedure) -> None:
    """Spoken, it is in the gateway's answer alone; displayed, on the screen alone, and only while it is asked for."""
    state = _phone(procedure)
    spoken = Host(policies=WITH_CODES)
    spoken.at(procedure, state)
    result = spoken.call()
    assert result.code is not None
    assert spoken.look().code is None
    shown = Host(policies=DISPLAYED)
    assert shown.at(procedure, state).code is None
    result = shown.call()
    assert (CallStatus.ANNOUNCE, None) == (result.status, result.code)
    code = shown.look().code
    assert code is not None
    assert (6, True) == (len(code), code.isdecimal())
    assert f"{state}_KEYS" == shown.view.state
    assert code == shown.beside().look().code
    shown.call()
    newer = shown.look().code
    assert newer is not None
    assert CallStatus.VERIFIED is shown.keys(newer).status
    assert shown.look().code is None


@pytest.mark.rule("P4")
@pytest.mark.parametrize("procedure", [Procedure.LOGIN_PASSWORD, Procedure.RISK_BASED_AUTH], ids=named)
def test_a_code_in_the_bim_family_leads_the_same_way(procedure: Procedure) -> None:
    """The call leads to the keys on the same screen, the right code to BIM017; wrong ones lead to a new call."""
    host = Host(policies=DISPLAYED)
    host.at_phone(procedure)
    host.call()
    keys = host.look()
    assert ("PHONE_KEYS", "PHONE") == (keys.state, keys.screen.id)
    assert ["phone_not_verified"] == _codes(host.send("proceed"))
    assert ["RETRY", "RETRY", "REFUSED"] == [host.keys("x").status.value for _ in range(3)]
    assert ("PHONE", None) == (host.look().state, host.view.code)
    host.call()
    code = host.look().code
    assert code is not None
    assert CallStatus.VERIFIED is host.keys(f"*#{code}#").status
    assert "BIM017" == host.look().state


@pytest.mark.rule("C3")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_the_result_stands_on_the_last_screen_of_a_token(procedure: Procedure, state: str) -> None:
    """Service id, user id and the address that was typed, on BTR005 alone."""
    result = Host(policies=WITH_CODES).at(procedure, state).result
    wanted = Result("SV00000001", "US00000001", EMAIL) if state == "BTR005" else None
    assert wanted == result


# Reasons that stay ------------------------------------------------------------------------------------------


@pytest.mark.rule("S2a", "P6")
def test_a_reason_of_what_happened_elsewhere_stays_until_the_next_event() -> None:
    """However often one looks, and beside a stale event's own; the customer's next event ends it."""
    host = Host()
    old = host.at_phone()
    host.clock.advance(126)
    for _ in range(2):
        assert ("BIM016", ["timed_out"]) == (host.look().state, _codes(host.view))
    stale = host.service.send(old.token, "back", version=old.version)
    assert ["stale", "timed_out"] == _codes(stale)
    assert ["timed_out"] == _codes(host.look())
    assert ["event_not_available"] == _codes(host.send("proceed"))[:1]
    assert ["event_not_available"] == _codes(host.look()), "of the customer's own event"
    host.send("choose_phone", {})
    assert ["required"] == _codes(host.look())


@pytest.mark.rule("C6", "S2")
def test_a_silent_bank_shows_the_same_screen_with_a_reason() -> None:
    """Where the institution itself cannot be asked the last known one serves, in the process that knew it."""
    host = Host()
    view = host.at_bim016()
    host.bank.down = True
    assert view == host.look()
    other = host.beside().look()
    assert (["temporarily_unavailable"], view.version) == (_codes(other), other.version)
    host.bank.down = False
    assert view == host.beside().look()


@pytest.mark.rule("L4", "L2")
def test_what_the_bank_says_anew_of_an_institution_holds_from_the_next_event_on() -> None:
    """It is asked at most once in `institution_refresh` by a process, and then beside another question of a turn."""
    host = Host()
    host.at_bim017()
    host.clock.advance(60)
    host.bank.answer("institution", attrs.evolve(INSTITUTION, policies=Policies(lockout=LockoutPolicy(pin_attempts=5))))
    assert 2 == host.send("submit_reset", host.reset(pin="9999")).tries_left
    host.clock.advance(TICK)
    host.bank.asked.clear()
    assert 2 == host.look().tries_left
    assert [] == host.bank.asked
    host.send("submit_reset", host.reset(pin="9999"))
    assert 3 == host.look().tries_left
    assert ["institution"] == [method for method, _ in host.bank.asked if method == "institution"]


# Words ------------------------------------------------------------------------------------------------------

OURS: Final = Text(ja="おことわり", en="Sorry")
THEIRS: Final = Text(ja="JAみほんのおことわり", en="Sorry from JA Mihon, {pin_attempts}")


@pytest.mark.rule("S9", "M7")
def test_a_host_puts_its_own_words_for_all_and_for_one_institution() -> None:
    """The institution's words stand before the service's, these before the catalogue's; figures are filled in."""
    plain = Host().start()
    host = Host(messages={"event_not_available": OURS})
    host.start()
    reason = host.send("back").reasons[0]
    assert ("event_not_available", OURS.ja, OURS.en) == (reason.code, reason.ja, reason.en)
    one = attrs.evolve(INSTITUTION, messages={"event_not_available": THEIRS})
    host = Host(messages={"event_not_available": OURS, "required": OURS}, bank=FakeBank(institutions=[one]))
    assert plain.screen == host.start().screen
    assert (THEIRS.ja, "Sorry from JA Mihon, 3") == (
        host.send("back").reasons[0].ja,
        host.view.reasons[0].en,
    )
    assert {OURS.en} == {each.en for each in host.send("submit_identity", {}).reasons if each.code == "required"}


@pytest.mark.rule("S9")
def test_a_hosts_own_words_reach_screens_and_gateway_too() -> None:
    """A title is replaced key by key, and the reasons of a refused call are in the institution's words."""
    key = Procedure.LOGIN_PASSWORD.chart.states["BIM015"].screen.title
    one = attrs.evolve(INSTITUTION, messages={key: THEIRS, "wrong_number": OURS})
    host = Host(bank=FakeBank(institutions=[one]))
    start = host.start()
    assert THEIRS.ja == start.screen.title.ja
    assert Host().start().screen.notices == start.screen.notices
    view = host.at_phone()
    host.calls += 1
    result = host.call("080-1234-5602")
    assert CallStatus.UNMATCHED is result.status

    call = Call(id="named", number="080-1234-5602", source=CallSource.NETWORK)
    assert [OURS.en] == [reason.en for reason in host.service.report_call(call, session=view.id).reasons]
    assert [OURS.en] == [reason.en for reason in host.look().reasons]


@pytest.mark.rule("C4a")
def test_the_banks_own_words_are_the_reason_that_it_refused() -> None:
    """They stand on the form that it came from, saved as they are, in other processes too."""
    host = Host()
    host.at_bim017()
    host.bank.fail("carry_out", EffectRefused(ja="以前のパスワードです。", en="Used before."))
    view = host.send("submit_reset", host.reset())
    for each in (view, host.look(), host.beside().look()):
        assert [("refused_by_bank", "以前のパスワードです。", "Used before.")] == [
            (reason.code, reason.ja, reason.en) for reason in each.reasons
        ]
    assert (
        "DONE" == host.send("submit_reset", host.reset(new_password="Betsu-11", new_password_confirm="Betsu-11")).state
    )


@pytest.mark.rule("C4")
@pytest.mark.parametrize(("procedure", "state"), [pair for pair in LIVE if pair[1] == "COMPLETING"], ids=named)
def test_completing_says_that_it_is_being_processed(procedure: Procedure, state: str) -> None:
    """Proceed while the bank is silent tells so and stays; once it answers, the success is shown without a reason."""
    host = Host()
    view = host.at(procedure, state)
    host.bank.fail("carry_out", BankUnavailable)
    again = host.send("proceed")
    assert (view.state, ["in_progress"]) == (again.state, _codes(again))
    done = host.send("proceed")
    assert (True, []) == (done.final, _codes(done))
    assert done == host.look() == host.send("proceed")


def test_a_view_can_be_sent_to_another_process() -> None:
    """Pickled and copied, a refusal is what it was, its texts included."""
    host = Host()
    host.at_bim016()
    host.send("choose_phone", host.phone())
    other = host.beside()
    other.at_bim016()
    view = other.send("choose_phone", other.phone())
    assert ["number_in_use"] == [reason.code for reason in view.reasons]
    for copied in (pickle.loads(pickle.dumps(view)), copy.deepcopy(view)):  # noqa: S301 - our own
        assert (view, view.to_dict()) == (copied, copied.to_dict())

"""The code that is keyed in (P4): read out or displayed, asked for in any procedure, and counted."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import sys
from collections.abc import Callable
from datetime import timedelta
from types import FrameType
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hosts import ACTIVATION, Host, codes, named
from ja_reset import (
    AsyncResetService,
    BankUnavailable,
    CallResult,
    CallSource,
    CallStatus,
    EffectRefused,
    InvalidArgument,
    Policies,
    Procedure,
    Secret,
    View,
)
from ja_reset.policies import PhonePolicy
from ja_reset.stores.rows import Store
from ja_reset.testing._clock import START
from ja_reset.testing.cast import ORDINARY
from quoted import quotes

TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
GRACE = timedelta(seconds=5)
WINDOW = timedelta(seconds=300)
BIM_WINDOW = timedelta(seconds=120)
CALL_STATE = {Procedure.TOKEN_REISSUE: "BTR004"}
KEYS_STATE = {Procedure.TOKEN_REISSUE: "BTR004_KEYS"}
NEXT_STATE = {Procedure.TOKEN_REISSUE: "BTR005"}
procedures = pytest.mark.parametrize("procedure", list(Procedure), ids=named)


def asking(**figures: object) -> Policies:
    """Policies that ask for a code in every procedure, with these figures."""
    return Policies(phone=PhonePolicy(bim_code=True, **figures))  # type: ignore[arg-type]  # figures by name


def call_state(procedure: Procedure) -> str:
    """Where the call is waited for."""
    return CALL_STATE.get(procedure, "PHONE")


def keys_state(procedure: Procedure) -> str:
    """Where the keys are waited for."""
    return KEYS_STATE.get(procedure, "PHONE_KEYS")


def next_state(procedure: Procedure) -> str:
    """Where the right code leads."""
    return NEXT_STATE.get(procedure, "BIM017")


def announced(host: Host, number: str | None = None) -> str:
    """Call from the chosen number; the code that the gateway reads out."""
    result = host.call(number)
    assert CallStatus.ANNOUNCE is result.status
    assert result.code is not None
    return result.code.reveal()


def waiting(host: Host, procedure: Procedure = Procedure.TOKEN_REISSUE) -> str:
    """A new session, called in; the code."""
    host.at(procedure, call_state(procedure))
    return announced(host)


def other(code: str, step: int = 1) -> str:
    """Another code of the same length."""
    return f"{(int(code) + step) % 10 ** len(code):0{len(code)}}"


def told(result: CallResult) -> tuple[CallStatus, list[str]]:
    """Status and codes of what the gateway was told."""
    return result.status, codes(result)


RETRY = (CallStatus.RETRY, ["wrong_code"])
OVER = (CallStatus.REFUSED, ["wrong_code"])
LATE = (CallStatus.REFUSED, ["late"])


# The code ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("P4", "P7", "A1")
@procedures
def test_the_right_code_leads_on(store: Store, procedure: Procedure) -> None:
    """The call is answered, the code read out and keyed in: the session moves on by itself."""
    host = Host(store=store, policies=asking())
    code = waiting(host, procedure)
    assert keys_state(procedure) == host.look().state
    assert CallStatus.VERIFIED is host.keys(code).status
    assert next_state(procedure) == host.look().state
    assert LATE == told(host.keys(code))


@pytest.mark.rule("P4")
@pytest.mark.parametrize("procedure", [Procedure.LOGIN_PASSWORD, Procedure.RISK_BASED_AUTH], ids=named)
def test_where_no_code_is_asked_for_keys_are_unmatched(procedure: Procedure) -> None:
    """The manual's BIM family: the recognised call is enough, it has no code, and keys in it say nothing."""
    host = Host()
    host.at_phone(procedure)
    result = host.call()
    assert (CallStatus.VERIFIED, None) == (result.status, result.code)
    view = host.look()
    assert CallStatus.UNMATCHED is host.keys("123456").status
    assert view == host.look()


@pytest.mark.rule("P4", "S5")
@pytest.mark.parametrize("length", [1, 4, 6, 12])
def test_a_code_has_the_policys_length(length: int) -> None:
    """So many ASCII digits, a Secret that shows nothing, and never on the view where it is spoken."""
    alone = {"not_me_key": None} if length == 1 else {}  # then one key is a code
    host = Host(policies=asking(code_length=length, **alone))
    host.at_btr004()
    result = host.call()
    assert isinstance(result.code, Secret)
    code = result.code.reveal()
    assert (length, True, True) == (len(code), code.isascii(), code.isdigit())
    assert None is host.look().code
    shown = repr((result, host.view, host.view.to_dict()["code"], host.saved()))
    assert length == 1 or code in {"2026", "0417"} or not quotes(shown, code)  # by chance the year, the institution


@pytest.mark.rule("P4")
def test_codes_are_drawn_anew() -> None:
    """Of thirty codes hardly two are the same."""
    host = Host()
    host.at_btr004()
    assert len({announced(host) for _ in range(30)}) > 25


@pytest.mark.rule("P4")
@given(st.text("*#", max_size=4), st.sampled_from(["", "#"]))
@example("*", "")
@example("*#*", "#")
def test_signs_in_front_and_a_closing_one_are_dropped(front: str, closing: str) -> None:
    """Dial-pulse lines switch to tones by * or #, and some people close with #."""
    host = Host()
    code = waiting(host)
    assert CallStatus.VERIFIED is host.keys(front + code + closing).status


@pytest.mark.rule("P4")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda code: code + "*",
        lambda code: code + "##",
        lambda code: code[:3] + "#" + code[3:],
        lambda code: code + code[0],
        lambda code: code[:-1],
        lambda code: " " + code,
        lambda code: code + "\n",
        lambda code: "".join(chr(0xFF10 + int(digit)) for digit in code),
        lambda _: "",
        lambda _: "#",
        lambda _: "\ud800",
        lambda _: "1" * 10_000,
    ],
    ids=[
        "star",
        "two signs",
        "inside",
        "longer",
        "shorter",
        "blank",
        "newline",
        "wide",
        "none",
        "sign",
        "lone",
        "long",
    ],
)
def test_anything_else_is_wrong(spoil: Callable[[str], str]) -> None:
    """What is not the code, whole, is a wrong entry, and the right one may follow."""
    host = Host()
    code = waiting(host)
    assert RETRY == told(host.keys(spoil(code)))
    assert CallStatus.VERIFIED is host.keys(code).status


# Attempts ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("P4", "P5", "S2a")
@procedures
@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_a_call_has_so_many_attempts_then_another_may_be_made(
    store: Store, procedure: Procedure, attempts: int
) -> None:
    """With the last wrong entry that call is over, even for the right code; a new call has a new code and count."""
    host = Host(store=store, policies=asking(code_attempts=attempts))
    code = waiting(host, procedure)
    for left in range(attempts, 0, -1):
        assert (keys_state(procedure), left) == (host.look().state, host.view.tries_left)
        assert (OVER if left == 1 else RETRY) == told(host.keys(other(code)))
        assert ["wrong_code"] == codes(host.look())
    assert (call_state(procedure), attempts) == (host.look().state, host.view.tries_left)
    assert LATE == told(host.keys(code))
    again = announced(host)
    assert [] == codes(host.look())
    assert CallStatus.VERIFIED is host.keys(again).status


@pytest.mark.rule("P4", "A3")
@procedures
def test_a_session_has_so_many_wrong_codes_in_all(store: Store, procedure: Procedure) -> None:
    """A new call, going back and a new window do not restart the count: the ninth wrong code leads to REJECTED."""
    host = Host(store=store, policies=asking())
    code = waiting(host, procedure)
    for wrong in range(1, 9):
        expected = OVER if wrong in {3, 6, 8} else RETRY
        assert expected == told(host.keys(other(code, wrong))), wrong
        if wrong == 3:
            code = announced(host)
        elif wrong == 6:
            host.look()
            host.send("back")
            if procedure is Procedure.TOKEN_REISSUE:
                host.send("submit_details", host.details())
            else:
                host.send("choose_phone", host.phone())
            code = announced(host)
            assert 3 == host.look().tries_left
        elif wrong == 7:
            code = announced(host)
            assert 2 == host.look().tries_left
            host = host.beside()
            host.calls -= 1000
            assert RETRY == told(host.keys(other(code, 8)))
            break
    assert 1 == host.look().tries_left
    assert OVER == told(host.keys(other(code)))
    assert ("REJECTED", ["wrong_code"]) == (host.look().state, codes(host.view))
    assert LATE == told(host.keys(code))
    assert CallStatus.UNMATCHED is host.call().status


@pytest.mark.rule("P4")
def test_the_sessions_count_comes_before_the_calls() -> None:
    """Where both would end with the same wrong code the session is REJECTED."""
    host = Host(policies=asking(code_attempts=2, codes_per_session=2))
    code = waiting(host)
    assert [RETRY, OVER] == [told(host.keys(other(code))) for _ in range(2)]
    assert "REJECTED" == host.look().state


@pytest.mark.rule("P4", "A5")
@procedures
def test_a_new_call_replaces_the_one_before(procedure: Procedure) -> None:
    """The old call's keys are late, whatever they are, and cost nothing; only the new call's code counts, in it."""
    host = Host(policies=asking(codes_per_session=2))
    old = waiting(host, procedure)
    old_call = f"call-{host.calls}"
    new = announced(host)
    for digits in (old, new, "x"):
        assert LATE == told(host.keys(digits, call_id=old_call))
    if old != new:
        assert RETRY == told(host.keys(old))
    assert (keys_state(procedure), 1) == (host.look().state, host.view.tries_left)
    assert CallStatus.VERIFIED is host.keys(new).status


@pytest.mark.rule("P4", "P5")
def test_a_refused_call_leaves_the_answered_one_alone() -> None:
    """A diverted call from the number, or one of another number, does not end the call whose keys are awaited."""
    host = Host()
    code = waiting(host)
    assert CallStatus.REFUSED is host.call(diverted=True).status
    assert CallStatus.UNMATCHED is host.call("080-1234-5602").status
    assert "BTR004_KEYS" == host.look().state
    assert CallStatus.VERIFIED is host.keys(code, call_id="call-1").status


@pytest.mark.rule("P4", "P9", "S7")
def test_keys_in_a_call_that_nobody_knows_are_unmatched() -> None:
    """Even the right code: it changes nothing, and it is audited without the digits."""
    host = Host()
    code = waiting(host)
    host.look()
    before = host.saved()
    assert CallStatus.UNMATCHED is host.keys(code, call_id="stranger").status
    assert before == host.saved()
    *_, record = host.store.audit()
    assert ("keys_received", "UNMATCHED") == (record["event"], record["status"])
    assert code not in repr(record)


@pytest.mark.rule("P4", "A5")
def test_a_code_is_of_its_own_session() -> None:
    """Of two sessions that wait for two numbers neither can be proved by the other's code."""
    one, two = Host(), None
    first = waiting(one)
    two = one.beside()
    two.at_btr003()
    two.send("submit_details", two.details(1))
    second = announced(two, ORDINARY.contract.phones[1])
    if first != second:
        assert RETRY == told(one.keys(second))
        assert RETRY == told(two.keys(first))
    assert CallStatus.VERIFIED is two.keys(second).status
    assert "BTR004_KEYS" == one.look().state
    assert "BTR005" == two.look().state


# The window of the keys (P2) --------------------------------------------------------------------------------


def key_in(host: Host, digits: str, at: object) -> CallResult:
    """Keys in the last call, dated."""
    return host.service.report_keys(f"call-{host.calls}", digits, received_at=at)  # type: ignore[arg-type]


@pytest.mark.rule("P2", "P4", "A2")
@procedures
def test_the_keys_must_be_in_before_the_window_closes(store: Store, procedure: Procedure) -> None:
    """The last instant counts, reported through the grace; a microsecond later is late, and costs no attempt."""
    window = WINDOW if procedure is Procedure.TOKEN_REISSUE else BIM_WINDOW
    host = Host(store=store, policies=asking(code_attempts=1))
    for after, status in ((timedelta(0), CallStatus.VERIFIED), (TICK, CallStatus.REFUSED)):
        host.at(procedure, call_state(procedure))
        closes = host.view.deadline
        assert host.clock.now + window == closes
        assert closes is not None
        host.clock.advance(window)
        code = announced(host)
        host.clock.advance(GRACE)
        result = key_in(host, code, closes + after)
        assert (status, [] if after == timedelta(0) else ["late"]) == told(result)
        assert (keys_state(procedure) if after else next_state(procedure)) == host.look().state
        if after:
            assert CallStatus.VERIFIED is key_in(host, code, closes).status


@pytest.mark.rule("P2", "P6")
def test_keys_reported_after_the_grace_are_late() -> None:
    """Dated in time, reported a microsecond after the grace: the window has closed."""
    host = Host()
    host.at_btr004()
    entered = host.clock.now
    code = announced(host)
    host.clock.advance(WINDOW + GRACE + TICK)
    assert LATE == told(key_in(host, code, entered + SECOND))
    assert ("BTR003", ["timed_out"]) == (host.look().state, codes(host.view))


@pytest.mark.rule("P2")
@pytest.mark.parametrize(("ahead", "proves"), [(2 * SECOND, True), (2 * SECOND + TICK, False)], ids=["in", "past"])
def test_keys_from_the_future_count_only_within_the_skew(ahead: timedelta, proves: bool) -> None:
    """As calls do."""
    host = Host()
    code = waiting(host)
    result = key_in(host, code, host.clock.now + ahead)
    assert (CallStatus.VERIFIED, []) == told(result) if proves else LATE == told(result)


@pytest.mark.rule("P2", "A1")
def test_keys_dated_before_the_window_are_early() -> None:
    """Nobody can have keyed in the code of a call that had not been waited for."""
    host = Host()
    host.at_btr004()
    entered = host.clock.now
    code = announced(host)
    assert (CallStatus.REFUSED, ["early"]) == told(key_in(host, code, entered - TICK))
    assert "BTR004_KEYS" == host.look().state


class Racing:
    """A store in which somebody else reports the same just after a call's row was looked for."""

    def __init__(self, store: Store, between: list[Callable[[], object]]) -> None:
        self.persistent = store.persistent
        self._store = store
        self._between = between

    def get(self, kind: str, key: str) -> object:
        """Look, then let it happen."""
        row = self._store.get(kind, key)
        if kind == "call" and self._between:
            self._between.pop()()
        return row

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


# An entry that is reported again (P4) -----------------------------------------------------------------------

OTHER_DIGITS = (CallStatus.REFUSED, ["entry_id_reused"])
WAYS = ("by its id", "by its time")
ways = pytest.mark.parametrize("way", WAYS)


def entry(host: Host, digits: str, name: str, way: str, *, call_id: str | None = None) -> CallResult:
    """An entry as a gateway names it: by an id of its own, or by when it came."""
    call = call_id or f"call-{host.calls}"
    if way == WAYS[0]:
        return host.service.report_keys(call, digits, entry_id=name)
    at = START + timedelta(minutes=1, seconds=int(name))
    return host.service.report_keys(call, digits, received_at=at)


def called(host: Host, procedure: Procedure) -> str:
    """A new session, called in, a minute after the clock's start; the code."""
    host.at(procedure, call_state(procedure))
    host.clock.advance(timedelta(minutes=1, seconds=10))
    return announced(host)


@pytest.mark.rule("P4", "P3", "S7")
@procedures
@ways
def test_a_wrong_entry_reported_three_times_counts_once(store: Store, procedure: Procedure, way: str) -> None:
    """A webhook's retries get the first answer, cost nothing more, and are audited as repeats."""
    host = Host(store=store, policies=asking())
    code = called(host, procedure)
    assert [RETRY] * 3 == [told(entry(host, other(code), "1", way)) for _ in range(3)]
    assert (keys_state(procedure), 2) == (host.look().state, host.view.tries_left)
    assert [RETRY, RETRY] == [told(entry(host, other(code, 2), "2", way)), told(entry(host, other(code), "1", way))]
    assert 1 == host.look().tries_left
    records = [each for each in host.store.audit() if each["event"] == "keys_received"]
    assert [None, True, True, None, True] == [each.get("repeated") for each in records]
    assert CallStatus.VERIFIED is entry(host, code, "3", way).status


@pytest.mark.rule("P4", "P3")
@procedures
@ways
def test_the_right_entry_reported_again_is_told_so_while_its_session_is_there(
    store: Store, procedure: Procedure, way: str
) -> None:
    """VERIFIED once more while the session is where the keys led it, by whatever process; late afterwards."""
    host = Host(store=store, policies=asking())
    code = called(host, procedure)
    assert [CallStatus.VERIFIED] * 2 == [entry(each, code, "1", way).status for each in (host, host)]
    name = f"call-{host.calls}"
    assert CallStatus.VERIFIED is entry(host.beside(), f"*{code}#", "1", way, call_id=name).status
    assert next_state(procedure) == host.look().state
    if procedure is Procedure.TOKEN_REISSUE:
        assert 2 == len(host.bank.carried_out)  # the token and the notice, once
        return
    host.send("submit_reset", host.reset())
    assert LATE == told(entry(host, code, "1", way))


@pytest.mark.rule("P4", "C4")
def test_a_right_entry_is_told_so_while_the_bank_has_not_confirmed_its_order() -> None:
    """Led to COMPLETING: VERIFIED while the order is pending and when it is confirmed; late where it was refused."""
    for refused in (False, True):
        host = Host()
        code = called(host, Procedure.TOKEN_REISSUE)
        host.bank.fail("carry_out", BankUnavailable)
        assert [CallStatus.VERIFIED] * 2 == [entry(host, code, "1", WAYS[0]).status for _ in range(2)]
        assert "COMPLETING" == host.look().state
        if refused:
            host.bank.fail("carry_out", EffectRefused(ja="だめです。", en="No."))
        host.clock.advance(60)  # until it is tried again (C4)
        host.service.recover()
        assert (LATE if refused else (CallStatus.VERIFIED, [])) == told(entry(host, code, "1", WAYS[0]))


@pytest.mark.rule("P4", "P5")
@ways
def test_a_repeat_after_the_calls_last_attempt(way: str) -> None:
    """The entry that ended the call hears so again; one that said "gather again" is late, as nothing waits for keys."""
    host = Host(policies=asking(code_attempts=2))
    code = called(host, Procedure.TOKEN_REISSUE)
    assert [RETRY, OVER] == [told(entry(host, other(code), str(n), way)) for n in (1, 2)]
    assert [LATE, OVER] == [told(entry(host, other(code), str(n), way)) for n in (1, 2)]
    assert "BTR004" == host.look().state


@pytest.mark.rule("P4", "S7")
def test_an_entry_id_with_other_digits_is_refused() -> None:
    """It is not judged, right or wrong, costs nothing, and is audited; what was told first stays so."""
    host = Host()
    code = called(host, Procedure.TOKEN_REISSUE)
    wrong = other(code)
    assert RETRY == told(entry(host, wrong, "1", WAYS[0]))
    saved = host.saved()
    assert [OTHER_DIGITS] * 2 == [told(entry(host, each, "1", WAYS[0])) for each in (code, other(code, 2))]
    assert saved == host.saved()
    assert ("keys_received", "REFUSED", ["entry_id_reused"]) == tuple(
        host.store.audit()[-1][name] for name in ("event", "status", "reasons")
    )
    assert [RETRY, RETRY] == [told(entry(host, wrong, "1", WAYS[0])), told(entry(host, wrong, "2", WAYS[0]))]
    assert CallStatus.VERIFIED is entry(host, code, "3", WAYS[0]).status


@pytest.mark.rule("P4")
def test_an_entry_id_is_of_its_own_call() -> None:
    """A gateway may count its entries in each call: the same id in a new call is another entry."""
    host = Host()
    code = called(host, Procedure.TOKEN_REISSUE)
    assert RETRY == told(entry(host, other(code), "1", WAYS[0]))
    code = announced(host)
    assert CallStatus.VERIFIED is entry(host, code, "1", WAYS[0]).status


@pytest.mark.rule("P4")
def test_without_id_and_time_every_report_is_an_entry() -> None:
    """Nothing says that it is the same: it counts again, as the customer may have keyed it in again."""
    host = Host()
    code = called(host, Procedure.TOKEN_REISSUE)
    assert [RETRY, RETRY, OVER] == [told(host.keys(other(code))) for _ in range(3)]


@pytest.mark.rule("P4", "P2")
@ways
@pytest.mark.parametrize("trouble", ["early", "future", "bank"])
def test_an_entry_that_was_not_judged_is_not_remembered(way: str, trouble: str) -> None:
    """Out of its time, or where the bank gave no answer: its retry is judged as if it were the first."""
    host = Host()
    code = called(host, Procedure.TOKEN_REISSUE)
    before = [row.body for row in host.store.scan("call")]
    if trouble == "bank":
        host.bank.fail("contract", BankUnavailable)
        assert (CallStatus.RETRY, ["temporarily_unavailable"]) == told(entry(host, code, "1", way))
    else:
        at = host.clock.now + timedelta(hours=1 if trouble == "future" else -1)
        result = host.service.report_keys("call-1", code, received_at=at, entry_id="1")
        assert (CallStatus.REFUSED, ["late" if trouble == "future" else "early"]) == told(result)
    after = [row.body for row in host.store.scan("call")]
    assert [each.get("entries") for each in before] == [each.get("entries") for each in after]
    assert CallStatus.VERIFIED is entry(host, code, "1", way).status


@pytest.mark.rule("P4", "S5")
@ways
def test_a_call_remembers_no_more_entries_than_it_has_attempts_and_no_digits(way: str) -> None:
    """Fingerprints of those that counted: neither the digits nor a plain digest of them stands in the row."""
    host = Host(policies=asking(code_attempts=3))
    code = called(host, Procedure.TOKEN_REISSUE)
    typed = [other(code, n) for n in range(1, 8)]
    for n, digits in enumerate(typed):
        entry(host, digits, str(n), way)
    (body,) = [row.body for row in host.store.scan("call")]
    entries = body["entries"]
    assert isinstance(entries, list)
    assert 3 == len(entries)
    plain = [hashlib.sha256(digits.encode()).hexdigest() for digits in typed]
    assert [] == [each for each in (*typed, *plain) if f"'{each}" in repr(body)]


@pytest.mark.rule("P4", "P8")
@ways
@pytest.mark.parametrize("right", [True, False])
def test_two_deliveries_of_one_entry_at_the_same_instant_count_once(store: Store, way: str, right: bool) -> None:
    """The gateway's impatient retry, handled by another process, overtakes the first delivery: one answer."""
    between: list[Callable[[], object]] = []
    host = Host(store=store)
    slow = Host(store=Racing(store, between), bank=host.bank, clock=host.clock)  # type: ignore[arg-type]  # a Store
    code = called(host, Procedure.TOKEN_REISSUE)
    digits = code if right else other(code)
    results: list[CallResult] = []
    between.append(lambda: results.append(entry(host, digits, "1", way)))
    results.append(entry(slow, digits, "1", way, call_id="call-1"))
    assert [(CallStatus.VERIFIED, []) if right else RETRY] * 2 == [told(each) for each in results]
    assert (None if right else 2) == host.look().tries_left


@pytest.mark.rule("A8", "P4")
@pytest.mark.parametrize("name", ["", "x" * 201, 1, b"2"], ids=repr)
def test_an_entry_id_that_is_none_is_misuse(name: object) -> None:
    """The programmer's mistake, with our exception; the words say what is wanted and not what came."""
    host = Host()
    with pytest.raises(InvalidArgument, match="entry_id must be a str of 1 to 200 characters, or None"):
        host.service.report_keys("call-1", "123456", entry_id=name)  # type: ignore[arg-type]


@pytest.mark.rule("P4", "A8")
def test_the_awaited_face_takes_an_entry_id_too() -> None:
    """The same on both faces."""
    host = Host()
    code = called(host, Procedure.TOKEN_REISSUE)
    service = AsyncResetService(bank=host.bank, store=host.store, key=host.key, clock=host.clock)

    async def report() -> list[tuple[CallStatus, list[str]]]:
        return [told(await service.report_keys("call-1", other(code), entry_id="1")) for _ in range(3)]

    assert [RETRY] * 3 == asyncio.run(report())
    assert 2 == host.look().tries_left


# The codes of a number (P4) ---------------------------------------------------------------------------------

DAY = timedelta(hours=24)
REST = timedelta(seconds=121)


def chooses(host: Host, procedure: Procedure, *, number: int = 0) -> View:
    """A new session, where the phone is chosen; then that phone is chosen."""
    if procedure is Procedure.TOKEN_REISSUE:
        host.at_btr003()
        return host.send("submit_details", host.details(number))
    host.at_bim016(procedure)
    return host.send("choose_phone", host.phone(number))


def guesses(host: Host, procedure: Procedure, times: int) -> None:
    """Wrong codes in one new session, in as many calls as they need; afterwards the number has rested."""
    chooses(host, procedure)
    for _ in range(times):
        if host.look().state == call_state(procedure):
            code = announced(host)
        host.clock.advance(1)
        host.keys(other(code))
    if not host.look().final:
        host.send("cancel")
    host.clock.advance(REST)


@pytest.mark.rule("P4", "S9")
@procedures
def test_a_number_has_so_many_wrong_codes_in_a_day(store: Store, procedure: Procedure) -> None:
    """Over sessions and procedures: with the ninth the session is REJECTED, and then the number cannot be chosen."""
    host = Host(store=store, policies=asking())
    for guessed in (Procedure.LOGIN_PASSWORD, Procedure.TOKEN_REISSUE, procedure):
        guesses(host, guessed, 3)
    assert ("REJECTED", ["wrong_code"]) == (host.view.state, codes(host.view))
    last = host.clock.now
    host.clock.advance(REST)
    view = chooses(host.beside(), procedure)
    assert (["codes_used_up"], CallStatus.UNMATCHED) == (codes(view), host.call().status)
    host = host.beside()
    view = chooses(host, procedure)
    assert host.send("cancel").final
    (until,) = [reason.until for reason in view.reasons]
    assert until is not None
    assert last - timedelta(minutes=10) + DAY < until < last + DAY
    host.clock.advance(until - host.clock.now)
    assert ["codes_used_up"] == codes(chooses(host, procedure))
    host.clock.advance(TICK)
    assert 1 == (chooses(host, procedure).tries_left)


@pytest.mark.rule("P4")
@procedures
def test_another_phone_can_be_chosen_where_one_has_no_codes_left(procedure: Procedure) -> None:
    """The customer goes on in the same session, with the other registered number."""
    host = Host(policies=asking(codes_per_number=2))
    guesses(host, procedure, 2)
    assert ["codes_used_up"] == codes(chooses(host, procedure))
    if procedure is Procedure.TOKEN_REISSUE:
        host.send("submit_details", host.details(1))
    else:
        host.send("choose_phone", host.phone(1))
    code = announced(host, ORDINARY.contract.phones[1])
    assert CallStatus.VERIFIED is host.keys(code).status


@pytest.mark.rule("P4")
def test_where_no_code_is_asked_for_a_numbers_codes_do_not_matter() -> None:
    """The manual's BIM family: the call is enough, though the number has no code left for a token."""
    host = Host()
    for _ in range(3):
        guesses(host, Procedure.TOKEN_REISSUE, 3)
    host.clock.advance(REST)
    assert ["codes_used_up"] == codes(chooses(host, Procedure.TOKEN_REISSUE))
    host.at_phone(Procedure.LOGIN_PASSWORD)
    assert CallStatus.VERIFIED is host.call().status


@pytest.mark.rule("P4")
def test_a_right_code_clears_no_wrong_one_and_the_screen_counts_what_is_left() -> None:
    """They count within the window, not in a row: who guesses must not wait for the customer to be right."""
    host = Host(policies=asking(codes_per_number=4))
    guesses(host, Procedure.TOKEN_REISSUE, 2)
    host.clock.advance(REST)
    assert 2 == chooses(host, Procedure.TOKEN_REISSUE).tries_left
    assert CallStatus.VERIFIED is host.keys(announced(host)).status
    assert 2 == chooses(host, Procedure.TOKEN_REISSUE).tries_left


@pytest.mark.rule("P4")
@pytest.mark.parametrize("pause", [timedelta(0), timedelta(hours=12)], ids=["at once", "at the edge"])
def test_no_edge_of_a_window_lets_more_through(pause: timedelta) -> None:
    """Each wrong code stands for a whole window: never more than the limit within any 24 hours."""
    host = Host(policies=asking(codes_per_number=2))
    guesses(host, Procedure.TOKEN_REISSUE, 1)
    host.clock.advance(pause)
    guesses(host, Procedure.TOKEN_REISSUE, 1)
    host.clock.advance(DAY - pause - 3 * REST)
    used_up = ["codes_used_up"]
    assert used_up == codes(chooses(host, Procedure.TOKEN_REISSUE))
    host.clock.advance(3 * REST)
    assert (2 if pause == timedelta(0) else 1) == chooses(host, Procedure.TOKEN_REISSUE).tries_left


@pytest.mark.rule("P4", "L6")
def test_an_unlock_clears_the_codes_of_the_contracts_numbers() -> None:
    """The branch's act frees the customer's numbers; those of nobody's contract stay as they are."""
    host = Host(policies=asking(codes_per_number=2))
    guesses(host, Procedure.TOKEN_REISSUE, 2)
    assert ["codes_used_up"] == codes(chooses(host, Procedure.TOKEN_REISSUE))
    customer = host.customer
    host.service.unlock(
        customer.institution, branch=customer.branch, subject=customer.subject, account=customer.account
    )
    assert [] == host.store.scan("codes")
    host.clock.advance(REST)
    assert 2 == chooses(host, Procedure.TOKEN_REISSUE).tries_left


@pytest.mark.rule("P4", "S8")
def test_codes_that_no_longer_count_are_purged() -> None:
    """The row is there through the last instant at which one counts, and the maintenance drops it then."""
    host = Host(policies=asking())
    guesses(host, Procedure.TOKEN_REISSUE, 1)
    host.clock.advance(DAY - REST)
    host.service.purge()
    assert 1 == len(host.store.scan("codes"))
    host.clock.advance(TICK)
    host.service.purge()
    assert [] == host.store.scan("codes")


@pytest.mark.rule("P4", "P8")
def test_who_may_not_key_in_still_ends_the_wait_of_another() -> None:
    """A number that is waited for and is asked for elsewhere is contested, whether a code is left for it or not."""
    host = Host()
    for _ in range(3):
        guesses(host, Procedure.TOKEN_REISSUE, 3)
    host.clock.advance(REST)
    view = host.at_phone(Procedure.LOGIN_PASSWORD)
    rival = host.beside()
    assert ["number_in_use"] == codes(chooses(rival, Procedure.TOKEN_REISSUE))
    assert ["number_contested"] == codes(host.service.view(view.token))


@pytest.mark.rule("P4", "S5")
def test_a_numbers_row_holds_times_alone() -> None:
    """Neither the digits nor the codes stand in it."""
    host = Host(policies=asking())
    guesses(host, Procedure.TOKEN_REISSUE, 2)
    (row,) = host.store.scan("codes")
    assert ("+819012345601", {"at"}) == (row.key, set(row.body))


# Displayed --------------------------------------------------------------------------------------------------


def displayed(**figures: object) -> Policies:
    """Policies that show the code on the screen."""
    return asking(code_channel="displayed", **figures)


@pytest.mark.rule("P4", "P8a", "S5")
@procedures
def test_a_displayed_code_is_on_the_screen_and_not_in_the_answer(store: Store, procedure: Procedure) -> None:
    """The gateway is told to gather keys and no code; the session's view shows it until it is used, no other does."""
    host = Host(store=store, policies=displayed())
    host.at(procedure, call_state(procedure))
    assert None is host.view.code
    result = host.call()
    assert (CallStatus.ANNOUNCE, None) == (result.status, result.code)
    code = host.look().code
    assert code is not None
    assert code == host.look().to_dict()["code"] == host.send("proceed").code
    assert code not in repr((host.view, host.saved(), host.store.audit()))
    assert CallStatus.VERIFIED is host.keys(code).status
    assert (next_state(procedure), None) == (host.look().state, host.view.code)


@pytest.mark.rule("P4")
def test_a_displayed_code_changes_with_the_call_and_goes_with_it() -> None:
    """A new call shows a new code; too many wrong entries, back and the end of the window show none."""
    host = Host(policies=displayed(code_length=12))
    host.at_btr004()
    host.call()
    first = host.look().code
    host.call()
    second = host.look().code
    assert first is not None
    assert first != second
    assert RETRY == told(host.keys(first))
    assert [RETRY, OVER] == [told(host.keys(first)) for _ in range(2)]
    assert ("BTR004", None) == (host.look().state, host.view.code)
    host.call()
    assert None is not host.look().code
    assert None is host.send("back").code


@pytest.mark.rule("P4", "S2", "S5")
def test_a_double_answer_shows_no_code_of_another_screen() -> None:
    """What a request is answered again from holds no code."""
    host = Host(policies=displayed())
    host.at_btr004()
    host.call()
    code = host.look().code
    host.send("proceed", request_id="r1")
    request = host.store.get("request", host.view.id)
    assert request is not None
    assert str(code) not in repr(request.body)
    host.keys(str(code))
    assert None is host.service.send(host.view.token, "proceed", request_id="r1").code


# Sealed -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("S5", "P4")
def test_code_and_activation_password_are_sealed_while_the_keys_are_awaited() -> None:
    """No row and no record shows either; after the code neither is kept."""
    host = Host(policies=asking(code_length=9))
    code = waiting(host)
    kinds = ("session", "call", "request", "effect", "wait")

    def rows() -> str:
        return repr([row.body for kind in kinds for row in host.store.scan(kind)])

    for secret in (code, ACTIVATION):
        assert secret not in rows() + repr(host.store.audit())
    host.keys(code)
    kept = host.saved()["kept"]
    assert isinstance(kept, dict)
    assert {"activation", "answered"}.isdisjoint(kept)


@pytest.mark.rule("I6", "P4", "A1")
@procedures
@pytest.mark.parametrize("lock", ["service_locked", "card_locked"])
def test_a_lock_between_call_and_keys_stops_the_right_code(procedure: Procedure, lock: str) -> None:
    """The locks are looked at again with the keys; a wrong code is still a wrong code."""
    host = Host(policies=asking())
    code = waiting(host, procedure)
    host.bank.change(ORDINARY.ref, **{lock: True})
    assert RETRY == told(host.keys(other(code)))
    assert (CallStatus.REFUSED, ["locked"]) == told(host.keys(code))
    assert ("LOCKED", ["locked"]) == (host.look().state, codes(host.view))
    assert [] == host.bank.carried_out


@pytest.mark.rule("P4", "A8")
@pytest.mark.parametrize("source", list(CallSource), ids=lambda each: each.value)
def test_keys_of_a_call_that_proved_nothing_are_unmatched(source: CallSource) -> None:
    """Refused or unmatched calls have no code, and keys in them lead nowhere."""
    host = Host()
    view: View = host.at_btr004()
    host.call("080-1234-5602", source=source)
    assert CallStatus.UNMATCHED is host.keys("123456").status
    assert view == host.look()


@pytest.mark.rule("P4")
def test_each_entry_of_keys_counts_even_at_one_instant() -> None:
    """A gateway whose clock ticks in seconds can report two entries at one instant: each is judged by itself."""
    host = Host()
    host.at_btr004()
    code = host.call().code
    assert code is not None
    at = host.clock.now
    wrong = host.service.report_keys("call-1", "x", received_at=at)
    right = host.service.report_keys("call-1", code.reveal(), received_at=at)
    assert (CallStatus.RETRY, CallStatus.VERIFIED) == (wrong.status, right.status)


@pytest.mark.rule("P4", "S5")
@pytest.mark.parametrize("digits", ["", "0", "000000", "the right one"])
def test_a_code_is_compared_in_constant_time(digits: str) -> None:
    """By `hmac.compare_digest`, right or wrong: how much of it was right is told by no clock."""
    host = Host()
    code = waiting(host)
    entry = code if digits == "the right one" else digits
    compared: list[str] = []

    def note(_frame: FrameType, event: str, argument: object) -> None:
        if event == "c_call":
            compared.append(getattr(argument, "__name__", ""))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        host.keys(entry)
    finally:
        sys.setprofile(before)
    assert hmac.compare_digest.__name__ in compared


@pytest.mark.rule("P4")
def test_a_shorter_window_or_lower_limit_drops_no_wrong_code_that_another_counts() -> None:
    """Where windows differ each code stands for the longest, though the shorter one counts in between and purges."""
    host = Host(policies=asking())
    short = asking(codes_window=timedelta(hours=1), codes_per_number=2)
    there = Host(store=host.store, bank=host.bank, clock=host.clock, policies=short, calls=50)
    guesses(host, Procedure.TOKEN_REISSUE, 7)
    host.clock.advance(timedelta(hours=2))
    guesses(there, Procedure.TOKEN_REISSUE, 1)
    host.clock.advance(timedelta(hours=2))
    there.service.purge()
    assert 2 == chooses(there, Procedure.TOKEN_REISSUE).tries_left
    there.send("cancel")
    host.clock.advance(REST)
    assert 1 == chooses(host, Procedure.TOKEN_REISSUE).tries_left
    host.send("cancel")
    host.clock.advance(DAY)
    host.service.purge()
    assert [] == host.store.scan("codes")


@pytest.mark.rule("P4")
def test_a_row_of_wrong_codes_that_is_over_begins_again() -> None:
    """What is due by every window that counted in it is forgotten with the next wrong code, purged or not."""
    host = Host(policies=asking())
    guesses(host, Procedure.TOKEN_REISSUE, 3)
    host.clock.advance(DAY)
    guesses(host, Procedure.TOKEN_REISSUE, 1)
    (row,) = host.store.scan("codes")
    assert 1 == len(cast("list[str]", row.body["at"]))

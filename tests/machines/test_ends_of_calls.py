"""The end of a call (P4): the session learns of it at once, and keys that were on their way still count."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from hosts import Host, codes, named
from ja_reset import (
    AsyncResetService,
    BankUnavailable,
    CallResult,
    CallStatus,
    Happened,
    InvalidArgument,
    Moment,
    Policies,
    Procedure,
    ResetService,
)
from ja_reset.policies import PhonePolicy
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Store

ASKING = Policies(phone=PhonePolicy(bim_code=True))
GRACE = ASKING.phone.delivery_grace
SECOND, TICK = timedelta(seconds=1), timedelta(microseconds=1)
Told = tuple[CallStatus, list[str]]
ENDED: Told = (CallStatus.ENDED, [])
UNMATCHED: Told = (CallStatus.UNMATCHED, [])
LATE: Told = (CallStatus.REFUSED, ["late"])
procedures = pytest.mark.parametrize("procedure", list(Procedure), ids=named)


def told(result: CallResult) -> Told:
    """Status and codes of what the gateway was told."""
    return result.status, codes(result)


def called(host: Host, procedure: Procedure = Procedure.TOKEN_REISSUE) -> str:
    """A session in a call that was answered; the code."""
    host.at(procedure, "BTR004" if procedure is Procedure.TOKEN_REISSUE else "PHONE")
    code = host.call().code
    assert code is not None
    return code.reveal()


def end(host: Host, call: str = "call-1", at: datetime | None = None) -> Told:
    """Report that a call is over."""
    return told(host.service.report_end(call, received_at=at))


def wrong(code: str) -> str:
    """Another code."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


@pytest.mark.rule("P4", "S9")
@procedures
def test_the_session_learns_of_a_hang_up_at_once(store: Store, procedure: Procedure) -> None:
    """The page says that the call is over, in every process, and another call goes on as the first one did."""
    host = Host(store=store, policies=ASKING)
    called(host, procedure)
    before = host.look()
    assert ENDED == end(host)
    after = host.look()
    assert (before.state, before.version, Moment.CALL_OVER) == (after.state, after.version, after.moment)
    assert Moment.CALL_OVER is host.beside().look().moment
    code = host.call().code
    assert Moment.ANSWERED is host.look().moment
    assert code is not None
    assert CallStatus.VERIFIED is host.keys(code.reveal()).status


@pytest.mark.rule("P4", "P2")
@pytest.mark.parametrize(
    ("received", "reported", "expected"),
    [
        (timedelta(), SECOND, CallStatus.VERIFIED),
        (-SECOND, GRACE, CallStatus.VERIFIED),
        (-SECOND, GRACE + TICK, CallStatus.REFUSED),
        (TICK, SECOND, CallStatus.REFUSED),
        (None, timedelta(), CallStatus.VERIFIED),
        (None, TICK, CallStatus.REFUSED),
    ],
)
def test_keys_from_before_the_end_count_within_the_grace(
    store: Store, received: timedelta | None, reported: timedelta, expected: CallStatus
) -> None:
    """By when they reached the gateway; without it, by when they are reported; the last instants included."""
    host = Host(store=store)
    code = called(host)
    host.clock.advance(10)
    over = host.clock.now
    end(host)
    host.clock.advance(reported.total_seconds())
    at = None if received is None else over + received
    result = host.service.report_keys("call-1", code, received_at=at)
    assert (expected, [] if expected is CallStatus.VERIFIED else ["late"]) == told(result)
    if result.reasons:
        assert "終了しました" in result.reasons[0].ja
        assert ("BTR004_KEYS", Moment.CALL_OVER, None) == (host.look().state, host.view.moment, host.view.result)


@pytest.mark.rule("P4", "P2")
def test_the_end_is_when_the_gateway_saw_it(store: Store) -> None:
    """Keys that came after it are late, though both are reported together, long afterwards or the other way round."""
    host = Host(store=store)
    code = called(host)
    host.clock.advance(60)
    now = host.clock.now
    assert ENDED == end(host, at=now - 3 * SECOND)
    assert LATE == told(host.service.report_keys("call-1", code, received_at=now - 2 * SECOND))
    assert CallStatus.VERIFIED is host.service.report_keys("call-1", code, received_at=now - 4 * SECOND).status


@pytest.mark.rule("P4")
def test_a_wrong_code_after_the_end_costs_its_try_and_is_not_asked_again(store: Store) -> None:
    """Keys in time count in both directions; but nobody is there to be asked once more."""
    host = Host(store=store)
    code, now = called(host), host.clock.now
    assert CallStatus.RETRY is host.service.report_keys("call-1", wrong(code), entry_id="1").status
    end(host)
    assert LATE == told(host.service.report_keys("call-1", wrong(code), entry_id="1")), "the entry comes again"
    host.clock.advance(1)
    host.service.report_keys("call-1", wrong(code), received_at=now)
    host.call()
    assert 3 == host.look().tries_left, "a new call has its own"
    assert 2 == host.saved()["wrong_codes"]


@pytest.mark.rule("P4", "S7")
def test_an_end_that_comes_twice_counts_once(store: Store) -> None:
    """The first one stands, whenever the second says that it was; both are audited."""
    host = Host(store=store)
    code = called(host)
    host.clock.advance(5)
    over = host.clock.now
    assert ENDED == end(host, at=over)
    host.clock.advance(3)
    assert ENDED == end(host) == end(host, at=over - 4 * SECOND)
    assert CallStatus.VERIFIED is host.service.report_keys("call-1", code, received_at=over).status
    ends = [record for record in host.store.audit() if record["event"] == "call_ended"]
    assert ["ENDED"] * 3 == [record["status"] for record in ends]
    assert [None, True, True] == [record.get("repeated") for record in ends]


@pytest.mark.rule("P4", "P9")
@pytest.mark.parametrize("call", ["nobody's", "", "\0", "x" * 1000, "\ud800"])
def test_the_end_of_an_unknown_call_fits_nothing(store: Store, call: str) -> None:
    """Before its call, or of none: it changes nothing, and the call that comes later is answered as ever."""
    host = Host(store=store)
    called(host)
    row = host.row()
    assert UNMATCHED == end(host, call)
    assert (row.stamp, Moment.ANSWERED) == (host.row().stamp, host.look().moment)
    last = list(host.store.audit())[-1]
    assert ("call_ended", "UNMATCHED", None) == (last["event"], last["status"], last["session"])


@pytest.mark.rule("P4", "P3")
def test_the_end_of_a_call_that_is_not_waited_in_changes_nothing(store: Store) -> None:
    """Refused, replaced by another, or one that has proved the phone: the gateway is told that it is over."""
    host = Host(store=store)
    host.at_btr004()
    host.call(diverted=True)
    assert ENDED == end(host, "call-1")
    host.call()
    code = host.call().code
    assert code is not None
    assert ENDED == end(host, "call-2"), "replaced"
    assert (Moment.ANSWERED, CallStatus.VERIFIED) == (host.look().moment, host.keys(code.reveal()).status)
    stamp = host.row().stamp
    assert ENDED == end(host, "call-3"), "moved on"
    assert ("BTR005", stamp) == (host.look().state, host.row().stamp)
    assert LATE == told(host.keys(code.reveal(), call_id="call-2"))


@pytest.mark.rule("P4", "P3")
def test_the_end_of_a_call_that_was_dropped_unanswered(store: Store) -> None:
    """Every call ends, also in the BIM family: nothing comes of it, and the first answer stays."""
    host = Host(store=store)
    host.at_phone()
    assert CallStatus.VERIFIED is host.call().status
    assert ENDED == end(host)
    assert ("BIM017", Moment.PROVED) == (host.look().state, host.view.moment)
    assert UNMATCHED == (host.call("03-1234-5678").status, []) == end(host, "call-2")


@pytest.mark.rule("P4", "P3")
def test_a_call_that_is_over_is_not_announced_again(store: Store) -> None:
    """A late retry of the report gets no code, and nobody is asked to key one in."""
    host = Host(store=store)
    called(host)
    host.calls -= 1
    assert CallStatus.ANNOUNCE is host.call().status
    end(host)
    host.calls -= 1
    again = host.call()
    assert (LATE, None) == (told(again), again.code)


@pytest.mark.rule("P4", "S5")
def test_a_displayed_code_goes_with_its_call(store: Store) -> None:
    """No code stands on the page that nobody can key in."""
    host = Host(store=store, policies=Policies(phone=PhonePolicy(code_channel="displayed")))
    host.at_btr004()
    host.call()
    assert host.look().code is not None
    end(host)
    assert None is host.look().code


@pytest.mark.rule("P4", "P2")
def test_an_end_in_the_future_is_refused(store: Store) -> None:
    """A gateway's clock may be ahead by no more than the policy says; afterwards the end may come again."""
    host = Host(store=store)
    called(host)
    row, skew = host.row(), ASKING.phone.clock_skew
    assert LATE == end(host, at=host.clock.now + skew + TICK)
    assert (row.stamp, Moment.ANSWERED) == (host.row().stamp, host.look().moment)
    assert ENDED == end(host, at=host.clock.now + skew)
    assert Moment.CALL_OVER is host.look().moment


@pytest.mark.rule("P4", "P3")
def test_whose_call_has_ended_must_be_known(store: Store) -> None:
    """Where two calls were reported under one id, nobody knows which of them is over."""
    host = Host(store=store)
    called(host)
    host.calls -= 1
    host.call(diverted=True)
    assert (CallStatus.REFUSED, ["call_id_reused"]) == end(host)
    assert Moment.ANSWERED is host.look().moment


@pytest.mark.rule("P4", "P6")
def test_the_window_closes_as_ever_after_a_hang_up(store: Store) -> None:
    """Nothing waits longer or shorter for it; the end of a call whose window has closed changes nothing."""
    host = Host(store=store)
    code = called(host)
    end(host)
    host.clock.advance(305)
    assert ("BTR004_KEYS", Moment.CALL_OVER) == (host.look().state, host.view.moment)
    host.clock.advance(1)
    assert ENDED == end(host)
    assert ("BTR003", ["timed_out"]) == (host.look().state, codes(host.view))
    assert LATE == told(host.keys(code))


@pytest.mark.rule("P4", "S10")
def test_keys_that_the_bank_delays_are_not_late_for_it(store: Store) -> None:
    """The customer keys in and hangs up; the end is reported while the bank is asked, which takes its time."""
    host = Host(store=store)
    code = called(host)

    def meanwhile(method: str) -> None:
        if method == "contract":
            host.bank.before = None
            host.clock.advance(20)
            assert ENDED == end(host.beside())

    host.bank.before = meanwhile
    assert CallStatus.VERIFIED is host.service.report_keys("call-1", code).status
    assert "BTR005" == host.look().state


@pytest.mark.rule("P4", "C6")
def test_an_end_without_an_answer_of_the_bank_may_come_again(store: Store) -> None:
    """A process that does not know the institution, and a bank that is silent: nothing changes."""
    host = Host(store=store)
    called(host)
    row, other = host.row(), host.beside()
    other.bank.fail("institution", BankUnavailable)
    assert (CallStatus.REFUSED, ["temporarily_unavailable"]) == end(other)
    assert row.stamp == host.row().stamp
    assert ENDED == end(other)
    assert Moment.CALL_OVER is host.look().moment


@pytest.mark.rule("P4")
@pytest.mark.parametrize("call", [None, 1, b"call-1"])
def test_misuse_is_told(call: object) -> None:
    """What is no id, and a time without its zone, are the host's mistakes; nothing changes."""
    host = Host()
    called(host)
    with pytest.raises(InvalidArgument, match="call_id must be a str"):
        host.service.report_end(call)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="received_at must be an aware datetime"):
        host.service.report_end("call-1", received_at=datetime(2026, 4, 1))  # noqa: DTZ001 - the mistake
    assert Moment.ANSWERED is host.look().moment


@pytest.mark.rule("P4", "S7")
def test_the_asynchronous_service_does_the_same() -> None:
    """Both faces drive one flow."""
    host = Host()
    called(host)
    service = AsyncResetService(bank=host.bank, store=host.store, key=host.key, clock=host.clock)

    async def report() -> list[Told]:
        return [told(await service.report_end(call)) for call in ("call-1", "call-1", "nobody's")]

    assert [ENDED, ENDED, UNMATCHED] == asyncio.run(report())
    assert Moment.CALL_OVER is host.look().moment


@pytest.mark.rule("S7")
def test_the_observer_and_the_audit_hear_of_it() -> None:
    """With the context of the host that reported it."""
    heard: list[Happened] = []
    host = Host(store=MemoryStore())
    called(host)
    service = ResetService(bank=host.bank, store=host.store, key=host.key, clock=host.clock, observer=heard.append)
    service.report_end("call-1", context={"gateway": "g1"})
    (event,) = heard
    assert ("call_ended", "BTR004_KEYS", "BTR004_KEYS", "ENDED", "report_end", {"gateway": "g1"}) == (
        event.event,
        event.before,
        event.after,
        event.status,
        event.called,
        dict(event.context),
    )

"""Idle, too old, a clock gone back, maintenance (S3, S8, P6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts import LIVE, WITH_CODES, Host, named
from ja_reset import BankUnavailable, Procedure, View
from ja_reset.policies import PhonePolicy, Policies, SessionPolicy
from ja_reset.service._records import CALL, IDENTITY_ATTEMPTS, PIN_ATTEMPTS, REQUEST, SESSION, WAIT

TICK = timedelta(microseconds=1)
IDLE = timedelta(minutes=10)
OLD = timedelta(minutes=30)
SKEW = timedelta(seconds=2)
MONTH = timedelta(days=30)
LOGIN = Procedure.LOGIN_PASSWORD
WAITING = {"PHONE", "PHONE_KEYS", "BTR004", "BTR004_KEYS"}
FORMS = [(procedure, state) for procedure, state in LIVE if state not in WAITING | {"COMPLETING"}]
WAITS = [(procedure, state) for procedure, state in LIVE if state in WAITING]


def codes(view: View) -> list[str]:
    """The codes of the reasons."""
    return [reason.code for reason in view.reasons]


def host_for(state: str) -> Host:
    """A host whose charts can be driven to that state."""
    return Host(policies=WITH_CODES) if state == "PHONE_KEYS" else Host()


@pytest.mark.rule("S3")
@pytest.mark.parametrize(("procedure", "state"), FORMS, ids=named)
def test_idle_ends_after_its_last_instant(procedure: Procedure, state: str) -> None:
    """Through the last instant of `idle_timeout` the screen is there, a microsecond later the session is EXPIRED."""
    host = Host()
    view = host.at(procedure, state)
    host.clock.advance(IDLE)
    assert host.clock() == view.deadline
    assert (0, state) == (host.service.expire_due(), host.look().state)
    host.clock.advance(TICK)
    assert ("EXPIRED", ["timed_out"], True) == ((view := host.look()).state, codes(view), view.final)
    assert ["timed_out.idle"] == [reason.key for reason in view.reasons], "and not that it is too old"
    assert "event_not_available" in codes(host.send("cancel"))


@pytest.mark.rule("S3")
@pytest.mark.parametrize("event", ["cancel", "submit_identity", "nonsense"])
def test_an_event_after_the_last_instant_finds_the_session_expired(event: str) -> None:
    """Time passes first: an event that comes too late is not taken, and says why."""
    host = Host()
    host.start()
    host.clock.advance(IDLE + TICK)
    view = host.send(event, host.identity())
    assert "EXPIRED" == view.state
    assert "timed_out" in codes(view) or "stale" in codes(view)
    assert ["timed_out"] == codes(host.look())
    assert [] == [asked for asked in host.bank.asked if asked[0] == "find_contract"]


@pytest.mark.rule("S3")
@pytest.mark.parametrize("event", ["submit_identity", "proceed", "nonsense"])
def test_events_are_activity_refused_ones_too(event: str) -> None:
    """A form with errors, or an event that is not there, restarts the idle time."""
    host = Host()
    host.start()
    host.clock.advance(IDLE)
    assert "BIM015" == host.send(event, {}).state
    host.clock.advance(IDLE)
    assert "BIM015" == host.look().state
    host.clock.advance(TICK)
    assert "EXPIRED" == host.look().state


@pytest.mark.rule("S3", "S2", "S2a")
@pytest.mark.parametrize("version", [0, 1, 99])
def test_a_stale_event_is_activity_and_changes_nothing_else(version: int) -> None:
    """A customer who presses buttons on an old page is there: the idle time restarts, and nothing else changes."""
    host = Host()
    view = host.at_bim016()
    saved = host.saved()
    host.clock.advance(IDLE)
    stale = host.service.send(view.token, "choose_phone", host.phone(), version=version)
    assert ["stale"] == [reason.code for reason in stale.reasons]
    now = host.saved()
    assert saved["active_at"] != now["active_at"]
    assert saved | {"active_at": now["active_at"], "seen_at": now["active_at"]} == now
    host.clock.advance(IDLE)
    assert ("BIM016", view.version) == (host.look().state, host.view.version)
    host.clock.advance(TICK)
    assert "EXPIRED" == host.look().state


@pytest.mark.rule("S3", "S2", "M2")
@pytest.mark.parametrize("state", ["DONE", "CANCELLED"])
def test_a_stale_event_touches_no_session_that_has_ended(state: str) -> None:
    """How long an ended session is kept goes by its end."""
    host = Host()
    view = host.at(Procedure.LOGIN_PASSWORD, state)
    row = host.row()
    host.clock.advance(60)
    host.service.send(view.token, "cancel", version=view.version - 1)
    assert row == host.row()


@pytest.mark.rule("S3")
def test_looking_is_no_activity() -> None:
    """However often the page looks, the idle time runs on."""
    host = Host()
    deadline = host.start().deadline
    for _ in range(10):
        host.clock.advance(IDLE / 10)
        assert deadline == host.look().deadline
    host.clock.advance(TICK)
    assert "EXPIRED" == host.look().state


@pytest.mark.rule("S3")
def test_a_session_is_too_old_after_its_last_instant_however_busy() -> None:
    """Events keep it from being idle and not from being too old; the deadline tells whichever comes first."""
    host = Host()
    began = host.start()
    for minutes in (9, 18, 27):
        host.clock.advance(timedelta(minutes=9))
        view = host.send("submit_identity", {})
        assert min(host.clock() + IDLE, host.clock() - timedelta(minutes=minutes) + OLD) == view.deadline
    host.clock.advance(timedelta(minutes=3))
    assert "BIM015" == host.send("submit_identity", {}).state, "the last instant"
    host.clock.advance(TICK)
    assert ("EXPIRED", ["timed_out"]) == ((view := host.look()).state, codes(view))
    assert ["timed_out.too_old"] == [reason.key for reason in view.reasons], "it was not idle"
    assert began.id == view.id


@pytest.mark.rule("S3", "P2", "P6")
@pytest.mark.parametrize(("procedure", "state"), WAITS, ids=named)
def test_inside_the_window_neither_timeout_strikes(procedure: Procedure, state: str) -> None:
    """Idle and too old as it may be, while the window is open the session waits; the window's end is the deadline."""
    brief = SessionPolicy(idle_timeout=timedelta(seconds=30), absolute_timeout=timedelta(seconds=60))
    host = Host(policies=Policies(phone=PhonePolicy(bim_code=state == "PHONE_KEYS"), session=brief))
    view = host.at(procedure, state)
    window = timedelta(seconds=300 if procedure is Procedure.TOKEN_REISSUE else 120)
    assert host.clock() + window == view.deadline
    host.clock.advance(window + timedelta(seconds=5))
    assert (0, state) == (host.service.expire_due(), host.look().state)
    host.clock.advance(TICK)
    assert ("EXPIRED", ["timed_out"]) == ((view := host.look()).state, codes(view))


@pytest.mark.rule("S3", "P2")
def test_a_call_at_the_last_instant_counts_though_the_session_is_old() -> None:
    """A call in time leads on from a window that outlived the timeouts; then they strike as ever."""
    brief = SessionPolicy(idle_timeout=timedelta(seconds=30), absolute_timeout=timedelta(seconds=60))
    host = Host(policies=Policies(session=brief))
    host.at_phone()
    host.clock.advance(120)
    assert "VERIFIED" == host.call().status.value
    host.clock.advance(TICK)
    assert "EXPIRED" == host.look().state


@pytest.mark.rule("P6", "S3")
def test_a_window_that_closed_long_ago_and_an_idle_form_both_happen_in_their_order() -> None:
    """Nobody looked for an hour: the window closed first, then the form was left idle; the audit has both."""
    host = Host()
    view = host.at_phone()
    host.clock.advance(3600)
    assert ("EXPIRED", ["timed_out"]) == ((last := host.look()).state, codes(last))
    events = [(r["event"], r["before"], r["after"]) for r in host.store.audit(session=view.id)]
    assert [("window_closed", "PHONE", "BIM016"), ("time_ran_out", "BIM016", "EXPIRED")] == events[-2:]


@pytest.mark.rule("S3")
def test_a_call_is_activity() -> None:
    """After a call the idle time of the next screen begins with the call."""
    host = Host()
    host.at_phone()
    host.clock.advance(100)
    host.call()
    assert host.clock() + IDLE == host.look().deadline


@pytest.mark.rule("S3")
@pytest.mark.parametrize(("procedure", "state"), FORMS + WAITS, ids=named)
def test_a_clock_gone_back_ends_a_session_beyond_the_skew_only(procedure: Procedure, state: str) -> None:
    """Behind what the session last saw by `clock_skew` nothing happens; a microsecond more and it is EXPIRED."""
    for back, after in ((SKEW, state), (SKEW + TICK, "EXPIRED")):
        host = host_for(state)
        host.at(procedure, state)
        host.clock.advance(-back)
        assert after == host.look().state
        if after != "EXPIRED":
            assert "CANCELLED" == host.send("cancel").state


@pytest.mark.rule("S3", "M2a")
def test_a_clock_gone_back_leaves_completing_and_the_ends_alone() -> None:
    """What waits for the bank, and what has ended, is beyond the clock."""
    host = Host()
    host.at_bim_completing()
    host.clock.advance(-3600)
    assert "COMPLETING" == host.look().state
    assert "DONE" == host.send("proceed").state
    host.clock.advance(-3600)
    assert "DONE" == host.look().state


@pytest.mark.rule("S3")
@given(steps=st.lists(st.floats(-2, 2), max_size=12))
def test_a_clock_that_trembles_within_the_skew_expires_nobody(steps: list[float]) -> None:
    """Events at times that differ by less than the skew, back and forth, never end a session."""
    host = Host()
    host.start()
    begin = host.clock()
    for step in steps:
        host.clock.advance(begin + timedelta(seconds=1 + step / 2) - host.clock())
        assert "BIM015" == host.send("submit_identity", {}).state


# Housekeeping -----------------------------------------------------------------------------------------------


@pytest.mark.rule("S3", "P6")
def test_expire_due_does_what_a_look_would_do() -> None:
    """The maintenance moves exactly the sessions that have run out, once, and audits it."""
    host = Host()
    idle = host.start()
    waiting = host.at_phone()
    done = host.at_bim016()
    host.send("cancel")
    completing = _completing(host)
    assert 0 == host.service.expire_due()
    host.clock.advance(126)
    assert 1 == host.service.expire_due(), "the window"
    host.clock.advance(IDLE)
    live = host.start()
    assert 2 == host.service.expire_due()
    assert 0 == host.service.expire_due()
    states = {record["id"]: record["state"] for record in host.service.operator.sessions()}
    expected = {
        idle.id: "EXPIRED", waiting.id: "EXPIRED", done.id: "CANCELLED", completing.id: "COMPLETING", live.id: "BIM015",
    }  # fmt: skip
    assert expected == states
    assert ["time_ran_out"] == [r["event"] for r in host.store.audit(session=idle.id)][1:]


def _completing(host: Host) -> View:
    host.at_phone(number=1)
    host.call(host.customer.contract.phones[1])
    host.look()
    host.bank.fail("carry_out", BankUnavailable)
    view = host.send("submit_reset", host.reset())
    assert "COMPLETING" == view.state
    return view


@pytest.mark.rule("S3")
def test_expire_due_leaves_a_turn_under_way_alone() -> None:
    """A session whose bank is slow is not expired under its feet."""
    host = Host()
    host.at_bim017()
    moved: list[int] = []

    def before(method: str) -> None:
        if method == "check_pin":
            host.bank.before = None
            host.clock.advance(30)
            moved.append(host.service.expire_due())

    host.bank.before = before
    host.clock.advance(IDLE - timedelta(seconds=1))
    assert "DONE" == host.send("submit_reset", host.reset()).state
    assert [0] == moved


@pytest.mark.rule("S8")
@pytest.mark.parametrize("end", ["DONE", "CANCELLED", "EXPIRED", "REJECTED", "LOCKED"])
def test_an_ended_session_is_purged_after_its_last_instant(end: str) -> None:
    """Through its retention an ended session can be looked at; afterwards it is gone, and its audit is not."""
    host = Host()
    view = host.at(LOGIN, end)
    host.send("nonsense", request_id="r1")
    records = host.store.audit(session=view.id)
    ended = host.clock() - timedelta(seconds=end == "EXPIRED")  # found a second after it had run out
    proved = end not in {"CANCELLED", "EXPIRED"}  # these two ended on the first screen
    host.clock.advance(ended + (MONTH if proved else timedelta(hours=24)) - host.clock())
    assert (0, end) == (host.service.purge(), host.look().state)
    host.clock.advance(TICK)
    assert 1 == host.service.purge()
    assert 0 == host.service.purge()
    assert [] == host.store.scan(SESSION) + host.store.scan(REQUEST) + host.store.scan(WAIT) + host.store.scan(
        IDENTITY_ATTEMPTS
    )
    assert records == host.store.audit(session=view.id)


@pytest.mark.rule("S8")
def test_purge_drops_no_live_session() -> None:
    """However old, a session that has not ended stays until somebody lets time pass for it."""
    host = Host()
    host.start()
    host.clock.advance(10 * MONTH)
    assert 0 == host.service.purge()
    assert 1 == host.service.expire_due()


@pytest.mark.rule("S8", "C4", "L2")
def test_purge_keeps_pending_effects_and_counts() -> None:
    """Locks that the bank has not confirmed outlive their session, and are delivered; the count still locks."""
    host = Host()
    host.at_bim017()
    for _ in range(2):
        host.send("submit_reset", host.reset(pin="9999"))
    host.bank.fail("carry_out", BankUnavailable, times=2)
    host.send("submit_reset", host.reset(pin="9999"))
    host.clock.advance(MONTH + TICK)
    assert 1 == host.service.purge()
    assert [] == host.store.scan(CALL)
    assert 2 == len(host.service.operator.effects(status="pending"))
    assert 2 == host.service.recover()
    assert ["LOCK_CARD", "LOCK_SERVICE", "NOTIFY"] == sorted(effect.kind for effect in host.bank.carried_out)
    assert 1 == len(host.store.scan(PIN_ATTEMPTS))
    events = [r["event"] for r in host.store.audit()]
    assert 3 == events.count("confirmed"), "what became of them is on record though the session is gone"
    host.clock.advance(MONTH + TICK)
    host.service.purge()
    assert [] == host.service.operator.effects()

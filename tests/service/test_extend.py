"""A customer who is still there says so: activity, and nothing else (S3)."""

from __future__ import annotations

import asyncio
from datetime import time, timedelta

import attrs
import pytest

from hosts import KEY, LIVE, WITH_CODES, Host, codes, named
from ja_reset import AsyncResetService, Hours, Policies, Procedure, View
from ja_reset.chart.states import StateKind
from ja_reset.policies import SessionPolicy
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeBank, FakeClock
from ja_reset.testing.cast import INSTITUTION

FORMS = [pair for pair in LIVE if pair[0].chart.states[pair[1]].kind is StateKind.FORM]
"""Where a customer can be idle."""
OTHERS = [pair for pair in LIVE if pair not in FORMS]
MINUTE = timedelta(minutes=1)


@pytest.mark.rule("S3")
@pytest.mark.parametrize(("procedure", "state"), FORMS, ids=named)
def test_it_moves_the_idle_limit_and_nothing_else(procedure: Procedure, state: str) -> None:
    """Whatever version it names: the deadline moves, and version, screen, counts and reasons stay as they are."""
    host = Host(policies=WITH_CODES)
    before = host.at(procedure, state)
    row = host.saved()
    host.clock.advance(8 * MINUTE)
    assert ("extend", True) == (before.events[-1], before.extendable)
    for version in (None, before.version, before.version - 1, 99):
        view = host.service.send(before.token, "extend", version=version)
        assert (before.version, before.screen, before.reasons, before.tries_left, before.moment) == (
            view.version,
            view.screen,
            view.reasons,
            view.tries_left,
            view.moment,
        )
        assert host.clock.now + 10 * MINUTE == view.deadline
    changed = {name for name, held in host.saved().items() if row.get(name) != held}
    assert {"active_at", "seen_at"} == changed
    host.clock.advance(10 * MINUTE)
    assert state == host.look().state
    host.clock.advance(timedelta(microseconds=1))
    assert ("EXPIRED", ["timed_out"]) == (host.look().state, codes(host.view))


@pytest.mark.rule("S3")
def test_it_does_not_pass_the_absolute_limit() -> None:
    """Where the whole time of the session comes first, it is told that nothing extends it."""
    host = Host()
    start = host.start()
    for _ in range(3):
        host.clock.advance(8 * MINUTE)
        view = host.send("extend")
    assert (start.version, False) == (view.version, view.extendable)
    assert view.deadline is not None
    assert 6 * MINUTE == view.deadline - host.clock.now
    host.clock.advance(6 * MINUTE + timedelta(microseconds=1))
    assert "EXPIRED" == host.send("extend").state


@pytest.mark.rule("S3")
def test_where_both_limits_fall_together_it_does_not_help() -> None:
    """What ends at the same instant anyway cannot be extended."""
    same = SessionPolicy(idle_timeout=10 * MINUTE, absolute_timeout=10 * MINUTE)
    assert not Host(policies=Policies(session=same)).start().extendable


@pytest.mark.rule("S3", "M5")
@pytest.mark.parametrize(("procedure", "state"), OTHERS, ids=named)
def test_where_no_time_out_applies_there_is_nothing_to_extend(procedure: Procedure, state: str) -> None:
    """Within a phone window, and while the bank is waited for, it is an event that is not there."""
    host = Host(policies=WITH_CODES)
    view = host.at(procedure, state)
    assert (False, False) == (view.extendable, "extend" in view.events)
    assert "event_not_available" in codes(host.send("extend"))


@pytest.mark.rule("S2a", "S3")
def test_the_reasons_of_the_last_turn_stay() -> None:
    """What the customer is told of a form stays told while the session is extended."""
    host = Host()
    host.start()
    told = host.send("submit_identity", {}).reasons
    host.clock.advance(MINUTE)
    assert told
    assert told == host.send("extend").reasons == host.look().reasons


@pytest.mark.rule("S2", "S3")
def test_the_answer_of_the_last_request_is_not_displaced() -> None:
    """A submit that is retried after it gets its first answer; the sign itself is remembered under no id."""
    host = Host()
    host.start()
    first = host.send("submit_identity", host.identity(), request_id="one")
    host.clock.advance(MINUTE)
    host.send("extend", request_id="two")
    again = host.service.send(first.token, "submit_identity", host.identity(), version=1, request_id="one")
    assert first == again


@pytest.mark.rule("S7", "S3")
def test_it_is_audited_as_the_transition_that_it_is() -> None:
    """Each leaves one record, without a reason, though reasons stand."""
    host = Host()
    host.start()
    host.send("submit_identity", {})
    host.clock.advance(MINUTE)
    host.send("extend")
    record = host.store.audit()[-1]
    assert ("extend", "BIM015", "BIM015", [], "BIM015.extend") == tuple(
        record[name] for name in ("event", "before", "after", "reasons", "arrow")
    )


@pytest.mark.rule("S3", "E4", "P2")
def test_the_asynchronous_service_does_the_same() -> None:
    """Moment, windows, extending and CLOSED are of one core."""
    shut = Hours.daily((time(0), time(0)), maintenance=[(FakeClock().now, FakeClock().now + MINUTE)])
    closed = attrs.evolve(INSTITUTION, id="ja-closed", hours=shut)
    bank, clock = FakeBank(institutions=[INSTITUTION, closed]), FakeClock()
    host = Host(bank=bank, clock=clock)
    sync = host.at_phone()

    async def run() -> tuple[View, View, View]:
        service = AsyncResetService(bank=bank, store=MemoryStore(), key=KEY, clock=clock)
        out = await service.start(Procedure.LOGIN_PASSWORD, institution="ja-closed")
        view = await service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id)
        clock.advance(MINUTE)
        extended = await service.send(view.token, "extend")
        view = await service.send(view.token, "submit_identity", host.identity())
        return out, extended, await service.send(view.token, "choose_phone", {"phone_id": view.phones[0].id})

    out, extended, waiting = asyncio.run(run())
    assert ("CLOSED", ["closed"]) == (out.state, codes(out))
    assert (clock.now + 10 * MINUTE, True, 1) == (extended.deadline, extended.extendable, extended.version)
    assert (sync.moment, sync.windows_left, sync.screen) == (waiting.moment, waiting.windows_left, waiting.screen)

"""One clock for all who share a store, and what a wrong clock left standing taken away (S3, P8, C4)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from hosts import KEY, Host
from ja_reset import AsyncResetService, InvalidArgument, Procedure, ResetService
from ja_reset.service._records import OUTBOX, WAIT
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Put
from ja_reset.testing import FakeBank, FakeClock
from ja_reset.testing._clock import START
from ja_reset.testing.cast import INSTITUTION, ORDINARY

DAY = timedelta(days=1)
NUMBER = ORDINARY.contract.phones[0]
WHO: Final[Mapping[str, Any]] = {"by": "op-7", "reason": "the clock of web-2 ran a day ahead"}


class Timed(MemoryStore):
    """A store that tells the time of the server that its users share."""

    def now(self) -> datetime:
        """Always the same."""
        return START


class Distant(Timed):
    """Such a store behind a network: an asynchronous host asks it on a thread of its own."""

    blocking = True


# Which clock ------------------------------------------------------------------------------------------------


@pytest.mark.rule("S3")
def test_without_a_clock_of_the_hosts_a_store_that_tells_the_time_is_believed() -> None:
    """Where no `clock` is given the time of the store's server counts, whatever this machine says."""
    service = ResetService(bank=FakeBank(), store=Timed(), key=KEY)
    service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id)
    assert [START.isoformat()] == [each["created_at"] for each in service.operator.sessions()]


@pytest.mark.rule("S3")
def test_a_clock_that_is_given_is_used_as_it_is() -> None:
    """The host's own clock goes before the store's."""
    clock = FakeClock(START + DAY)
    service = ResetService(bank=FakeBank(), store=Timed(), key=KEY, clock=clock)
    service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id)
    assert [(START + DAY).isoformat()] == [each["created_at"] for each in service.operator.sessions()]


def test_a_store_without_a_time_of_its_own_leaves_it_to_the_machine() -> None:
    """A memory store has no server: the system's clock is read."""
    before = datetime.now(UTC)
    service = ResetService(bank=FakeBank(), store=MemoryStore(), key=KEY)
    service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id)
    (session,) = service.operator.sessions()
    assert before <= datetime.fromisoformat(str(session["created_at"])) <= datetime.now(UTC)


@pytest.mark.rule("S3")
@pytest.mark.parametrize("kind", [Timed, Distant], ids=["at once", "on a thread"])
def test_an_asynchronous_service_goes_by_the_stores_time_too(kind: type[MemoryStore]) -> None:
    """The awaited face asks the store as well, and waits where the store has to connect first."""

    async def told() -> list[object]:
        store = kind()
        service = AsyncResetService(bank=FakeBank(), store=store, key=KEY, clock=None)
        await service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id)
        return [each["created_at"] for each in await service.operator.sessions()]

    assert [START.isoformat()] == asyncio.run(told())


# Lifting a rest ---------------------------------------------------------------------------------------------


def _rests_too_long(host: Host) -> None:
    """A session left the phone screen while the clock ran a day ahead: its number rests for a day and two minutes."""
    host.at_bim016()
    host.clock.advance(DAY)
    host.at_phone()
    host.send("back")
    host.clock.advance(-DAY)


@pytest.mark.rule("P8", "L6", "S7")
def test_a_rest_that_a_wrong_clock_left_is_lifted_and_audited() -> None:
    """Nothing shortens the rest by itself; `operator.lift` takes it away, and the audit says who and why."""
    host = Host()
    _rests_too_long(host)
    host.clock.advance(3600)
    host.at_bim016()
    assert ["number_in_use"] == [reason.code for reason in host.send("choose_phone", host.phone()).reasons]
    host.service.operator.lift(number=NUMBER, **WHO)
    record = host.store.audit()[-1]
    assert ("lift", "op-7", WHO["reason"]) == (record["event"], record["actor"], record["reason"])
    assert NUMBER not in str(record)
    assert "PHONE" == host.send("choose_phone", host.phone()).state


@pytest.mark.rule("P8")
def test_a_number_that_a_session_waits_for_is_not_lifted() -> None:
    """A wait under way stays: lifting would let two sessions wait for one number."""
    host = Host()
    host.at_phone()
    with pytest.raises(InvalidArgument, match="waits for that number"):
        host.service.operator.lift(number=NUMBER, **WHO)
    assert "VERIFIED" == host.call().status.value


@pytest.mark.rule("P8", "S3")
def test_a_wait_of_a_session_whose_clock_ran_ahead_is_lifted_with_it() -> None:
    """A wait that began a day ahead belongs to a session that the clock has ended: the number is free afterwards."""
    host = Host()
    host.clock.advance(DAY)
    ahead = host.at_phone()
    host.clock.advance(-DAY)
    host.service.operator.lift(number=NUMBER, **WHO)
    assert "EXPIRED" == host.service.view(ahead.token).state
    assert None is host.store.get(WAIT, "+81" + NUMBER.replace("-", "")[1:])
    assert "PHONE" == host.at_phone().state


@pytest.mark.rule("P8")
def test_a_number_that_does_not_rest_is_an_error_in_words() -> None:
    """Nothing to lift: said so, and nothing is audited, whether the number never rested or its rest has passed."""
    host = Host()
    for _ in range(2):
        before = host.store.audit()
        with pytest.raises(InvalidArgument, match="is not resting"):
            host.service.operator.lift(number=NUMBER, **WHO)
        assert before == host.store.audit()
        host.at_phone()
        host.send("back")
        host.clock.advance(121)


# Lifting a lease --------------------------------------------------------------------------------------------


def _leased_too_long(host: Host) -> str:
    """A process that ran a day ahead died while it gave the effect; the effect's key."""
    host.at_bim017()
    host.bank.fail("carry_out", KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        host.send("submit_reset", host.reset())
    key = str(host.service.operator.effects(status="pending")[0]["key"])
    row = host.store.get(OUTBOX, key)
    assert row is not None
    lease = (host.clock.now + DAY).isoformat()
    assert host.store.commit([Put(OUTBOX, key, row.stamp, {**row.body, "lease": lease}, row.tag, row.due)])
    return key


@pytest.mark.rule("C4", "S7")
def test_a_lease_that_a_wrong_clock_left_is_lifted_and_the_effect_given() -> None:
    """`recover()` leaves a leased effect alone for as long as the lease says; lifted, it is delivered once."""
    host = Host()
    key = _leased_too_long(host)
    host.clock.advance(3600)
    assert 0 == host.service.recover()
    host.service.operator.lift(effect=key, **WHO)
    assert "SET_LOGIN_PASSWORD" == host.store.audit()[-1]["effect"]
    assert 1 <= host.service.recover()
    assert [] == host.service.operator.effects(status="pending")
    with pytest.raises(InvalidArgument, match="leased"):
        host.service.operator.lift(effect=key, **WHO)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"number": NUMBER, "effect": "x"},
        {"number": "12"},
        {"effect": "no such key"},
        {"effect": 7},
        {"number": NUMBER, "by": ""},
        {"number": NUMBER, "by": "a\nb"},
        {"number": NUMBER, "reason": "x" * 201},
        {"number": NUMBER, "reason": None},
    ],
    ids=str,
)
def test_what_is_no_act_is_refused_in_words_and_changes_nothing(arguments: dict[str, str]) -> None:
    """Neither or both, a number that is none, an unknown key, no name or reason: InvalidArgument, nothing written."""
    host = Host()
    _rests_too_long(host)
    before = host.store.audit()
    with pytest.raises(InvalidArgument):
        host.service.operator.lift(**{**WHO, **arguments})
    assert before == host.store.audit()


def test_the_asynchronous_operator_lifts_too() -> None:
    """The awaited face has the same act."""
    host = Host()
    _rests_too_long(host)

    async def lift() -> None:
        service = AsyncResetService(bank=host.bank, store=host.store, key=KEY, clock=host.clock)
        await service.operator.lift(number=NUMBER, **WHO)

    asyncio.run(lift())
    assert "PHONE" == host.at_phone().state

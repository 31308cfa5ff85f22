"""`ping()`: whether the store answers, how old the oldest pending order is, how far the clocks are apart."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import datetime, timedelta

import attrs
import pytest

from hosts import KEY, Host
from ja_reset import AsyncResetService, BankUnavailable, Health, InvalidArgument, ResetService, StoreError
from ja_reset.service._records import OUTBOX
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Put, Row, Store
from ja_reset.testing import FakeBank, FakeClock


def _without_clock(health: Health) -> Health:
    """What does not depend on the hour at which the test runs: a server has the real time, the host a fake one."""
    return attrs.evolve(health, clock_difference=None)


def _awaited(host: Host, store: Store) -> Health:
    service = AsyncResetService(bank=host.bank, store=store, key=KEY, clock=host.clock)

    async def ask() -> Health:
        return await service.ping()

    return asyncio.run(ask())


@pytest.mark.rule("C4")
def test_a_ping_tells_how_old_the_oldest_pending_order_is(store: Store) -> None:
    """Of several, the oldest; none where none waits; both services say the same; nothing is changed or asked."""
    host = Host(store=store)
    assert Health(store=True) == _without_clock(host.service.ping())
    for seconds in (300, 40):
        host.at_bim017()
        host.bank.fail("carry_out", BankUnavailable, times=3)
        host.send("submit_reset", host.reset())
        host.clock.advance(seconds)
    asked, audit = list(host.bank.asked), host.store.audit()
    health = _without_clock(host.service.ping())
    assert health.oldest_order is not None
    assert timedelta(seconds=340) <= health.oldest_order < timedelta(seconds=400)
    assert health == _without_clock(_awaited(host, store))
    assert (asked, audit) == (list(host.bank.asked), host.store.audit())
    waited = health.oldest_order.total_seconds()
    assert {"store": True, "oldest_order": waited, "overdue_orders": 0, "clock_difference": None} == health.to_dict()
    for _ in range(6):
        with suppress(BankUnavailable):
            host.service.recover()
        host.clock.advance(3600)
    assert Health(store=True) == _without_clock(host.service.ping())


@pytest.mark.rule("C4")
def test_a_ping_tells_how_many_orders_are_overdue(store: Store) -> None:
    """An order past its deadline is no longer the oldest that is pending: it waits for an operator."""
    host = Host(store=store)
    host.at_bim017()
    host.bank.fail("carry_out", BankUnavailable, times=3)
    host.send("submit_reset", host.reset())
    host.clock.advance(host.policies.session.effect_deadline + timedelta(minutes=1))
    host.service.recover()
    health = host.service.ping()
    assert (None, 1) == (health.oldest_order, health.overdue_orders)
    (overdue,) = host.service.operator.effects(status="overdue")
    host.service.operator.settle(str(overdue["key"]), confirmed=False, by="op-7", reason="asked", context={"desk": "4"})
    assert {"desk": "4"} == host.store.audit()[-1]["context"]
    assert 0 == host.service.ping().overdue_orders


class Gone(MemoryStore):
    """A store that does not answer."""

    def scan(self, *_: object, **__: object) -> list[Row]:
        """It is away."""
        msg = "no connection"
        raise StoreError(msg)


def test_a_store_that_does_not_answer_is_told_and_raises_nothing() -> None:
    """A health check gets a value; it says that the store is away, and no more."""
    host = Host(store=Gone())
    assert Health(store=False) == host.service.ping() == _awaited(host, host.store)
    told = {"store": False, "oldest_order": None, "overdue_orders": 0, "clock_difference": None}
    assert told == json.loads(json.dumps(host.service.ping().to_dict()))


def test_a_row_that_cannot_be_read_hides_no_other(store: Store) -> None:
    """The oldest of those that can be read is told."""
    host = Host(store=store)
    host.at_bim017()
    host.bank.fail("carry_out", BankUnavailable, times=3)
    host.send("submit_reset", host.reset())
    host.clock.advance(60)
    before = _without_clock(host.service.ping())
    assert timedelta(seconds=60) <= (before.oldest_order or timedelta(0))
    assert store.commit([Put(OUTBOX, "0", None, {"odd": 1}, "pending")])
    assert before == _without_clock(host.service.ping())


def test_a_clock_that_has_gone_back_makes_no_age_negative(store: Store) -> None:
    """An order of the future is of now."""
    host = Host(store=store)
    host.at_bim017()
    host.bank.fail("carry_out", BankUnavailable, times=3)
    host.send("submit_reset", host.reset())
    host.clock.advance(-3600)
    assert timedelta(0) == host.service.ping().oldest_order


@attrs.define(eq=False, slots=False)
class Timed(MemoryStore):
    """A store whose server has a clock."""

    server: FakeClock = attrs.field(factory=FakeClock)

    def __attrs_post_init__(self) -> None:
        super().__init__()

    def now(self) -> datetime:
        """The server's time."""
        return self.server()


@pytest.mark.rule("S3")
@pytest.mark.parametrize("seconds", [0, 5, -7])
def test_a_ping_tells_how_far_the_clocks_are_apart(seconds: int) -> None:
    """The service's clock minus the store's; a service without a clock of its own uses the store's."""
    timed = Timed()
    host = Host(store=timed, clock=FakeClock(timed.server()))
    host.clock.advance(seconds)
    assert timedelta(seconds=seconds) == host.service.ping().clock_difference
    assert timedelta(seconds=seconds) == _awaited(host, timed).clock_difference
    without = ResetService(bank=FakeBank(), store=timed, key=KEY)
    assert timedelta(0) == without.ping().clock_difference


def test_what_the_hosts_clock_raises_is_passed_on() -> None:
    """A clock that gives no aware time is the host's mistake, not the store's."""

    def naive() -> datetime:
        return datetime(2026, 4, 1)  # noqa: DTZ001 - that is the mistake

    service = ResetService(bank=FakeBank(), store=MemoryStore(), key=KEY, clock=naive)
    with pytest.raises(InvalidArgument, match="aware"):
        service.ping()


@pytest.mark.rule("S3")
def test_a_server_with_a_clock_is_compared_with(store: Store) -> None:
    """PostgreSQL tells the time, so a fake clock is far from it; the other stores have no clock."""
    difference = Host(store=store).service.ping().clock_difference
    assert (getattr(store, "now", None) is None) == (difference is None)
    own = ResetService(bank=FakeBank(), store=store, key=KEY).ping().clock_difference
    assert own is None or abs(own) < timedelta(seconds=1)

"""The host's keys are rotated while customers are under way (S5): old first, new first, then without the old one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
import pytest

from hosts import ACTIVATION, KEY, NEW_PASSWORD, WITH_CODES, Host
from ja_reset import AsyncResetService, CallStatus, Secret
from ja_reset.service._records import OUTBOX
from ja_reset.service._rotation import KeyUse
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.stores.rows import Put, Store
from ja_reset.testing import FakeBank

NEW = bytes(range(32, 64))


def rotated(host: Host, *keys: bytes) -> Host:
    """The same host after a deploy with these keys, for the same customer."""
    other = attrs.evolve(host, key=keys, calls=host.calls)
    other._view = host.view
    return other


def used(host: Host) -> list[tuple[int | None, int]]:
    """Which key, by its place, has sealed how many secrets."""
    return [(use.place, use.sealed) for use in uses(host)]


def uses(host: Host) -> tuple[KeyUse, ...]:
    """What the operator is told of the keys."""
    return host.service.operator.keys()


def three_secrets(store: Store) -> tuple[Host, str, str]:
    """A host with an order that waits, an activation password and a code; the token that waits, and the code."""
    host = Host(store=store)
    waits = host.at_bim_completing()
    host.clock.advance(host.policies.phone.number_rest.total_seconds() + 1)
    host.at_btr004()
    answer = host.call()
    assert (CallStatus.ANNOUNCE, Secret) == (answer.status, type(answer.code))
    host.look()
    return host, waits.token, answer.code.reveal() if answer.code else ""


@pytest.mark.rule("S5")
def test_every_secret_under_way_is_counted_and_moved(tmp_path: Path) -> None:
    """An order, an activation password and a code: three secrets of the old key; then of the new one, and they open."""
    host, waits, code = three_secrets(SqliteStore(tmp_path / "reset.db"))
    assert [(0, 3)] == used(host)

    both = rotated(host, NEW, KEY)
    assert [(0, 0), (1, 3)] == used(both)
    assert 3 == both.service.operator.reseal()
    assert [(0, 3), (1, 0)] == used(both)
    assert 0 == both.service.operator.reseal()

    after = rotated(both, NEW)
    assert CallStatus.VERIFIED is after.keys(code).status
    assert "DONE" == after.service.send(waits, "proceed").state
    assert "BTR005" == after.look().state
    given = {
        value.reveal()
        for effect in after.bank.carried_out
        for value in effect.data.values()
        if isinstance(value, Secret)
    }
    assert {ACTIVATION, NEW_PASSWORD.lower()} == {each.lower() for each in given}
    assert [(0, 0)] == used(after)


@pytest.mark.rule("S5")
def test_a_key_that_is_missing_is_named_and_nothing_is_lost() -> None:
    """Dropped too early, the old key is listed without a place; what it sealed stays, and opens once it is back."""
    host, _, code = three_secrets(MemoryStore())
    early = rotated(host, NEW)
    assert [(0, 0), (None, 3)] == used(early)
    assert 0 == early.service.operator.reseal()
    back = rotated(early, NEW, KEY)
    assert [each.name for each in uses(early)] == [each.name for each in uses(back)]
    assert CallStatus.VERIFIED is back.keys(code).status


@pytest.mark.rule("S5", "S7")
def test_sealing_again_is_audited_without_the_secret() -> None:
    """Each session and order that was sealed again has a record; the version that the customer saw goes on."""
    host, _, _ = three_secrets(MemoryStore())
    seen = host.view.version
    both = rotated(host, NEW, KEY)
    both.service.operator.reseal()
    records = [record for record in both.store.audit() if record["event"] == "reseal"]
    assert [{"time", "session", "institution", "event", "reasons"}] * 2 == [set(record) for record in records]
    assert seen == both.look().version


@pytest.mark.rule("S5")
def test_a_turn_that_is_faster_keeps_its_change() -> None:
    """Where the customer cancels between the reading and the commit, there is nothing left to seal again."""

    class Overtaken(MemoryStore):
        """A store in which something happens just before the next commit."""

        before: Callable[[], object] | None = None

        def commit(self, puts: Sequence[Put], audit: Sequence[object] = ()) -> bool:
            happens, self.before = self.before, None
            if happens is not None:
                happens()
            return super().commit(puts, audit)  # type: ignore[arg-type]  # as they came

    store = Overtaken()
    host = Host(store=store)
    host.at_btr004()
    both = rotated(host, NEW, KEY)
    store.before = lambda: host.send("cancel")
    assert 0 == both.service.operator.reseal()
    assert "CANCELLED" == both.look().state


@pytest.mark.rule("S5", "S4")
def test_a_row_that_cannot_be_read_is_left_to_those_who_can() -> None:
    """The session of a newer release is passed over; the order beside it is moved."""
    host, _, _ = three_secrets(MemoryStore())
    row = host.row()
    newer = {**row.body, "form": 1_000_000}
    assert host.store.commit([Put(row.kind, row.key, row.stamp, newer, row.tag, row.due, stamp="newer")])
    both = rotated(host, NEW, KEY)
    assert 1 == both.service.operator.reseal()
    left = host.store.get(row.kind, row.key)
    assert left is not None
    assert newer == left.body


@pytest.mark.rule("S5")
@pytest.mark.parametrize("sealed", ["v2.zz", "v3.AAAAAAAA.AAAA", ""])
def test_a_secret_that_nobody_can_open_hides_no_other(sealed: str) -> None:
    """A damaged one, or one of a newer format, is counted under no name and stays; the others are moved."""
    host, _, _ = three_secrets(MemoryStore())
    (row,) = host.store.scan(OUTBOX)
    damaged = {**row.body, "sealed": {"new_password": sealed}}
    assert host.store.commit([Put(row.kind, row.key, row.stamp, damaged, row.tag, row.due, stamp="damaged")])
    both = rotated(host, NEW, KEY)
    assert [(0, 0), (1, 2), (None, 1)] == used(both)
    assert (2, "") == (both.service.operator.reseal(), uses(both)[-1].name)
    assert [(0, 2), (1, 0), (None, 1)] == used(both)
    left = host.store.get(row.kind, row.key)
    assert left is not None
    assert damaged == left.body


@pytest.mark.rule("S5")
def test_the_asynchronous_service_rotates_too() -> None:
    """The same two calls, awaited."""

    async def rotate() -> tuple[int, list[int]]:
        service = AsyncResetService(bank=host.bank, store=host.store, key=(NEW, KEY), clock=host.clock)
        moved = await service.operator.reseal()
        return moved, [use.sealed for use in await service.operator.keys()]

    host, _, _ = three_secrets(MemoryStore())
    assert (3, [3, 0]) == asyncio.run(rotate())


@pytest.mark.rule("S5")
def test_a_code_in_the_bim_family_is_moved_as_well() -> None:
    """Where a policy asks for a code at PHONE, its seal follows the keys like the others."""
    host = Host(policies=WITH_CODES, bank=FakeBank())
    host.at_phone_keys()
    both = rotated(host, NEW, KEY)
    assert 1 == both.service.operator.reseal()
    assert [(0, 1), (1, 0)] == used(both)

"""What a turn takes for known: rows that it has read or written, and how a change by somebody else is noticed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import attrs
import pytest

from hosts import KEY, Host, codes
from ja_reset import AsyncResetService, CallStatus, View
from ja_reset.proofs.attempts import PinAttempts
from ja_reset.service._io import Flow, run
from ja_reset.service._records import CODES, OUTBOX, PIN_ATTEMPTS, REQUEST, WAIT
from ja_reset.service._sealing import Sealer
from ja_reset.service._shell import Shell
from ja_reset.service._unit_of_work import UnitOfWork
from ja_reset.service.saved import save
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Put, Store
from ja_reset.testing import FakeBank, FakeClock
from ja_reset.testing.cast import ORDINARY

A_MINUTE = 61
"""Seconds after which a lease has run out."""


class WatchedStore(MemoryStore):
    """A store in which something happens right before a commit, or right after it."""

    before: Callable[[Sequence[Put]], None] | None = None
    after: Callable[[Sequence[Put]], None] | None = None

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """The commit, and what happens around it."""
        if self.before is not None:
            self.before(puts)
        made = super().commit(puts, audit)
        if self.after is not None:
            self.after(puts)
        return made


def changed(store: MemoryStore, kind: str, key: str) -> None:
    """Somebody else writes the row."""
    row = store.get(kind, key)
    body = {} if row is None else row.body
    assert store.commit([Put(kind, key, None if row is None else row.stamp, {**body, "more": "1"})])


def _done(flow: Flow[bool], store: MemoryStore) -> bool:
    return run(flow, Shell(FakeBank(), store, FakeClock(), Sealer(KEY), lambda _seconds: None))


def _sent(host: Host, view: View, *, awaited: bool, **typed_else: str) -> View:
    """The reset from BIM017, under one request id, by a service of either kind."""
    typed = host.reset(**typed_else)
    if not awaited:
        return host.service.send(view.token, "submit_reset", typed, version=view.version, request_id="r")
    service = AsyncResetService(bank=host.bank, store=host.store, key=KEY, clock=host.clock)
    return asyncio.run(service.send(view.token, "submit_reset", typed, version=view.version, request_id="r"))


@pytest.mark.rule("S2", "L3")
@pytest.mark.parametrize("was_there", [True, False])
@pytest.mark.parametrize("changes", [True, False])
def test_what_was_read_before_the_bank_was_asked_counts_only_if_it_is_unchanged(
    *, was_there: bool, changes: bool
) -> None:
    """A row that is relied on after the bank was asked is named by the commit, there or not, and written by nobody."""
    store, unit = MemoryStore(), UnitOfWork()
    if was_there:
        changed(store, WAIT, "relied")
    changed(store, CODES, "beside")

    def turn() -> Flow[bool]:
        first = yield from unit.read(WAIT, "relied")
        yield from unit.read(CODES, "beside")
        unit.outdate()
        if changes:
            changed(store, WAIT, "relied")
        changed(store, CODES, "beside")  # nobody relies on it
        assert first == (yield from unit.read(WAIT, "relied"))
        yield from unit.put(PIN_ATTEMPTS, "ref", PinAttempts())
        return (yield from unit.save())

    assert changes is not _done(turn(), store)
    assert changes is (store.get(PIN_ATTEMPTS, "ref") is None)
    if not changes:
        row = store.get(WAIT, "relied")
        assert ({"more": "1"} if was_there else None) == (None if row is None else row.body)


def test_what_a_unit_has_written_it_knows_and_writes_again() -> None:
    """After a commit that was made the row is known with its stamp; after a refused one it is read again."""
    store, unit = MemoryStore(), UnitOfWork()

    def turn() -> Flow[bool]:
        yield from unit.put(PIN_ATTEMPTS, "ref", PinAttempts(total=1))
        assert (yield from unit.save())
        assert unit.knows(PIN_ATTEMPTS, "ref")
        assert PinAttempts(total=1) == (yield from unit.load(PIN_ATTEMPTS, "ref", PinAttempts))
        yield from unit.put(PIN_ATTEMPTS, "ref", PinAttempts(total=2))
        assert (yield from unit.save())
        row = store.get(PIN_ATTEMPTS, "ref")
        assert row is not None
        assert store.commit([attrs.evolve(Put(row.kind, row.key, row.stamp, save(PinAttempts(total=7))))])
        yield from unit.put(PIN_ATTEMPTS, "ref", PinAttempts(total=3))
        assert not (yield from unit.save())
        assert PinAttempts(total=7) == (yield from unit.load(PIN_ATTEMPTS, "ref", PinAttempts))
        yield from unit.put(PIN_ATTEMPTS, "ref", None)
        return (yield from unit.save())

    assert _done(turn(), store)
    assert store.get(PIN_ATTEMPTS, "ref") is None


@pytest.mark.rule("C4", "L6")
def test_a_process_that_stood_still_after_its_order_looks_whether_it_was_delivered() -> None:
    """Its lease has run out, and another process has delivered the effect: the bank is told of it once."""
    store = WatchedStore()
    host = Host(store=store)
    host.at_bim017()

    def stands_still(puts: Sequence[Put]) -> None:
        if any(put.kind == OUTBOX for put in puts):
            store.after = None
            host.clock.advance(A_MINUTE)
            assert host.beside().service.recover() == 1

    store.after = stands_still
    view = host.send("submit_reset", host.reset(), request_id="r")
    assert view.state == "DONE"
    assert [method for method, _ in host.bank.asked].count("carry_out") == 2


@pytest.mark.rule("S2", "L3", "A3")
def test_a_turn_that_has_lost_its_claim_asks_the_bank_nothing_more() -> None:
    """The card was locked when it decided, and is open when its commit is refused: it does not check the PIN."""
    store = WatchedStore()
    host = Host(store=store)
    view, ref = host.at_bim017(), host.customer.contract.ref
    assert store.commit([Put(PIN_ATTEMPTS, ref, None, save(PinAttempts(locked=True)))])

    def another_goes_on(puts: Sequence[Put]) -> None:
        if any(put.kind == REQUEST and put.body and "until" not in put.body for put in puts):
            store.before = None
            row = store.get(PIN_ATTEMPTS, ref)
            assert row is not None
            assert store.commit([Put(PIN_ATTEMPTS, ref, row.stamp, None)])
            host.clock.advance(A_MINUTE)
            host.beside().service.send(view.token, "cancel")

    store.before = another_goes_on
    host.bank.asked.clear()
    after = host.service.send(view.token, "submit_reset", host.reset(), version=view.version, request_id="r")
    assert (after.state, codes(after)[:1]) == ("CANCELLED", ["stale"])
    assert [] == [method for method, _ in host.bank.asked if method == "check_pin"]


@pytest.mark.rule("L6", "C4")
@pytest.mark.parametrize("awaited", [False, True])
def test_a_lock_that_was_withdrawn_while_its_process_stood_still_is_not_given(*, awaited: bool) -> None:
    """An operator has lifted its lease and unlocked the card: the process that recorded the lock locks nothing."""
    store = WatchedStore()
    host = Host(store=store)
    host.at_bim017()
    for _ in range(2):
        host.send("submit_reset", host.reset(pin="0000"))

    def stands_still(puts: Sequence[Put]) -> None:
        locks = [put.key for put in puts if put.kind == OUTBOX and put.body and put.body["kind"] != "NOTIFY"]
        if not locks:
            return
        store.after = None
        operator = host.beside().service
        for key in locks:
            operator.operator.lift(effect=key, by="op", reason="a wrong clock")
        operator.unlock(
            ORDINARY.institution, branch=ORDINARY.branch, subject=ORDINARY.subject, account=ORDINARY.account
        )

    store.after = stands_still
    assert _sent(host, host.view, pin="0000", awaited=awaited).state == "LOCKED"
    assert ["NOTIFY"] == [str(each.kind) for each in host.bank.carried_out]


@pytest.mark.rule("C4", "S2")
@pytest.mark.parametrize("awaited", [False, True])
@pytest.mark.parametrize("confirmed", [True, False])
def test_an_order_that_an_operator_settles_while_the_bank_is_slow_has_one_outcome(
    store: Store, *, confirmed: bool, awaited: bool
) -> None:
    """The turn that gave it knows session, effect and request from before: its commit is refused, and it reads them."""
    host = Host(store=store)
    view = host.at_bim017()

    def operator_settles(method: str) -> None:
        if method == "carry_out":
            host.bank.before = None
            host.clock.advance(A_MINUTE)
            (order,) = host.beside().service.operator.effects(status="pending")
            host.beside().service.operator.settle(order.key, confirmed=confirmed, by="op", reason="told by the branch")

    host.bank.before = operator_settles
    send = [_sent(host, view, awaited=awaited) for _ in range(2)]
    assert {"DONE" if confirmed else "BIM017"} == {each.state for each in send}
    assert codes(send[0]) == codes(send[1])
    assert host.service.view(view.token).state == send[0].state
    late = [record for record in host.store.audit(session=view.id) if record["event"] == "answered_late"]
    assert (0 if confirmed else 1) == len(late)
    assert (1 if confirmed else 0) == len([each for each in host.bank.carried_out if each.kind == "NOTIFY"])


@pytest.mark.rule("S5", "C4")
def test_an_order_whose_row_is_sealed_again_while_the_bank_is_slow_is_settled_once(store: Store) -> None:
    """A new key is rolled out, and `reseal()` rewrites session and effect between the order and its answer."""
    host = Host(store=store)
    host.at_bim017()
    after = attrs.evolve(host, key=(bytes(range(1, 33)), KEY))

    def rolls_out(method: str) -> None:
        if method == "carry_out":
            host.bank.before = None
            assert after.service.operator.reseal() > 0

    host.bank.before = rolls_out
    assert host.send("submit_reset", host.reset(), request_id="r").state == "DONE"
    assert ["SET_LOGIN_PASSWORD", "NOTIFY"] == [str(each.kind) for each in host.bank.carried_out]
    assert {"confirmed"} == {each.status for each in host.service.operator.effects()}


@pytest.mark.rule("P8", "A2")
def test_a_rest_that_an_operator_lifts_while_the_bank_is_asked_leaves_one_wait(store: Store) -> None:
    """The row of the number goes while the turn that opens a wait asks the bank: one session waits, one call counts."""
    host = Host(store=store)
    host.at_phone()
    host.send("cancel")
    host.at_bim016()

    def lifts(method: str) -> None:
        if method == "contract":
            host.bank.before = None
            number = host.customer.contract.phones[0]
            host.beside().service.operator.lift(number=number, by="op", reason="a wrong clock")

    host.bank.before = lifts
    assert host.send("choose_phone", host.phone(), request_id="r").state == "PHONE"
    (wait,) = host.service.operator.waits()
    assert wait.session == host.view.id
    assert host.call().status is CallStatus.VERIFIED

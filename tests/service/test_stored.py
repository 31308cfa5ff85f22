"""Rows that a service cannot use, and maintenance from several machines: the same over every store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

from hosts import KEY, Host
from ja_reset import AsyncResetService, Procedure, SealError, Secret, StoreError
from ja_reset.bank._values import CallStatus, EffectKind
from ja_reset.errors import BankUnavailable
from ja_reset.proofs.attempts import PinAttempts
from ja_reset.service._records import CALL, CODES, IDENTITY_ATTEMPTS, OUTBOX, PIN_ATTEMPTS, REQUEST, WAIT
from ja_reset.service.saved import load
from ja_reset.stores.rows import Put, Store
from ja_reset.testing import FakeBank

NEW_KEY = bytes(reversed(KEY))


def rewritten(host: Host, body: Mapping[str, object]) -> None:
    """Let the session's row say something else, as if by hand."""
    row = host.row()
    assert host.store.commit([Put(row.kind, row.key, row.stamp, body, row.tag, row.due)])


@pytest.mark.rule("S5", "C4")
def test_a_key_that_was_rotated_opens_what_it_sealed(store: Store) -> None:
    """The first key seals and all open; without the old key the error says so, and adding it loses nothing."""
    host = Host(store=store)
    host.at_btr_completing()
    sealed = store.scan("effect")
    wrong = attrs.evolve(host, key=NEW_KEY)
    host.clock.advance(61)
    with pytest.raises(SealError, match="pass the key that sealed it"):
        wrong.service.recover()
    host.clock.advance(61)
    assert "COMPLETING" == host.look().state
    assert [row.body["sealed"] for row in sealed] == [row.body["sealed"] for row in store.scan("effect")]
    host.clock.advance(61)
    both = attrs.evolve(host, key=(NEW_KEY, KEY))
    assert both.service.recover() > 0
    assert "BTR005" == host.look().state
    (effect,) = [each for each in host.bank.carried_out if each.kind is EffectKind.ISSUE_TOKEN]
    assert isinstance(effect.data["activation_password"], Secret)
    both.at_btr004()
    code = both.call().code
    assert code is not None
    only_new = attrs.evolve(both, key=NEW_KEY)
    assert CallStatus.VERIFIED is only_new.keys(code.reveal()).status


@pytest.mark.rule("S4")
@pytest.mark.parametrize(
    ("change", "words"),
    [({"form": 2}, "newer release"), ({"form": 0}, "too old"), ({"form": "1"}, "damaged"), ({"state": 7}, "damaged")],
    ids=["newer", "older", "another type", "edited"],
)
def test_a_session_that_cannot_be_read_is_left_as_it_is(store: Store, change: dict[str, object], words: str) -> None:
    """Looks, events and the maintenance say what is wrong, and change nothing; what is newer is left to its release."""
    host = Host(store=store)
    host.at_phone()
    right = host.saved()
    rewritten(host, right | change)
    before = store.scan("session"), store.scan("wait"), store.scan("identity")
    host.clock.advance(3600)
    for use in (host.look, lambda: host.send("cancel")):
        with pytest.raises(StoreError, match=words):
            use()
    if words == "newer release":
        assert 0 == host.service.expire_due()
    else:
        with pytest.raises(StoreError, match=words):
            host.service.expire_due()
    assert before == (store.scan("session"), store.scan("wait"), store.scan("identity"))
    rewritten(host, right)
    assert "EXPIRED" == host.look().state


@pytest.mark.rule("L1", "S4")
def test_a_count_that_was_edited_by_hand_is_no_way_in(store: Store) -> None:
    """A damaged PIN count: StoreError before the PIN is checked, not a count that restarts."""
    host = Host(store=store)
    host.at_bim017()
    assert store.commit([Put(PIN_ATTEMPTS, host.customer.ref, None, {"wrong": "none"})])
    asked = len(host.bank.asked)
    with pytest.raises(StoreError, match="damaged"):
        host.send("submit_reset", host.reset())
    assert not [each for each in host.bank.asked[asked:] if each[0] == "check_pin"]
    row = store.get(PIN_ATTEMPTS, host.customer.ref)
    assert row is not None
    assert row.body == {"wrong": "none"}


@pytest.mark.rule("C4", "A6")
def test_several_machines_may_recover_at_once(store: Store) -> None:
    """However many processes call it at the same time: each effect is carried out once, and counted once."""
    host = Host(store=store)
    for _ in range(3):
        host.at_bim_completing()
    host.clock.advance(61)
    many = [host.beside() for _ in range(4)]
    given = len(host.bank.carried_out)
    with ThreadPoolExecutor(4) as threads:
        settled = list(threads.map(lambda each: each.service.recover(), many))
    kinds = [each.kind for each in host.bank.carried_out[given:]]
    assert 3 == kinds.count(EffectKind.SET_LOGIN_PASSWORD)
    assert 3 == kinds.count(EffectKind.NOTIFY)
    assert 3 <= sum(settled)
    assert 0 == host.service.recover()
    assert [] == host.service.operator.effects(status="pending")


@pytest.mark.rule("S3", "S8")
def test_several_machines_may_end_and_drop_what_is_due_at_once(store: Store) -> None:
    """Of processes that call `expire_due`, or `purge`, at the same time each session is ended, or dropped, by one."""
    host = Host(store=store)
    for procedure in Procedure:
        for _ in range(3):
            host.start(procedure)
    many = [host.beside() for _ in range(4)]
    host.clock.advance(3600)
    with ThreadPoolExecutor(4) as threads:
        assert 9 == sum(threads.map(lambda each: each.service.expire_due(), many))
        assert 9 == len(host.service.operator.sessions(state="EXPIRED"))
        host.clock.advance(31 * 24 * 3600)
        assert 9 == sum(threads.map(lambda each: each.service.purge(), many))
    assert [] == host.service.operator.sessions()


@pytest.mark.rule("S7")
def test_an_asynchronous_host_walks_over_the_same_stores(store: Store) -> None:
    """AsyncResetService takes every store as it is, in one event loop and then in another, and reads what is there."""
    host = Host(store=store)
    host.at_phone()
    service = AsyncResetService(bank=FakeBank(), store=store, key=KEY, clock=host.clock)

    async def walk() -> str:
        view = await service.view(host.view.token)
        assert "PHONE" == view.state
        started = [await service.start(Procedure.TOKEN_REISSUE, institution="ja-0417") for _ in range(3)]
        return (await service.send(started[0].token, "cancel", version=1)).state

    assert ["CANCELLED", "CANCELLED"] == [asyncio.run(walk()) for _ in range(2)]
    assert 7 == len(host.service.operator.sessions())


@pytest.mark.rule("C6")
def test_what_a_bank_did_not_answer_is_not_half_kept(store: Store) -> None:
    """Where the bank is silent before an effect is recorded, the session stays, over every store."""
    host = Host(store=store)
    host.at_bim016()
    host.bank.fail("contract", BankUnavailable)
    view = host.send("choose_phone", host.phone())
    assert ["temporarily_unavailable"] == [reason.code for reason in view.reasons]
    assert "BIM016" == host.look().state
    assert [] == store.scan("wait")


@pytest.mark.rule("S4", "L2", "L3")
@pytest.mark.parametrize("kind", [PIN_ATTEMPTS, IDENTITY_ATTEMPTS, WAIT, CALL, CODES, REQUEST, OUTBOX])
def test_a_row_of_a_newer_release_is_not_to_be_deleted(kind: str) -> None:
    """A field that this release does not know may be a newer one's: the error says so, and what the row holds."""
    with pytest.raises(StoreError) as error:
        load(PinAttempts, {"total": 2, "colour": "red"}, kind)
    told = str(error.value)
    assert f"damaged at {kind}, or a newer release saved it: upgrade this host or restore the store" in told
    assert "do not delete the row: it holds " in told
    assert "red" not in told

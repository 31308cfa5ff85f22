"""What a session still shows, and what is still stored of it, after it has ended (S2, C3, S8)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import attrs
import pytest

from hosts import EMAIL, FINAL, KEY, LIVE, WITH_CODES, Host, named
from ja_reset import AsyncResetService, BankUnavailable, Policies, Procedure, StoreError
from ja_reset.policies import SessionPolicy
from ja_reset.service._records import OUTBOX, REQUEST, SESSION
from ja_reset.stores.rows import Put, Store
from ja_reset.testing.cast import INSTITUTION
from test_stored_0_1 import restored

TOKEN: Final = Procedure.TOKEN_REISSUE
SHOWN: Final = timedelta(minutes=30)
TICK: Final = timedelta(microseconds=1)
ENDING: Final = [pair for pair in LIVE if pair[1] != "COMPLETING"]


def stored(host: Host) -> str:
    """The rows of the session and of its last request, as text."""
    rows = (host.store.get(kind, host.view.id) for kind in (SESSION, REQUEST))
    return json.dumps([row.body for row in rows if row is not None], ensure_ascii=False)


def personal(host: Host) -> list[str]:
    """What stands in these rows of a contract's data: numbers, masked or not, e-mail addresses, ids."""
    phones = [phone.replace("-", "")[1:] for phone in host.customer.contract.phones]
    words = [*phones, "****", "@", "SV0000", "US0000"]
    return [word for word in words if word in stored(host)]


# A request that is repeated ---------------------------------------------------------------------------------


@pytest.mark.rule("S2", "S6")
@pytest.mark.parametrize("end", ["cancelled", "timed out"])
@pytest.mark.parametrize(("procedure", "state"), ENDING, ids=named)
def test_a_request_repeated_after_the_end_shows_the_end(procedure: Procedure, state: str, end: str) -> None:
    """29 days after the end the last request's retry shows the final screen, and nothing of the contract."""
    host = Host(policies=WITH_CODES)
    host.at(procedure, state)
    host.send("nonsense", request_id="r1")
    if end == "cancelled":
        host.send("cancel")
    else:
        host.clock.advance(3600)
    host.clock.advance(timedelta(days=29))
    again = host.send("nonsense", request_id="r1")
    assert ("CANCELLED" if end == "cancelled" else "EXPIRED", True) == (again.state, again.final)
    assert ((), None, None, None) == (again.phones, again.dial, again.result, again.deadline)
    assert host.look() == again


@pytest.mark.rule("S2")
@pytest.mark.parametrize(("procedure", "state"), FINAL, ids=named)
def test_the_request_that_ended_a_session_has_one_answer(procedure: Procedure, state: str) -> None:
    """What is sent after the end and repeated under its id is answered alike, reasons and all."""
    host = Host(policies=WITH_CODES)
    host.at(procedure, state)
    first = host.send("nonsense", request_id="r1")
    host.clock.advance(60)
    assert first == host.send("cancel", request_id="r1")


@pytest.mark.rule("S2", "S5")
@pytest.mark.parametrize("end", ["cancelled", "timed out"])
@pytest.mark.parametrize(("procedure", "state"), ENDING, ids=named)
def test_nothing_of_the_contract_is_stored_when_a_session_has_ended(procedure: Procedure, state: str, end: str) -> None:
    """Neither its own row nor that of its last request names a number, an address or an id, from the end on."""
    host = Host(policies=WITH_CODES)
    host.at(procedure, state)
    host.send("nonsense", request_id="r1")
    if end == "cancelled":
        host.send("cancel")
    else:
        host.clock.advance(3600)
        assert 1 == host.service.expire_due()
    assert [] == personal(host)
    assert "r1" not in stored(host)


# The result of TOKEN_REISSUE --------------------------------------------------------------------------------


@pytest.mark.rule("C3", "S2")
@pytest.mark.parametrize("ask", ["look", "proceed", "nonsense", "repeat"])
def test_a_result_is_shown_through_the_last_instant_of_its_time(ask: str) -> None:
    """Both ids and the address, by every answer about the session, for `result_shown`; then no answer has them."""
    host = Host()
    first = host.at_btr005()
    first_answer = host.send("proceed", request_id="r1")
    asked: dict[str, Callable[[], object]] = {
        "look": host.look,
        "proceed": lambda: host.send("proceed"),
        "nonsense": lambda: host.send("nonsense"),
        "repeat": lambda: host.send("proceed", request_id="r1"),
    }
    host.clock.advance(SHOWN)
    asked[ask]()
    assert first.result is not None
    assert (first.result, EMAIL) == (host.view.result, first.result.email)
    if ask == "repeat":
        assert first_answer == host.view
    host.clock.advance(TICK)
    asked[ask]()
    assert ("BTR005", True, None) == (host.view.state, host.view.final, host.view.result)
    assert EMAIL not in json.dumps(host.view.to_dict())


@pytest.mark.rule("C3", "S2")
def test_the_asynchronous_face_drops_a_result_alike() -> None:
    """A repeated request and a look through the other face, a month later."""
    host = Host()
    host.at_btr005()
    host.send("proceed", request_id="r1")
    host.clock.advance(timedelta(days=29))

    async def later() -> list[object]:
        service = AsyncResetService(bank=host.bank, store=host.store, key=KEY, clock=host.clock)
        again = await service.send(host.view.token, "proceed", request_id="r1")
        return [again.result, (await service.view(host.view.token)).result, await service.expire_due()]

    assert [None, None, 0] == asyncio.run(later())
    assert [] == personal(host)


@pytest.mark.rule("C3", "S8")
@pytest.mark.parametrize("work", ["expire_due", "purge", "look", "send", "repeat"])
def test_a_result_leaves_the_store(store: Store, work: str) -> None:
    """Whoever comes first after its time, the maintenance too, drops it from the row; the session stays."""
    host = Host(store=store)
    host.at_btr005()
    host.send("proceed", request_id="r1")
    assert ["@", "SV0000", "US0000"] == personal(host)
    host.clock.advance(SHOWN)
    assert (0, 0) == (host.service.expire_due(), host.service.purge())
    assert ["@", "SV0000", "US0000"] == personal(host)
    host.clock.advance(TICK)
    if work == "expire_due":
        assert 0 == host.service.expire_due(), "nothing was moved"
    elif work == "purge":
        assert 0 == host.service.purge(), "no session was dropped"
    elif work == "look":
        host.look()
    else:
        host.send("proceed", request_id="r1" if work == "repeat" else None)
    assert [] == personal(host)
    assert ("BTR005", None) == (host.look().state, host.view.result)
    host.clock.advance(host.policies.session.retention - SHOWN - TICK)
    assert (0, "BTR005") == (host.service.purge(), host.look().state)
    host.clock.advance(TICK)
    assert 1 == host.service.purge()
    assert [] == host.store.scan(SESSION)


@pytest.mark.rule("C3", "S8")
def test_a_host_that_only_purges_drops_results_and_sessions() -> None:
    """One that calls `purge()` alone, and months later, finds nothing left."""
    host = Host()
    host.at_btr005()
    host.clock.advance(host.policies.session.retention + TICK)
    assert 1 == host.service.purge()
    assert [] == host.store.scan(SESSION)


@pytest.mark.rule("C3")
def test_an_institution_has_its_own_time_for_results() -> None:
    """It goes before the service's; no time at all shows the result with the answer that brings it, and then not."""
    host = Host()
    own = Policies(session=SessionPolicy(result_shown=timedelta(0)))
    host.bank.change_institution(attrs.evolve(INSTITUTION, policies=own))
    assert host.at_btr005().result is not None
    host.clock.advance(TICK)
    assert host.look().result is None


@pytest.mark.rule("C3", "S8")
def test_a_result_is_kept_no_longer_than_its_session() -> None:
    """Where `retention` is the shorter of the two, the session goes with its result."""
    host = Host(policies=Policies(session=SessionPolicy(retention=timedelta(minutes=5))))
    host.at_btr005()
    host.clock.advance(timedelta(minutes=5))
    assert (0, 0) == (host.service.expire_due(), host.service.purge())
    host.clock.advance(TICK)
    assert 1 == host.service.purge()


@pytest.mark.rule("C3", "C6")
def test_a_result_is_not_shown_longer_where_the_bank_is_silent() -> None:
    """A process that never knew the institution goes by the service's own time."""
    host = Host()
    host.at_btr005()
    other = host.beside()
    host.bank.down = True
    assert other.look().result is not None
    host.clock.advance(SHOWN + TICK)
    other = other.beside()
    assert other.look().result is None
    assert other.send("proceed", request_id="r1").result is None
    host.bank.down = False
    assert other.look().result is None
    assert [] == personal(host)


@pytest.mark.rule("C3", "S4")
def test_a_result_that_0_1_stored_is_not_shown_for_a_month() -> None:
    """It is dropped when somebody asks for the session, and goes with it in the end."""
    host, before = restored("TOKEN_REISSUE BTR005")
    assert host.service.view(before["token"]).result is not None
    host.clock.advance(SHOWN + TICK)
    again = host.service.send(before["token"], "cancel", request_id=f"request-{before['requests']}")
    assert ("BTR005", None) == (again.state, again.result)
    rows = [row.body for kind in (SESSION, REQUEST) for row in host.store.scan(kind)]
    assert [] == [word for word in ("@", "SV0000", "****") if word in json.dumps(rows)]


@pytest.mark.rule("C3", "C4", "S5")
def test_a_settled_effect_keeps_no_address() -> None:
    """What a token was ordered with is needed until the bank has answered for good, and no longer."""
    host = Host()
    host.at_btr004()
    host.bank.fail("carry_out", BankUnavailable)
    code = host.call().code
    assert code is not None
    host.keys(code.reveal())
    assert EMAIL in json.dumps([row.body for row in host.store.scan(OUTBOX)])
    host.clock.advance(60)
    host.service.recover()
    assert "BTR005" == host.look().state
    assert EMAIL not in json.dumps([row.body for row in host.store.scan(OUTBOX)])


@pytest.mark.rule("C3", "S8", "A8")
@pytest.mark.parametrize("work", ["expire_due", "purge"])
def test_a_row_that_cannot_be_read_keeps_no_other_result(work: str) -> None:
    """It is told, once all others have been dropped."""
    host = Host()
    host.at_btr005()
    row = host.row()
    assert host.store.commit([Put(row.kind, row.key, row.stamp, {**row.body, "version": "x"}, row.tag, row.due)])
    host.at_btr005()
    host.clock.advance(SHOWN + TICK)
    with pytest.raises(StoreError, match="damaged"):
        getattr(host.service, work)()
    assert [] == personal(host)

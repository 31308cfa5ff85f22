"""An operator ends a session: as its customer could have, for a reason of its own, on record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hosts import KEY, LIVE, STATES, Host, codes, named
from ja_reset import AsyncResetService, CallStatus, InvalidArgument, Policies, Procedure
from ja_reset.policies import PhonePolicy
from ja_reset.service._records import SESSION, WAIT
from ja_reset.stores import MemoryStore, PostgresStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing.postgres import PostgresServer

CODES = Policies(phone=PhonePolicy(bim_code=True))
ENDED = [pair for pair in STATES if pair not in LIVE]
OPEN = [pair for pair in LIVE if pair[1] != "COMPLETING"]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each of the stores, empty."""
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        opened: Store = PostgresStore(server.url, schema=request.getfixturevalue("new_schema")())
    else:
        opened = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "reset.db")
    with closing(opened):
        yield opened


def _host(state: str, store: Store | None = None) -> Host:
    policies = CODES if state == "PHONE_KEYS" else Policies()
    return Host(policies=policies) if store is None else Host(policies=policies, store=store)


@pytest.mark.rule("M3", "S7")
@pytest.mark.parametrize(("procedure", "state"), OPEN, ids=named)
def test_a_session_is_ended_wherever_it_could_be_cancelled(procedure: Procedure, state: str) -> None:
    """CANCELLED one version later, nothing kept; the customer sees the reason, the audit who did it and why."""
    host = _host(state)
    before = host.at(procedure, state)
    host.service.operator.end(before.id, by="taro", reason="asked by telephone", context={"desk": "4"})
    view = host.look()
    assert ("CANCELLED", before.version + 1, ["ended_by_operator"]) == (view.state, view.version, codes(view))
    assert "kept" not in host.saved()
    record = host.store.audit(session=view.id)[-1]
    assert ("taro", "asked by telephone", ["ended_by_operator"]) == (
        record["actor"],
        record["reason"],
        record["reasons"],
    )
    assert {"desk": "4"} == record["context"]
    (found,) = host.service.operator.audit(actor="taro")
    assert view.id == found.session
    assert "taro" not in repr(view.to_dict())
    assert "telephone" not in repr(host.saved())


@pytest.mark.rule("M2", "M2a", "M3")
@pytest.mark.parametrize(("procedure", "state"), [*ENDED, *((each, "COMPLETING") for each in Procedure)], ids=named)
def test_what_has_ended_or_waits_for_the_bank_is_refused(procedure: Procedure, state: str) -> None:
    """One error in words, and nothing has changed."""
    host = _host(state)
    view = host.at(procedure, state)
    rows, audit = host.store.scan(SESSION), host.store.audit()
    with pytest.raises(InvalidArgument, match="bank's word" if state == "COMPLETING" else "ended already"):
        host.service.operator.end(view.id, by="taro", reason="x")
    assert (rows, audit) == (host.store.scan(SESSION), host.store.audit())


@pytest.mark.rule("P8", "M3", "M4")
def test_its_number_rests_as_after_going_back(store: Store) -> None:
    """A call that comes then proves nobody, and no other session may wait for the number for a while."""
    host = Host(store=store)
    view = host.at_phone()
    host.service.operator.end(view.id, by="taro", reason="x")
    (wait,) = store.scan(WAIT)
    assert (view.id, "left") == (wait.body["session"], wait.body["end"])
    assert CallStatus.UNMATCHED is host.call().status
    rival = host.beside()
    rival.at_bim016()
    assert ["number_in_use"] == codes(rival.send("choose_phone", rival.phone()))


@pytest.mark.rule("M3", "L3", "S2")
def test_a_turn_under_way_finds_the_session_ended(store: Store) -> None:
    """A slow bank does not keep an operator waiting; what it answered then is counted, and moves nothing."""
    host = Host(store=store)
    view = host.start()

    def ends(_method: str) -> None:
        host.bank.before = None
        host.service.operator.end(view.id, by="taro", reason="x")

    host.bank.before = ends
    host.send("submit_identity", host.identity(birth_date="1999-09-09"))
    after = host.look()
    assert ("CANCELLED", ["ended_by_operator"]) == (after.state, codes(after))
    assert (
        1
        == host.service.operator.identity(
            host.customer.institution,
            branch=host.customer.branch,
            subject=host.customer.subject,
            account=host.customer.account,
        ).failures
    )


@pytest.mark.rule("A8")
@pytest.mark.parametrize("odd", ["", "none", None, 5, "a\0", "\ud800"], ids=repr)
def test_what_is_no_session_is_an_error_in_words(odd: str) -> None:
    """An unknown id, an actor or a reason without words: InvalidArgument, nothing changed."""
    host = Host()
    view = host.start()
    operator = host.service.operator
    wrong: list[Callable[[], None]] = [
        lambda: operator.end(odd, by="taro", reason="x"),
        lambda: operator.end(view.id, by="", reason="x"),
        lambda: operator.end(view.id, by="taro", reason=" "),
    ]
    for each in wrong:
        with pytest.raises(InvalidArgument):
            each()
    assert (view, 1) == (host.look(), len(host.store.audit()))


@pytest.mark.rule("M3")
def test_it_can_be_awaited(store: Store) -> None:
    """The asynchronous operator ends a session as the other one does."""
    host = Host(store=store)
    view = host.at_bim016()
    service = AsyncResetService(bank=host.bank, store=store, key=KEY, clock=host.clock)

    async def end() -> None:
        await service.operator.end(view.id, by="taro", reason="x")
        with pytest.raises(InvalidArgument, match="ended already"):
            await service.operator.end(view.id, by="taro", reason="x")

    asyncio.run(end())
    assert ["ended_by_operator"] == codes(host.look())

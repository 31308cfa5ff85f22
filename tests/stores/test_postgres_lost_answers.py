"""Whole runs on PostgreSQL in which one exchange breaks off: the customer arrives, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import timedelta

import pytest

from hosts import Host
from ja_reset import StoreError
from ja_reset.bank._values import CallStatus
from ja_reset.policies import SessionPolicy
from ja_reset.stores import AsyncPostgresStore, PostgresStore
from ja_reset.stores.rows import Put, Row, Store
from ja_reset.testing.postgres import PostgresServer
from ja_reset.testing.sync_store import Loop, SyncStore
from wayside import Wayside

LONG = timedelta(seconds=30)
HOUR = 3600


@pytest.fixture
def way(postgres: PostgresServer) -> Iterator[Wayside]:
    """Give the way to the server."""
    with Wayside(postgres.folder) as opened:
        yield opened


@pytest.fixture(params=["at once", "awaited"])
def store(request: pytest.FixtureRequest, way: Wayside, new_schema: Callable[[], str]) -> Iterator[BreakingStore]:
    """A store with each face."""
    with Loop() as loop:
        made = (
            PostgresStore(way.url, schema=new_schema(), pool_size=1, timeout=LONG)
            if request.param == "at once"
            else SyncStore(AsyncPostgresStore(way.url, schema=new_schema(), pool_size=1, timeout=LONG), loop)
        )
        with closing(made) as opened:
            yield BreakingStore(opened, way)


class BreakingStore:
    """A store whose connection breaks at its *ends*-th call from now on."""

    persistent = True

    def __init__(self, store: Store, way: Wayside) -> None:
        self._store = store
        self._way = way
        self.ends = 0
        self.cut = "after"
        self.calls = 0

    def _touch(self) -> None:
        self.calls += 1
        if self.calls == self.ends:
            self._way.cut(self.cut)

    def get(self, kind: str, key: str) -> Row | None:
        """A row."""
        self._touch()
        return self._store.get(kind, key)

    def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        """Rows."""
        self._touch()
        return self._store.get_many(names)

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """A commit."""
        self._touch()
        return self._store.commit(puts, audit)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def _run(host: Host) -> None:
    """From the start to success, each event under a request id."""
    host.start()
    for event, data in (("submit_identity", host.identity), ("choose_phone", host.phone)):
        host.send(event, data(), request_id=event)
    assert CallStatus.VERIFIED is host.call().status
    host.look()
    assert "DONE" == host.send("submit_reset", host.reset(), request_id="submit_reset").state


@pytest.mark.rule("S10", "C4", "L3", "S2")
@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_run_survives_each_exchange_that_breaks_off(store: BreakingStore, cut: str) -> None:
    """Reads and commits are said again, or found to be made; of a start that never arrived that is not known."""
    host = Host(store=store)  # type: ignore[arg-type]  # the rest of the store's methods are its own
    _run(host)
    events = [record["event"] for record in store.audit(session=host.view.id)]  # type: ignore[operator]
    number, store.cut = store.calls, cut
    for broken in range(1, number + 1):
        host.clock.advance(HOUR)
        host.bank.carried_out.clear()
        host.bank.asked.clear()
        store.calls, store.ends = 0, broken
        if (broken, cut) == (1, "before"):
            with pytest.raises(StoreError, match="not known"):
                _run(host)
            store.ends = 0
        _run(host)
        assert ["SET_LOGIN_PASSWORD", "NOTIFY"] == [str(each.kind) for each in host.bank.carried_out]
        assert 1 == [method for method, _ in host.bank.asked].count("check_pin")
        assert events == [record["event"] for record in store.audit(session=host.view.id)]  # type: ignore[operator]
        assert 0 == host.service.operator.pin_count(host.customer.ref)
    store.ends = 0
    host.clock.advance(SessionPolicy().retention)
    host.clock.advance(HOUR)
    assert 0 == host.service.expire_due()
    assert number + 1 == host.service.purge()

"""What surrounds the library fails, and comes back: store, bank and clock (C6, L5, S3, S10, A6, A8)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from hosts import codes
from ja_reset import Procedure, ResetService, View
from ja_reset.errors import BankUnavailable, StoreError
from ja_reset.rows import Store
from ja_reset.stores import PostgresStore
from ja_reset.testing.bank import METHODS
from ja_reset.testing.postgres import PostgresServer
from runs import Person, World, ordered, success

PAST_LEASE = 61
PAST_LAPSE = 3601
DOCUMENTED = {"temporarily_unavailable", "stale", "timed_out"}


def ends_well(world: World, person: Person) -> View:
    """With all well again the customer comes to success, by another session where his own has ended."""
    world.clock.advance(PAST_LEASE)
    service = world.open()
    service.recover()
    view = person.looks(service)
    if view.state == success(person.procedure):
        return view
    for _ in range(3):
        view = person.goes_to(service)
        if view.state == success(person.procedure):
            return view
        assert view.state == "EXPIRED" or view.tries_left == 0, view
        world.clock.advance(PAST_LAPSE)
        person.token = None
    return view


def is_done_once(world: World, procedure: Procedure) -> None:
    """What was ordered is done once, and nothing is left to do."""
    assert ordered(procedure) == world.carried_out()
    assert [] == world.service.operator.effects(status="pending")


@pytest.mark.rule("A6", "C4", "C6", "L5", "A8")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("procedure", list(Procedure), ids=lambda each: each.value)
def test_a_bank_that_works_and_gives_no_answer_is_a_refusal_that_passes(procedure: Procedure, method: str) -> None:
    """Each method does its work and times out, once, wherever it is asked: nothing is half done, and it ends well."""
    world, person = World(), Person(procedure)
    world.bank.fail(method, BankUnavailable, after=True)
    for _ in range(40):
        try:
            view = person.looks(world.service)
            if view.final:
                break
            after = person.steps(world.service, view)
        except BankUnavailable:
            assert method == "institution", "only a start passes it through"
            continue
        assert after.state != view.state or not after.reasons or set(codes(after)) <= DOCUMENTED
    assert success(procedure) == ends_well(world, person).state
    is_done_once(world, procedure)


class Flickering:
    """A store that is away for its *nth* call, before that was done or after it; all others reach it."""

    def __init__(self, store: Store, nth: int, *, after: bool) -> None:
        self.persistent = store.persistent
        self.count = 0
        self._store = store
        self._nth = nth
        self._after = after

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a store has
        method = getattr(self._store, name)
        if name not in {"get", "commit", "scan", "audit"}:
            return method

        def call(*args: object, **options: object) -> object:
            self.count += 1
            if self.count != self._nth:
                return method(*args, **options)
            if self._after:
                method(*args, **options)
            msg = "the database went away"
            raise StoreError(msg)

        return call


@pytest.mark.rule("A6", "A8", "C6", "S10")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("procedure", list(Procedure), ids=lambda each: each.value)
def test_a_database_that_is_away_for_one_call_is_an_error_that_passes(procedure: Procedure, after: bool) -> None:
    """Wherever a read or a commit fails, the host gets StoreError or the gateway a refusal, and all goes on."""
    nth, count = 0, 1
    while nth < count:
        nth += 1
        world, person = World(), Person(procedure)
        store = Flickering(world.store, nth, after=after)
        service = ResetService(
            bank=world.bank,
            store=store,
            key=bytes(range(32)),
            clock=world.clock,
        )
        for _ in range(40):
            with suppress(StoreError):
                view = person.looks(service)
                if view.final or view.tries_left == 0:
                    break
                person.steps(service, view)
        count = store.count
        assert success(procedure) == ends_well(world, person).state, nth
        is_done_once(world, procedure)


@pytest.mark.rule("S3", "A8", "A6")
@pytest.mark.parametrize("jump", [-7200, -3, -2, 3, 126, 601, 7200])
@pytest.mark.parametrize("procedure", list(Procedure), ids=lambda each: each.value)
def test_a_clock_that_jumps_ends_a_session_or_leaves_it(procedure: Procedure, jump: int) -> None:
    """Before whatever step the clock jumps, the customer gets on or the session is EXPIRED; another one ends well."""
    for place in range(1, 12):
        world, person = World(), Person(procedure)
        steps = 0
        while not (view := person.looks(world.service)).final and view.tries_left != 0 and steps < 40:
            steps += 1
            if steps == place:
                world.clock.advance(jump)
            if person.steps(world.service, view).state == view.state:
                world.clock.advance(1)  # and again: a call dated before its window has opened proves nothing
        assert view.state in {success(procedure), "EXPIRED"} or view.tries_left == 0, (place, view)
        if view.state != success(procedure):
            assert [] == world.carried_out(), "nothing was ordered by a session that ended"
            world.clock.advance(max(0, -jump) + 600)  # until no number rests any more
            person.token = None
        assert success(procedure) == ends_well(world, person).state, place
        is_done_once(world, procedure)


@pytest.mark.rule("A6", "C6", "S10")
@pytest.mark.parametrize("crash", [False, True], ids=["stopped", "crashed"])
def test_a_server_that_is_stopped_between_and_within_turns_comes_back(
    postgres: PostgresServer, new_schema: Callable[[], str], crash: bool
) -> None:
    """PostgreSQL is gone, before a turn or while the bank is asked in one: StoreError; started again, it goes on."""
    del postgres  # says what is to be done where there is none
    with PostgresServer(fsync=True) as server, PostgresStore(server.url, schema=new_schema(), pool_size=1) as store:
        world, person = World(store=store), Person(Procedure.LOGIN_PASSWORD)
        person.goes_to(world.service, "BIM017")
        server.stop(crash=crash)
        with pytest.raises(StoreError):
            person.looks(world.service)
        server.start()
        view = person.looks(world.service)

        def away(method: str) -> None:
            if method == "carry_out":
                world.bank.before = None
                server.stop(crash=crash)

        world.bank.before = away
        with pytest.raises(StoreError):
            person.steps(world.service, view)
        server.start()
        assert "COMPLETING" == person.looks(world.service).state
        assert "DONE" == ends_well(world, person).state
        is_done_once(world, Procedure.LOGIN_PASSWORD)

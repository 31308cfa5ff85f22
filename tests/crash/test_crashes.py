"""A process dies at every commit and every question to the bank, and another one goes on (A6, C4, L3, L5)."""

from __future__ import annotations

import os
import signal
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from budgets import budget
from file_bank import FileBank, longest_row
from hosts import KEY
from ja_reset import Procedure, ResetService
from ja_reset.errors import BankUnavailable, StoreError
from ja_reset.proofs.waits import Wait
from ja_reset.service._records import WAIT, OutboxEntry, OutboxStatus
from ja_reset.service.saved import load, load_session
from ja_reset.stores import SqliteStore
from ja_reset.testing import FakeClock
from processes import clean
from runs import LOCKS_TOLD, WRONG_PIN, Crash, Life, Person, World, ordered, success

PROCEDURES = list(Procedure)
WITH_PIN = [Procedure.LOGIN_PASSWORD, Procedure.RISK_BASED_AUTH]
PAST_LEASE = 61
PAST_LAPSE = 3601


def lives(world: World, person: Person, life: Life) -> bool:
    """Let *person* go on with a process of that life; whether it came to the end."""
    with suppress(Crash):
        person.goes_to(world.open(life))
    return not life.over


def recovers(world: World) -> ResetService:
    """A new process, when nobody can still be giving anything."""
    world.clock.advance(PAST_LEASE)
    service = world.open()
    service.recover()
    return service


def is_whole(world: World) -> None:
    """What is kept can be read, nothing is pending, sealed or waited for, and nothing shows a secret that is left."""
    for row in world.store.scan("session"):
        session = load_session(row.body)
        assert session.kept.activation is None
        assert session.kept.answered is None
    for row in world.store.scan("effect"):
        entry = load(OutboxEntry, row.body, "effect")
        assert (OutboxStatus.CONFIRMED, {}) == (entry.status, dict(entry.sealed))
    assert not any(load(Wait, row.body, WAIT).is_waiting(world.clock()) for row in world.store.scan(WAIT))


def touches(procedure: Procedure, pin: str | None = None) -> int:
    """How many commits and questions a run has that nothing interrupts."""
    life = Life()
    assert lives(World(), Person(procedure, pin=pin), life)
    return life.count


@pytest.mark.rule("A6", "C4", "L3", "S10")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda each: each.value)
def test_a_crash_anywhere_loses_nothing_and_does_nothing_twice(procedure: Procedure, after: bool) -> None:
    """Wherever a process dies, the customer comes to the end with the next one, and each effect is done once."""
    for ends in range(1, touches(procedure) + 1):
        world, person = World(), Person(procedure)
        assert not lives(world, person, Life(ends, after=after)), ends
        service = recovers(world)
        view = person.goes_to(service)
        assert success(procedure) == view.state, (ends, view)
        assert ordered(procedure) == world.carried_out(), ends
        assert [] == service.operator.effects(status="pending"), ends
        assert 0 == service.recover()
        assert view.to_dict() == service.view(view.token).to_dict()
        is_whole(world)


@pytest.mark.rule("A6", "A3", "L2", "L3", "L5")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("procedure", WITH_PIN, ids=lambda each: each.value)
def test_a_crash_gives_no_attempt_at_the_pin_away(procedure: Procedure, after: bool) -> None:
    """Wherever a process dies while PINs are guessed, there are never more than three wrong ones, and one lock."""
    for ends in range(1, touches(procedure, WRONG_PIN) + 1):
        world, person = World(), Person(procedure, pin=WRONG_PIN)
        assert not lives(world, person, Life(ends, after=after)), ends
        service = recovers(world)
        view = person.goes_to(service, "BIM017")
        while not view.final and view.tries_left:
            view = person.steps(service, view)
        assert world.bank.most_wrong_pins_in_a_row("C-0001") <= 3, ends
        if not view.final:  # one attempt is unknown: it holds the others back, and locks nobody
            assert ["temporarily_unavailable"] == [r.code for r in person.steps(service, view).reasons], ends
            assert [] == world.carried_out()
            world.clock.advance(PAST_LAPSE)
            person = Person(procedure, pin=WRONG_PIN)
            view = person.goes_to(service)
        assert "LOCKED" == view.state, ends
        assert LOCKS_TOLD == world.carried_out(), ends
        assert [] == service.operator.effects(status="pending"), ends
        is_whole(world)


@pytest.mark.rule("A6", "C4")
@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda each: each.value)
@settings(max_examples=budget(60), suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@example(deaths=[(17, False, False), *[(6, False, False)] * 3])  # three attempts that nobody knows the outcome of
@given(deaths=st.lists(st.tuples(st.integers(1, 45), st.booleans(), st.booleans()), min_size=2, max_size=5))
def test_crashes_upon_crashes_do_nothing_twice(procedure: Procedure, deaths: list[tuple[int, bool, bool]]) -> None:
    """Several processes die one after the other, in the customer's turn or while recovering: each effect is once."""
    world = World()
    person = Person(procedure, clock=world.clock)
    for ends, after, recovering in deaths:
        life = Life(ends, after=after)
        with suppress(Crash):
            service = world.open(life)
            if recovering:
                service.recover()
            person.goes_to(service)
        world.clock.advance(PAST_LEASE)
    service = recovers(world)
    view = person.goes_to(service)
    if view.state != success(procedure):  # time, windows or attempts ran out: what is unknown holds its attempt (L5)
        assert view.state == "EXPIRED" or (view.state, view.tries_left) == ("BIM017", 0)
        assert [] == world.carried_out()
    else:
        assert ordered(procedure) == world.carried_out()
        assert [] == service.operator.effects(status="pending")
        is_whole(world)


def goes_on(service: ResetService, person: Person) -> list[Exception]:
    """Let *person* go on, and again after each error; what was raised."""
    raised: list[Exception] = []
    while True:
        try:
            person.goes_to(service)
        except (BankUnavailable, StoreError, OddError) as error:
            raised.append(error)
        else:
            return raised


class OddError(Exception):
    """What no port should raise."""


ERRORS = [StoreError("gone for a moment"), OddError("odd")]


@pytest.mark.rule("A6", "C6", "L3", "S10")
@pytest.mark.parametrize("error", ERRORS, ids=["store", "odd"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda each: each.value)
def test_an_error_anywhere_is_passed_on_once_and_nothing_is_lost(
    procedure: Procedure, after: bool, error: Exception
) -> None:
    """Whatever a store or a bank raises at whatever point, it reaches the host as it is, and the run can end well."""
    for ends in range(1, touches(procedure) + 1):
        world = World()
        person = Person(procedure, clock=world.clock)
        service = world.open(Life(ends, after=after, error=error))
        assert all(each is error for each in goes_on(service, person)), ends
        service = recovers(world)
        view = person.goes_to(service)
        assert success(procedure) == view.state, (ends, view)
        assert ordered(procedure) == world.carried_out(), ends
        is_whole(world)


@pytest.mark.rule("A6", "A3", "L2", "L5")
@pytest.mark.parametrize("error", ERRORS, ids=["store", "odd"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_an_error_anywhere_gives_no_attempt_away_and_loses_no_lock(after: bool, error: Exception) -> None:
    """While PINs are guessed one error comes at whatever point: three wrong ones at most, and three lock for good."""
    for ends in range(1, touches(Procedure.LOGIN_PASSWORD, WRONG_PIN) + 1):
        world, person = World(), Person(Procedure.LOGIN_PASSWORD, pin=WRONG_PIN)
        service = world.open(Life(ends, after=after, error=error))
        for _ in range(40):
            with suppress(StoreError, OddError):
                view = person.looks(service)
                if view.final or view.tries_left == 0:
                    break
                person.steps(service, view)
        recovers(world)
        wrong = world.bank.most_wrong_pins_in_a_row("C-0001")
        assert world.service.operator.pin_count("C-0001") <= wrong <= 3, ends
        settled = world.service.operator.pin_count("C-0001")
        assert (LOCKS_TOLD if settled == 3 else []) == world.carried_out(), ends
        assert [] == world.service.operator.effects(status="pending"), ends


# Real processes ---------------------------------------------------------------------------------------------


def _killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _gone() -> None:
    os._exit(9)


def _run(folder: str, procedure: Procedure, pin: str | None, dies: tuple[str, bool], how: str) -> None:
    path = Path(folder)
    bank = FileBank(path / "bank.db", _killed if how == "kill" else _gone, dies)
    service = ResetService(bank=bank, store=SqliteStore(path / "reset.db"), key=KEY, clock=FakeClock())
    Person(procedure, pin=pin).goes_to(service)


POINTS = [(method, after) for method in ("check_pin", "carry_out") for after in (False, True)]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that nobody can catch")
@pytest.mark.rule("A6", "C4", "S4")
@pytest.mark.parametrize("how", ["kill", "exit"])
@pytest.mark.parametrize(("method", "after"), POINTS)
def test_a_process_killed_in_the_bank_leaves_a_file_to_go_on_with(
    tmp_path: Path, method: str, after: bool, how: str
) -> None:
    """A process is killed on an SQLite file while it asks; the next one confirms its effect, or holds its attempt."""
    context = clean()
    arguments = (str(tmp_path), Procedure.LOGIN_PASSWORD, None, (method, after), how)
    child = context.Process(target=_run, args=arguments)
    child.start()
    child.join()
    assert (-signal.SIGKILL if how == "kill" else 9) == child.exitcode
    bank, clock = FileBank(tmp_path / "bank.db"), FakeClock()
    with closing(SqliteStore(tmp_path / "reset.db")) as store:
        service = ResetService(bank=bank, store=store, key=KEY, clock=clock)
        assert 0 == service.recover()
        clock.advance(PAST_LEASE)
        service.recover()
        states = {session["state"] for session in service.operator.sessions()}
        assert {"BIM017" if method == "check_pin" else "DONE"} == states
        assert [] == service.operator.effects(status="pending")
        person = Person(Procedure.LOGIN_PASSWORD, pin=WRONG_PIN)
        clock.advance(600)
        view = person.goes_to(service, "BIM017")
        assert (2 if method == "check_pin" else 3) == view.tries_left
    assert (["NOTIFY", "SET_LOGIN_PASSWORD"] if method == "carry_out" else []) == bank.kinds()
    assert longest_row(bank.pins()) <= 3

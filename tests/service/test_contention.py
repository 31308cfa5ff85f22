"""One service, eight threads that change places at nearly every instruction: all ends as it does for one thread."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from typing import Any, Final, TypeVar

import attrs
import pytest

from hosts import KEY
from ja_reset import Call, CallSource, CallStatus, EffectKind, Procedure, ResetService, View
from ja_reset.service._records import WAIT
from ja_reset.stores import MemoryStore, PostgresStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing import CAST, Customer, FakeBank, FakeClock
from ja_reset.testing._shells import paused_by
from ja_reset.testing.cast import ORDINARY
from runs import LOCKS_TOLD, WRONG_PIN, Person

T = TypeVar("T")

THREADS: Final = 8
EACH: Final = 3
"""Customers of each thread."""
OFTEN: Final = 1e-6
"""Seconds after which the interpreter lets another thread run; usually 0.005."""
MANY: Final = 60
"""Tries of an attempt that others keep from the bank for a moment."""
FATES: Final = (
    (Procedure.LOGIN_PASSWORD, True),
    (Procedure.LOGIN_PASSWORD, False),
    (Procedure.RISK_BASED_AUTH, True),
    (Procedure.TOKEN_REISSUE, True),
    (Procedure.RISK_BASED_AUTH, False),
)
"""What a customer resets, and whether the PIN is right."""


@pytest.fixture(autouse=True)
def _often() -> Iterator[None]:
    """Threads change places all the time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(OFTEN)
    yield
    sys.setswitchinterval(usual)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store that threads share."""
    made: MemoryStore | SqliteStore | PostgresStore
    if request.param == "memory":
        made = MemoryStore()
    elif request.param == "sqlite":
        made = SqliteStore(tmp_path / "t.db", synchronous="NORMAL")
    else:
        schema = request.getfixturevalue("new_schema")()
        made = PostgresStore(request.getfixturevalue("postgres").url, schema=schema)
    with closing(made):
        yield made


def _customers() -> list[Customer]:
    """Three for each thread, each with a number of their own."""
    return [
        attrs.evolve(
            CAST[0],
            account=f"{number:07d}",
            login_id=f"user{number}",
            contract=attrs.evolve(CAST[0].contract, ref=f"T-{number}", phones=(f"090{12000000 + number}",)),
        )
        for number in range(THREADS * EACH)
    ]


def _service(bank: FakeBank, store: Store, clock: FakeClock | None = None) -> ResetService:
    service = ResetService(bank=bank, store=store, key=KEY, clock=clock or FakeClock())
    return paused_by(service, lambda _seconds: None)


def _side_by_side(work: Callable[[int], T]) -> list[T]:
    """What *work* makes of each thread's number; all begin together."""
    meeting = Barrier(THREADS, timeout=60)

    def one(number: int) -> T:
        meeting.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(one, range(THREADS)))


# Customers who have nothing to do with each other -----------------------------------------------------------


def _ends(service: ResetService, everyone: Sequence[Customer], number: int) -> list[tuple[str, str, list[str]]]:
    """How it ends for the customers of that thread: who, where, and why."""
    ends = []
    for place in range(number, len(everyone), THREADS):
        procedure, is_right = FATES[place % len(FATES)]
        person = Person(procedure, customer=everyone[place], pin=None if is_right else WRONG_PIN)
        view = person.goes_to(service)
        ends.append((everyone[place].ref, view.state, [reason.code for reason in view.reasons]))
    return ends


def _left(store: Store, bank: FakeBank, service: ResetService, everyone: Sequence[Customer]) -> dict[str, object]:
    """All that can be counted afterwards."""
    audit = store.audit()
    return {
        "audit": Counter(
            tuple(str(each.get(name)) for name in ("event", "before", "after", "status")) for each in audit
        ),
        "records": Counter(Counter(str(each.get("session")) for each in audit).values()),
        "orders": Counter((effect.ref, effect.kind) for effect in bank.carried_out),
        "asked": Counter(bank.asked),
        "wrong": {each.ref: service.operator.attempts(each.ref) for each in everyone},
        "sessions": Counter(str(each["state"]) for each in service.operator.sessions()),
        "waits": store.scan(WAIT),
    }


@pytest.mark.rule("S2", "S4", "L1", "L2", "C4")
def test_customers_side_by_side_end_as_one_after_the_other(store: Store) -> None:
    """Every end, reason, audit record, order, question to the bank and count is that of a single thread."""
    everyone = _customers()
    bank = FakeBank(customers=everyone)
    service = _service(bank, store)
    together = _side_by_side(lambda number: _ends(service, everyone, number))
    with MemoryStore() as other:
        alone_bank = FakeBank(customers=everyone)
        alone = _service(alone_bank, other)
        assert [_ends(alone, everyone, number) for number in range(THREADS)] == together
        assert _left(other, alone_bank, alone, everyone) == _left(store, bank, service, everyone)
    assert {"DONE", "BTR005", "LOCKED"} == {state for ends in together for _, state, _ in ends}


# One customer ----------------------------------------------------------------------------------------------


def _at_pin(service: ResetService, clock: FakeClock) -> list[Person]:
    """Eight sessions of one card, each before its PIN; the number that each waited for has its rest."""
    people = [Person(FATES[number % 2 * 2][0]) for number in range(THREADS)]
    for person in people:
        assert "BIM017" == person.goes_to(service, "BIM017").state
        clock.advance(1)
    return people


def _insists(service: ResetService, person: Person) -> View:
    """Send the PIN until it is no longer in progress elsewhere."""
    for _ in range(MANY * THREADS):
        view = person.goes_to(service, "BIM017")
        if view.final:
            return view
        view = person.steps(service, view)
        if view.final or view.reasons[0].code not in {"in_progress", "wrong_pin"}:
            return view
    msg = "an attempt was in progress for ever"
    raise AssertionError(msg)


@pytest.mark.rule("A3", "L1", "L3", "C4")
def test_one_card_in_eight_sessions_counts_each_right_pin(store: Store) -> None:
    """All eight end well: each has ordered once, no wrong PIN is counted, and no attempt is left under way."""
    bank, clock = FakeBank(), FakeClock()
    service = _service(bank, store, clock)
    people = _at_pin(service, clock)
    views = _side_by_side(lambda number: _insists(service, people[number]))
    assert ["DONE"] * THREADS == [view.state for view in views]
    heads = Counter(effect.kind for effect in bank.carried_out)
    assert {EffectKind.SET_LOGIN_PASSWORD: 4, EffectKind.CLEAR_RISK_AUTH: 4, EffectKind.NOTIFY: THREADS} == heads
    assert THREADS == sum(method == "check_pin" for method, _ in bank.asked)
    attempts = service.operator.attempts(ORDINARY.ref)
    assert (0, ()) == (attempts.wrong, attempts.under_way)


@pytest.mark.rule("A3", "L1", "L2", "L3", "C4")
def test_one_card_in_eight_sessions_counts_each_wrong_pin(store: Store) -> None:
    """Three wrong PINs reach the bank, and every session is locked, by two locks that are ordered once."""
    bank, clock = FakeBank(), FakeClock()
    service = _service(bank, store, clock)
    people = _at_pin(service, clock)
    for person in people:
        person.pin = WRONG_PIN
    views = _side_by_side(lambda number: _insists(service, people[number]))
    assert {"LOCKED"} == {view.state for view in views}
    assert 3 == bank.most_wrong_pins_in_a_row(ORDINARY.ref) == sum(method == "check_pin" for method, _ in bank.asked)
    assert LOCKS_TOLD == sorted(effect.kind for effect in bank.carried_out)


@pytest.mark.rule("P8", "A5")
def test_one_phone_in_eight_sessions_proves_nobody(store: Store) -> None:
    """All eight ask for one number: no two wait for it, and a call to it is nobody's."""
    service = _service(FakeBank(), store)
    people = [Person(FATES[number % 2 * 2][0]) for number in range(THREADS)]
    views = [person.goes_to(service, "BIM016") for person in people]
    answers = _side_by_side(
        lambda number: service.send(
            views[number].token, "choose_phone", {"phone_id": views[number].phones[0].id}, version=views[number].version
        )
    )
    refused = [reason.code for view in answers for reason in view.reasons]
    assert "number_in_use" in refused
    assert len(refused) >= THREADS - 1
    assert ["BIM016"] * THREADS == [person.looks(service).state for person in people]
    call = Call(id="one", number=ORDINARY.contract.phones[0], source=CallSource.NETWORK)
    assert CallStatus.UNMATCHED is service.report_call(call).status


@pytest.mark.rule("A6", "S2", "C4")
def test_one_session_in_eight_threads_makes_one_turn(store: Store) -> None:
    """The last button pressed eight times under one id: one PIN is checked, one order is made, nobody is refused."""
    bank, clock = FakeBank(), FakeClock()
    service = _service(bank, store, clock)
    person = Person(Procedure.LOGIN_PASSWORD)
    view = person.goes_to(service, "BIM017")

    def click(_number: int) -> View:
        return service.send(view.token, "submit_reset", person.reset(), version=view.version, request_id="r")

    answers: list[Any] = _side_by_side(click)
    assert "DONE" == person.looks(service).state
    assert 1 == sum(method == "check_pin" for method, _ in bank.asked)
    assert ["NOTIFY", "SET_LOGIN_PASSWORD"] == sorted(effect.kind for effect in bank.carried_out)
    told = Counter(each.state if not each.reasons else each.reasons[0].code for each in answers)
    assert told.keys() <= {"DONE", "COMPLETING", "in_progress"}, told

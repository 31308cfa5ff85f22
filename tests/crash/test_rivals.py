"""Sessions side by side: turn by turn in every order, in threads, in processes on one file (A3, L1-L3, I5, P8, S2)."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from file_bank import FileBank, longest_row
from hosts import KEY
from interleavings import interleaved, sending, touches_anything, touches_world
from ja_reset import (
    AsyncResetService,
    BankUnavailable,
    Call,
    CallResult,
    CallSource,
    CallStatus,
    EffectKind,
    Procedure,
    ResetService,
    View,
)
from ja_reset.policies import IdentityPolicy, LockoutPolicy, Policies
from ja_reset.secret import Secret
from ja_reset.service import _keys as entries
from ja_reset.service import _telephone as telephone
from ja_reset.service._config import Config
from ja_reset.service._io import Flow
from ja_reset.service._keys import Keys
from ja_reset.service._maintenance import recover
from ja_reset.stores import PostgresStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing import AsyncFakeBank, FakeBank, FakeClock, identity
from ja_reset.testing.cast import INSTITUTION, ORDINARY
from processes import clean
from runs import LOCKS, LOCKS_TOLD, WRONG_PIN, Person, World, copied

REF = ORDINARY.ref
BOTH = (Procedure.LOGIN_PASSWORD, Procedure.RISK_BASED_AUTH)
Begin = Callable[[], tuple[World, Sequence[Flow[View]]]]


def codes(view: View) -> list[str]:
    """The codes of the reasons."""
    return [reason.code for reason in view.reasons]


def at_pin(service: ResetService, clock: FakeClock, procedures: Sequence[Procedure]) -> list[Person]:
    """One customer before the PIN of several sessions; the number that each waited for has its rest."""
    people = [Person(procedure) for procedure in procedures]
    for person in people:
        assert "BIM017" == person.goes_to(service, "BIM017").state
        clock.advance(1)
    return people


def again(world: World) -> World:
    """The same beginning once more."""
    other = World(store=copied(world.store), policies=world.policies)
    other.clock = FakeClock(world.clock())
    other.service = other.open()
    return other


def guessing(pins: Sequence[str], *, wrong_before: int, limit: int = 3) -> Begin:
    """Sessions of one card, each about to send a PIN, after that many wrong ones."""
    world = World(policies=Policies(lockout=LockoutPolicy(pin_attempts=limit)))
    people = at_pin(world.service, world.clock, [BOTH[n % 2] for n in range(len(pins))])
    for _ in range(wrong_before):
        view = people[0].looks(world.service)
        world.service.send(view.token, "submit_reset", people[0].reset(pin=WRONG_PIN))

    def begin() -> tuple[World, Sequence[Flow[View]]]:
        copy = again(world)
        for _ in range(wrong_before):
            copy.bank.check_pin(REF, Secret(WRONG_PIN))
        copy.bank.asked.clear()
        return copy, [
            sending(copy, str(each.token), "submit_reset", each.reset(pin=pin))
            for each, pin in zip(people, pins, strict=True)
        ]

    return begin


def is_lawful(world: World, limit: int) -> None:
    """No row of wrong PINs above the limit; the locks once if it was reached; the count tells what the bank saw."""
    assert world.bank.most_wrong_pins_in_a_row(REF) <= limit
    locked = [kind for kind in world.carried_out() if kind in LOCKS]
    assert (LOCKS if world.service.operator.pin_count(REF) == limit else []) == locked
    assert world.bank.wrong_pins_in_a_row(REF) <= world.service.operator.pin_count(REF)
    assert [] == world.service.operator.effects(status="pending")


CASES = [
    ((WRONG_PIN, WRONG_PIN), 0),
    ((WRONG_PIN, WRONG_PIN), 1),
    ((WRONG_PIN, WRONG_PIN), 2),
    ((WRONG_PIN, ORDINARY.pin), 1),
    ((WRONG_PIN, ORDINARY.pin), 2),
]


@pytest.mark.rule("A3", "L3", "L2")
@pytest.mark.parametrize(("pins", "wrong_before"), CASES)
def test_two_pins_in_every_order_never_pass_the_limit(pins: tuple[str, str], wrong_before: int) -> None:
    """Two sessions send a PIN each, their commits and questions in every order: the limit holds, and locks once."""
    seen = 0
    for world, views in interleaved(guessing(pins, wrong_before=wrong_before)):
        is_lawful(world, 3)
        seen += 1
        for view in views:
            assert view.state in {"BIM017", "LOCKED", "DONE"}
            assert view.state != "LOCKED" or "locked" in codes(view)
            assert view.state != "BIM017" or codes(view)[0] in {"wrong_pin", "in_progress"}
        if pins == (WRONG_PIN, WRONG_PIN):
            assert wrong_before + 2 >= world.service.operator.pin_count(REF) >= min(3, wrong_before + 1)
    assert seen > 70, "every order was to be tried"


@pytest.mark.rule("A3", "L3")
@pytest.mark.parametrize(("pins", "wrong_before"), [CASES[2], CASES[4]])
def test_reads_in_between_change_nothing(pins: tuple[str, str], wrong_before: int) -> None:
    """The same, with every read a point too: up to two changes from one to the other, wherever they fall."""
    begin = guessing(pins, wrong_before=wrong_before)
    seen = 0
    for world, _ in interleaved(begin, is_point=touches_anything, switches=2):
        seen += 1
        is_lawful(world, 3)
    assert seen > 70, "every order was to be tried"


@pytest.mark.rule("A3", "L3")
def test_three_sessions_for_two_attempts() -> None:
    """Three sessions, two attempts: the bank is asked twice at most, and whoever comes too late is told so."""
    for world, views in interleaved(guessing([WRONG_PIN] * 3, wrong_before=0, limit=2), switches=2):
        is_lawful(world, 2)
        assert world.pins_asked() == 2
        assert 1 == sum(codes(view) == ["wrong_pin", "locked"] for view in views)


@pytest.mark.rule("A3", "L3", "L5")
@pytest.mark.parametrize("limit", [3, 5, 10])
def test_a_silent_bank_is_asked_once_for_each_attempt(limit: int) -> None:
    """Sessions of one card on one event loop, at a bank that checks and gives no answer: one question an attempt."""
    world = World(policies=Policies(lockout=LockoutPolicy(pin_attempts=limit)))
    people = at_pin(world.service, world.clock, [BOTH[n % 2] for n in range(limit + 2)])
    world.bank.fail("check_pin", BankUnavailable, times=999, after=True)
    service = AsyncResetService(
        bank=AsyncFakeBank(world.bank), store=world.store, key=KEY, clock=world.clock, policies=world.policies
    )

    async def all_guess() -> list[View]:
        typed = [(str(each.token), each.reset(pin=WRONG_PIN)) for each in people]
        return await asyncio.gather(*(service.send(token, "submit_reset", data) for token, data in typed))

    views = asyncio.run(all_guess())
    told = [code for view in views for code in codes(view)]
    assert ["in_progress"] * 2 + ["temporarily_unavailable"] * limit == sorted(told)
    assert (limit, limit) == (world.pins_asked(), world.bank.most_wrong_pins_in_a_row(REF))


# One session, twice -----------------------------------------------------------------------------------------


@pytest.mark.rule("S2", "L3")
@pytest.mark.parametrize("ids", [("a", "a"), ("a", "b"), (None, None)])
@pytest.mark.parametrize("versioned", [True, False])
def test_a_double_click_in_every_order_takes_effect_once(ids: tuple[str | None, str | None], versioned: bool) -> None:
    """The same PIN twice in one session: the bank is asked once where the version or the id is the same."""
    world = World()
    person = at_pin(world.service, world.clock, BOTH[:1])[0]
    view = person.looks(world.service)
    version = view.version if versioned else None

    def begin() -> tuple[World, Sequence[Flow[View]]]:
        copy = again(world)
        typed = person.reset(pin=WRONG_PIN)
        return copy, [
            sending(copy, view.token, "submit_reset", typed, version=version, request_id=each) for each in ids
        ]

    for copy, views in interleaved(begin):
        if versioned or ids == ("a", "a"):
            assert 1 == copy.pins_asked() == copy.bank.most_wrong_pins_in_a_row(REF)
        answers = sorted(codes(each)[0] for each in views)
        assert answers in (["wrong_pin", "wrong_pin"], ["stale", "wrong_pin"], ["in_progress", "wrong_pin"])
        if answers == ["wrong_pin", "wrong_pin"] and ids == ("a", "a"):
            assert views[0] == views[1]
        assert copy.service.operator.pin_count(REF) == copy.pins_asked()


@pytest.mark.rule("A6", "C4")
def test_a_double_click_on_the_last_button_orders_once() -> None:
    """The right PIN twice under one id, in every order: one effect, one notice, and both come to the same end."""
    world = World()
    person = at_pin(world.service, world.clock, BOTH[:1])[0]
    token = str(person.token)

    def begin() -> tuple[World, Sequence[Flow[View]]]:
        copy = again(world)
        return copy, [sending(copy, token, "submit_reset", person.reset(), request_id="a") for _ in range(2)]

    for copy, _ in interleaved(begin):
        assert ["NOTIFY", "SET_LOGIN_PASSWORD"] == copy.carried_out()
        assert "DONE" == copy.service.view(token).state


@pytest.mark.rule("A6", "C4")
def test_recovering_beside_the_last_step_gives_each_effect_once() -> None:
    """recover() beside the turn that delivers, in every interleaving: it leaves alone what is being delivered."""
    world = World()
    person = at_pin(world.service, world.clock, BOTH[:1])[0]
    token = str(person.token)

    def begin() -> tuple[World, Sequence[Flow[View] | Flow[int]]]:
        copy = again(world)
        return copy, [sending(copy, token, "submit_reset", person.reset()), recover(Config(copy.policies))]

    for copy, answers in interleaved(begin, is_point=touches_world):
        assert 0 == answers[1]
        assert 2 == sum(method == "carry_out" for method, _ in copy.bank.asked)
        assert ["NOTIFY", "SET_LOGIN_PASSWORD"] == copy.carried_out()
        assert "DONE" == copy.service.view(token).state


# Identity ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("I5")
@pytest.mark.parametrize("first_is_right", [True, False])
@pytest.mark.parametrize("failed_before", [0, 1, 2])
def test_identity_tries_in_every_order_never_pass_the_limit(first_is_right: bool, failed_before: int) -> None:
    """Two sessions tell who they are, for one account: the bank is never asked about more tries than there are."""
    limit = 3
    world = World(policies=Policies(identity=IdentityPolicy(identity_attempts=limit)))
    wrong = identity(ORDINARY) | {"birth_date": "1999-09-09"}
    start = world.service.start
    for _ in range(failed_before):
        world.service.send(start(BOTH[0], institution=ORDINARY.institution).token, "submit_identity", wrong)
    tokens = [start(procedure, institution=ORDINARY.institution).token for procedure in BOTH]
    typed = [identity(ORDINARY) if first_is_right else wrong, wrong]

    def begin() -> tuple[World, Sequence[Flow[View]]]:
        copy = again(world)
        return copy, [sending(copy, token, "submit_identity", data) for token, data in zip(tokens, typed, strict=True)]

    for copy, views in interleaved(begin):
        asked = sum(method == "find_contract" for method, _ in copy.bank.asked)
        assert asked + failed_before <= limit + (first_is_right and views[0].state == "BIM016")
        for view in views:
            assert view.state in {"BIM015", "BIM016", "REJECTED"}
            assert view.state == "BIM016" or codes(view)[0] in {"identity_mismatch", "in_progress"}
        failures = failed_before + sum(codes(view) == ["identity_mismatch"] for view in views)
        last = copy.service.start(BOTH[0], institution=ORDINARY.institution)
        after = copy.service.send(last.token, "submit_identity", identity(ORDINARY))
        assert ("REJECTED" if failures >= limit else "BIM016") == after.state


# The number -------------------------------------------------------------------------------------------------


@pytest.mark.rule("P8", "A5")
def test_two_sessions_for_one_number_in_every_order_never_both_wait() -> None:
    """Two sessions ask for one number, in every order: a call proves nobody, or the one that may wait."""
    world = World()
    people = [Person(procedure) for procedure in BOTH]
    views = [person.goes_to(world.service, "BIM016") for person in people]
    tokens = [view.token for view in views]
    typed = [{"phone_id": view.phones[0].id} for view in views]

    def begin() -> tuple[World, Sequence[Flow[View]]]:
        copy = again(world)
        return copy, [sending(copy, token, "choose_phone", data) for token, data in zip(tokens, typed, strict=True)]

    for copy, answers in interleaved(begin):
        assert [["number_in_use"]] == [codes(view) for view in answers if codes(view)]
        states = sorted(copy.service.view(token).state for token in tokens)
        assert ["BIM016", "BIM016"] == states
        assert "UNMATCHED" == people[0].calls(copy.service).value


TWO_NUMBERS = attrs.evolve(INSTITUTION, dials=(INSTITUTION.dial, "0120-417-001"))


def with_two_numbers(people: int, waiting: int) -> tuple[World, list[View], Callable[[], World]]:
    """Sessions of one phone at an institution with two numbers, *waiting* of them for their call, and copies."""
    world = World(bank=FakeBank(institutions=(TWO_NUMBERS,)))
    views = [Person(BOTH[n % 2]).goes_to(world.service, "PHONE" if n < waiting else "BIM016") for n in range(people)]

    def copy() -> World:
        other = World(store=copied(world.store), bank=FakeBank(institutions=(TWO_NUMBERS,)))
        other.clock = FakeClock(world.clock())
        other.service = other.open()
        return other

    return world, views, copy


def choosing(world: World, view: View) -> Flow[View]:
    """The session asks for a call from the first phone."""
    return sending(world, view.token, "choose_phone", {"phone_id": view.phones[0].id})


def dialling(view: View, dialed: str | None) -> Call:
    """A call from the phone."""
    return attrs.evolve(CALLER, id=f"{view.id}-{dialed}", dialed=dialed)


@pytest.mark.rule("P8", "A5")
def test_two_sessions_with_two_numbers_in_every_order_wait_on_two_lines() -> None:
    """Two sessions ask for one phone, in every order: each is given a number of its own, and proved by its own call."""
    _, views, copy = with_two_numbers(2, 0)

    def begin() -> tuple[World, Sequence[Flow[View]]]:
        world = copy()
        return world, [choosing(world, view) for view in views]

    seen = 0
    for world, answers in interleaved(begin, is_point=touches_anything, switches=3):
        seen += 1
        assert set(TWO_NUMBERS.dials) == {view.dial for view in answers}
        for view in answers:
            assert CallStatus.VERIFIED is world.service.report_call(dialling(view, view.dial)).status
        assert ["BIM017", "BIM017"] == [world.service.view(view.token).state for view in views]
    assert seen > 10, "every order was to be tried"


@pytest.mark.rule("P8", "A5")
def test_a_third_session_in_every_order_leaves_nobody_waiting() -> None:
    """Three sessions ask for one phone with two numbers, in every order: all waits end, and no call proves anybody."""
    _, views, copy = with_two_numbers(3, 1)

    def begin() -> tuple[World, Sequence[Flow[View]]]:
        world = copy()
        return world, [choosing(world, view) for view in views[1:]]

    for world, answers in interleaved(begin):
        assert [["number_in_use"]] == [codes(view) for view in answers if codes(view)]
        assert ["BIM016"] * 3 == [world.service.view(view.token).state for view in views]
        for dial in TWO_NUMBERS.dials:
            assert CallStatus.UNMATCHED is world.service.report_call(dialling(views[0], dial)).status


@pytest.mark.rule("P8", "A5")
@pytest.mark.parametrize("second", ["begins", "leaves", "is called"])
def test_a_call_to_one_line_in_every_order_leaves_the_other_alone(second: str) -> None:
    """Reads, too, may fall anywhere: a call proves its own session while another begins, leaves or is called."""
    _, views, copy = with_two_numbers(2, 1 if second == "begins" else 2)
    mine, other = views

    def begin() -> tuple[World, Sequence[Flow[Any]]]:
        world = copy()
        call = telephone.report_call(Config(world.policies), dialling(mine, mine.dial), None)
        beside: dict[str, Callable[[], Flow[Any]]] = {
            "begins": lambda: choosing(world, other),
            "leaves": lambda: sending(world, other.token, "back", None),
            "is called": lambda: telephone.report_call(Config(world.policies), dialling(other, other.dial), None),
        }
        return world, [call, beside[second]()]

    ends = {"begins": "PHONE", "leaves": "BIM016", "is called": "BIM017"}
    for world, (result, _) in interleaved(begin, is_point=touches_anything, switches=2):
        assert CallStatus.VERIFIED is result.status
        assert ["BIM017", ends[second]] == [world.service.view(view.token).state for view in views]
        assert [] == codes(world.service.view(other.token))


# A call id, and an entry of keys, side by side --------------------------------------------------------------

CALLER = Call(id="one-id", number=ORDINARY.contract.phones[0], source=CallSource.NETWORK)
STRANGE = {
    "another number": attrs.evolve(CALLER, number="080-1234-5602"),
    "diverted": attrs.evolve(CALLER, diverted=True),
    "the same": CALLER,
}


def waiting_for_a_code() -> World:
    """A customer who waits for the call with the code."""
    world = World()
    Person(Procedure.TOKEN_REISSUE).goes_to(world.service, "BTR004")
    return world


@pytest.mark.rule("P3", "A5")
@pytest.mark.parametrize("what", STRANGE)
def test_two_reports_under_one_call_id_in_every_order_are_one_call(what: str) -> None:
    """Reads, too, may fall anywhere: one of two calls is refused and told nothing, and no keys prove afterwards."""
    world, seen = waiting_for_a_code(), 0

    def begin() -> tuple[World, Sequence[Flow[CallResult]]]:
        copy = again(world)
        return copy, [telephone.report_call(Config(copy.policies), each, None) for each in (CALLER, STRANGE[what])]

    for copy, (honest, other) in interleaved(begin, is_point=touches_anything, switches=2):
        seen += 1
        if what == "the same":
            assert CallStatus.ANNOUNCE is honest.status
            assert honest == other
            assert CallStatus.VERIFIED is copy.service.report_keys("one-id", honest.code.reveal()).status
            continue
        assert 1 == sum([reason.code for reason in each.reasons] == ["call_id_reused"] for each in (honest, other))
        assert other.code is None
        keys = "000000" if honest.code is None else honest.code.reveal()
        assert copy.service.report_keys("one-id", keys).status in {CallStatus.REFUSED, CallStatus.UNMATCHED}
    assert seen > 10, "every order was to be tried"


@pytest.mark.rule("P4", "A3")
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("right", [True, False])
def test_one_entry_of_keys_delivered_twice_in_every_order_counts_once(named: bool, right: bool) -> None:
    """Reads, too, may fall anywhere: both deliveries hear the same, and a wrong code is one."""
    world = waiting_for_a_code()
    code = world.service.report_call(CALLER).code
    assert code is not None
    digits = code.reveal() if right else f"{(int(code.reveal()) + 1) % 10**6:06}"
    seen = 0

    def begin() -> tuple[World, Sequence[Flow[CallResult]]]:
        copy = again(world)
        keys = Keys("one-id", Secret(digits), None if named else copy.clock(), "1" if named else None)
        return copy, [entries.report_keys(Config(copy.policies), keys) for _ in range(2)]

    for copy, (one, other) in interleaved(begin, is_point=touches_anything, switches=2):
        seen += 1
        assert one == other
        assert (CallStatus.VERIFIED if right else CallStatus.RETRY) is one.status
        (session,) = copy.service.operator.sessions()
        assert (0 if right else 1) == session["wrong_codes"]
        assert (1 if right else 0) == copy.carried_out().count(EffectKind.ISSUE_TOKEN)
    assert seen > 10, "every order was to be tried"


# Threads and processes on one file --------------------------------------------------------------------------


def opened(where: str) -> Store:
    """The store at a path, or in a schema at a URL ("schema url"), as each process opens it."""
    schema, _, url = where.partition(" ")
    if url.startswith("postgresql:"):
        return PostgresStore(url, schema=schema, pool_size=2, timeout=PATIENT)
    return SqliteStore(where, busy_timeout=PATIENT)


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new store is that processes share, one of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "reset.db")
    return f"{request.getfixturevalue('new_schema')()} {request.getfixturevalue('postgres').url}"


def guess(bank: FakeBank, where: str, tokens: Sequence[str], times: int) -> list[str]:
    """Guess the PIN of every session, over and over; the answers' first codes."""
    with closing(opened(where)) as store:
        service = ResetService(bank=bank, store=store, key=KEY, clock=FakeClock(NOON))
        answers = []
        for _ in range(times):
            for token in tokens:
                view = service.send(token, "submit_reset", Person(BOTH[0], pin=WRONG_PIN).reset())
                answers.append(codes(view)[0])
        return answers


NOON = datetime(2026, 4, 1, 1, 5, tzinfo=UTC)
PATIENT = timedelta(seconds=60)
ANSWERS = {"wrong_pin", "in_progress", "locked", "event_not_available"}


def before_the_pin(bank: FakeBank, where: str, people: int) -> list[str]:
    """The tokens of that many sessions of one card, saved in a store, each before its PIN."""
    clock = FakeClock()
    with closing(opened(where)) as store:
        service = ResetService(bank=bank, store=store, key=KEY, clock=clock)
        return [str(person.token) for person in at_pin(service, clock, [BOTH[n % 2] for n in range(people)])]


@pytest.mark.rule("A3", "L2", "L3")
def test_threads_that_guess_one_card_get_three_wrong_pins_and_one_lock(tmp_path: Path) -> None:
    """Eight threads, each with a service of its own on one file: three wrong PINs at the bank, and the locks once."""
    bank, path = FakeBank(), str(tmp_path / "reset.db")
    tokens = before_the_pin(bank, path, 8)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: guess(bank, path, tokens[n:] + tokens[:n], 2), range(8)))
    assert {code for each in answers for code in each} <= ANSWERS
    assert 3 == bank.most_wrong_pins_in_a_row(REF)
    assert LOCKS_TOLD == sorted(effect.kind for effect in bank.carried_out)


@contextmanager
def side_by_side(target: Callable[..., None], arguments: Sequence[tuple[object, ...]]) -> Iterator[None]:
    """A process for each tuple of arguments; afterwards all of them have ended well."""
    context = clean()
    children = [context.Process(target=target, args=each, daemon=True) for each in arguments]
    for child in children:
        child.start()
    yield
    for child in children:
        child.join()
    assert [0] * len(children) == [child.exitcode for child in children]


def _guess_in_process(folder: str, where: str, tokens: list[str], told: multiprocessing.SimpleQueue[list[str]]) -> None:
    told.put(guess(FileBank(Path(folder) / "bank.db"), where, tokens, 2))


@pytest.mark.rule("A3", "L1", "L2", "L3", "S4")
def test_processes_that_guess_one_card_get_three_wrong_pins_and_one_lock(tmp_path: Path, where: str) -> None:
    """Four processes on one store, four sessions each: three wrong PINs at the bank, and the locks once."""
    bank = FileBank(tmp_path / "bank.db")
    tokens = before_the_pin(bank, where, 4)
    context = clean()
    told: multiprocessing.SimpleQueue[list[str]] = context.SimpleQueue()
    rotated = [tokens[n:] + tokens[:n] for n in range(4)]
    with side_by_side(_guess_in_process, [(str(tmp_path), where, each, told) for each in rotated]):
        answers = [code for _ in rotated for code in told.get()]
    assert set(answers) <= ANSWERS
    assert (3, 3) == (len(bank.pins()), longest_row(bank.pins()))
    assert [kind.value for kind in LOCKS_TOLD] == bank.kinds()

"""Two and three turns in every schedule that differs, at each touch of store, bank and clock (A1, A3, A5, A6, A8)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import attrs
import pytest

from interleavings import interleaved, sending, touches_anything
from ja_reset import Call, CallResult, CallSource, Procedure, View
from ja_reset.errors import BankUnavailable, UnknownSession, UnlockRefused
from ja_reset.secret import Secret
from ja_reset.service import _accounts as accounts
from ja_reset.service import _maintenance as housekeeping
from ja_reset.service import _telephone as telephone
from ja_reset.service._accounts import Account
from ja_reset.service._config import Config
from ja_reset.service._customer import look
from ja_reset.service._io import Commit, Flow, Get
from ja_reset.service._records import IDENTITY_ATTEMPTS, OUTBOX, PIN_ATTEMPTS, OutboxEntry, OutboxStatus
from ja_reset.service.saved import load, load_session
from ja_reset.stores.rows import Put
from ja_reset.testing import FakeClock
from ja_reset.testing._entries import credentials, identity
from ja_reset.testing.cast import ORDINARY
from runs import LOCKS, LOCKS_TOLD, WRONG_PIN, Person, World, copied, success
from schedules import schedules, ticking

REF = ORDINARY.ref
NUMBER = ORDINARY.contract.phones[0]
LOGIN, RISK, TOKEN = Procedure
WINDOW = timedelta(seconds=126)
IDLE = timedelta(seconds=601)
RETENTION = timedelta(days=31)
MANY = 2
"""Of more turns that all ask the bank there are tens of thousands of schedules, where each read is a point."""
LEFT = 2
"""Of these, the schedules in which turns are left so often that could go on."""
PROVED = {"VERIFIED", "ANNOUNCE"}


class Scene:
    """A world at its beginning, and customers in it; `copy` begins it once more."""

    def __init__(self) -> None:
        self.world = World()
        self.people: list[Person] = []
        self.wrong_before = 0
        self.silent = ""

    def person(self, procedure: Procedure, state: str) -> Person:
        """A customer's session, driven to that state; the number that it waited for has its rest."""
        person = Person(procedure)
        assert state == person.goes_to(self.world.service, state).state
        self.world.clock.advance(1)
        self.people.append(person)
        return person

    def copy(self) -> World:
        """The same rows and time, and a bank that remembers the PINs."""
        world = World(store=copied(self.world.store))
        world.clock = FakeClock(self.world.clock())
        world.service = world.open()
        for _ in range(self.wrong_before):
            world.bank.check_pin(REF, Secret(WRONG_PIN))
        world.bank.asked.clear()
        if self.silent:  # it does its work, and gives no answer
            world.bank.fail(self.silent, BankUnavailable, times=99, after=True)
        return world


Make = Callable[[World], Flow[Any]]


def sends(person: Person, event: str, data: object = None, *, version: bool = True, request: str | None = None) -> Make:
    """The customer sends that, under the version he sees now."""

    def flow(world: World) -> Flow[Any]:
        view = person.looks(world.service)
        number = view.version if version else None
        return sending(world, view.token, event, data, version=number, request_id=request)

    return flow


def types_pin(person: Person, pin: str = ORDINARY.pin) -> Make:
    """The customer sends the last form."""
    return sends(person, "submit_reset", person.reset(pin=pin), version=False)


def calls(number: str = "one", *, at: Callable[[World], Any] = lambda world: world.clock()) -> Make:
    """The gateway reports a call from the customer's phone."""
    return lambda world: telephone.report_call(
        Config(world.policies), Call(id=number, number=NUMBER, source=CallSource.NETWORK, received_at=at(world)), None
    )


def recovers(world: World) -> Flow[Any]:
    """A process recovers."""
    return housekeeping.recover(Config(world.policies))


def expires(world: World) -> Flow[Any]:
    """A process ends what has run out."""
    return housekeeping.expire_due(Config(world.policies))


def purges(world: World) -> Flow[Any]:
    """A process drops what is old."""
    return housekeeping.purge(Config(world.policies))


def unlocks(world: World) -> Flow[Any]:
    """The host unlocks the customer's account."""
    account = Account(ORDINARY.institution, ORDINARY.branch, ORDINARY.subject, ORDINARY.account, None)
    return accounts.unlock(Config(world.policies), account, by=None, reason=None)


def looks(person: Person) -> Make:
    """The customer's page asks for the view."""
    return lambda world: look(Config(world.policies), Secret(str(person.token)))


def passes(span: timedelta) -> Make:
    """Time passes."""
    return lambda _: ticking(span)


# Scenes -----------------------------------------------------------------------------------------------------


@attrs.frozen
class Play:
    """A scene and the turns in it.

    `fused`: a turn is not left between a commit or a question and the reads that follow it. `limit`: how many wrong
    PINs in a row the bank may see; `calls`: how many sessions calls may prove.
    """

    scene: Scene
    turns: tuple[Make, ...]
    time_passes: bool = False
    fused: bool = False
    limit: int = 3
    calls: int = 0

    def begin(self) -> tuple[World, Sequence[Flow[Any]]]:
        """The world, and the turns about to begin."""
        world = self.scene.copy()
        return world, [turn(world) for turn in self.turns]


def guessers(
    pins: Sequence[str], *, wrong_before: int, more: tuple[Make, ...] = (), limit: int = 3, silent: str = ""
) -> Play:
    """Sessions of one card that send a PIN each; the bank gives no answer to what is *silent*."""
    scene = Scene()
    people = [scene.person((LOGIN, RISK)[n % 2], "BIM017") for n in range(len(pins))]
    for _ in range(wrong_before):
        view = people[0].looks(scene.world.service)
        scene.world.service.send(view.token, "submit_reset", people[0].reset(pin=WRONG_PIN))
    scene.wrong_before, scene.silent = wrong_before, silent
    typed = tuple(types_pin(person, pin) for person, pin in zip(people, pins, strict=True))
    turns = (*typed, *more)
    return Play(scene, turns, limit=limit, fused=len(turns) > MANY)


def provers(procedure: Procedure, rights: Sequence[bool], *, silent: str = "") -> Play:
    """Sessions of one account that say who they are, each rightly or not; the bank gives no answer to what is *silent*.

    One failure more is one too many.
    """
    scene = Scene()
    state, event = ("BTR002", "submit_credentials") if procedure is TOKEN else ("BIM015", "submit_identity")
    right = credentials(ORDINARY, "LOGIN_ID") if procedure is TOKEN else identity(ORDINARY)
    wrong = {**right, ("password" if procedure is TOKEN else "birth_date"): "1999-09-09"}
    people = [scene.person(procedure, state) for _ in rights]
    for _ in range(scene.world.policies.identity.identity_attempts - len(rights)):
        person = scene.person(procedure, state)
        scene.world.service.send(person.looks(scene.world.service).token, event, wrong)
    scene.silent = silent
    pairs = zip(people, rights, strict=True)
    turns = tuple(sends(person, event, right if is_right else wrong) for person, is_right in pairs)
    return Play(scene, turns, fused=len(turns) > MANY)


def tabs(*events: tuple[str, bool]) -> Play:
    """One session before its PIN; each tab sends the form (True) or an event."""
    scene = Scene()
    person = scene.person(LOGIN, "BIM017")
    form = person.reset()
    turns = tuple(sends(person, event, form if typed else None) for event, typed in events)
    return Play(scene, turns, fused=len(turns) > MANY)


def waiting(*turns: Callable[[Person], Make], procedure: Procedure = LOGIN, time_passes: bool = False) -> Play:
    """One session that waits for a call, and turns that have to do with it."""
    scene = Scene()
    person = scene.person(procedure, "BTR004" if procedure is TOKEN else "PHONE")
    return Play(scene, tuple(turn(person) for turn in turns), time_passes, calls=1)


def contested(*more: Callable[[Person, Person], Make], calls: int = 1) -> Play:
    """One session waits for the number, and another one asks for it."""
    scene = Scene()
    other = scene.person(RISK, "BIM016")
    one = scene.person(LOGIN, "PHONE")
    chosen = {"phone_id": other.looks(scene.world.service).phones[0].id}
    return Play(scene, (sends(other, "choose_phone", chosen), *(turn(one, other) for turn in more)), calls=calls)


def completing(*turns: Callable[[Person], Make]) -> Play:
    """A session whose effect is recorded, the bank gave no answer, and its back-off is over."""
    scene = Scene()
    person = scene.person(LOGIN, "BIM017")
    scene.world.bank.fail("carry_out", BankUnavailable)
    view = person.steps(scene.world.service, person.looks(scene.world.service))
    assert "COMPLETING" == view.state
    scene.world.clock.advance(scene.world.policies.session.effect_backoff)  # or recover() leaves it alone (C4)
    return Play(scene, tuple(turn(person) for turn in turns), fused=len(turns) > MANY)


def long_locked(*turns: Make, silent: int = len(LOCKS_TOLD)) -> Play:
    """A session that was locked while the bank gave no answer to *silent* of the orders, and is past its retention."""
    play = guessers([WRONG_PIN, WRONG_PIN], wrong_before=2)
    scene = play.scene
    scene.world.bank.fail("carry_out", BankUnavailable, times=silent)
    scene.people[0].pin = WRONG_PIN
    assert "LOCKED" == scene.people[0].steps(scene.world.service, scene.people[0].looks(scene.world.service)).state
    scene.wrong_before = 3
    scene.world.clock.advance(RETENTION)
    return Play(scene, turns, limit=6)


def back(person: Person) -> Make:
    """戻る."""
    return sends(person, "back")


def cancels(person: Person) -> Make:
    """申込を中止する."""
    return sends(person, "cancel")


def proceeds(person: Person) -> Make:
    """パスワード入力へ."""
    return sends(person, "proceed")


def a_call(_: Person) -> Make:
    """A call from the phone."""
    return calls()


def in_time(_: Person) -> Make:
    """A call that reached the gateway while the window was open, whenever it is reported."""
    return calls(at=lambda world: world.clock())


SUBMIT, CANCEL = ("submit_reset", True), ("cancel", False)

TWO: dict[str, Callable[[], Play]] = {
    "two wrong PINs": lambda: guessers([WRONG_PIN] * 2, wrong_before=1),
    "a wrong PIN, the last one, and a right one": lambda: guessers([WRONG_PIN, ORDINARY.pin], wrong_before=2),
    "two wrong PINs at a silent bank": lambda: guessers([WRONG_PIN] * 2, wrong_before=0, silent="check_pin"),
    "a PIN and an unlock at a silent bank": lambda: guessers(
        [WRONG_PIN], wrong_before=1, more=(unlocks,), limit=6, silent="check_pin"
    ),
    "a wrong identity and a right one": lambda: provers(LOGIN, [False, True]),
    "two identities at a silent bank": lambda: provers(LOGIN, [False, False], silent="find_contract"),
    "two logins at a silent bank": lambda: provers(TOKEN, [False, True], silent="check_login"),
    "submit and cancel": lambda: tabs(SUBMIT, CANCEL),
    "submit in two tabs": lambda: tabs(SUBMIT, SUBMIT),
    "a call and back": lambda: waiting(a_call, back),
    "a call and cancel": lambda: waiting(a_call, cancels, procedure=TOKEN),
    "a call and proceed": lambda: waiting(a_call, proceeds),
    "a call reported twice": lambda: waiting(a_call, a_call),
    "a call and the end of the window": lambda: waiting(in_time, lambda _: passes(WINDOW), time_passes=True),
    "a contest and a call": lambda: contested(lambda _one, _other: calls()),
    "a contest and back": lambda: contested(lambda one, _: back(one)),
    "recover and proceed": lambda: completing(lambda _: recovers, proceeds),
    "recover twice": lambda: completing(lambda _: recovers, lambda _: recovers),
    "unlock and a wrong PIN": lambda: guessers([WRONG_PIN], wrong_before=2, more=(unlocks,), limit=6),
    "recover and unlock": lambda: long_locked(recovers, unlocks),
    "purge and recover": lambda: long_locked(purges, recovers),
    "purge of a notice and recover": lambda: long_locked(purges, recovers, silent=len(LOCKS)),
}

THREE: dict[str, Callable[[], Play]] = {
    "three wrong PINs, of which one may be": lambda: guessers([WRONG_PIN] * 3, wrong_before=2),
    "two wrong PINs and a right one": lambda: guessers([WRONG_PIN, WRONG_PIN, ORDINARY.pin], wrong_before=2),
    "submit, submit and cancel": lambda: tabs(SUBMIT, SUBMIT, CANCEL),
    "a call, back and cancel": lambda: waiting(a_call, back, cancels),
    "a call, time and expire_due": lambda: waiting(
        in_time, lambda _: passes(WINDOW), lambda _: expires, time_passes=True
    ),
    "a call, time and a look": lambda: waiting(in_time, lambda _: passes(WINDOW), looks, time_passes=True),
    "a contest, a call and back": lambda: contested(lambda _one, _other: calls(), lambda one, _: back(one)),
    "a contest and two calls": lambda: contested(lambda *_: calls("one"), lambda *_: calls("two"), calls=2),
    "recover, proceed and recover": lambda: completing(lambda _: recovers, proceeds, lambda _: recovers),
    "unlock and two wrong PINs": lambda: guessers([WRONG_PIN] * 2, wrong_before=2, more=(unlocks,), limit=6),
    "purge, recover and unlock": lambda: long_locked(purges, recovers, unlocks),
}


def idle_submit(*more: Make) -> Play:
    """A session before its PIN that is sent while it runs out of time, and the maintenance comes."""
    scene = Scene()
    person = scene.person(LOGIN, "BIM017")
    return Play(scene, (types_pin(person), passes(IDLE), *more), time_passes=True, fused=bool(more))


THREE["a submit, time and expire_due"] = lambda: idle_submit(expires)
TWO["a submit and time"] = idle_submit


AT_EVERY_READ: dict[str, Callable[[], Play]] = {
    "three wrong PINs at a silent bank": lambda: guessers([WRONG_PIN] * 3, wrong_before=0, silent="check_pin"),
    "three logins at a silent bank": lambda: provers(TOKEN, [False] * 3, silent="check_login"),
    **{name: play for name, play in THREE.items() if play().fused},
}
"""Three turns that all ask the bank."""


# Laws -------------------------------------------------------------------------------------------------------


def is_lawful(play: Play, world: World, answers: Sequence[Any]) -> None:
    """A1, A3, A5, A6 and A8, of whatever has happened."""
    for answer in answers:
        assert answer is None or isinstance(answer, (View, CallResult, int, UnknownSession, UnlockRefused)), answer
    is_asked_once_for_what_it_reserves(play, world)
    world.clock.advance(61)
    world.service.recover()
    assert world.bank.most_wrong_pins_in_a_row(REF) <= play.limit
    proved = 0
    for row in world.store.scan("session"):
        session = load_session(row.body)
        trail = [record for record in world.store.audit(session=row.key) if "after" in record]
        proved += sum(record.get("status") in PROVED for record in trail)
        assert session.state != "COMPLETING", "an effect is stuck"
        if session.state == success(Procedure(session.procedure)):
            is_the_whole_way(trail)
    assert proved - _proved_before(play) <= play.calls
    waiting_now = [each for each in world.service.operator.sessions() if each["state"] in {"PHONE", "BTR004"}]
    assert len(waiting_now) <= 1
    done = [(effect.key.split(":")[0], effect.kind) for effect in world.bank.carried_out]
    assert len(done) == len(set(done)), "an effect was ordered twice"
    assert sum(kind is LOCKS[0] for _, kind in done) <= 1
    for row in world.store.scan(OUTBOX):
        entry = load(OutboxEntry, row.body, OUTBOX)
        if entry.status is OutboxStatus.WITHDRAWN:
            assert entry.key not in {effect.key for effect in world.bank.carried_out}, "locked after the unlock"
            continue
        if entry.status is OutboxStatus.OVERDUE:  # past its deadline only a lock is still delivered (C4)
            assert entry.kind not in LOCKS
            assert entry.deadline is not None
            assert world.clock() > entry.deadline
            assert entry.key not in {effect.key for effect in world.bank.carried_out}
            continue
        assert OutboxStatus.CONFIRMED is entry.status
        assert entry.key in {effect.key for effect in world.bank.carried_out} or entry.key in _given_before(play)


def is_asked_once_for_what_it_reserves(play: Play, world: World) -> None:
    """L3, I5: the bank is asked about a PIN, or who somebody is, no more often than that was counted before."""
    assert world.pins_asked() <= world.times_reserved(PIN_ATTEMPTS), "a PIN was verified twice under one attempt"
    assert world.times_asked("check_login") <= world.times_reserved(IDENTITY_ATTEMPTS), (
        "a login was checked twice under one try"
    )
    known = world.times_reserved(IDENTITY_ATTEMPTS) + play.turns.count(unlocks)
    assert world.times_asked("find_contract") <= known, "an identity was checked twice under one try"


def _proved_before(play: Play) -> int:
    return sum(record.get("status") in PROVED for record in play.scene.world.store.audit() if "after" in record)


def _given_before(play: Play) -> set[str]:
    return {effect.key for effect in play.scene.world.bank.carried_out}


def is_the_whole_way(trail: Sequence[dict[str, object]]) -> None:
    """A1: the last proofs of a session that ended well, in their order, with no 戻る after them."""
    moves = [(record["before"], record["after"]) for record in trail if record["after"] != record["before"]]
    assert list(itertools.pairwise(["BIM015", "BIM016", "PHONE", "BIM017", "COMPLETING", "DONE"])) == moves[-5:]


def number_of(play: Play, *, switches: int | None = None) -> int:
    """How many schedules there are, each of them lawful; with *switches* every read is a point."""
    seen, fused = 0, play.fused and switches is None
    for world, answers in schedules(play.begin, time_passes=play.time_passes, fused=fused, switches=switches):
        is_lawful(play, world, answers)
        seen += 1
    return seen


@pytest.mark.rule("A1", "A3", "A5", "A6", "A8", "S2", "S3", "P8", "L3", "L6", "C4")
@pytest.mark.parametrize("name", TWO)
def test_two_turns_in_every_schedule(name: str) -> None:
    """Whatever the order of two turns' reads, commits and questions, the laws hold."""
    seen = number_of(TWO[name]())
    print(f"{seen} schedules: {name}")  # noqa: T201 - for the documentation's table: pytest -rP
    assert seen > 1


@pytest.mark.rule("A1", "A3", "A5", "A6", "A8", "S2", "S3", "P8", "L3", "L6", "C4")
@pytest.mark.parametrize("name", THREE)
def test_three_turns_in_every_schedule(name: str) -> None:
    """Whatever the order of three turns' commits and questions (reads too, where they are few), the laws hold."""
    seen = number_of(THREE[name]())
    print(f"{seen} schedules: {name}")  # noqa: T201 - for the documentation's table: pytest -rP
    assert seen > 2


@pytest.mark.rule("A1", "A3", "A5", "A6", "A8", "S2", "S3", "P8", "L3", "L6", "C4")
@pytest.mark.parametrize("name", AT_EVERY_READ)
def test_three_turns_that_ask_the_bank_at_every_read(name: str) -> None:
    """Where all turns ask the bank each read is a point too: left twice, wherever that falls, the laws hold."""
    seen = number_of(AT_EVERY_READ[name](), switches=LEFT)
    print(f"{seen} schedules, left twice: {name}")  # noqa: T201 - for the documentation's table: pytest -rP
    assert seen > 2


# The scheduler ----------------------------------------------------------------------------------------------


def _adds(key: str, *, careful: bool) -> Flow[int]:
    """Count a row up: by compare and swap, or over whatever is there (what was read is lost)."""
    while True:
        row = yield Get("count", key)
        count = 0 if row is None else row.body["n"]
        made = yield Commit((Put("count", key, None if row is None else row.stamp, {"n": count + 1}),), ())
        if made or not careful:
            return count + 1


@pytest.mark.parametrize("keys", ["aa", "ab", "aaa", "aab", "abc"])
@pytest.mark.parametrize("careful", [True, False])
def test_the_reduction_leaves_out_no_end(keys: str, careful: bool) -> None:
    """The schedules that are run come to the very ends that all schedules come to, and are fewer."""

    def begin() -> tuple[World, Sequence[Flow[int]]]:
        return World(), [_adds(key, careful=careful) for key in keys]

    def ends(runs: Iterator[tuple[World, list[Any]]]) -> list[tuple[object, ...]]:
        return [(*answers, *(row.body["n"] for row in world.store.scan("count"))) for world, answers in runs]

    every = ends(interleaved(begin, is_point=touches_anything))
    chosen = ends(schedules(begin))
    assert set(every) == set(chosen)
    assert len(chosen) <= len(every)
    assert len(set(keys)) < len(keys) or 1 == len(chosen)

"""A task is cancelled at every await of every call, and another process goes on (A3, A6, C6, L5, I5)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from hosts import KEY
from ja_reset import AsyncResetService, BankUnavailable, Call, CallSource, Procedure, UnlockRefused, View
from ja_reset.service.ports import AsyncBank
from ja_reset.stores import SqliteStore, threaded
from ja_reset.stores.rows import AsyncStore, Put, Row, Store
from ja_reset.testing import AsyncFakeBank, FakeBank
from ja_reset.testing._bank import METHODS
from ja_reset.testing.cast import ORDINARY
from runs import LOCKS_TOLD, WRONG_PIN, Person, World

T = TypeVar("T")
REF = ORDINARY.ref
LOGIN, RISK, TOKEN = Procedure
PAST_LEASE = 61
PAST_LAPSE = 3601


class _Pause:
    def __await__(self) -> Generator[None, None, None]:
        yield


class Cancels:
    """A task that is cancelled at its *at*-th await, before, during or after the work; *twice*: at the next too."""

    def __init__(self, at: int = 0, how: str = "before", *, twice: bool = False) -> None:
        self.points = {at, at + twice} - {0}
        self.how = how
        self.count = 0

    async def touch(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do that; an await of the task."""
        self.count += 1
        task = asyncio.current_task()
        assert task is not None
        if self.count not in self.points:
            return await work()
        if self.how != "after":
            task.cancel()
        if self.how == "before":
            await _Pause()
        answer = await work()
        if self.how == "after":
            task.cancel()
        await _Pause()
        return answer


class CancellingStore:
    """A store whose methods are coroutines, and whose caller is cancelled."""

    def __init__(self, store: Store, cancels: Cancels) -> None:
        self.persistent = store.persistent
        self._store = threaded(store)
        self._cancels = cancels

    async def get(self, kind: str, key: str) -> Row | None:
        """See `AsyncStore.get`."""
        return await self._cancels.touch(lambda: self._store.get(kind, key))

    async def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        """See `AsyncStore.get_many`."""
        return await self._cancels.touch(lambda: self._store.get_many(names))

    async def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """See `AsyncStore.commit`."""
        return await self._cancels.touch(lambda: self._store.commit(puts, audit))

    async def scan(self, kind: str, **named: Any) -> list[Row]:  # noqa: ANN401 - as the port's
        """See `AsyncStore.scan`."""
        return await self._cancels.touch(lambda: self._store.scan(kind, **named))

    async def audit(self, **named: Any) -> list[dict[str, object]]:  # noqa: ANN401 - as the port's
        """See `AsyncStore.audit`."""
        return await self._store.audit(**named)


class CancellingBank:
    """A bank of coroutines whose caller is cancelled."""

    def __init__(self, bank: FakeBank, cancels: Cancels) -> None:
        self._bank = AsyncFakeBank(bank)
        self._cancels = cancels

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        if name not in METHODS:
            raise AttributeError(name)
        method = getattr(self._bank, name)
        return lambda *given: self._cancels.touch(lambda: method(*given))


Act = Callable[[AsyncResetService, Person, View], Awaitable[object]]


def sends(event: str | None = None) -> Act:
    """What the screen asks for, or *event*, under one request id."""

    async def act(service: AsyncResetService, person: Person, view: View) -> object:
        name, typed = person.types(view) if event is None else (event, {})
        return await service.send(view.token, name, typed, version=view.version, request_id="r1")

    return act


async def calls(service: AsyncResetService, person: Person, _: View) -> object:
    """A call from the phone."""
    number = person.customer.contract.phones[0]
    return await service.report_call(Call(id="cancelled", number=number, source=CallSource.NETWORK))


async def keys(service: AsyncResetService, person: Person, _: View) -> object:
    """The code of the call."""
    assert person.heard is not None
    name, code = person.heard
    return await service.report_keys(name, code.reveal())


async def unlocks(service: AsyncResetService, person: Person, _: View) -> None:
    """The host unlocks."""
    who = person.customer
    await service.unlock(who.institution, branch=who.branch, subject=who.subject, account=who.account)


async def starts(service: AsyncResetService, person: Person, _: View) -> object:
    """Another session."""
    return await service.start(person.procedure, institution=person.customer.institution)


CASES: dict[str, tuple[Procedure, str, str | None, Act]] = {
    "start": (LOGIN, "BIM015", None, starts),
    "identity": (LOGIN, "BIM015", None, sends()),
    "login": (TOKEN, "BTR002", None, sends()),
    "choose the phone": (RISK, "BIM016", None, sends()),
    "the details": (TOKEN, "BTR003", None, sends()),
    "back": (LOGIN, "PHONE", None, sends("back")),
    "a call": (LOGIN, "PHONE", None, calls),
    "a call with a code": (TOKEN, "BTR004", None, calls),
    "keys": (TOKEN, "BTR004_KEYS", None, keys),
    "a right PIN": (LOGIN, "BIM017", None, sends()),
    "a wrong PIN": (RISK, "BIM017", WRONG_PIN, sends()),
    "cancel": (LOGIN, "BIM017", None, sends("cancel")),
    "look": (LOGIN, "PHONE", None, lambda service, _, view: service.view(view.token)),
    "unlock": (LOGIN, "BIM017", None, unlocks),
    "recover": (LOGIN, "COMPLETING", None, lambda service, _, __: service.recover()),
    "proceed": (TOKEN, "COMPLETING", None, sends("proceed")),
    "expire_due": (LOGIN, "BIM016", None, lambda service, _, __: service.expire_due()),
    "purge": (LOGIN, "BIM016", None, lambda service, _, __: service.purge()),
}
"""Every call, where it does something: the procedure and the state it comes in, the PIN typed, and the call itself."""


class Scene:
    """A world in which a call is about to come."""

    def __init__(self, name: str, store: Store | None) -> None:
        procedure, state, pin, self.act = CASES[name]
        self.world = World(store=store)
        self.person = Person(procedure, pin=pin, clock=self.world.clock)
        if state == "COMPLETING":
            self.world.bank.fail("carry_out", BankUnavailable)
        self.view = self.person.goes_to(self.world.service, state)
        self.world.clock.advance(PAST_LEASE if name in {"recover", "proceed"} else 1)
        self.world.bank.asked.clear()

    async def comes(self, cancels: Cancels) -> None:
        """The call, in a task that is cancelled so."""
        bank = cast("AsyncBank", CancellingBank(self.world.bank, cancels))
        store = cast("AsyncStore", CancellingStore(self.world.store, cancels))
        service = AsyncResetService(
            bank=bank, store=store, key=KEY, clock=self.world.clock, policies=self.world.policies
        )
        with suppress(asyncio.CancelledError, UnlockRefused):
            await asyncio.ensure_future(self.act(service, self.person, self.view))

    def is_lawful(self, where: object) -> None:
        """A3, A6: whoever goes on meets the limit and no more; each effect is done once, and nothing is left."""
        world, person = self.world, self.person
        for _ in range(2):
            world.clock.advance(PAST_LEASE)
            world.service.recover()
        if person.pin == WRONG_PIN:
            asyncio.run(self.comes(Cancels()))  # the same request
            assert world.pins_asked() <= 1, where
        lapsed = 0
        for _ in range(4):
            view = person.goes_to(world.service)
            if view.state in {"DONE", "BTR005", "LOCKED"}:
                break
            assert view.state in {"EXPIRED", "CANCELLED"} or view.tries_left == 0, (where, view)
            assert world.bank.most_wrong_pins_in_a_row(REF) <= 3, where
            lapsed += view.tries_left == 0  # an attempt that nobody knows the outcome of, an hour later (L5)
            world.clock.advance(PAST_LAPSE)
            person.token = None
        assert ("LOCKED" if person.pin == WRONG_PIN else "DONE") == view.state.replace("BTR005", "DONE"), where
        assert world.bank.most_wrong_pins_in_a_row(REF) <= 3 + lapsed, where
        done = Counter(world.carried_out())
        assert {1} == set(done.values()), (where, done)
        if person.pin == WRONG_PIN:
            assert LOCKS_TOLD == world.carried_out(), where
        assert [] == world.service.operator.effects(status="pending"), where


def touches(name: str) -> int:
    """How many awaits of store and bank the call has."""
    cancels = Cancels()
    asyncio.run(Scene(name, None).comes(cancels))
    return cancels.count


@pytest.mark.rule("A3", "A6", "A8", "C6", "L3", "L5", "S2")
@pytest.mark.parametrize("how", ["before", "after"])
@pytest.mark.parametrize("name", CASES)
def test_a_task_cancelled_at_any_await_loses_nothing_and_does_nothing_twice(name: str, how: str) -> None:
    """Over memory: wherever a call is cancelled, and cancelled once more while it cleans up, the laws hold."""
    for twice in (False, True):
        for at in range(1, touches(name) + 1):
            scene = Scene(name, None)
            asyncio.run(scene.comes(Cancels(at, how, twice=twice)))
            scene.is_lawful((at, twice))


@pytest.mark.rule("A3", "A6", "A8", "C6", "L3", "L5", "S2")
@pytest.mark.parametrize("name", ["identity", "a wrong PIN", "a right PIN", "keys", "recover", "unlock"])
def test_a_task_cancelled_while_the_disk_is_at_work_loses_nothing(name: str, tmp_path: Path) -> None:
    """Over a file: what the store's thread was asked for is still done, though nobody waits for it any more."""
    for at in range(1, touches(name) + 1):
        with SqliteStore(tmp_path / f"{at}.db") as store:
            scene = Scene(name, store)
            asyncio.run(scene.comes(Cancels(at, "during")))
            scene.is_lawful(at)

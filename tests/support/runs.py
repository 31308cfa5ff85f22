"""Customers who go on by themselves, and processes that die at a chosen point."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, cast

from hosts import KEY, details, reset
from ja_reset import Call, CallSource, EffectKind, Policies, Procedure, ResetService, View
from ja_reset.bank._values import CallStatus
from ja_reset.secret import Secret
from ja_reset.service._records import CALL, CODES, IDENTITY_ATTEMPTS, OUTBOX, PIN_ATTEMPTS, REQUEST, SESSION, WAIT
from ja_reset.service.ports import Bank
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Put, Row, Store
from ja_reset.testing import FakeBank, FakeClock, credentials, identity
from ja_reset.testing._bank import METHODS
from ja_reset.testing._shells import paused_by
from ja_reset.testing.cast import ORDINARY, Customer

T = TypeVar("T")

KINDS = (SESSION, PIN_ATTEMPTS, IDENTITY_ATTEMPTS, WAIT, CALL, CODES, REQUEST, OUTBOX)
WRONG_PIN = "9999"
HEAD = {Procedure.LOGIN_PASSWORD: "SET_LOGIN_PASSWORD", Procedure.RISK_BASED_AUTH: "CLEAR_RISK_AUTH"}
LOCKS = [EffectKind.LOCK_CARD, EffectKind.LOCK_SERVICE]
LOCKS_TOLD = [*LOCKS, EffectKind.NOTIFY]
"""What the bank has done where the last wrong PIN has locked: both locks, and the notice of them."""


class CountedStore(MemoryStore):
    """A store that counts what was reserved in it: the names of attempts at a PIN, and of tries at an identity."""

    def __init__(self) -> None:
        super().__init__()
        self.reserved: dict[str, set[str]] = {PIN_ATTEMPTS: set(), IDENTITY_ATTEMPTS: set()}

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """As the memory's; what it reserves is noted where it was made."""
        made = super().commit(puts, audit)
        for put in puts if made else ():
            for each in (put.body or {}).get(_RESERVED.get(put.kind, ""), ()):  # type: ignore[attr-defined]
                self.reserved[put.kind].add(each["id"])
        return made


_RESERVED = {PIN_ATTEMPTS: "open", IDENTITY_ATTEMPTS: "pending"}


class World:
    """A bank, a clock and a store, and services over them."""

    def __init__(
        self, *, store: Store | None = None, bank: FakeBank | None = None, policies: Policies | None = None
    ) -> None:
        self.bank = bank or FakeBank()
        self.clock = FakeClock()
        self.store: Store = store or CountedStore()
        self.policies = policies or Policies()
        self.service = self.open()

    def open(self, life: Life | None = None) -> ResetService:
        """A service as a new process would make it; with a life it dies with that."""
        bank = self.bank if life is None else cast("Bank", MortalBank(self.bank, life))
        store = self.store if life is None else cast("Store", MortalStore(self.store, life))
        service = ResetService(bank=bank, store=store, key=KEY, clock=self.clock, policies=self.policies)
        return paused_by(service, lambda _seconds: None)

    def rows(self) -> list[Row]:
        """Every row that is kept."""
        return [row for kind in KINDS for row in self.store.scan(kind)]

    def carried_out(self, ref: str = ORDINARY.ref) -> list[str]:
        """The kinds of effects that the bank has done for a contract, in the order of their names."""
        done = [effect.kind for effect in self.bank.carried_out if effect.ref == ref]
        return sorted(done)

    def pins_asked(self) -> int:
        """How often the bank was asked to verify a PIN."""
        return self.times_asked("check_pin")

    def times_asked(self, *methods: str) -> int:
        """How often the bank was asked that."""
        return sum(method in methods for method, _ in self.bank.asked)

    def times_reserved(self, kind: str) -> int:
        """How many attempts at a PIN (`LEDGER`), or tries at an identity (`TRIES`), were reserved in its store."""
        assert isinstance(self.store, CountedStore)
        return len(self.store.reserved[kind])


def copied(store: Store) -> CountedStore:
    """A store with the same rows and audit, in which nothing was reserved yet."""
    copy = CountedStore()
    rows = [row for kind in KINDS for row in store.scan(kind)]
    copy.commit([Put(row.kind, row.key, None, row.body, row.tag, row.due) for row in rows], store.audit())
    for names in copy.reserved.values():
        names.clear()
    return copy


# Dying ------------------------------------------------------------------------------------------------------


class Crash(BaseException):
    """The process is dead: nothing that it does afterwards has an effect."""


class Life:
    """The life of a process: with its *ends*-th commit or question to the bank it ends, before that or *after* it.

    With an *error* it goes on: that is raised in the store's or the bank's place, and all is well again.
    """

    def __init__(self, ends: int = 0, *, after: bool = False, error: Exception | None = None) -> None:
        self.ends = ends
        self.after = after
        self.error = error
        self.count = 0
        self.over = False

    def breathe(self) -> None:
        """Raise Crash where it is over."""
        if self.over:
            raise Crash

    def touch(self, work: Callable[[], T]) -> T:
        """Do what the world outside sees."""
        self.breathe()
        self.count += 1
        if self.count != self.ends:
            return work()
        if self.after:
            work()
        if self.error is not None:
            raise self.error
        self.over = True
        raise Crash


class MortalStore:
    """A store as a mortal process reaches it."""

    def __init__(self, store: Store, life: Life) -> None:
        self.persistent = store.persistent
        self._store = store
        self._life = life

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """A commit is seen from outside."""
        return self._life.touch(lambda: self._store.commit(puts, audit))

    def __getattr__(self, name: str) -> object:
        self._life.breathe()
        return getattr(self._store, name)


class MortalBank:
    """A bank as a mortal process reaches it."""

    def __init__(self, bank: FakeBank, life: Life) -> None:
        self._bank = bank
        self._life = life

    def __getattr__(self, name: str) -> object:
        method = getattr(self._bank, name)
        return (lambda *args: self._life.touch(lambda: method(*args))) if name in METHODS else method


# Going on ---------------------------------------------------------------------------------------------------


class Person:
    """A customer at a screen, who does what it asks for, whatever came in between.

    With a *clock* he waits a little before he does the same thing again.
    """

    _calls = itertools.count(1)

    def __init__(
        self,
        procedure: Procedure,
        *,
        customer: Customer = ORDINARY,
        pin: str | None = None,
        clock: FakeClock | None = None,
    ) -> None:
        self.procedure = procedure
        self.clock = clock
        self.customer = customer
        self.pin = customer.pin if pin is None else pin
        self.token: str | None = None
        self.heard: tuple[str, Secret] | None = None

    def goes_to(self, service: ResetService, *states: str, steps: int = 40) -> View:
        """Go on until one of *states* is shown, or the end, or no attempt is left."""
        for _ in range(steps):
            view = self.looks(service)
            if view.state in states or view.final or view.tries_left == 0:
                return view
            after = self.steps(service, view)
            if self.clock is not None and after.state == view.state:
                self.clock.advance(5)
        msg = f"still at {view.state} for {[reason.code for reason in view.reasons]}"
        raise AssertionError(msg)

    def looks(self, service: ResetService) -> View:
        """The present view; of a new session where there is none."""
        if self.token is None:
            self.token = service.start(self.procedure, institution=self.customer.institution).token
        return service.view(self.token)

    def steps(self, service: ResetService, view: View) -> View:
        """Do what the screen asks for, once."""
        if view.state == "PHONE":
            self.calls(service)
        elif view.state in {"BTR004", "BTR004_KEYS", "PHONE_KEYS"}:
            self._keys_in(service)
        else:
            event, data = self.types(view)
            return service.send(view.token, event, data, version=view.version)
        return service.view(view.token)

    def types(self, view: View) -> tuple[str, dict[str, str]]:
        """The event and the data that a screen with a form asks for."""
        phone = view.phones[0].id if view.phones else ""
        return {
            "BIM015": ("submit_identity", identity(self.customer)),
            "BIM016": ("choose_phone", {"phone_id": phone}),
            "BIM017": ("submit_reset", self.reset()),
            "COMPLETING": ("proceed", {}),
            "BTR001": ("choose_method", {"method": "LOGIN_ID"}),
            "BTR002": ("submit_credentials", credentials(self.customer, "LOGIN_ID")),
            "BTR003": ("submit_details", details(self.customer, phone)),
        }[view.state]

    def reset(self, **changes: str) -> dict[str, str]:
        """What is typed on BIM017."""
        return {**reset(self.customer), "pin": self.pin, **changes}

    def calls(self, service: ResetService) -> CallStatus:
        """Call from the first registered phone."""
        name = f"call-{os.getpid()}-{next(self._calls)}"
        number = self.customer.contract.phones[0]
        result = service.report_call(Call(id=name, number=number, source=CallSource.NETWORK))
        self.heard = None if result.code is None else (name, result.code)
        return result.status

    def _keys_in(self, service: ResetService) -> None:
        if self.heard is None:
            self.calls(service)
        else:
            name, code = self.heard
            self.heard = None
            service.report_keys(name, code.reveal())


def success(procedure: Procedure) -> str:
    """The state in which a procedure ends well."""
    return "BTR005" if procedure is Procedure.TOKEN_REISSUE else "DONE"


def ordered(procedure: Procedure) -> list[EffectKind]:
    """What a run that ends well has ordered, in the order of the names."""
    kinds = [EffectKind[HEAD.get(procedure, "ISSUE_TOKEN")], EffectKind.NOTIFY]
    return sorted(kinds, key=lambda kind: kind.value)

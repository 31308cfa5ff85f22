"""What a host hands to a service is judged when the service is made: a wrong port is refused at once, in words."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from ja_reset import AsyncResetService, BankUnavailable, Procedure, ResetService
from ja_reset.bank._values import Contract
from ja_reset.errors import InvalidArgument, SealError
from ja_reset.fields.forms import IdentityForm
from ja_reset.service.ports import AsyncBank, Bank
from ja_reset.stores import MemoryStore, SqliteStore, threaded
from ja_reset.testing import AsyncFakeBank, FakeBank, FakeClock

Make = Callable[..., ResetService | AsyncResetService]
FACES = pytest.mark.parametrize("make", [ResetService, AsyncResetService], ids=["sync", "async"])
SECRET = "postgresql://host:geheim@db/reset"


def _made(make: Make, **ports: object) -> ResetService | AsyncResetService:
    given: dict[str, Any] = {"bank": FakeBank(), "store": MemoryStore(), "clock": FakeClock(), **ports}
    return make(**given)


def _refusal(make: Make, **ports: object) -> str:
    with pytest.raises(InvalidArgument) as refused:
        _made(make, **ports)
    return str(refused.value)


class Half:
    """A bank that somebody is still writing."""

    contract = None

    def institution(self, _: str) -> None:
        """Nobody's."""

    def find_contract(self, *_: str) -> None:
        """Nobody's."""


class Wrapped:
    """Stands in front of any object, and has nothing of its own."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


class Unbound:
    """A proxy whose object is there during a request alone, as werkzeug's LocalProxy."""

    def __getattr__(self, name: str) -> object:
        msg = f"working outside of a request: {name}"
        raise RuntimeError(msg)


class JudgesLater(FakeBank):
    """Plain but for its own judgement of identity."""

    async def identity_matches(self, contract: Contract, form: IdentityForm, /) -> bool:
        """Awaited."""
        return contract.email == form.email


class CalledInParts:
    """A bank whose one coroutine is neither a method nor a plain function."""

    def __init__(self) -> None:
        async def carry_out(bank: FakeBank, effect: object) -> None:
            """Awaited."""

        plain = FakeBank()
        for name in ("institution", "find_contract", "check_login", "contract", "check_pin"):
            setattr(self, name, getattr(plain, name))
        self.carry_out = functools.partial(carry_out, plain)


class Matching(FakeBank):
    """A bank with a rule of its own about identities."""

    def __init__(self, rule: object) -> None:
        super().__init__()
        self.identity_matches = rule


@FACES
@pytest.mark.rule("I7")
def test_a_rule_about_identities_that_cannot_be_called_is_refused(make: Make) -> None:
    """As a lacking one it would be passed over, and nobody would notice; None is a lacking one."""
    said = "bank must have identity_matches as a method, or not at all: it has a bool by that name"
    assert said == _refusal(make, bank=Matching(rule=True))
    _made(make, bank=Matching(rule=None))
    _made(make, bank=Matching(rule=lambda _contract, _form: True))


@FACES
@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    ("bank", "said"),
    [
        (None, "None has no institution, find_contract, check_login, contract, check_pin, carry_out"),
        ("ja-0417", "str has no institution, find_contract, check_login, contract, check_pin, carry_out"),
        (Half(), "Half has no check_login, contract, check_pin, carry_out"),
        (Wrapped(Half()), "Wrapped has no check_login, contract, check_pin, carry_out"),
        (MemoryStore(), "MemoryStore has no institution,"),
        (FakeBank, "got the class FakeBank; did you mean FakeBank()?"),
    ],
    ids=lambda v: str(v)[:20],
)
def test_a_bank_that_lacks_a_method_is_refused_when_the_service_is_made(make: Make, bank: object, said: str) -> None:
    """The error says what a bank is, and which of its methods are not there."""
    refusal = _refusal(make, bank=bank)
    assert refusal.startswith("bank must have the methods of ja_reset.service.ports.Bank: ")
    assert said in refusal


@FACES
@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    ("store", "said"),
    [
        (None, "None has no get, get_many, commit, scan, audit, persistent"),
        ("reset.db", "str has no get, get_many, commit, scan, audit, persistent"),
        (Path("reset.db"), "has no get, get_many, commit, scan, audit, persistent"),
        (SECRET, "str has no get,"),
        ({}, "dict has no get_many, commit, scan, audit, persistent"),
        (FakeBank(), "FakeBank has no get,"),
        (MemoryStore, "got the class MemoryStore; did you mean MemoryStore()?"),
    ],
    ids=lambda v: str(v)[:20],
)
def test_a_store_that_is_none_is_refused_when_the_service_is_made(make: Make, store: object, said: str) -> None:
    """The error says what a store is and names what is missing, and does not repeat an address."""
    refusal = _refusal(make, store=store)
    assert refusal.startswith('store must be a ja_reset.stores.rows.Store, such as SqliteStore("reset.db"): ')
    assert said in refusal
    assert SECRET not in refusal


@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    ("bank", "names"),
    [
        (AsyncFakeBank(), "institution, find_contract, check_login, contract, check_pin, carry_out"),
        (Wrapped(AsyncFakeBank()), "institution, find_contract, check_login, contract, check_pin, carry_out"),
        (JudgesLater(), "identity_matches"),
        (CalledInParts(), "carry_out"),
    ],
    ids=["all", "proxy", "optional", "partial"],
)
def test_a_bank_of_coroutines_is_refused_by_the_service_that_cannot_await_it(bank: object, names: str) -> None:
    """One method that is a coroutine function is enough, the optional one too; the asynchronous service takes each."""
    assert f"bank has coroutines ({names}): use AsyncResetService" == _refusal(ResetService, bank=bank)
    assert isinstance(_made(AsyncResetService, bank=bank), AsyncResetService)


@pytest.mark.rule("A8")
def test_a_store_of_coroutines_is_refused_by_the_service_that_cannot_await_it() -> None:
    """The asynchronous service takes it."""
    store = threaded(MemoryStore())
    assert "store has coroutines (get, get_many, commit, scan, audit): use AsyncResetService" == _refusal(
        ResetService, store=store
    )
    assert isinstance(_made(AsyncResetService, store=store), AsyncResetService)


@FACES
@pytest.mark.rule("A8", "S3")
@pytest.mark.parametrize("clock", [0, "now", FakeClock()()], ids=lambda v: type(v).__name__)
def test_a_clock_that_cannot_be_called_is_refused_when_the_service_is_made(make: Make, clock: object) -> None:
    """A reading, or anything else that is no callable, is no clock; None is the default."""
    refusal = f"clock must be a callable that returns an aware datetime, or None; got {type(clock).__name__}"
    assert refusal == _refusal(make, clock=clock)
    assert _made(make, clock=None)


@pytest.mark.rule("A8")
def test_a_clock_of_coroutines_is_refused_by_the_service_that_cannot_await_it() -> None:
    """The error says so before the first customer comes."""

    async def clock() -> object:
        """Awaited."""
        return FakeClock()()

    assert "clock is a coroutine function: ResetService calls a plain one" == _refusal(ResetService, clock=clock)


@pytest.mark.rule("S3")
def test_a_clock_that_is_false_is_used_all_the_same() -> None:
    """What a clock is worth as a truth value does not matter."""

    class Falsy(FakeClock):
        def __len__(self) -> int:
            return 0

    clock = Falsy()
    clock.advance(86_400)
    service = ResetService(bank=FakeBank(), store=MemoryStore(), clock=clock)
    service.start(Procedure.LOGIN_PASSWORD, institution="ja-0417")
    assert [clock().isoformat()[:10]] == [str(record["time"])[:10] for record in service.operator.audit()]


@FACES
@pytest.mark.rule("S5")
@pytest.mark.parametrize("key", ["k" * 32, b"k" * 31, [b"k" * 32, "k" * 32], 7], ids=lambda v: type(v).__name__)
def test_a_key_of_another_type_or_length_is_refused_when_the_service_is_made(make: Make, key: object) -> None:
    """The error says what a key is, and nothing of what came."""
    with pytest.raises(SealError, match=r"^key must be 32 bytes, or a sequence of such keys$"):
        _made(make, key=key)


@FACES
@pytest.mark.rule("A8")
def test_policies_that_are_none_are_refused_by_their_type(make: Make) -> None:
    """The error says what came."""
    assert "policies must be a Policies, not dict" == _refusal(make, policies={})


@FACES
@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    "bank", [Wrapped(FakeBank()), Unbound(), mock.Mock(spec=FakeBank())], ids=["proxy", "unbound proxy", "mock"]
)
def test_a_proxy_of_a_bank_is_taken(make: Make, bank: object) -> None:
    """Whatever answers to the names is a bank, and a proxy that cannot answer yet is not asked again."""
    assert _made(make, bank=bank)


@pytest.mark.rule("A8")
def test_a_service_asks_nothing_of_its_ports_when_it_is_made(tmp_path: Path) -> None:
    """No question reaches a bank that is down, and no file is made, before the first call."""
    bank = FakeBank()
    bank.down = True
    with SqliteStore(tmp_path / "reset.db") as store:
        service = ResetService(bank=bank, store=store, key=bytes(32))
        assert [] == bank.asked
        with pytest.raises(BankUnavailable):
            service.start(Procedure.LOGIN_PASSWORD, institution="ja-0417")


def test_what_is_asked_for_is_the_whole_port() -> None:
    """The names that are looked for are the port's own: a method that is added is looked for too."""
    for port in (Bank, AsyncBank):
        names = {name for name, value in vars(port).items() if inspect.isfunction(value) and not name.startswith("_")}
        assert names == set(_refusal(ResetService, bank=None).partition("None has no ")[2].split(", "))

"""A bank of coroutines for synchronous callers: each question runs on one loop until it is answered."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeGuard, TypeVar

from ja_reset.bank._values import Contract, Effect, LoginCredentials, PinCheck
from ja_reset.fields.forms import IdentityForm
from ja_reset.secret import Secret
from ja_reset.service._institution import Institution
from ja_reset.service.ports import AsyncBank, Bank, MatchesIdentity

T = TypeVar("T")


def is_of_coroutines(bank: Bank | AsyncBank) -> TypeGuard[AsyncBank]:
    """Whether the bank's methods are coroutines, so that only AsyncResetService can ask it."""
    return inspect.iscoroutinefunction(bank.contract)


def in_sync(bank: Bank | AsyncBank, runner: asyncio.Runner) -> Bank:
    """*bank* itself; one whose methods are coroutines as a plain one, that asks it on the *runner*'s loop."""
    if not is_of_coroutines(bank):
        plain: Bank = bank  # type: ignore[assignment]  # what is not the one is the other
        return plain
    return _JudgingBank(bank, runner) if isinstance(bank, MatchesIdentity) else _AwaitedBank(bank, runner)


class _AwaitedBank:
    """The port, by waiting."""

    def __init__(self, bank: AsyncBank, runner: asyncio.Runner) -> None:
        self._bank = bank
        self._runner = runner

    def __repr__(self) -> str:
        return repr(self._bank)

    def _wait(self, ask: Callable[[], Awaitable[T]]) -> T:
        async def answer() -> T:
            return await ask()

        given: T = self._runner.run(answer())
        return given

    def __getattr__(self, name: str) -> Callable[..., object]:
        """A method of the host's own (`BankFact`), by waiting."""
        if name.startswith("_"):
            raise AttributeError(name)
        method: Callable[..., Awaitable[object] | object] = getattr(self._bank, name)

        def ask(*arguments: object) -> object:
            async def answer() -> object:
                given = method(*arguments)
                return await given if inspect.isawaitable(given) else given

            return self._runner.run(answer())

        return ask

    def institution(self, institution: str, /) -> Institution | None:
        return self._wait(lambda: self._bank.institution(institution))

    def find_contract(self, institution: str, branch: str, subject: str, account: str, /) -> Contract | None:
        return self._wait(lambda: self._bank.find_contract(institution, branch, subject, account))

    def check_login(self, institution: str, credentials: LoginCredentials, /) -> Contract | None:
        return self._wait(lambda: self._bank.check_login(institution, credentials))

    def contract(self, ref: str, /) -> Contract | None:
        return self._wait(lambda: self._bank.contract(ref))

    def check_pin(self, ref: str, pin: Secret, /) -> PinCheck:
        return self._wait(lambda: self._bank.check_pin(ref, pin))

    def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        return self._wait(lambda: self._bank.carry_out(effect))


class _JudgingBank(_AwaitedBank):
    """The same, of a bank that judges identity itself (I7)."""

    def identity_matches(self, contract: Contract, form: IdentityForm, /) -> bool:
        judge: Callable[[Contract, IdentityForm], bool | Awaitable[bool]] = self._bank.identity_matches  # type: ignore[attr-defined]  # seen to be there

        async def answer() -> bool:
            given = judge(contract, form)
            return given if isinstance(given, bool) else await given

        return self._runner.run(answer())

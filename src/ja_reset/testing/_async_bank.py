"""A bank of coroutines for tests: a FakeBank that lets other tasks run before each answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ja_reset.testing._bank import FakeBank

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping

    from ja_reset.bank._values import Contract, Effect, LoginCredentials, PinCheck
    from ja_reset.secret import Secret
    from ja_reset.service._institution import Institution


class _Pause:
    """Awaited, it lets every other task of the loop run once; so much of asyncio needs no import of it."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class AsyncFakeBank:
    """The `ja_reset.service.ports.AsyncBank` of *plain*, which is told what to do and asked what it was asked."""

    def __init__(self, plain: FakeBank | None = None) -> None:
        self.plain = FakeBank() if plain is None else plain

    def __getattr__(self, name: str) -> Callable[[str, str], Awaitable[object]]:
        if name.startswith("_") or name == "plain":  # while it is made or copied
            raise AttributeError(name)
        plain: Callable[[str, str], object] = getattr(self.plain, name)

        async def asked(institution: str, ref: str, /) -> object:
            await _Pause()
            return plain(institution, ref)

        return asked

    async def institution(self, institution: str, /) -> Institution | None:
        """See `Bank.institution`."""
        await _Pause()
        return self.plain.institution(institution)

    async def find_contract(self, institution: str, branch: str, subject: str, account: str, /) -> Contract | None:
        """See `Bank.find_contract`."""
        await _Pause()
        return self.plain.find_contract(institution, branch, subject, account)

    async def check_login(self, institution: str, credentials: LoginCredentials, /) -> Contract | None:
        """See `Bank.check_login`."""
        await _Pause()
        return self.plain.check_login(institution, credentials)

    async def contract(self, ref: str, /) -> Contract | None:
        """See `Bank.contract`."""
        await _Pause()
        return self.plain.contract(ref)

    async def check_pin(self, ref: str, pin: Secret, /) -> PinCheck:
        """See `Bank.check_pin`."""
        await _Pause()
        return self.plain.check_pin(ref, pin)

    async def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        """See `Bank.carry_out`."""
        await _Pause()
        return self.plain.carry_out(effect)

"""A host's bank, watched: what it was asked, what it did, and silence on command.

It stands between the service and any `ja_reset.service.ports.Bank` or `AsyncBank`, so that suites can hold the library
to its promises at a bank that was not written for tests.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import attrs

from ja_reset.bank._values import EffectKind, PinCheck
from ja_reset.errors import BankUnavailable, EffectRefused
from ja_reset.service.ports import AsyncBank, Bank, MatchesIdentity
from ja_reset.testing._sync_bank import is_of_coroutines

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from ja_reset.bank._values import Contract, Effect, LoginCredentials
    from ja_reset.fields.forms import IdentityForm
    from ja_reset.secret import Secret
    from ja_reset.service._institution import Institution

BEFORE: Final = "before"
AFTER: Final = "after"
REFUSED: Final = "refused"


class Watch:
    """What is seen of a bank, and what happens to it.

    `asked_of`: how often each method was asked, whether it answered or not. `wrong_in_a_row`: by reference, the PINs
    that it found wrong since the last right one. `done`: each key that it carried out, with the kind and the contract.
    Locks that this service has ordered are taken off again by `unlocked`, in the bank's answers, as a branch takes them
    off.
    """

    def __init__(self) -> None:
        self._silence: dict[str, str] = {}
        self._meanwhile: dict[str, Callable[[], object]] = {}
        self._changed: dict[str, str] = {}
        self._unlocked: set[str] = set()
        self.asked_of: Counter[str] = Counter()
        self.wrong_in_a_row: defaultdict[str, int] = defaultdict(int)
        self.most_wrong_in_a_row: defaultdict[str, int] = defaultdict(int)
        self.done: dict[str, tuple[str, str]] = {}

    def fall_silent(self, method: str, when: str) -> None:
        """Raise BankUnavailable the next time that *method* is asked, BEFORE or AFTER its work; or refuse an effect."""
        self._silence[method] = when

    def meanwhile(self, method: str, act: Callable[[], object]) -> None:
        """Let something happen the next time that *method* is asked, before its work."""
        self._meanwhile[method] = act

    def speak(self) -> None:
        """Take back a silence that nobody met, and what did not happen meanwhile."""
        self._silence.clear()
        self._meanwhile.clear()

    def unlocked(self, ref: str) -> None:
        """Reset the row of wrong PINs of that contract, and remove the locks of this service (L6)."""
        self._unlocked.add(ref)
        self.wrong_in_a_row[ref] = self.most_wrong_in_a_row[ref] = 0

    def changes(self, ref: str, what: str | None) -> None:
        """Answer as if that contract were `card_locked`, `service_locked` or `gone`; None: as it is."""
        if what is None:
            self._changed.pop(ref, None)
        else:
            self._changed[ref] = what

    def as_told(self, contract: Contract | None) -> Contract | None:
        """The bank's contract as the service is told of it."""
        if contract is None:
            return None
        what = self._changed.get(contract.ref)
        if contract.ref in self._unlocked:
            contract = attrs.evolve(contract, service_locked=False, card_locked=False)
        if what == "card_locked":
            return attrs.evolve(contract, card_locked=True)
        if what == "service_locked":
            return attrs.evolve(contract, service_locked=True)
        return None if what == "gone" else contract

    @contextmanager
    def asked(self, method: str) -> Iterator[None]:
        """Around the bank's own work: silence before it, or after it."""
        self.asked_of[method] += 1
        if (act := self._meanwhile.pop(method, None)) is not None:
            act()
        when = self._silence.pop(method, None)
        if when == BEFORE:
            raise BankUnavailable
        yield
        if when == AFTER:
            raise BankUnavailable

    @contextmanager
    def ordered(self, effect: Effect) -> Iterator[None]:
        """Around an effect: refused for good, or recorded by its key when it was carried out."""
        if self._silence.get("carry_out") == REFUSED and self._silence.pop("carry_out") and effect.key not in self.done:
            raise EffectRefused(ja="お受けできません。", en="This cannot be accepted.")
        with self.asked("carry_out"):
            yield
            self.done[effect.key] = (effect.kind, effect.ref)
            if effect.kind in {EffectKind.LOCK_SERVICE, EffectKind.LOCK_CARD}:
                self._unlocked.discard(effect.ref)

    def counted(self, ref: str, check: PinCheck) -> PinCheck:
        """The bank's answer to a PIN, counted."""
        if check is PinCheck.RIGHT:
            self.wrong_in_a_row[ref] = 0
        elif check is PinCheck.WRONG:
            self.wrong_in_a_row[ref] += 1
            self.most_wrong_in_a_row[ref] = max(self.most_wrong_in_a_row[ref], self.wrong_in_a_row[ref])
        return check


class BankSpy:
    """*bank*, under a *watch*."""

    def __init__(self, bank: Bank, watch: Watch) -> None:
        self._bank = bank
        self._watch = watch

    def __getattr__(self, name: str) -> object:
        """A method of the bank's own, which a host's chart asks for a fact; AttributeError where it has none."""
        return getattr(self._bank, name)

    def institution(self, institution: str, /) -> Institution | None:
        """As the bank has it."""
        with self._watch.asked("institution"):
            return self._bank.institution(institution)

    def find_contract(self, institution: str, branch: str, subject: str, account: str, /) -> Contract | None:
        """As the bank has it."""
        with self._watch.asked("find_contract"):
            return self._watch.as_told(self._bank.find_contract(institution, branch, subject, account))

    def check_login(self, institution: str, credentials: LoginCredentials, /) -> Contract | None:
        """As the bank has it."""
        with self._watch.asked("check_login"):
            return self._watch.as_told(self._bank.check_login(institution, credentials))

    def contract(self, ref: str, /) -> Contract | None:
        """As the bank has it."""
        with self._watch.asked("contract"):
            return self._watch.as_told(self._bank.contract(ref))

    def check_pin(self, ref: str, pin: Secret, /) -> PinCheck:
        """As the bank has it, counted."""
        with self._watch.asked("check_pin"):
            return self._watch.counted(ref, self._bank.check_pin(ref, pin))

    def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        """As the bank does it, recorded by key."""
        with self._watch.ordered(effect):
            return self._bank.carry_out(effect)


class AsyncBankSpy:
    """*bank*, whose methods are coroutines, under a *watch*."""

    def __init__(self, bank: AsyncBank, watch: Watch) -> None:
        self._bank = bank
        self._watch = watch

    def __getattr__(self, name: str) -> object:
        """See `WatchedBank`."""
        return getattr(self._bank, name)

    async def institution(self, institution: str, /) -> Institution | None:
        """As the bank has it."""
        with self._watch.asked("institution"):
            return await self._bank.institution(institution)

    async def find_contract(self, institution: str, branch: str, subject: str, account: str, /) -> Contract | None:
        """As the bank has it."""
        with self._watch.asked("find_contract"):
            return self._watch.as_told(await self._bank.find_contract(institution, branch, subject, account))

    async def check_login(self, institution: str, credentials: LoginCredentials, /) -> Contract | None:
        """As the bank has it."""
        with self._watch.asked("check_login"):
            return self._watch.as_told(await self._bank.check_login(institution, credentials))

    async def contract(self, ref: str, /) -> Contract | None:
        """As the bank has it."""
        with self._watch.asked("contract"):
            return self._watch.as_told(await self._bank.contract(ref))

    async def check_pin(self, ref: str, pin: Secret, /) -> PinCheck:
        """As the bank has it, counted."""
        with self._watch.asked("check_pin"):
            return self._watch.counted(ref, await self._bank.check_pin(ref, pin))

    async def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        """As the bank does it, recorded by key."""
        with self._watch.ordered(effect):
            return await self._bank.carry_out(effect)


class _JudgingBank(BankSpy):
    """The same, of a bank that judges identity itself (I7)."""

    def __init__(self, bank: Bank, matches: MatchesIdentity, watch: Watch) -> None:
        super().__init__(bank, watch)
        self._matches = matches

    def identity_matches(self, contract: Contract, form: IdentityForm, /) -> bool:
        """As the bank judges."""
        return self._matches.identity_matches(contract, form)


class _JudgingAsyncBank(AsyncBankSpy):
    """The same, of a bank of coroutines."""

    def __init__(self, bank: AsyncBank, matches: MatchesIdentity, watch: Watch) -> None:
        super().__init__(bank, watch)
        self._matches = matches

    def identity_matches(self, contract: Contract, form: IdentityForm, /) -> bool | Awaitable[bool]:
        """As the bank judges, awaited or not."""
        return self._matches.identity_matches(contract, form)


def spied(bank: Bank | AsyncBank, watch: Watch) -> BankSpy | AsyncBankSpy:
    """*bank* under *watch*, with the optional method where it has that."""
    matches = bank if isinstance(bank, MatchesIdentity) else None
    if is_of_coroutines(bank):
        return AsyncBankSpy(bank, watch) if matches is None else _JudgingAsyncBank(bank, matches, watch)
    plain: Bank = bank  # type: ignore[assignment]  # what is not the one is the other
    return BankSpy(plain, watch) if matches is None else _JudgingBank(plain, matches, watch)

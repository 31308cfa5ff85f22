"""The contract suite for banks passes for one that keeps it, and fails for each that breaks a promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from ja_reset import Contract, Effect, EffectKind, LoginCredentials, PinCheck, Secret
from ja_reset.fields.forms import IdentityForm
from ja_reset.testing import AsyncFakeBank, FakeBank
from ja_reset.testing.bank_contract import BankContract


class TestFakeBank(BankContract):
    """The kit's own bank keeps the contract."""

    @pytest.fixture
    def bank(self) -> FakeBank:
        """With the cast."""
        return FakeBank()


class TestAsyncFakeBank(BankContract):
    """So does the one whose methods are coroutines."""

    @pytest.fixture
    def bank(self) -> AsyncFakeBank:
        """With the cast."""
        return AsyncFakeBank()


class Judge(AsyncFakeBank):
    """A bank of coroutines that judges identity itself (I7)."""

    async def identity_matches(self, contract: Contract, form: IdentityForm, /) -> bool:
        """By the e-mail address alone."""
        return contract.email == form.email


class TestJudgingAsyncBank(BankContract):
    """And one that judges identity itself."""

    @pytest.fixture
    def bank(self) -> Judge:
        """With the cast."""
        return Judge()


class Steady(FakeBank):
    """A bank whose customer keeps both ids, however often a token is issued."""

    def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        """The ids go by the contract."""
        result = super().carry_out(effect)
        return result and {name: f"{name}-{effect.ref}" for name in result}


class TestSteadyBank(BankContract):
    """Nor must another key give other ids (C3)."""

    @pytest.fixture
    def bank(self) -> Steady:
        """With the cast."""
        return Steady()


class Forgetful(FakeBank):
    """Does everything again, whatever the key."""

    def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        """Under a new key each time."""
        self._results.clear()
        return super().carry_out(effect)


class RemembersTheLast(FakeBank):
    """Knows the last key alone, so that an order from before is done again."""

    def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        """Forget the others."""
        for key in set(self._results) - {effect.key}:
            del self._results[key]
        return super().carry_out(effect)


class Nameless(FakeBank):
    """Gives ids under one key, and none under the next."""

    def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        """Only the first time."""
        return super().carry_out(effect) if effect.key == "issue-1" else {}


class Lenient(FakeBank):
    """Finds a contract at whatever institution."""

    def find_contract(self, institution: str, branch: str, subject: str, account: str, /) -> Contract | None:
        """By the account alone."""
        known = institution if self.institution(institution) else "ja-0417"
        return super().find_contract(known, branch, subject, account)


class CaseSensitive(FakeBank):
    """Compares passwords as they were set."""

    def check_login(self, institution: str, credentials: LoginCredentials, /) -> Contract | None:
        """Demands a capital."""
        return None if credentials.password.reveal().islower() else super().check_login(institution, credentials)


class Boolean(FakeBank):
    """Answers a PIN with a truth value."""

    def check_pin(self, ref: str, pin: Secret, /) -> PinCheck:
        """No PinCheck."""
        return super().check_pin(ref, pin) is PinCheck.RIGHT  # type: ignore[return-value]


class Unlocked(FakeBank):
    """Shows no lock."""

    def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        """Everything but locks."""
        return (
            None
            if effect.kind is EffectKind.LOCK_CARD or effect.kind is EffectKind.LOCK_SERVICE
            else super().carry_out(effect)
        )


class Talkative(FakeBank):
    """Shows what it was asked."""

    def check_pin(self, ref: str, pin: Secret, /) -> PinCheck:
        """Keeps the PIN for its repr."""
        self.heard = pin.reveal()
        return super().check_pin(ref, pin)

    def __repr__(self) -> str:
        return f"Talkative({getattr(self, 'heard', None)!r})"


BROKEN: dict[type[FakeBank], Callable[[BankContract, FakeBank], None]] = {
    Forgetful: BankContract.test_a_token_is_issued_once_for_a_key,
    RemembersTheLast: BankContract.test_a_token_is_issued_once_for_a_key,
    Nameless: BankContract.test_a_token_is_issued_once_for_a_key,
    Lenient: BankContract.test_a_contract_is_found_by_the_whole_account,
    CaseSensitive: lambda suite, bank: suite.test_a_login_is_proved_by_its_password_in_lower_case(bank, "LOGIN_ID"),
    Boolean: BankContract.test_a_pin_is_right_or_wrong,
    Unlocked: BankContract.test_locks_are_seen_by_the_next_who_asks,
    Talkative: BankContract.test_no_secret_is_shown,
}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_a_bank_that_breaks_a_promise_fails(broken: type[FakeBank]) -> None:
    """Each promise that is broken is found by the test that holds it."""
    with pytest.raises((AssertionError, KeyError)):
        BROKEN[broken](BankContract(), broken())

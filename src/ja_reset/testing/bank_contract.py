# ruff: noqa: SIM300 - expected == actual (house style)
"""What every bank must do for the service, as a test class.

Subclass it with your own bank::

    class TestOurBank(BankContract):
        customer = TARO                        # a customer of your test data, without locks

        @pytest.fixture
        def bank(self):
            return OurBank(...)                # new each time, as at the beginning

A bank that passes may stand behind every session. The methods of an `AsyncBank` are awaited, on a loop of the test's
own. The suite sets a password, issues a token and locks the card of that customer: test data only. Needs pytest.
"""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator, Mapping
from typing import ClassVar

import attrs
import pytest

from ja_reset.bank._values import Contract, Effect, EffectKind, LoginCredentials, PinCheck
from ja_reset.errors import EffectRefused
from ja_reset.fields.forms import IdentityForm, read
from ja_reset.machines._phones import offered
from ja_reset.policies import FieldPolicy, IdentityPolicy
from ja_reset.proofs._identity import proved
from ja_reset.secret import Secret
from ja_reset.service._institution import Institution
from ja_reset.service.ports import AsyncBank, Bank, MatchesIdentity
from ja_reset.testing._clock import START
from ja_reset.testing._entries import credentials, identity
from ja_reset.testing._sync_bank import in_sync
from ja_reset.testing.cast import ORDINARY, Customer
from ja_reset.testing.telephone import other_digits

NOBODY = "no-such-institution"
NEW_PASSWORD = "shinai-77"  # noqa: S105 - of a customer that is not


class BankContract:
    """The behaviour of a `ja_reset.service.ports.Bank`; see the module for how to use it."""

    customer: ClassVar[Customer] = ORDINARY
    """An individual without locks, with a phone that can call."""

    @pytest.fixture
    def asked(self, bank: Bank | AsyncBank) -> Iterator[Bank]:
        """The bank, as the tests ask it: one whose methods are coroutines is waited for."""
        with asyncio.Runner() as runner:
            yield in_sync(bank, runner)

    @pytest.mark.rule("E2")
    def test_an_institution_is_known_by_its_id(self, asked: Bank) -> None:
        """The customer's institution is an Institution of that id; another id is None, not an exception."""
        found = asked.institution(self.customer.institution)
        assert isinstance(found, Institution)
        assert self.customer.institution == found.id
        assert asked.institution(NOBODY) is None
        assert asked.institution("") is None

    @pytest.mark.rule("E2", "I5")
    def test_an_institution_has_one_id_however_it_is_spelled(self, asked: Bank) -> None:
        """An id in another case or with blanks is none, or is found under the right id: failures count by that."""
        right = self.customer.institution
        for spelled in (right.upper(), right.lower(), f"{right} ", f" {right}"):
            found = asked.institution(spelled)
            assert found is None or right == found.id

    @pytest.mark.rule("E1", "I4")
    def test_a_contract_is_found_by_the_whole_account(self, asked: Bank) -> None:
        """Institution, branch, subject and account together name the contract; with one of them wrong it is None."""
        found = self._contract(asked)
        assert self.customer.ref == found.ref
        right = (self.customer.institution, self.customer.branch, self.customer.subject, self.customer.account)
        other = "当座" if self.customer.subject == "普通" else "普通"
        wrong = (NOBODY, other_digits(self.customer.branch), other, other_digits(self.customer.account))
        for place, value in enumerate(wrong):
            changed = (*right[:place], value, *right[place + 1 :])
            assert asked.find_contract(*changed) is None, f"found with a wrong part {place}"

    @pytest.mark.rule("I1", "I2", "I7", "P1")
    def test_the_contract_matches_what_its_customer_types(self, asked: Bank) -> None:
        """Names, birth date, phone and e-mail are on it as the customer types them, and a phone that can be offered."""
        found = self._contract(asked)
        reading = read(IdentityForm, identity(self.customer), policy=FieldPolicy(), today=START.date())
        assert isinstance(reading.form, IdentityForm)
        if isinstance(asked, MatchesIdentity):
            assert asked.identity_matches(found, reading.form) is True
            assert asked.identity_matches(found, attrs.evolve(reading.form, email="nobody@example.jp")) is False
        else:
            assert proved(found, reading.form, policy=IdentityPolicy())
        assert found.individual
        assert offered(found, relay=False)
        assert (False, False) == (found.service_locked, found.card_locked)

    @pytest.mark.rule("F9", "I5")
    @pytest.mark.parametrize("method", ["LOGIN_ID", "ACCOUNT"])
    def test_a_login_is_proved_by_its_password_in_lower_case(self, asked: Bank, method: str) -> None:
        """The password comes in lower case, by login id or account; another one, or another institution, is None."""
        typed = credentials(self.customer, method)
        typed["password"] = typed["password"].lower()
        right = LoginCredentials(**typed)
        found = asked.check_login(self.customer.institution, right)
        assert isinstance(found, Contract)
        assert self.customer.ref == found.ref
        wrong = attrs.evolve(right, password=Secret("no-such-1"))
        assert asked.check_login(self.customer.institution, wrong) is None
        assert asked.check_login(NOBODY, right) is None

    @pytest.mark.rule("C5a", "I6")
    def test_a_contract_is_read_again_by_its_reference(self, asked: Bank) -> None:
        """The same contract as was found; a reference that is none, is None."""
        assert self._contract(asked) == asked.contract(self.customer.ref)
        assert asked.contract("no-such-contract") is None

    @pytest.mark.rule("L1", "L5")
    def test_a_pin_is_right_or_wrong(self, asked: Bank) -> None:
        """A PIN comes as a Secret and is RIGHT or WRONG; of a contract that is not there nothing was checked."""
        assert PinCheck.WRONG is asked.check_pin(self.customer.ref, Secret(other_digits(self.customer.pin)))
        assert PinCheck.RIGHT is asked.check_pin(self.customer.ref, Secret(self.customer.pin))
        assert PinCheck.NOT_CHECKED is asked.check_pin("no-such-contract", Secret(self.customer.pin))

    @pytest.mark.rule("C1", "C4", "A6")
    def test_a_password_is_set_once_for_a_key(self, asked: Bank) -> None:
        """The new password opens the login; the same key again changes nothing that was set since."""
        first = self._effect("set-1", EffectKind.SET_LOGIN_PASSWORD, new_password=Secret(NEW_PASSWORD))
        second = self._effect("set-2", EffectKind.SET_LOGIN_PASSWORD, new_password=Secret("second-88"))
        asked.carry_out(first)
        assert self._opens(asked, NEW_PASSWORD)
        asked.carry_out(second)
        asked.carry_out(first)
        assert self._opens(asked, "second-88")
        assert not self._opens(asked, NEW_PASSWORD)

    @pytest.mark.rule("C3", "C4", "A6")
    def test_a_token_is_issued_once_for_a_key(self, asked: Bank) -> None:
        """Both ids are texts, whatever the key; the same key gives the same ids again, also after another key.

        Another key issues again. Whether its ids are others is the bank's own affair: a user id may stay.
        """
        data: dict[str, str | Secret] = {"email": "atarashii@example.jp", "activation_password": Secret("86421357")}
        given: list[dict[str, str]] = []
        for key in ("issue-1", "issue-1", "issue-2", "issue-1"):
            result = asked.carry_out(self._effect(key, EffectKind.ISSUE_TOKEN, **data))
            assert isinstance(result, Mapping)
            assert all(isinstance(result[name], str) and result[name] for name in ("service_id", "user_id"))
            given.append(dict(result))  # as it is now: a bank may hand out the same object again
        first, again, _, at_last = given
        assert first == again
        assert first == at_last

    @pytest.mark.rule("C2", "C5", "C4")
    @pytest.mark.parametrize("kind", [EffectKind.CLEAR_RISK_AUTH, EffectKind.NOTIFY])
    def test_other_effects_are_carried_out_and_may_come_again(self, asked: Bank, kind: EffectKind) -> None:
        """Clearing and notifying give no results that matter, and take the same key twice."""
        effect = self._effect(
            "other-1", kind, **({"what": "reset", "procedure": "LOGIN_PASSWORD"} if kind is EffectKind.NOTIFY else {})
        )
        for _ in range(2):
            result = asked.carry_out(effect)
            assert result is None or isinstance(result, Mapping)

    @pytest.mark.rule("L2", "I6")
    def test_locks_are_seen_by_the_next_who_asks(self, asked: Bank) -> None:
        """Once both locks are carried out, twice each, the contract shows a lock, however it is asked for."""
        for kind in (EffectKind.LOCK_SERVICE, EffectKind.LOCK_CARD) * 2:
            asked.carry_out(self._effect(f"lock-{kind.value}", kind))
        for found in (asked.contract(self.customer.ref), self._contract(asked)):
            assert found is not None
            assert found.service_locked or found.card_locked

    @pytest.mark.rule("C4a")
    def test_an_effect_for_nobody_is_refused_for_good(self, asked: Bank) -> None:
        """A contract that is not there is no outage: EffectRefused, with words in both languages."""
        effect = attrs.evolve(self._effect("nobody-1", EffectKind.CLEAR_RISK_AUTH), ref="no-such-contract")
        with pytest.raises(EffectRefused) as refused:
            asked.carry_out(effect)
        assert refused.value.ja
        assert refused.value.en

    @pytest.mark.rule("S5", "A7")
    def test_no_secret_is_shown(self, asked: Bank) -> None:
        """No PIN and no password stands in the bank's repr, nor in that, nor in the pickle, of what it gives."""
        asked.check_pin(self.customer.ref, Secret(self.customer.pin))
        found = self._contract(asked)
        shown = repr(asked) + repr(found) + pickle.dumps(found).decode("latin-1")
        asked.carry_out(self._effect("set-3", EffectKind.SET_LOGIN_PASSWORD, new_password=Secret(NEW_PASSWORD)))
        shown += repr(asked) + repr(asked.contract(self.customer.ref))
        secrets = (self.customer.password, NEW_PASSWORD, f"'{self.customer.pin}'")
        assert [] == [secret for secret in secrets if secret in shown]

    def _contract(self, bank: Bank) -> Contract:
        who = self.customer
        found = bank.find_contract(who.institution, who.branch, who.subject, who.account)
        assert isinstance(found, Contract), "the bank does not know its customer's account"
        return found

    def _effect(self, key: str, kind: EffectKind, **data: str | Secret) -> Effect:
        return Effect(key, kind, self.customer.institution, self.customer.ref, data)

    def _opens(self, bank: Bank, password: str) -> bool:
        login = LoginCredentials(password=Secret(password), login_id=self.customer.login_id)
        return bank.check_login(self.customer.institution, login) is not None

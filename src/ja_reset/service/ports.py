"""What the host implements: the bank, and a clock. A store is a port too (see `Store`).

Every method may raise `BankUnavailable` (no answer). Any other exception is passed on to the host's own code unchanged,
after the session has been left in a safe state. Secrets are `Secret` values. An `AsyncBank` has the same methods as
coroutines.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from ja_reset.bank._values import Contract, Effect, LoginCredentials, PinCheck
from ja_reset.fields.forms import IdentityForm
from ja_reset.secret import Secret
from ja_reset.service._institution import Institution

Clock = Callable[[], datetime]
"""Gives the present aware UTC datetime."""


class Bank(Protocol):
    """The one port that every host must write: its core-banking system, as the library needs it."""

    def institution(self, institution: str, /) -> Institution | None:
        """The institution with that id, or None (E2)."""

    def find_contract(self, institution: str, branch: str, subject: str, account: str, /) -> Contract | None:
        """The contract with that representative account (E1), or None; both must take the same time (I4)."""

    def check_login(self, institution: str, credentials: LoginCredentials, /) -> Contract | None:
        """The contract that the login proves, or None; the password is in lower case (F9)."""

    def contract(self, ref: str, /) -> Contract | None:
        """The contract as it is now, with its locks; None if it no longer exists (C5a)."""

    def check_pin(self, ref: str, pin: Secret, /) -> PinCheck:
        """Whether the PIN is right. BankUnavailable means "perhaps checked"; NOT_CHECKED: nothing was sent (L5)."""

    def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        """Carry out the effect once for each `effect.key`, and return the same results if the key comes again (C4).

        ISSUE_TOKEN returns `service_id` and `user_id`. Raises EffectRefused if it is refused for good.
        """


@runtime_checkable
class MatchesIdentity(Protocol):
    """Optional: a bank that compares identities itself (I7), in place of I1-I3."""

    def identity_matches(self, contract: Contract, form: IdentityForm, /) -> bool:
        """Whether the form, as it was read and normalised, is the contract's customer.

        If `find_contract` returned None, it is called with a decoy all the same (`ref` "decoy"), so that an unknown
        account takes as long as a wrong birth date (I4). Do the same work; that answer proves nothing.
        """


class AsyncBank(Protocol):
    """A `Bank` whose methods are coroutines."""

    def institution(self, institution: str, /) -> Awaitable[Institution | None]:
        """See `Bank.institution`."""

    def find_contract(self, institution: str, branch: str, subject: str, account: str, /) -> Awaitable[Contract | None]:
        """See `Bank.find_contract`."""

    def check_login(self, institution: str, credentials: LoginCredentials, /) -> Awaitable[Contract | None]:
        """See `Bank.check_login`."""

    def contract(self, ref: str, /) -> Awaitable[Contract | None]:
        """See `Bank.contract`."""

    def check_pin(self, ref: str, pin: Secret, /) -> Awaitable[PinCheck]:
        """See `Bank.check_pin`."""

    def carry_out(self, effect: Effect, /) -> Awaitable[Mapping[str, str] | None]:
        """See `Bank.carry_out`."""

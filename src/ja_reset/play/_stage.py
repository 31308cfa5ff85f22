"""The world that a walk happens in: a bank with its cast, a clock that stands still, the service on a store."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import attrs

from ja_reset import Chart, InvalidArgument, Policies, ResetService, UnknownAccount
from ja_reset.stores.rows import Store
from ja_reset.testing import CAST, Customer, FakeBank, FakeClock, tell_facts
from ja_reset.testing._clock import START
from ja_reset.testing.cast import INSTITUTION

_KEY: Final = b"ja_reset play: nothing to hide!!"
"""What a walk seals is of customers that are not; a fixed key lets the next walk open it."""

_REST: Final = timedelta(days=2)
"""Longer than what any count or number waits for, so that walks on one store do not hinder each other."""

_YES_NO: Final = {"yes": True, "no": False}


class Stage:
    """One scenario's world. On a store that was played on before, the clock begins after all that happened there."""

    def __init__(
        self,
        store: Store,
        *,
        policies: Policies = Policies(),  # noqa: B008 - frozen
        procedures: Iterable[Chart] = (),
    ) -> None:
        self.policies = policies
        self.institution = attrs.evolve(INSTITUTION, policies=policies)
        self.bank = FakeBank(institutions=(self.institution,))
        own = tuple(procedures)
        tell_facts(self.bank, own)
        self.clock = FakeClock()
        self.service = ResetService(bank=self.bank, store=store, key=_KEY, clock=self.clock, procedures=own)
        self.clock.advance(_beginning(self.service) - self.clock.now)

    def unlock_all(self) -> None:
        """Let the branch unlock every customer, so that a scenario finds none of what another left behind (L6)."""
        for customer in CAST:
            self.unlock(customer)

    def unlock(self, customer: Customer) -> None:
        """Let the branch unlock one customer, in its books and in ours."""
        locked = customer.contract.service_locked or customer.contract.card_locked
        if not locked:
            self.bank.unlock(customer.ref)
        with suppress(UnknownAccount):  # a customer whom the bank has forgotten has nothing to unlock
            self.service.unlock(
                customer.institution,
                branch=customer.branch,
                subject=customer.subject,
                account=customer.account,
                login_id=customer.login_id,
            )


def _beginning(service: ResetService) -> datetime:
    newest = service.operator.audit(limit=1)
    return max(START, datetime.fromisoformat(str(newest[0]["time"])) + _REST) if newest else START


def customer_of(ref: str) -> Customer:
    """The customer of the cast with that reference; raises KeyError."""
    return {customer.ref: customer for customer in CAST}[ref]


def with_figure(policies: Policies, name: str, value: str) -> Policies:
    """*policies* with one figure changed; durations are seconds, switches yes or no.

    Raises ValueError, which says what is wrong.
    """
    for part, policy in policies.parts.items():
        if name in {field.name for field in attrs.fields(type(policy))}:
            try:
                return policies.changed(part, **{name: _figure(getattr(policy, name), value)})
            except (InvalidArgument, ValueError, OverflowError, KeyError):
                msg = f"{value!r} is no value for it"
                raise ValueError(msg) from None
    msg = "there is no such policy value"
    raise ValueError(msg)


def _figure(present: object, value: str) -> object:
    match present:
        case bool():
            return _YES_NO[value]
        case int():
            return int(value)
        case timedelta():
            return timedelta(seconds=float(value))
        case Enum():
            return type(present)(value)
        case _:
            raise ValueError(value)

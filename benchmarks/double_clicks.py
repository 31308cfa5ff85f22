"""How many of the double clicks are refused, while the bank takes its time: each is two requests under one id.

    python benchmarks/double_clicks.py [clicks] [seconds of the bank's answer] [services]

The default is 10,000 double clicks of the right PIN at a bank that answers after 0.3 s, on eight services that share
one store, each with as many sessions at a time as a service lets wait.
Refused is an answer that is not the first one's.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Mapping

import attrs

from ja_reset import AsyncResetService, Call, CallSource, Contract, Effect, PinCheck, Procedure, Secret, View
from ja_reset.service._waiting import MOST_WAITING
from ja_reset.stores import MemoryStore
from ja_reset.testing import CAST, Customer, FakeBank, FakeClock, answers
from ja_reset.testing._async_bank import AsyncFakeBank


class _SlowBank(AsyncFakeBank):
    """A bank that takes its time for a PIN, and finds a contract as fast as a dictionary does."""

    def __init__(self, customers: list[Customer], seconds: float) -> None:
        super().__init__(FakeBank(customers=customers))
        self._contracts = {customer.account: customer.contract for customer in customers}
        self._by_ref = {customer.ref: customer.contract for customer in customers}
        self._seconds = seconds

    async def find_contract(self, _institution: str, _branch: str, _subject: str, account: str, /) -> Contract | None:
        return self._contracts.get(account)

    async def contract(self, ref: str, /) -> Contract | None:
        return self._by_ref.get(ref)

    async def check_pin(self, _ref: str, _pin: Secret, /) -> PinCheck:
        await asyncio.sleep(self._seconds)
        return PinCheck.RIGHT

    async def carry_out(self, _effect: Effect, /) -> Mapping[str, str] | None:
        return None


def customers(number: int) -> list[Customer]:
    """The given number of customers, each with an account, a contract and a phone of their own."""
    like = CAST[0]
    return [
        attrs.evolve(
            like,
            account=f"{n:07d}",
            contract=attrs.evolve(like.contract, ref=f"R-{n}", phones=(f"090{12000000 + n}",)),
        )
        for n in range(number)
    ]


async def to_the_pin(service: AsyncResetService, customer: Customer) -> View:
    """A session of the customer's, at the form that asks for the PIN."""
    view = await service.start(Procedure.LOGIN_PASSWORD, institution=customer.institution)
    view = await service.send(view.token, "submit_identity", answers(view, customer))
    view = await service.send(view.token, "choose_phone", answers(view, customer))
    number = customer.contract.phones[0]
    await service.report_call(Call(id=f"call-{customer.account}", number=number, source=CallSource.NETWORK))
    return await service.view(view.token)


async def double_click(service: AsyncResetService, customer: Customer) -> str:
    """What the second of two requests under one id is told."""
    view = await to_the_pin(service, customer)
    typed = answers(view, customer)

    def click() -> asyncio.Task[View]:
        return asyncio.create_task(
            service.send(view.token, "submit_reset", typed, version=view.version, request_id="one"), name="click"
        )

    first, second = await asyncio.gather(click(), click())
    if first.state == "DONE" == second.state and first == second:
        return "the first one's answer"
    return ", ".join(reason.code for each in (first, second) for reason in each.reasons)


async def measure(clicks: int, seconds: float, number: int) -> None:
    """Print how many were told what."""
    everyone = customers(clicks)
    bank, store, clock = _SlowBank(everyone, seconds), MemoryStore(), FakeClock()
    services = [AsyncResetService(bank=bank, store=store, key=bytes(32), clock=clock) for _ in range(number)]
    told: Counter[str] = Counter()
    began = time.monotonic()
    at_once = number * MOST_WAITING
    for group in (everyone[n : n + at_once] for n in range(0, clicks, at_once)):
        turns = (double_click(services[n % number], customer) for n, customer in enumerate(group))
        told.update(await asyncio.gather(*turns))
    refused = clicks - told["the first one's answer"]
    print(f"{refused} refused of {clicks} double clicks at a bank of {seconds} s, in {time.monotonic() - began:.0f} s")
    for what, times in told.most_common():
        print(f"{times:8}  {what}")


if __name__ == "__main__":
    standing = ("10000", "0.3", "8")
    clicks, seconds, number = (*sys.argv[1:], *standing[len(sys.argv) - 1 :])
    asyncio.run(measure(int(clicks), float(seconds), int(number)))

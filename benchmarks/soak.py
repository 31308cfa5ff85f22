"""Does memory stay flat? Session after session on one service and one MemoryStore, with `purge()` as a host runs it.

    make soak                               200,000 sessions: some ten minutes
    python benchmarks/soak.py --sessions 5000

A thousand customers reset their password again and again, each half an hour after the one before. One session in
three is left half-way; `expire_due()` ends it. Every hundredth session, `expire_due()` and `purge()` run. After each
twentieth of the whole a line is printed: the resident memory, the objects that the collector knows, and the rows and
audit records of the store. The second half must not need more than the first; the exit code says whether it did.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

import attrs
from harness import resident
from turn import KEY, customers, play

from ja_reset import Contract, Effect, Institution, LoginCredentials, PinCheck, Procedure, ResetService, Secret
from ja_reset.stores import MemoryStore
from ja_reset.testing import Customer, FakeBank, FakeClock, identity

SESSIONS: Final = 200_000
CUSTOMERS: Final = 1_000
BETWEEN: Final = timedelta(minutes=30)
PURGED_EVERY: Final = 100
SPARE: Final = 1.02
"""By how much the second half may need more than the first: what the allocator makes of the same objects."""


class Bank:
    """A bank that remembers nothing, as what it remembers would be measured too."""

    def __init__(self, everyone: list[Customer]) -> None:
        self._institution = FakeBank().institution(everyone[0].institution)
        self._by_account = {customer.account: customer.contract for customer in everyone}
        self._by_ref = {customer.ref: customer.contract for customer in everyone}

    def institution(self, _id: str, /) -> Institution | None:
        """The one that there is."""
        return self._institution

    def find_contract(self, _institution: str, _branch: str, _subject: str, account: str, /) -> Contract | None:
        """By the account."""
        return self._by_account.get(account)

    def check_login(self, _institution: str, _credentials: LoginCredentials, /) -> Contract | None:
        """Nobody's."""
        return None

    def contract(self, ref: str, /) -> Contract | None:
        """By the reference."""
        return self._by_ref.get(ref)

    def check_pin(self, _ref: str, _pin: Secret, /) -> PinCheck:
        """Right."""
        return PinCheck.RIGHT

    def carry_out(self, _effect: Effect, /) -> Mapping[str, str] | None:
        """Done."""
        return None


@attrs.frozen
class Checkpoint:
    """What was there after that number of sessions."""

    sessions: int
    resident: int
    objects: int
    rows: int
    audit: int

    def __str__(self) -> str:
        there = f"{self.objects:>10,} objects {self.rows:>8,} rows {self.audit:>7,} audit records"
        return f"{self.sessions:>9,} sessions {self.resident / 2**20:8.1f} MiB {there}"


def soak(
    sessions: int, checkpoints: int, *, between: timedelta = BETWEEN, audit_limit: int = 10_000, people: int = CUSTOMERS
) -> Iterator[Checkpoint]:
    """Take *sessions* through, and look at *checkpoints* of them."""
    everyone, clock = customers(people), FakeClock()
    with MemoryStore(audit_limit=audit_limit) as store:
        service = ResetService(bank=Bank(everyone), store=store, key=KEY, clock=clock)
        for number in range(1, sessions + 1):
            customer = everyone[number % people]
            if number % 3:
                play(service, customer, call=f"call-{number}")
            else:
                view = service.start(Procedure.LOGIN_PASSWORD, institution=customer.institution)
                service.send(view.token, "submit_identity", identity(customer), version=view.version)
            clock.advance(between.total_seconds())
            if number % PURGED_EVERY == 0:
                service.expire_due()
                service.purge()
            if number % (sessions // checkpoints) == 0:
                gc.collect()
                rows, audit = store._rows, store._audit  # noqa: SLF001 - what it holds, not what it shows
                yield Checkpoint(number, resident(), len(gc.get_objects()), len(rows), len(audit))


def is_flat(found: list[Checkpoint]) -> bool:
    """Whether the second half needs no more than the first, by objects and by resident memory."""
    half = len(found) // 2
    return all(
        max(getattr(each, name) for each in found[half:]) <= SPARE * max(getattr(each, name) for each in found[:half])
        for name in ("objects", "resident")
    )


def main() -> int:
    """Print the checkpoints; 1 if memory grew."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sessions", type=int, default=SESSIONS)
    asked = options.parse_args()
    found, began = [], time.monotonic()
    for each in soak(asked.sessions, 20):
        found.append(each)
        print(f"{each} {time.monotonic() - began:7.0f} s", flush=True)
    print("flat" if is_flat(found) else "it grows")
    return 0 if is_flat(found) else 1


if __name__ == "__main__":
    sys.exit(main())

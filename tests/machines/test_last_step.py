"""The last step of TOKEN_REISSUE: a lock that comes between the look at it and the commit is not slipped past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from hosts import Host
from ja_reset import PinCheck
from ja_reset.proofs.attempts import PinAttempts
from ja_reset.service._records import PIN_ATTEMPTS
from ja_reset.service.saved import save
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Put
from ja_reset.testing import FakeClock


class LockingStore(MemoryStore):
    """Locks a card by its PIN count just before the next commit, as a rival turn would."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.ref: str | None = None

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """Commit as ever, after the rival."""
        ref, self.ref = self.ref, None
        if ref is not None:
            attempts = PinAttempts()
            for name in "abc":
                attempts = attempts.reserve(name, self.clock()).settle(name, PinCheck.WRONG)
            held = self.get(PIN_ATTEMPTS, ref)
            super().commit(
                [Put(PIN_ATTEMPTS, ref, held.stamp if held else None, save(attempts.lock(("service", "card"))))]
            )
        return super().commit(puts, audit)


@pytest.mark.rule("I6", "L2")
@pytest.mark.parametrize("counted", [False, True])
def test_a_lock_between_the_look_and_the_commit_is_seen(*, counted: bool) -> None:
    """Right keys end in LOCKED, and no token is issued, where the card was locked in the meantime."""
    store = LockingStore(FakeClock())
    host = Host(store=store, clock=store.clock)
    if counted:
        attempts = PinAttempts().reserve("x", host.clock()).settle("x", PinCheck.WRONG)
        store.commit([Put(PIN_ATTEMPTS, host.customer.contract.ref, None, save(attempts))])
    host.at_btr004()
    code = host.call().code
    assert code is not None
    store.ref = host.customer.contract.ref
    host.keys(code.reveal())
    assert ("LOCKED", []) == (host.look().state, host.bank.carried_out)

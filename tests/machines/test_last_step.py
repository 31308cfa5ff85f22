"""The last step of TOKEN_REISSUE: a lock that comes between the look at it and the commit is not slipped past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from hosts import Host
from ja_reset import PinCheck
from ja_reset.ledger import Ledger
from ja_reset.records import LEDGER
from ja_reset.rows import Put
from ja_reset.saved import save
from ja_reset.stores import MemoryStore
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
            ledger = Ledger()
            for name in "abc":
                ledger = ledger.reserve(name, self.clock()).settle(name, PinCheck.WRONG)
            held = self.get(LEDGER, ref)
            super().commit([Put(LEDGER, ref, held.stamp if held else None, save(ledger.lock(("service", "card"))))])
        return super().commit(puts, audit)


@pytest.mark.rule("I6", "L2")
@pytest.mark.parametrize("counted", [False, True])
def test_a_lock_between_the_look_and_the_commit_is_seen(*, counted: bool) -> None:
    """Right keys end in LOCKED, and no token is issued, where the card was locked in the meantime."""
    store = LockingStore(FakeClock())
    host = Host(store=store, clock=store.clock)
    if counted:
        ledger = Ledger().reserve("x", host.clock()).settle("x", PinCheck.WRONG)
        store.commit([Put(LEDGER, host.customer.contract.ref, None, save(ledger))])
    host.at_btr004()
    code = host.call().code
    assert code is not None
    store.ref = host.customer.contract.ref
    host.keys(code.reveal())
    assert ("LOCKED", []) == (host.look().state, host.bank.carried_out)

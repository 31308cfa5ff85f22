"""The library with one safeguard taken out, at one place each: what the crash and rival tests must find.

Each takes pytest's `MonkeyPatch` and changes the library of this process until that is undone.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, MutableMapping
from typing import cast

import attrs
import pytest

from ja_reset.bank._values import Effect
from ja_reset.machines import facts
from ja_reset.proofs.attempts import IdentityAttempts, PinAttempts
from ja_reset.proofs.waits import Wait
from ja_reset.service import _delivery as orders
from ja_reset.service import _maintenance as housekeeping
from ja_reset.service import _outbox as outbox_entries
from ja_reset.service import _resolver as gather
from ja_reset.service import _shell as shell
from ja_reset.service._config import Config
from ja_reset.service._delivery import Delivered
from ja_reset.service._io import Commit, Flow, Fresh, Scan
from ja_reset.service._outbox import Leased
from ja_reset.service._records import OUTBOX, OutboxEntry
from ja_reset.service._resolver import FactResolver
from ja_reset.service._unit_of_work import UnitOfWork
from ja_reset.stores.rows import Put, Store

Fault = Callable[[pytest.MonkeyPatch], None]


def reservation(patch: pytest.MonkeyPatch) -> None:
    """A PIN is checked without an attempt that was reserved, and is counted afterwards (L3)."""

    def unreserved(self: FactResolver) -> Flow[bool]:
        self.attempt = yield Fresh(8)
        yield from self._claim()
        attempts = yield from self.pin_attempts(self._ref())
        return attempts.tries_left(self.policies.lockout.pin_attempts) > 0

    patch.setitem(cast("MutableMapping[str, object]", gather._RESOLVED), facts.PIN_ATTEMPT.name, unreserved)


def unique_wait(patch: pytest.MonkeyPatch) -> None:
    """A number that another session waits for, or that rests, is free (P8)."""
    patch.setattr(Wait, "is_free_for", lambda _self, _session, _now: True)


def version_check(patch: pytest.MonkeyPatch) -> None:
    """A row is written over whatever it has become since it was read (law 6)."""

    def blindly(outside: shell.Shell, request: Commit) -> bool:
        store, made = cast("Store", outside.store), False
        while not made:
            puts: list[Put] = []
            for put in request.puts:
                row = store.get(put.kind, put.key)
                if put.body is not None or (put.expect is not None and row is not None):
                    puts.append(attrs.evolve(put, expect=None if row is None else row.stamp))
            made = store.commit(puts, request.audit)
        return True

    patch.setitem(cast("MutableMapping[type, object]", shell.ANSWERS), Commit, blindly)


def outbox(patch: pytest.MonkeyPatch) -> None:
    """An effect is recorded when it is delivered, not in the commit that orders it (C4)."""
    save, give = UnitOfWork.save, orders.deliver
    unrecorded: dict[str, Put] = {}

    def saves(self: UnitOfWork) -> Flow[bool]:
        for name in [name for name, put in self.puts.items() if name[0] == OUTBOX and put.expect is None]:
            unrecorded[name[1]] = self.puts.pop(name)
        return (yield from save(self))

    def gives(config: Config, leased: Leased, *, request: str | None = None) -> Flow[Delivered]:
        if leased.key in unrecorded:
            unit = UnitOfWork()
            unit.puts[OUTBOX, leased.key] = unrecorded.pop(leased.key)
            yield from save(unit)
        return (yield from give(config, leased, request=request))

    patch.setattr(UnitOfWork, "save", saves)
    for module in (orders, housekeeping):
        patch.setattr(module, "deliver", gives)


def stable_key(patch: pytest.MonkeyPatch) -> None:
    """An effect that is delivered again has a new key (C4)."""
    effect_of, give = outbox_entries.effect_of, orders.deliver
    again: set[str] = set()

    def gives(config: Config, leased: Leased, *, request: str | None = None) -> Flow[Delivered]:
        if leased.lease is None:
            again.add(leased.key)
        return (yield from give(config, leased, request=request))

    def renamed(entry: OutboxEntry) -> Flow[Effect]:
        effect = yield from effect_of(entry)
        return attrs.evolve(effect, key=f"{effect.key}:{uuid.uuid4()}") if entry.key in again else effect

    for module in (orders, housekeeping):
        patch.setattr(module, "deliver", gives)
    patch.setattr(orders, "effect_of", renamed)


def lease(patch: pytest.MonkeyPatch) -> None:
    """An effect is delivered while another process delivers it, whose lease is also when its row is due (C4)."""
    patch.setattr(OutboxEntry, "is_leased", lambda _self, _now: False)
    scan = shell.ANSWERS[Scan]

    def scans(outside: shell.Shell, request: Scan) -> object:
        return scan(outside, attrs.evolve(request, due=None) if request.kind == OUTBOX else request)

    patch.setitem(cast("MutableMapping[type, object]", shell.ANSWERS), Scan, scans)


def pending_identity(patch: pytest.MonkeyPatch) -> None:
    """A try at an identity counts only once it was answered (I5)."""
    patch.setattr(IdentityAttempts, "count", property(lambda self: len(self.failures)))


def pending_pin(patch: pytest.MonkeyPatch) -> None:
    """An attempt at a PIN whose answer nobody knows does not count (L5)."""
    patch.setattr(PinAttempts, "tries_left", lambda self, limit: 0 if self.locked else max(0, limit - self.wrong))


FAULTS: Mapping[str, Fault] = {
    fault.__name__: fault
    for fault in (reservation, unique_wait, version_check, outbox, stable_key, lease, pending_identity, pending_pin)
}
"""By the names of what is taken out."""

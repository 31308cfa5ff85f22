"""Rotation of the host's keys: which key sealed what is stored, and sealing it again with the first key (S5).

Only live sessions and effects that are not settled hold sealed secrets. What is only recognised (a fingerprint) cannot
be sealed again: it lapses with its row. Rows of a newer release are left to a process of that release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs

from ja_reset.chart.session import Session
from ja_reset.errors import SealError, StoreError
from ja_reset.service._io import Flow, Get, KeyNames, KeyOf, Now, Scan, SealAgain
from ja_reset.service._names import activation_context
from ja_reset.service._outbox import OPEN, OVERDUE, PENDING, sealing_context
from ja_reset.service._pages import Item
from ja_reset.service._records import OUTBOX, SESSION, OutboxEntry
from ja_reset.service._session_rows import LIVE
from ja_reset.service._shown import code_context
from ja_reset.service._unit_of_work import UnitOfWork
from ja_reset.service.saved import load, read_session
from ja_reset.stores.rows import Row

Saved: TypeAlias = Session | OutboxEntry
Sealed: TypeAlias = Mapping[str, str]
"""What each sealed secret of a saved value is sealed for → the sealed text."""

_PLACES = ((SESSION, LIVE), (OUTBOX, PENDING), (OUTBOX, OPEN), (OUTBOX, OVERDUE))
"""Which rows can hold sealed secrets: their kind and tag."""


@attrs.frozen(eq=False)
class KeyUse(Item):
    """How many stored secrets a key has sealed.

    `name`: 8 characters, a digest of the key; "" for secrets whose key nobody can tell: they are damaged, or release
    0.1 sealed them with a key that is not here. `place`: the key's place among those that the service was given, from
    0, which seals; None if it is not among them. `sealed`: how many secrets of live sessions, and of effects that are
    not settled, it has sealed.
    """

    name: str
    place: int | None
    sealed: int


def count_keys() -> Flow[tuple[KeyUse, ...]]:
    """How many stored secrets each key has sealed: the host's keys in their order, then those that are missing."""
    own: tuple[str, ...] = yield KeyNames()
    found: Counter[str] = Counter()

    def count(row: Row) -> Flow[None]:
        for context, sealed in _sealed(_saved(row)).items():
            found[(yield KeyOf(sealed, context))] += 1

    yield from _each(count)
    missing = sorted(found.keys() - set(own))
    return tuple(KeyUse(name, own.index(name) if name in own else None, found[name]) for name in (*own, *missing))


def reseal() -> Flow[int]:
    """Seal with the first key every stored secret that another key has sealed; how many. What no key opens stays."""
    moved = 0

    def seal_again(row: Row) -> Flow[None]:
        nonlocal moved
        current: Row | None = row
        while current is not None:
            value = _saved(current)
            again: dict[str, str] = {}
            for context, sealed in _sealed(value).items():
                again[context] = yield from _again(sealed, context)
            changed = sum(again[context] != sealed for context, sealed in _sealed(value).items())
            if not changed:
                return
            unit = UnitOfWork()
            unit.rows[current.kind, current.key] = current
            yield from unit.put(current.kind, current.key, _with(value, again), tag=current.tag, at=current.due)
            unit.audit.append(_record((yield Now()).isoformat(), value))
            if (yield from unit.save()):
                moved += changed
                return
            current = yield Get(current.kind, current.key)  # a turn was faster: what it has left is looked at again

    yield from _each(seal_again)
    return moved


def _each(visit: Callable[[Row], Flow[None]]) -> Flow[None]:
    """Visit every row that can hold sealed secrets and that this release can read."""
    for kind, tag in _PLACES:
        after: Row | None = None
        while page := (yield Scan(kind, tag=tag, after=after)):
            after = page[-1]
            for row in page:
                try:
                    yield from visit(row)
                except StoreError:  # damaged, or of a newer release: `operator.sessions` and `effects` say so
                    continue


def _again(sealed: str, context: str) -> Flow[str]:
    try:
        return (yield SealAgain(sealed, context))  # type: ignore[no-any-return]  # a str, says the request
    except SealError:
        return sealed


def _saved(row: Row) -> Saved:
    return read_session(row.body) if row.kind == SESSION else load(OutboxEntry, row.body, OUTBOX)


def _sealed(value: Saved) -> Sealed:
    if isinstance(value, OutboxEntry):
        return {sealing_context(value.key, name): sealed for name, sealed in value.sealed.items()}
    kept, sealed = value.kept, {}
    if kept.activation is not None:
        sealed[activation_context(value.id)] = kept.activation
    if kept.answered is not None and kept.answered.code:
        sealed[code_context(value.id, kept.answered.call)] = kept.answered.code
    return sealed


def _with(value: Saved, again: Sealed) -> Saved:
    """The value with these sealed texts in place of its own."""
    if isinstance(value, OutboxEntry):
        return attrs.evolve(value, sealed={name: again[sealing_context(value.key, name)] for name in value.sealed})
    kept = value.kept
    if kept.activation is not None:
        kept = attrs.evolve(kept, activation=again[activation_context(value.id)])
    if kept.answered is not None and kept.answered.code:
        code = again[code_context(value.id, kept.answered.call)]
        kept = attrs.evolve(kept, answered=attrs.evolve(kept.answered, code=code))
    return attrs.evolve(value, kept=kept)


def _record(time: str, value: Saved) -> dict[str, object]:
    """The audit of a secret that was sealed again (S7)."""
    session = value.id if isinstance(value, Session) else value.session
    return {"time": time, "session": session, "institution": value.institution, "event": "reseal", "reasons": []}

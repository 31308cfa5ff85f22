"""The transactional outbox: effects are recorded before their delivery, and say when they may be tried next (C4).

The row of an effect is due when it may be tried next: at the end of its lease, or of its back-off. So `recover()` scans
what is due. What is overdue has a tag of its own and is due at no time, locks apart. `_delivery` gives the effects.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from ja_reset.bank._values import Effect
from ja_reset.chart.effects import OrderData
from ja_reset.chart.session import Session
from ja_reset.chart.turn import Turn
from ja_reset.errors import UnlockRefused
from ja_reset.policies import Policies
from ja_reset.proofs.attempts import PinAttempts
from ja_reset.secret import Secret, shown
from ja_reset.service._config import Config
from ja_reset.service._io import Flow, Open, Scan, Seal
from ja_reset.service._records import OUTBOX, PIN_ATTEMPTS, OutboxEntry, OutboxStatus
from ja_reset.service._session_work import SessionWork
from ja_reset.service._unit_of_work import UnitOfWork
from ja_reset.service.saved import load
from ja_reset.stores.rows import Row

OPEN, OVERDUE, SETTLED = "open", "overdue", "settled"
"""How an effect's row is tagged: it is tried when it is due; only an operator moves it; nothing is to be done."""
PENDING = "pending"
"""The tag under which release 0.1 has recorded an effect, with no time at which it is due."""


@attrs.frozen
class Leased:
    """An effect that a turn is to give: its key, and the lease that this turn has put on it; None: it takes one.

    `early`: whatever the back-off says, as somebody asks for it. `by`: the unit of work whose commit has just recorded
    it, which knows its row and its session as long as the bank is not asked. `effect`: what is given, as it was
    recorded there, so that no secret is opened in the call that has sealed it.
    """

    __repr__ = shown

    key: str
    lease: datetime | None
    early: bool = False
    by: SessionWork | None = attrs.field(default=None, eq=False, repr=False)
    effect: Effect | None = attrs.field(default=None, eq=False, repr=False)

    def from_before(self) -> Leased:
        """The same once the bank was asked about something else: its row is to be read again."""
        return attrs.evolve(self, by=None)


def sealing_context(key: str, name: str) -> str:
    """What the secret of that name in an effect is sealed for."""
    return f"effect:{key}:{name}"


def record_entries(
    work: SessionWork, before: Session, datas: OrderData, *, proved: str | None = None
) -> Flow[tuple[Leased, ...]]:
    """Put a row for each effect, its secrets sealed; those that this turn is to give, leased to it, in order.

    Locks are noted in the card's count, so that nobody orders them again and an unlock finds them (L2, L6); the notice
    that tells of them is recorded with them (C5). *proved*:
    the contract whose identity was proved in this turn, where no state has kept it.
    """
    leased: list[Leased] = []
    limits = work.policies.session
    ref = before.kept.ref or work.session.kept.ref or proved or ""
    locks = tuple(effect.key(before) for effect in datas if effect.locks)
    if locks:
        yield from work.put(PIN_ATTEMPTS, ref, (yield from work.pin_attempts(ref)).lock(locks))
    turn = Turn(before, work.now, work.policies, {})
    notices = {effect.tells: effect.tells.data(turn) for effect in datas if effect.tells is not None}
    for effect, data in (*datas.items(), *notices.items()):
        key = effect.key(before)
        sealed: dict[str, str] = {}
        for name, secret in data.items():
            if isinstance(secret, Secret):
                sealed[name] = yield Seal(secret, sealing_context(key, name))
        entry = OutboxEntry(
            key=key,
            session=before.id,
            kind=effect.kind,
            institution=before.institution,
            ref=ref,
            made_at=work.now,
            data={name: text for name, text in data.items() if isinstance(text, str)},
            sealed=sealed,
            deadline=work.now + limits.effect_deadline,
        )
        if not (effect.notice and work.config.notices_later):
            entry = entry.leased(work.now, limits.effect_lease)
            given = Effect(key=key, kind=effect.kind, institution=before.institution, ref=ref, data=data)
            by = None if effect.locks else work  # an operator may lift the lease of a lock, and withdraw it (L6)
            leased.append(Leased(key, entry.lease, by=by, effect=given))
        work.begin(OUTBOX, key)  # a key has the version of its session in it
        yield from put_entry(work, entry)
    return tuple(leased)


def put_entry(unit: UnitOfWork, entry: OutboxEntry) -> Flow[None]:
    """Write an effect that is not settled, due when it may be tried next; an overdue one that waits is never due."""
    if entry.status is OutboxStatus.OVERDUE and entry.next_try is None and entry.lease is None:
        return (yield from unit.put(OUTBOX, entry.key, entry, tag=OVERDUE))
    at = entry.lease or entry.next_try or entry.made_at
    if entry.status is OutboxStatus.PENDING and entry.lease is None and entry.deadline is not None:
        at = min(at, entry.deadline)
    return (yield from unit.put(OUTBOX, entry.key, entry, tag=OPEN, at=at))


def put_settled(unit: UnitOfWork, entry: OutboxEntry, status: OutboxStatus, keep_until: datetime) -> Flow[None]:
    """Write an effect as settled, without what was to be given; it can be read until then."""
    yield from unit.put(OUTBOX, entry.key, entry.settled(status), tag=SETTLED, at=keep_until)


def effect_of(entry: OutboxEntry) -> Flow[Effect]:
    """The effect as the bank gets it, its secrets opened."""
    data: dict[str, str | Secret] = dict(entry.data)
    for name, sealed in entry.sealed.items():
        data[name] = yield Open(sealed, sealing_context(entry.key, name))
    return Effect(key=entry.key, kind=entry.kind, institution=entry.institution, ref=entry.ref, data=data)


def withdraw_locks(
    config: Config, unit: UnitOfWork, ref: str, attempts: PinAttempts, now: datetime, *, policies: Policies
) -> Flow[None]:
    """Put the locks of a contract that are not settled as withdrawn: nobody gives them after an unlock (L6, A6).

    Raises UnlockRefused for one that is being given. Whoever gave it and died has left its lease, which `recover()`
    takes over; a clock may go fast, so that a lease stands here for `unknown_lapse` longer than it says.
    """
    for key in attempts.orders or (yield from _pending_locks(config, ref)):
        entry = yield from unit.load(OUTBOX, key, OutboxEntry)
        if entry is None or not entry.is_open:
            continue
        if entry.lease is not None:
            latest = entry.lease + policies.lockout.unknown_lapse
            if now <= latest:
                raise UnlockRefused(entry.lease if now <= entry.lease else latest)
        yield from put_settled(unit, entry, OutboxStatus.WITHDRAWN, now + policies.session.retention)
        unit.audit.append(audit_of(entry, now, OutboxStatus.WITHDRAWN.value, None))


def _pending_locks(config: Config, ref: str) -> Flow[tuple[str, ...]]:
    """The pending locks of a contract whose count does not name them: release 0.1 has ordered them."""
    locks = {effect.name for effect in config.effects.values() if effect.locks}
    keys: tuple[str, ...] = ()
    for tag in (PENDING, OPEN, OVERDUE):  # as 0.1 has left them, or as they were tried since
        after: Row | None = None
        while page := (yield Scan(OUTBOX, tag=tag, after=after)):
            after = page[-1]
            entries = [load(OutboxEntry, row.body, OUTBOX) for row in page]
            keys += tuple(entry.key for entry in entries if entry.ref == ref and entry.kind in locks)
    return keys


def audit_of(
    entry: OutboxEntry, now: datetime, event: str, work: SessionWork | None, **more: object
) -> dict[str, object]:
    """The audit of an effect that no session waits for; the session may be purged by then (S7, S8)."""
    state = None if work is None else work.session.state
    return {
        "time": now.isoformat(),
        "session": entry.session,
        "procedure": None if work is None else work.session.procedure,
        "institution": entry.institution,
        "ref": entry.ref,
        "event": event,
        "before": state,
        "after": state,
        "reasons": [],
        "effect": str(entry.kind),
        **more,
    }

"""The transactional outbox: effects are recorded, delivered under one key, and confirmed or refused (C4).

The process that delivers an effect holds its lease, which nobody else ends. After the lease has run out, another
process takes a lease of its own and delivers the effect again, with the same key and the same content. The bank's
answer is an event of the session that waits for it in COMPLETING.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import Enum

import attrs

from ja_reset.bank._values import Effect
from ja_reset.chart.effects import OrderData
from ja_reset.chart.session import Refusal, Session
from ja_reset.chart.transitions import EventRole
from ja_reset.errors import BankUnavailable, EffectRefused, StoreError, UnlockRefused
from ja_reset.machines import facts
from ja_reset.policies import Policies
from ja_reset.proofs.attempts import PinAttempts
from ja_reset.secret import Secret, shown
from ja_reset.service._bank import carry_out
from ja_reset.service._io import Flow, Now, Open, Scan, Seal
from ja_reset.service._records import OUTBOX, PIN_ATTEMPTS, REQUEST, OutboxEntry, OutboxStatus, ViewRecord
from ja_reset.service._unit_of_work import Config, SessionWork, UnitOfWork, arrive
from ja_reset.service.saved import load
from ja_reset.stores.rows import Row
from ja_reset.text import Text

PENDING, SETTLED = "pending", "settled"


class Delivery(Enum):
    """What became of giving an effect."""

    SETTLED = "settled"
    NO_ANSWER = "no_answer"
    LEFT_ALONE = "left_alone"


@attrs.frozen
class Leased:
    """An effect that a turn is to give: its key, and the lease that this turn has put on it; None: it takes one."""

    __repr__ = shown

    key: str
    lease: datetime | None


def _context(key: str, name: str) -> str:
    return f"effect:{key}:{name}"


def record_entries(
    work: SessionWork, before: Session, datas: OrderData, *, proved: str | None = None
) -> Flow[tuple[Leased, ...]]:
    """Put a row for each effect, its secrets sealed, leased to this turn, in order.

    Locks are noted in the card's count, so that nobody orders them again and an unlock finds them (L2, L6). *proved*:
    the contract whose identity was proved in this turn, where no state has kept it.
    """
    leased: list[Leased] = []
    lease = work.now + work.policies.session.effect_lease
    ref = before.kept.ref or work.session.kept.ref or proved or ""
    locks = tuple(effect.key(before) for effect in datas if effect.locks)
    if locks:
        yield from work.put(PIN_ATTEMPTS, ref, (yield from work.pin_attempts(ref)).lock(locks))
    for effect, data in datas.items():
        key = effect.key(before)
        sealed: dict[str, str] = {}
        for name, secret in data.items():
            if isinstance(secret, Secret):
                sealed[name] = yield Seal(secret, _context(key, name))
        entry = OutboxEntry(
            key=key,
            session=before.id,
            kind=effect.kind,
            institution=before.institution,
            ref=ref,
            made_at=work.now,
            data={name: text for name, text in data.items() if isinstance(text, str)},
            sealed=sealed,
            lease=lease,
        )
        yield from work.put(OUTBOX, key, entry, tag=PENDING)
        leased.append(Leased(key, lease))
    return tuple(leased)


def deliver_all(config: Config, effects: tuple[Leased, ...], *, request: str | None = None) -> Flow[Delivery]:
    """Give effects that this turn has recorded and leased, and those that follow from them; how the first one went.

    Each is tried, whatever becomes of the others; what one raised is raised in the end.
    """
    first, failure = Delivery.SETTLED, None
    todo = list(effects)
    while todo:
        leased = todo.pop(0)
        try:
            delivery, more = yield from deliver(config, leased.key, lease=leased.lease, request=request)
        except (GeneratorExit, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001 - passed on below, once the others were tried
            failure = failure or error
            continue
        todo.extend(more)
        if leased == effects[0]:
            first = delivery
    if failure is not None:
        raise failure
    return first


def deliver(
    config: Config, key: str, *, lease: datetime | None, request: str | None = None
) -> Flow[tuple[Delivery, tuple[Leased, ...]]]:
    """Give one effect, if it is not settled and nobody else is giving it; and what follows from it, leased.

    *lease*: what this turn has put on it; None if it takes one. If the row has another lease, the effect is left alone.
    """
    entry = yield from _held(config, key, lease)
    if not isinstance(entry, OutboxEntry):
        return entry, ()
    try:
        spec = config.effects.get(entry.kind)
        result = yield from carry_out((yield from _effect(entry)), spec.result if spec else None)
    except BankUnavailable:
        yield from _release(config, entry, request if lease is not None else None, answer=True)
        return Delivery.NO_ANSWER, ()
    except EffectRefused as refusal:
        return Delivery.SETTLED, (yield from _settle(config, entry, (yield from _sayable(entry, refusal)), request))
    except GeneratorExit:
        raise
    except BaseException:
        with suppress(StoreError):
            yield from _release(config, entry, request if lease is not None else None, answer=False)
        raise
    return Delivery.SETTLED, (yield from _settle(config, entry, result, request))


def _held(config: Config, key: str, lease: datetime | None) -> Flow[OutboxEntry | Delivery]:
    """The effect under the lease of this turn, or why this turn does not give it."""
    unit = UnitOfWork()
    while True:
        entry = yield from unit.load(OUTBOX, key, OutboxEntry)
        if entry is None or entry.status is not OutboxStatus.PENDING:
            return Delivery.SETTLED
        if lease is not None:
            return entry if entry.lease == lease else Delivery.LEFT_ALONE
        now = yield Now()
        if entry.is_leased(now):
            return Delivery.LEFT_ALONE
        session = yield from arrive(config, entry.session)
        taken = now + (session.policies if session else config.policies).session.effect_lease
        entry = attrs.evolve(entry, lease=taken)
        yield from unit.put(OUTBOX, key, entry, tag=PENDING)
        if (yield from unit.save()):
            return entry  # a row that was changed meanwhile is looked at again: only its lease says who gives it


def _effect(entry: OutboxEntry) -> Flow[Effect]:
    data: dict[str, str | Secret] = dict(entry.data)
    for name, sealed in entry.sealed.items():
        data[name] = yield Open(sealed, _context(entry.key, name))
    return Effect(key=entry.key, kind=entry.kind, institution=entry.institution, ref=entry.ref, data=data)


def _sayable(entry: OutboxEntry, refusal: EffectRefused) -> Flow[EffectRefused]:
    """The refusal, without words where they quote a secret of the effect: they are stored and shown (S5)."""
    for secret in (yield from _effect(entry)).data.values():
        if isinstance(secret, Secret) and (secret.is_quoted_in(refusal.ja) or secret.is_quoted_in(refusal.en)):
            return EffectRefused(ja="", en="")
    return refusal


def _release(config: Config, entry: OutboxEntry, request: str | None, *, answer: bool) -> Flow[None]:
    """Let go of an effect that the bank gave no answer to; it stays recorded, to be given again.

    A lease that somebody else has taken since stands: he is giving the effect now (C4, L6).
    *request* is that of the turn that recorded it: one that only gives it again takes no effect without an answer.
    """
    while True:
        work = yield from arrive(config, entry.session)
        unit: UnitOfWork = work or UnitOfWork()
        held = yield from unit.load(OUTBOX, entry.key, OutboxEntry)
        if held is None or held.status is not OutboxStatus.PENDING:
            return
        if held.lease == entry.lease:
            yield from unit.put(OUTBOX, entry.key, attrs.evolve(held, lease=None), tag=PENDING)
        if work is not None and _awaits(work, entry):
            work.note("no_answer", work.session, (Refusal("temporarily_unavailable"),), effect=str(entry.kind))
            shown = (yield from work.shown((Refusal("temporarily_unavailable"),))) if answer else None
            yield from _answer(work, request, shown)
        if (yield from unit.save()):
            return


def _settle(
    config: Config, entry: OutboxEntry, answer: Mapping[str, str] | EffectRefused, request: str | None
) -> Flow[tuple[Leased, ...]]:
    """Record the bank's answer, and move the session that waits for it, in one commit; what follows, leased."""
    while True:
        work = yield from arrive(config, entry.session)
        unit: UnitOfWork = work or UnitOfWork()
        held = yield from unit.load(OUTBOX, entry.key, OutboxEntry)
        if held is None or held.status is not OutboxStatus.PENDING:
            return ()
        status = OutboxStatus.REFUSED if isinstance(answer, EffectRefused) else OutboxStatus.CONFIRMED
        now = work.now if work else (yield Now())
        keep = (work.policies if work else config.policies).session.retention
        settled = attrs.evolve(held, status=status, data={}, sealed={}, lease=None)
        yield from unit.put(OUTBOX, entry.key, settled, tag=SETTLED, at=now + keep)
        follows: tuple[Leased, ...] = ()
        if work is not None and _awaits(work, entry):
            follows = yield from _move(work, answer)
            yield from _answer(work, request, (yield from work.shown(work.session.reasons)))
        else:
            unit.audit.append(_record(entry, now.isoformat(), status.value, work))
        if (yield from unit.save()):
            return follows


def withdraw_locks(
    config: Config, unit: UnitOfWork, ref: str, attempts: PinAttempts, now: datetime, *, policies: Policies
) -> Flow[None]:
    """Put the locks of a contract that are pending as withdrawn, so that nobody gives them after an unlock (L6, A6).

    Raises UnlockRefused for one that is being given. Whoever gave it and died has left its lease, which `recover()`
    takes over; a clock may go fast, so that a lease stands here for `unknown_lapse` longer than it says.
    """
    for key in attempts.orders or (yield from _pending_locks(config, ref)):
        entry = yield from unit.load(OUTBOX, key, OutboxEntry)
        if entry is None or entry.status is not OutboxStatus.PENDING:
            continue
        if entry.lease is not None:
            latest = entry.lease + policies.lockout.unknown_lapse
            if now <= latest:
                raise UnlockRefused(entry.lease if now <= entry.lease else latest)
        withdrawn = attrs.evolve(entry, status=OutboxStatus.WITHDRAWN, lease=None)
        yield from unit.put(OUTBOX, key, withdrawn, tag=SETTLED, at=now + policies.session.retention)
        unit.audit.append(_record(entry, now.isoformat(), withdrawn.status.value, None))


def _pending_locks(config: Config, ref: str) -> Flow[tuple[str, ...]]:
    """The pending locks of a contract whose count does not name them: release 0.1 has ordered them."""
    locks = {effect.name for effect in config.effects.values() if effect.locks}
    keys: tuple[str, ...] = ()
    after: Row | None = None
    while page := (yield Scan(OUTBOX, tag=PENDING, after=after)):
        after = page[-1]
        entries = [load(OutboxEntry, row.body, OUTBOX) for row in page]
        keys += tuple(entry.key for entry in entries if entry.ref == ref and entry.kind in locks)
    return keys


def _record(entry: OutboxEntry, time: str, event: str, work: SessionWork | None) -> dict[str, object]:
    """The audit of an effect that no session waits for; the session may be purged by then (S7, S8)."""
    state = None if work is None else work.session.state
    return {
        "time": time,
        "session": entry.session,
        "procedure": None if work is None else work.session.procedure,
        "institution": entry.institution,
        "ref": entry.ref,
        "event": event,
        "before": state,
        "after": state,
        "reasons": [],
        "effect": str(entry.kind),
    }


def _awaits(work: SessionWork, entry: OutboxEntry) -> bool:
    return work.session.kept.order == entry.key


def _move(work: SessionWork, answer: Mapping[str, str] | EffectRefused) -> Flow[tuple[Leased, ...]]:
    """The bank's answer as the event of the session in COMPLETING; what it orders next, leased."""
    before = work.session
    if isinstance(answer, EffectRefused):
        words = Text(ja=answer.ja, en=answer.en) if answer.ja or answer.en else None
        yield from work.happen(EventRole.REFUSED, work.now, {}, words=words)
        return ()
    outcome = yield from work.happen(EventRole.CONFIRMED, work.now, {facts.RESULT.name: answer})
    return (yield from record_entries(work, before, outcome.effects))


def _answer(work: SessionWork, request: str | None, shown: ViewRecord | None) -> Flow[None]:
    """Keep the answer under the request's id; without an answer the request can be made again."""
    if request is None:
        return
    if shown is None:
        yield from work.put(REQUEST, work.session.id, None)
    else:
        yield from work.remember(request, shown)

"""Delivers effects of the outbox under one key each, until the bank confirms or refuses them, or time is up (C4).

The process that delivers an effect holds its lease, which nobody else ends. After the lease has run out, another
process takes a lease of its own and delivers the effect again, with the same key and the same content. The bank's
answer is an event of the session that waits for it in COMPLETING. Without an answer the effect is tried again, later
each time; after its deadline it is overdue, and only an operator moves it on. Locks are delivered all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import Enum

import attrs

from ja_reset.bank._values import Effect
from ja_reset.chart._succession import left_over
from ja_reset.chart.transitions import EventRole
from ja_reset.chart.turn import Turn
from ja_reset.errors import BankUnavailable, EffectLeased, EffectRefused, InvalidArgument, StoreError
from ja_reset.machines import facts
from ja_reset.secret import Secret
from ja_reset.service._bank import carry_out, words_of
from ja_reset.service._config import Config
from ja_reset.service._io import Flow, Now
from ja_reset.service._outbox import Leased, audit_of, effect_of, put_entry, put_settled, record_entries
from ja_reset.service._records import OUTBOX, OutboxEntry, OutboxStatus, ViewRecord
from ja_reset.service._refusals import UNAVAILABLE
from ja_reset.service._session_work import SessionWork, arrive
from ja_reset.service._unit_of_work import UnitOfWork


class Delivery(Enum):
    """What became of giving an effect."""

    SETTLED = "settled"
    NO_ANSWER = "no_answer"
    LEFT_ALONE = "left_alone"
    OVERDUE = "overdue"


@attrs.frozen(eq=False, repr=False)
class Delivered:
    """What became of giving an effect, and the effects that follow from it, leased.

    `moved`: the session that has waited for it, as the bank's answer has moved it in this turn; `shown`: what it shows.
    """

    how: Delivery
    follows: tuple[Leased, ...] = ()
    moved: SessionWork | None = None
    shown: ViewRecord | None = None


def deliver_all(config: Config, effects: tuple[Leased, ...], *, request: str | None = None) -> Flow[Delivered]:
    """Give effects that this turn has recorded and leased, and those that follow from them; how the first one went.

    Each is tried, whatever becomes of the others; what one raised is raised in the end.
    """
    first, failure = Delivered(Delivery.SETTLED), None
    todo = list(effects)
    while todo:
        leased, *others = todo
        todo = [each.from_before() for each in others]
        try:
            delivered = yield from deliver(config, leased, request=request)
        except (GeneratorExit, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001 - passed on below, once the others were tried
            failure = failure or error
            continue
        todo.extend(delivered.follows)
        if leased == effects[0]:
            first = delivered
    if failure is not None:
        raise failure
    return first


def deliver(config: Config, leased: Leased, *, request: str | None = None) -> Flow[Delivered]:
    """Give one effect, if it is not settled and nobody else is giving it; and what follows from it, leased.

    If the row has another lease than this turn has put on it, the effect is left alone. What a port raises of its own
    is raised only where a session waits for the effect: a notice or a lock is tried again, and no page hears of it.
    """
    known = yield from _just_recorded(leased)
    entry = (yield from _held(config, leased)) if known is None else known
    if not isinstance(entry, OutboxEntry):
        return Delivered(entry)
    mine = request if leased.lease is not None else None
    by = None if known is None else leased.by
    answer: Mapping[str, str] | EffectRefused
    try:
        spec, effect = config.effects.get(entry.kind), leased.effect or (yield from effect_of(entry))
        answer = yield from carry_out(effect, spec.result if spec else None)
    except BankUnavailable as error:
        yield from _release(config, entry, error, mine)
        return Delivered(Delivery.NO_ANSWER)
    except EffectRefused as refusal:
        answer = _sayable(effect, refusal)
    except GeneratorExit:
        raise
    except BaseException as error:
        is_awaited = True
        with suppress(StoreError):
            is_awaited = yield from _release(config, entry, error, mine)
        if is_awaited or not isinstance(error, Exception):
            raise
        return Delivered(Delivery.NO_ANSWER)
    return (yield from settle(config, entry, answer, request=request, by=by))


def _just_recorded(leased: Leased) -> Flow[OutboxEntry | None]:
    """The effect as this turn has recorded it, if its row need not be read: nobody else touches what is leased.

    But a process that stood still may have lost its lease by the time, and somebody else has given the effect. So the
    clock is looked at, and the bank must not have been asked since. A lock may be withdrawn: it is always read (L6).
    """
    by = leased.by
    if by is None or leased.lease is None or not by.knows(OUTBOX, leased.key):
        return None
    entry = yield from by.load(OUTBOX, leased.key, OutboxEntry)
    return entry if (yield Now()) <= leased.lease else None


def _held(config: Config, leased: Leased) -> Flow[OutboxEntry | Delivery]:
    """The effect under the lease of this turn, or why this turn does not give it."""
    unit = UnitOfWork()
    while True:
        entry = yield from unit.load(OUTBOX, leased.key, OutboxEntry)
        if entry is None or not entry.is_open:
            return Delivery.SETTLED
        if leased.lease is not None:
            return entry if entry.lease == leased.lease else Delivery.LEFT_ALONE
        now: datetime = yield Now()
        if entry.is_leased(now) or not (leased.early or entry.may_be_tried(now)):
            return Delivery.LEFT_ALONE
        work = yield from arrive(config, entry.session)
        limits = (work.policies if work else config.policies).session
        held = entry if entry.deadline else attrs.evolve(entry, deadline=now + limits.effect_deadline)  # of 0.1
        spec = config.effects.get(entry.kind)
        gives = not held.is_overdue(now) or (spec is not None and spec.locks)
        if held.is_overdue(now) and entry.status is OutboxStatus.PENDING:
            held = attrs.evolve(held, status=OutboxStatus.OVERDUE, lease=None, next_try=None)
            unit.audit.append(audit_of(entry, now, OutboxStatus.OVERDUE.value, work, tries=entry.tries))
        elif not gives:
            return Delivery.OVERDUE
        held = held.leased(now, limits.effect_lease) if gives else held
        yield from put_entry(unit, held)
        if (yield from unit.save()):
            return held if gives else Delivery.OVERDUE
        # a row that was changed meanwhile is looked at again: only its lease says who gives it


def _sayable(effect: Effect, refusal: EffectRefused) -> EffectRefused:
    """The refusal, without words where they quote a secret of the effect: they are stored and shown (S5)."""
    for secret in effect.data.values():
        if isinstance(secret, Secret) and any(secret.is_quoted_in(said) for said in words_of(refusal).words):
            return EffectRefused(ja="", en="")
    return refusal


def _release(config: Config, entry: OutboxEntry, error: BaseException, request: str | None) -> Flow[bool]:
    """Let go of an effect that the bank gave no answer to, to be tried again later; whether a session waits for it.

    A lease that somebody else has taken since stands: he is giving the effect now (C4, L6). Of *error* only the name of
    its class is kept (S5). *request* is that of the turn that recorded it: one that only gives it again takes no effect
    without an answer.
    """
    while True:
        work = yield from arrive(config, entry.session)
        unit: UnitOfWork = work or UnitOfWork()
        is_awaited = work is not None and _awaits(work, entry)
        held = yield from unit.load(OUTBOX, entry.key, OutboxEntry)
        if held is None or not held.is_open:
            return is_awaited
        now: datetime = yield Now()
        limits = (work.policies if work else config.policies).session
        failed = held.failed(now, type(error).__name__, limits)
        if held.lease == entry.lease:
            yield from put_entry(unit, failed)
        told = {"error": failed.error, "tries": held.tries}
        if work is not None and is_awaited:
            work.note("no_answer", work.session, (UNAVAILABLE,), effect=str(entry.kind), **told)
            yield from work.remember(request, (yield from work.shown((UNAVAILABLE,))))
        else:
            unit.audit.append(audit_of(entry, now, "no_answer", work, **told))
        if (yield from unit.save()):
            return is_awaited


def settle(
    config: Config,
    entry: OutboxEntry,
    answer: Mapping[str, str] | EffectRefused,
    *,
    request: str | None = None,
    act: Mapping[str, object] | None = None,
    by: SessionWork | None = None,
) -> Flow[Delivered]:
    """Record the bank's answer, and move the session that waits for it, in one commit.

    *by*: the unit of work that has recorded the effect in this turn. What it knows of effect, session and request is
    enough: the commit names each of them that it relies on. (A session that does not wait for the effect never will.)

    *act*: who says so and why, where it is not the bank but an operator; then an effect that is settled or being
    delivered raises. An answer of the bank that comes after an operator's other word changes nothing, and is audited.
    """
    status = OutboxStatus.REFUSED if isinstance(answer, EffectRefused) else OutboxStatus.CONFIRMED
    while True:
        work = (yield from arrive(config, entry.session)) if by is None else (yield from by.go_on())
        by, unit = None, work or UnitOfWork()
        held = yield from unit.load(OUTBOX, entry.key, OutboxEntry)
        now = work.now if work else (yield Now())
        if act is not None:
            held = open_to_acts(held, now)
            unit.audit.append(audit_of(held, now, "settle", work, status=status.value, **act))
        elif held is None or held.status is status:
            return Delivered(Delivery.SETTLED)
        elif not held.is_open:
            unit.audit.append(audit_of(held, now, "answered_late", work, status=status.value))
            if (yield from unit.save()):
                return Delivered(Delivery.SETTLED)
            continue
        keep = (work.policies if work else config.policies).session.retention
        yield from put_settled(unit, held, status, now + keep)
        follows: tuple[Leased, ...] = ()
        shown: ViewRecord | None = None
        moved = work if work is not None and _awaits(work, entry) else None
        if work is not None and moved is not None:
            follows = yield from _move(work, answer)
            shown = yield from work.shown(work.session.reasons)
            yield from work.remember(request, shown)
        else:
            if act is None:
                unit.audit.append(audit_of(entry, now, status.value, work))
            if work is not None and not isinstance(answer, EffectRefused):
                follows = yield from _follow(work, entry, answer)
        if (yield from unit.save()):
            return Delivered(Delivery.SETTLED, follows, moved, shown)


def open_to_acts(entry: OutboxEntry | None, now: datetime) -> OutboxEntry:
    """The effect, on which an operator may act now; raises InvalidArgument or EffectLeased, in words."""
    if entry is None:
        msg = "there is no effect with that key"
        raise InvalidArgument(msg)
    if not entry.is_open:
        msg = f"that effect is settled: it is {entry.status.value}"
        raise InvalidArgument(msg)
    if entry.lease is not None and entry.is_leased(now):
        raise EffectLeased(entry.lease)
    return entry


def _awaits(work: SessionWork, entry: OutboxEntry) -> bool:
    return work.session.kept.order == entry.key


def _move(work: SessionWork, answer: Mapping[str, str] | EffectRefused) -> Flow[tuple[Leased, ...]]:
    """The bank's answer as the event of the session in COMPLETING; what it orders next, leased."""
    before = work.session
    if isinstance(answer, EffectRefused):
        words = words_of(answer)
        yield from work.happen(EventRole.REFUSED, work.now, {}, words=words if any(words.words) else None)
        return ()
    outcome = yield from work.happen(EventRole.CONFIRMED, work.now, {facts.RESULT.name: answer})
    return (yield from record_entries(work, before, outcome.effects))


def _follow(work: SessionWork, entry: OutboxEntry, result: Mapping[str, str]) -> Flow[tuple[Leased, ...]]:
    """What a confirmation orders where a newer chart has ended the session: the customer is told (C5, S4)."""
    turn = Turn(work.session, work.now, work.policies, {facts.RESULT.name: result})
    told = left_over(work.chart, entry.kind, turn, ref=entry.ref)
    return (yield from record_entries(work, work.session, told, proved=entry.ref))

"""What an operator does, each act audited: lift a rest or a lease before its time, move an effect on (P8, C4)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

import attrs

from ja_reset.chart.session import Refusal
from ja_reset.chart.transitions import EventRole
from ja_reset.errors import EffectRefused, InvalidArgument, NewerSession, StoreError, UnknownProcedure
from ja_reset.fields._phone_numbers import masked, read_presented
from ja_reset.proofs.waits import Wait, Waits
from ja_reset.service._accounts import words
from ja_reset.service._bank import results_in, results_named
from ja_reset.service._config import Config
from ja_reset.service._delivery import deliver_all, open_to_acts
from ja_reset.service._delivery import settle as settle_effect
from ja_reset.service._io import Flow, Now
from ja_reset.service._outbox import Leased, audit_of, put_entry
from ja_reset.service._records import OUTBOX, WAIT, OutboxEntry, OutboxStatus
from ja_reset.service._session_work import SessionWork, arrive
from ja_reset.service._unit_of_work import UnitOfWork
from ja_reset.stores.rows import is_name


def lift(config: Config, *, number: object, effect: object, by: object, reason: object) -> Flow[None]:
    """Take away the rest of a number (P8) or the lease of an effect (C4) before its time; raises InvalidArgument."""
    act = {"actor": words(by, "by"), "reason": words(reason, "reason")}
    if (number is None) is (effect is None):
        msg = "lift takes either a number or the key of an effect"
        raise InvalidArgument(msg)
    while True:
        lifted = (yield from _lift_rest(config, number)) if effect is None else (yield from _lift_lease(effect))
        unit, records = lifted
        now: datetime = yield Now()
        unit.audit += [{"time": now.isoformat(), **each, "event": "lift", "reasons": [], **act} for each in records]
        if (yield from unit.save()):
            return


def _lift_rest(config: Config, number: object) -> Flow[tuple[UnitOfWork, list[dict[str, object]]]]:
    """The rests of a number on all lines, to be taken away; a session that waits for the number keeps them.

    A wait that was over by its row needs no chart of its session (S4): the session finds that when its window closes.
    """
    e164 = read_presented(number)
    if e164 is None:
        msg = "number must be a Japanese phone number"
        raise InvalidArgument(msg)
    now: datetime = yield Now()
    held = Waits.of((yield from UnitOfWork().load(WAIT, e164, Wait))).held
    unit: UnitOfWork = UnitOfWork()
    for each in held:
        work = (yield from _whose(config, each, now)) if each.end is None else None
        if work is not None and work.waits_for(e164):
            msg = "a session waits for that number: end its wait first"
            raise InvalidArgument(msg)
        if work is not None and unit.puts:  # each session that time has moved is a change of its own
            yield from unit.save()
            return (yield from _lift_rest(config, number))
        unit = work or unit
    rests = [each for each in Waits.of((yield from unit.load(WAIT, e164, Wait))).held if not each.is_over(now)]
    if not rests:
        msg = "that number is not resting; there is nothing to lift"
        raise InvalidArgument(msg)
    yield from unit.put(WAIT, e164, None)
    return unit, [{"session": each.session, "number": masked(e164)} for each in rests]


def _whose(config: Config, wait: Wait, now: datetime) -> Flow[SessionWork | None]:
    """The session of a wait, with time passed for it; None where this process does not have its chart."""
    try:
        return (yield from arrive(config, wait.session))
    except (UnknownProcedure, NewerSession):  # while it waits, a process that has the chart has to end it
        if wait.is_waiting(now):
            raise
        return None


def _lift_lease(key: object) -> Flow[tuple[UnitOfWork, list[dict[str, object]]]]:
    """The lease of an effect, to be taken away, so that `recover()` or proceed gives it now."""
    unit = UnitOfWork()
    entry = (yield from unit.load(OUTBOX, key, OutboxEntry)) if isinstance(key, str) else None
    if entry is None or not entry.is_open or entry.lease is None:
        msg = "no effect with that key is leased; there is nothing to lift"
        raise InvalidArgument(msg)
    yield from put_entry(unit, attrs.evolve(entry, lease=None, next_try=(yield Now())))
    about = {"session": entry.session, "institution": entry.institution, "ref": entry.ref, "effect": str(entry.kind)}
    return unit, [{**about}]


def end(config: Config, session: object, *, by: object, reason: object) -> Flow[None]:
    """End a session as its customer could have, for a reason of its own (M3, P8); raises InvalidArgument.

    Like a cancel, it waits neither for another turn nor for the bank: a turn under way finds the session ended.
    """
    act = {"actor": words(by, "by"), "reason": words(reason, "reason")}
    while True:
        work = (yield from arrive(config, session)) if isinstance(session, str) and is_name(session) else None
        if work is None:
            msg = "there is no session with that id"
            raise InvalidArgument(msg)
        if work.is_final:
            msg = f"the session has ended already, in the state {work.session.state}; there is nothing to end"
            raise InvalidArgument(msg)
        if not work.chart.hears(work.session.state, EventRole.CANCEL):
            msg = "the session waits for the bank's word on its order: settle that effect, or wait for the bank"
            raise InvalidArgument(msg)
        yield from work.call_off(Refusal("ended_by_operator"))
        work.add_to_note(**act)
        if (yield from work.save()):
            return


def retry(config: Config, key: object, *, by: object, reason: object) -> Flow[str]:
    """Give an effect a new deadline and try it now; its status afterwards. Raises InvalidArgument, EffectLeased."""
    act = {"actor": words(by, "by"), "reason": words(reason, "reason")}
    while True:
        held = yield from _effect(key)
        work = yield from arrive(config, held.session)
        unit: UnitOfWork = work or UnitOfWork()
        now: datetime = yield Now()
        entry = open_to_acts((yield from unit.load(OUTBOX, held.key, OutboxEntry)), now)
        deadline = now + (work.policies if work else config.policies).session.effect_deadline
        again = attrs.evolve(entry, status=OutboxStatus.PENDING, lease=None, next_try=now, deadline=deadline)
        yield from put_entry(unit, again)
        unit.audit.append(audit_of(entry, now, "retry", work, **act))
        if (yield from unit.save()):
            break
    try:
        yield from deliver_all(config, (Leased(entry.key, None, early=True),))
    except (StoreError, UnknownProcedure):
        raise
    except Exception:  # noqa: BLE001, S110 - the effect has the class of what the bank raised, and is tried again
        pass
    return (yield from _effect(entry.key)).status.value


def settle(
    config: Config, key: object, *, was_carried_out: object, results: object, by: object, reason: object
) -> Flow[None]:
    """Have the machine hear what became of an effect, on an operator's word. Raises InvalidArgument, EffectLeased."""
    act = {"actor": words(by, "by"), "reason": words(reason, "reason")}
    if not isinstance(was_carried_out, bool):
        msg = "confirmed must be True or False"
        raise InvalidArgument(msg)
    entry = open_to_acts((yield from _effect(key)), (yield Now()))
    answer = _confirmation(config, entry, results) if was_carried_out else _refusal(results)
    settled = yield from settle_effect(config, entry, answer, act=act)
    with suppress(Exception):  # they are recorded: whatever this raises, recover() gives them again
        yield from deliver_all(config, settled.follows)


def _effect(key: object) -> Flow[OutboxEntry]:
    entry = (yield from UnitOfWork().load(OUTBOX, key, OutboxEntry)) if isinstance(key, str) else None
    if entry is None:
        msg = "there is no effect with that key"
        raise InvalidArgument(msg)
    return entry


def _confirmation(config: Config, entry: OutboxEntry, results: object) -> Mapping[str, str]:
    """What the bank would have answered; raises InvalidArgument where a result is missing (C3)."""
    if results is not None and not isinstance(results, Mapping):
        msg = f"results must be a mapping of str to str or None, not {type(results).__name__}"
        raise InvalidArgument(msg)
    spec = config.effects.get(entry.kind)
    wanted = spec.result if spec else None
    found = results_in(results or {}, wanted)
    if found is None:
        msg = f"results of {entry.kind} must have {results_named(wanted)}"
        raise InvalidArgument(msg)
    return found


def _refusal(results: object) -> EffectRefused:
    if results is not None:
        msg = "an effect that was not carried out has no results"
        raise InvalidArgument(msg)
    return EffectRefused(ja="", en="")

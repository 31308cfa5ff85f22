"""What a turn must settle in the counts, however it ends: no answer of the bank is dropped (I5, L3, L5).

A turn that has claimed its session can lose it while a slow bank is asked, and an exception of a port can end it. The
bank's answers until then are settled all the same, and the last wrong PIN allowed records the locks (L2).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import attrs

from ja_reset.bank._values import PinCheck
from ja_reset.chart.advance import Outcome
from ja_reset.chart.states import StateKind
from ja_reset.machines import facts
from ja_reset.secret import Secret
from ja_reset.service._delivery import deliver_all
from ja_reset.service._io import Flow
from ja_reset.service._outbox import Leased, record_entries
from ja_reset.service._records import PIN_ATTEMPTS, SESSION
from ja_reset.service._refusals import UNAVAILABLE, tries_again
from ja_reset.service._resolver import FactResolver
from ja_reset.service._view import View


class Lost(Exception):  # noqa: N818 - no error: somebody else has moved the session since
    """The claim ran out while the bank was asked, and somebody else has the session now."""


def hold_claim(work: FactResolver) -> Flow[None]:
    """Raise Lost where the claim of this turn no longer stands."""
    if work.claim is None:
        return
    body = yield from work.read(SESSION, work.session.id)
    claim = None if body is None else body.get("claim")
    if not isinstance(claim, Mapping) or claim.get("id") != work.claim:
        work.clear()
        raise Lost


def failed(work: FactResolver) -> bool:
    """Whether the try at an identity of this turn was answered, and wrong."""
    return facts.PROVED.name in work.facts and work.facts[facts.PROVED.name] is None


def in_doubt(work: FactResolver) -> bool:
    """Whether an attempt at a PIN stays reserved, as nobody knows what the bank made of it (L5)."""
    return work.attempt is not None and _check(work) is None


def costs(work: FactResolver) -> bool:
    """Whether a try of this turn counts: the bank found it wrong, or nobody knows; its request took effect (S2)."""
    return failed(work) or in_doubt(work) or (work.attempt is not None and _check(work) is PinCheck.WRONG)


def _check(work: FactResolver) -> PinCheck | None:
    check = work.facts.get(facts.PIN_CHECK.name)
    return check if isinstance(check, PinCheck) else None


def settle_counts(work: FactResolver) -> Flow[bool]:
    """Put the counts as the bank has answered; what it left unknown stays counted for a PIN (I5, L5).

    Whether this is what locks the card. A turn that was broken off may have settled its attempt already.
    """
    if work.tried is not None:
        standing = yield from work.standing_attempts()
        yield from work.put_tries(standing.keep(work.tried) if failed(work) else standing.give_back(work.tried))
    check = _check(work)
    if work.attempt is None:
        return False
    ref = work.ref or ""  # the contract that this very turn has proved, too: the attempt was reserved in its row (L3)
    attempts = yield from work.pin_attempts(ref)
    if check is None:
        yield from work.put(PIN_ATTEMPTS, ref, attempts.doubt(work.attempt))
        return False
    if work.broken_off and all(each.id != work.attempt for each in attempts.open):
        return False
    settled = attempts.settle(work.attempt, check)
    nothing = settled.wrong == 0 and not settled.locked and not settled.open
    yield from work.put(PIN_ATTEMPTS, ref, None if nothing else settled)
    return settled.is_locked(work.policies.lockout.pin_attempts) and not attempts.locked


@attrs.frozen(eq=False, repr=False)
class Committed:
    """What a turn has committed: the answer, and the orders that it is to deliver.

    `view` is None where the session waits for the bank's word on the first of them, which the answer tells.
    """

    view: View | None
    leased: tuple[Leased, ...] = ()


def commit(work: FactResolver, token: Secret, trigger: str, outcome: Outcome | None) -> Flow[Committed | None]:
    """Everything that the turn changes, in one commit; None where somebody else has changed a row first.

    *outcome*: None where the bank was silent. Where the commit is not made, the unit of work is as it was before.
    Raises Lost where the claim of this turn no longer stands.
    """
    before, committed = work.session, None
    try:
        ready = yield from _conclude(work, token, trigger, outcome)
        committed = ready if (yield from work.save()) else None
    finally:
        if committed is None:
            work.session = before
            work.clear()
    return committed


def _conclude(work: FactResolver, token: Secret, trigger: str, outcome: Outcome | None) -> Flow[Committed]:
    """Put the counts, the session, its orders and the answer, as the chart has decided."""
    yield from hold_claim(work)
    yield from settle_counts(work)
    before, fresh = work.session, work.fresh
    after = outcome.session if outcome else before
    reasons = outcome.reasons if outcome else (UNAVAILABLE,)
    ends = work.chart.states[after.state].is_final
    told = (*reasons, *fresh) if reasons and not ends else reasons
    if work.tried and not failed(work):
        after = after.take_back_try()
    yield from work.become(after.concluded(before, work.now, reasons=told), trigger, reasons, outcome, work.now)
    leased = yield from record_entries(work, before, outcome.effects if outcome else {}, proved=work.ref)
    awaited = before.kept.order if after.state == before.state else None
    if awaited is not None:
        leased = (Leased(awaited, None, early=True), *leased)  # the one that is waited for is given again (M2a)
    awaits = work.chart.states[after.state].kind is StateKind.COMPLETING
    shown = yield from work.shown(told)
    if tries_again(reasons) and not in_doubt(work):
        yield from work.let_again(work.request)
    elif not awaits:
        yield from work.remember(work.request, shown)
    return Committed(None if awaits else (yield from work.view(token, shown)), leased)


def settle_alone(work: FactResolver) -> Flow[None]:
    """Settle the counts of a turn whose session somebody else has moved since."""
    while True:
        leased = yield from _settle_and_lock(work)
        if (yield from work.save()):
            return (yield from _deliver(work, leased))


def abandon(work: FactResolver, trigger: str) -> Flow[None]:
    """Leave session and counts safe when a port raised something of its own.

    What took no effect can be made again under its request id. A try that counts is never made again: its request has
    the answer that could not be saved with the rest (S2), and where the count ends the session, it has ended (L2, I5).
    If this cannot be saved either, the claim runs out, the attempt stays reserved (L5) and the try counts (I5), as
    after a crash.
    """
    work.clear()
    if work.claim is None and work.tried is None:
        return
    session, work.broken_off = work.session, True
    while True:
        try:
            yield from hold_claim(work)
        except Lost:
            return (yield from settle_alone(work))
        outcome = yield from _decided(work, trigger)
        leased = yield from _settle_and_lock(work)
        reasons = (outcome.reasons if outcome else ()) or (UNAVAILABLE,)
        ending = outcome if outcome and work.chart.states[outcome.session.state].is_final else None
        after = session.take_back_try() if work.tried and not failed(work) else session
        if ending is not None:
            after = ending.session.touched(work.now, reasons=reasons)
        yield from work.become(after.broken_off(session, reasons=reasons), trigger, reasons, ending, work.now)
        yield from work.let_again(work.request)
        if work.request is not None and costs(work):
            yield from work.remember(work.request, (yield from work.shown(reasons)))
        made = yield from work.save()
        work.session = session
        if made:
            return (yield from _deliver(work, leased))


def _decided(work: FactResolver, trigger: str) -> Flow[Outcome | None]:
    """What a wrong try comes to by the counts of now, as it was decided once; nobody is asked for it again."""
    if not work.has_decided or not costs(work) or in_doubt(work):
        return None
    work.forget_rows()
    return (yield from work.decide(trigger))


def _settle_and_lock(work: FactResolver) -> Flow[tuple[Leased, ...]]:
    locks = yield from settle_counts(work)
    if not locks:
        return ()
    return (yield from record_entries(work, work.session, {effect: {} for effect in work.chart.locks}))


def _deliver(work: FactResolver, leased: tuple[Leased, ...]) -> Flow[None]:
    # they are recorded: whatever this raises, recover() gives them again
    with suppress(Exception):
        yield from deliver_all(work.config, tuple(each.from_before() for each in leased))

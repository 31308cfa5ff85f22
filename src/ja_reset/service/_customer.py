"""What a customer sends, from the first look at the session to the answer (S2, S10).

A turn: time passes; a request that was answered is answered again; an event that names an older version is refused.
Then the chart decides, on facts that are gathered, and one commit saves the session, its counts, waits, effects, audit
and the answer. Before the bank is asked anything the session is claimed, so that of two tabs only one goes on.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from types import MappingProxyType
from typing import NoReturn

import attrs

from ja_reset.chart.advance import Outcome
from ja_reset.chart.session import Refusal
from ja_reset.chart.transitions import EventRole, StateKind, WaitWrite
from ja_reset.errors import BankUnavailable, StoreError, UnknownSession
from ja_reset.fields.forms import read
from ja_reset.machines import facts
from ja_reset.secret import Secret
from ja_reset.service._io import Flow
from ja_reset.service._names import session_id
from ja_reset.service._outbox import Delivery, Leased, deliver, deliver_all, record_entries
from ja_reset.service._records import REQUEST, RequestRecord, ViewRecord
from ja_reset.service._resolver import Again, FactResolver, OrderData
from ja_reset.service._settlement import (
    UNAVAILABLE,
    Lost,
    abandon,
    failed,
    hold_claim,
    in_doubt,
    settle_alone,
    settle_counts,
)
from ja_reset.service._unit_of_work import Config, SessionWork, arrive_at
from ja_reset.service._view import View

TOKYO = timedelta(hours=9)
"""Asia/Tokyo, which has no daylight saving time (F3)."""

_NO_ORDERS: OrderData = MappingProxyType({})

STALE = Refusal("stale")
NOT_THERE = Refusal("event_not_available")


class Typed:
    """What was typed, shown by nothing, pickles included."""

    __slots__ = ("__data",)

    def __init__(self, data: object) -> None:
        self.__data = data

    def open(self) -> object:
        """The mapping or form itself."""
        return self.__data

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        msg = "what was typed cannot be pickled"
        raise TypeError(msg)


@attrs.frozen(eq=False, repr=False)
class Submitted:
    """What came: the event, what was typed (never shown), the version and the hash of the request id."""

    token: Secret
    event: str | None = attrs.field(repr=False)
    data: Typed = attrs.field(repr=False)
    version: object
    request: str | None

    def is_old(self, version: int) -> bool:
        """Whether it names another version than the present one."""
        return self.version is not None and (type(self.version) is not int or self.version != version)


def send(config: Config, submitted: Submitted) -> Flow[View]:
    """An event of the customer, and the answer to it; raises UnknownSession."""
    while True:
        try:
            return (yield from _turn(config, submitted))
        except Again:
            continue


def look(config: Config, token: Secret) -> Flow[View]:
    """The present view; time passes, nothing else happens."""
    while True:
        work = yield from _arrive(config, token)
        if not work.moved or (yield from work.save()):
            reasons = work.session.reasons if work.institution or _has_run_out(work) else (UNAVAILABLE,)
            return (yield from _view(work, token, reasons))


def _arrive(config: Config, token: Secret) -> Flow[FactResolver]:
    work = yield from arrive_at(FactResolver, config, session_id(token), anew=False)
    if work is None:
        msg = "the token names no session"
        raise UnknownSession(msg)
    return work


def _view(work: SessionWork, token: Secret, reasons: tuple[Refusal, ...]) -> Flow[View]:
    return (yield from work.view(token, (yield from work.shown(reasons))))


def _has_run_out(work: SessionWork) -> bool:
    """Whether the session has ended, at an institution that the bank no longer knows: nothing is to be asked for it."""
    return work.is_forgotten and work.is_final


def _turn(config: Config, submitted: Submitted) -> Flow[View]:
    work = yield from _arrive(config, submitted.token)
    role = work.chart.role(submitted.event)
    cancels = role is EventRole.CANCEL and work.chart.hears(work.session.state, role)  # whatever hinders others (M3)
    if work.institution is None and not cancels and not _has_run_out(work):
        return (yield from _aside(work, submitted, (UNAVAILABLE,)))
    request = (yield from work.load(REQUEST, work.session.id, RequestRecord)) if submitted.request else None
    repeated = request if request is not None and request.id == submitted.request else None
    under_way = repeated is not None and repeated.is_under_way(work.now)
    if repeated is not None and repeated.answer is not None:
        return (yield from _repeat(work, submitted, repeated.answer))
    again = repeated is not None and repeated.version == work.session.version  # nothing happened since (S2, C6)
    is_old = submitted.is_old(work.session.version) and role is not EventRole.PROCEED  # which takes no heed of it (P7)
    if is_old and not under_way and not again:
        return (yield from _stale(work, submitted))
    echoes = submitted.event in work.chart.states[work.session.state].tolerates
    if (under_way or work.session.is_claimed(work.now)) and echoes:  # looking is not held up by a turn (P7)
        return (yield from _aside(work, submitted, ()))
    in_doubt = (
        repeated is not None and repeated.is_in_doubt and work.chart.has(work.session.state, str(submitted.event))
    )
    if under_way or in_doubt or (work.session.is_claimed(work.now) and not cancels):
        return (yield from _aside(work, submitted, (UNAVAILABLE,)))
    return (yield from _act(work, submitted))


def _repeat(work: FactResolver, submitted: Submitted, answer: ViewRecord) -> Flow[View]:
    """The answer that the request had; of a session that has ended since, or by it, the present screen (S2)."""
    work.note(_name(work, submitted), work.session, (), repeated=True)
    if work.is_final:
        yield from work.forget_answer()
        is_its_own = answer.state == work.session.state
        answer = yield from work.shown(answer.reasons if is_its_own else work.session.reasons)
    if not (yield from work.save()):
        raise Again
    return (yield from work.view(submitted.token, answer))


def _act(work: FactResolver, submitted: Submitted) -> Flow[View]:
    """The event itself, now that nothing hinders it."""
    state = work.chart.states[work.session.state]
    if submitted.event not in work.chart.events(state.name):
        return (
            yield from _stay(work, submitted, () if submitted.event in state.tolerates else (NOT_THERE, *work.fresh))
        )
    if state.kind is StateKind.COMPLETING:
        return (yield from _try_again(work, submitted))
    return (yield from _take(work, submitted, str(submitted.event)))


def _name(work: SessionWork, submitted: Submitted) -> str:
    """The event as the audit may name it: nothing that a customer typed."""
    known = isinstance(submitted.event, str) and submitted.event in work.chart.triggers
    return str(submitted.event) if known else "unknown"


def _aside(work: SessionWork, submitted: Submitted, reasons: tuple[Refusal, ...]) -> Flow[View]:
    """An answer that leaves the session as it is, and is not remembered."""
    work.note(_name(work, submitted), work.session, reasons)
    if not (yield from work.save()):
        raise Again
    return (yield from _view(work, submitted.token, reasons))


def _stale(work: SessionWork, submitted: Submitted) -> Flow[View]:
    """An event of an older view: it is activity, as the customer is there, and changes nothing else (S2, S3)."""
    session = work.session
    is_free = not work.chart.states[session.state].is_final and session.claim is None
    if is_free and work.now > session.active_at:
        yield from _touch(work, session.reasons)
    return (yield from _aside(work, submitted, (STALE, *session.reasons)))


def _stay(work: SessionWork, submitted: Submitted, reasons: tuple[Refusal, ...]) -> Flow[View]:
    """An event that the state does not have, or one that only looks: it is activity, and changes nothing (M5, P7)."""
    work.note(_name(work, submitted), work.session, reasons)
    if not work.chart.states[work.session.state].is_final:
        yield from _touch(work, work.fresh)
    elif submitted.event in work.chart.states[work.session.state].tolerates:
        reasons = ()
    shown = yield from work.shown(reasons)
    yield from _remember(work, submitted, shown)
    if not (yield from work.save()):
        raise Again
    return (yield from work.view(submitted.token, shown))


def _touch(work: SessionWork, standing: tuple[Refusal, ...]) -> Flow[None]:
    work.session = work.session.touched(work.now, reasons=standing)
    yield from work.record()


def _remember(work: SessionWork, submitted: Submitted, shown: ViewRecord) -> Flow[None]:
    if submitted.request is not None:
        yield from work.remember(submitted.request, shown)


def _let_again(work: SessionWork, submitted: Submitted) -> Flow[None]:
    """Nothing took effect: the same request, under the version of then, may be made again (C6)."""
    if submitted.request is not None:
        yield from work.put(REQUEST, work.session.id, RequestRecord(submitted.request, version=work.session.version))


def _try_again(work: FactResolver, submitted: Submitted) -> Flow[View]:
    """The same effect again: proceed in COMPLETING (M2a)."""
    key = work.session.kept.order
    trigger = work.chart.event(work.session.state, EventRole.PROCEED)
    (_, transition), *_ = work.chart.candidates(work.session.state, trigger)
    work.note(trigger, work.session, (), arrow=transition.name)
    yield from _touch(work, ())
    if not (yield from work.save()):
        raise Again
    delivery, more = (
        (yield from deliver(work.config, key, lease=None, request=submitted.request)) if key else (None, ())
    )
    if more:
        yield from deliver_all(work.config, more)
    return (yield from _after_effect(work.config, submitted, delivery))


def _after_effect(config: Config, submitted: Submitted, delivery: Delivery | None) -> Flow[View]:
    work = yield from _arrive(config, submitted.token)
    completing = work.chart.states[work.session.state].kind is StateKind.COMPLETING
    waits = completing and delivery in {Delivery.NO_ANSWER, Delivery.LEFT_ALONE}
    return (yield from _view(work, submitted.token, (UNAVAILABLE,) if waits else work.session.reasons))


def _take(work: FactResolver, submitted: Submitted, trigger: str) -> Flow[View]:
    """An event that the state has: decided, saved, its effects given."""
    form = work.chart.form(work.session.state, trigger, work.session.kept.method)
    work.claims, work.request = True, submitted.request
    if form is not None:
        today = (work.now + TOKYO).date()
        work.facts[facts.READING.name] = read(form, submitted.data.open(), policy=work.policies, today=today)
    try:
        saved = yield from _decide(work, submitted, trigger)
    except Lost:
        yield from settle_alone(work)
        again = yield from _arrive(work.config, submitted.token)
        return (yield from _stale(again, submitted))
    if saved.state_kind is StateKind.COMPLETING:
        delivery = yield from deliver_all(work.config, saved.leased, request=submitted.request)
        return (yield from _after_effect(work.config, submitted, delivery))
    if saved.leased:
        yield from deliver_all(work.config, saved.leased)
    return saved.view


@attrs.frozen(eq=False, repr=False)
class _Saved:
    """What a turn has saved: the answer, and the effects that it recorded."""

    view: View
    leased: tuple[Leased, ...]
    state_kind: StateKind


def _decide(work: FactResolver, submitted: Submitted, trigger: str) -> Flow[_Saved]:
    """The event decided and concluded; where the bank was silent it is not asked again, only concluded (L3)."""
    silent = False
    try:
        while True:
            outcome: Outcome | None = None
            datas = _NO_ORDERS
            if not silent:
                try:
                    outcome, datas = yield from work.decide(trigger)
                    work.has_decided = True
                except BankUnavailable:
                    silent = True
            saved = yield from _conclude(work, submitted, trigger, outcome, datas)
            if saved is not None:
                return saved
            _begin_again(work)
    except (Again, Lost, GeneratorExit):
        raise
    except BaseException:
        with suppress(StoreError):
            yield from abandon(work, trigger)
        raise


def _begin_again(work: FactResolver) -> None:
    """Somebody changed a row first: decide on what the rows say now, or, with nothing asked yet, begin anew."""
    if work.claim is None:
        raise Again
    work.forget_rows()


def _conclude(
    work: FactResolver, submitted: Submitted, trigger: str, outcome: Outcome | None, datas: OrderData
) -> Flow[_Saved | None]:
    """Everything that the turn changes, in one commit; None where a row was changed by somebody else.

    Where it is not made, the desk is as it was before.
    """
    before, saved = work.session, None
    try:
        saved = yield from _commit(work, submitted, trigger, outcome, datas)
    finally:
        if saved is None:
            work.session = before
            work.clear()
    return saved


def _commit(
    work: FactResolver, submitted: Submitted, trigger: str, outcome: Outcome | None, datas: OrderData
) -> Flow[_Saved | None]:
    yield from hold_claim(work)
    before, fresh = work.session, work.fresh
    after = outcome.session if outcome else before
    reasons = outcome.reasons if outcome else (UNAVAILABLE,)
    final = work.chart.states[after.state].is_final
    yield from settle_counts(work)
    if work.tried and not failed(work):
        after = after.take_back_try()
    standing = reasons if final else fresh if reasons else ()
    work.session = after.concluded(before, work.now, reasons=standing)
    if outcome is not None:
        yield from work.move_wait(before, outcome.transition, work.now)
        if outcome.transition.wait is WaitWrite.CONTEST:
            yield from work.contest(work.wanted_number())
    work.note(trigger, before, reasons, arrow=outcome.transition.name if outcome else None)
    yield from work.record()
    leased = yield from record_entries(work, before, datas, proved=work.ref)
    kind = work.chart.states[work.session.state].kind
    shown = yield from work.shown((*reasons, *fresh) if reasons and not final else reasons)
    if UNAVAILABLE in reasons and not in_doubt(work):
        yield from _let_again(work, submitted)
    elif kind is not StateKind.COMPLETING:
        yield from _remember(work, submitted, shown)
    view = yield from work.view(submitted.token, shown)
    return _Saved(view, leased, kind) if (yield from work.save()) else None

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

from ja_reset.advance import Outcome
from ja_reset.arrows import EventRole, StateKind, WaitWrite
from ja_reset.errors import BankUnavailable, StoreError, UnknownSession
from ja_reset.forms import read
from ja_reset.machines import facts
from ja_reset.records import REQUEST, Asked, Shown
from ja_reset.script.gather import Again, Gathering, OrderData
from ja_reset.script.names import session_id
from ja_reset.script.orders import Given, Leased, give, give_all, record_orders
from ja_reset.script.requests import Flow
from ja_reset.script.settlement import (
    UNAVAILABLE,
    Lost,
    abandon,
    failed,
    hold_claim,
    in_doubt,
    settle_alone,
    settle_counts,
)
from ja_reset.script.work import Config, Work, arrive_at
from ja_reset.secret import Secret
from ja_reset.session import Refusal
from ja_reset.view import View

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
class Sent:
    """What came: the event, what was typed (never shown), the version and the hash of the request id."""

    token: Secret
    event: str | None = attrs.field(repr=False)
    data: Typed = attrs.field(repr=False)
    version: object
    request: str | None

    def is_old(self, version: int) -> bool:
        """Whether it names another version than the present one."""
        return self.version is not None and (type(self.version) is not int or self.version != version)


def send(config: Config, sent: Sent) -> Flow[View]:
    """An event of the customer, and the answer to it; raises UnknownSession."""
    while True:
        try:
            return (yield from _turn(config, sent))
        except Again:
            continue


def look(config: Config, token: Secret) -> Flow[View]:
    """The present view; time passes, nothing else happens."""
    while True:
        work = yield from _arrive(config, token)
        if not work.moved or (yield from work.save()):
            reasons = work.session.reasons if work.institution or _has_run_out(work) else (UNAVAILABLE,)
            return (yield from _view(work, token, reasons))


def _arrive(config: Config, token: Secret) -> Flow[Gathering]:
    work = yield from arrive_at(Gathering, config, session_id(token), anew=False)
    if work is None:
        msg = "the token names no session"
        raise UnknownSession(msg)
    return work


def _view(work: Work, token: Secret, reasons: tuple[Refusal, ...]) -> Flow[View]:
    return (yield from work.view(token, (yield from work.shown(reasons))))


def _has_run_out(work: Work) -> bool:
    """Whether the session has ended, at an institution that the bank no longer knows: nothing is to be asked for it."""
    return work.is_forgotten and work.is_final


def _turn(config: Config, sent: Sent) -> Flow[View]:
    work = yield from _arrive(config, sent.token)
    role = work.chart.role(sent.event)
    cancels = role is EventRole.CANCEL and work.chart.hears(work.session.state, role)  # whatever hinders others (M3)
    if work.institution is None and not cancels and not _has_run_out(work):
        return (yield from _aside(work, sent, (UNAVAILABLE,)))
    asked = (yield from work.load(REQUEST, work.session.id, Asked)) if sent.request else None
    repeated = asked if asked is not None and asked.id == sent.request else None
    under_way = repeated is not None and repeated.is_under_way(work.now)
    if repeated is not None and repeated.answer is not None:
        return (yield from _repeat(work, sent, repeated.answer))
    again = repeated is not None and repeated.version == work.session.version  # nothing happened since (S2, C6)
    is_old = sent.is_old(work.session.version) and role is not EventRole.PROCEED  # which takes no heed of it (P7)
    if is_old and not under_way and not again:
        return (yield from _stale(work, sent))
    echoes = sent.event in work.chart.states[work.session.state].echoes
    if (under_way or work.session.is_claimed(work.now)) and echoes:  # looking is not held up by a turn (P7)
        return (yield from _aside(work, sent, ()))
    in_doubt = repeated is not None and repeated.is_in_doubt and work.chart.has(work.session.state, str(sent.event))
    if under_way or in_doubt or (work.session.is_claimed(work.now) and not cancels):
        return (yield from _aside(work, sent, (UNAVAILABLE,)))
    return (yield from _act(work, sent))


def _repeat(work: Gathering, sent: Sent, answer: Shown) -> Flow[View]:
    """The answer that the request had; of a session that has ended since, or by it, the present screen (S2)."""
    work.note(_name(work, sent), work.session, (), repeated=True)
    if work.is_final:
        yield from work.forget_answer()
        is_its_own = answer.state == work.session.state
        answer = yield from work.shown(answer.reasons if is_its_own else work.session.reasons)
    if not (yield from work.save()):
        raise Again
    return (yield from work.view(sent.token, answer))


def _act(work: Gathering, sent: Sent) -> Flow[View]:
    """The event itself, now that nothing hinders it."""
    state = work.chart.states[work.session.state]
    if sent.event not in work.chart.events(state.name):
        return (yield from _stay(work, sent, () if sent.event in state.echoes else (NOT_THERE, *work.fresh)))
    if state.kind is StateKind.COMPLETING:
        return (yield from _try_again(work, sent))
    return (yield from _take(work, sent, str(sent.event)))


def _name(work: Work, sent: Sent) -> str:
    """The event as the audit may name it: nothing that a customer typed."""
    known = isinstance(sent.event, str) and sent.event in work.chart.triggers
    return str(sent.event) if known else "unknown"


def _aside(work: Work, sent: Sent, reasons: tuple[Refusal, ...]) -> Flow[View]:
    """An answer that leaves the session as it is, and is not remembered."""
    work.note(_name(work, sent), work.session, reasons)
    if not (yield from work.save()):
        raise Again
    return (yield from _view(work, sent.token, reasons))


def _stale(work: Work, sent: Sent) -> Flow[View]:
    """An event of an older view: it is activity, as the customer is there, and changes nothing else (S2, S3)."""
    session = work.session
    is_free = not work.chart.states[session.state].is_final and session.claim is None
    if is_free and work.now > session.active_at:
        yield from _touch(work, session.reasons)
    return (yield from _aside(work, sent, (STALE, *session.reasons)))


def _stay(work: Work, sent: Sent, reasons: tuple[Refusal, ...]) -> Flow[View]:
    """An event that the state does not have, or one that only looks: it is activity, and changes nothing (M5, P7)."""
    work.note(_name(work, sent), work.session, reasons)
    if not work.chart.states[work.session.state].is_final:
        yield from _touch(work, work.fresh)
    elif sent.event in work.chart.states[work.session.state].echoes:
        reasons = ()
    shown = yield from work.shown(reasons)
    yield from _remember(work, sent, shown)
    if not (yield from work.save()):
        raise Again
    return (yield from work.view(sent.token, shown))


def _touch(work: Work, standing: tuple[Refusal, ...]) -> Flow[None]:
    work.session = work.session.touched(work.now, reasons=standing)
    yield from work.record()


def _remember(work: Work, sent: Sent, shown: Shown) -> Flow[None]:
    if sent.request is not None:
        yield from work.remember(sent.request, shown)


def _let_again(work: Work, sent: Sent) -> Flow[None]:
    """Nothing took effect: the same request, under the version of then, may be made again (C6)."""
    if sent.request is not None:
        yield from work.put(REQUEST, work.session.id, Asked(sent.request, version=work.session.version))


def _try_again(work: Gathering, sent: Sent) -> Flow[View]:
    """The same effect again: proceed in COMPLETING (M2a)."""
    key = work.session.kept.order
    trigger = work.chart.event(work.session.state, EventRole.PROCEED)
    (_, arrow), *_ = work.chart.ways(work.session.state, trigger)
    work.note(trigger, work.session, (), arrow=arrow.name)
    yield from _touch(work, ())
    if not (yield from work.save()):
        raise Again
    given, more = (yield from give(work.config, key, lease=None, request=sent.request)) if key else (None, ())
    if more:
        yield from give_all(work.config, more)
    return (yield from _after_effect(work.config, sent, given))


def _after_effect(config: Config, sent: Sent, given: Given | None) -> Flow[View]:
    work = yield from _arrive(config, sent.token)
    completing = work.chart.states[work.session.state].kind is StateKind.COMPLETING
    waits = completing and given in {Given.NO_ANSWER, Given.LEFT_ALONE}
    return (yield from _view(work, sent.token, (UNAVAILABLE,) if waits else work.session.reasons))


def _take(work: Gathering, sent: Sent, trigger: str) -> Flow[View]:
    """An event that the state has: decided, saved, its effects given."""
    form = work.chart.form(work.session.state, trigger, work.session.kept.method)
    work.claims, work.request = True, sent.request
    if form is not None:
        today = (work.now + TOKYO).date()
        work.facts[facts.READING.name] = read(form, sent.data.open(), policy=work.policies, today=today)
    try:
        saved = yield from _decide(work, sent, trigger)
    except Lost:
        yield from settle_alone(work)
        again = yield from _arrive(work.config, sent.token)
        return (yield from _stale(again, sent))
    if saved.state_kind is StateKind.COMPLETING:
        given = yield from give_all(work.config, saved.orders, request=sent.request)
        return (yield from _after_effect(work.config, sent, given))
    if saved.orders:
        yield from give_all(work.config, saved.orders)
    return saved.view


@attrs.frozen(eq=False, repr=False)
class _Saved:
    """What a turn has saved: the answer, and the effects that it recorded."""

    view: View
    orders: tuple[Leased, ...]
    state_kind: StateKind


def _decide(work: Gathering, sent: Sent, trigger: str) -> Flow[_Saved]:
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
            saved = yield from _conclude(work, sent, trigger, outcome, datas)
            if saved is not None:
                return saved
            _begin_again(work)
    except (Again, Lost, GeneratorExit):
        raise
    except BaseException:
        with suppress(StoreError):
            yield from abandon(work, trigger)
        raise


def _begin_again(work: Gathering) -> None:
    """Somebody changed a row first: decide on what the rows say now, or, with nothing asked yet, begin anew."""
    if work.claim is None:
        raise Again
    work.forget_rows()


def _conclude(
    work: Gathering, sent: Sent, trigger: str, outcome: Outcome | None, datas: OrderData
) -> Flow[_Saved | None]:
    """Everything that the turn changes, in one commit; None where a row was changed by somebody else.

    Where it is not made, the desk is as it was before.
    """
    before, saved = work.session, None
    try:
        saved = yield from _commit(work, sent, trigger, outcome, datas)
    finally:
        if saved is None:
            work.session = before
            work.clear()
    return saved


def _commit(
    work: Gathering, sent: Sent, trigger: str, outcome: Outcome | None, datas: OrderData
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
        yield from work.move_wait(before, outcome.arrow, work.now)
        if outcome.arrow.wait is WaitWrite.CONTEST:
            yield from work.contest(work.wanted_number())
    work.note(trigger, before, reasons, arrow=outcome.arrow.name if outcome else None)
    yield from work.record()
    orders = yield from record_orders(work, before, datas, proved=work.ref)
    kind = work.chart.states[work.session.state].kind
    shown = yield from work.shown((*reasons, *fresh) if reasons and not final else reasons)
    if UNAVAILABLE in reasons and not in_doubt(work):
        yield from _let_again(work, sent)
    elif kind is not StateKind.COMPLETING:
        yield from _remember(work, sent, shown)
    view = yield from work.view(sent.token, shown)
    return _Saved(view, orders, kind) if (yield from work.save()) else None

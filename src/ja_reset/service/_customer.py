"""An event of the customer, from reading the session to the answer (S2, S10).

Time passes; a repeated request gets its first answer; an older version is refused. The chart decides, on facts that are
resolved when needed, and one commit saves it all. The session is claimed first, so only one of two tabs asks the bank.
"""

from __future__ import annotations

from contextlib import suppress
from enum import Enum

import attrs

from ja_reset.bank._hours import TOKYO
from ja_reset.chart.advance import Outcome
from ja_reset.chart.session import Refusal
from ja_reset.chart.transitions import EventRole
from ja_reset.errors import BankUnavailable, StoreError
from ja_reset.fields.forms import read
from ja_reset.machines import facts
from ja_reset.secret import Secret
from ja_reset.service._claims import Again
from ja_reset.service._config import Config
from ja_reset.service._delivery import Delivered, deliver_all
from ja_reset.service._io import Flow
from ja_reset.service._names import session_id
from ja_reset.service._records import REQUEST, RequestRecord, ViewRecord
from ja_reset.service._refusals import IN_PROGRESS, NOT_THERE, STALE, UNAVAILABLE, still_told
from ja_reset.service._resolver import FactResolver
from ja_reset.service._session_work import SessionWork, arrive_by
from ja_reset.service._settlement import Committed, Lost, abandon, commit, hold_claim, settle_alone
from ja_reset.service._typed import Typed
from ja_reset.service._view import View
from ja_reset.service._waiting import Waiter


@attrs.frozen(eq=False, repr=False)
class Submitted:
    """What came: event, what was typed (never shown), version, the hash of the request id, and the session's id."""

    token: Secret
    event: str | None = attrs.field(repr=False)
    data: Typed = attrs.field(repr=False)
    version: object
    request: str | None
    session: str = attrs.field(init=False)

    @session.default
    def _of_token(self) -> str:
        return session_id(self.token)

    def is_old(self, version: int) -> bool:
        """Whether it names another version than the present one."""
        return self.version is not None and (type(self.version) is not int or self.version != version)


def send(config: Config, submitted: Submitted) -> Flow[View]:
    """An event of the customer, and the answer to it; raises UnknownSession."""
    is_lost = False
    longest = config.policies.session.duplicate_wait
    waiter = Waiter(config.waiting, submitted.session, longest)
    try:
        while True:
            try:
                return (yield from _turn(config, submitted, waiter, is_lost=is_lost))
            except Again:
                continue
            except Lost:
                is_lost = True
    finally:
        waiter.leave()


def look(config: Config, token: Secret) -> Flow[View]:
    """The present view; time passes, nothing else happens."""
    while True:
        work = yield from arrive_by(FactResolver, config, session_id(token))
        if not work.moved or (yield from work.save()):
            reasons = work.session.reasons if work.institution or _has_run_out(work) else (UNAVAILABLE,)
            return (yield from work.present(token, reasons))


def _turn(config: Config, submitted: Submitted, waiter: Waiter, *, is_lost: bool) -> Flow[View]:
    """The six stages. *is_lost*: the turn has been here before, and somebody else has moved the session since."""
    work, repeated = yield from _arrive(config, submitted)
    admission = _admit(work, submitted, repeated, is_lost=is_lost)
    if admission.how is not How.WAITS:
        waiter.leave()
    elif (yield from waiter.pause()):
        raise Again
    if admission.how is How.GOES_ON:
        committed = yield from _decide_and_commit(work, submitted)
    else:
        committed = yield from _commit_aside(work, submitted, admission)
    delivered = yield from _deliver(config, submitted, committed)
    return (yield from _answer(config, submitted, committed, delivered))


# Arrive -----------------------------------------------------------------------------------------------------


def _arrive(config: Config, submitted: Submitted) -> Flow[tuple[FactResolver, RequestRecord | None]]:
    """The session as time has left it; and what its last request came to, if this is that request again (S2)."""
    beside = (REQUEST,) if submitted.request else ()
    work = yield from arrive_by(FactResolver, config, submitted.session, beside=beside)
    request = (yield from work.load(REQUEST, work.session.id, RequestRecord)) if submitted.request else None
    return work, request if request is not None and request.id == submitted.request else None


def _has_run_out(work: SessionWork) -> bool:
    """Whether the session has ended, at an institution that the bank no longer knows: nothing is to be asked for it."""
    return work.is_forgotten and work.is_final


# Admit ------------------------------------------------------------------------------------------------------


class How(Enum):
    """How an event is taken."""

    GOES_ON = "goes_on"
    """The chart decides on it."""
    REPEATED = "repeated"
    """It was answered: the same answer (S2)."""
    EXTENDS = "extends"
    """It says that the customer is still there: activity, and it changes nothing (S3)."""
    STALE = "stale"
    """It is of an older view: activity, as the customer is there, and nothing else (S2, S3)."""
    STAYS = "stays"
    """The state does not have it, or it only looks: activity, and it changes nothing (M5, P7)."""
    WAITS = "waits"
    """It is that of the turn under way: it waits for the answer, as long as it may; then it is ASIDE."""
    ASIDE = "aside"
    """It finds the session busy or the bank silent: nothing changes, nothing is remembered."""


@attrs.frozen(eq=False, repr=False)
class Admission:
    """How an event is taken; with which reasons, or which answer once more, where it does not go on."""

    how: How
    reasons: tuple[Refusal, ...] = ()
    answer: ViewRecord | None = None


def _admit(work: SessionWork, submitted: Submitted, repeated: RequestRecord | None, *, is_lost: bool) -> Admission:
    """Whether the event goes on to the chart; decided on what has arrived, nothing is read or changed."""
    session, role = work.session, work.chart.role(submitted.event)
    cancels = role is EventRole.CANCEL and work.chart.hears(session.state, role)  # whatever hinders others (M3)
    stale = Admission(How.STALE, (STALE, *session.reasons))
    if is_lost:
        return stale
    if work.institution is None and not cancels and not _has_run_out(work):
        return Admission(How.ASIDE, (UNAVAILABLE,))
    if repeated is not None and repeated.answer is not None:
        return Admission(How.REPEATED, answer=repeated.answer)
    if role is EventRole.EXTEND and work.chart.hears(session.state, role):
        return Admission(How.ASIDE if session.is_claimed(work.now) else How.EXTENDS, session.reasons)
    under_way = repeated is not None and repeated.is_under_way(work.now) and not work.is_final
    again = repeated is not None and repeated.version == session.version  # nothing happened since (S2, C6)
    is_old = submitted.is_old(session.version) and role is not EventRole.PROCEED  # which takes no heed of it (P7)
    if is_old and not under_way and not again:
        return stale
    busy = How.WAITS if under_way else How.ASIDE if session.is_claimed(work.now) and not cancels else None
    return _admit_present(work, submitted.event, repeated, busy=busy)


def _admit_present(
    work: SessionWork, event: str | None, repeated: RequestRecord | None, *, busy: How | None
) -> Admission:
    """The same of an event that is of the present view, or says nothing of it. *busy*: how it meets another turn."""
    state = work.session.state
    echoes = event in work.chart.states[state].tolerates
    if busy is not None:
        return Admission(How.ASIDE) if echoes else Admission(busy, (IN_PROGRESS,))  # looking is not held up (P7)
    is_in_doubt = repeated is not None and repeated.is_in_doubt and work.chart.has(state, str(event))
    if is_in_doubt:
        return Admission(How.ASIDE, (UNAVAILABLE,))
    if event not in work.chart.events(state):
        return Admission(How.STAYS, () if echoes else (NOT_THERE, *work.fresh))
    return Admission(How.GOES_ON)


# Decide -----------------------------------------------------------------------------------------------------


def _decide_and_commit(work: FactResolver, submitted: Submitted) -> Flow[Committed]:
    """The chart decides, and what it decided is committed; as often as others change a row first.

    Where the bank was silent it is not asked again, only concluded (L3).
    """
    trigger, silent = str(submitted.event), False
    work.claims, work.request = True, submitted.request
    _read_form(work, submitted, trigger)
    try:
        while True:
            outcome = None if silent else (yield from _decide(work, trigger))
            silent = outcome is None
            committed = yield from commit(work, submitted.token, trigger, outcome)
            if committed is not None:
                return committed
            _begin_again(work)
            yield from hold_claim(work)
    except (Again, GeneratorExit):
        raise
    except Lost:
        yield from settle_alone(work)
        raise
    except BaseException:
        with suppress(StoreError):
            yield from abandon(work, trigger)
        raise


def _begin_again(work: FactResolver) -> None:
    """Another turn changed a row: decide again on the current rows, or restart if the bank was not asked yet."""
    if work.claim is None:
        raise Again
    work.forget_rows()


def _read_form(work: FactResolver, submitted: Submitted, trigger: str) -> None:
    form = work.chart.form(work.session.state, trigger, work.session.kept.method)
    if form is not None:
        today = work.now.astimezone(TOKYO).date()
        work.facts[facts.READING.name] = read(form, submitted.data.open(), policy=work.policies, today=today)


def _decide(work: FactResolver, trigger: str) -> Flow[Outcome | None]:
    """What the chart makes of the event, on facts that are gathered; None where the bank gave no answer."""
    try:
        outcome = yield from work.decide(trigger)
    except BankUnavailable:
        return None
    work.has_decided = True
    asks = work.chart.role(trigger) is EventRole.PROCEED and not work.is_completing
    return outcome.because(still_told(outcome.reasons, work.session.reasons)) if asks else outcome


# Commit -----------------------------------------------------------------------------------------------------


def _commit_aside(work: FactResolver, submitted: Submitted, admission: Admission) -> Flow[Committed]:
    """What an event changes that does not go on: the audit, and who was there, where that counts (S3)."""
    session, how, reasons = work.session, admission.how, admission.reasons
    name = (submitted.event if submitted.event in work.chart.triggers else None) or "unknown"  # nothing that was typed
    more: dict[str, object] = {"arrow": f"{session.state}.{name}"} if how is How.EXTENDS else {}
    work.note(name, session, () if more else reasons, **({"repeated": True} if how is How.REPEATED else more))
    only_active, is_newer = how in {How.STALE, How.EXTENDS}, session.claim is None and work.now > session.active_at
    if not work.is_final and (how is How.STAYS or (only_active and is_newer)):
        yield from work.touch(session.reasons if only_active else reasons or work.fresh)
    if admission.answer is not None:
        shown = yield from _same_answer(work, admission.answer)
    else:
        shown = yield from work.shown(reasons)
    if how is How.STAYS:
        yield from work.remember(submitted.request, shown)
    if not (yield from work.save()):
        raise Again
    return Committed((yield from work.view(submitted.token, shown)))


def _same_answer(work: FactResolver, answer: ViewRecord) -> Flow[ViewRecord]:
    """The answer that the request had; of a session that has ended since, or by it, the present screen (S2)."""
    if not work.is_final:
        return answer
    yield from work.forget_answer()
    return (yield from work.shown(answer.reasons if answer.state == work.session.state else work.session.reasons))


# Deliver and answer -----------------------------------------------------------------------------------------


def _deliver(config: Config, submitted: Submitted, committed: Committed) -> Flow[Delivered]:
    """Give the bank what was ordered."""
    request = submitted.request if committed.view is None else None
    return (yield from deliver_all(config, committed.leased, request=request))


def _answer(config: Config, submitted: Submitted, committed: Committed, delivered: Delivered) -> Flow[View]:
    """The committed view, or the one that the order's answer led to; stored for the request in either case (S2).

    What this turn has committed with the bank's answer is not read again: it is what a repeated request is told, too.
    Where that has led to another order, more may have become of the session since.
    """
    if committed.view is not None:
        return committed.view
    moved, shown = delivered.moved, delivered.shown
    if moved is not None and shown is not None and not moved.is_completing:
        return (yield from moved.view(submitted.token, shown))
    while True:
        work, request = yield from _arrive(config, submitted)
        shown = yield from work.shown(work.session.reasons)
        if request is not None and request.answer is None:
            yield from work.remember(request.id, shown)
            if not (yield from work.save()):
                continue
        return (yield from work.view(submitted.token, shown))

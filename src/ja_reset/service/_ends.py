"""The end of a call: the session learns at once that it is over, and keys under way still count (P4).

An end proves nothing and refuses nothing. Of a call that no session waits in any more, it changes nothing.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from ja_reset.bank._values import CallResult, CallStatus
from ja_reset.chart.transitions import EventRole
from ja_reset.errors import BankUnavailable, StoreError, UnknownProcedure
from ja_reset.machines import facts
from ja_reset.service._claims import Again
from ja_reset.service._config import Config
from ja_reset.service._io import Flow, Get, Now
from ja_reset.service._names import digest
from ja_reset.service._records import CALL, CallRecord
from ja_reset.service._refusals import UNAVAILABLE
from ja_reset.service._reports import CALL_REUSED, LATE, answer_end, aside, has_ended, is_known, waiting_for_keys
from ja_reset.service._resolver import FactResolver
from ja_reset.service.saved import load
from ja_reset.stores.rows import Row


@attrs.frozen(eq=False, repr=False)
class Ended:
    """The end of a call: when it was over (None: now)."""

    call_id: str
    received_at: datetime | None

    @property
    def call(self) -> str:
        """The name of the call's row."""
        return digest(self.call_id)


def report_end(config: Config, ended: Ended) -> Flow[CallResult]:
    """A call is over."""
    while True:
        try:
            return (yield from _ended(config, ended))
        except Again:
            continue
        except (BankUnavailable, StoreError, UnknownProcedure):
            return answer_end(config, None, CallStatus.REFUSED, (UNAVAILABLE,))


def _ended(config: Config, ended: Ended) -> Flow[CallResult]:
    row: Row | None = yield Get(CALL, ended.call)
    now: datetime = yield Now()
    record = load(CallRecord, row.body, CALL) if row is not None and is_known(row, now) else None
    if record is None or record.session is None:
        return (yield from _aside(None, answer_end(config, None, CallStatus.UNMATCHED)))
    if record.ambiguous:  # which of the two calls it is, nobody can say
        return (yield from _aside(record.session, answer_end(config, None, CallStatus.REFUSED, (CALL_REUSED,))))
    work = yield from waiting_for_keys(config, record, ended.call)
    at = ended.received_at or now
    if at > now + (work.policies if work else config.policies).phone.clock_skew:
        return (yield from _aside(record.session, answer_end(config, work, CallStatus.REFUSED, (LATE,))))
    if work is None or not work.chart.hears(work.session.state, EventRole.CALL_ENDED):
        return (yield from _aside(record.session, answer_end(config, work, CallStatus.ENDED)))
    if has_ended(work):  # the first end stands
        return (yield from _aside(record.session, answer_end(config, work, CallStatus.ENDED), repeated=True))
    return (yield from _learnt(config, work, at))


def _learnt(config: Config, work: FactResolver, at: datetime) -> Flow[CallResult]:
    """The session learns of it."""
    work.facts = {facts.ENDED_AT.name: at}
    trigger = work.chart.event(work.session.state, EventRole.CALL_ENDED)
    outcome = yield from work.decide(trigger)
    yield from work.take(trigger, outcome, work.now)
    work.add_to_note(status=CallStatus.ENDED.value)
    if not (yield from work.save()):
        raise Again
    return answer_end(config, work, CallStatus.ENDED, outcome.reasons)


def _aside(session: str | None, result: CallResult, *, repeated: bool = False) -> Flow[CallResult]:
    return (yield from aside(EventRole.CALL_ENDED, session, result, repeated=repeated))

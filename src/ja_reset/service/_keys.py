"""Identifies entries of keys: a webhook's retry gets its first answer, and does not count again (P4).

An entry is identified by the gateway's id within its call, or without one by the reported time and the digits. Only the
fingerprint of the digits is kept, and only of entries that were compared.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import attrs

from ja_reset.bank._values import CallResult, CallStatus
from ja_reset.chart.advance import Outcome
from ja_reset.chart.session import Refusal
from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import EventRole
from ja_reset.errors import BankUnavailable, StoreError, UnknownProcedure
from ja_reset.machines import facts
from ja_reset.secret import Secret
from ja_reset.service._claims import Again
from ja_reset.service._config import Config
from ja_reset.service._io import Fingerprint, Flow, Get, Now, Recognise
from ja_reset.service._names import digest
from ja_reset.service._records import CALL, CallRecord, KeysRecord
from ja_reset.service._refusals import UNAVAILABLE
from ja_reset.service._reports import (
    CALL_REUSED,
    LATE,
    answer_keys,
    aside,
    commit,
    decide,
    deliver,
    has_ended,
    is_known,
    session_for,
    waiting_for_keys,
)
from ja_reset.service._resolver import FactResolver
from ja_reset.service._view import codes_left
from ja_reset.service.saved import load
from ja_reset.stores.rows import Row

ENTRY_REUSED = Refusal("entry_id_reused")


@attrs.frozen(eq=False, repr=False)
class Keys:
    """An entry of keys in a call: when it reached the gateway (None: now), and the gateway's own id of it, if any."""

    call_id: str
    digits: Secret
    received_at: datetime | None
    entry_id: str | None = None

    @property
    def call(self) -> str:
        """The name of the call's row."""
        return digest(self.call_id)

    @property
    def name(self) -> str | None:
        """What a retry of this entry is known by, within its call; None: by nothing, each report is an entry."""
        if self.entry_id is not None:
            return digest(f"id\0{self.entry_id}")
        return None if self.received_at is None else digest(f"at\0{self.received_at.isoformat()}")

    @property
    def entry(self) -> Secret:
        """What was keyed in, without what a dial-pulse line's switch to tones leaves in front, and one # after (P4)."""
        return Secret(self.digits.reveal().lstrip("*#").removesuffix("#"))


class OtherDigits(Exception):  # noqa: N818 - no error: what the gateway is told
    """The gateway's id of an entry was that of other digits before."""


def judged_before(record: CallRecord, keys: Keys) -> Flow[KeysRecord | None]:
    """The entry that these keys repeat, if they were judged before; raises OtherDigits where its id is another's."""
    for entry in record.entries:
        if entry.name != keys.name:
            continue
        if (yield Recognise(entry.digits, keys.entry, _context(keys))):
            return entry
        if keys.entry_id is not None:
            raise OtherDigits
    return None


def judged_now(keys: Keys, status: CallStatus, outcome: Outcome, left: int | None) -> Flow[tuple[KeysRecord, ...]]:
    """The entry as it is remembered, where a retry of it can be recognised; *left*: the tries left in the call."""
    if keys.name is None:
        return ()
    digits: str = yield Fingerprint(keys.entry, _context(keys))
    return (KeysRecord(keys.name, digits, status, outcome.session.state, outcome.reasons, left),)


def _context(keys: Keys) -> str:
    """What the fingerprint of an entry's digits is made for."""
    return f"entry:{keys.call}:{keys.name}"


def report_keys(config: Config, keys: Keys) -> Flow[CallResult]:
    """One whole entry of keys in a call."""
    try:
        reported: datetime = yield Now()  # once: a turn that begins again is not later for it
        while True:
            with suppress(Again):
                return (yield from _keys(config, keys, reported))
    except (BankUnavailable, StoreError, UnknownProcedure):
        return answer_keys(config, None, CallStatus.RETRY, (UNAVAILABLE,))


def _keys(config: Config, keys: Keys, reported: datetime) -> Flow[CallResult]:
    arrived = yield from _arrive_keys(config, keys)
    if arrived is None:
        return (yield from aside(EventRole.KEYS, None, answer_keys(config, None, CallStatus.UNMATCHED, ())))
    work = yield from _admit_keys(config, keys, arrived, reported)
    if isinstance(work, CallResult):
        return work
    trigger, outcome = yield from decide(work, EventRole.KEYS)
    record = yield from _heard_keys(work, keys, arrived.record, outcome)
    leased = yield from commit(work, trigger, outcome, key=keys.call, record=record, until=arrived.row.due)
    yield from deliver(config, leased)
    return answer_keys(config, work, record.keys_status or record.status, outcome.reasons, record.keys_left)


@attrs.frozen(eq=False, repr=False)
class _ArrivedKeys:
    """An entry of keys, what was told of its call, and the session that waits for keys in it.

    `entry`: the one that was judged before, if these keys repeat it; `refusal`: why nobody can say which they are.
    """

    row: Row
    record: CallRecord
    work: FactResolver | None
    entry: KeysRecord | None
    refusal: Refusal | None


def _arrive_keys(config: Config, keys: Keys) -> Flow[_ArrivedKeys | None]:
    """What was told of the call, and whose keys these are; None where nobody remembers the call."""
    row: Row | None = yield Get(CALL, keys.call)
    if row is None or not is_known(row, (yield Now())):
        return None
    record = load(CallRecord, row.body, CALL)
    work = yield from waiting_for_keys(config, record, keys.call)
    if work is None:  # by keys that were judged meanwhile, perhaps these very ones
        still: Row | None = yield Get(CALL, keys.call)
        if still is None or still.stamp != row.stamp:
            raise Again
    entry, refusal = yield from _known(keys, record)
    return _ArrivedKeys(row, record, work, entry, refusal)


def _admit_keys(
    config: Config, keys: Keys, arrived: _ArrivedKeys, reported: datetime
) -> Flow[FactResolver | CallResult]:
    """The session whose event the keys are, with its facts; or what is told where they are not judged."""
    work = arrived.work
    if work is None or arrived.entry is not None or arrived.refusal is not None:
        return (yield from _told_aside(config, arrived.record, work, arrived.entry, arrived.refusal))
    work.rows[CALL, keys.call] = arrived.row
    received = keys.received_at or reported
    work.facts = {
        facts.RECEIVED_AT.name: received,
        facts.ENTRY.name: keys.entry,
        facts.CALL_OVER.name: _is_over(work, received, reported),
    }
    return work


def _is_over(work: FactResolver, received: datetime, reported: datetime) -> bool:
    """Whether the call was over by then; keys from before its end are reported no later than the grace allows."""
    answered = work.session.kept.answered
    if answered is None or answered.ended is None:
        return False
    return received > answered.ended or reported > answered.ended + work.policies.phone.delivery_grace


def _heard_keys(work: FactResolver, keys: Keys, record: CallRecord, outcome: Outcome) -> Flow[CallRecord]:
    """The call as it is remembered with these keys in it; a wrong code is counted for its number (P4)."""
    status, phone, left = _keys_status(work, outcome), work.session.phone, None
    if outcome.session.wrong_codes > work.session.wrong_codes and phone is not None:
        yield from work.count_wrong_code(phone.number)
        if status is CallStatus.RETRY:
            of_number = (yield from work.wrong_codes(phone.number)).left(work.policies.phone.codes_per_number)
            left = codes_left(outcome.session, work.policies, of_number)
    if facts.CODE.name in work.facts or outcome.session != work.session:  # judged: a retry must not be judged again
        entries = yield from judged_now(keys, status, outcome, left)
        record = attrs.evolve(record, entries=(*record.entries, *entries))
    return attrs.evolve(record, keys_status=status, keys_left=left)


def _keys_status(work: FactResolver, outcome: Outcome) -> CallStatus:
    if not outcome.reasons:
        return CallStatus.VERIFIED
    before, after = work.session.kept.answered, outcome.session.kept.answered
    counted = before is not None and after is not None and after.wrong > before.wrong  # and another may follow
    return CallStatus.RETRY if counted and not has_ended(work) else CallStatus.REFUSED


def _known(keys: Keys, record: CallRecord) -> Flow[tuple[KeysRecord | None, Refusal | None]]:
    """The entry that the keys repeat, or why nobody can say which entry they are."""
    if record.ambiguous:
        return None, CALL_REUSED
    try:
        return (yield from judged_before(record, keys)), None
    except OtherDigits:
        return None, ENTRY_REUSED


def _told_aside(
    config: Config, record: CallRecord, work: FactResolver | None, entry: KeysRecord | None, refusal: Refusal | None
) -> Flow[CallResult]:
    """What is told of keys that are not judged: they change nothing."""
    if record.status is not CallStatus.ANNOUNCE:
        return (yield from aside(EventRole.KEYS, record.session, answer_keys(config, None, CallStatus.UNMATCHED, ())))
    whose = work or (yield from session_for(config, record.session))
    if entry is not None and _still_holds(entry, whose, waits=work is not None and not has_ended(work)):
        result = answer_keys(config, whose, entry.status, entry.reasons, entry.left)
    else:
        reason = refusal if refusal is not None and work is not None else LATE
        result = answer_keys(config, whose, CallStatus.REFUSED, (reason,))
    return (yield from aside(EventRole.KEYS, record.session, result, repeated=entry is not None))


def _still_holds(entry: KeysRecord, whose: FactResolver | None, *, waits: bool) -> bool:
    """Whether the first answer still says what is so (P3).

    "Gather again": while the call is waited in. "Go on": while the session is where the keys led it, or where the
    bank's confirmation of their order did.
    """
    if entry.status is CallStatus.RETRY:
        return waits
    if entry.status is not CallStatus.VERIFIED:
        return True
    if whose is None:
        return False
    states, state = whose.chart.states, whose.session.state
    ordered = entry.state in states and states[entry.state].kind is StateKind.COMPLETING
    return state == entry.state or (ordered and states[state].kind is StateKind.SUCCESS)

"""The rows beside the sessions: outbox entries, what a gateway was told, what a request was answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType

import attrs

from ja_reset.bank._values import CallStatus, EffectKind
from ja_reset.chart._changed import changed
from ja_reset.chart.session import Refusal
from ja_reset.policies import SessionPolicy
from ja_reset.screens import Moment
from ja_reset.secret import shown

_NOTHING: Mapping[str, str] = MappingProxyType({})
_WHAT = "what"
"""In the data of a notice: which one it is (C5)."""
_WORD = re.compile(r"[a-z][a-z_]{0,31}")

SESSION = "session"
PIN_ATTEMPTS = "pin"
IDENTITY_ATTEMPTS = "identity"
WAIT = "wait"
CALL = "call"
CODES = "codes"
REQUEST = "request"
OUTBOX = "effect"
"""The kinds of rows."""


class OutboxStatus(Enum):
    """The status of an effect (C4); only a lock that is not settled is withdrawn, by an unlock (L6).

    OVERDUE: its deadline has passed without an answer. A lock is delivered all the same, anything else waits for an
    operator.
    """

    PENDING = "pending"
    OVERDUE = "overdue"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@attrs.frozen(weakref_slot=False)
class OutboxEntry:
    """An effect as it is recorded before its delivery. `sealed` holds its secrets until it is settled (S5).

    `lease`: until when a process is delivering it; None if none is. `tries`: how often it was delivered, last at
    `tried_at`; `error`: the class of the last failure. `next_try`: the end of the back-off. `deadline`: the last
    instant before it is overdue; None where release 0.1 has recorded it.
    """

    __repr__ = shown

    key: str
    session: str
    kind: EffectKind | str
    institution: str
    ref: str
    made_at: datetime
    data: Mapping[str, str] = attrs.field(default=_NOTHING, hash=False, repr=False)
    sealed: Mapping[str, str] = attrs.field(default=_NOTHING, hash=False, repr=False)
    status: OutboxStatus = OutboxStatus.PENDING
    lease: datetime | None = None
    tries: int = 0
    tried_at: datetime | None = None
    error: str = ""
    next_try: datetime | None = None
    deadline: datetime | None = None

    @property
    def what(self) -> str | None:
        """Which notice it is, by the word in its data; it stays when the effect is settled, and names no customer."""
        what = self.data.get(_WHAT, "") if isinstance(self.kind, EffectKind) else ""  # a host's own may say anything
        return what if _WORD.fullmatch(what) else None

    def settled(self, status: OutboxStatus) -> OutboxEntry:
        """It with that status, without what was to be given and without its lease."""
        data = {} if self.what is None else {_WHAT: self.what}
        return changed(self, status=status, data=data, sealed={}, lease=None, next_try=None)

    @property
    def is_open(self) -> bool:
        """Whether the bank has still to answer."""
        return self.status is OutboxStatus.PENDING or self.status is OutboxStatus.OVERDUE

    def is_leased(self, now: datetime) -> bool:
        """Whether a process is delivering it now."""
        return self.lease is not None and now <= self.lease

    def may_be_tried(self, now: datetime) -> bool:
        """Whether its back-off is over, or its deadline, which is then to be noted."""
        is_new = self.next_try is None or now >= self.next_try
        return is_new or (self.status is OutboxStatus.PENDING and self.is_overdue(now))

    def is_overdue(self, now: datetime) -> bool:
        """Whether its deadline has passed, noted or not; the last instant is before it."""
        return self.status is OutboxStatus.OVERDUE or (self.deadline is not None and now > self.deadline)

    def leased(self, now: datetime, lease: timedelta) -> OutboxEntry:
        """As a process delivers it from *now* on: a try, under a lease."""
        return changed(self, lease=now + lease, tries=self.tries + 1, tried_at=now)

    def failed(self, now: datetime, error: str, limits: SessionPolicy) -> OutboxEntry:
        """As a try leaves it that got no answer: without a lease, to be tried again after its back-off."""
        wait = limits.backoff(self.tries)
        return changed(self, lease=None, error=error, next_try=now + wait)


@attrs.frozen
class KeysRecord:
    """An entry of keys that was compared: its name within the call, the fingerprint of its digits, and the answer.

    `state` is the state in which it left its session. `left`: the tries that were left in the call after a wrong code.
    """

    __repr__ = shown

    name: str
    digits: str
    status: CallStatus
    state: str
    reasons: tuple[Refusal, ...] = ()
    left: int | None = None


@attrs.frozen
class CallRecord:
    """What a gateway was told of a call and of the last keys in it, so that a retry gets the same answer (P3).

    `state` is the state in which a call that proved the phone left its session. `call`: the fingerprint of the call;
    None if release 0.1 saved it. `ambiguous`: another call was reported under the same id. `entries`: compared entries
    of keys that can be distinguished, at most as many as a call has attempts. `keys_left`: the tries left after
    the last.
    """

    __repr__ = shown

    status: CallStatus
    session: str | None = None
    reasons: tuple[Refusal, ...] = ()
    keys_status: CallStatus | None = None
    keys_left: int | None = None
    state: str | None = None
    call: str | None = None
    ambiguous: bool = False
    entries: tuple[KeysRecord, ...] = ()


@attrs.frozen(weakref_slot=False)
class ViewRecord:
    """What an answer showed, without token, texts and secrets: enough to give the same answer again (S2)."""

    __repr__ = shown

    state: str
    version: int
    reasons: tuple[Refusal, ...] = ()
    method: str | None = None
    phones: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    dial: str | None = None
    deadline: datetime | None = None
    tries_left: int | None = None
    service_id: str | None = None
    user_id: str | None = None
    email: str | None = attrs.field(default=None, repr=False)
    own: Mapping[str, str] = attrs.field(default=_NOTHING, hash=False, repr=False)
    moment: Moment | None = None
    windows_left: int | None = None
    extendable: bool = False

    def bare(self) -> ViewRecord:
        """Without what it says of a contract: only state, version and reasons."""
        return ViewRecord(self.state, self.version, self.reasons)


@attrs.frozen(weakref_slot=False)
class RequestRecord:
    """The last request of a session: the hash of its id, and its answer, or until when a turn may be working on it.

    `version` is set if there is no answer and nothing took effect: as long as the session has this version, the request
    can be made again. Without it, and without an answer, an attempt was counted for the request, and the turn that
    counted it has not recorded the outcome. After the end of a session, the answer is reduced: what it showed of the
    contract belongs to the session, which may drop it.
    """

    __repr__ = shown

    id: str
    until: datetime | None = None
    answer: ViewRecord | None = None
    version: int | None = None

    def is_under_way(self, now: datetime) -> bool:
        """Whether a turn is working on it now."""
        return self.answer is None and self.until is not None and now <= self.until

    @property
    def is_in_doubt(self) -> bool:
        """Whether it may have taken effect, but its answer is unknown (S2, L5)."""
        return self.answer is None and self.version is None

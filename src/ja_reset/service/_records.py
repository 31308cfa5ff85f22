"""The rows beside the sessions: outbox entries, what a gateway was told, what a request was answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from types import MappingProxyType

import attrs

from ja_reset.bank._values import CallStatus, EffectKind
from ja_reset.chart.session import Refusal
from ja_reset.secret import shown

_NOTHING: Mapping[str, str] = MappingProxyType({})

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
    """The status of an effect (C4); only a pending lock is withdrawn, by an unlock (L6)."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@attrs.frozen
class OutboxEntry:
    """An effect as it is recorded before its delivery. `sealed` holds its secrets until it is settled (S5).

    `lease`: until when a process is delivering it; None if none is.
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

    def is_leased(self, now: datetime) -> bool:
        """Whether a process is delivering it now."""
        return self.lease is not None and now <= self.lease


@attrs.frozen
class KeysRecord:
    """An entry of keys that was compared: its name within the call, the fingerprint of its digits, and the answer.

    `state` is the state in which it left its session.
    """

    __repr__ = shown

    name: str
    digits: str
    status: CallStatus
    state: str
    reasons: tuple[Refusal, ...] = ()


@attrs.frozen
class CallRecord:
    """What a gateway was told of a call and of the last keys in it, so that a retry gets the same answer (P3).

    `state` is the state in which a call that proved the phone left its session. `call`: the fingerprint of the call;
    None if release 0.1 saved it. `ambiguous`: another call was reported under the same id. `entries`: compared entries
    of keys that can be distinguished, at most as many as a call has attempts.
    """

    __repr__ = shown

    status: CallStatus
    session: str | None = None
    reasons: tuple[Refusal, ...] = ()
    keys_status: CallStatus | None = None
    state: str | None = None
    call: str | None = None
    ambiguous: bool = False
    entries: tuple[KeysRecord, ...] = ()


@attrs.frozen
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

    def bare(self) -> ViewRecord:
        """Without what it says of a contract: only state, version and reasons."""
        return ViewRecord(self.state, self.version, self.reasons)


@attrs.frozen
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

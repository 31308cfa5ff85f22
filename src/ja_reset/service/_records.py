"""The rows beside the sessions: what was ordered of the bank, what a gateway was told, what a request was answered."""

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
    """Where an effect stands (C4); only a lock that an unlock finds pending is withdrawn (L6)."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@attrs.frozen
class OutboxEntry:
    """An effect as it is recorded before it is given. `sealed` holds its secrets until it is settled (S5).

    `lease`: until when somebody is giving it; None where nobody is.
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
        """Whether somebody is giving it now."""
        return self.lease is not None and now <= self.lease


@attrs.frozen
class KeysRecord:
    """An entry of keys that was judged: its name within the call, the fingerprint of its digits, and what was told.

    `state` is where it left its session.
    """

    __repr__ = shown

    name: str
    digits: str
    status: CallStatus
    state: str
    reasons: tuple[Refusal, ...] = ()


@attrs.frozen
class CallRecord:
    """What a gateway was told of a call, so that a webhook's retry hears the same (P3), and of the last keys in it.

    `state` is where a call that proved the phone left its session. `call`: the fingerprint of what the call was; None
    where release 0.1 saved it. `ambiguous`: another call was reported under the same id. `entries`: those of keys that
    were judged and can be told apart, no more than a call has attempts.
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
    """What an answer showed, without token, texts and secrets: enough to give it again (S2)."""

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
        """Without what it says of a contract: state, version and reasons."""
        return ViewRecord(self.state, self.version, self.reasons)


@attrs.frozen
class RequestRecord:
    """The last request of a session: the hash of its id; its answer, or until when a turn may be at it.

    `version` is the session's as the turn left it, where there is no answer and nothing took effect: as long as the
    session has it, the request can be made again. Without it, and without an answer, a try was counted for the
    request, and the turn that counted it has not said what became of that.
    The answer of a session that has ended is kept bare: what it showed of the contract is the session's to show, or to
    have dropped.
    """

    __repr__ = shown

    id: str
    until: datetime | None = None
    answer: ViewRecord | None = None
    version: int | None = None

    def is_under_way(self, now: datetime) -> bool:
        """Whether a turn is answering it now."""
        return self.answer is None and self.until is not None and now <= self.until

    @property
    def is_in_doubt(self) -> bool:
        """Whether it may have taken effect, and nobody knows the answer (S2, L5)."""
        return self.answer is None and self.version is None

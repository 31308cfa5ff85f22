"""A SIP call as its callee sees it: its limits, its stages, the actions that it needs, and its record."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from math import inf
from typing import TypeAlias

import attrs

from ja_reset.telephony import Keys
from sip_messages import Address, Header, Request


@attrs.frozen(kw_only=True)
class Limits:
    """Bounds, durations in seconds. `t1`, `t2` and `t4` are those of RFC 3261, 17.1.1.1.

    `ring`: how long it rings before the final response; below a policy's `delivery_grace` (5 s), as the call is
    reported after that and counts from when it came (P2). `calls`: all that are held, the ones that are over and wait
    for repeats included. `talk`: the longest call.
    """

    calls: int = 4096
    datagram: int = 8192
    ring: float = 4.0
    talk: float = 300.0
    keys: int = 32
    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    @property
    def patience(self) -> float:
        """How long a message is repeated before nobody is thought to be there."""
        return 64 * self.t1


class Stage(Enum):
    """Where a call is."""

    RINGING = "180 sent"
    REFUSED = "a final refusal sent, its ACK awaited"
    ANSWERED = "200 sent, its ACK awaited"
    TALKING = "acknowledged"
    ENDING = "BYE sent, its response awaited"
    OVER = "kept to answer repeats"


@attrs.frozen
class Send:
    """Send that to there."""

    datagram: bytes
    to: Address


@attrs.frozen
class Acknowledged:
    """A call whose caller has shown to be where it says: to be reported. `tag`, ours, is its id.

    `answered`: whether the caller is on the line; otherwise the call was refused, as it was to be.
    """

    tag: str
    invite: Request
    peer: Address
    received_at: datetime
    answered: bool


@attrs.frozen
class Entered:
    """One whole entry of keys, as it is reported; it was received when its last key came."""

    tag: str
    keys: Keys


@attrs.frozen
class Silent:
    """No key came where keys were gathered."""

    tag: str


@attrs.frozen
class Ended:
    """The caller of an acknowledged call has hung up, or is gone."""

    tag: str
    received_at: datetime | None


Action: TypeAlias = Send | Acknowledged | Entered | Silent | Ended


@attrs.define
class Counts:
    """What came of what came, since the start."""

    datagrams: int = 0
    not_sip: int = 0
    malformed: int = 0
    calls: int = 0
    acknowledged: int = 0
    never_acknowledged: int = 0
    cancelled: int = 0
    too_many: int = 0


@attrs.define(eq=False, repr=False)
class Call:
    """One call. `last` is the last response to its INVITE, repeated with that until the call is `settled`.

    `own` is a request of ours that waits for its response; `queued` is when the call is looked at next.
    """

    tag: str
    invite: Request
    peer: Address
    received_at: datetime
    stage: Stage
    last: bytes
    due: float
    interval: float = 0.0
    until: float = 0.0
    cancelled: bool = False
    settled: bool = False
    queued: float = inf
    # within the dialog: the caller's last request with its answer, and our last one
    heard: tuple[int, str] | None = None
    reply: bytes = b""
    own: bytes = b""
    own_branch: str = ""
    own_method: str = ""
    own_due: float = inf
    own_interval: float = 0.0
    own_until: float = 0.0
    own_cseq: int = 0
    # keys
    keys: str = ""
    infos: list[tuple[tuple[Header, ...], str]] = attrs.field(factory=list)
    keyed_at: datetime | None = None
    gathers: bool = False
    most: int = 0
    quiet: float = inf
    silence: float = 0.0

    @property
    def next(self) -> float:
        """The first of its timers."""
        return min(self.due, self.own_due, self.quiet if self.gathers else inf)

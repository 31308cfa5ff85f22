"""The closed sets of what passes between the host and the library, and the names that a host may give of its own.

A chart needs these alone, so it can be made without the values that a service exchanges with its host.
"""

from __future__ import annotations

import re
from enum import Enum, StrEnum
from typing import Final

_OWN_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,40}")


class PinCheck(Enum):
    """What the bank says of a PIN (L1, L5)."""

    RIGHT = "RIGHT"
    WRONG = "WRONG"
    NOT_CHECKED = "NOT_CHECKED"


class EffectKind(StrEnum):
    """The effects that a host carries out (C1-C5, L2). A chart of a host's own may have others, each a str."""

    SET_LOGIN_PASSWORD = "SET_LOGIN_PASSWORD"  # noqa: S105 - a kind of order, no password
    CLEAR_RISK_AUTH = "CLEAR_RISK_AUTH"
    ISSUE_TOKEN = "ISSUE_TOKEN"  # noqa: S105 - a kind of order, no token
    LOCK_SERVICE = "LOCK_SERVICE"
    LOCK_CARD = "LOCK_CARD"
    NOTIFY = "NOTIFY"


class CallSource(Enum):
    """Where a caller's number comes from: asserted by the network, or merely claimed by the caller's side (P3)."""

    NETWORK = "NETWORK"
    CLAIMED = "CLAIMED"


class Presentation(Enum):
    """Whether the caller lets the number be shown (P3)."""

    ALLOWED = "ALLOWED"
    RESTRICTED = "RESTRICTED"
    UNAVAILABLE = "UNAVAILABLE"


class CallStatus(Enum):
    """What the gateway does next.

    `ANNOUNCE`: answer, read out the code (if there is one), gather keys. `RETRY`: the keys were wrong, gather again.
    After all others the gateway hangs up. `ENDED` answers the report that a call is over: nothing is left to do.
    """

    VERIFIED = "VERIFIED"
    ANNOUNCE = "ANNOUNCE"
    RETRY = "RETRY"
    UNMATCHED = "UNMATCHED"
    REFUSED = "REFUSED"
    ENDED = "ENDED"


def is_own_name(name: str) -> bool:
    """Whether a chart or an effect may have that name: capitals, digits and _, 41 characters at most.

    Such a name is safe in a row's key, in the audit and in an error.
    """
    return _OWN_NAME.fullmatch(name) is not None

"""What the model of a service is made of: sessions as it has them, and the orders, waits, calls and cards beside them.

Times are aware UTC; reasons go by their codes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import attrs

from ja_reset.bank._values import Contract, EffectKind
from ja_reset.machines import Procedure
from ja_reset.testing.cast import Customer

TOKEN: Final = Procedure.TOKEN_REISSUE


FINAL: Final = {"DONE", "BTR005", "CANCELLED", "EXPIRED", "REJECTED", "LOCKED"}


WAITING: Final = {"PHONE", "PHONE_KEYS", "BTR004", "BTR004_KEYS"}


EVENTS: Final = {
    "BIM015": ("submit_identity", "cancel", "extend"),
    "BIM016": ("choose_phone", "back", "cancel", "extend"),
    "PHONE": ("proceed", "back", "cancel"),
    "PHONE_KEYS": ("proceed", "back", "cancel"),
    "BIM017": ("submit_reset", "cancel", "extend"),
    "BTR001": ("choose_method", "cancel", "extend"),
    "BTR002": ("submit_credentials", "back", "cancel", "extend"),
    "BTR003": ("submit_details", "cancel", "extend"),
    "BTR004": ("proceed", "back", "cancel"),
    "BTR004_KEYS": ("proceed", "back", "cancel"),
    "COMPLETING": ("proceed",),
}
"""The buttons of the manual's screens (specification, M), and `extend`, which has none (S3)."""


ECHOING: Final = {"BIM017", "DONE", "BTR005"}
"""Where a late proceed gives the present view (P7)."""


ORDERS: Final = {
    Procedure.LOGIN_PASSWORD: EffectKind.SET_LOGIN_PASSWORD,
    Procedure.RISK_BASED_AUTH: EffectKind.CLEAR_RISK_AUTH,
    Procedure.TOKEN_REISSUE: EffectKind.ISSUE_TOKEN,
}


NEVER: Final = datetime.min.replace(tzinfo=UTC)


UNAVAILABLE: Final = "temporarily_unavailable"
IN_PROGRESS: Final = "in_progress"


OVERDUE: Final = "overdue"


def e164(number: str) -> str:
    """A registered number in E.164."""
    digits = re.sub(r"\D", "", number)
    return f"+{digits}" if number.startswith("+") else f"+81{digits[1:]}"


INTERNET: Final = "+8150"
"""How numbers of internet telephones begin; so do those of a relay service."""


def offered(contract: Contract, *, relay: bool) -> list[str]:
    """The numbers that can be called from; *relay*: those of a relay service too, after the others (P1)."""
    relayed = contract.relay_phones if relay else ()
    return [
        *(each for each in map(e164, contract.phones) if not each.startswith(INTERNET)),
        *(each for each in map(e164, relayed) if each.startswith(INTERNET)),
    ]


@attrs.define(eq=False)
class Run:
    """A session as the model has it. `proofs` are those that stand, in their order (A1).

    `dial`: the number to call that it was given; `may_dial`: of which it is given one by this very event.
    """

    procedure: Procedure
    customer: Customer
    state: str
    created: datetime
    active: datetime
    seen: datetime
    token: str = attrs.field(default="", repr=False)
    id: str = ""
    version: int = 1
    gone: bool = False
    tries: int = 0
    windows: int = 0
    wrong_codes: int = 0
    standing: list[str] = attrs.field(factory=list)
    proofs: list[str] = attrs.field(factory=list)
    method: str = "LOGIN_ID"
    numbers: list[str] = attrs.field(factory=list)
    number: str = ""
    dial: str | None = None
    may_dial: tuple[str | None, ...] = ()
    opened: datetime = NEVER
    closes: datetime = NEVER
    call: str | None = None
    missed: int = 0
    over: datetime | None = None
    order: Order | None = None
    result: bool = False
    proved: bool = False
    request: tuple[str, dict[str, object]] | None = None

    @property
    def chooses(self) -> str:
        """The state in which this procedure's phone is chosen."""
        return "BTR003" if self.procedure is TOKEN else "BIM016"

    @property
    def is_final(self) -> bool:
        """Whether nothing follows."""
        return self.state in FINAL


@attrs.define(eq=False)
class Order:
    """An effect `of` a run that the bank has not confirmed, though it may have done it; `run` waits for it."""

    kind: EffectKind
    ref: str
    of: Run
    deadline: datetime
    run: Run | None = None
    is_done: bool = False
    tries: int = 0
    next_try: datetime | None = None
    is_overdue: bool = False

    @property
    def locks(self) -> bool:
        """Whether it locks."""
        return self.kind in {EffectKind.LOCK_SERVICE, EffectKind.LOCK_CARD}


@attrs.define(eq=False)
class Wait:
    """A wait for a number on the line of `dial`, or what is left of it (P8)."""

    run: Run
    until: datetime
    rests: datetime
    dial: str | None = None
    ended: str | None = None
    earlier: datetime | None = None


@attrs.frozen
class Keyed:
    """An entry of keys: its call, its digits, when the gateway says that it came, and the gateway's id of it."""

    call: str
    digits: str
    at: datetime | None
    entry: str | None = None

    @property
    def name(self) -> object:
        """What a retry is known by; None: by nothing."""
        return self.entry or self.at


@attrs.frozen
class Judged:
    """An entry that was judged, what was told of it, and where it led."""

    keyed: Keyed
    status: str
    codes: list[str]
    state: str


@attrs.define
class Heard:
    """What a gateway was told of a call, until when that is kept, and where the call led that proved a phone.

    `what`: the number, what spoke against it, and what was dialled. `ambiguous`: another call came under the same id.
    """

    status: str
    codes: list[str]
    run: Run | None
    kept: datetime
    what: tuple[str | None, ...]
    state: str | None = None
    ambiguous: bool = False
    judged: list[Judged] = attrs.field(factory=list)


@attrs.define
class Card:
    """A card's wrong PINs in a row, and when attempts were made whose outcome nobody knows (L)."""

    wrong: int = 0
    locked: bool = False
    unknown: list[datetime] = attrs.field(factory=list)
    lapsed: int = 0

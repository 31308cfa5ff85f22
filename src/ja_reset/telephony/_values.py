"""What a gateway reports beside the call itself: an entry of keys, and the end of the call."""

from __future__ import annotations

from datetime import datetime

import attrs

from ja_reset.bank._values import any_name, aware_utc
from ja_reset.secret import Secret, shown


def _digits(value: str | Secret) -> Secret:
    return Secret.of(value)


def _received(value: datetime | None) -> datetime | None:
    return None if value is None else aware_utc(value, "received_at")


@attrs.frozen(kw_only=True)
class Keys:
    """One whole entry of keys in a call (P4), as `report_keys` takes it.

    `digits` are `0-9`, `*`, `#` and `A-D`. `received_at`: when they reached the gateway (aware; None: now).
    `entry_id`: the gateway's own id of this entry, the same in a retry; None if the gateway gives none.
    """

    __repr__ = shown

    call_id: str = attrs.field(validator=any_name)
    digits: Secret = attrs.field(converter=_digits)
    received_at: datetime | None = attrs.field(default=None, converter=_received)
    entry_id: str | None = attrs.field(default=None, validator=attrs.validators.optional(any_name))


@attrs.frozen(kw_only=True)
class Ended:
    """The end of a call, as `report_end` takes it. `received_at`: when it ended (aware; None: now)."""

    __repr__ = shown

    call_id: str = attrs.field(validator=any_name)
    received_at: datetime | None = attrs.field(default=None, converter=_received)

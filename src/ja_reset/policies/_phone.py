"""How long the library waits for a call, and what it asks of the caller (SPEC P)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.policies._bounds import allowance, flag, positive, span
from ja_reset.secret import shown


class CodeChannel(StrEnum):
    """Where the customer learns the code that is keyed in (P4); equal to its word."""

    SPOKEN = "spoken"
    DISPLAYED = "displayed"


def _channel(value: CodeChannel | str) -> CodeChannel:
    try:
        return CodeChannel(value)
    except ValueError:
        msg = "PhonePolicy.code_channel must be 'spoken' or 'displayed'"
        raise InvalidArgument(msg) from None


@attrs.frozen(kw_only=True)
class PhonePolicy:
    """Figures of phone authentication.

    `bim_window`, `btr_window`: from entering the phone screen, the last instant included. `delivery_grace`: how long
    past the window a late report of a call in time still counts. `clock_skew`: how far ahead of our clock a
    gateway's may be. `code_attempts` are for one call, `codes_per_session` in all, `codes_per_number` wrong ones for a
    number within `codes_window`, in whatever sessions. `code_channel` takes the plain
    strings too. `bim_code` asks for a code in the BIM family as well. `phone_windows` is how many windows a
    session has, `number_rest` how long a number rests for other sessions after a wait without success. `call_memory`:
    for how long a call is known by its id, and so for how long a gateway's ids have to be unique.
    """

    __repr__ = shown

    bim_window: timedelta = attrs.field(default=timedelta(seconds=120), validator=span)  # P2: the manual, 電話番号認証
    btr_window: timedelta = attrs.field(default=timedelta(seconds=300), validator=span)  # P2: the manual, BTR004
    delivery_grace: timedelta = attrs.field(default=timedelta(seconds=5), validator=allowance)  # P2: ours
    clock_skew: timedelta = attrs.field(default=timedelta(seconds=2), validator=allowance)  # P2, S3: ours
    code_length: int = attrs.field(default=6, validator=positive)  # P4: ours
    code_attempts: int = attrs.field(default=3, validator=positive)  # P4: ours
    codes_per_session: int = attrs.field(default=9, validator=positive)  # P4: ours
    codes_per_number: int = attrs.field(default=9, validator=positive)  # P4: ours
    codes_window: timedelta = attrs.field(default=timedelta(hours=24), validator=span)  # P4: ours
    code_channel: CodeChannel = attrs.field(default=CodeChannel.SPOKEN, converter=_channel)  # P4: the manual, BTR004
    bim_code: bool = attrs.field(default=False, validator=flag)  # P4: the manual, 電話番号認証 (nothing is announced)
    phone_windows: int = attrs.field(default=3, validator=positive)  # P6: ours
    number_rest: timedelta = attrs.field(default=timedelta(seconds=120), validator=allowance)  # P8: ours
    call_memory: timedelta = attrs.field(default=timedelta(hours=24), validator=span)  # P3: ours

    @property
    def remembers_calls(self) -> timedelta:
        """For how long a call is known: `call_memory`, and at least as long as its keys may be reported (P3)."""
        return max(self.call_memory, self.bim_window + self.delivery_grace, self.btr_window + self.delivery_grace)

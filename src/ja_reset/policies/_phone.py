"""How long the library waits for a call, and what it demands of the caller (specification, P)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.policies._bounds import LIKE, allowance, flag, key, positive, span
from ja_reset.secret import by_value, shown


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


_SHORTEST: Final = 2
"""The digits of a code where one key alone means something (P13)."""


def _disowns(instance: PhonePolicy, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is None:
        return
    key(instance, attribute, value)
    if instance.code_length < _SHORTEST:
        msg = f"PhonePolicy.code_length must be {_SHORTEST} or more, or not_me_key None: one key alone would be a code"
        raise InvalidArgument(msg)


def _confirms(instance: PhonePolicy, attribute: attrs.Attribute[Any], value: object) -> None:
    key(instance, attribute, value)
    if value == instance.not_me_key:
        msg = "PhonePolicy.confirm_key and not_me_key must differ"
        raise InvalidArgument(msg)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class PhonePolicy:
    """Limits of phone authentication.

    - `bim_window`, `btr_window`: from entering the phone screen, the last instant included.
    - `delivery_grace`: how long after the window a late report of a call in time still counts.
    - `clock_skew`: how far a gateway's clock may be ahead of ours.
    - `code_attempts`: wrong codes for one call; `codes_per_session`: in all; `codes_per_number`: for a number within
      `codes_window`, across sessions.
    - `code_channel`: where the code is given; takes the plain strings too. `bim_code`: demand a code in the BIM family
      too.
    - `bim_announce`: answer the call in the BIM family too, and say what it does; it proves nothing until `confirm_key`
      is keyed in, or the code where `bim_code` demands one.
    - `not_me_key`: the key with which a caller ends an application that is not theirs (None: there is none); no code
      begins with it. `not_me_rest`: how long the number then rests, at least `number_rest`.
    - `keys_silence`: how long after the last key an entry without # is complete.
    - `phone_windows`: how many windows a session has. `number_rest`: how long a number rests after a wait without
      success. `waits_per_number`: how many sessions wait for a number at once, each on a dialled line of its own.
    - `call_memory`: how long a call is known by its id, and so how long a gateway's ids must be unique.
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
    bim_announce: bool = attrs.field(default=False, validator=flag)  # P4: the manual, 電話番号認証 (as above)
    not_me_key: str | None = attrs.field(default="9", validator=_disowns, metadata={LIKE: "9"})  # P13: ours
    confirm_key: str = attrs.field(default="1", validator=_confirms)  # P4: ours
    keys_silence: timedelta = attrs.field(default=timedelta(seconds=8), validator=span)  # P12: ours
    phone_windows: int = attrs.field(default=3, validator=positive)  # P6: ours
    number_rest: timedelta = attrs.field(default=timedelta(seconds=120), validator=allowance)  # P8: ours
    not_me_rest: timedelta = attrs.field(default=timedelta(minutes=30), validator=allowance)  # P13: ours
    waits_per_number: int = attrs.field(default=2, validator=positive)  # P8: ours
    call_memory: timedelta = attrs.field(default=timedelta(hours=24), validator=span)  # P3: ours

    @property
    def remembers_calls(self) -> timedelta:
        """For how long a call is known: `call_memory`, and at least as long as its keys may be reported (P3)."""
        return max(self.call_memory, self.bim_window + self.delivery_grace, self.btr_window + self.delivery_grace)

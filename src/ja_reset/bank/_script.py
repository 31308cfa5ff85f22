"""What a gateway says and gathers in a call: a script of steps, carried out in order.

A script is data, so each gateway renders it in its own form, and a host can without one. Texts are in every language
that the host has; the gateway chooses one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias

import attrs

from ja_reset.secret import Secret, by_value, shown
from ja_reset.text import Text


@by_value
@attrs.frozen(eq=False)
class Say:
    """Say `text` in the caller's language. The call must be answered first, by this or an earlier step."""

    text: Text


@by_value
@attrs.frozen(eq=False)
class SayDigits:
    """Say `digits` one by one, slowly: each is a word of its own, never part of a number."""

    __repr__ = shown

    digits: Secret


@by_value
@attrs.frozen(eq=False, kw_only=True)
class Gather:
    """Gather keys, and report them as one whole entry: at most `most` digits, ended early by # or by `silence`.

    The entry is complete after # or after `silence` without a key, never after its first digit. A key pressed during
    an earlier step counts as the first one. With `after_speech` it does not: what the steps before say is said to its
    end, whatever is pressed, and keys pressed until then are discarded. Only the gateway knows when speech ends.
    """

    most: int
    silence: timedelta
    after_speech: bool = False


@attrs.frozen
class HangUp:
    """End the call."""


@by_value
@attrs.frozen(eq=False)
class Reject:
    """Do not answer: let it ring `rings` times, then drop the call (P4). The caller pays nothing."""

    rings: int


Step: TypeAlias = Say | SayDigits | Gather | HangUp | Reject
"""One step of a script."""

"""How many wrong PINs lock (specification, L)."""

from __future__ import annotations

from datetime import timedelta

import attrs

from ja_reset.policies._bounds import positive, span
from ja_reset.secret import by_value, shown


@by_value
@attrs.frozen(eq=False, kw_only=True)
class LockoutPolicy:
    """Limits of the lockout.

    With the `pin_attempts`-th wrong PIN in a row, service and card are locked. An attempt with an unknown outcome
    counts against the customer for `unknown_lapse`.
    """

    __repr__ = shown

    pin_attempts: int = attrs.field(default=3, validator=positive)  # L2: ours (the manual: a number the JA chooses)
    unknown_lapse: timedelta = attrs.field(default=timedelta(hours=1), validator=span)  # L5: ours

"""How many identity failures are allowed, and for whom the kana name stands in for 外字 (specification, I)."""

from __future__ import annotations

from datetime import date, timedelta

import attrs

from ja_reset.policies._bounds import day, flag, positive, span
from ja_reset.secret import by_value, shown


@by_value
@attrs.frozen(eq=False, kw_only=True)
class IdentityPolicy:
    """Limits of the identity step.

    `identity_attempts` is the failure that ends a session, counted in the session and for the account, where each
    failure counts for `identity_window` from its own time. `gaiji_until` is the last day of service start for which I3
    applies. With `fold_kana`, small kana count as large ones, and ヲ as オ, when kana names are compared.
    """

    __repr__ = shown

    identity_attempts: int = attrs.field(default=5, validator=positive)  # I5: ours
    identity_window: timedelta = attrs.field(default=timedelta(hours=24), validator=span)  # I5: ours
    gaiji_until: date = attrs.field(default=date(2021, 2, 15), validator=day)  # I3: the manual, BIM015's note on names
    fold_kana: bool = attrs.field(default=True, validator=flag)  # I2: ours, core banking keeps kana so

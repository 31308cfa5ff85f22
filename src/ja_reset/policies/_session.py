"""How long sessions, effects and records last (specification, S, C4)."""

from __future__ import annotations

from datetime import timedelta

import attrs

from ja_reset.policies._bounds import LIKE, allowance, allowance_or_none, span
from ja_reset.secret import by_value, shown


@by_value
@attrs.frozen(eq=False, kw_only=True)
class SessionPolicy:
    """Time limits; each includes its last instant.

    - `idle_timeout`: since the customer's last event. `absolute_timeout`: since the start.
    - `effect_lease`: how long `recover()` skips an effect that is being delivered.
    - `effect_backoff`: how long `recover()` waits after the first try of an effect that got no answer; doubled with
      each further one, up to `effect_backoff_most`. `effect_deadline`: for how long an effect is tried before it is
      overdue; a lock is tried on.
    - `duplicate_wait` (of the service, not of an institution): how long a repeated request waits for the answer of the
      turn that is working on it; zero: it does not wait.
    - `retention`: how long an ended session is kept. `retention_unproved`: the same if no identity was proved, where
      that is shorter.
    - `audit_retention` (of the whole store, not of an institution): for how long an audit record names its contract,
      whatever is erased; None: always. `operator.erase` has older ones name a pseudonym; nothing deletes any.
    - `result_shown`: how long after its end a session shows, and its store keeps, what the bank issued.
    - `institution_refresh` (of the service, not of an institution): how long a process uses what the bank has said of
      an institution.
    """

    __repr__ = shown

    idle_timeout: timedelta = attrs.field(default=timedelta(minutes=10), validator=span)  # S3: ours
    absolute_timeout: timedelta = attrs.field(default=timedelta(minutes=30), validator=span)  # S3: ours
    effect_lease: timedelta = attrs.field(default=timedelta(seconds=60), validator=span)  # C4: ours
    effect_backoff: timedelta = attrs.field(default=timedelta(minutes=1), validator=span)  # C4: ours
    effect_backoff_most: timedelta = attrs.field(default=timedelta(hours=1), validator=span)  # C4: ours
    effect_deadline: timedelta = attrs.field(default=timedelta(hours=24), validator=span)  # C4: ours
    duplicate_wait: timedelta = attrs.field(default=timedelta(seconds=10), validator=allowance)  # S2: ours
    retention: timedelta = attrs.field(default=timedelta(days=30), validator=allowance)  # S8: ours
    retention_unproved: timedelta = attrs.field(default=timedelta(hours=24), validator=allowance)  # S8: ours
    audit_retention: timedelta | None = attrs.field(
        default=None, validator=allowance_or_none, metadata={LIKE: timedelta()}
    )  # S8: ours
    result_shown: timedelta = attrs.field(default=timedelta(minutes=30), validator=allowance)  # C3 S2: ours
    institution_refresh: timedelta = attrs.field(default=timedelta(seconds=60), validator=allowance)  # L4: ours

    def backoff(self, tries: int) -> timedelta:
        """How long an effect rests after that many tries without an answer (C4)."""
        doublings = min(max(tries, 1) - 1, _MOST_DOUBLINGS)
        if self.effect_backoff > self.effect_backoff_most / (1 << doublings):
            return self.effect_backoff_most
        return self.effect_backoff * (1 << doublings)


_MOST_DOUBLINGS = 60
"""More than lie between the shortest figure, a microsecond, and the longest, a hundred years."""

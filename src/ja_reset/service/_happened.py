"""What an observer is told: one value for each event that the audit records, after the commit that recorded it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias

import attrs

from ja_reset.secret import shown
from ja_reset.service._context import NO_CONTEXT

NONE: Final = timedelta(0)


@attrs.frozen(kw_only=True)
class Happened:
    """An event that was committed: what its audit record says (S7), and how long it took.

    - `time`: aware UTC, by the service's clock. `session`: a View's `id`, or None for what concerns no session.
    - `procedure`, `institution`, `ref` (the contract's), `event`, `before` and `after` (states), `status` (of a call or
      of keys), `effect` (which order it is about), `reasons` (codes): as in the audit record; None if it does not say.
    - `record`: the whole audit record, read-only. `context`: what the host passed to the method.
    - `called`: the service's method: `start`, `send`, `view`, `report_call`, `report_keys`, `unlock`, `recover`,
      `expire_due`, `purge`, or `operator` for every method of the operator API.
    - `duration`: the time since the method was called. `took`: the part of it since the method's previous commit that
      was told. `bank_asked`: whether the bank was asked in that part, and `bank_took`: how long its answers took.

    Events of one commit have the same durations, measured by a monotonic clock. There are no secrets in it, and
    personal data only in `context`.
    """

    __repr__ = shown

    time: datetime
    event: str
    session: str | None = None
    procedure: str | None = None
    institution: str | None = None
    ref: str | None = None
    before: str | None = None
    after: str | None = None
    status: str | None = None
    effect: str | None = None
    reasons: tuple[str, ...] = ()
    record: Mapping[str, object] = attrs.field(default=NO_CONTEXT, hash=False, repr=False)
    context: Mapping[str, str] = attrs.field(default=NO_CONTEXT, hash=False, repr=False)
    called: str = "operator"
    duration: timedelta = NONE
    took: timedelta = NONE
    bank_asked: bool = False
    bank_took: timedelta = NONE

    def __reduce__(self) -> tuple[Callable[[], Happened], tuple[()]]:
        """For another process: a read-only mapping is not pickled."""
        fields = {each.name: getattr(self, each.name) for each in attrs.fields(Happened)}
        return partial(Happened, **{**fields, "record": dict(self.record), "context": dict(self.context)}), ()

    def to_dict(self) -> dict[str, object]:
        """Plain JSON: the audit record, `context` included, with `called`, and the durations in seconds."""
        return {
            **self.record,
            "called": self.called,
            "duration": self.duration.total_seconds(),
            "took": self.took.total_seconds(),
            "bank_asked": self.bank_asked,
            "bank_took": self.bank_took.total_seconds(),
        }


Observer: TypeAlias = Callable[[Happened], object]

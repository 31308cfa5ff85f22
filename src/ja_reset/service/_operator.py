"""The operator API: what stands in the store, told without secrets; and acts, each audited."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar

import attrs

from ja_reset.service import _acts as acts
from ja_reset.service import _queries as queries
from ja_reset.service._io import Flow
from ja_reset.service._unit_of_work import Config

T = TypeVar("T")

Records = list[dict[str, object]]


class Run(Protocol):
    """How a service runs a flow."""

    def __call__(self, flow: Flow[T], /) -> T:
        """Answer what the flow asks for, and give what it gives."""


class AsyncRun(Protocol):
    """`Run`, awaited."""

    def __call__(self, flow: Flow[T], /) -> Awaitable[T]:
        """As `Run` does."""


@attrs.frozen(eq=False, repr=False)
class Operator:
    """For reading: plain values, JSON as they are, times in ISO 8601, no secrets; and acts, each audited."""

    _run: Run
    _config: Config

    def sessions(self, *, state: str | None = None, limit: int | None = None) -> Records:
        """Sessions as they were saved last, by id; time does not pass for them."""
        return self._run(queries.read_sessions(state=state, limit=limit))

    def pin_count(self, ref: str) -> int:
        """How many wrong PINs in a row stand for the card of contract *ref*."""
        return self._run(queries.read_pin_count(ref))

    def effects(self, *, status: str | None = None, session: str | None = None, limit: int | None = None) -> Records:
        """Effects, without their data; `status` is pending, confirmed, refused or withdrawn."""
        flow = queries.read_effects(status=status, session=session, limit=limit)
        return self._run(flow)

    def audit(self, *, session: str | None = None, limit: int | None = None) -> Records:
        """Audit records (of one session), oldest first; with *limit* the newest so many (S7)."""
        return self._run(queries.read_audit(session=session, limit=limit))

    def lift(self, *, number: str | None = None, effect: str | None = None, by: str, reason: str) -> None:
        """Take away a rest of *number* (P8), or the lease of the *effect* with that key (C4), before its time; audited.

        For what a wrong clock left standing; no reader shortens such a protection by itself. `by` says who does so,
        `reason` why: 1 to 200 characters each, kept in the audit. Raises InvalidArgument where nothing rests or is
        leased, where a session waits for the number, and for arguments that are none; UnknownProcedure where a session
        waits for it whose chart this service was not given.
        """
        flow = acts.lift(self._config, number=number, effect=effect, by=by, reason=reason)
        self._run(flow)


@attrs.frozen(eq=False, repr=False)
class AsyncOperator:
    """`Operator`, awaited."""

    _run: AsyncRun
    _config: Config

    async def sessions(self, *, state: str | None = None, limit: int | None = None) -> Records:
        """See `Operator.sessions`."""
        return await self._run(queries.read_sessions(state=state, limit=limit))

    async def pin_count(self, ref: str) -> int:
        """See `Operator.pin_count`."""
        return await self._run(queries.read_pin_count(ref))

    async def effects(
        self, *, status: str | None = None, session: str | None = None, limit: int | None = None
    ) -> Records:
        """See `Operator.effects`."""
        flow = queries.read_effects(status=status, session=session, limit=limit)
        return await self._run(flow)

    async def audit(self, *, session: str | None = None, limit: int | None = None) -> Records:
        """See `Operator.audit`."""
        return await self._run(queries.read_audit(session=session, limit=limit))

    async def lift(self, *, number: str | None = None, effect: str | None = None, by: str, reason: str) -> None:
        """See `Operator.lift`."""
        flow = acts.lift(self._config, number=number, effect=effect, by=by, reason=reason)
        await self._run(flow)

"""The operator API, awaited."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Protocol, TypeVar, Unpack

import attrs

from ja_reset.service import _accounts as accounts
from ja_reset.service import _acts as acts
from ja_reset.service import _erasure as erasure
from ja_reset.service import _export as exports
from ja_reset.service import _queries as queries
from ja_reset.service import _rotation as rotation
from ja_reset.service._accounts import Attempts, IdentityCount
from ja_reset.service._config import Config
from ja_reset.service._context import NO_CONTEXT, Context, as_context
from ja_reset.service._erasure import Erasure
from ja_reset.service._export import Export
from ja_reset.service._filters import AuditFilters, EffectFilters, SessionFilters
from ja_reset.service._finding import LIMIT
from ja_reset.service._io import Flow
from ja_reset.service._items import AuditItem, EffectItem, LockItem, SessionItem, WaitItem
from ja_reset.service._pages import Page
from ja_reset.service._rotation import KeyUse
from ja_reset.service._typed import Typed

T = TypeVar("T")


class AsyncRun(Protocol):
    """`Run`, awaited."""

    def __call__(self, flow: Flow[T], context: Mapping[str, str] = NO_CONTEXT, /) -> Awaitable[T]:
        """As `Run` does."""


@attrs.frozen(eq=False, repr=False)
class AsyncOperator:
    """`Operator`, awaited."""

    _run: AsyncRun
    _config: Config

    async def sessions(
        self, *, limit: int = LIMIT, after: str | None = None, **filters: Unpack[SessionFilters]
    ) -> Page[SessionItem]:
        """See `Operator.sessions`."""
        return await self._run(queries.find_sessions(self._config, limit, after, {**filters}))

    async def pin_count(self, ref: str) -> int:
        """See `Operator.pin_count`."""
        return await self._run(queries.read_pin_count(ref))

    async def attempts(self, ref: str) -> Attempts:
        """See `Operator.attempts`."""
        return await self._run(accounts.read_attempts(self._config, ref))

    async def identity(
        self,
        institution: str,
        *,
        branch: str | None = None,
        subject: str | None = None,
        account: str | None = None,
        login_id: str | None = None,
    ) -> IdentityCount:
        """See `Operator.identity`."""
        what = accounts.Account(institution, branch, subject, account, login_id)
        return await self._run(accounts.read_identity(self._config, what))

    async def effects(
        self, *, limit: int = LIMIT, after: str | None = None, **filters: Unpack[EffectFilters]
    ) -> Page[EffectItem]:
        """See `Operator.effects`."""
        return await self._run(queries.find_effects(self._config, limit, after, {**filters}))

    async def audit(
        self, *, limit: int = LIMIT, after: str | None = None, **filters: Unpack[AuditFilters]
    ) -> Page[AuditItem]:
        """See `Operator.audit`."""
        return await self._run(queries.find_audit(self._config, limit, after, {**filters}))

    async def locked(self, *, limit: int = LIMIT, after: str | None = None) -> Page[LockItem]:
        """See `Operator.locked`."""
        return await self._run(queries.list_locks(limit, after))

    async def waits(self, *, limit: int = LIMIT, after: str | None = None) -> Page[WaitItem]:
        """See `Operator.waits`."""
        return await self._run(queries.list_waits(limit, after))

    async def lift(
        self,
        *,
        number: str | None = None,
        effect: str | None = None,
        by: str,
        reason: str,
        context: Context = None,
    ) -> None:
        """See `Operator.lift`."""
        flow = acts.lift(self._config, number=number, effect=effect, by=by, reason=reason)
        await self._run(flow, as_context(Typed(context)))

    async def end(self, session: str, *, by: str, reason: str, context: Context = None) -> None:
        """See `Operator.end`."""
        await self._run(acts.end(self._config, session, by=by, reason=reason), as_context(Typed(context)))

    async def retry(self, key: str, *, by: str, reason: str, context: Context = None) -> str:
        """See `Operator.retry`."""
        flow = acts.retry(self._config, key, by=by, reason=reason)
        return await self._run(flow, as_context(Typed(context)))

    async def settle(
        self,
        key: str,
        *,
        confirmed: bool,
        results: Mapping[str, str] | None = None,
        by: str,
        reason: str,
        context: Context = None,
    ) -> None:
        """See `Operator.settle`."""
        flow = acts.settle(self._config, key, was_carried_out=confirmed, results=results, by=by, reason=reason)
        await self._run(flow, as_context(Typed(context)))

    async def keys(self) -> tuple[KeyUse, ...]:
        """See `Operator.keys`."""
        return await self._run(rotation.count_keys())

    async def reseal(self) -> int:
        """See `Operator.reseal`."""
        return await self._run(rotation.reseal())

    async def export(self, ref: str) -> Export:
        """See `Operator.export`."""
        return await self._run(exports.export(self._config, ref))

    async def erase(self, ref: str, *, by: str, reason: str, context: Context = None) -> Erasure:
        """See `Operator.erase`."""
        flow = erasure.erase(self._config, ref, by=by, reason=reason)
        return await self._run(flow, as_context(Typed(context)))

"""`ResetService`, awaited: the same flows, driven by a driver that awaits the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeVar, cast

from ja_reset.secret import Secret
from ja_reset.service._context import NO_CONTEXT, Context, as_context
from ja_reset.service._typed import Typed, as_token

if TYPE_CHECKING:
    from ja_reset.bank._values import Call, CallResult
    from ja_reset.chart import Chart
    from ja_reset.machines import Procedure
    from ja_reset.policies import Policies
    from ja_reset.service._async_operator import AsyncOperator
    from ja_reset.service._construction import Key, Notices
    from ja_reset.service._happened import Observer
    from ja_reset.service._health import Health
    from ja_reset.service._io import Flow
    from ja_reset.service._view import View
    from ja_reset.service.ports import AsyncBank, Bank, Clock
    from ja_reset.stores.rows import AsyncStore, Store
    from ja_reset.text import Messages

T = TypeVar("T")


async def _pause(seconds: float) -> None:
    from asyncio import sleep  # noqa: PLC0415 - only who awaits needs it

    await sleep(seconds)


class AsyncResetService:
    """The same calls as `ResetService`, awaited. The methods of the bank may be coroutines or plain functions.

    Takes the same stores: one that waits for a disk runs on a thread of its own.
    """

    def __init__(
        self,
        *,
        bank: AsyncBank | Bank,
        store: Store | AsyncStore,
        key: Key = None,
        clock: Clock | None = None,
        policies: Policies | Literal["standard"] = "standard",
        messages: Messages | None = None,
        procedures: Iterable[Chart] = (),
        notices: Notices = "inline",
        observer: Observer | None = None,
    ) -> None:
        from ja_reset.service._async_operator import AsyncOperator  # noqa: PLC0415 - loaded when a service is made
        from ja_reset.service._flows import Flows  # noqa: PLC0415 - loaded when a service is made

        self._flows = Flows
        Flows.check_ports(bank, store, clock)
        Flows.check_observer(observer)
        self._config = Flows.config_of(policies, messages, procedures, notices)
        Flows.check_facts(bank, self._config.charts)
        self._shell = Flows.shell_of(bank, Flows.awaited(store), key, clock, _pause)
        self._observer = observer
        self._operator = AsyncOperator(self._run, self._config)

    @property
    def operator(self) -> AsyncOperator:
        """See `ResetService.operator`."""
        return self._operator

    @property
    def procedures(self) -> Mapping[str, Chart]:
        """See `ResetService.procedures`."""
        return self._config.charts

    async def _run(self, flow: Flow[T], context: Mapping[str, str] = NO_CONTEXT, *, method: str = "operator") -> T:
        return await self._flows.run_async(flow, self._shell, self._observer, method, context)

    async def start(self, procedure: Procedure | Chart | str, *, institution: str, context: Context = None) -> View:
        """See `ResetService.start`."""
        around = as_context(Typed(context))
        flow = self._flows.start(self._config, self._flows.chart_for(self._config.charts, procedure), institution)
        return await self._run(flow, around, method="start")

    async def send(
        self,
        token: str,
        event: str,
        data: object = None,
        *,
        version: int | None = None,
        request_id: str | None = None,
        context: Context = None,
    ) -> View:
        """See `ResetService.send`."""
        token, data, context = cast("str", as_token(token)), Typed(data), cast("None", Typed(context))
        around = as_context(cast("Typed", context), cast("Secret", token))
        flow = self._flows.send(
            self._config, self._flows.submitted(cast("Secret", token), event, data, version, request_id)
        )
        return await self._run(flow, around, method="send")

    async def view(self, token: str, *, context: Context = None) -> View:
        """See `ResetService.view`."""
        token, context = cast("str", as_token(token)), cast("None", Typed(context))
        around = as_context(cast("Typed", context), cast("Secret", token))
        return await self._run(self._flows.look(self._config, cast("Secret", token)), around, method="view")

    async def report_call(self, call: Call, *, session: str | None = None, context: Context = None) -> CallResult:
        """See `ResetService.report_call`."""
        around = as_context(Typed(context))
        flow = self._flows.report_call(self._config, self._flows.call(call), session)
        return await self._run(flow, around, method="report_call")

    async def report_keys(
        self,
        call_id: str,
        digits: str,
        *,
        received_at: datetime | None = None,
        entry_id: str | None = None,
        context: Context = None,
    ) -> CallResult:
        """See `ResetService.report_keys`."""
        digits = cast("str", Secret.of(digits)) if isinstance(digits, str) else digits
        around = as_context(Typed(context))
        flow = self._flows.report_keys(self._config, self._flows.keys(call_id, digits, received_at, entry_id))
        return await self._run(flow, around, method="report_keys")

    async def report_end(
        self, call_id: str, *, received_at: datetime | None = None, context: Context = None
    ) -> CallResult:
        """See `ResetService.report_end`."""
        around = as_context(Typed(context))
        flow = self._flows.report_end(self._config, self._flows.ended(call_id, received_at))
        return await self._run(flow, around, method="report_end")

    async def unlock(
        self,
        institution: str,
        *,
        branch: str,
        subject: str,
        account: str,
        login_id: str | None = None,
        by: str | None = None,
        reason: str | None = None,
        context: Context = None,
    ) -> None:
        """See `ResetService.unlock`."""
        what = self._flows.account(institution, branch, subject, account, login_id)
        await self._run(
            self._flows.unlock(self._config, what, by=by, reason=reason), as_context(Typed(context)), method="unlock"
        )

    async def recover(self) -> int:
        """See `ResetService.recover`."""
        return await self._run(self._flows.recover(self._config), method="recover")

    async def expire_due(self) -> int:
        """See `ResetService.expire_due`."""
        return await self._run(self._flows.expire_due(self._config), method="expire_due")

    async def purge(self) -> int:
        """See `ResetService.purge`."""
        return await self._run(self._flows.purge(self._config), method="purge")

    async def ping(self) -> Health:
        """See `ResetService.ping`."""
        return await self._run(self._flows.ping(), method="ping")

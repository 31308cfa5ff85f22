"""`ResetService`, awaited: the same flows, driven by a driver that awaits the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar, cast

from ja_reset.bank._values import Call, CallResult
from ja_reset.chart import Chart
from ja_reset.machines import Procedure
from ja_reset.policies import Policies
from ja_reset.secret import Secret
from ja_reset.service import _accounts as accounts
from ja_reset.service import _customer as customer
from ja_reset.service import _keys as entries
from ja_reset.service import _maintenance as housekeeping
from ja_reset.service import _starts as starts
from ja_reset.service import _telephone as telephone
from ja_reset.service._arguments import as_call, as_keys, as_submitted, as_token
from ja_reset.service._async_operator import AsyncOperator
from ja_reset.service._construction import Key, Notices, awaited, config_of, shell_of
from ja_reset.service._context import Context, as_context
from ja_reset.service._customer import Typed
from ja_reset.service._happened import NO_CONTEXT, Observer
from ja_reset.service._health import Health, ping
from ja_reset.service._io import Flow, run_async
from ja_reset.service._observation import check_observer, performing
from ja_reset.service._port_checks import check_facts, check_ports
from ja_reset.service._registry import chart_for
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
        policies: Policies = Policies(),  # noqa: B008 - frozen
        messages: Messages | None = None,
        procedures: Iterable[Chart] = (),
        notices: Notices = "inline",
        observer: Observer | None = None,
    ) -> None:
        check_ports(bank, store, clock)
        check_observer(observer)
        self._config = config_of(policies, messages, procedures, notices)
        check_facts(bank, self._config.charts)
        self._shell = shell_of(bank, awaited(store), key, clock, _pause)
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
        return await run_async(flow, performing(self._shell, self._observer, method, context, awaits=True))

    async def start(self, procedure: Procedure | Chart | str, *, institution: str, context: Context = None) -> View:
        """See `ResetService.start`."""
        around = as_context(Typed(context))
        flow = starts.start(self._config, chart_for(self._config.charts, procedure), institution)
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
        flow = customer.send(self._config, as_submitted(cast("Secret", token), event, data, version, request_id))
        return await self._run(flow, around, method="send")

    async def view(self, token: str, *, context: Context = None) -> View:
        """See `ResetService.view`."""
        token, context = cast("str", as_token(token)), cast("None", Typed(context))
        around = as_context(cast("Typed", context), cast("Secret", token))
        return await self._run(customer.look(self._config, cast("Secret", token)), around, method="view")

    async def report_call(self, call: Call, *, session: str | None = None, context: Context = None) -> CallResult:
        """See `ResetService.report_call`."""
        around = as_context(Typed(context))
        flow = telephone.report_call(self._config, as_call(call), session)
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
        flow = entries.report_keys(self._config, as_keys(call_id, digits, received_at, entry_id))
        return await self._run(flow, around, method="report_keys")

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
        what = accounts.Account(institution, branch, subject, account, login_id)
        await self._run(
            accounts.unlock(self._config, what, by=by, reason=reason), as_context(Typed(context)), method="unlock"
        )

    async def recover(self) -> int:
        """See `ResetService.recover`."""
        return await self._run(housekeeping.recover(self._config), method="recover")

    async def expire_due(self) -> int:
        """See `ResetService.expire_due`."""
        return await self._run(housekeeping.expire_due(self._config), method="expire_due")

    async def purge(self) -> int:
        """See `ResetService.purge`."""
        return await self._run(housekeeping.purge(self._config), method="purge")

    async def ping(self) -> Health:
        """See `ResetService.ping`."""
        return await self._run(ping(), method="ping")

"""The service API: one service, synchronous or asynchronous, over the same flows (specification, section 10).

A method names a flow and drives it, nothing more. Tokens and forms are wrapped before anything else is called, so that
tracebacks with local variables do not show them (S5).
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias, TypeVar, cast, get_args

from ja_reset.bank._values import Call, CallResult
from ja_reset.chart import Chart
from ja_reset.errors import InvalidArgument
from ja_reset.machines import Procedure
from ja_reset.policies import Policies
from ja_reset.screens._wording import own_texts
from ja_reset.screens.placeholders import NO_TEXTS
from ja_reset.secret import Secret
from ja_reset.service import _acts as acts
from ja_reset.service import _customer as customer
from ja_reset.service import _keys as entries
from ja_reset.service import _maintenance as housekeeping
from ja_reset.service import _starts as starts
from ja_reset.service import _telephone as telephone
from ja_reset.service._arguments import as_call, as_keys, as_submitted, as_token
from ja_reset.service._customer import Typed
from ja_reset.service._io import Flow, run, run_async
from ja_reset.service._operator import AsyncOperator, Operator
from ja_reset.service._port_checks import check_facts, check_plain, check_ports
from ja_reset.service._registry import chart_for, charts_of
from ja_reset.service._sealing import Sealer
from ja_reset.service._shell import Shell
from ja_reset.service._unit_of_work import Config
from ja_reset.service._view import View
from ja_reset.service.ports import AsyncBank, Bank, Clock
from ja_reset.stores.rows import AsyncStore, Store
from ja_reset.text import Messages

T = TypeVar("T")
Key = bytes | Sequence[bytes] | None
Notices: TypeAlias = Literal["inline", "later"]


def system_clock() -> datetime:
    """The present aware UTC datetime of this machine."""
    return datetime.now(UTC)


def _config(policies: object, messages: Messages | None, procedures: object, notices: object) -> Config:
    if not isinstance(policies, Policies):
        msg = f"policies must be a Policies, not {type(policies).__name__}"
        raise InvalidArgument(msg)
    if notices not in get_args(Notices):
        msg = "notices must be 'inline' or 'later'"
        raise InvalidArgument(msg)
    charts = charts_of(procedures)
    texts = own_texts(messages, [chart.texts for chart in charts.values()])
    return Config(policies, texts or NO_TEXTS, charts, notices == "later")


def _clock_of(store: Store | AsyncStore) -> Callable[[], datetime | Awaitable[datetime]]:
    """The clock of everybody who shares *store*, if the store tells the time; otherwise this machine's."""
    now = getattr(store, "now", None)
    return now if callable(now) else system_clock


def _shell(bank: Bank | AsyncBank, store: Store | AsyncStore, key: Key, clock: Clock | None) -> Shell:
    if key is None and store.persistent:
        warnings.warn(
            "no key was given: what this process seals cannot be opened by another one, though the store outlives it",
            stacklevel=3,
        )
    return Shell(bank, store, _clock_of(store) if clock is None else clock, Sealer(key))


class ResetService:
    """The resets of a bank's customers, for a synchronous host.

    - `bank`: the host's core-banking system (`ja_reset.service.ports.Bank`).
    - `store`: where sessions are stored.
    - `key`: 32 bytes, or several such keys (the first seals, all open). None: a random key for this process.
    - `clock`: a callable that returns the current aware UTC datetime. None: the server's time if the store tells it
      (`PostgresStore`), so that machines with different clocks agree; otherwise this machine's time.
    - `policies`: for institutions without policies of their own.
    - `messages`: texts that replace those of the catalogue, or are beside them in other languages.
    - `procedures`: the host's own charts, served beside the three.
    - `notices`: "inline": a notice (NOTIFY) is tried within the call that orders it; "later": by `recover()` only.

    Any number of threads may use one service, and any number of processes one store; pass the same charts to all of
    them. Raises InvalidArgument, which names what is missing, for an unusable bank, store, clock, policies, messages or
    charts, and for coroutines, which need `AsyncResetService`. Raises SealError for an unusable key.
    """

    def __init__(
        self,
        *,
        bank: Bank,
        store: Store,
        key: Key = None,
        clock: Clock | None = None,
        policies: Policies = Policies(),  # noqa: B008 - frozen
        messages: Messages | None = None,
        procedures: Iterable[Chart] = (),
        notices: Notices = "inline",
    ) -> None:
        check_ports(bank, store, clock)
        self._config = _config(policies, messages, procedures, notices)
        check_facts(bank, self._config.charts)
        check_plain(bank, store, clock, self._config.charts)
        self._shell = _shell(bank, store, key, clock)
        self._operator = Operator(self._run, self._config)

    @property
    def operator(self) -> Operator:
        """What an operator reads (sessions, PIN counts, effects, audit) and changes; every change is audited."""
        return self._operator

    @property
    def procedures(self) -> Mapping[str, Chart]:
        """The charts that are served, by name: the three of the library, then the host's own."""
        return self._config.charts

    def _run(self, flow: Flow[T]) -> T:
        return run(flow, self._shell)

    def start(self, procedure: Procedure | Chart | str, *, institution: str) -> View:
        """Start a session on its first screen (E2); *procedure*: a member of `Procedure`, a chart, or a name.

        Raises UnknownProcedure, UnknownInstitution, BankUnavailable, StoreError.
        """
        return self._run(starts.start(self._config, chart_for(self._config.charts, procedure), institution))

    def send(
        self,
        token: str,
        event: str,
        data: object = None,
        *,
        version: int | None = None,
        request_id: str | None = None,
    ) -> View:
        """Handle an event of the customer, and return the answer (S2).

        `data`: a form object, or a mapping of strings. `version`: the version of the view that the customer saw; an
        older one is refused (`stale`). `request_id`: a repeated one takes effect once and gets the same answer. Raises
        UnknownSession, StoreError, UnknownProcedure for a session whose chart this service does not have, and the
        bank's own exceptions.
        """
        token, data = cast("str", as_token(token)), Typed(data)
        return self._run(
            customer.send(self._config, as_submitted(cast("Secret", token), event, data, version, request_id))
        )

    def view(self, token: str) -> View:
        """The current screen; time passes, and nothing else happens. Raises as `send` does."""
        token = cast("str", as_token(token))
        return self._run(customer.look(self._config, cast("Secret", token)))

    def report_call(self, call: Call, *, session: str | None = None) -> CallResult:
        """Report an incoming call (P8). `session`: a View's `id`, if the telephony knows whose call it is (P8a)."""
        return self._run(telephone.report_call(self._config, as_call(call), session))

    def report_keys(
        self, call_id: str, digits: str, *, received_at: datetime | None = None, entry_id: str | None = None
    ) -> CallResult:
        """Report one whole entry of keys in a call (P4).

        `received_at`: when it reached the gateway; None: now. `entry_id`: the gateway's own id of this entry, unique in
        its call; a repeated entry gets its first answer and counts once. Without it, two entries are the same if
        `received_at` was given and both it and the digits are equal.
        """
        digits = cast("str", Secret.of(digits)) if isinstance(digits, str) else digits
        return self._run(entries.report_keys(self._config, as_keys(call_id, digits, received_at, entry_id)))

    def unlock(self, institution: str, *, branch: str, subject: str, account: str, login_id: str | None = None) -> None:
        """Clear the PIN and identity counts of that account and login id, and its numbers' wrong codes; audited (L6).

        A lock that the bank has not carried out yet is withdrawn. Raises UnlockRefused, with `until`, while the bank
        may be carrying one out; UnknownInstitution, InvalidArgument, BankUnavailable, StoreError.
        """
        what = acts.Account(institution, branch, subject, account, login_id)
        self._run(acts.unlock(self._config, what))

    def recover(self) -> int:
        """Deliver again the effects whose lease and back-off are over (C4); returns how many were settled."""
        return self._run(housekeeping.recover(self._config))

    def expire_due(self) -> int:
        """End sessions whose time has run out (S3); returns how many sessions were moved."""
        return self._run(housekeeping.expire_due(self._config))

    def purge(self) -> int:
        """Delete ended sessions past retention (S8), but no audit records; returns how many sessions were deleted."""
        return self._run(housekeeping.purge(self._config))


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
    ) -> None:
        check_ports(bank, store, clock)
        self._config = _config(policies, messages, procedures, notices)
        check_facts(bank, self._config.charts)
        self._shell = _shell(bank, _awaited(store), key, clock)
        self._operator = AsyncOperator(self._run, self._config)

    @property
    def operator(self) -> AsyncOperator:
        """See `ResetService.operator`."""
        return self._operator

    @property
    def procedures(self) -> Mapping[str, Chart]:
        """See `ResetService.procedures`."""
        return self._config.charts

    async def _run(self, flow: Flow[T]) -> T:
        return await run_async(flow, self._shell)

    async def start(self, procedure: Procedure | Chart | str, *, institution: str) -> View:
        """See `ResetService.start`."""
        return await self._run(starts.start(self._config, chart_for(self._config.charts, procedure), institution))

    async def send(
        self,
        token: str,
        event: str,
        data: object = None,
        *,
        version: int | None = None,
        request_id: str | None = None,
    ) -> View:
        """See `ResetService.send`."""
        token, data = cast("str", as_token(token)), Typed(data)
        return await self._run(
            customer.send(self._config, as_submitted(cast("Secret", token), event, data, version, request_id))
        )

    async def view(self, token: str) -> View:
        """See `ResetService.view`."""
        token = cast("str", as_token(token))
        return await self._run(customer.look(self._config, cast("Secret", token)))

    async def report_call(self, call: Call, *, session: str | None = None) -> CallResult:
        """See `ResetService.report_call`."""
        return await self._run(telephone.report_call(self._config, as_call(call), session))

    async def report_keys(
        self, call_id: str, digits: str, *, received_at: datetime | None = None, entry_id: str | None = None
    ) -> CallResult:
        """See `ResetService.report_keys`."""
        digits = cast("str", Secret.of(digits)) if isinstance(digits, str) else digits
        return await self._run(entries.report_keys(self._config, as_keys(call_id, digits, received_at, entry_id)))

    async def unlock(
        self, institution: str, *, branch: str, subject: str, account: str, login_id: str | None = None
    ) -> None:
        """See `ResetService.unlock`."""
        what = acts.Account(institution, branch, subject, account, login_id)
        await self._run(acts.unlock(self._config, what))

    async def recover(self) -> int:
        """See `ResetService.recover`."""
        return await self._run(housekeeping.recover(self._config))

    async def expire_due(self) -> int:
        """See `ResetService.expire_due`."""
        return await self._run(housekeeping.expire_due(self._config))

    async def purge(self) -> int:
        """See `ResetService.purge`."""
        return await self._run(housekeeping.purge(self._config))


def _awaited(store: Store | AsyncStore) -> AsyncStore:
    if inspect.iscoroutinefunction(store.get):
        return cast("AsyncStore", store)
    from ja_reset.stores import threaded  # noqa: PLC0415 - only an asynchronous host needs it

    return threaded(cast("Store", store))

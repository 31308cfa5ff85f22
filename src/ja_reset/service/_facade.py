"""The service API: one service, synchronous or asynchronous, over the same flows (specification, section 10).

A method names a flow and drives it, nothing more. What the flows need is loaded when a service is made, so that who
only reads a chart loads none of it. Tokens and forms are wrapped before anything else is called, so that tracebacks
with local variables do not show them (S5).
"""

from __future__ import annotations

import time
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
    from ja_reset.service._construction import Key, Notices
    from ja_reset.service._happened import Observer
    from ja_reset.service._health import Health
    from ja_reset.service._io import Flow
    from ja_reset.service._operator import Operator
    from ja_reset.service._view import View
    from ja_reset.service.ports import Bank, Clock
    from ja_reset.stores.rows import Store
    from ja_reset.text import Messages

T = TypeVar("T")


class ResetService:
    """The resets of a bank's customers, for a synchronous host.

    - `bank`: the host's core-banking system (`ja_reset.service.ports.Bank`).
    - `store`: where sessions are stored.
    - `key`: 32 bytes, or several such keys (the first seals, all open). None: a random key for this process.
    - `clock`: a callable that returns the current aware UTC datetime. None: the server's time if the store tells it
      (`PostgresStore`), so that machines with different clocks agree; otherwise this machine's time.
    - `policies`: for institutions without policies of their own. "standard": `Policies()`.
    - `messages`: texts that replace those of the catalogue, or are beside them in other languages.
    - `procedures`: the host's own charts, served beside the three.
    - `notices`: "inline": a notice (NOTIFY) is tried within the call that orders it; "later": by `recover()` only.
    - `observer`: called with a `Happened` after the commit of each event. What it raises is logged and harms nothing.
      It runs in the thread of the call, so it must be quick, thread-safe and no coroutine function.

    `context` of a method: what the host adds to the audit records of that call and to what the observer is told, such
    as the address that a request came from. At most 16 keys of `a-z` and `_`, 1 to 32 characters each. A value is cut
    at 256 characters, and its control characters are replaced. A value that holds the session's token is refused, as
    is what is no mapping of strings (InvalidArgument); nothing is changed then.

    Any number of threads may use one service, and any number of processes one store; pass the same charts to all of
    them. Raises InvalidArgument, which names what is missing, for an unusable bank, store, clock, policies, messages,
    charts, notices or observer, and for coroutines, which need `AsyncResetService`. SealError: the key is unusable.
    """

    def __init__(
        self,
        *,
        bank: Bank,
        store: Store,
        key: Key = None,
        clock: Clock | None = None,
        policies: Policies | Literal["standard"] = "standard",
        messages: Messages | None = None,
        procedures: Iterable[Chart] = (),
        notices: Notices = "inline",
        observer: Observer | None = None,
    ) -> None:
        from ja_reset.service._flows import Flows  # noqa: PLC0415 - loaded when a service is made
        from ja_reset.service._operator import Operator  # noqa: PLC0415 - loaded when a service is made

        self._flows = Flows
        Flows.check_ports(bank, store, clock)
        Flows.check_observer(observer)
        self._config = Flows.config_of(policies, messages, procedures, notices)
        Flows.check_facts(bank, self._config.charts)
        Flows.check_plain(bank, store, clock, self._config.charts)
        self._shell = Flows.shell_of(bank, store, key, clock, time.sleep)
        self._observer = observer
        self._operator = Operator(self._run, self._config)

    @property
    def operator(self) -> Operator:
        """What an operator reads (sessions, PIN counts, effects, audit) and changes; every change is audited."""
        return self._operator

    @property
    def procedures(self) -> Mapping[str, Chart]:
        """The charts that are served, by name: the three of the library, then the host's own."""
        return self._config.charts

    def _run(self, flow: Flow[T], context: Mapping[str, str] = NO_CONTEXT, *, method: str = "operator") -> T:
        return self._flows.run(flow, self._shell, self._observer, method, context)

    def start(self, procedure: Procedure | Chart | str, *, institution: str, context: Context = None) -> View:
        """Start a session on its first screen (E2); *procedure*: a member of `Procedure`, a chart, or a name.

        Raises UnknownProcedure, UnknownInstitution, BankUnavailable, StoreError.
        """
        around = as_context(Typed(context))
        flow = self._flows.start(self._config, self._flows.chart_for(self._config.charts, procedure), institution)
        return self._run(flow, around, method="start")

    def send(
        self,
        token: str,
        event: str,
        data: object = None,
        *,
        version: int | None = None,
        request_id: str | None = None,
        context: Context = None,
    ) -> View:
        """Handle an event of the customer, and return the answer (S2).

        `data`: a form object, or a mapping of strings. `version`: the version of the view that the customer saw; an
        older one is refused (`stale`). `request_id`: a repeated one takes effect once and gets the same answer. Raises
        UnknownSession, StoreError, UnknownProcedure for a session whose chart this service does not have, and the
        bank's own exceptions.
        """
        token, data, context = cast("str", as_token(token)), Typed(data), cast("None", Typed(context))
        around = as_context(cast("Typed", context), cast("Secret", token))
        flow = self._flows.send(
            self._config, self._flows.submitted(cast("Secret", token), event, data, version, request_id)
        )
        return self._run(flow, around, method="send")

    def view(self, token: str, *, context: Context = None) -> View:
        """The current screen; time passes, and nothing else happens. Raises as `send` does."""
        token, context = cast("str", as_token(token)), cast("None", Typed(context))
        around = as_context(cast("Typed", context), cast("Secret", token))
        return self._run(self._flows.look(self._config, cast("Secret", token)), around, method="view")

    def report_call(self, call: Call, *, session: str | None = None, context: Context = None) -> CallResult:
        """Report an incoming call (P8). `session`: a View's `id`, if the telephony knows whose call it is (P8a)."""
        around = as_context(Typed(context))
        flow = self._flows.report_call(self._config, self._flows.call(call), session)
        return self._run(flow, around, method="report_call")

    def report_keys(
        self,
        call_id: str,
        digits: str,
        *,
        received_at: datetime | None = None,
        entry_id: str | None = None,
        context: Context = None,
    ) -> CallResult:
        """Report one whole entry of keys in a call (P4).

        `received_at`: when it reached the gateway; None: now. `entry_id`: the gateway's own id of this entry, unique in
        its call; a repeated entry gets its first answer and counts once. Without it, two entries are the same if
        `received_at` was given and both it and the digits are equal.
        """
        digits = cast("str", Secret.of(digits)) if isinstance(digits, str) else digits
        around = as_context(Typed(context))
        flow = self._flows.report_keys(self._config, self._flows.keys(call_id, digits, received_at, entry_id))
        return self._run(flow, around, method="report_keys")

    def report_end(self, call_id: str, *, received_at: datetime | None = None, context: Context = None) -> CallResult:
        """Report that a call is over: the caller has hung up, or the gateway has (P4).

        `received_at`: when it was over; None: now. Keys that reached the gateway by then count if they are reported
        within `delivery_grace` of it. The answer is ENDED for a call that is remembered, whatever it has led to.
        """
        around = as_context(Typed(context))
        flow = self._flows.report_end(self._config, self._flows.ended(call_id, received_at))
        return self._run(flow, around, method="report_end")

    def unlock(
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
        """Clear the PIN and identity counts of that account and login id, and its numbers' wrong codes; audited (L6).

        Attempts in doubt are lifted too, those under way never. `by` and `reason` (1 to 200 characters) are audited. A
        lock that the bank has not carried out yet is withdrawn. Raises UnlockRefused, with `until`, while the bank may
        be carrying one out; UnknownAccount, UnknownInstitution, InvalidArgument, BankUnavailable, StoreError.
        """
        what = self._flows.account(institution, branch, subject, account, login_id)
        self._run(
            self._flows.unlock(self._config, what, by=by, reason=reason), as_context(Typed(context)), method="unlock"
        )

    def recover(self) -> int:
        """Deliver again the effects whose lease and back-off are over (C4); returns how many were settled."""
        return self._run(self._flows.recover(self._config), method="recover")

    def expire_due(self) -> int:
        """End sessions whose time has run out (S3); returns how many sessions were moved."""
        return self._run(self._flows.expire_due(self._config), method="expire_due")

    def purge(self) -> int:
        """Delete ended sessions past retention (S8), but no audit records; returns how many sessions were deleted."""
        return self._run(self._flows.purge(self._config), method="purge")

    def ping(self) -> Health:
        """What a health check asks: whether the store answers, the age of the oldest pending effect, the clock.

        Changes nothing and does not ask the bank. A store that does not answer raises nothing (`Health.store` is
        False); what the host's clock raises is passed on. It reads every unanswered effect: ask it once a minute.
        """
        return self._run(self._flows.ping(), method="ping")

"""The operator API: what stands in the store, told without secrets; and acts, each audited."""

from __future__ import annotations

from collections.abc import Mapping
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


class Run(Protocol):
    """How a service runs a flow."""

    def __call__(self, flow: Flow[T], context: Mapping[str, str] = NO_CONTEXT, /) -> T:
        """Answer what the flow asks for, and give what it gives."""


@attrs.frozen(eq=False, repr=False)
class Operator:
    """The operator API. It returns pages of frozen values without secrets; every change is audited.

    Each value is a read-only mapping of its plain form too, and has `to_dict()` (JSON types, times in ISO 8601).
    """

    _run: Run
    _config: Config

    def sessions(
        self, *, limit: int = LIMIT, after: str | None = None, **filters: Unpack[SessionFilters]
    ) -> Page[SessionItem]:
        """Sessions as they were last saved, newest first (by their start); time does not pass for them.

        An ended one is found until `purge()` drops it. Filters: `ref`; `reference` (`View.reference`, as it was read
        out); `account=(institution, branch, subject, account)` or `login_id=(institution, id)`, tried in it, whether
        that failed or not; `session` (the id), `institution`, `procedure`, `state`, `reason` (a code on its view);
        `since`, `until` (aware times, both included). Several narrow it down. `limit`: 1 to 1000. `after`: the `next`
        of the page before. Raises InvalidArgument; with an account UnknownInstitution and BankUnavailable too.
        """
        return self._run(queries.find_sessions(self._config, limit, after, {**filters}))

    def pin_count(self, ref: str) -> int:
        """The number of wrong PINs in a row for the card of contract *ref*."""
        return self._run(queries.read_pin_count(ref))

    def attempts(self, ref: str) -> Attempts:
        """The PIN attempts that count for the card of contract *ref*: wrong, in doubt, under way, locked (L)."""
        return self._run(accounts.read_attempts(self._config, ref))

    def identity(
        self,
        institution: str,
        *,
        branch: str | None = None,
        subject: str | None = None,
        account: str | None = None,
        login_id: str | None = None,
    ) -> IdentityCount:
        """The failed identities of an account (branch, subject, account) or a login id, and when an attempt is free.

        Raises UnknownInstitution, InvalidArgument, BankUnavailable.
        """
        what = accounts.Account(institution, branch, subject, account, login_id)
        return self._run(accounts.read_identity(self._config, what))

    def effects(
        self, *, limit: int = LIMIT, after: str | None = None, **filters: Unpack[EffectFilters]
    ) -> Page[EffectItem]:
        """Effects, without their data, newest first; `status`: pending, overdue, confirmed, refused or withdrawn.

        Other filters, `limit` and `after` as in `sessions`: `ref, reference, session, institution, since, until`.
        """
        return self._run(queries.find_effects(self._config, limit, after, {**filters}))

    def audit(
        self, *, limit: int = LIMIT, after: str | None = None, **filters: Unpack[AuditFilters]
    ) -> Page[AuditItem]:
        """Audit records, newest first; those of the same time in the reverse order of their commits (S7).

        Filters, `limit` and `after` as in `sessions`, and `actor` (who did it). `state` is that after the event.
        """
        return self._run(queries.find_audit(self._config, limit, after, {**filters}))

    def locked(self, *, limit: int = LIMIT, after: str | None = None) -> Page[LockItem]:
        """Contracts that are locked after wrong PINs, by `ref` (L2)."""
        return self._run(queries.list_locks(limit, after))

    def waits(self, *, limit: int = LIMIT, after: str | None = None) -> Page[WaitItem]:
        """Numbers that a session waits for, or that rest, by number; without their last four digits (P8).

        An item for each line. Those of one number are on one page, even if it then has more items than *limit*.
        """
        return self._run(queries.list_waits(limit, after))

    def lift(
        self,
        *,
        number: str | None = None,
        effect: str | None = None,
        by: str,
        reason: str,
        context: Context = None,
    ) -> None:
        """End the rest of *number* (P8), or the lease of the *effect* with that key (C4), before its time; audited.

        Use it for what a wrong clock has left behind; nothing else shortens such a protection. `by` says who does it,
        `reason` why: 1 to 200 characters each, stored in the audit. Raises InvalidArgument if nothing rests or is
        leased, if a session waits for the number, and for unusable arguments; UnknownProcedure or NewerSession if
        it waits by a chart, or a release, that this process does not have.
        """
        flow = acts.lift(self._config, number=number, effect=effect, by=by, reason=reason)
        self._run(flow, as_context(Typed(context)))

    def end(self, session: str, *, by: str, reason: str, context: Context = None) -> None:
        """End the session with that id (a View's `id`): CANCELLED, with the reason `ended_by_operator`; audited.

        As after 申込を中止する, nothing is kept, and its number rests (M3, P8). `by` and `reason`: as in `lift`; the
        customer never sees them. Raises InvalidArgument for a session that is none, that has ended, or that waits for
        the bank's word on its order (COMPLETING: use `settle`); UnknownProcedure for one whose chart is not served.
        """
        self._run(acts.end(self._config, session, by=by, reason=reason), as_context(Typed(context)))

    def retry(self, key: str, *, by: str, reason: str, context: Context = None) -> str:
        """Give the effect with that *key* a new deadline and try it at once; returns its status afterwards (C4).

        For an effect that is overdue, or that rests between two tries. "pending": the bank gave no answer, `recover()`
        goes on. `by` and `reason`: as in `lift`. Raises InvalidArgument for an unknown or settled effect, EffectLeased,
        with `until`, while it is being delivered.
        """
        flow = acts.retry(self._config, key, by=by, reason=reason)
        return self._run(flow, as_context(Typed(context)))

    def settle(
        self,
        key: str,
        *,
        confirmed: bool,
        results: Mapping[str, str] | None = None,
        by: str,
        reason: str,
        context: Context = None,
    ) -> None:
        """Say what became of the effect with that *key*, as the bank does not: its session hears it (C4).

        `confirmed`: the bank has carried it out, with `results` as `carry_out` returns them (ISSUE_TOKEN: `service_id`,
        `user_id`); False: it has not and will not. The customer gets the words of `refused_by_bank`, never the reason.
        The bank is not asked, so make sure first. Raises as `retry` does, and InvalidArgument for missing results.
        """
        flow = acts.settle(self._config, key, was_carried_out=confirmed, results=results, by=by, reason=reason)
        self._run(flow, as_context(Typed(context)))

    def keys(self) -> tuple[KeyUse, ...]:
        """How many stored secrets each of the host's keys has sealed, in their order; then keys that are missing (S5).

        An old key can be dropped when it has sealed none, and `call_memory` has passed since the new one came first:
        retries of calls are recognised by it until then.
        """
        return self._run(rotation.count_keys())

    def reseal(self) -> int:
        """Seal with the first key what the others have sealed; returns how many secrets. Audited, session by session.

        May run while customers are served, and again after it was ended in the middle. What no key opens stays.
        """
        return self._run(rotation.reseal())

    def export(self, ref: str) -> Export:
        """Everything that the store holds of contract *ref*, without secrets; plain JSON by `to_dict()` (S8).

        It shows numbers, e-mail addresses and what hosts have put into `context` in full, so treat it like the bank's
        record. Empty for a contract of which nothing is held. Raises InvalidArgument, BankUnavailable.
        """
        return self._run(exports.export(self._config, ref))

    def erase(self, ref: str, *, by: str, reason: str, context: Context = None) -> Erasure:
        """Remove what the store need not hold of contract *ref*: ended sessions, settled effects, calls, waits (S8).

        Counts and rests that still protect somebody stay, and so does the audit. Records older than
        `SessionPolicy.audit_retention` name a pseudonym in place of the contract. If it was interrupted, call it again.
        `by` and `reason`: as in `lift`; audited. Raises InvalidArgument, and changes nothing, for a ref of which
        nothing is held, and while a session, an effect, a PIN attempt or a wrong PIN of the contract stands;
        BankUnavailable, UnknownProcedure, NewerSession.
        """
        flow = erasure.erase(self._config, ref, by=by, reason=reason)
        return self._run(flow, as_context(Typed(context)))

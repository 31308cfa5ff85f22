"""One way to drive a service: the answers of an asynchronous one are awaited."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar, cast

import attrs

from ja_reset.bank._values import Call, CallResult
from ja_reset.machines import Procedure
from ja_reset.service._async_facade import AsyncResetService
from ja_reset.service._facade import ResetService
from ja_reset.service._view import View
from ja_reset.testing._paging import paged
from ja_reset.testing.cast import Customer

T = TypeVar("T")


@attrs.frozen
class Drive:
    """A service, and the loop that an asynchronous one runs on."""

    service: ResetService | AsyncResetService
    runner: asyncio.Runner | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing is awaited."""
        return isinstance(self.service, ResetService)

    def waited(self, answer: T | Coroutine[object, object, T]) -> T:
        """*answer*; a coroutine is run on the loop until it is there."""
        if not inspect.iscoroutine(answer):
            return cast("T", answer)
        if self.runner is None:
            msg = "an asynchronous service is driven on a loop"
            raise TypeError(msg)
        given: T = self.runner.run(answer)
        return given

    def start(self, procedure: Procedure | str, institution: str) -> View:
        """See `ResetService.start`."""
        return self.waited(self.service.start(procedure, institution=institution))

    def send(
        self,
        token: str,
        event: str,
        data: dict[str, str] | None,
        *,
        version: int | None = None,
        request_id: str | None = None,
    ) -> View:
        """See `ResetService.send`."""
        return self.waited(self.service.send(token, event, data, version=version, request_id=request_id))

    def view(self, token: str) -> View:
        """See `ResetService.view`."""
        return self.waited(self.service.view(token))

    def report_call(self, call: Call, session: str | None) -> CallResult:
        """See `ResetService.report_call`."""
        return self.waited(self.service.report_call(call, session=session))

    def report_keys(self, call_id: str, digits: str, received_at: datetime | None, entry_id: str | None) -> CallResult:
        """See `ResetService.report_keys`."""
        return self.waited(self.service.report_keys(call_id, digits, received_at=received_at, entry_id=entry_id))

    def report_end(self, call_id: str, received_at: datetime | None) -> CallResult:
        """See `ResetService.report_end`."""
        return self.waited(self.service.report_end(call_id, received_at=received_at))

    def unlock(self, customer: Customer) -> None:
        """See `ResetService.unlock`."""
        self.waited(
            self.service.unlock(
                customer.institution,
                branch=customer.branch,
                subject=customer.subject,
                account=customer.account,
                login_id=customer.login_id,
            )
        )

    def open_effect(self, session: str, kind: str) -> str:
        """The key of the session's effect of that kind that is not settled."""
        effects = self.waited(self.service.operator.effects(session=session))
        (key,) = [each["key"] for each in effects if each["kind"] == kind and each["status"] in {"pending", "overdue"}]
        return str(key)

    def retry(self, key: str) -> str:
        """See `Operator.retry`."""
        return self.waited(self.service.operator.retry(key, by="suite", reason="a try"))

    def settle(self, key: str, *, confirmed: bool, results: dict[str, str] | None) -> None:
        """See `Operator.settle`."""
        act = self.service.operator.settle
        self.waited(act(key, confirmed=confirmed, results=results, by="suite", reason="as the bank said"))

    def recover(self) -> int:
        """See `ResetService.recover`."""
        return self.waited(self.service.recover())

    def expire_due(self) -> int:
        """See `ResetService.expire_due`."""
        return self.waited(self.service.expire_due())

    def purge(self) -> int:
        """See `ResetService.purge`."""
        return self.waited(self.service.purge())

    def every(self, ask: Callable[..., Any], **filters: object) -> list[Any]:
        """All items that an operator's call lists, page by page."""
        return paged(lambda after: self.waited(ask(limit=1000, after=after, **filters)))

    def told(self) -> str:
        """All that the operator can read, and what the service shows of itself."""
        reader = self.service.operator
        records = [
            each.to_dict() for ask in (reader.sessions, reader.effects, reader.audit) for each in self.every(ask)
        ]
        return json.dumps(records, ensure_ascii=False) + repr(self.service) + repr(reader)

    def close(self) -> None:
        """Stop the loop."""
        if self.runner is not None:
            self.runner.close()

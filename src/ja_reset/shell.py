"""What flows ask for, answered: the one place with a clock, randomness, a store, a bank, a seal and a log.

Synchronous and asynchronous services share it. Where the store's or the bank's methods are coroutines an answer is
an awaitable, and the asynchronous driver awaits it.
"""

from __future__ import annotations

import inspect
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import attrs

from ja_reset.errors import StoreError
from ja_reset.ports import AsyncBank, Bank, Clock
from ja_reset.rows import AsyncStore, Store
from ja_reset.script import requests as ask
from ja_reset.sealing import Sealer
from ja_reset.secret import Secret
from ja_reset.values import aware_utc

_LOG = logging.getLogger("ja_reset")


@attrs.frozen
class Shell:
    """The host's store, bank and clock, and the seal."""

    bank: Bank | AsyncBank
    store: Store | AsyncStore
    clock: Clock
    sealer: Sealer

    def __call__(self, request: ask.Request) -> Any:  # noqa: ANN401 - each request has its own answer
        """The answer to *request*; a CancelledError, or whatever a port raises, goes to the flow that asked."""
        return _ANSWERS[type(request)](self, request)

    def _now(self, _: ask.Now) -> object:
        return aware_utc(self.clock(), "the clock's reading")

    def _get(self, request: ask.Get) -> object:
        return self.store.get(request.kind, request.key)

    def _commit(self, request: ask.Commit) -> object:
        if not request.puts and not request.audit:
            return True
        made = self.store.commit(request.puts, request.audit)
        if inspect.isawaitable(made):
            return _log_when_made(made, request.audit)
        if made:
            _log(request.audit)
        return made

    def _scan(self, request: ask.Scan) -> object:
        return self.store.scan(request.kind, tag=request.tag, due=request.due, after=request.after)

    def _audit(self, request: ask.ReadAudit) -> object:
        return self.store.audit(session=request.session, limit=request.limit)

    def _ask(self, request: ask.Ask) -> object:
        return getattr(self.bank, request.method)(*request.arguments)

    def _can(self, request: ask.Can) -> object:
        return callable(getattr(self.bank, request.method, None))

    def _fresh(self, request: ask.Fresh) -> object:
        return secrets.token_urlsafe(request.octets)

    def _code(self, request: ask.MakeCode) -> object:
        return Secret("".join(secrets.choice("0123456789") for _ in range(request.digits)))

    def _seal(self, request: ask.Seal) -> object:
        return self.sealer.seal(request.secret, request.context)

    def _open(self, request: ask.Open) -> object:
        return self.sealer.open(request.sealed, request.context)


_ANSWERS: Mapping[type, Callable[[Shell, Any], Any]] = {
    ask.Now: Shell._now,
    ask.Get: Shell._get,
    ask.Commit: Shell._commit,
    ask.Scan: Shell._scan,
    ask.ReadAudit: Shell._audit,
    ask.Ask: Shell._ask,
    ask.Can: Shell._can,
    ask.Fresh: Shell._fresh,
    ask.MakeCode: Shell._code,
    ask.Seal: Shell._seal,
    ask.Open: Shell._open,
}


async def _log_when_made(made: Awaitable[bool], audit: tuple[Mapping[str, object], ...]) -> bool:
    done = await made
    if done:
        _log(audit)
    return done


def _log(audit: tuple[Mapping[str, object], ...]) -> None:
    """A line for each event: the audit's own words, which hold neither secrets nor personal data (S7)."""
    for record in audit:
        _LOG.info(
            "%s %s: %s -> %s %s",
            record.get("session"),
            record.get("event"),
            record.get("before", "-"),
            record.get("after", record.get("status", "-")),
            record.get("reasons"),
        )

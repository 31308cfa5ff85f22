"""Answers the requests of flows: the one place with a clock, randomness, a store, a bank, sealing and a log.

Synchronous and asynchronous services share it. If the methods of the store or the bank are coroutines, an answer is an
awaitable, and the asynchronous driver awaits it.
"""

from __future__ import annotations

import inspect
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import attrs

from ja_reset.bank._values import aware_utc
from ja_reset.secret import Secret
from ja_reset.service import _io as requests
from ja_reset.service._sealing import Sealer
from ja_reset.service.ports import AsyncBank, Bank
from ja_reset.stores.rows import AsyncStore, Store

_LOG = logging.getLogger("ja_reset")
_READING = "the clock's reading"
Pauses = Callable[[float], Awaitable[None] | None]
"""Waits for the given number of seconds."""


@attrs.frozen(eq=False, repr=False)
class Shell:
    """The host's store, bank and clock, and the sealer. A clock that has to connect first returns an awaitable.

    `pause` lets that many seconds pass; an asynchronous one returns an awaitable. `pick` draws a number below another.
    """

    bank: Bank | AsyncBank
    store: Store | AsyncStore
    clock: Callable[[], datetime | Awaitable[datetime]]
    sealer: Sealer
    pause: Pauses
    pick: Callable[[int], int] = secrets.randbelow

    def __call__(self, request: requests.Request) -> Any:  # noqa: ANN401 - each request has its own answer
        """The answer to *request*; a CancelledError, or whatever a port raises, goes to the flow that asked."""
        return ANSWERS[type(request)](self, request)


def _now(shell: Shell, _: requests.Now) -> object:
    reading = shell.clock()
    if type(reading) is not datetime and inspect.isawaitable(reading):
        return _told(reading)
    return aware_utc(reading, _READING)


def _store_clock(shell: Shell, _: requests.StoreClock) -> object:
    now = getattr(shell.store, "now", None)
    reading = now() if callable(now) else None
    return _told(reading) if inspect.isawaitable(reading) else reading


def _get(shell: Shell, request: requests.Get) -> object:
    return shell.store.get(request.kind, request.key)


def _get_many(shell: Shell, request: requests.GetMany) -> object:
    return shell.store.get_many(request.names)


def _commit(shell: Shell, request: requests.Commit) -> object:
    if not request.puts and not request.audit:
        return True
    made = shell.store.commit(request.puts, request.audit)
    if type(made) is not bool and inspect.isawaitable(made):
        return _log_when_made(made, request.audit)
    if made:
        _log(request.audit)
    return made


def _scan(shell: Shell, request: requests.Scan) -> object:
    limits = {} if request.limit is None else {"limit": request.limit}
    return shell.store.scan(request.kind, tag=request.tag, due=request.due, after=request.after, **limits)


def _find(shell: Shell, request: requests.Find) -> object:
    return shell.store.find(
        request.kind,
        request.term,
        since=request.since,
        until=request.until,
        before=request.before,
        limit=request.limit,
    )


def _amend(shell: Shell, request: requests.Amend) -> object:
    return shell.store.amend(request.changes)


def _marks(shell: Shell, request: requests.Marks) -> object:
    return shell.sealer.marks(request.text)


def _ask(shell: Shell, request: requests.Ask) -> object:
    return getattr(shell.bank, request.method)(*request.arguments)


def _can(shell: Shell, request: requests.Can) -> object:
    return callable(getattr(shell.bank, request.method, None))


def _fresh(_: Shell, request: requests.Fresh) -> object:
    return secrets.token_urlsafe(request.octets)


def _make_code(_: Shell, request: requests.MakeCode) -> object:
    every = "0123456789"
    first = every.replace(request.never_first or "none", "")
    return Secret("".join(secrets.choice(every if place else first) for place in range(request.digits)))


def _pick(shell: Shell, request: requests.Pick) -> object:
    return shell.pick(request.of)


def _seal(shell: Shell, request: requests.Seal) -> object:
    return shell.sealer.seal(request.secret, request.context)


def _open(shell: Shell, request: requests.Open) -> object:
    return shell.sealer.open(request.sealed, request.context)


def _key_names(shell: Shell, _: requests.KeyNames) -> object:
    return shell.sealer.key_names


def _key_of(shell: Shell, request: requests.KeyOf) -> object:
    return shell.sealer.key_of(request.sealed, request.context)


def _seal_again(shell: Shell, request: requests.SealAgain) -> object:
    return shell.sealer.seal_again(request.sealed, request.context)


def _fingerprint(shell: Shell, request: requests.Fingerprint) -> object:
    return shell.sealer.fingerprint(request.secret, request.context)


def _recognise(shell: Shell, request: requests.Recognise) -> object:
    return shell.sealer.recognises(request.fingerprint, request.secret, request.context)


def _warn(_: Shell, request: requests.Warn) -> None:
    _LOG.warning("%s", request.what)


def _pause(shell: Shell, request: requests.Pause) -> object:
    return shell.pause(request.span.total_seconds())


ANSWERS: Mapping[type, Callable[[Shell, Any], Any]] = {
    requests.Now: _now,
    requests.StoreClock: _store_clock,
    requests.Get: _get,
    requests.GetMany: _get_many,
    requests.Commit: _commit,
    requests.Scan: _scan,
    requests.Find: _find,
    requests.Amend: _amend,
    requests.Marks: _marks,
    requests.Ask: _ask,
    requests.Can: _can,
    requests.Fresh: _fresh,
    requests.MakeCode: _make_code,
    requests.Pick: _pick,
    requests.Seal: _seal,
    requests.Open: _open,
    requests.KeyNames: _key_names,
    requests.KeyOf: _key_of,
    requests.SealAgain: _seal_again,
    requests.Fingerprint: _fingerprint,
    requests.Recognise: _recognise,
    requests.Warn: _warn,
    requests.Pause: _pause,
}


async def _told(reading: Awaitable[datetime]) -> datetime:
    return aware_utc(await reading, _READING)


async def _log_when_made(made: Awaitable[bool], audit: tuple[Mapping[str, object], ...]) -> bool:
    done = await made
    if done:
        _log(audit)
    return done


def _log(audit: tuple[Mapping[str, object], ...]) -> None:
    """A line for each event: the audit's own words, which hold neither secrets nor personal data (S7).

    The whole record, with the context that the host passed, is the attribute `ja_reset` of the log record.
    """
    if not audit or not _LOG.isEnabledFor(logging.INFO):
        return
    for record in audit:
        _LOG.info(
            "%s %s: %s -> %s %s",
            record.get("session"),
            record.get("event"),
            record.get("before", "-"),
            record.get("after", record.get("status", "-")),
            record.get("reasons"),
            extra={"ja_reset": dict(record)},
        )

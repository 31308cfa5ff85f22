"""How a page learns that its session has moved on: server-sent events, or polling."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256
from typing import Final

from ja_reset import View

_LOOK_EVERY: Final = 1.0
"""Seconds between two looks where nothing rang: another process, or time itself, may have moved the session."""

_LOOKS: Final = 300
"""How many looks one stream lasts; the browser then opens another."""


class Signal:
    """Rings for all that wait; `silence` ends every stream, for good."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.silent = False

    def notify(self) -> None:
        """Wake all that wait now."""
        self._event.set()
        self._event = asyncio.Event()

    def silence(self) -> None:
        """Let every stream end."""
        self.silent = True
        self.notify()

    def next(self) -> Callable[[], Awaitable[None]]:
        """A wait for the next ring, or for a second; what rings between asking for it and waiting is not missed."""
        event = self._event

        async def wait() -> None:
            try:
                await asyncio.wait_for(event.wait(), _LOOK_EVERY)
            except TimeoutError:
                return

        return wait


def mark(view: View) -> str:
    """A short name for what a page shows of this view: another one, and the page is out of date."""
    reasons = [reason.to_dict() for reason in view.reasons]
    shown = [view.version, view.state, reasons, view.tries_left, view.code, view.busy, view.moment, view.windows_left]
    shown.append(view.dial)  # an institution may change it while the session waits, and the version stays
    return sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()[:16]


async def stream(look: Callable[[], Awaitable[View | None]], shown: str, bell: Signal) -> AsyncIterator[str]:
    """Server-sent events: one `moved` as soon as the view is no longer what the page shows, and then the end."""
    yield "retry: 2000\n\n"
    for _ in range(_LOOKS):
        wait = bell.next()
        if bell.silent:
            return
        view = await look()
        if view is None or mark(view) != shown:
            yield "event: moved\ndata: {}\n\n"
            return
        await wait()
        yield ": still here\n\n"

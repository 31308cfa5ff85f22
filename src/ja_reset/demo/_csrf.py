"""What every request passes before a page sees it, and the headers of every answer.

It checks the host, the size and the rate of an address. It is plain ASGI around the application, so that even the page
for a failure has the headers.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from ja_reset.demo._settings import Rate, Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ja_reset.demo._host import Host

    Refuse = Callable[[Scope, Receive, Send, int], Awaitable[None]]

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cache-Control": "no-store",
}
_MOST_ADDRESSES: Final = 20_000
_HOST: Final = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::[0-9]{1,5})?")
_SAFE: Final = frozenset({"GET", "HEAD"})
START_PATH: Final = "/start"


class Allowance:
    """How much each address may still do: token buckets, the addresses longest unseen forgotten first."""

    def __init__(self, rate: Rate, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._now = now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> bool:
        """Whether that address may do one more."""
        now = self._now()
        left, then = self._left.pop(address, (float(self._rate.burst), now))
        left = min(float(self._rate.burst), left + (now - then) * self._rate.per_second)
        allowed = left >= 1
        self._left[address] = (left - allowed, now)
        if len(self._left) > _MOST_ADDRESSES:
            self._left.popitem(last=False)
        return allowed


def network(host: str) -> str:
    """What an address counts as: itself, or the /64 that a customer of IPv6 has whole; IPv4 within IPv6 is IPv4."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:  # noqa: PLR2004 - a version of IP
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


class Shield:
    """The application, shielded; *refuse* answers in its place, with a status."""

    def __init__(self, app: ASGIApp, settings: Settings, refuse: Refuse, host: Host) -> None:
        self.host = host
        self._app = app
        self._settings = settings
        self._refuse = refuse
        self._looks = Allowance(settings.looks)
        self._posts = Allowance(settings.posts)
        self._starts = Allowance(settings.starts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it through, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self._settings.secure:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        headers = Headers(scope=scope)
        status = self._trouble(scope, headers)
        if status is not None:
            await self._refuse(scope, receive, send_with_headers, status)
            return
        await self._app(scope, self._counted(receive), send_with_headers)

    def _trouble(self, scope: Scope, headers: Headers) -> int | None:
        """The status to refuse it with, if any."""
        length = headers.get("content-length", "0")
        if not _may_be_reached_by(headers.getlist("host"), self._settings.hosts):
            return 400
        if not length.isascii() or not length.isdigit():
            return 400
        if int(length[:20]) > self._settings.body_limit:
            return 413
        return None if self._allowed(scope) else 429

    def _allowed(self, scope: Scope) -> bool:
        address = network(scope["client"][0] if scope.get("client") else "")
        if scope["method"] in _SAFE:
            return self._looks.take(address)
        return self._posts.take(address) and (scope["path"] != START_PATH or self._starts.take(address))

    def _counted(self, receive: Receive) -> Receive:
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._settings.body_limit:
                raise HTTPException(413)
            return message

        return counting


def _may_be_reached_by(given: Sequence[str], names: frozenset[str] | None) -> bool:
    """Whether the Host headers are one, are a host and a port and nothing else, and name one of *names* (None: any)."""
    if names is None and not given:
        return True  # HTTP/1.0
    found = _HOST.fullmatch(given[0]) if len(given) == 1 else None
    return found is not None and (names is None or found["name"].lower() in names)

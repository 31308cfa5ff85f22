"""The demo served: a socket on this machine, until Ctrl-C."""

from __future__ import annotations

import errno
import socket
import sys
from types import FrameType
from typing import Final

import uvicorn

from ja_reset.demo._app import create_app
from ja_reset.demo._csrf import Shield
from ja_reset.demo._settings import Settings
from ja_reset.demo._world import World

_BACKLOG: Final = 128
_SWITCH: Final = 0.0005
"""Seconds, a tenth of the interpreter's own: a page asks its store several times, and each answer waits for a turn."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


class CannotListenError(Exception):
    """The address cannot be had; says in one line why, and what to do."""


class _Server(uvicorn.Server):
    """A server that ends its streams when it is told to stop, so that stopping waits for nobody."""

    def __init__(self, config: uvicorn.Config, app: Shield) -> None:
        super().__init__(config)
        self._shield = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ctrl-C, or the like."""
        self._shield.host.bell.silent = True
        super().handle_exit(sig, frame)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises CannotListenError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # by its protocol's name: asyncio sends small packets at once only where it sees that a socket speaks TCP
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = "is in use; name another with --port" if taken else "cannot be had; name others with --host and --port"
        msg = f"port {port} of {host} {why}"
        raise CannotListenError(msg) from None
    return listener


def address_of(listener: socket.socket) -> str:
    """The address to open in a browser."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def hosts_of(listener: socket.socket) -> frozenset[str] | None:
    """The names that a browser may reach that socket by; None, any, where it listens to all the world."""
    host = str(listener.getsockname()[0])
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return None
    return _LOOPBACK | {f"[{host}]" if ":" in host else host}


def hand_over_soon() -> None:
    """Let the thread of a store that has its answer wait less long for the loop's thread, which renders pages."""
    sys.setswitchinterval(_SWITCH)


def config_of(app: Shield, *, log_level: str) -> uvicorn.Config:
    """How the demo is served: without a proxy, so an address is the one that connects, whatever a header claims."""
    return uvicorn.Config(
        app,
        log_level=log_level,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
        lifespan="on",
    )


def serve(world: World, settings: Settings, listener: socket.socket) -> None:
    """Serve until Ctrl-C (or SIGTERM)."""
    hand_over_soon()
    app = create_app(world, settings)
    _Server(config_of(app, log_level="warning"), app).run(sockets=[listener])

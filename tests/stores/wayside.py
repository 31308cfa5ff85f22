"""The way between a store and its server, on loopback: it counts exchanges, and can break off in the midst of one."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_PIECE: Final = 1 << 20


class Wayside:
    """A relay before the server whose socket is in *folder* when a client comes; `url` leads through it.

    `exchanges`: how often a client has sent something and then had an answer: what it sends until then is one burst.
    """

    def __init__(self, folder: Path) -> None:
        self._server = f"{folder}/.s.PGSQL.5432"
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._cut: str | None = None
        self._holds = False
        self._left = threading.Event()
        self.held = threading.Event()
        self.exchanges = 0
        port = self._listening.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=disable&gssencmode=disable"
        self._start(self._accept)

    def cut(self, when: str) -> None:
        """Break the connection at the next burst.

        "before": nothing of it reaches the server; "half": its first half does; "sent": all of it does, and nobody
        waits for an answer; "after": the answer is there, and is lost.
        """
        self._cut = when

    def hold(self) -> None:
        """Keep the next client waiting (`held` is set when it has come), until another client leaves."""
        self._holds = True

    def refuse(self) -> None:
        """Let nobody in any more."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _start(self, work: object, *words: object) -> None:
        thread = threading.Thread(target=work, args=words, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:  # closed
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            self._open += [client, server]
            holds, self._holds = self._holds, False
            self._start(self._relay, client, server, holds)

    def _relay(self, client: socket.socket, server: socket.socket, holds: object) -> None:
        if holds:
            self._left.clear()
            self.held.set()
            self._left.wait()
        with ExitStack() as ended:
            ended.callback(self._left.set)
            ended.enter_context(suppress(OSError))  # one of the two is gone
            ended.enter_context(client)
            ended.enter_context(server)
            asked = False
            while True:
                ready, _, _ = select.select([client, server], [], [])
                if client in ready:
                    piece = client.recv(_PIECE)
                    cut, self._cut = (self._cut, None) if piece else (None, self._cut)
                    if not piece or cut == "before":
                        return
                    if cut == "half":
                        server.sendall(piece[: len(piece) // 2])
                        return
                    server.sendall(piece)
                    asked = True
                    if cut == "after":
                        server.recv(_PIECE)
                    if cut:
                        return
                elif server in ready:
                    piece = server.recv(_PIECE)
                    if not piece:
                        return
                    self.exchanges += asked
                    asked = False
                    client.sendall(piece)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listening.fileno() != -1:
            self.refuse()
        for each in self._open:
            with suppress(OSError):  # its thread may close it at the same moment
                each.shutdown(socket.SHUT_RDWR)
        self._left.set()
        for thread in self._threads:
            thread.join()

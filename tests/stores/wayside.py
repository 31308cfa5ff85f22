"""The way between a store and its server, on loopback: it counts exchanges, and can break off in the midst of one."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from ja_reset.testing.postgres import PostgresServer

_PIECE: Final = 1 << 20


class Wayside:
    """A relay before *server*; `url` leads through it.

    `exchanges`: how often a client has sent something and then had an answer: what it sends until then is one burst.
    """

    def __init__(self, server: PostgresServer) -> None:
        self._server = f"{server.folder}/.s.PGSQL.5432"
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._cut: str | None = None
        self.exchanges = 0
        self.url = f"{urlsplit(server.url).scheme}://postgres@127.0.0.1:{self._listening.getsockname()[1]}/postgres?sslmode=disable&gssencmode=disable"
        self._start(self._accept)

    def cut(self, when: str) -> None:
        """Break the connection at the next burst.

        "before": nothing of it reaches the server; "half": its first half does; "sent": all of it does, and nobody
        waits for an answer; "after": the answer is there, and is lost.
        """
        self._cut = when

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
            self._start(self._relay, client, server)

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        with client, server, suppress(OSError):  # one of the two is gone
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
            if each.fileno() != -1:
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

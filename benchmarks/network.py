"""What a LOGIN_PASSWORD costs over a network of 1 ms, and how often it then waits for the server.

A relay on loopback holds everything back for half a millisecond each way, and counts the exchanges. The whole run, from
`start` to the answer of `submit_reset`, is measured beside the bare driver that says the same statements in the fewest
trips possible: one for each commit, and one for all that is read between two commits.
"""

from __future__ import annotations

import multiprocessing
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection as Pipe
from types import TracebackType
from typing import Final, Self

import psycopg
from bare import bare_postgres
from harness import Figure, at_most, interleaved, paired
from recording import record
from turn import KEY, Bank, customers, play

from ja_reset import ResetService
from ja_reset.stores import PostgresStore
from ja_reset.testing import FakeClock
from ja_reset.testing.postgres import PostgresServer

SCHEMA: Final = "ja_reset"
TRIP: Final = 0.001
"""Seconds there and back."""
RUNS: Final = 4
"""In a sample."""
_PIECE: Final = 1 << 20


class Relay:
    """A process before *server*; `url` leads through it."""

    def __init__(self, server: PostgresServer) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipe, there = spawn.Pipe()
        self._process = spawn.Process(target=_relay, args=(there, f"{server.folder}/.s.PGSQL.5432"), daemon=True)
        self._process.start()
        self.url = f"postgresql://postgres@127.0.0.1:{self._pipe.recv()}/postgres?sslmode=disable&gssencmode=disable"

    def exchanges(self) -> int:
        """How often a client has sent something and then had an answer, up to now."""
        self._pipe.send("how many")
        return int(self._pipe.recv())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe.send(None)
        self._process.join()


class _Line:
    """One connection through the relay."""

    def __init__(self) -> None:
        self._asked = False
        self.exchanges = 0

    def asks(self) -> None:
        self._asked = True

    def answers(self) -> None:
        self.exchanges += self._asked
        self._asked = False


def _relay(pipe: Pipe, server: str) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    lines: list[_Line] = []
    threading.Thread(target=_accept, args=(listening, server, lines), daemon=True).start()
    pipe.send(listening.getsockname()[1])
    while pipe.recv() is not None:
        pipe.send(sum(line.exchanges for line in lines))


def _accept(listening: socket.socket, server: str, lines: list[_Line]) -> None:
    while True:
        client, _ = listening.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        behind = socket.socket(socket.AF_UNIX)
        behind.connect(server)
        line = _Line()
        lines.append(line)
        for source, sink, noted in ((client, behind, line.asks), (behind, client, line.answers)):
            pieces: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
            threading.Thread(target=_take, args=(source, pieces, noted), daemon=True).start()
            threading.Thread(target=_give, args=(sink, pieces), daemon=True).start()


def _take(source: socket.socket, pieces: queue.SimpleQueue[tuple[float, bytes]], noted: Callable[[], None]) -> None:
    while True:
        piece = b""
        with suppress(OSError):
            piece = source.recv(_PIECE)
        if piece:
            noted()
        pieces.put((time.perf_counter() + TRIP / 2, piece))
        if not piece:
            return


def _give(sink: socket.socket, pieces: queue.SimpleQueue[tuple[float, bytes]]) -> None:
    while True:
        due, piece = pieces.get()
        left = due - time.perf_counter()
        if left > 0:
            time.sleep(left)
        with suppress(OSError):
            if not piece:
                sink.shutdown(socket.SHUT_RDWR)
                return
            sink.sendall(piece)


def figures(rounds: int) -> Iterator[Figure]:
    """The exchanges of a run, and its time at 1 ms a trip beside that of the bare driver."""
    everyone = customers((rounds + 1) * RUNS)
    waiting, endings = iter(everyone), count()
    tape, _ = record()
    with (
        PostgresServer(fsync=True) as server,
        Relay(server) as relay,
        PostgresStore(relay.url, schema=SCHEMA) as store,
        psycopg.connect(relay.url, autocommit=True) as connection,
    ):
        service = ResetService(bank=Bank(everyone), store=store, key=KEY, clock=FakeClock())
        bare = bare_postgres(tape, connection, SCHEMA, way="fewest")
        trips: dict[str, int] = {}

        def measured(name: str, run: Callable[[], object]) -> float:
            before, began = relay.exchanges(), time.perf_counter()
            for _ in range(RUNS):
                run()
            taken = (time.perf_counter() - began) / RUNS * 1e3
            trips[name] = (relay.exchanges() - before) // RUNS
            return taken

        ways = {
            "run": lambda: measured("run", lambda: play(service, next(waiting))),
            "driver": lambda: measured("driver", lambda: bare(f"-{next(endings)}")),
        }
        found = interleaved(ways, rounds)
    yield Figure(
        key="network.exchanges",
        words=("exchanges with PostgreSQL in a LOGIN_PASSWORD", "LOGIN_PASSWORD 1回でのPostgreSQLとの往復"),
        samples=(float(trips["run"]),),
        goal=at_most(22),
        beside={"driver, fewest": (float(trips["driver"]), "")},
    )
    yield paired(
        "network.run",
        (
            "LOGIN_PASSWORD on PostgreSQL at 1 ms a trip : the bare driver",
            "往復1 msのPostgreSQLでのLOGIN_PASSWORD : ドライバーのみ",
        ),
        found,
        of=("run", "driver"),
        unit="ms",
        goal=at_most(1.3),
    )

"""What the stores cost beside their bare drivers: `make bench-stores` prints the figures of docs/deployment.md.

The unit is the store's part of a whole LOGIN_PASSWORD run (benchmarks/recording.py), as durable as in production:
SQLite with synchronous=FULL, PostgreSQL with fsync on. Each pair is measured in turn, round by round, by the wall's
clock: one run each, at once after each other, as a machine does other things too. Printed is the median of the
rounds' ratios, with the quartiles. Clients are processes; those of the awaited store are tasks of one event loop.
`--sizes`: how many stored sessions the curve goes through.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import multiprocessing
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, closing, contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import psycopg
from bare import bare_postgres, bare_postgres_awaited, bare_sqlite
from harness import Figure, Goal, at_least, paired
from recording import AwaitedTurn, Turn, ours, ours_awaited, record

from ja_reset.service._records import WAIT
from ja_reset.stores import AsyncPostgresStore, PostgresStore, SqliteStore
from ja_reset.stores import _statements as statements
from ja_reset.stores.postgres._plans import Plans
from ja_reset.stores.rows import Store
from ja_reset.testing.postgres import PostgresServer

RUNS = 6
ROUNDS = 5
WARMING = 6
"""Runs of each way before the first round: every statement is prepared then, and every page is warm."""
SCHEMA = "ja_reset"
SESSIONS_PER_WAIT = 20
LOOKS = 200
DUE = 1_800_000_000_000_000


def main() -> None:
    """Print the tables that are asked for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="1000,10000,100000,1000000")
    options.add_argument("--rounds", type=int, default=41)
    options.add_argument("--only", choices=["beside", "curve"])
    asked = options.parse_args()
    if asked.only != "curve":
        for figure in figures(asked.rounds):
            print(figure.line())
    if asked.only != "beside":
        sizes = [int(size) for size in asked.sizes.split(",")]
        print("by stored sessions: µs a turn (ours, bare), µs to find who waits for a number (ours, bare)")
        with tempfile.TemporaryDirectory() as folder:
            _curve("SQLite", Path(folder) / "bench.db", sizes)
        with PostgresServer(fsync=True) as server:
            _curve("PostgreSQL", server.url, sizes)


# Clients ----------------------------------------------------------------------------------------------------


def figures(rounds: int) -> Iterator[Figure]:
    """The store's part of a run, driver : store, of one client and of eight."""
    for clients in (1, 8):
        with tempfile.TemporaryDirectory() as folder:
            times = _beside([("sqlite", f"{folder}/bench.db")], clients, rounds)
        yield _figure("SQLite", "sqlite", clients, times, goal=at_least(0.85) if clients == 1 else None)
        with PostgresServer(fsync=True) as server:
            times = _beside([("postgres", server.url), ("postgres-plain", server.url)], clients, rounds)
            awaited = asyncio.run(_awaited_beside(server.url, clients, rounds))
        yield _figure("PostgreSQL", "postgres", clients, times, goal=at_least(0.85))
        yield _figure("PostgreSQL, one statement at a time", "postgres-plain", clients, times)
        yield _figure("PostgreSQL, awaited", "postgres-awaited", clients, awaited, goal=at_least(0.85))


def _figure(
    name: str, way: str, clients: int, times: Mapping[str, Sequence[float]], *, goal: Goal | None = None
) -> Figure:
    client = ("task", "タスク") if way == "postgres-awaited" else ("client", "クライアント")
    several = f"{clients} {client[0]}{'s' if clients > 1 else ''}"
    words = (
        f"{name}, {several}, driver : store",
        f"{_japanese(name)}、{client[1]}{clients}つ、ドライバー : ストア",
    )
    found = {"driver": times[way], "store": times["ours"]}
    return paired(f"stores.{way}.{clients}", words, found, of=("driver", "store"), unit="ms", goal=goal)


def _japanese(name: str) -> str:
    return name.replace(", one statement at a time", "(1文ずつ)").replace(", awaited", "(非同期)")


def _beside(kinds: Sequence[tuple[str, str]], clients: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of a run in each round: clients are processes, which play through our store and each bare driver."""
    with open_store(*kinds[0]):
        pass
    spawn = multiprocessing.get_context("spawn")
    pipes, workers = [], []
    for number in range(clients):
        here, there = spawn.Pipe()
        worker = spawn.Process(target=_client, args=(there, number, list(kinds)), daemon=True)
        worker.start()
        pipes.append(here)
        workers.append(worker)
    ways = ["ours", *(kind for kind, _ in kinds)]
    for way in ways * WARMING:
        _all_play(pipes, way)
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            times[way].append(_all_play(pipes, way) / 1e3)
    for pipe, worker in zip(pipes, workers, strict=True):
        pipe.send(None)
        worker.join()
    return times


def _all_play(pipes: Sequence[Pipe], way: str) -> float:
    """Microseconds of a run, the median of all that all clients played side by side."""
    for pipe in pipes:
        pipe.send(way)
    return statistics.median(each for pipe in pipes for each in pipe.recv())


async def _awaited_beside(url: str, tasks: int, rounds: int) -> dict[str, list[float]]:
    """The same of tasks of one event loop, which share our store; each has a connection of the bare driver's."""
    tape, _ = record()
    async with AsyncExitStack() as opened:
        store = await opened.enter_async_context(AsyncPostgresStore(url, schema=SCHEMA))
        connections = [await psycopg.AsyncConnection.connect(url, autocommit=True) for _ in range(tasks)]
        for connection in connections:
            opened.push_async_callback(connection.close)
        ways: dict[str, list[AwaitedTurn]] = {
            "ours": [ours_awaited(tape, store)] * tasks,
            "postgres-awaited": [bare_postgres_awaited(tape, connection, SCHEMA) for connection in connections],
        }
        times: dict[str, list[float]] = {way: [] for way in ways}
        for round_number in range(-WARMING, rounds):
            for way, turns in ways.items():
                endings = [f"-awaited-{way}-{task}-{round_number}" for task in range(tasks)]
                each = await asyncio.gather(*map(_awaited_time, turns, endings))
                if round_number >= 0:
                    times[way].append(statistics.median(each))
        return times


async def _awaited_time(turn: AwaitedTurn, ending: str) -> float:
    """Milliseconds of one run."""
    began = time.perf_counter()
    await turn(ending)
    return (time.perf_counter() - began) * 1e3


def _client(pipe: Pipe, number: int, kinds: Sequence[tuple[str, str]]) -> None:
    tape, _ = record()
    with open_store(*kinds[0]) as store, open_bare(kinds[0][0], kinds[0][1]) as first:
        turns: dict[str, Turn] = {"ours": ours(tape, store), kinds[0][0]: first}
        with open_bare(*kinds[-1]) as last:
            turns.setdefault(kinds[-1][0], last)
            played = 0
            while (way := pipe.recv()) is not None:
                played += 1
                pipe.send(_times(turns[way], [f"-{number}-{played}"]))


@contextmanager
def open_store(kind: str, where: str) -> Iterator[Store]:
    """Our store there."""
    with closing(
        SqliteStore(where, busy_timeout=timedelta(minutes=5))
        if kind == "sqlite"
        else PostgresStore(where, schema=SCHEMA)
    ) as store:
        yield store


@contextmanager
def open_bare(kind: str, where: str) -> Iterator[Turn]:
    """A run that says the same statements there through the bare driver."""
    tape, _ = record()
    if kind == "sqlite":
        with closing(sqlite3.connect(where, isolation_level=None, timeout=300)) as file:
            file.execute("PRAGMA synchronous = FULL")
            file.execute("PRAGMA secure_delete = ON")
            yield bare_sqlite(tape, file)
    else:
        with psycopg.connect(where, autocommit=True) as connection:
            yield bare_postgres(tape, connection, SCHEMA, way="plain" if kind.endswith("plain") else "pipeline")


# Growth -----------------------------------------------------------------------------------------------------


def _curve(name: str, where: str | Path, sizes: Sequence[int]) -> None:
    kind = "sqlite" if isinstance(where, Path) else "postgres"
    tape, turns = record()
    with open_store(kind, str(where)) as store, open_bare(kind, str(where)) as bare:
        our, stored = ours(tape, store), 0
        for size in sizes:
            _fill(kind, str(where), stored, size)
            stored = size
            keys = [f"+8190{random.randrange(size // SESSIONS_PER_WAIT):08d}" for _ in range(LOOKS)]  # noqa: S311
            looks = (lambda key: store.get(WAIT, key), _bare_look(kind, str(where)))
            figures: list[list[float]] = [[], [], [], []]
            for round_number in range(ROUNDS + 1):
                measured = []
                for way, turn in (("o", our), ("b", bare)):
                    endings = [f"-{size}-{round_number}-{way}-{n}" for n in range(RUNS)]
                    measured.append(_each(turn, endings) / turns)
                measured += [_each(look, keys) for look in looks]
                if round_number:  # the first one warms up
                    for figure, one in zip(figures, measured, strict=True):
                        figure.append(one)
            shown = "".join(f"{statistics.median(figure):10.0f}" for figure in figures)
            print(f"{name:<12}{size:>10}{shown}")


def _each(work: Callable[[str], object], names: Sequence[str]) -> float:
    """Microseconds of one call, the median."""
    return statistics.median(_times(work, names))


def _times(work: Callable[[str], object], names: Sequence[str]) -> list[float]:
    times = []
    for name in names:
        began = time.perf_counter()
        work(name)
        times.append((time.perf_counter() - began) * 1e6)
    return times


def _bare_look(kind: str, where: str) -> Callable[[str], object]:
    if kind == "sqlite":
        file = sqlite3.connect(where, isolation_level=None)
        return lambda key: file.execute(statements.GET, (WAIT, key)).fetchone()
    statement = Plans(SCHEMA, "")._here(statements.GET)  # noqa: SLF001 - the very statement
    connection = psycopg.connect(where, autocommit=True)
    return lambda key: connection.execute(statement, (WAIT, key)).fetchone()


def _rows(first: int, last: int) -> Iterator[tuple[str, str, str, str, str, int | None]]:
    """Sessions, one in twenty under way and waiting for its number; each with its last request and a PIN count."""
    body = json.dumps({"form": 1, "text": "x" * 380})
    small = json.dumps({"text": "x" * 100})
    # in the order of the keys, as only so a million rows are filled in in minutes
    keys = sorted((hashlib.sha256(str(n).encode()).hexdigest(), n) for n in range(first, last))
    for key, n in keys:
        yield "session", key, "s", body, "ended" if n % SESSIONS_PER_WAIT else "live", DUE + n
    for key, _ in keys:
        yield "request", key, "s", small, "", None
    for n in range(first, last):
        yield "pin", f"C-{n:09d}", "s", small, "", None
    for n in range(first, last, SESSIONS_PER_WAIT):
        yield WAIT, f"+8190{n // SESSIONS_PER_WAIT:08d}", "s", small, "", DUE + n


def _fill(kind: str, where: str, first: int, last: int) -> None:
    if kind == "sqlite":
        with closing(sqlite3.connect(where)) as file, file:
            file.execute("PRAGMA synchronous = OFF")
            file.executemany(statements.INSERT, ((*row, 0) for row in _rows(first, last)))
        return
    with psycopg.connect(where) as connection:
        words = f"COPY {SCHEMA}.rows (kind, key, stamp, body, tag, due) FROM STDIN"
        with connection.cursor().copy(words.encode()) as copy:
            for row in _rows(first, last):
                copy.write_row(row)
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(f"VACUUM ANALYZE {SCHEMA}.rows".encode())
        connection.execute("CHECKPOINT")


if __name__ == "__main__":
    main()

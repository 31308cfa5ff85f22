"""How one service scales with its threads: LOGIN_PASSWORDs a second of 1, 2 and 8, on memory and in an SQLite file.

    python benchmarks/run.py --only threads

Runs on either kind of CPython. Without a GIL, the figures tell how much of a run is held up by what threads share. With
one, threads overlap only where they wait: on memory, eight can at best be as fast as one, and are not to be slower.
Beside stands a loop of plain Python that shares nothing with its neighbours: what the interpreter and the cores make
possible. The CPU time of a piece of work tells what threads cost each other, also on a machine that does other things.
So does the share of a run in which the lock of a MemoryStore is held: no more threads than 1 : share are ever at work.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Barrier, RLock
from typing import Final

from harness import Figure, at_least, interleaved
from turn import KEY, Bank, customers, play

from ja_reset import ResetService
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing import Customer, FakeClock

THREADS: Final = (1, 2, 8)
RUNS: Final = 24
"""In a sample, of all threads together."""
STEPS: Final = 120_000
"""Of a loop, which then takes about as long as a run."""
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "memory": ("LOGIN_PASSWORD on memory", "LOGIN_PASSWORD(メモリ)"),
    "sqlite": ("LOGIN_PASSWORD on SQLite", "LOGIN_PASSWORD(SQLite)"),
    "loop": ("a loop of plain Python", "Pythonのループのみ"),
}


def figures(rounds: int) -> Iterator[Figure]:
    """How many times as much 8 threads do in a second as one does; beside it, what each number of threads does."""
    everyone = customers(2 * len(THREADS) * (rounds + 1) * RUNS)
    unseen = iter(everyone)
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(SqliteStore(Path(folder) / "bench.db", busy_timeout=timedelta(minutes=5))) as file,
    ):
        works = {"memory": _runs(everyone, MemoryStore(), unseen), "sqlite": _runs(everyone, file, unseen)}
        works["loop"] = lambda: [_loop] * RUNS
        spent: dict[str, list[float]] = defaultdict(list)
        ways = {
            f"{name} {number}": partial(_rate, work, number, spent[f"{name} {number}"])
            for name, work in works.items()
            for number in THREADS
        }
        found = interleaved(ways, rounds)
    one, *_, most = THREADS
    for name, (english, japanese) in WORDS.items():
        yield Figure(
            key=f"threads.{name}.{most}",
            words=(f"{english}, {most} threads : 1 thread", f"{japanese}、スレッド{most}つ : 1つ"),
            samples=tuple(a / b for a, b in zip(found[f"{name} {most}"], found[f"{name} {one}"], strict=True)),
            unit="×",
            goal=at_least(0.9) if name == "memory" else None,
            beside={
                **{f"{number}:": (statistics.median(found[f"{name} {number}"]), "/s") for number in THREADS},
                **{f"CPU {number}:": (statistics.median(spent[f"{name} {number}"]), "ms") for number in (one, most)},
            },
        )
    yield Figure(
        key="threads.lock",
        words=(
            "LOGIN_PASSWORD on memory: CPU time with the store's lock held",
            "LOGIN_PASSWORD(メモリ): ストアのロックを持つCPU時間",
        ),
        samples=tuple(_held(number) for number in range(rounds)),
        unit="%",
    )


Work = Callable[[], Sequence[Callable[[], object]]]
"""Gives what is to be done in a sample, in pieces."""


def _runs(everyone: Sequence[Customer], store: Store, unseen: Iterator[Customer]) -> Work:
    """Runs of customers whom nobody has seen, on one service."""
    service = ResetService(bank=Bank(everyone), store=store, key=KEY, clock=FakeClock())
    return lambda: [partial(play, service, next(unseen)) for _ in range(RUNS)]


def _loop() -> int:
    total = 0
    for number in range(STEPS):
        total += number & 7
    return total


def _rate(work: Work, threads: int, spent: list[float]) -> float:
    """Pieces done in a second by that many threads, each with its share; *spent* gets the CPU time of one, in ms."""
    pieces = work()
    meeting = Barrier(threads + 1)

    def share(number: int) -> None:
        meeting.wait()
        for piece in pieces[number::threads]:
            piece()

    with ThreadPoolExecutor(threads) as pool:
        done = [pool.submit(share, number) for number in range(threads)]
        meeting.wait()
        began, cpu = time.perf_counter(), time.process_time()
        for each in done:
            each.result()
        taken = time.perf_counter() - began
    spent.append((time.process_time() - cpu) / len(pieces) * 1e3)
    return len(pieces) / taken


class _Watch:
    """A lock that says how many seconds of CPU time it was held, but for the time that asking the clock takes."""

    def __init__(self, lock: RLock) -> None:
        self._lock = lock
        self._began = 0.0
        self.held = 0.0

    def __enter__(self) -> None:
        self._lock.acquire()
        self._began = time.thread_time()

    def __exit__(self, *_: object) -> None:
        now = time.thread_time()
        self.held += max(0.0, (now - self._began) - (time.thread_time() - now))
        self._lock.release()


def _held(_round: int) -> float:
    """Per cent of a thread's CPU time, in runs one after the other."""
    everyone, store = customers(2 * RUNS), MemoryStore()
    service = ResetService(bank=Bank(everyone), store=store, key=KEY, clock=FakeClock())
    began = time.thread_time()
    for customer in everyone[:RUNS]:
        play(service, customer)
    whole = time.thread_time() - began
    watch = _Watch(RLock())
    store._turn = lambda: watch  # noqa: SLF001 - in place of its lock
    for customer in everyone[RUNS:]:
        play(service, customer)
    return 100 * watch.held / whole

"""A program that drives customers until it is killed, and its forking server: `python crash_worker.py`, jobs by line.

The server has no threads and has everything imported, so a fork of it is sound and costs little. A job names a journey,
a folder and how its process dies: at a numbered boundary by its own hand (before and after each commit and each
question to the bank), or after a number of seconds by the server's.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import attrs
import pytest

import faults
from file_bank import FileBank
from ja_reset.stores.rows import Store
from ja_reset.testing._bank import METHODS
from journeys import Clumsy, Journey, Place

KILLED = -signal.SIGKILL
READS = frozenset({"get", "scan", "audit"})
CHANGES = frozenset({"commit", *METHODS})


@attrs.frozen
class Job:
    """What a victim does. `ends`: the boundary at which it dies (0: at none); `delay`: seconds until it is killed.

    `reads`: whether there is a boundary before a read too, after which nothing outside is other than before it.
    `without`: the safeguard that is taken out of the library (`faults`).
    """

    journey: str
    folder: str
    store: str = "sqlite"
    schema: str = "ja_reset"
    ends: int = 0
    delay: float | None = None
    reads: bool = False
    without: str | None = None


class Boundaries:
    """Counts the boundaries of a process, and is its end at one of them."""

    def __init__(self, ends: int, *, reads: bool) -> None:
        self.count = 0
        self._ends = ends
        self._named = CHANGES | READS if reads else CHANGES

    def cross(self) -> None:
        """Come to the next one."""
        self.count += 1
        if self.count == self._ends:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, inner: object) -> object:
        """A store or a bank whose calls have boundaries."""
        return _Bounded(inner, self, self._named)


class _Bounded:
    def __init__(self, inner: object, boundaries: Boundaries, named: frozenset[str]) -> None:
        self._inner = inner
        self._boundaries = boundaries
        self._named = named

    def __getattr__(self, name: str) -> object:
        found = getattr(self._inner, name)
        if name not in self._named:
            return found

        def bounded(*args: object, **options: object) -> object:
            self._boundaries.cross()
            answer = cast("Callable[..., object]", found)(*args, **options)
            if name in CHANGES:
                self._boundaries.cross()
            return answer

        return bounded


def live(job: Job) -> int:
    """Drive the journey to its end, or to that of the process; how many boundaries there were."""
    journey, place = Journey.of(job.journey), Place(Path(job.folder), job.store, job.schema)
    boundaries = Boundaries(job.ends, reads=job.reads)
    with place.opened() as opened:  # type: ignore[attr-defined]  # every store is its own context
        store, bank = boundaries.around(opened), boundaries.around(place.bank(journey))
        service = place.service(journey, cast("Store", store), cast("FileBank", bank))
        Clumsy(journey, place).goes_to(service)
    return boundaries.count


def fork(job: Job) -> dict[str, object]:
    """Live in a process of its own: how that ended, and what it has told."""
    told, tells = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if job.without is not None:
                faults.FAULTS[job.without](pytest.MonkeyPatch())
            os.write(tells, str(live(job)).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(tells)
    if job.delay is not None:
        time.sleep(job.delay)
        os.kill(child, signal.SIGKILL)  # not waited for yet, so the number is nobody else's
    began = time.monotonic()
    _, status = os.waitpid(child, 0)
    with os.fdopen(told, "rb") as pipe:
        count = pipe.read()
    code = os.waitstatus_to_exitcode(status)
    return {"exit": code, "count": int(count or 0), "seconds": time.monotonic() - began}


def serve() -> None:
    """Do a job for each line, and tell of it in a line."""
    for line in sys.stdin:
        print(json.dumps(fork(Job(**json.loads(line)))), flush=True)  # noqa: T201 - how it answers


class Victims:
    """The server, as tests reach it."""

    def __init__(self) -> None:
        self._program = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},  # the modules beside which tests stand
        )

    def live(self, job: Job) -> dict[str, float]:
        """How a victim of that job has ended: `exit`, `count` of boundaries where it was not killed, `seconds`."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(json.dumps(attrs.asdict(job)) + "\n")
        self._program.stdin.flush()
        return cast("dict[str, float]", json.loads(self._program.stdout.readline()))

    def close(self) -> None:
        """End the server."""
        self._program.communicate()


if __name__ == "__main__":
    serve()

"""One command in several processes: the same program again, each with arguments of its own, the output in order.

A child is given names only and imports what they name, as this process did, so nothing has to be pickled.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from typing import Final

import attrs

_PROGRAM: Final = (
    "import sys; path, *given = sys.argv[1:]; sys.path[:] = path.split({!r}); "
    "from ja_reset.cli import main; sys.exit(main(given))"
)


@attrs.frozen
class Ended:
    """How a child ended: its exit code, what it printed, and its last words on stderr (progress is told at once)."""

    code: int
    out: str
    err: str


def cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def can_import(names: Sequence[str]) -> bool:
    """Whether a child finds each MODULE:NAME too; it does not find what is no file, such as a script's `__main__`."""
    modules = (sys.modules.get(name.partition(":")[0]) for name in names)
    return bool(sys.executable) and all(getattr(each, "__spec__", None) is not None for each in modules)


@contextmanager
def side_by_side(commands: Sequence[Sequence[str]], jobs: int, *, progress: str) -> Iterator[Iterator[Ended]]:
    """Start *commands* of `ja-reset`, at most *jobs* at a time in their order, and tell how they end, in that order.

    A line on stderr with *progress* in it is passed on at once. Whatever ends the block ends the children.
    """
    family = _Family(progress)
    with ThreadPoolExecutor(jobs) as pool:
        try:
            ends = [pool.submit(family.run, command) for command in commands]
            yield (end.result() for end in ends)
        finally:
            family.end()


class _Family:
    def __init__(self, progress: str) -> None:
        self._progress = progress
        self._lock = Lock()
        self._children: set[subprocess.Popen[str]] = set()
        self._is_over = False

    def run(self, arguments: Sequence[str]) -> Ended:
        """Run a child to its end."""
        program = _PROGRAM.format(os.pathsep)
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
            with self._lock:
                if self._is_over:
                    return Ended(0, "", "")
                child = subprocess.Popen(  # noqa: S603 - this Python, this program
                    [sys.executable, "-c", program, os.pathsep.join(sys.path), *arguments],
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.PIPE,
                    encoding="utf-8",
                )
                self._children.add(child)
            with child:
                words = "".join(line for line in child.stderr or () if not self._is_told(line))
            out.seek(0)
            return Ended(child.returncode, out.read(), words)

    def end(self) -> None:
        """End the processes that still run, and start no more."""
        with self._lock:
            self._is_over = True
            for child in self._children:
                child.terminate()

    def _is_told(self, line: str) -> bool:
        told = self._progress in line
        if told:
            sys.stderr.write(line)
        return told

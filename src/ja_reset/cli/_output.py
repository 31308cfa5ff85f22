"""Where a command's output goes: the standard streams, whichever the process has, or a file.

A process may have no standard output (`pythonw`, a service, `>&-`), or one that accepts nothing more (a full disk). A
command runs within `standard_streams`, so it can write as if neither could happen.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, cast

from ja_reset.cli._exits import MISUSED, UNUSABLE, WELL, CommandError


class OutputError(CommandError):
    """Standard output takes nothing more: the disk is full, say."""


def deliver(text: str, path: Path | None, name: str) -> int:
    """Print *text*, or write it to *path*; where that is a folder, under *name*. Raises CommandError."""
    if path is None:
        print(text, end="")
        return WELL
    try:
        (path / name if path.is_dir() else path).write_bytes(text.encode())
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror}; name a file in a folder that is there and yours with --output"
        raise CommandError(msg, MISUSED) from None
    return WELL


def complain(what: str, code: int) -> int:
    """Say it on one line of standard error, and give the code back."""
    sys.stderr.write(f"ja-reset: {' '.join(what.split())}\n")
    return code


@contextlib.contextmanager
def standard_streams() -> Iterator[None]:
    """While a command runs, all three streams are there, speak UTF-8, and fail in one way.

    A stream that the process lacks takes all and gives nothing. Writing to standard output raises OutputError where
    the system refuses, and BrokenPipeError where nobody reads on; standard error never fails.
    """
    before = sys.stdin, sys.stdout, sys.stderr
    for stream in before[1:]:
        if isinstance(stream, io.TextIOWrapper):  # customer texts are Japanese, whatever the locale
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    sys.stdin = sys.stdin or io.StringIO()
    sys.stdout = cast("TextIO", _Output(sys.stdout)) if sys.stdout else _Nowhere()
    sys.stderr = cast("TextIO", _Errors(sys.stderr)) if sys.stderr else _Nowhere()
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


def drop(stream: TextIO) -> None:
    """Let the interpreter's last flush of *stream* go nowhere instead of failing."""
    try:
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, stream.fileno())
        os.close(sink)
    except (OSError, ValueError):  # a stream that is no file
        return


class _Nowhere(io.StringIO):
    """In place of a stream that the process does not have."""

    def write(self, text: str) -> int:
        return len(text)


class _Output:
    """Standard output; what the system refuses is an OutputError."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with _refusals():
            return self._stream.write(text)

    def flush(self) -> None:
        with _refusals():
            self._stream.flush()


class _Errors(_Output):
    """Standard error; where it fails there is nobody to tell."""

    def write(self, text: str) -> int:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            drop(self._stream)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        msg = f"cannot write to standard output: {error.strerror}; send it elsewhere, or make room"
        raise OutputError(msg, UNUSABLE) from None

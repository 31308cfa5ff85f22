"""Where a text goes: to standard output, or into a file, octet by octet the same on every system."""

from __future__ import annotations

from pathlib import Path

from ja_reset.cli.exits import MISUSED, WELL, CommandError


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

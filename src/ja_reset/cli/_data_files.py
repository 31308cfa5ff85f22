"""Files of figures and texts that a command reads: TOML, or JSON where the name ends in `.json`."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from ja_reset.cli._exits import MISUSED, UNUSABLE, CommandError


def read_table(path: Path) -> dict[str, Any]:
    """The table that the file holds; raises CommandError, which says where it cannot be read."""
    try:
        text = path.read_text("utf-8").removeprefix("\ufeff")  # as editors under Windows begin a file
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}; name a file that is there"
        raise CommandError(msg, UNUSABLE) from None
    except UnicodeDecodeError as error:
        msg = f"{path}: octet {error.start + 1} is not UTF-8; save the file as UTF-8"
        raise CommandError(msg, MISUSED) from None
    is_json = path.suffix.lower() == ".json"
    try:
        found = json.loads(text, object_pairs_hook=_once) if is_json else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{path} is no {'JSON' if is_json else 'TOML'}: {error}"
        raise CommandError(msg, MISUSED) from None
    if not isinstance(found, dict):
        msg = f"{path} must hold one JSON object, not {type(found).__name__}"
        raise CommandError(msg, MISUSED)
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object whose names come once each, as TOML demands too."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"{twice!r} is there twice in one object"
        raise ValueError(msg)
    return found

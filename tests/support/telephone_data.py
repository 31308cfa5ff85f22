"""What each gateway alone puts in the place of a caller's number: `tests/telephony/data`, with the sources."""

from __future__ import annotations

import json
from pathlib import Path

from ja_reset.testing.spellings import Spelling

DATA = Path(__file__).parents[1] / "telephony" / "data"


def spellings_of(gateway: str) -> tuple[Spelling, ...]:
    """The spellings of that gateway's file."""
    return tuple(Spelling(**each) for each in json.loads((DATA / f"{gateway}.json").read_text("utf-8")))

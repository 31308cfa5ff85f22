"""What can be seen of a session from outside: from its row, from the rows beside it, and from the operator API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from ja_reset import ResetService
from ja_reset.stores.rows import Store


def observed(
    service: ResetService, store: Store, number: str, body: Mapping[str, Any], now: datetime
) -> dict[str, object]:
    """The session of that row, and what stands beside it: the card's count, and who waits for *number*."""
    kept = body.get("kept", {})
    answered = kept.get("answered")
    ref = kept.get("ref")
    return {
        "state": body["state"],
        "keeps": frozenset(kept),
        "tries": body.get("tries", 0),
        "windows": body.get("windows", 0),
        "wrong_codes": body.get("wrong_codes", 0),
        "wrong_in_call": None if answered is None else answered.get("wrong", 0),
        "wrong_pins": 0 if ref is None else service.operator.pin_count(ref),
        "contest": _contest(store, number, str(body["id"]), now),
    }


def _contest(store: Store, number: str, session: str, now: datetime) -> str:
    row = store.get("wait", number)
    if row is None:
        return "nobody"
    body = cast("dict[str, Any]", row.body)
    until, rests = datetime.fromisoformat(body["until"]), datetime.fromisoformat(body["rests"])
    waits = body.get("end") is None and now <= until
    if not waits and now > rests:
        return "nobody"
    if body.get("end") == "contested":
        return "contested"
    whose = "self" if body["session"] == session else "other"
    return f"{whose} waits" if waits else f"{whose} rested"

"""The final screens other than success (M2): a title and a text, and no way out."""

from __future__ import annotations

from ja_reset.screens._plan import Notice, ScreenPlan


def _ending(name: str) -> ScreenPlan:
    return ScreenPlan(id=name, title=f"{name}.title", notices=(Notice(f"{name}.notice"),), prints_id=False)


CANCELLED = _ending("CANCELLED")
EXPIRED = _ending("EXPIRED")
REJECTED = _ending("REJECTED")
LOCKED = _ending("LOCKED")
CLOSED = _ending("CLOSED")

"""The final screens other than success (M2): a title and a text, whose it was, whom to ask, and no way out."""

from __future__ import annotations

from ja_reset.screens._notice_plans import Notice
from ja_reset.screens._plan import ScreenPlan

_WHOSE = (Notice("notice.ending.whose", needs="institution"), Notice("notice.ending.contact", needs="contact"))
_BRING = Notice("notice.ending.bring")


def _ending(name: str, *more: Notice) -> ScreenPlan:
    notices = (Notice(f"{name}.notice"), *more, *_WHOSE)
    return ScreenPlan(id=name, title=f"{name}.title", notices=notices, prints_id=False)


CANCELLED = _ending("CANCELLED")
EXPIRED = _ending("EXPIRED")
REJECTED = _ending("REJECTED", _BRING)
LOCKED = _ending("LOCKED", _BRING)
CLOSED = _ending("CLOSED")

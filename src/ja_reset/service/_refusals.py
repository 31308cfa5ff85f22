"""The refusals of the flow itself, beside those of the charts: what is under way, and what gives no answer (S2, C6)."""

from __future__ import annotations

import attrs

from ja_reset.chart.session import Refusal

STALE = Refusal("stale")
NOT_THERE = Refusal("event_not_available")
UNAVAILABLE = Refusal("temporarily_unavailable")
"""The bank or the store gives no answer, or attempts are in doubt."""
IN_PROGRESS = Refusal("in_progress")
"""A turn, an attempt or an order is under way: waiting helps."""
OVERDUE = Refusal("overdue")
"""The order is tried no longer: an operator has to look (C4)."""

_WITHOUT_EFFECT = frozenset({UNAVAILABLE.code, IN_PROGRESS.code})


def tries_again(reasons: tuple[Refusal, ...]) -> bool:
    """Whether a turn with *reasons* came to nothing, so that its request is not remembered and can be made again."""
    return any(reason.code in _WITHOUT_EFFECT for reason in reasons)


def while_completing(reasons: tuple[Refusal, ...], *, is_overdue: bool) -> tuple[Refusal, ...]:
    """*reasons* as COMPLETING carries them: what is ordered is under way, or overdue, never "cannot go on" (M2a)."""
    told = OVERDUE if is_overdue else IN_PROGRESS
    return (*(each for each in reasons if each.code not in {*_WITHOUT_EFFECT, OVERDUE.code}), told)


def while_withdrawn(reasons: tuple[Refusal, ...]) -> tuple[Refusal, ...]:
    """*reasons* where the number that the session shows is no longer called: to call it again does not help (P11)."""
    return tuple(attrs.evolve(each, detail="withdrawn") if each.code == "wrong_line" else each for each in reasons)


def still_told(reasons: tuple[Refusal, ...], standing: tuple[Refusal, ...]) -> tuple[Refusal, ...]:
    """What is told to a customer who only asks whether it goes on: why the last call did not count stays (P7)."""
    said = {reason.code for reason in reasons}
    return (*reasons, *(reason for reason in standing if reason.code not in said))

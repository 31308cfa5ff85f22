"""How a session begins in each of the hours: the situations that an exploration begins with, and rule E4 of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Final

from ja_reset.bank._hours import Hours
from ja_reset.chart import Chart
from ja_reset.chart._start import DOT, HOURS
from ja_reset.chart.advance import Outcome, begin
from ja_reset.chart.session import Session
from ja_reset.chart.states import Ending
from ja_reset.chart.turn import Turn
from ja_reset.policies import Policies
from ja_reset.text import Text
from ja_reset.verify._situations import INSTANT, NOW, SELF

_ALWAYS: Final = (time(0), time(0))
_LATER: Final = NOW + timedelta(hours=1)
OPEN: Final = (None, Hours.daily(_ALWAYS), Hours.daily(_ALWAYS, maintenance=[(NOW - INSTANT, NOW)]))
"""No hours, and hours in which it is open at `NOW`, its first instant among them."""
SHUT: Final = (
    Hours.daily(_ALWAYS, maintenance=[(NOW, _LATER)]),
    Hours.daily(_ALWAYS, maintenance=[(NOW - INSTANT, NOW + INSTANT)]),
)
"""Hours in which it is closed at `NOW`, its first instant and its last among them."""


def begun(chart: Chart, policies: Policies, hours: Hours | None) -> Outcome:
    """How a session of *chart* begins at `NOW` in these *hours*."""
    session = Session(
        id=SELF,
        procedure=chart.name,
        institution="ja",
        state=DOT,
        version=1,
        created_at=NOW,
        active_at=NOW,
        seen_at=NOW,
    )
    return begin(chart, Turn(session, NOW, policies, {HOURS.name: hours}))


def firsts(chart: Chart, policies: Policies) -> tuple[Session, ...]:
    """The sessions that an exploration begins with: on the first screen, and out of hours."""
    found = {
        outcome.session.state: outcome.session for hours in (None, *SHUT) if (outcome := begun(chart, policies, hours))
    }
    first = found.pop(chart.initial, None) or begun(chart, policies, None).session
    return (first, *found.values())


def starting_breaches(chart: Chart, policies: Policies) -> Iterator[Text]:
    """What is wrong with how sessions begin: in hours on the first screen, out of them CLOSED, with the reason (E4)."""
    for hours in OPEN:
        outcome = begun(chart, policies, hours)
        if outcome.session.state != chart.initial or outcome.reasons:
            state = outcome.session.state
            yield Text(f"受付時間内なのに {state} で始まる", f"it is within the hours, and it begins in {state}")
    if len(chart.starts) == 1:
        return  # no ending means CLOSED, and no institution with hours starts it
    for hours in SHUT:
        outcome = begun(chart, policies, hours)
        state, codes = outcome.session.state, tuple(reason.code for reason in outcome.reasons)
        if chart.states[state].ending is not Ending.CLOSED or codes != ("closed",):
            yield Text(f"受付時間外なのに {state} で始まる", f"it is out of hours, and it begins in {state}")
        elif any(reason.until is None or not hours.is_open(reason.until) for reason in outcome.reasons):
            yield Text("受付を再開する日時を正しく言わない", "it does not say rightly when it opens")

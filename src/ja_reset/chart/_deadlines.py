"""When time itself becomes an event (S3, P6), decided by the clock's reading, never by a running timer."""

from __future__ import annotations

from datetime import datetime

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.session import Session
from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import EventRole
from ja_reset.policies import Policies


@attrs.frozen(eq=False, repr=False)
class Due:
    """After `at`, the event `trigger` happens to the session."""

    at: datetime
    role: EventRole


def deadline(chart: Chart, session: Session, policies: Policies) -> datetime | None:
    """The last instant of the current screen, without the grace; None if nothing ends it."""
    match chart.states[session.state].kind:
        case StateKind.WAITING:
            return session.kept.window.closes_at if session.kept.window else session.active_at
        case StateKind.FORM:
            limits = policies.session
            return min(session.active_at + limits.idle_timeout, session.created_at + limits.absolute_timeout)
        case _:
            return None


def due(chart: Chart, session: Session, policies: Policies) -> Due | None:
    """The next event that time causes in the session; None in COMPLETING and in final states."""
    end = deadline(chart, session, policies)
    if end is None:
        return None
    if chart.states[session.state].kind is StateKind.WAITING:
        return Due(end + policies.phone.delivery_grace, EventRole.WINDOW_CLOSED)
    return Due(end, EventRole.TIME_RAN_OUT)


def clock_is_behind(chart: Chart, session: Session, policies: Policies, now: datetime) -> bool:
    """Whether *now* lies further behind what the session last saw than clocks may differ."""
    hears = chart.hears(session.state, EventRole.CLOCK_WENT_BACK)
    return hears and now < session.seen_at - policies.phone.clock_skew

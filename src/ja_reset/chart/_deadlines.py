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
    """After `at`, the event of that role happens to the session. `detail`: what of its reason only the clock knows."""

    at: datetime
    role: EventRole
    detail: str | None = None


def deadline(chart: Chart, session: Session, policies: Policies) -> datetime | None:
    """The last instant of the current screen, without the grace; None if nothing ends it."""
    match chart.states[session.state].kind:
        case StateKind.WAITING:
            return session.kept.window.closes_at if session.kept.window else session.active_at
        case StateKind.FORM:
            return min(idle_until(session, policies), too_old_after(session, policies))
        case _:
            return None


def idle_until(session: Session, policies: Policies) -> datetime:
    """The last instant at which a session is not yet idle for too long (S3)."""
    return session.active_at + policies.session.idle_timeout


def too_old_after(session: Session, policies: Policies) -> datetime:
    """The last instant at which a session is not yet too old, whatever its customer does (S3)."""
    return session.created_at + policies.session.absolute_timeout


def due(chart: Chart, session: Session, policies: Policies) -> Due | None:
    """The next event that time causes in the session; None in COMPLETING and in final states."""
    end = deadline(chart, session, policies)
    if end is None:
        return None
    if chart.states[session.state].kind is StateKind.WAITING:
        return Due(end + policies.phone.delivery_grace, EventRole.WINDOW_CLOSED)
    too_old = too_old_after(session, policies) == end
    return Due(end, EventRole.TIME_RAN_OUT, "too_old" if too_old else None)


def clock_is_behind(chart: Chart, session: Session, policies: Policies, now: datetime) -> bool:
    """Whether *now* lies further behind what the session last saw than clocks may differ."""
    hears = chart.hears(session.state, EventRole.CLOCK_WENT_BACK)
    return hears and now < session.seen_at - policies.phone.clock_skew

"""Which moment of its screen a session is in: from its state and what it keeps, so that every process says the same."""

from __future__ import annotations

from ja_reset.chart._deadlines import idle_until, too_old_after
from ja_reset.chart.chart import Chart
from ja_reset.chart.session import Session, SessionData
from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import EventRole
from ja_reset.policies import Policies
from ja_reset.screens import Moment


def moment(chart: Chart, session: Session) -> Moment | None:
    """The moment of the session's screen; None where it has no words of its own."""
    state = chart.states[session.state]
    match state.kind:
        case StateKind.WAITING:
            return _of_wait(session.kept)
        case StateKind.COMPLETING:
            return Moment.PROCESSING
        case StateKind.FORM:
            is_new = not session.reasons and session.claim is None  # nothing was sent, and nothing is under way
            return Moment.PROVED if state.name in chart.proved and is_new else None
        case _:
            reached = any(reason.detail == Moment.LIMIT.value for reason in session.reasons)
            return Moment.LIMIT if reached else None


def _of_wait(kept: SessionData) -> Moment:
    if kept.answered is not None and kept.answered.ended is None:
        return Moment.WRONG_CODE if kept.answered.wrong else Moment.ANSWERED
    is_over = kept.answered is not None or (kept.window is not None and kept.window.wrong)
    return Moment.CALL_OVER if is_over else Moment.WAITING


def windows_left(chart: Chart, session: Session, policies: Policies) -> int | None:
    """How many windows can still be opened (P6), where one is open or can be opened; None elsewhere."""
    if session.state not in chart.calling:
        return None
    return max(0, policies.phone.phone_windows - session.windows)


def can_be_extended(chart: Chart, session: Session, policies: Policies) -> bool:
    """Whether the session would end because it is idle, so that a sign of the customer prolongs it (S3)."""
    hears = chart.hears(session.state, EventRole.EXTEND)
    return hears and idle_until(session, policies) < too_old_after(session, policies)

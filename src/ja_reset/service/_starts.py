"""A session begins, under a name that nobody can guess."""

from __future__ import annotations

from datetime import datetime

from ja_reset.chart import Chart
from ja_reset.chart._changed import changed
from ja_reset.chart._start import DOT, HOURS, START
from ja_reset.chart.advance import begin
from ja_reset.chart.session import Session
from ja_reset.chart.states import Ending
from ja_reset.chart.turn import Turn
from ja_reset.errors import ChartError, StoreError
from ja_reset.secret import Secret
from ja_reset.service._config import Config
from ja_reset.service._institution import Institution
from ja_reset.service._io import Flow, Fresh, Now
from ja_reset.service._names import session_id
from ja_reset.service._records import SESSION
from ja_reset.service._session_work import SessionWork
from ja_reset.service._view import View

TOKEN_OCTETS = 32
"""256 bits (S1)."""


NAMES = 3
"""How many names are tried for a session, each unguessable."""


def start(config: Config, chart: Chart, institution: str) -> Flow[View]:
    """A new session on its first screen, or closed out of hours (E4); raises UnknownInstitution, BankUnavailable."""
    found: Institution = yield from config.ask_institution(institution)
    if found.hours is not None and len(chart.starts) == 1:
        means = Ending.CLOSED.name
        msg = f"institution {found.id!r} has opening hours, and no ending of chart {chart.name} means {means} (E4)"
        raise ChartError(msg)
    for _ in range(NAMES):
        view = yield from _start(config, chart, found)
        if view is not None:
            return view
    msg = f"the store has refused a new session {NAMES} times: it holds rows under new names, or keeps nothing"
    raise StoreError(msg)


def _start(config: Config, chart: Chart, found: Institution) -> Flow[View | None]:
    """The session under a new name; None where the store does not take it."""
    token = Secret((yield Fresh(TOKEN_OCTETS)))
    now: datetime = yield Now()
    session = Session(
        id=session_id(token),
        procedure=chart.name,
        chart_version=chart.version,
        institution=found.id,
        state=DOT,
        version=1,
        created_at=now,
        active_at=now,
        seen_at=now,
    )
    outcome = begin(chart, Turn(session, now, config.policies_of(found), {HOURS.name: found.hours}))
    session = changed(outcome.session, reasons=outcome.reasons)
    work = SessionWork(config, session, found, now)
    work.begin(SESSION, session.id)
    yield from work.record()
    work.note(START, session, outcome.reasons)
    shown = yield from work.shown(outcome.reasons)
    view = yield from work.view(token, shown)
    return view if (yield from work.save()) else None  # 256 random bits that were there already

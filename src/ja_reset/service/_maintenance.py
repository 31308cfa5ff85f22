"""What no turn does: starting, unlocking, recovering, expiring, purging, reading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ja_reset.errors import NewerSession, ResetError, UnknownProcedure
from ja_reset.service._config import Config
from ja_reset.service._delivery import Delivery, deliver, deliver_all
from ja_reset.service._io import Flow, Now, Scan
from ja_reset.service._outbox import OPEN, PENDING, SETTLED, Leased
from ja_reset.service._records import (
    CALL,
    CODES,
    IDENTITY_ATTEMPTS,
    OUTBOX,
    REQUEST,
    SESSION,
    WAIT,
)
from ja_reset.service._session_rows import ENDED, LIVE, RESULT
from ja_reset.service._session_work import arrive
from ja_reset.service._unit_of_work import UnitOfWork
from ja_reset.stores.rows import Row


def recover(config: Config) -> Flow[int]:
    """Give every effect that may be tried again and that nobody is giving now; how many the bank has answered.

    Those of a session whose chart this process was not given are left to another process. What one raises for which a
    session waits is raised once all were tried.
    """
    settled, failure = 0, None
    now: datetime = yield Now()
    for tag, due in ((PENDING, None), (OPEN, now)):
        after: Row | None = None
        while page := (yield Scan(OUTBOX, tag=tag, due=due, after=after)):
            after = page[-1]
            for row in page:
                try:
                    delivered = yield from deliver(config, Leased(row.key, None))
                    settled += delivered.how is Delivery.SETTLED
                    yield from deliver_all(config, delivered.follows)
                except (UnknownProcedure, NewerSession):  # a process that was given the chart gives it
                    continue
                except Exception as error:  # noqa: BLE001 - one effect must not keep the others from being given
                    failure = failure or error
    if failure is not None:
        raise failure
    return settled


def expire_due(config: Config) -> Flow[int]:
    """Let time pass for every session that has run out of it; how many it moved.

    Results that are no longer shown are dropped on the way.
    """
    moved, failure = yield from _let_time_pass(config, LIVE)
    _, beside = yield from _let_time_pass(config, RESULT)
    failure = failure or beside
    if failure is not None:
        raise failure
    return moved


def _let_time_pass(config: Config, tag: str) -> Flow[tuple[int, ResetError | None]]:
    """How many sessions with that tag time has moved, and the first thing that one of them raised."""
    moved, failure = 0, None
    after: Row | None = None
    now: datetime = yield Now()
    while page := (yield Scan(SESSION, tag=tag, due=now, after=after)):
        after = page[-1]
        for row in page:
            try:
                work = yield from arrive(config, row.key)
                moved += bool(work and work.moved and (yield from work.save()))
            except (UnknownProcedure, NewerSession):  # a process that was given the chart lets its time pass
                continue
            except ResetError as error:
                failure = failure or error
    return moved, failure


def purge(config: Config) -> Flow[int]:
    """Drop ended sessions past retention, and rows that no longer say anything; how many sessions were dropped.

    Of a chart that this process was not given, too: when it is due stands in the row of an ended session.
    """
    now: datetime = yield Now()
    _, failure = yield from _let_time_pass(config, RESULT)
    dropped = yield from _drop(SESSION, now, tag=ENDED)
    dropped += yield from _drop_results_of_missing_charts(config, now)
    yield from _drop(OUTBOX, now, tag=SETTLED)  # another one is due to be tried
    for kind in (IDENTITY_ATTEMPTS, WAIT, CALL, CODES):
        yield from _drop(kind, now)
    if failure is not None:
        raise failure
    return dropped


def _drop_results_of_missing_charts(config: Config, now: datetime) -> Flow[int]:
    """Drop sessions that still have a result as no process has their chart, when that is past retention (S4, S8)."""
    return (
        yield from _drop(
            SESSION,
            now - config.policies.session.retention,
            tag=RESULT,
            spare=lambda row: row.body.get("procedure") in config.charts,
        )
    )


def _drop(
    kind: str, now: datetime, *, tag: str | None = None, spare: Callable[[Row], bool] = lambda _: False
) -> Flow[int]:
    dropped = 0
    after: Row | None = None
    while page := (yield Scan(kind, tag=tag, due=now, after=after)):
        after = page[-1]
        for row in page:
            if row.due is None or row.due >= now or spare(row):
                continue
            unit = UnitOfWork()
            unit.rows[kind, row.key] = row
            yield from unit.put(kind, row.key, None)
            if kind == SESSION:
                yield from unit.put(REQUEST, row.key, None)
            dropped += yield from unit.save()
    return dropped

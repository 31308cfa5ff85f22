"""The values of the phone's facts: the number's row, the report, the instants, the keys (P2-P4, P8)."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from ja_reset.chart._changed import changed
from ja_reset.chart.session import Window
from ja_reset.chart.states import StateKind
from ja_reset.machines import facts
from ja_reset.proofs.attempts import WrongCodes
from ja_reset.proofs.waits import Wait, Waits
from ja_reset.secret import Secret
from ja_reset.verify import _near_misses as near_misses
from ja_reset.verify import _samples as samples
from ja_reset.verify._drafts import Choices, Draft
from ja_reset.verify._samples import Sample
from ja_reset.verify._situations import INSTANT, LINES, NOW
from ja_reset.verify._values import Values


def wait(_values: Values, draft: Draft, now: datetime) -> Choices:
    """The row as it stands, and at the last instant of its phase: to an institution with one line, and with two."""
    here = draft.environment
    for lines, name in (((None,), ""), (LINES, "lines:two")):
        yield Sample(here.waits(lines), name), None, None
        if here.wait is not None:
            last = changed(here, wait=_at_its_last(here.wait, now))
            yield Sample(last.waits(lines), "wait:last_instant"), None, last


def _at_its_last(wait: Wait, now: datetime) -> Wait:
    return attrs.evolve(wait, rests=now) if wait.end else attrs.evolve(wait, until=now)


def dial(values: Values, draft: Draft, now: datetime) -> Choices:
    """Each number whose line is free; two lines that nobody has ever waited on are as one."""
    waits = draft.known.get(facts.WAIT.name)
    free: tuple[str | None, ...] = ()
    if isinstance(waits, Waits):
        free = waits.free_for(draft.session.id, now, values.policies.phone.waits_per_number)
        free = free if waits.held else free[:1]
    named: dict[str | None, str] = dict(zip(LINES, samples.DIALS, strict=True))
    for line in free or (None,):
        yield Sample(named.get(line), f"dial:{named[line]}" if line in named else ""), None, None


def received_at(values: Values, draft: Draft, now: datetime) -> Choices:
    """Before the window, at its first and last instant, after it; at the present, and ahead of it (P2)."""
    window, skew = draft.session.kept.window, values.policies.phone.clock_skew
    yielded = set[datetime]()
    instants = [("now", now)]
    if window is not None:
        instants += [
            ("first", window.opened_at),
            ("last", window.closes_at),
            ("before", window.opened_at - INSTANT),
            ("after", window.closes_at + INSTANT),
        ]
    instants += [("ahead", now + skew), ("future", now + skew + INSTANT)]
    near = set[datetime]()
    if window is not None and values.is_new(draft.session, facts.RECEIVED_AT.name):
        off = [(f"{name}_{where}", at) for name, by in near_misses.NEAR_TIMES for where, at in _off(window, by)]
        instants += off
        near = {at for _, at in off}
    for name, at in instants:
        if at in yielded or (at > now + skew + INSTANT and at not in near):
            continue
        yielded.add(at)
        against = set[str]()
        if window is None or at < window.opened_at:
            against.add("early")
        if window is None or at > window.closes_at or at > now + skew:
            against.add("late")
        yield Sample(at, f"received:{name}", frozenset(against)), None, None


def _off(window: Window, by: timedelta) -> tuple[tuple[str, datetime], ...]:
    return ("early", window.opened_at - by), ("late", window.closes_at + by)


def report(values: Values, draft: Draft, now: datetime) -> Choices:
    """All faults, combined, where the state is new; then each by itself; at a last instant the right call alone."""
    new = values.is_new(draft.session, facts.REPORT.name)
    chosen = samples.RELAY if draft.session.kept.chosen == samples.RELAY_ID else samples.CHOSEN
    reports = values.reports[chosen]
    most = len(reports) if new else 1 if now == NOW else 0
    yield from ((sample, None, None) for sample in reports if len(sample.against) <= most)
    if new:
        yield from ((sample, None, None) for sample in near_misses.near_reports(values.policies, chosen))


def entry(values: Values, draft: Draft, _now: datetime) -> Choices:
    """What is keyed in: right or wrong, and near misses where the state is new."""
    phone, answered = values.policies.phone, draft.session.kept.answered
    asks_code, is_new = answered is None or answered.code != "", values.is_new(draft.session, facts.ENTRY.name)
    near = near_misses.NEAR_KEYS if is_new else ()
    if phone.not_me_key is not None:
        yield Sample(Secret(phone.not_me_key), "keys:not_me", frozenset({"not_me"})), None, None
        near = (*near, *(near_misses.near_disowning(phone.not_me_key) if is_new else ()))
    if asks_code:
        yield from ((sample, None, None) for sample in (*samples.KEYS, *near))
        return
    yield Sample(Secret(phone.confirm_key), "keys:confirm"), None, None
    for sample in (*samples.KEYS, *near):
        yield attrs.evolve(sample, against=frozenset({"not_confirmed"})), None, None


def call_over(_values: Values, draft: Draft, _now: datetime) -> Choices:
    """Keys of a call that is over came before its end, or not (P4)."""
    answered = draft.session.kept.answered
    yield Sample(False, ""), None, None  # noqa: FBT003 - the fact's value
    if answered is not None and answered.ended is not None:
        yield Sample(True, "keys:after_the_call", frozenset({"late"})), None, None  # noqa: FBT003 - the fact's value


def call_key(_values: Values, draft: Draft, _now: datetime) -> Choices:
    """Another call than the one that was answered, if one was."""
    answered = draft.session.kept.answered
    yield Sample("another call" if answered is not None and answered.call == "call" else "call", ""), None, None


def number_codes(values: Values, draft: Draft, _now: datetime) -> Choices:
    """None was wrong, all but one were, or, where the number is not waited for yet, all were (P4)."""
    limit = values.policies.phone.codes_per_number
    yield Sample(WrongCodes(), ""), None, None
    if limit > 1:
        yield Sample(WrongCodes((NOW,) * (limit - 1)), "codes:last_of_number"), None, None
    if values.chart.states[draft.session.state].kind is not StateKind.WAITING:
        used_up = WrongCodes((NOW,) * limit)
        yield Sample(used_up, "codes:none_of_number", frozenset({"codes_used_up"})), None, None

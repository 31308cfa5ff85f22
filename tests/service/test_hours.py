"""When an application can be started: the institution's hours, and CLOSED out of them (E4, M2)."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts import Host, codes, named
from ja_reset import Chart, ChartError, Hours, Institution, InvalidArgument, Procedure
from ja_reset.chart.states import Ending
from ja_reset.testing import FakeBank
from ja_reset.testing.cast import INSTITUTION

TOKYO: Final = timezone(timedelta(hours=9))
TICK: Final = timedelta(microseconds=1)
SPAN: Final = (time(6, 30), time(23, 40))
SHORT: Final = (time(8), time(21))
SHIPPED: Final = Hours.daily(SPAN, exceptions={date(2027, 1, day): [SHORT] for day in (1, 2, 3)})
"""The example of the docs: shorter hours on the first three days of the year."""


def at(*when: int) -> datetime:
    """An instant of Asia/Tokyo."""
    return datetime(*when, tzinfo=TOKYO).astimezone(UTC)  # type: ignore[misc,arg-type]


def without_closed(procedure: Procedure) -> Chart:
    """The chart, as a host's own that has no ending for it."""
    chart = procedure.chart
    states = [state for state in chart.states.values() if state.ending is not Ending.CLOSED]
    return Chart("OURS", title=chart.title, initial=chart.initial, states=states, handlers=chart.handlers)


def _host(hours: Hours | None, now: datetime) -> Host:
    host = Host(bank=FakeBank(institutions=[attrs.evolve(INSTITUTION, hours=hours)]))
    host.clock.advance(now - host.clock.now)
    return host


# When it is open --------------------------------------------------------------------------------------------


@pytest.mark.rule("E4")
@pytest.mark.parametrize(
    ("now", "is_open", "opens"),
    [
        (at(2026, 12, 1, 6, 30) - TICK, False, at(2026, 12, 1, 6, 30)),
        (at(2026, 12, 1, 6, 30), True, None),
        (at(2026, 12, 1, 23, 40) - TICK, True, None),
        (at(2026, 12, 1, 23, 40), False, at(2026, 12, 2, 6, 30)),
        (at(2026, 12, 31, 23, 59), False, at(2027, 1, 1, 8)),
        (at(2027, 1, 1, 7, 59), False, at(2027, 1, 1, 8)),
        (at(2027, 1, 3, 21), False, at(2027, 1, 4, 6, 30)),
    ],
)
def test_the_first_instant_is_open_and_the_last_is_closed(
    now: datetime,
    is_open: bool,
    opens: datetime | None,
) -> None:
    """Of a day, and of a date that has hours of its own; and it says when it opens."""
    assert is_open is SHIPPED.is_open(now)
    if opens is not None:
        assert opens == SHIPPED.opens_after(now)


@pytest.mark.rule("E4")
def test_the_time_is_that_of_tokyo_whatever_the_zone_of_the_clock() -> None:
    """21:30 in UTC is 6:30 in Tokyo, the next day."""
    assert SHIPPED.is_open(datetime(2026, 12, 31, 21, 30, tzinfo=UTC)) is False, "New Year's day opens at 8"
    assert SHIPPED.is_open(datetime(2026, 12, 30, 21, 30, tzinfo=UTC)) is True
    assert SHIPPED.is_open(datetime(2026, 12, 30, 16, 30, tzinfo=timezone(timedelta(hours=-5)))) is True


@pytest.mark.rule("E4")
def test_a_day_without_spans_and_maintenance_are_closed() -> None:
    """Weekends that are not named, a date without spans, and a window of maintenance across a night."""
    hours = Hours(
        weekly=dict.fromkeys(range(5), (SPAN,)),
        exceptions={date(2026, 12, 4): []},
        maintenance=[(at(2026, 12, 1, 22), at(2026, 12, 2, 9))],
    )
    assert hours.is_open(at(2026, 12, 1, 21, 59))
    for closed in (at(2026, 12, 1, 22), at(2026, 12, 2, 8, 59), at(2026, 12, 4, 12), at(2026, 12, 5, 12)):
        assert not hours.is_open(closed)
    assert at(2026, 12, 2, 9) == hours.opens_after(at(2026, 12, 1, 22))
    assert at(2026, 12, 7, 6, 30) == hours.opens_after(at(2026, 12, 3, 23, 50))


@pytest.mark.rule("E4")
def test_two_days_meet_at_midnight() -> None:
    """Hours past midnight are two spans, and there is no gap between them."""
    night = Hours.daily((time(0), time(2)), (time(18), time(0)))
    assert all(night.is_open(at(2026, 12, 1, 23, 59) + minutes * timedelta(minutes=1)) for minutes in range(120))
    assert not night.is_open(at(2026, 12, 2, 2))
    assert Hours.daily((time(0), time(0))).is_open(at(2026, 12, 1, 0))


@pytest.mark.rule("E4")
def test_what_is_open_on_dates_alone_may_not_open_again() -> None:
    """After the last of them nobody knows when."""
    once = Hours(weekly={}, exceptions={date(2026, 12, 1): [SPAN]})
    assert once.is_open(at(2026, 12, 1, 12))
    assert at(2026, 12, 1, 6, 30) == once.opens_after(at(2026, 11, 1, 12))
    assert None is once.opens_after(at(2026, 12, 2, 12))


@pytest.mark.rule("E4")
@pytest.mark.parametrize("ends", [datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=TOKYO), at(9000, 1, 1)])
def test_maintenance_can_be_without_an_end(ends: datetime) -> None:
    """A service that is withdrawn: closed, and nobody says a date; however far the end, it is found at once."""
    begins = at(2026, 12, 1, 3)
    hours = Hours.daily(SPAN, maintenance=[(begins, ends)])
    assert not hours.is_open(at(2030, 1, 1, 12))
    assert (at(9000, 1, 1, 6, 30) if ends.year < 9999 else None) == hours.opens_after(begins)
    assert "、12月1日 3:00～ 当分のあいだ休止" in hours.text(begins).ja
    assert "closed from 3:00 on 1 December until further notice" in hours.text(begins).en
    view = _host(hours, at(2027, 6, 1, 12)).start()
    assert ("CLOSED", ["closed"]) == (view.state, codes(view))


@pytest.mark.rule("E4")
@given(
    weekly=st.dictionaries(st.integers(0, 6), st.just([SPAN]), min_size=1),
    closed=st.sets(st.integers(0, 40), max_size=30),
    other=st.sets(st.integers(0, 60), max_size=3),
    windows=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 200)), max_size=3),
)
def test_the_next_opening_is_the_one_that_a_search_finds(
    weekly: dict[int, list[tuple[time, time]]],
    closed: set[int],
    other: set[int],
    windows: list[tuple[int, int]],
) -> None:
    """Half-hour by half-hour for five months, whatever dates and windows lie between."""
    first, now = date(2026, 12, 1), at(2026, 12, 1, 3)
    exceptions: dict[date, list[tuple[time, time]]] = {first + timedelta(days=day): [] for day in closed}
    exceptions |= {first + timedelta(days=day): [(time(9, 30), time(12))] for day in other}
    maintenance, last = [], now
    for gap, lasts in windows:
        begins = last + timedelta(hours=gap)
        last = begins + timedelta(hours=lasts)
        maintenance.append((begins, last))
    hours = Hours(weekly=weekly, exceptions=exceptions, maintenance=maintenance)
    halves = (now + part * timedelta(minutes=30) for part in range(1, 48 * 150))
    found = next((half for half in halves if hours.is_open(half) and not hours.is_open(half - TICK)), None)
    assert found == hours.opens_after(now)


_spans = st.lists(st.times(), min_size=2, max_size=6, unique=True).map(
    lambda times: [tuple(pair) for pair in zip(*[iter(sorted(times))] * 2, strict=False)]
)


@pytest.mark.rule("E4")
@given(
    weekly=st.dictionaries(st.integers(0, 6), _spans, min_size=1),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - in UTC
    stops=st.integers(-100, 100),
    lasts=st.integers(1, 300),
)
def test_it_opens_at_the_instant_that_it_names_and_not_before(
    weekly: dict[int, list[tuple[time, time]]], now: datetime, stops: int, lasts: int
) -> None:
    """Closed just before, open then; and between now and then nothing opens."""
    begins = now + timedelta(hours=stops)
    hours = Hours(weekly=weekly, maintenance=[(begins, begins + timedelta(hours=lasts))])
    opens = hours.opens_after(now)
    if opens is None or hours.is_open(now):
        return
    assert (True, False) == (hours.is_open(opens), hours.is_open(opens - TICK))
    between = (now + (opens - now) * part / 20 for part in range(20))
    assert not any(map(hours.is_open, between))


@pytest.mark.rule("E4", "A8")
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Hours.daily((time(9), time(12)), (time(11), time(15))), "overlaps: 09:00-12:00 and 11:00-15:00"),
        (lambda: Hours.daily((time(9), time(0)), (time(22), time(23))), "overlaps: 09:00-24:00"),
        (lambda: Hours.daily((time(22), time(2))), "ends at 02:00, before it begins at 22:00: split it at midnight"),
        (lambda: Hours.daily((time(9), time(9))), "ends at 09:00, before it begins"),
        (lambda: Hours.daily(), "never open"),  # noqa: PLW0108 - as a host writes it
        (lambda: Hours(weekly={0: []}, exceptions={date(2026, 1, 1): ()}), "never open"),
        (lambda: Hours(weekly={7: [SPAN]}), "days of the week"),
        (lambda: Hours(weekly={True: [SPAN]}), "days of the week"),
        (lambda: Hours(weekly=[SPAN]), "days of the week"),
        (lambda: Hours(weekly={0: [("6:30", "23:40")]}), "a pair of naive datetime.time"),
        (lambda: Hours(weekly={0: [(time(9), time(12), time(15))]}), "a pair of naive"),
        (lambda: Hours(weekly={0: [(time(9, tzinfo=UTC), time(12))]}), "a pair of naive datetime.time"),
        (lambda: Hours(weekly={0: "9-12"}), "several spans"),
        (lambda: Hours.daily(SPAN, exceptions={"2026-01-01": [SPAN]}), "datetime.date"),
        (lambda: Hours.daily(SPAN, exceptions={datetime(2026, 1, 1, tzinfo=UTC): [SPAN]}), "datetime.date"),
        (lambda: Hours.daily(SPAN, maintenance=[(at(2026, 1, 2), at(2026, 1, 1))]), "before it begins"),
        (lambda: Hours.daily(SPAN, maintenance=[(datetime(2026, 1, 1), at(2026, 1, 2))]), "aware"),  # noqa: DTZ001
        (lambda: Hours.daily(SPAN, maintenance=[at(2026, 1, 2)]), "pairs of aware datetimes"),
        (lambda: Hours.daily(SPAN, maintenance="tonight"), "pairs of aware datetimes"),
        (
            lambda: Hours.daily(SPAN, maintenance=[(at(2026, 1, 1), at(2026, 1, 3)), (at(2026, 1, 2), at(2026, 1, 4))]),
            "maintenance overlaps",
        ),
    ],
    ids=map(str, range(20)),
)
def test_hours_that_make_no_sense_are_refused_where_they_are_made(make: Callable[[], Hours], words: str) -> None:
    """In words that say what is wrong with them."""
    with pytest.raises(InvalidArgument, match=words):
        make()


@pytest.mark.rule("E4")
@pytest.mark.parametrize("hours", ["6:30-23:40", 5, (SPAN,), object()])
def test_an_institution_takes_no_other_hours(hours: Any) -> None:  # noqa: ANN401 - of whatever type
    """A wrong type is a documented error when the Institution is made."""
    with pytest.raises(InvalidArgument, match="hours must be Hours or None"):
        Institution("ja-1", "長野県", "JAみほん", "0120-417-000", hours=hours)


def test_hours_are_a_value() -> None:
    """Equal where they say the same, and the same in another process."""
    assert SHIPPED == pickle.loads(pickle.dumps(SHIPPED))  # noqa: S301 - our own
    assert SHIPPED == attrs.evolve(SHIPPED)
    assert Hours.daily(SPAN) == Hours(weekly=dict.fromkeys(range(7), (SPAN,)))


@pytest.mark.rule("E4")
def test_they_are_said_in_words() -> None:
    """Those of the week, and what is near."""
    far, near = at(2026, 12, 1, 12), at(2026, 12, 31, 12)
    assert ("毎日 6:30～23:40", "daily 6:30–23:40") == (SHIPPED.text(far).ja, SHIPPED.text(far).en)
    assert "、1月1日 8:00～21:00、1月2日" in SHIPPED.text(near).ja
    assert "; 1 January 8:00–21:00; 2 January" in SHIPPED.text(near).en
    mixed = Hours(
        weekly={**dict.fromkeys(range(5), (SPAN,)), 5: [SHORT]},
        maintenance=[(at(2026, 12, 6, 22), at(2026, 12, 7, 5, 5))],
    )
    assert "月～金 6:30～23:40、土 8:00～21:00、日 休止、12月6日 22:00～12月7日 5:05 休止" == mixed.text(far).ja
    assert "closed from 22:00 on 6 December to 5:05 on 7 December" in mixed.text(far).en
    noon = Hours.daily(SPAN, maintenance=[(at(2026, 12, 2, 11, 30), at(2026, 12, 2, 13))])
    assert "、12月2日 11:30～13:00 休止" in noon.text(far).ja
    assert "closed from 11:30 to 13:00 on 2 December" in noon.text(far).en


# What a session makes of it ---------------------------------------------------------------------------------


@pytest.mark.rule("E4", "M2")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_out_of_hours_a_session_begins_closed(procedure: Procedure) -> None:
    """A final state, stored like any, that says until when; nothing can be sent."""
    host = _host(SHIPPED, at(2026, 12, 1, 23, 40))
    view = host.start(procedure)
    assert ("CLOSED", "CLOSED", True, (), None) == (view.state, view.screen.id, view.final, view.events, view.deadline)
    assert [("closed", at(2026, 12, 2, 6, 30))] == [(reason.code, reason.until) for reason in view.reasons]
    assert view == host.look() == host.beside().look()
    record = host.store.audit()[-1]
    assert ("start", "CLOSED", ["closed"]) == (record["event"], record["after"], record["reasons"])
    assert ("CLOSED", "event_not_available") == ((again := host.send("cancel")).state, codes(again)[0])
    host.clock.advance(timedelta(hours=12))
    assert ("CLOSED", ["closed"]) == (host.look().state, codes(host.view)), "it has ended, whatever the hour"
    assert (procedure.chart.initial, ()) == ((view := host.start(procedure)).state, view.reasons)


@pytest.mark.rule("E4", "M2")
def test_what_a_closed_session_says_stays_true_after_the_opening() -> None:
    """Looked at the next day, it says when it was asked for, not that it is closed now."""
    host = _host(SHIPPED, at(2026, 12, 1, 23, 40))
    before = host.start()
    host.clock.advance(timedelta(hours=12))
    assert before == host.look()
    said = [(text.ja, text.en) for text in host.view.screen.notices]
    said += [(text.ja, text.en) for text in host.view.reasons]
    assert not [ja for ja, en in said if "ただいま" in ja or "at the moment" in en or "at this time" in en]


@pytest.mark.rule("E4", "S7", "S8")
def test_an_operator_finds_a_closed_session_like_any() -> None:
    """By its reference, in its state, with its record; and it hinders nobody's next session."""
    host = _host(SHIPPED, at(2026, 12, 1, 3))
    host.start()
    found = host.service.operator.sessions(reference=host.view.reference).items
    assert [(host.view.id, "CLOSED")] == [(each.id, each.state) for each in found]
    assert ["start"] == [record["event"] for record in host.store.audit()]
    host.clock.advance(timedelta(hours=4))
    assert "BIM015" == host.start().state


@pytest.mark.rule("E4")
def test_hours_bind_the_start_alone() -> None:
    """A session under way goes on after closing, to its end."""
    host = _host(SHIPPED, at(2026, 12, 1, 23, 40) - TICK)
    host.at_bim015()
    host.clock.advance(timedelta(minutes=5))
    assert "BIM016" == host.send("submit_identity", host.identity()).state
    host.send("choose_phone", host.phone())
    host.call()
    assert "BIM017" == host.look().state
    assert "DONE" == host.send("submit_reset", host.reset()).state


@pytest.mark.rule("E4")
def test_without_hours_it_is_always_open() -> None:
    """The default: None."""
    for hour in range(24):
        assert "BIM015" == _host(None, at(2026, 12, 1, hour)).start().state


@pytest.mark.rule("E4", "S8")
def test_a_closed_session_is_purged_like_one_that_proved_nothing() -> None:
    """Its row ends with `retention_unproved`."""
    host = _host(SHIPPED, at(2026, 12, 1, 3))
    host.start()
    host.clock.advance(timedelta(hours=25))
    assert 1 == host.service.purge()


@pytest.mark.rule("E4")
def test_a_chart_without_closed_is_refused_where_there_are_hours() -> None:
    """At the first start, by day too: at night nobody is there to mend it."""
    ours = without_closed(Procedure.LOGIN_PASSWORD)
    host = attrs.evolve(_host(SHIPPED, at(2026, 12, 1, 12)), procedures=(ours,))
    with pytest.raises(ChartError, match="no ending of chart OURS means CLOSED"):
        host.start(ours)
    always = Host(procedures=(ours,))
    assert "BIM015" == always.start(ours).state


def test_an_instant_without_a_zone_is_refused() -> None:
    """Hours are those of Tokyo; a time that does not say where is not guessed."""
    hours = Hours.daily((time(6, 30), time(23, 40)))
    for ask in (hours.is_open, hours.opens_after, hours.text):
        with pytest.raises(InvalidArgument, match="aware"):
            ask(datetime(2026, 4, 1, 10, 0))  # noqa: DTZ001 - this is what is refused

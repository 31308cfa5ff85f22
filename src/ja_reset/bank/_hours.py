"""When an institution lets an application be started (E4): by the day of the week, by date, and maintenance.

Times of day are those of Asia/Tokyo, which has no daylight saving time. A span is open at its first instant and closed
at its last: two that meet are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

import attrs

from ja_reset.bank._values import aware_utc
from ja_reset.errors import InvalidArgument
from ja_reset.secret import by_value
from ja_reset.text import Text

TOKYO: Final = timezone(timedelta(hours=9), "Asia/Tokyo")
MIDNIGHT: Final = time(0)
_WEEK: Final = 7
_TOO_FAR_TO_SAY: Final = timedelta(days=180)  # the words name no year

Span = tuple[time, time]
"""From when to when it is open on a day; as an end, midnight is the end of the day."""


def _refuse(what: str) -> InvalidArgument:
    return InvalidArgument(f"Hours: {what}")


def _today(now: datetime) -> date:
    """The day of that instant in Tokyo; raises InvalidArgument for one without a zone."""
    if now.tzinfo is None:
        msg = "now must be an aware datetime, such as datetime.now(UTC)"
        raise _refuse(msg)
    return now.astimezone(TOKYO).date()


def _times(value: object, where: str) -> Span:
    pair = tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else ()
    if len(pair) != 2 or not all(isinstance(each, time) and each.tzinfo is None for each in pair):  # noqa: PLR2004 - a pair
        msg = f"a span of {where} must be a pair of naive datetime.time, from and until, in Asia/Tokyo"
        raise _refuse(msg)
    return pair


def _spans(value: object, where: str) -> tuple[Span, ...]:
    if not isinstance(value, Iterable) or isinstance(value, str):
        msg = f"{where} must be several spans, each a pair of datetime.time; none of them: closed"
        raise _refuse(msg)
    spans = tuple(sorted(_times(each, where) for each in value))
    for opens, closes in spans:
        if closes != MIDNIGHT and closes <= opens:
            msg = f"{where} ends at {closes:%H:%M}, before it begins at {opens:%H:%M}: split it at midnight, by day"
            raise _refuse(msg)
    for earlier, later in pairwise(spans):
        if earlier[1] == MIDNIGHT or later[0] < earlier[1]:
            msg = f"{where} overlaps: {_clock(earlier)} and {_clock(later)}"
            raise _refuse(msg)
    return spans


def _clock(span: Span) -> str:
    return f"{span[0]:%H:%M}-{'24:00' if span[1] == MIDNIGHT else format(span[1], '%H:%M')}"


def _weekly(value: Any) -> Mapping[int, tuple[Span, ...]]:  # noqa: ANN401 - a converter of whatever came
    if not isinstance(value, Mapping) or not all(type(day) is int and 0 <= day < _WEEK for day in value):
        msg = "weekly must map days of the week (0: Monday, 6: Sunday) to spans"
        raise _refuse(msg)
    return MappingProxyType({day: _spans(value.get(day, ()), f"day {day} of the week") for day in range(_WEEK)})


def _exceptions(value: Any) -> Mapping[date, tuple[Span, ...]]:  # noqa: ANN401 - a converter of whatever came
    if not isinstance(value, Mapping) or not all(type(day) is date for day in value):
        msg = "exceptions must map a datetime.date to spans"
        raise _refuse(msg)
    return MappingProxyType({day: _spans(value[day], day.isoformat()) for day in sorted(value)})


def _maintenance(value: Any) -> tuple[tuple[datetime, datetime], ...]:  # noqa: ANN401 - a converter of whatever came
    if not isinstance(value, Iterable) or isinstance(value, str):
        msg = "maintenance must be several pairs of aware datetimes, from and until"
        raise _refuse(msg)
    windows = []
    for each in value:
        pair = tuple(each) if isinstance(each, Iterable) and not isinstance(each, str) else ()
        if len(pair) != 2:  # noqa: PLR2004 - a pair
            msg = "maintenance must be several pairs of aware datetimes, from and until"
            raise _refuse(msg)
        begins, ends = (aware_utc(instant, "Hours.maintenance") for instant in pair)
        if ends <= begins:
            msg = f"maintenance ends at {ends.isoformat()}, before it begins at {begins.isoformat()}"
            raise _refuse(msg)
        windows.append((begins, ends))
    for earlier, later in pairwise(sorted(windows)):
        if later[0] < earlier[1]:
            msg = f"maintenance overlaps: {earlier[0].isoformat()} and {later[0].isoformat()}"
            raise _refuse(msg)
    return tuple(sorted(windows))


@by_value
@attrs.frozen(eq=False, kw_only=True)
class Hours:
    """When an application can be started (E4), in Asia/Tokyo.

    - `weekly`: spans by day of the week, 0 for Monday; a day that is not named is closed.
    - `exceptions`: spans by date, in place of that day's; none: closed all day.
    - `maintenance`: windows from an aware datetime until another; closed within, whatever the rest says.

    A span is a pair of `datetime.time`; it ends on the day on which it begins, at midnight (`time(0)`) at the latest.
    Its first instant is open, its last closed. Raises InvalidArgument for what overlaps, ends before it begins, or is
    never open.
    """

    weekly: Mapping[int, tuple[Span, ...]] = attrs.field(converter=_weekly, hash=False)
    exceptions: Mapping[date, tuple[Span, ...]] = attrs.field(default={}, converter=_exceptions, hash=False)
    maintenance: tuple[tuple[datetime, datetime], ...] = attrs.field(default=(), converter=_maintenance)

    @classmethod
    def daily(cls, *spans: Span, **more: Any) -> Hours:  # noqa: ANN401 - the other fields by name
        """The same *spans* every day; `exceptions` and `maintenance` as in `Hours`."""
        return cls(weekly=dict.fromkeys(range(_WEEK), spans), **more)

    def __attrs_post_init__(self) -> None:
        if not any(self.weekly.values()) and not any(self.exceptions.values()):
            msg = "never open: name a span of the week or of a date; an institution without hours has None"
            raise _refuse(msg)

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process: a read-only mapping is not pickled."""
        return _remade, (dict(self.weekly), dict(self.exceptions), self.maintenance)

    def is_open(self, now: datetime) -> bool:
        """Whether an application can be started at that instant; raises InvalidArgument for one without a zone."""
        day = _today(now)
        return any(opens <= now < closes for opens, closes in self._of(day))

    def opens_after(self, now: datetime) -> datetime | None:
        """The first instant after *now* at which it opens; None if none is known."""
        openings = (opens for day in self._days_after(now) for opens, _ in self._of(day))
        return next((opens for opens in openings if opens > now), None)

    def _days_after(self, now: datetime) -> Iterator[date]:
        """The days on which it can open next: a week from today, from a date of its own, or from maintenance's end."""
        today = _today(now).toordinal()
        own = (day.toordinal() for day in (*self.exceptions, *(ends.date() for _, ends in self.maintenance)))
        near = {day + ahead for day in (today, *own) for ahead in range(_WEEK + 2)}  # in UTC it may be the day before
        return map(date.fromordinal, sorted(day for day in near if today <= day < date.max.toordinal()))

    def _of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """What is open of a day, in UTC and in order, without the maintenance."""
        for opens, closes in self.exceptions.get(day, self.weekly[day.weekday()]):
            begins = datetime.combine(day, opens, TOKYO).astimezone(UTC)
            ends = datetime.combine(day, closes, TOKYO).astimezone(UTC) + timedelta(days=closes == MIDNIGHT)
            for stops, resumes in self.maintenance:
                if begins < stops < ends:
                    yield begins, stops
                if stops < ends and begins < resumes:
                    begins = resumes
            if begins < ends:
                yield begins, ends

    def text(self, now: datetime) -> Text:
        """The hours in words: those of the week, and what differs within a week from *now*."""
        today = _today(now)
        near = [day for day in self.exceptions if today <= day < today + timedelta(days=_WEEK)]
        ja, en = [], []
        for days in _alike(self.weekly):
            ja.append(
                _DAYS_JA.get(days, "・".join("月火水木金土日"[day] for day in days))
                + " "
                + _said(self.weekly[days[0]], "ja")
            )
            en.append(
                _DAYS_EN.get(days, ", ".join(_NAMES[day] for day in days)) + " " + _said(self.weekly[days[0]], "en")
            )
        for day in near:
            ja.append(f"{day.month}月{day.day}日 {_said(self.exceptions[day], 'ja')}")
            en.append(f"{day.day} {_MONTHS[day.month - 1]} {_said(self.exceptions[day], 'en')}")
        for begins, ends in self.maintenance:
            if begins <= now + timedelta(days=_WEEK) and now < ends:
                said = _window(begins.astimezone(TOKYO), ends)
                ja.append(said.ja)
                en.append(said.en)
        return Text("、".join(ja), "; ".join(en), more={"und": "; ".join(en)})


_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _remade(weekly: Any, exceptions: Any, maintenance: Any) -> Hours:  # noqa: ANN401 - its own parts
    return Hours(weekly=weekly, exceptions=exceptions, maintenance=maintenance)


_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAYS_JA: Final = {tuple(range(7)): "毎日", tuple(range(5)): "月～金", (5, 6): "土・日"}
_DAYS_EN: Final = {tuple(range(7)): "daily", tuple(range(5)): "Monday to Friday", (5, 6): "Saturday and Sunday"}


def _alike(weekly: Mapping[int, tuple[Span, ...]]) -> list[tuple[int, ...]]:
    """The days of the week in groups that have the same spans."""
    groups: dict[tuple[Span, ...], list[int]] = {}
    for day, spans in weekly.items():
        groups.setdefault(spans, []).append(day)
    return [tuple(days) for days in groups.values()]


def _said(spans: tuple[Span, ...], language: str) -> str:
    if not spans:
        return "休止" if language == "ja" else "closed"
    dash, comma = ("～", "、") if language == "ja" else ("–", ", ")
    return comma.join(dash.join(each.removeprefix("0") for each in _clock(span).split("-")) for span in spans)


def _window(begins: datetime, ends: datetime) -> Text:
    """Maintenance in words: one date where it ends on the day on which it begins, no end where that is far away."""
    ja, en = _instant_ja(begins), _instant_en(begins)
    if ends - begins >= _TOO_FAR_TO_SAY:
        return Text(f"{ja}～ 当分のあいだ休止", f"closed from {en} until further notice")
    until = ends.astimezone(TOKYO)
    if until.date() == begins.date():
        return Text(
            f"{ja}～{until.hour}:{until:%M} 休止", f"closed from {begins.hour}:{begins:%M} to {_instant_en(until)}"
        )
    return Text(f"{ja}～{_instant_ja(until)} 休止", f"closed from {en} to {_instant_en(until)}")


def _instant_ja(at: datetime) -> str:
    return f"{at.month}月{at.day}日 {at.hour}:{at:%M}"


def _instant_en(at: datetime) -> str:
    return f"{at.hour}:{at:%M} on {at.day} {_MONTHS[at.month - 1]}"

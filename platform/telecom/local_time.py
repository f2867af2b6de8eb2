"""Instants on a wall: which day, which minute, and whether a window of days and hours is open.

Instants are microseconds since 1970 UTC and are always passed in. Source: rating-routing.md 4.6 and 9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

MINUTES = 24 * 60
MAX_PERIODS = 5
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_Place = TypeVar("_Place", int, str)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class DayKind(StrEnum):
    """A working day, a free day (MOR: WD, FD), or any."""

    ALL = "all"
    WORKING = "wd"
    FREE = "fd"


class Moment(NamedTuple):
    """An instant in a zone: ISO date, Monday = 0, minutes since midnight."""

    date: str
    weekday: int
    minute: int


class LocalDay(NamedTuple):
    """What a price of certain times asks of an instant."""

    kind: DayKind
    minute: int


@lru_cache(maxsize=4096)
def _local(minute: int, zone: str) -> Moment:
    at = datetime.fromtimestamp(minute * 60, _zone(zone))
    return Moment(at.date().isoformat(), at.weekday(), at.hour * 60 + at.minute)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def zone_problem(name: str) -> str:
    """Why this is no time zone; empty when it is one."""
    try:
        _zone(name)
    except (KeyError, ValueError, OSError):
        return f"There is no time zone {name[:40]!r}."
    return ""


def local(now: int, zone: str) -> Moment:
    """The wall clock of a zone. Raises KeyError or ValueError for a zone that doesn't exist."""
    return _local(now // 60_000_000, zone)


def local_day(now: int, zone: str, calendar: Mapping[str, DayKind]) -> LocalDay:
    """Saturday and Sunday are free, other days are not, and `calendar` (ISO dates) says otherwise."""
    moment = local(now, zone)
    kind = calendar.get(moment.date)
    if kind is None:
        kind = DayKind.FREE if moment.weekday >= 5 else DayKind.WORKING
    return LocalDay(kind, moment.minute)


@dataclass(frozen=True, slots=True)
class Window:
    """Days of the year ("MM-DD", inclusive), days of the week (0 = Monday, inclusive) and minutes of the day.

    `end` is the first minute that is outside (08:59 inclusive is 540); begin and end equal: all day. Each part may wrap
    around, and an instant is inside when it is inside each of them. A part left empty is open.
    """

    first_day: str = ""
    last_day: str = ""
    first_weekday: int | None = None
    last_weekday: int | None = None
    start: int = 0
    end: int = 0

    def holds(self, moment: Moment) -> bool:
        if self.first_day and not _between(moment.date[5:], self.first_day, self.last_day):
            return False
        if self.first_weekday is not None and self.last_weekday is not None:
            if not _between(moment.weekday, self.first_weekday, self.last_weekday):
                return False
        return within(moment.minute, self.start, self.end)


def _between(value: _Place, first: _Place, last: _Place) -> bool:
    return first <= value <= last if first <= last else value >= first or value <= last


def within(minute: int, start: int, end: int) -> bool:
    """Whether a minute lies in a part of the day that may wrap past midnight; `end` is outside, equal = all day."""
    if start < end:
        return start <= minute < end
    return start == end or minute >= start or minute < end


def length(start: int, end: int) -> int:
    """The minutes of such a part of the day."""
    return (end - start) % MINUTES or MINUTES


def window_problem(window: Window) -> str:
    """Why a window can't be used; empty when it can."""
    for day in (window.first_day, window.last_day):
        if day and not _is_day(day):
            return f"A day of the year is written as month and day, like 12-31, not {day[:20]!r}."
    if bool(window.first_day) != bool(window.last_day):
        return "A period of the year needs its first and its last day."
    if (window.first_weekday is None) != (window.last_weekday is None):
        return "A period of the week needs its first and its last day."
    for weekday in (window.first_weekday, window.last_weekday):
        if weekday is not None and not 0 <= weekday <= 6:
            return "A day of the week runs from 0 (Monday) to 6 (Sunday)."
    if not (0 <= window.start < MINUTES and 0 <= window.end < MINUTES):
        return "A time of day runs from 00:00 to 23:59."
    return ""


def overlap_problems(windows: Sequence[Window], names: Sequence[str]) -> list[str]:
    """One sentence for each two windows of one zone that are open at the same time, and one for too many."""
    found = []
    if len(windows) > MAX_PERIODS:
        found.append(f"There can be at most {MAX_PERIODS} time periods, not {len(windows)}.")
    for one, other in combinations(range(len(windows)), 2):
        if at := _common(windows[one], windows[other]):
            found.append(f"{names[one]} and {names[other]} overlap {at}: change the times of one.")
    return found


def _common(one: Window, other: Window) -> str:
    """When both are open, in words; empty when they never are."""
    days = [day for day in _year() if _open_day(one, day) and _open_day(other, day)]
    weekdays = [day for day in range(7) if _open_weekday(one, day) and _open_weekday(other, day)]
    minutes = [
        start
        for start in {one.start, other.start}
        if within(start, one.start, one.end) and within(start, other.start, other.end)
    ]
    if not (days and weekdays and minutes):
        return ""
    minute = min(minutes)
    parts = [f"at {minute // 60:02}:{minute % 60:02}"]
    if len(weekdays) < 7:
        parts.append(f"on {_WEEKDAYS[weekdays[0]]}")
    if len(days) < 366:
        parts.append(f"of {days[0]}")
    return " ".join(parts)


def _open_day(window: Window, day: str) -> bool:
    return not window.first_day or _between(day, window.first_day, window.last_day)


def _open_weekday(window: Window, day: int) -> bool:
    if window.first_weekday is None or window.last_weekday is None:
        return True
    return _between(day, window.first_weekday, window.last_weekday)


def _year() -> list[str]:
    return [f"{month:02}-{day:02}" for month, days in enumerate(_DAYS, 1) for day in range(1, days + 1)]


def _is_day(day: str) -> bool:
    return day in _year()

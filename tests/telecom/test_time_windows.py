"""Time periods and kinds of days on the wall of a zone (rating-routing.md 4.6 and 9)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.local_time import (
    DayKind,
    Window,
    length,
    local,
    local_day,
    overlap_problems,
    window_problem,
    within,
    zone_problem,
)


def at(text: str, zone: str = "UTC") -> int:
    """An instant in microseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000


def holds(window: Window, text: str) -> bool:
    return window.holds(local(at(text), "UTC"))


WINTER = Window("01-01", "02-28", start=9 * 60, end=19 * 60)
NIGHT = Window(start=19 * 60, end=9 * 60)
LUNCH = Window(first_weekday=0, last_weekday=4, start=13 * 60, end=16 * 60)
MONDAYS = Window("01-01", "01-31", 0, 0)


@pytest.mark.parametrize(
    ("window", "moment", "inside"),
    [
        (WINTER, "2026-01-01T09:00", True),
        (WINTER, "2026-02-28T18:59:59", True),
        (WINTER, "2026-02-28T19:00", False),
        (WINTER, "2026-03-01T10:00", False),
        (NIGHT, "2026-06-01T19:00", True),
        (NIGHT, "2026-06-01T08:59:59", True),
        (NIGHT, "2026-06-01T09:00", False),
        (NIGHT, "2026-06-01T00:00", True),
        (LUNCH, "2026-06-05T15:59", True),
        (LUNCH, "2026-06-06T14:00", False),
        (LUNCH, "2026-06-05T16:00", False),
        (MONDAYS, "2026-01-05T00:00", True),
        (MONDAYS, "2026-01-06T00:00", False),
        (MONDAYS, "2026-02-02T00:00", False),
        (Window("12-20", "01-10"), "2026-12-31T12:00", True),
        (Window("12-20", "01-10"), "2026-01-10T12:00", True),
        (Window("12-20", "01-10"), "2026-02-10T12:00", False),
        (Window(first_weekday=5, last_weekday=0), "2026-06-07T12:00", True),
        (Window(first_weekday=5, last_weekday=0), "2026-06-02T12:00", False),
        (Window(), "2026-06-02T12:00", True),
    ],
)
def test_a_period_holds_what_lies_in_each_of_its_parts(window, moment, inside):
    assert holds(window, moment) is inside


def test_the_zone_decides_what_day_it_is():
    new_year = at("2025-12-31T23:30")
    assert local(new_year, "UTC").date == "2025-12-31"
    assert local(new_year, "Europe/Vilnius") == ("2026-01-01", 3, 90)


def test_saturday_and_sunday_are_free_and_the_calendar_has_the_last_word():
    saturday, monday = at("2026-06-06T12:00"), at("2026-06-08T12:00")
    assert local_day(saturday, "UTC", {}).kind is DayKind.FREE
    assert local_day(monday, "UTC", {}) == (DayKind.WORKING, 720)
    calendar = {"2026-06-06": DayKind.WORKING, "2026-06-08": DayKind.FREE}
    assert local_day(saturday, "UTC", calendar).kind is DayKind.WORKING
    assert local_day(monday, "UTC", calendar).kind is DayKind.FREE


@pytest.mark.parametrize(
    ("windows", "count"),
    [
        ((WINTER, NIGHT), 0),
        ((NIGHT, LUNCH), 0),
        ((WINTER, LUNCH), 1),
        ((WINTER, MONDAYS), 1),
        ((NIGHT, Window(start=8 * 60, end=10 * 60)), 1),
        ((NIGHT, NIGHT), 1),
        ((Window(), NIGHT), 1),
        ((Window("12-20", "01-10"), Window("01-11", "12-19")), 0),
        ((Window(first_weekday=5, last_weekday=0), Window(first_weekday=1, last_weekday=4)), 0),
        ((Window("01-01", "01-31"), Window("02-01", "02-29"), Window("03-01", "12-31")), 0),
        ((Window(start=60, end=120),) * 6, 16),
    ],
)
def test_periods_that_overlap_are_told(windows, count):
    found = overlap_problems(windows, [f"Period {one}" for one in range(len(windows))])
    assert len(found) == count and all(one.endswith(".") for one in found)


parts = st.integers(0, 23)


@given(parts, parts, parts, parts)
def test_no_overlap_is_told_exactly_when_no_hour_is_in_both(a, b, c, d):
    one, other = Window(start=a * 60, end=b * 60), Window(start=c * 60, end=d * 60)
    both = any(within(m, one.start, one.end) and within(m, other.start, other.end) for m in range(0, 1440, 60))
    assert bool(overlap_problems((one, other), ["A", "B"])) is both


@given(st.integers(0, 1439), st.integers(0, 1439))
def test_the_length_of_a_part_of_the_day_is_its_count_of_minutes(start, end):
    assert length(start, end) == sum(within(one, start, end) for one in range(1440))


@pytest.mark.parametrize(
    "window",
    [
        Window("13-01", "12-31"),
        Window("02-30", "03-01"),
        Window("01-01", ""),
        Window(first_weekday=1),
        Window(first_weekday=1, last_weekday=7),
        Window(start=1440),
        Window(end=-1),
    ],
)
def test_a_window_that_is_none_is_told(window):
    assert window_problem(window).endswith(".")


def test_a_zone_that_is_none_is_told():
    assert zone_problem("Mars/Olympus").endswith(".") and zone_problem("../etc").endswith(".")
    assert zone_problem("Europe/Vilnius") == ""

"""Prices of kinds of days and times of the day (rating-routing.md 4.6)."""

from __future__ import annotations

import struct
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.book import Tariff
from telecom.decision import Call, decide
from telecom.deck import Deck, DeckError, DeckRow, build, time_problems
from telecom.local_time import DayKind, local_day
from tests.telecom.test_time_windows import at
from tests.telecom.worlds import ANNA, carriers, lcr, single

ONE = Decimal(1)
ROW = DeckRow("370", ONE)
DAY = replace(ROW, per_minute=Decimal(2), day=DayKind.WORKING, start=8 * 60, end=20 * 60)
WORKING = replace(ROW, per_minute=Decimal(3), day=DayKind.WORKING)
FREE = replace(ROW, per_minute=Decimal(4), day=DayKind.FREE)
NIGHT = replace(ROW, per_minute=Decimal(5), start=22 * 60, end=6 * 60)


def price(rows, moment: str, zone: str = "UTC", calendar=None):
    now = at(moment, zone)
    found = Deck(build(rows)).find("37061234567", now, lambda: local_day(now, zone, calendar or {}))
    return None if found is None else int(found[1].per_minute)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-06-03T12:00", 2),  # a Wednesday at noon: the working day's hours
        ("2026-06-03T20:00", 3),  # the same evening
        ("2026-06-03T23:00", 3),  # a kind of day comes before a time of all days
        ("2026-06-06T12:00", 4),  # a Saturday
    ],
)
def test_a_kind_of_day_comes_before_all_days_and_a_narrower_time_before_a_wider(moment, expected):
    assert price([ROW, DAY, WORKING, FREE, NIGHT], moment) == expected


@pytest.mark.parametrize(("moment", "expected"), [("T21:59", 1), ("T22:00", 5), ("T05:59:59", 5), ("T06:00", 1)])
def test_a_time_of_day_may_wrap_past_midnight(moment, expected):
    assert price([ROW, NIGHT], "2026-06-03" + moment) == expected


def test_the_calendar_makes_a_day_free():
    assert price([WORKING, FREE], "2026-06-03T12:00", calendar={"2026-06-03": DayKind.FREE}) == 4


def test_the_zone_of_the_tariff_decides():
    rows = [ROW, NIGHT]
    tokyo = Tariff(1, "USD", Deck(build(rows)), zone="Asia/Tokyo")
    books = single(tokyo, lcr(1, 1), *carriers(p1="0.1"))
    call = Call(ANNA, "37061234567")
    assert decide(books, call, at("2026-06-03T14:00")).payers[0].hold(60) == 5
    assert decide(books, call, at("2026-06-03T23:00")).payers[0].hold(60) == 1


def test_a_zone_that_does_not_exist_refuses_the_call_with_a_sentence():
    nowhere = Tariff(1, "USD", Deck(build([ROW, NIGHT])), zone="Mars/Olympus")
    decision = decide(single(nowhere, lcr(1, 1), *carriers(p1="0.1")), Call(ANNA, "37061234567"), 0)
    assert decision.cause == 203 and "time zone" in decision.sentence


def test_within_one_time_the_newest_price_counts():
    newer = replace(DAY, per_minute=Decimal(9), effective_from=at("2026-06-03T10:00"))
    assert price([DAY, newer], "2026-06-03T09:59") == 2
    assert price([DAY, newer], "2026-06-03T10:00") == 9


def test_a_prefix_without_a_price_for_the_moment_gives_way_to_a_shorter_one():
    assert price([DeckRow("3", Decimal(8)), DAY], "2026-06-03T23:00") == 8
    assert price([DAY], "2026-06-03T23:00") is None


def test_rows_of_times_come_back_from_the_deck():
    rows = [DAY, WORKING, FREE, NIGHT, ROW]
    assert sorted(Deck(build(rows)).rows(), key=repr) == sorted(rows, key=repr)


@pytest.mark.parametrize("row", [replace(ROW, start=1440), replace(ROW, end=-1)])
def test_a_time_of_day_that_is_none_is_refused(row):
    with pytest.raises(DeckError, match="00:00 to 23:59"):
        build([row])


def test_two_prices_of_one_time_are_refused_and_overlapping_ones_told():
    with pytest.raises(DeckError, match="two prices"):
        build([DAY, DAY])
    shifted = replace(DAY, start=9 * 60, end=21 * 60)
    assert len(time_problems([DAY, shifted])) == 1
    assert time_problems([DAY, shifted])[0].endswith(".")
    assert time_problems([DAY, replace(shifted, end=22 * 60)]) == []
    assert time_problems([DAY, replace(shifted, day=DayKind.FREE), ROW]) == []


@given(st.integers(0, 6 * 24 * 60))
def test_at_every_minute_of_a_week_exactly_one_price_counts(minute):
    now = at("2026-06-01T00:00") + minute * 60_000_000
    rows = [ROW, DAY, WORKING, FREE, NIGHT]
    day = local_day(now, "UTC", {})
    found = Deck(build(rows)).find("370", now, lambda: day)
    assert found is not None
    if day.kind is DayKind.FREE:
        assert found[1].per_minute == 4
    else:
        assert found[1].per_minute == (2 if 480 <= day.minute < 1200 else 3)


def test_a_deck_of_before_times_and_groups_reads_as_it_did():
    # Until then a record ended in five empty bytes: all days, all hours, no group.
    record = struct.pack("<qqqIIBBB5x", 5, 2, 7, 30, 6, 2, 1, 1)
    block = build([DeckRow("370", Decimal("0.05"), Decimal("0.2"), 30, 6, 7, blocked=True)])
    assert record in block
    assert list(Deck(block).rows()) == [DeckRow("370", Decimal("0.05"), Decimal("0.2"), 30, 6, 7, blocked=True)]

"""The tables of rating-routing.md 4.1, 4.2, 4.4 and 8.4, row by row."""

from __future__ import annotations

from decimal import Decimal

import pytest

from telecom.rating import (
    Rate,
    Rounding,
    SecondsMode,
    affordable_seconds,
    billed_seconds,
    charge,
    hold_amount,
    whole_seconds,
)

# name, billsec, rate, fee, min, inc, grace, free, billed GRID, billed INITIAL, price GRID (as printed)
ROWS = [
    ("R1", 15, "1", "0", 0, 1, 0, 0, 15, 15, "0.25"),
    ("R2", 15, "1", "0", 0, 10, 0, 0, 20, 20, "0.333333"),
    ("R3", 15, "1", "0", 0, 20, 0, 0, 20, 20, "0.333333"),
    ("R4", 15, "1", "0", 0, 60, 0, 0, 60, 60, "1.0"),
    ("R5", 55, "1", "0", 0, 60, 0, 0, 60, 60, "1.0"),
    ("R6", 65, "1", "0", 0, 60, 0, 0, 120, 120, "2.0"),
    ("R7", 5, "1", "0", 10, 1, 0, 0, 10, 10, "0.166667"),
    ("R8", 25, "1", "0", 10, 1, 0, 0, 25, 25, "0.416667"),
    ("R9 1 s", 1, "1", "0", 10, 1, 0, 0, 10, 10, "0.166667"),
    ("R9 2 s", 2, "1", "0", 10, 1, 0, 0, 10, 10, "0.166667"),
    ("R9 9 s", 9, "1", "0", 10, 1, 0, 0, 10, 10, "0.166667"),
    ("R9 10 s", 10, "1", "0", 10, 1, 0, 0, 10, 10, "0.166667"),
    ("R10 11 s", 11, "1", "0", 10, 1, 0, 0, 11, 11, "0.183333"),
    ("R10 12 s", 12, "1", "0", 10, 1, 0, 0, 12, 12, "0.2"),
    ("R11", 5, "1", "0", 10, 30, 0, 0, 30, 10, "0.5"),
    ("R12", 1, "1", "0", 60, 1, 3, 0, 60, 60, "1.0"),
    ("R13", 3, "1", "0", 0, 1, 3, 0, 0, 0, "0"),
    ("R14", 4, "1", "0", 0, 1, 3, 0, 4, 4, "0.066667"),
    ("R15 31 s", 31, "1", "0", 30, 6, 0, 0, 36, 36, "0.6"),
    ("R15 39 s", 39, "1", "0", 30, 6, 0, 0, 42, 42, "0.7"),
    ("R15 12 s", 12, "1", "0", 30, 6, 0, 0, 30, 30, "0.5"),
    ("R16", 61, "1", "0", 60, 1, 0, 0, 61, 61, "1.016667"),
    ("R17", 90, "0.2", "0.05", 60, 60, 0, 0, 120, 120, "0.45"),
    ("R18", 100, "0.15", "0.02", 45, 30, 0, 0, 120, 105, "0.32"),
    ("R19", 0, "1", "0.5", 60, 60, 0, 0, 0, 0, "0"),
    ("R20 720 s", 720, "0.2", "0", 0, 1, 0, 0, 720, 720, "2.4"),
    ("R20 540 s", 540, "0.2", "0", 0, 1, 0, 0, 540, 540, "1.8"),
    ("R21", 75, "0.3", "0", 0, 1, 0, 10, 65, 65, "0.325"),
    ("R22", 42, "0.012", "0", 0, 1, 0, 0, 42, 42, "0.0084"),
    ("peers 5: 30/18 for 31 s", 31, "1", "0", 30, 18, 0, 0, 36, 48, "0.6"),
]


@pytest.mark.parametrize("row", ROWS, ids=[one[0] for one in ROWS])
def test_the_wholesale_table_is_billed_and_priced_as_printed(row):
    _, billsec, per_minute, fee, min_time, increment, grace, free, grid, initial, price = row
    terms = (Decimal(per_minute), Decimal(fee), min_time, increment)
    by_grid = Rate(*terms, Rounding.GRID, grace, free)
    by_initial = Rate(*terms, Rounding.INITIAL, grace, free)
    assert billed_seconds(by_grid, billsec) == grid
    assert billed_seconds(by_initial, billsec) == initial
    assert round(charge(by_grid, billsec), 6) == Decimal(price)
    if grid == initial:
        assert charge(by_initial, billsec) == charge(by_grid, billsec)


@pytest.mark.parametrize(
    ("name", "seconds", "provider", "reseller", "user", "root_profit", "reseller_profit"),
    [
        ("P1", 60, ("0.30", 1), ("1.20", 1), ("2.00", 1), "0.90", "0.80"),
        ("P2", 90, ("0.45", 1), ("1.80", 1), ("3.00", 1), "1.35", "1.20"),
        ("P3", 37, ("0.185", 1), ("0.74", 1), ("1.233333", 1), "0.555", "0.493333"),
        ("P4", 37, ("0.185", 1), ("0.74", 1), ("2.00", 60), "0.555", "1.26"),
    ],
)
def test_every_party_rates_the_same_talk_by_its_own_price(
    name, seconds, provider, reseller, user, root_profit, reseller_profit
):
    paid = []
    for per_minute, (expected, increment) in zip(("0.3", "1.2", "2"), (provider, reseller, user), strict=True):
        paid.append(charge(Rate(Decimal(per_minute), increment=increment, min_time=increment), seconds))
        assert round(paid[-1], 6) == Decimal(expected)
    assert round(paid[1] - paid[0], 6) == Decimal(root_profit)
    assert round(paid[2] - paid[1], 6) == Decimal(reseller_profit)


@pytest.mark.parametrize(
    ("available", "per_minute", "fee", "min_time", "increment", "cap", "seconds"),
    [
        ("8", ".2", "0", 0, 1, 1800, 1800),
        ("2", ".2", "0", 0, 1, 1800, 600),
        ("3.6", ".2", "0", 0, 1, 1800, 1080),
        ("0.5", "1", "0", 0, 60, 7200, 0),
        ("1.99", "1", "0", 0, 60, 7200, 60),
        ("0.30", ".2", ".05", 30, 6, 7200, 72),
        ("0.001", ".2", "0", 0, 1, 7200, 0),
        ("0.0034", ".2", "0", 0, 1, 7200, 1),
        ("0", "0", "0", 0, 1, 7200, 7200),
        ("-5", "0", "0", 0, 1, 7200, 7200),
    ],
)
@pytest.mark.parametrize("rounding", list(Rounding))
def test_the_maximum_duration_is_what_the_money_buys(
    available, per_minute, fee, min_time, increment, cap, seconds, rounding
):
    rate = Rate(Decimal(per_minute), Decimal(fee), min_time, increment, rounding)
    assert affordable_seconds(Decimal(available), rate, cap=cap) == seconds


@pytest.mark.parametrize(
    ("microseconds", "mode", "seconds"),
    [
        (41_155_338, SecondsMode.CEIL, 42),
        (41_155_338, SecondsMode.FLOOR, 41),
        (41_155_338, SecondsMode.HALF_UP, 41),
        (41_500_000, SecondsMode.HALF_UP, 42),
        (42_000_000, SecondsMode.CEIL, 42),
        (1, SecondsMode.CEIL, 1),
        (0, SecondsMode.CEIL, 0),
        (-5, SecondsMode.CEIL, 0),
    ],
)
def test_microseconds_of_talk_become_whole_seconds(microseconds, mode, seconds):
    assert whole_seconds(microseconds, mode) == seconds


def test_grace_excludes_its_last_second_where_a_tariff_says_so():
    rate = Rate(Decimal(1), grace=3, grace_inclusive=False)
    assert charge(rate, 2) == 0
    assert charge(rate, 3) == Decimal("0.05")


def test_the_hold_of_a_slice_is_its_full_charge():
    assert hold_amount(Rate(Decimal("0.6"), Decimal("0.1"), 90, 30), 60) == Decimal("1.0")


def test_large_prices_in_currencies_without_cents_stay_exact():
    assert charge(Rate(Decimal(1234567)), 3600) == Decimal(74074020)


def test_a_charge_is_rounded_half_up_once_after_conversion():
    rate = Rate(Decimal("0.0000000003"))
    assert charge(rate, 10) == Decimal("0.0000000001")  # exactly half of the last decimal
    assert charge(Rate(Decimal("0.01")), 20, Decimal("1.1")) == Decimal("0.0036666667")

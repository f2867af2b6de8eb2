"""The lab's own sums agree with the worked examples of the trade, so that they may judge ours."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from switch_adapters.lab.independent_charge import Price, billed_seconds, charge, longest, read_prices, safe_length

# rating-routing.md 4.2: talk, rate, minimum, increment, billed GRID, billed INITIAL
VECTORS = [
    (15, 0, 1, 15, 15),
    (15, 0, 10, 20, 20),
    (15, 0, 20, 20, 20),
    (55, 0, 60, 60, 60),
    (65, 0, 60, 120, 120),
    (5, 10, 1, 10, 10),
    (25, 10, 1, 25, 25),
    (5, 10, 30, 30, 10),
    (31, 30, 6, 36, 36),
    (39, 30, 6, 42, 42),
    (12, 30, 6, 30, 30),
]


@pytest.mark.parametrize(("talk", "minimum", "increment", "grid", "initial"), VECTORS)
def test_billed_seconds_follow_the_published_examples(
    talk: int, minimum: int, increment: int, grid: int, initial: int
) -> None:
    price = Price("1", Fraction(1), Fraction(0), minimum, increment)
    assert billed_seconds(Fraction(talk), price, grid=True) == grid
    assert billed_seconds(Fraction(talk), price) == initial


def test_milliseconds_are_rounded_up_and_amounts_half_up_to_ten_decimals() -> None:
    price = Price("1", Fraction("0.0123"), Fraction("0.005"), 0, 1)
    assert billed_seconds(Fraction("41.155338"), price) == 42
    assert charge(Fraction("41.155338"), price) == "0.0136100000"
    assert charge(Fraction(1), Price("1", Fraction("0.00000000300"), Fraction(0), 0, 1)) == "0.0000000001"
    assert charge(Fraction(0), price) == "0.0000000000"


def test_prices_are_read_with_either_decimal_mark_and_the_longest_prefix_wins(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("prefix;price;connection fee;min seconds;increment\n44;0,0125;0,01;30;6\n4420;0,02;;;\n")
    prices = read_prices(file)
    found = longest(prices, "442079460000")
    assert found == Price("4420", Fraction("0.02"), Fraction(0), 0, 1)
    assert longest(prices, "447700900000") == Price("44", Fraction("0.0125"), Fraction("0.01"), 30, 6)
    assert longest(prices, "331") is None


@pytest.mark.parametrize("asked", [0, 1, 299, 300, 999, 1000, 1500, 2701, 2999])
def test_safe_lengths_lie_off_every_whole_second(asked: int) -> None:
    got = safe_length(asked)
    assert got >= asked
    assert 300 <= got % 1000 <= 700

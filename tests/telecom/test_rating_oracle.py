"""The short form of `make oracle-rating`: random calls against an independent calculation by fractions."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from telecom.rating import Rate, Rounding
from tests.telecom import oracle_rating
from tests.telecom.oracle_rating import billed, compare, cost


def test_random_calls_are_rated_as_the_oracle_rates_them():
    assert compare(20_000, seed=7) == []


def test_the_oracle_itself_agrees_with_the_published_rows():
    rate = Rate(Decimal(1), min_time=10, increment=30, rounding=Rounding.GRID)
    assert billed(rate, 5) == 30 and billed(replace(rate, rounding=Rounding.INITIAL), 5) == 10
    assert cost(Rate(Decimal("0.012")), 42, Decimal(1)) == Decimal("0.0084")
    assert cost(Rate(Decimal(1), min_time=60, grace=3), 1, Decimal(1)) == 1


def test_the_oracle_notices_a_wrong_charge(monkeypatch):
    right = oracle_rating.charge
    monkeypatch.setattr(oracle_rating, "charge", lambda rate, seconds, fx: right(rate, seconds, fx) + Decimal("1e-10"))
    assert len(compare(50, seed=7)) == 50

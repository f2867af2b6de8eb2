"""Rating against an oracle in fractions, and what must hold for any price."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st

from telecom.rating import Rate, Rounding, affordable_seconds, billed_seconds, charge, convert

amounts = st.decimals(min_value=0, max_value=10_000, places=8) | st.decimals(min_value=0, max_value=2, places=4)
factors = st.decimals(min_value="0.0001", max_value=30_000, places=12) | st.just(Decimal(1))
rates = st.builds(
    Rate,
    per_minute=amounts,
    connection_fee=amounts | st.just(Decimal(0)),
    min_time=st.integers(0, 120),
    increment=st.integers(0, 90),
    rounding=st.sampled_from(list(Rounding)),
    grace=st.integers(0, 30) | st.just(0),
    free_seconds=st.integers(0, 30) | st.just(0),
    grace_inclusive=st.booleans(),
)
talks = st.integers(0, 20_000)


def oracle(rate: Rate, billsec: int, fx: Decimal) -> Decimal:
    """The charge by fractions, written from the rules and not from the code."""
    if billsec == 0:
        return Decimal(0)
    graced = billsec <= rate.grace if rate.grace_inclusive else billsec < rate.grace
    if graced and rate.min_time <= rate.grace:
        return Decimal(0)
    left = billsec - rate.free_seconds
    if left <= 0:
        return Decimal(0)
    step = rate.increment or 1
    billed = 0 if rate.rounding is Rounding.GRID else rate.min_time
    while billed < max(left, rate.min_time):
        billed += step
    exact = (Fraction(rate.connection_fee) + Fraction(rate.per_minute) * billed / 60) * Fraction(fx)
    return Decimal(floor(exact * 10**10 + Fraction(1, 2))).scaleb(-10)


@settings(max_examples=500)
@given(rates, talks, factors)
def test_a_charge_equals_the_oracle_to_the_last_digit(rate, billsec, fx):
    assert charge(rate, billsec, fx) == oracle(rate, billsec, fx)


@given(rates, st.integers(1, 20_000))
def test_what_is_billed_covers_the_talk_and_lies_on_the_grid(rate, billsec):
    billed = billed_seconds(rate, billsec)
    if billed:
        start = 0 if rate.rounding is Rounding.GRID else rate.min_time
        assert billed >= max(billsec - rate.free_seconds, rate.min_time)
        assert (billed - start) % (rate.increment or 1) == 0
        assert billed - max(billsec - rate.free_seconds, rate.min_time) < (rate.increment or 1)


@given(rates, talks, talks, factors)
def test_a_longer_call_is_never_cheaper(rate, one, other, fx):
    shorter, longer = sorted((one, other))
    assert charge(rate, shorter, fx) <= charge(rate, longer, fx)


@settings(max_examples=500)
@given(st.decimals(min_value=0, max_value=5000, places=12), rates, factors, st.integers(1, 10_000))
def test_the_seconds_that_money_buys_cost_no_more_than_the_money_and_one_block_more_would(available, rate, fx, cap):
    seconds = affordable_seconds(available, rate, fx, cap)
    assert 0 <= seconds <= cap
    assert charge(rate, seconds, fx) <= available
    if 0 < seconds < cap:
        graced = seconds <= rate.grace and not billed_seconds(rate, seconds)
        assert graced or billed_seconds(rate, seconds) == seconds - rate.free_seconds or not charge(rate, cap, fx)
        assert charge(rate, seconds + 1, fx) > available
    if seconds == 0 and cap > rate.grace + rate.free_seconds:
        assert charge(rate, rate.grace + rate.free_seconds + 1, fx) > available


@given(st.decimals(min_value=0, max_value=50, places=4), st.decimals(min_value=0, max_value=50, places=4), rates)
def test_more_money_never_buys_less(one, other, rate):
    less, more = sorted((one, other))
    assert affordable_seconds(less, rate) <= affordable_seconds(more, rate)


@given(st.decimals(min_value=-1000, max_value=1000, places=10), factors)
def test_converting_rounds_half_up_away_from_zero(amount, fx):
    exact = abs(Fraction(amount) * Fraction(fx))
    expected = Decimal(floor(exact * 10**10 + Fraction(1, 2))).scaleb(-10)
    assert convert(amount, fx) == (-expected if amount < 0 else expected)


def test_tiny_rates_are_settled_without_counting_step_by_step():
    rate = Rate(Decimal("1e-17"))
    assert affordable_seconds(Decimal(0), rate, cap=10**9) == 299_999_999
    assert charge(rate, 299_999_999) == 0 < charge(rate, 300_000_000)

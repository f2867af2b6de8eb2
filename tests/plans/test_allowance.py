"""Allowances add up: plan + n x addon, in any order; of several levels the narrowest counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.allowance import (
    GRACE,
    NOTHING,
    UNLIMITED,
    Allowance,
    Member,
    Source,
    State,
    allowance_of,
    effective,
    over,
    state_of,
    suspends,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
allowances = st.one_of(st.none(), st.integers(0, 10**9)).map(Allowance)
times = st.integers(0, 10_000)


@given(allowances, allowances)
def test_addition_commutes(a, b):
    assert a + b == b + a


@given(allowances, allowances, allowances)
def test_addition_associates(a, b, c):
    assert (a + b) + c == a + (b + c)


@given(allowances)
def test_nothing_adds_nothing_and_unlimited_swallows_all(a):
    assert a + NOTHING == a
    assert a + UNLIMITED == UNLIMITED


@given(allowances, times, times)
def test_buying_twice_is_buying_the_sum(a, m, n):
    assert m * a + n * a == (m + n) * a


@given(allowances, allowances, times)
def test_multiplying_a_sum_is_the_sum_of_the_products(a, b, n):
    assert n * (a + b) == n * a + n * b
    assert n * a == a * n


@given(allowances, allowances, allowances)
def test_the_narrower_of_two_is_the_same_in_any_order(a, b, c):
    assert a & b == b & a
    assert (a & b) & c == a & (b & c)
    assert a & UNLIMITED == a
    assert (a + c) & (b + c) == (a & b) + c


@given(allowances, st.integers(0, 10**9))
def test_an_allowance_covers_what_is_within_it(a, used):
    assert a.covers(used) == (a.value is None or used <= a.value)


def test_a_negative_allowance_and_a_negative_purchase_are_refused():
    with pytest.raises(ValueError, match="can't be -1"):
        Allowance(-1)
    with pytest.raises(ValueError, match="Nobody buys -1"):
        -1 * Allowance(5)


@given(st.lists(st.sampled_from(State), min_size=1))
def test_the_weakest_level_decides(states):
    assert effective(states) in states
    assert all(effective(states) <= one for one in states)
    assert effective(reversed(states)) == effective(states)


def test_no_level_at_all_is_hidden():
    assert effective([]) is State.HIDDEN


def test_without_a_purchase_an_addon_is_limited_or_hidden():
    assert state_of([], NOW, has_limited=True) is State.LIMITED
    assert state_of([], NOW, has_limited=False) is State.HIDDEN
    assert state_of([Source(State.PURCHASED)], NOW, has_limited=True, built=False) is State.HIDDEN


def test_a_purchase_ends_at_its_instant_and_not_before():
    bought = [Source(State.PURCHASED, until=NOW + DAY, since=NOW)]
    assert state_of(bought, NOW - DAY, has_limited=True) is State.LIMITED
    assert state_of(bought, NOW, has_limited=True) is State.PURCHASED
    assert state_of(bought, NOW + DAY - timedelta(microseconds=1), has_limited=True) is State.PURCHASED
    assert state_of(bought, NOW + DAY, has_limited=True) is State.EXPIRED


def test_what_the_group_forbids_stays_hidden_whatever_was_bought():
    sources = [Source(State.PURCHASED), Source(State.HIDDEN)]
    assert state_of(sources, NOW, has_limited=True) is State.HIDDEN
    assert allowance_of(State.HIDDEN, sources, NOW, unit=UNLIMITED, limited=Allowance(10)) == NOTHING


def test_plan_and_addons_add_up():
    sources = [Source(State.PURCHASED, 1), Source(State.PURCHASED, 3), Source(State.TRIAL, 2, until=NOW)]
    assert allowance_of(State.PURCHASED, sources, NOW, unit=Allowance(10), limited=Allowance(5)) == Allowance(40)


def test_an_expired_addon_falls_back_to_its_limited_quota():
    sources = [Source(State.TRIAL, until=NOW)]
    assert allowance_of(State.EXPIRED, sources, NOW, unit=UNLIMITED, limited=Allowance(10)) == Allowance(10)
    assert allowance_of(State.EXPIRED, sources, NOW, unit=UNLIMITED, limited=NOTHING) == NOTHING


members = st.lists(
    st.builds(Member, st.integers(0, 50).map(lambda d: NOW + d * DAY), st.integers(1, 3), st.integers(1, 10**6)),
    unique_by=lambda one: (one.operator_id, one.id),
)


@given(members, allowances)
def test_the_oldest_stay_and_the_rest_is_over(found, allowed):
    rest = over(found, allowed)
    kept = [one for one in found if one not in rest]
    assert len(kept) == (len(found) if allowed.value is None else min(len(found), allowed.value))
    assert all(a.made_at <= b.made_at for a in kept for b in rest)
    assert over(reversed(found), allowed) == rest


def test_grace_is_fourteen_days_to_the_instant():
    assert timedelta(days=14) == GRACE
    assert not suspends(NOW, NOW + 14 * DAY - timedelta(microseconds=1))
    assert suspends(NOW, NOW + 14 * DAY)

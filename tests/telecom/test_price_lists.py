"""Retail from wholesale, a list from an LCR, the difference of two lists, masks (rating-routing.md 6, 9, 15)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.deck import Deck, DeckRow, build
from telecom.details import detail_problems
from telecom.price_lists import (
    Change,
    Priced,
    changed_by,
    csv_line,
    difference,
    from_lcr,
    in_force,
    masked,
    worth,
)
from telecom.rating import Rate, Rounding, charge
from telecom.retail import Raise, dearest, details_of, differences, retail_rows, warnings


def rate(per_minute: str, fee: str = "0", min_time: int = 0, increment: int = 1, rounding=Rounding.INITIAL) -> Rate:
    return Rate(Decimal(per_minute), Decimal(fee), min_time, increment, rounding)


def row(prefix: str, per_minute: str, **more) -> DeckRow:
    return DeckRow(prefix, Decimal(per_minute), **more)


@pytest.mark.parametrize(
    ("prices", "amount", "percent", "result"),
    [
        ({"1": ".01", "12": ".02", "123": ".03"}, ".005", "0", ".035"),
        ({"1": ".10"}, ".02", "10", ".132"),
        ({"1": ".1"}, "0", "10", ".11"),
    ],
)
def test_a_groups_price_is_its_dearest_one_raised_by_amount_then_percent(prices, amount, percent, result):
    _, chosen = dearest((prefix, rate(price)) for prefix, price in prices.items())
    assert Raise(Decimal(amount), Decimal(percent)).of(chosen.per_minute) == Decimal(result)
    assert dearest([]) is None


GRID = rate("1", ".10", 10, 30, Rounding.GRID)


@pytest.mark.parametrize(
    ("billsec", "retail"), [(5, ".2666666667"), (10, ".2666666667"), (11, ".7666666667"), (41, "1.2666666667")]
)
def test_mors_own_conversion_counts_from_the_minimum_and_is_not_the_same_on_the_grid(billsec, retail):
    details = details_of(GRID, as_mor=True)
    assert charge(replace(GRID, details=details), billsec) == Decimal(retail)
    found = differences([("37", GRID)], details)
    assert found == [("37", 1, Decimal(".6"), Decimal("0.2666666667"))]
    assert "0.6" in found[0].sentence() and found[0].sentence().endswith(".")


@given(
    st.integers(0, 500).map(lambda one: Decimal(one) / 100),
    st.integers(0, 100).map(lambda one: Decimal(one) / 100),
    st.integers(0, 90),
    st.integers(0, 70),
    st.sampled_from(Rounding),
    st.integers(0, 1000),
)
def test_our_conversion_charges_what_the_wholesale_price_does(price, fee, min_time, increment, rounding, seconds):
    one = Rate(price, fee, min_time, increment, rounding)
    details = details_of(one)
    assert detail_problems(details) == []
    assert charge(replace(one, details=details), seconds) == charge(one, seconds)
    assert differences([("1", one)], details) == []


def test_prefixes_cheaper_than_their_group_are_warned_of():
    rates = [("370", rate("1")), ("3706", rate("2"))]
    found = differences(rates, details_of(dearest(rates)[1]))
    assert [one.prefix for one in found] == ["370"]
    assert warnings(found) == [found[0].sentence()]
    assert warnings(found * 22)[-1] == "2 more prefixes differ."


def test_a_retail_list_blocks_a_group_without_a_price_inside_one_with_a_price():
    details = {1: details_of(rate("1"))}
    rows = list(retail_rows({"370": 1, "3706": 2, "44": 2}, details))
    assert [(one.prefix, one.group, one.blocked) for one in rows] == [("370", 1, False), ("3706", 0, True)]
    assert Deck(build(rows)).find("37061", 0)[1].blocked


# -- from an LCR -------------------------------------------------------------------------------------------------------


def test_a_list_from_an_lcr_has_the_lowest_and_the_highest_rate_of_every_prefix():
    ours = [row("93", "1"), row("44", "0"), row("370", "3", blocked=True)]
    theirs = [row("93", "1"), row("370", "2")]
    made = from_lcr([(ours, Decimal(1)), (theirs, Decimal(2))])
    assert made == [Priced("370", Decimal(4), Decimal(4)), Priced("93", Decimal(1), Decimal(2))]
    assert [one.prefix for one in from_lcr([(ours, Decimal(1))], zeros=True)] == ["44", "93"]


def test_its_line_is_the_one_of_the_wiki():
    line = csv_line(Priced("93", Decimal(1), Decimal(2)), "Afghanistan", "Afghanistan proper", "FIX")
    assert line == "Afghanistan,Afghanistan proper,93,FIX,1,2"
    assert csv_line(Priced("1", Decimal(1), Decimal(2)), "A, B", '=x"', "FIX") == '"A, B","\'=x""",1,FIX,1,2'


# -- differences -------------------------------------------------------------------------------------------------------


def test_the_difference_of_two_lists_names_each_prefix_once():
    old = [row("1", "1"), row("2", "1"), row("3", "1"), row("4", "1"), row("5", "0"), row("6", "1"), row("7", "1")]
    new = [
        row("0", "1"),
        row("1", "1.5"),
        row("2", "0.5"),
        row("3", "1"),
        row("5", "1"),
        row("6", "1", blocked=True),
        row("7", "1", increment=6),
    ]
    found = {one.prefix: (one.change, one.percent) for one in difference(old, new)}
    assert found == {
        "0": (Change.NEW, None),
        "1": (Change.UP, Decimal("50.00")),
        "2": (Change.DOWN, Decimal("-50.00")),
        "3": (Change.SAME, Decimal("0.00")),
        "4": (Change.CLOSED, None),
        "5": (Change.UP, None),
        "6": (Change.BLOCKED, Decimal("0.00")),
        "7": (Change.TERMS, Decimal("0.00")),
    }


@given(
    st.dictionaries(st.text("123", min_size=1, max_size=3), st.integers(0, 9)),
    st.dictionaries(st.text("123", min_size=1, max_size=3), st.integers(0, 9)),
)
def test_a_difference_is_complete_and_turns_around(before, after):
    old = [row(prefix, str(price)) for prefix, price in before.items()]
    new = [row(prefix, str(price)) for prefix, price in after.items()]
    forth, back = difference(old, new), difference(new, old)
    assert {one.prefix for one in forth} == {*before, *after}
    assert [one.difference for one in forth] == [-one.difference for one in back]
    assert [one.change for one in difference(old, old)] == [Change.SAME] * len(old)


def test_what_is_in_force_is_the_newest_that_has_begun():
    rows = [
        row("1", "1"),
        row("1", "2", effective_from=5),
        row("1", "3", effective_from=9),
        row("2", "1", effective_from=7),
    ]
    assert [int(one.per_minute) for one in in_force(rows, 6)] == [2]
    assert {one.prefix: int(one.per_minute) for one in in_force(rows, 9)} == {"1": 3, "2": 1}


def test_rates_are_found_by_mask_and_changed_at_once():
    rows = [row("370", "1"), row("3706", "2"), row("44", "3")]
    assert [one.prefix for one in masked(rows, "370%")] == ["370", "3706"]
    assert [one.prefix for one in masked(rows, "37x6")] == ["3706"]
    assert [one.per_minute for one in changed_by(rows, lambda price: price - 2)] == [0, 0, 1]


def test_a_change_is_worth_what_past_minutes_would_have_cost_more():
    changes = difference([row("1", "1"), row("2", "1")], [row("1", "1.5"), row("3", "9")])
    assert worth(changes, {"1": Decimal(10), "3": Decimal(5)}) == 5

"""Retail prices: the table of rating-routing.md section 6, and what must hold of every one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.book import Tariff
from telecom.chain import Price
from telecom.decision import Call, decide
from telecom.deck import Deck, DeckRow, build
from telecom.details import INFINITE, Detail, DetailKind, detail_problems, per_minute
from telecom.rating import Rate, Rounding, SecondsMode, affordable_seconds, billed_seconds, charge
from telecom.settlement import from_snapshot, settle, snapshot
from tests.telecom.worlds import ANNA, NOW, carriers, lcr, single

EVENT = DetailKind.EVENT


def event(start: int, rate: str) -> Detail:
    return Detail(start, kind=EVENT, rate=Decimal(rate))


def minute(start: int, seconds: int, round_by: int, rate: str) -> Detail:
    return Detail(start, seconds, DetailKind.MINUTE, round_by, Decimal(rate))


TEN_THIRTY = (event(1, ".10"), minute(1, 10, 10, "1"), minute(11, INFINITE, 30, "1"))
FIRST_FREE = (minute(1, 60, 1, "0"), minute(61, INFINITE, 1, ".12"))
STEPS = (event(1, ".05"), minute(1, 180, 1, ".20"), minute(181, INFINITE, 60, ".10"), event(301, ".07"))
WHOLESALE = Rate(Decimal(1), Decimal(".10"), 10, 30, Rounding.GRID)


def retail(details) -> Rate:
    return Rate(per_minute(details), details=details)


@pytest.mark.parametrize(
    ("details", "billsec", "price"),
    [
        (TEN_THIRTY, 5, "0.2666666667"),
        (TEN_THIRTY, 10, "0.2666666667"),
        (TEN_THIRTY, 11, "0.7666666667"),
        (TEN_THIRTY, 40, "0.7666666667"),
        (TEN_THIRTY, 41, "1.2666666667"),
        (FIRST_FREE, 60, "0"),
        (FIRST_FREE, 61, "0.002"),
        (FIRST_FREE, 180, "0.24"),
        (STEPS, 1, "0.0533333333"),
        (STEPS, 180, "0.65"),
        (STEPS, 181, "0.75"),
        (STEPS, 300, "0.85"),
        (STEPS, 301, "1.02"),
        (STEPS, 0, "0"),
    ],
)
def test_the_table_of_section_six(details, billsec, price):
    assert charge(retail(details), billsec) == Decimal(price)


@pytest.mark.parametrize(("billsec", "price"), [(5, ".6"), (10, ".6"), (11, ".6"), (40, "1.1"), (41, "1.1")])
def test_the_same_prices_wholesale_on_the_grid(billsec, price):
    assert charge(WHOLESALE, billsec) == Decimal(price)


@pytest.mark.parametrize(
    ("details", "told"),
    [
        ((), "begin at second 1"),
        ((minute(2, INFINITE, 1, "1"),), "begin at second 1"),
        ((minute(1, 10, 1, "1"),), "no end"),
        ((minute(1, 10, 1, "1"), minute(10, INFINITE, 1, "1")), "overlap"),
        ((minute(1, 10, 1, "1"), minute(12, INFINITE, 1, "1")), "seconds 11 to 11"),
        ((minute(1, INFINITE, 1, "1"), minute(11, INFINITE, 1, "1")), "none can follow"),
        ((minute(1, INFINITE, 0, "1"),), "rounding"),
        ((minute(1, 0, 1, "1"),), "length"),
        ((minute(1, INFINITE, 1, "-1"),), "negative"),
        ((event(0, "1"), minute(1, INFINITE, 1, "1")), "second 1 or later"),
    ],
)
def test_details_that_leave_a_second_without_a_price_are_refused(details, told):
    problems = detail_problems(details)
    assert problems and told in problems[0] and all(one.endswith(".") for one in problems)


def test_right_details_have_no_problems():
    assert detail_problems(TEN_THIRTY) == detail_problems(FIRST_FREE) == detail_problems(STEPS) == []


@st.composite
def prices(draw):
    start, found = 1, []
    amounts = st.integers(0, 300).map(lambda one: Decimal(one) / 100)
    for _ in range(draw(st.integers(0, 3))):
        seconds = draw(st.integers(1, 90))
        found.append(Detail(start, seconds, DetailKind.MINUTE, draw(st.integers(1, 70)), draw(amounts)))
        start += seconds
    found.append(Detail(start, INFINITE, DetailKind.MINUTE, draw(st.integers(1, 70)), draw(amounts)))
    found += [Detail(draw(st.integers(1, 200)), kind=EVENT, rate=draw(amounts)) for _ in range(draw(st.integers(0, 2)))]
    return tuple(found)


@given(prices(), st.integers(0, 400))
def test_a_longer_call_never_costs_less_and_never_fewer_seconds_than_it_lasts(details, seconds):
    assert detail_problems(details) == []
    rate = retail(details)
    assert charge(rate, seconds) <= charge(rate, seconds + 1)
    assert billed_seconds(rate, seconds) >= seconds


@given(prices(), st.integers(0, 2000).map(lambda one: Decimal(one) / 100), st.integers(0, 900))
def test_money_lasts_exactly_as_long_as_the_details_say(details, available, cap):
    rate = retail(details)
    found = affordable_seconds(available, rate, cap=cap)
    brute = max((one for one in range(cap + 1) if charge(rate, one) <= available), default=0)
    assert found == brute


def test_a_decision_prices_by_the_group_of_the_number_and_settles_from_its_snapshot():
    rows = [DeckRow("3", per_minute(STEPS), group=7), DeckRow("37", per_minute(TEN_THIRTY), group=8)]
    list_ = Tariff(1, "USD", Deck(build(rows)), groups={7: STEPS, 8: TEN_THIRTY})
    books = single(list_, lcr(1, 1), *carriers(p1="0.05"))
    decision = decide(books, Call(ANNA, "31061234567"), NOW)
    assert not decision.refused and decision.payers[0].hold(61) == charge(retail(STEPS), 61)
    back = from_snapshot(snapshot(decision))
    assert back.routes == decision.routes
    ended = settle(back, 0, 0, 301_000_000).levels[0]
    assert (ended.sell, ended.billed_seconds) == (Decimal("1.02"), 360)
    assert decide(books, Call(ANNA, "37061234567"), NOW).payers[0].hold(5) == charge(retail(TEN_THIRTY), 5)


def test_a_group_without_details_is_no_price():
    books = single(Tariff(1, "USD", Deck(build([DeckRow("3", Decimal(1), group=7)]))), lcr(1, 1), *carriers(p1="0.05"))
    decision = decide(books, Call(ANNA, "37061234567"), NOW)
    assert decision.cause == 203 and "group 7" in decision.sentence


def test_a_deck_keeps_the_group_of_a_row():
    rows = [DeckRow("3", Decimal(1), group=7, blocked=True), DeckRow("4", Decimal(1), increment=6)]
    assert list(Deck(build(rows)).rows()) == rows


def test_an_old_snapshot_without_details_still_reads():
    books = single(lcr(1, 1), *carriers(p1="0.05"))
    old = snapshot(decide(books, Call(ANNA, "37061234567"), NOW))
    assert len(old["levels"][0][4]) == 13
    assert isinstance(from_snapshot(old).routes[0].cost, Price)
    assert from_snapshot(old).routes[0].cost.seconds_mode is SecondsMode.CEIL

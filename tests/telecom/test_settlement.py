"""From the end of a call to what everybody owes, and what running calls must hold."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.book import Customer, Operator
from telecom.decision import Call, decide
from telecom.rating import SECOND, SecondsMode
from telecom.settlement import affordable, from_snapshot, holds, settle, snapshot, to_snapshot
from tests.telecom.worlds import ANNA, NOW, PLAIN_KIND, PRO, PRO_KIND, ROOT, SHOP, chain, tariff

NUMBER = "37061234567"


def decided(**changes):
    return decide(chain(**changes), Call(ANNA, NUMBER), NOW)


def stored(**changes):
    return from_snapshot(json.loads(json.dumps(snapshot(decided(**changes)))))


DEAR = {
    "shop_tariff": tariff(30, ("370", "0.123456789", "0.05", 30, 6), currency="EUR"),
    "shop_operator": Operator(SHOP, PRO, PLAIN_KIND, "USD", fx={"EUR": Decimal("1.0837")}),
    "pro_row": Customer(11, 900, "GBP", 10, 10, operator_id=PRO, call_account_id=4),
    "root_operator": Operator(ROOT, None, PRO_KIND, "USD", fx={"GBP": Decimal("1.31")}),
    "pro_operator": Operator(PRO, ROOT, PRO_KIND, "USD", fx={"GBP": Decimal("1.3")}),
}


@pytest.mark.parametrize("changes", [{}, DEAR])
def test_a_snapshot_comes_back_from_json_exactly(changes):
    back = stored(**changes)
    assert back == to_snapshot(decided(**changes)) and back.routes
    assert repr(back) == repr(to_snapshot(decided(**changes)))


@pytest.mark.parametrize("data", [{}, {"v": 2}, {"v": 1, "max_seconds": 1, "levels": [[1]], "routes": []}])
def test_what_is_no_snapshot_is_refused(data):
    with pytest.raises(ValueError, match=r"no snapshot"):
        from_snapshot(data)


def test_every_level_up_to_the_owner_of_the_provider_pays_its_price():
    done = settle(stored(), 1, 0, 90 * SECOND)
    assert [(one.operator_id, one.account_id, one.sell) for one in done.levels] == [
        (SHOP, 920, Decimal("0.15")),
        (PRO, 910, Decimal("0.12")),
        (ROOT, 900, Decimal("0.09")),
    ]
    assert [one.buy for one in done.levels] == [Decimal("0.12"), Decimal("0.09"), Decimal("0.03")]
    assert [one.profit_base for one in done.levels] == [Decimal("0.03"), Decimal("0.03"), Decimal("0.06")]
    assert [one.from_parent for one in done.levels] == [True, True, False]
    assert (done.cost.account_id, done.cost.amount) == (5001, Decimal("0.03"))


def test_a_call_over_a_pros_own_provider_stops_at_the_pro():
    done = settle(stored(), 0, 0, 60 * SECOND)
    assert [one.operator_id for one in done.levels] == [SHOP, PRO]
    assert (done.cost.operator_id, done.cost.amount) == (PRO, Decimal("0.04"))


def test_a_call_that_nobody_answered_costs_nothing_at_any_level():
    done = settle(stored(), None, None, 60 * SECOND)
    assert [one.operator_id for one in done.levels] == [SHOP, PRO, ROOT]
    assert {one.sell for one in done.levels} | {one.buy for one in done.levels} == {0}
    assert done.cost is None and done.route_index is None


def test_seconds_are_rounded_by_each_levels_own_tariff():
    done = settle(stored(shop_tariff=tariff(30, ("370", "0.6"), seconds_mode=SecondsMode.FLOOR)), 1, 0, 1_900_000)
    assert [one.talk_seconds for one in done.levels] == [1, 2, 2]
    assert done.levels[0].sell == Decimal("0.01")


def test_a_clock_that_ran_backwards_bills_nothing():
    assert settle(stored(), 0, 10, 5).levels[0].sell == 0


@pytest.mark.parametrize("index", [3, -1])
def test_a_route_that_was_not_offered_is_an_error(index):
    with pytest.raises(IndexError):
        settle(stored(), index, 0, 1)


def test_amounts_in_the_base_use_the_rates_frozen_with_the_call():
    shop, pro, root = settle(stored(**DEAR), 1, 0, 60 * SECOND).levels
    assert shop.sell_currency == "USD"
    assert shop.price.fx == Decimal("1.0837")
    assert (root.sell, root.sell_currency) == (Decimal("0.0458015267"), "GBP")
    assert root.sell_base == Decimal("0.0600000000")
    assert (pro.buy, pro.buy_currency) == (root.sell, "GBP")
    assert pro.buy_base == Decimal("0.0595419847")


@given(st.integers(0, 10_000 * SECOND), st.integers(0, 2))
def test_what_one_level_sells_for_is_what_the_level_below_buys_for(talk, route):
    done = settle(stored(**DEAR), route, 5, 5 + talk)
    for lower, upper in zip(done.levels, done.levels[1:], strict=False):
        assert lower.buy == upper.sell and lower.from_parent
    assert done.levels[-1].buy == done.cost.amount


@given(st.integers(1, 7200), st.integers(0, 7200 * SECOND), st.integers(0, 2))
def test_a_hold_covers_the_charge_of_any_talk_within_it_whichever_route_answers(granted, talk, route):
    snap = stored(**DEAR)
    held = holds(snap, granted)
    for level in settle(snap, route, 0, min(talk, granted * SECOND)).levels:
        assert level.sell <= held[level.account_id]


def test_holds_of_a_known_route_leave_the_other_accounts_free():
    assert holds(stored(), 60, 0) == {920: Decimal("0.1"), 910: Decimal("0.08")}
    assert set(holds(stored(), 60)) == {920, 910, 900}


@given(st.decimals(0, 1, places=4), st.decimals(0, 1, places=4), st.integers(1, 600))
def test_the_seconds_that_every_account_can_hold_are_held_with_the_money_there_is(customer, pro, cap):
    snap = stored(**DEAR)
    seconds = affordable(snap, {920: customer, 900: pro}, cap)
    held = holds(snap, seconds)
    assert 0 <= seconds <= cap
    if seconds:
        assert held[920] <= customer and held[900] <= pro
    if seconds < cap:
        more = holds(snap, seconds + 6)
        assert more[920] > customer or more[900] > pro


def test_an_account_that_is_not_named_is_unlimited():
    assert affordable(stored(), {}, 900) == 900
    assert affordable(stored(), {910: Decimal(0)}, 900) == 0
    assert affordable(stored(), {900: Decimal(0)}, 900, route_index=0) == 900

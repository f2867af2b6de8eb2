"""Which tariff a call is sold by: by-provider, custom, conditional, by jurisdiction (rating-routing.md 5)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.book import Books, Customer, Device, Lcr, LcrEntry, LcrOrder, Location, Operator, Tariff
from telecom.conditions import Conditional, Jurisdiction, Reach, Terms, reach_of
from telecom.decision import Call, decide
from telecom.deck import Deck, DeckRow, build
from telecom.localization import Effects, Rule, RuleKind
from telecom.markup import Markup, markup_problem
from telecom.matching import Filter, Pattern
from telecom.numbermap import NumberMap, build_map
from telecom.rating import Rate
from telecom.settlement import from_snapshot, settle, snapshot
from tests.telecom.worlds import ANNA, NOW, PRO_KIND, ROOT, book, carriers, chain, deck, lcr, provider, single, tariff

CALL = Call(ANNA, "37061234567")
NO_ROWS = Deck(build([]))


def ids(decision):
    return [one.provider_id for one in decision.routes]


def by_provider(id: int = 1, delta: str = "0", percent: str = "0", **more) -> Tariff:
    return Tariff(id, more.pop("currency", "USD"), NO_ROWS, markup=Markup(Decimal(delta), Decimal(percent)), **more)


def prices(decision, depth: int = 0):
    return [one.levels[depth].price.rate.per_minute for one in decision.routes]


# -- by provider -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delta", "percent", "cost", "sold"),
    [
        ("0", "10", "0.1", "0.11"),
        ("0.02", "0", "0.1", "0.12"),
        ("0.02", "10", "0.1", "0.13"),
        ("0", "-100", "0.1", "0"),
        ("-0.2", "0", "0.1", "0"),
    ],
)
def test_a_by_provider_price_is_the_providers_raised_by_percent_and_delta(delta, percent, cost, sold):
    books = single(
        by_provider(delta=delta, percent=percent),
        Lcr(1, entries=(LcrEntry(1),), allow_loss=True),
        *carriers(p1=cost),
    )
    assert prices(decide(books, CALL, NOW)) == [Decimal(sold)]


def test_every_route_has_its_own_price_and_the_dearest_is_held():
    books = single(by_provider(percent="50"), lcr(1, 1, 2), *carriers(p1="0.10", p2="0.20"))
    decision = decide(books, CALL, NOW)
    assert prices(decision) == [Decimal("0.15"), Decimal("0.30")]
    assert decision.payers[0].hold(60) == Decimal("0.30")
    back = from_snapshot(snapshot(decision))
    assert [settle(back, one, 0, 60_000_000).levels[0].sell for one in (0, 1)] == [Decimal("0.15"), Decimal("0.30")]


def test_a_markup_that_loses_money_drops_the_provider():
    books = single(by_provider(percent="-10"), lcr(1, 1), *carriers(p1="0.1"))
    assert decide(books, CALL, NOW).cause == 224


def test_the_providers_fee_minimum_and_increment_are_kept_in_the_tariffs_currency():
    cost = Tariff(101, "EUR", deck(("3", "0.10", "0.02", 30, 6)))
    operator = Operator(ROOT, None, PRO_KIND, "USD", fx={"EUR": Decimal("1.5")})
    books = single(
        by_provider(delta="0.01", percent="10"), lcr(1, 1), provider(1, 101, currency="EUR"), cost, operator=operator
    )
    rate = decide(books, CALL, NOW).routes[0].levels[0].price.rate
    assert (rate.per_minute, rate.connection_fee) == (Decimal("0.175"), Decimal("0.033"))
    assert (rate.min_time, rate.increment) == (30, 6)


def test_a_resellers_by_provider_tariff_is_made_from_what_its_parent_charges():
    books = chain(shop_tariff=by_provider(30, percent="100"), pro_cost=tariff(21, ("370", "0.04")))
    decision = decide(books, CALL, NOW)
    assert ids(decision) == [3, 1, 2]
    # The shop buys for 0.08 whichever carrier the PRO takes.
    assert prices(decision) == [Decimal("0.16")] * 3


def test_by_provider_tariffs_stand_on_each_other_along_the_chain():
    books = chain(
        shop_tariff=by_provider(30, percent="100"),
        pro_tariff=by_provider(20, delta="0.01"),
        root_tariff=tariff(10, ("370", "0.05")),
    )
    decision = decide(books, CALL, NOW)
    assert ids(decision) == [3, 1, 2]
    assert prices(decision, 1) == [Decimal("0.05"), Decimal("0.06"), Decimal("0.06")]
    assert prices(decision) == [Decimal("0.10"), Decimal("0.12"), Decimal("0.12")]
    assert decision.payers[0].hold(60) == Decimal("0.12")


def test_of_a_by_provider_parent_only_the_offers_that_lose_money_are_dropped():
    books = chain(
        root_tariff=by_provider(10, percent="100"),
        pro_lcr=Lcr(20, LcrOrder.PRIORITY, (LcrEntry(None),)),
        pro_tariff=tariff(20, ("370", "0.05")),
    )
    # Root's carriers cost 0.02 and 0.03, so the PRO pays 0.04 or 0.06 and sells for 0.05.
    assert ids(decide(books, CALL, NOW)) == [1]


@given(st.decimals(0, 5, places=4), st.integers(0, 300), st.decimals(0, 5, places=4))
def test_a_markup_upwards_never_sells_below_cost(cost, percent, delta):
    sold = Markup(delta, Decimal(percent)).rate(Rate(cost, cost), Decimal(1), 0, 0, True)
    assert sold.per_minute >= cost and sold.connection_fee >= cost


def test_markups_stand_on_each_other_however_high_the_chain():
    books, odd = [], Decimal("1.234567890123")
    for level in range(1, 13):
        things = [
            by_provider(percent="3.3333") if level > 1 else tariff(1, ("3", "0.123456789")),
            Customer(1, 900 + level, "USD", 1, 1 if level == 1 else None, operator_id=level + 1),
        ]
        if level == 1:
            things += [lcr(1, 1), *carriers(p1="0.01")]
        if level == 12:
            things[1] = Customer(1, 900 + level, "EUR", 1)
            things.append(Device(1, ANNA, 1))
        operator = Operator(
            level, level - 1 or None, PRO_KIND, "EUR" if level % 2 else "USD", fx={"EUR": odd, "USD": odd}
        )
        books.append(book(operator, *things))
    decision = decide(Books(books), CALL, NOW)
    assert len(decision.routes[0].levels) == 12
    assert all(-one.price.rate.per_minute.as_tuple().exponent <= 18 for one in decision.routes[0].levels)
    assert decision.payers[0].hold(60) > 0


def test_a_markup_below_nothing_is_told():
    assert markup_problem(Markup(percent=Decimal(-101))).endswith(".")
    assert markup_problem(Markup(delta=Decimal("NaN"))).endswith(".")
    assert markup_problem(Markup(percent=Decimal(-100))) == ""


# -- custom and conditional --------------------------------------------------------------------------------------------

OWN = Customer(1, 900, "USD", 1, 1)
LISTS = (tariff(1, ("3", "1"), ("370", "2")), tariff(2, ("3706", "3")), tariff(3, ("3", "4")))


def sold(customer=OWN, device=Device(1, ANNA, 1, caller_id="37060000000"), call=CALL, **more):  # noqa: B008
    decision = decide(
        single(*LISTS, customer, device, lcr(1, 1), lcr(2, 2), *carriers(p1="0.1", p2="0.2"), **more), call, NOW
    )
    return int(decision.routes[0].levels[0].price.rate.per_minute), decision


def customer(**more) -> Customer:
    return Customer(1, 900, "USD", 1, 1, **more)


def device(**more) -> Device:
    return Device(1, ANNA, 1, caller_id="37060000000", **more)


def test_a_custom_tariff_counts_for_what_it_holds_and_else_gives_way():
    assert sold(customer(custom_tariff_ids=(2,)))[0] == 3
    assert sold(customer(custom_tariff_ids=(2,)), call=Call(ANNA, "37051234567"))[0] == 2
    assert sold(customer(custom_tariff_ids=(77, 2, 3)))[0] == 3
    assert sold(device=device(custom_tariff_ids=(3,)))[0] == 4


def test_a_blocked_row_of_a_custom_tariff_refuses_the_call():
    blocked = Tariff(2, "USD", Deck(build([DeckRow("3706", Decimal(1), blocked=True)])))
    books = single(customer(custom_tariff_ids=(2,)), blocked, lcr(1, 1), *carriers(p1="0.1"))
    assert decide(books, CALL, NOW).cause == 330


def test_a_device_may_have_its_own_tariff():
    assert sold(device=device(tariff_id=3))[0] == 4


def mask(text: str) -> Filter:
    return Filter(allow=(Pattern(text),))


def test_a_condition_sets_the_tariff_the_lcr_or_both():
    assert sold(customer(conditionals=(Conditional(1, called=mask("3706%"), tariff_id=3),)))[0] == 4
    price, decision = sold(customer(conditionals=(Conditional(1, lcr_id=2),)))
    assert price == 2 and ids(decision) == [2]
    price, decision = sold(customer(conditionals=(Conditional(1, tariff_id=3, lcr_id=2),)))
    assert price == 4 and ids(decision) == [2]


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        (Conditional(1, caller=mask("37060%"), tariff_id=3), True),
        (Conditional(1, caller=mask("44%"), tariff_id=3), False),
        (Conditional(1, caller=mask("44%"), caller_differs=True, tariff_id=3), True),
        (Conditional(1, caller=mask("44%"), from_pai=True, tariff_id=3), True),
        (Conditional(1, caller=mask("37060%"), from_pai=True, tariff_id=3), False),
        (Conditional(1, called=mask("44%"), called_differs=True, tariff_id=3), True),
        (Conditional(1, caller=mask("37060%"), called=mask("44%"), tariff_id=3), False),
    ],
)
def test_a_condition_takes_a_call_when_both_sides_fit_or_differ(condition, taken):
    call = Call(ANNA, "37061234567", pai="447000000000")
    assert sold(customer(conditionals=(condition,)), call=call)[0] == (4 if taken else 2)


def test_the_first_condition_counts_and_a_devices_stands_before_its_customers():
    first, second = Conditional(1, tariff_id=2), Conditional(2, tariff_id=3)
    assert sold(customer(conditionals=(first, second)))[0] == 3
    assert sold(customer(conditionals=(first,)), device(conditionals=(second,)))[0] == 4


def test_a_condition_comes_before_a_custom_tariff_and_a_number_rule_before_both():
    one = customer(conditionals=(Conditional(1, tariff_id=3),), custom_tariff_ids=(2,), location_id=5)
    assert sold(one)[0] == 4
    rule = Rule(1, RuleKind.DESTINATION, "3706", "3706", effects=Effects(tariff_id=1))
    books = single(*LISTS, one, Location(5, (rule,)), lcr(1, 1), *carriers(p1="0.1"))
    assert decide(books, CALL, NOW).routes[0].levels[0].price.tariff_id == 1


# -- jurisdiction ------------------------------------------------------------------------------------------------------

STATES = NumberMap(build_map([("212555", "NY"), ("518555", "NY"), ("312555", "IL")]))


@pytest.mark.parametrize(
    ("caller", "called", "reach"),
    [
        ("12125550000", "15185551111", Reach.INTRA),
        ("2125550000", "15185551111", Reach.INTRA),
        ("+12125550000", "13125551111", Reach.INTER),
        ("", "13125551111", Reach.INDETERMINATE),
        ("anonymous", "13125551111", Reach.INDETERMINATE),
        ("37060000000", "13125551111", Reach.INDETERMINATE),
        ("12125550000", "19995551111", Reach.INDETERMINATE),
    ],
)
def test_the_reach_of_a_call_comes_from_the_states_of_both_numbers(caller, called, reach):
    assert reach_of(caller, called, STATES) is reach
    assert reach_of(caller, called, None) is Reach.INDETERMINATE


@pytest.mark.parametrize(
    ("caller", "tariff_id", "route"), [("12125550000", 11, 1), ("13125550000", 12, 2), ("37060000000", 1, 1)]
)
def test_each_reach_has_its_tariff_and_routing_and_else_the_default_counts(caller, tariff_id, route):
    terms = Jurisdiction(Terms(11), Terms(12, 2), Terms())
    lists = [tariff(id, ("1", "5")) for id in (1, 11, 12, 101, 102)]
    lists[3:] = [tariff(101, ("1", "1")), tariff(102, ("1", "1"))]
    books = single(
        Customer(1, 900, "USD", 1, 1, jurisdiction=terms),
        Device(1, ANNA, 1, caller_id=caller),
        *lists,
        lcr(1, 1),
        lcr(2, 2),
        provider(1, 101),
        provider(2, 102),
        area_states=STATES,
    )
    decision = decide(books, Call(ANNA, "15185551111"), NOW)
    assert decision.routes[0].levels[0].price.tariff_id == tariff_id
    assert ids(decision) == [route]
    assert any(step.name == "jurisdiction" for step in decision.trace)

"""Which candidates stay and in which order (rating-routing.md 4.4, 5 and 9)."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.book import Books, Customer, Device, Lcr, LcrEntry, LcrOrder, Operator, State, Tariff
from telecom.decision import Call, decide
from telecom.deck import Deck, DeckRow, build
from tests.telecom.worlds import ANNA, NOW, PLAIN_KIND, PRO_KIND, ROOT, SHOP, book, chain, lcr, provider, tariff

NUMBER = "12345678901"


def routed(
    costs: dict[int, str], sell: str = "10", order: LcrOrder = LcrOrder.PRICE, allow_loss: bool = False, **options
):
    """The decision of a root whose providers cost so much a minute, in the order given."""
    entries = tuple(LcrEntry(one, index) for index, one in enumerate(costs))
    things = [
        Customer(1, 900, "USD", 1, 1, allow_loss=allow_loss),
        Device(1, ANNA, 1),
        tariff(1, ("1", sell)),
        Lcr(1, order, entries, **options),
        *(provider(one, 100 + one) for one in costs),
        *(tariff(100 + one, ("1", cost)) for one, cost in costs.items()),
    ]
    return decide(Books([book(Operator(ROOT, None, PRO_KIND, "USD"), *things)]), Call(ANNA, NUMBER), NOW)


def ids(decision):
    return [one.provider_id for one in decision.routes]


def drops(decision):
    return {one.provider_id: one.cause for one in decision.dropped}


def test_by_price_the_cheapest_goes_first_and_ties_go_by_priority_then_id():
    assert ids(routed({7: "0.3", 8: "0.1", 9: "0.2"})) == [8, 9, 7]
    assert ids(routed({9: "0.1", 8: "0.10", 7: "0.3"})) == [9, 8, 7]


def test_by_priority_the_stated_order_counts():
    assert ids(routed({7: "0.3", 8: "0.1", 9: "0.2"}, order=LcrOrder.PRIORITY)) == [7, 8, 9]


@pytest.mark.parametrize(("second", "kept"), [("0.11", True), ("0.30", False), ("0.12", True), ("0.1201", False)])
def test_the_percent_limit_is_measured_against_the_first(second, kept):
    decision = routed({1: "0.10", 2: second}, percent_limit=Decimal(20))
    assert ids(decision) == ([1, 2] if kept else [1])
    assert drops(decision) == ({} if kept else {2: 235})


def test_the_percent_limit_is_not_against_the_previous_one():
    assert ids(routed({1: "0.10", 2: "0.119", 3: "0.14"}, percent_limit=Decimal(20))) == [1, 2]


@pytest.mark.parametrize(
    ("sell", "margin", "loss", "kept"),
    [
        ("1.5", "50", False, True),
        ("1.4999", "50", False, False),
        ("0.7", "-30", True, True),
        ("0.69", "-30", True, False),
    ],
)
def test_the_minimal_margin_is_a_percent_of_the_buy_price(sell, margin, loss, kept):
    decision = routed({1: "1"}, sell, margin_percent=Decimal(margin), allow_loss=loss)
    assert ids(decision) == ([1] if kept else [])
    assert decision.cause == (0 if kept else 324)


def test_a_provider_dearer_than_the_customers_price_is_dropped_and_equality_is_no_loss():
    decision = routed({1: "0.5", 2: "0.5001", 3: "0.4"}, "0.5")
    assert ids(decision) == [3, 1] and drops(decision) == {2: 224}
    assert routed({2: "0.6"}, "0.5").cause == 224
    assert ids(routed({2: "0.6"}, "0.5", allow_loss=True)) == [2]


def test_an_lcr_may_allow_losses_too():
    entries = (LcrEntry(1),)
    things = [
        Customer(1, 900, "USD", 1, 1),
        Device(1, ANNA, 1),
        tariff(1, ("1", "0.5")),
        Lcr(1, entries=entries, allow_loss=True),
        provider(1, 101),
        tariff(101, ("1", "9")),
    ]
    books = Books([book(Operator(ROOT, None, PRO_KIND, "USD"), *things)])
    assert ids(decide(books, Call(ANNA, NUMBER), NOW)) == [1]


def test_a_reseller_that_would_sell_below_its_parents_price_is_refused_with_218():
    cheap = tariff(30, ("370", "0.01"))
    assert decide(chain(shop_tariff=cheap), Call(ANNA, "37061234567"), NOW).cause == 218
    willing = Customer(31, 920, "USD", 30, allow_loss=True)
    assert decide(chain(shop_tariff=cheap, customer=willing), Call(ANNA, "37061234567"), NOW).routes


def test_first_provider_only_means_one_try():
    assert ids(routed({7: "0.3", 8: "0.1"}, first_only=True)) == [8]


def test_a_longest_prefix_that_is_blocked_drops_the_provider_and_refuses_the_customer():
    rows = [DeckRow("370", Decimal("0.01")), DeckRow("3706", Decimal("0.01"), blocked=True)]
    blocked = Deck(build(rows))
    decision = decide(chain(pro_cost=Tariff(21, "USD", blocked)), Call(ANNA, "37061234567"), NOW)
    assert ids(decision) == [1, 2] and drops(decision) == {3: 331}
    assert decide(chain(shop_tariff=Tariff(30, "USD", blocked)), Call(ANNA, "37061234567"), NOW).cause == 330


def test_every_provider_is_priced_by_its_own_longest_prefix():
    coarse, fine = ("1", "0.05"), [("1", "0.01"), ("1234", "0.20")]
    things = [
        Customer(1, 900, "USD", 1, 1),
        Device(1, ANNA, 1),
        tariff(1, ("1", "1")),
        lcr(1, 1, 2),
        provider(1, 101),
        provider(2, 102),
        tariff(101, *fine),
        tariff(102, coarse),
    ]
    decision = decide(Books([book(Operator(ROOT, None, PRO_KIND, "USD"), *things)]), Call(ANNA, NUMBER), NOW)
    assert [(one.provider_id, one.cost.rate.per_minute) for one in decision.routes] == [
        (2, Decimal("0.05")),
        (1, Decimal("0.20")),
    ]


def test_prices_are_compared_in_the_operators_base_currency():
    things = [
        Customer(1, 900, "USD", 1, 1),
        Device(1, ANNA, 1),
        tariff(1, ("1", "1")),
        lcr(1, 1, 2),
        provider(1, 101),
        provider(2, 102),
        tariff(101, ("1", "0.10")),
        tariff(102, ("1", "9"), currency="JPY"),
    ]
    operator = Operator(ROOT, None, PRO_KIND, "USD", fx={"JPY": Decimal("0.01")})
    decision = decide(Books([book(operator, *things)]), Call(ANNA, NUMBER), NOW)
    assert ids(decision) == [2, 1] and decision.routes[0].cost.fx == Decimal("0.01")
    no_rate = Operator(ROOT, None, PRO_KIND, "USD")
    decision = decide(Books([book(no_rate, *things)]), Call(ANNA, NUMBER), NOW)
    assert ids(decision) == [1] and drops(decision) == {2: 204}


@pytest.mark.parametrize(
    "broken",
    [
        {"pro_provider": provider(3, 21, state=State.BLOCKED)},
        {"pro_provider": provider(3, 99)},
        {"pro_provider": provider(4, 21)},
        {"pro_cost": tariff(21, ("44", "0.01"))},
        {"pro_operator": Operator(2, ROOT, PLAIN_KIND, "USD")},
    ],
)
def test_a_provider_that_cannot_be_used_is_dropped_with_a_reason(broken):
    decision = decide(chain(**broken), Call(ANNA, "37061234567"), NOW)
    assert ids(decision) == [1, 2] and drops(decision) == {3: 204}
    assert all(one.why.endswith(".") for one in decision.dropped)


def test_the_parents_routing_is_ranked_by_what_it_costs_and_keeps_its_own_order():
    dear_carrier = tariff(21, ("370", "0.07"))
    decision = decide(chain(pro_cost=dear_carrier), Call(ANNA, "37061234567"), NOW)
    assert ids(decision) == [1, 2, 3]
    by_priority = Lcr(20, LcrOrder.PRIORITY, (LcrEntry(3, 1), LcrEntry(None, 2)))
    assert ids(decide(chain(pro_cost=dear_carrier, pro_lcr=by_priority), Call(ANNA, "37061234567"), NOW)) == [3, 1, 2]


def test_what_the_parent_charges_is_compared_in_the_childs_currency():
    # 0.06 USD is 0.03 in the PRO's base: dearer than its own carrier at 0.025, cheaper than at 0.04.
    operator = Operator(2, ROOT, PRO_KIND, "XAU", fx={"USD": Decimal("0.5")})
    for cost, order in (("0.025", [3, 1, 2]), ("0.04", [1, 2, 3])):
        books = chain(
            pro_operator=operator,
            pro_cost=tariff(21, ("370", cost), currency="XAU"),
            pro_provider=provider(3, 21, currency="XAU"),
        )
        assert ids(decide(books, Call(ANNA, "37061234567"), NOW)) == order


def test_equal_prices_in_one_foreign_currency_are_no_loss_whatever_the_accounts_currency():
    things = [
        Customer(1, 900, "GBP", 1, 1),
        Device(1, ANNA, 1),
        tariff(1, ("1", "0.3"), currency="EUR"),
        lcr(1, 1),
        provider(1, 101, currency="GBP"),
        tariff(101, ("1", "0.3"), currency="EUR"),
    ]
    operator = Operator(ROOT, None, PRO_KIND, "USD", fx={"EUR": Decimal("1.1"), "GBP": Decimal("1.3")})
    assert ids(decide(Books([book(operator, *things)]), Call(ANNA, NUMBER), NOW)) == [1]


def test_an_entry_switched_off_or_doubled_counts_once_or_not_at_all():
    entries = (LcrEntry(3, 1), LcrEntry(3, 2), LcrEntry(None, 3, enabled=False))
    assert ids(decide(chain(pro_lcr=Lcr(20, entries=entries)), Call(ANNA, "37061234567"), NOW)) == [3]


def test_chains_of_any_depth_are_walked():
    depth, books = 8, Books()
    for level in range(1, depth + 1):
        price = ("1", str(Decimal(level) / 10))
        things = [
            tariff(1, price),
            Customer(1, 900 + level, "USD", 1, 1 if level == 1 else None, operator_id=level + 1),
        ]
        if level == 1:
            things += [lcr(1, 1), provider(1, 2), tariff(2, ("1", "0.01"))]
        if level == depth:
            things[1] = Customer(1, 900 + level, "USD", 1)
            things.append(Device(1, ANNA, 1))
        kind = PRO_KIND if level == 1 else PLAIN_KIND
        books.put(book(Operator(level, level - 1 or None, kind, "USD"), *things))
    decision = decide(books, Call(ANNA, NUMBER), NOW)
    assert [one.operator_id for one in decision.routes[0].levels] == list(range(depth, 0, -1))


prices = st.sampled_from(["0.1", "0.2", "0.30", "0.3"])


@given(st.dictionaries(st.integers(1, 9), prices, min_size=1, max_size=5), st.integers(0, 100))
def test_the_order_does_not_depend_on_the_order_of_the_list(costs, percent):
    wanted = None
    for order in list(permutations(costs))[:12]:
        entries = tuple(LcrEntry(one, 0) for one in order)
        things = [
            Customer(1, 900, "USD", 1, 1),
            Device(1, ANNA, 1),
            tariff(1, ("1", "1")),
            Lcr(1, entries=entries, percent_limit=Decimal(percent)),
            *(provider(one, 100 + one) for one in order),
            *(tariff(100 + one, ("1", costs[one])) for one in order),
        ]
        found = ids(decide(Books([book(Operator(ROOT, None, PRO_KIND, "USD"), *things)]), Call(ANNA, NUMBER), NOW))
        wanted = wanted or found
        assert found == wanted and found


def test_a_shop_is_not_the_owner_of_anybody():
    assert SHOP not in (one.operator_id for one in decide(chain(), Call(ANNA, "37061234567"), NOW).routes)

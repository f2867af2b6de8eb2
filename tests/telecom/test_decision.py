"""A decision over a chain: who calls, with which numbers, and who would pay."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.book import CallerIdPolicy, Customer, Device, Location, Operator, State, Tariff
from telecom.decision import Call, CallLimit, decide
from telecom.deck import Deck, DeckRow, build
from telecom.localization import Effects, Rule, RuleKind
from tests.telecom.worlds import ANNA, NOW, PLAIN_KIND, PRO, PRO_KIND, ROOT, SHOP, chain, lcr, provider, tariff

NUMBER = "37061234567"
DEVICE = Device(41, ANNA, 31, caller_id="37060000000")
CUSTOMER = Customer(31, 920, "USD", 30)


def called(books, number=NUMBER, caller="", now=NOW):
    return decide(books, Call(ANNA, number, caller), now)


def test_a_call_goes_up_the_chain_and_every_level_pays_its_own_price():
    decision = called(chain())
    assert not decision.refused
    assert [(one.operator_id, one.provider_id) for one in decision.routes] == [(PRO, 3), (ROOT, 1), (ROOT, 2)]
    own, through_root, _ = decision.routes
    assert [one.operator_id for one in own.levels] == [SHOP, PRO]
    assert [(one.operator_id, one.account_id, one.price.rate.per_minute) for one in through_root.levels] == [
        (SHOP, 920, Decimal("0.10")),
        (PRO, 910, Decimal("0.08")),
        (ROOT, 900, Decimal("0.06")),
    ]
    assert [one.account_id for one in decision.payers] == [920, 910, 900]
    assert [one.hold(60) for one in decision.payers] == [Decimal(one) for one in ("0.1", "0.08", "0.06")]
    assert (decision.operator_id, decision.customer_id, decision.device_id) == (SHOP, 31, 41)


def test_a_pro_with_only_its_own_provider_costs_nothing_above():
    decision = called(chain(pro_lcr=lcr(20, 3)))
    assert [one.account_id for one in decision.payers] == [920, 910]


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"device": replace(DEVICE, state=State.BLOCKED)}, 201),
        ({"device": replace(DEVICE, directory_id=5)}, 200),
        ({"device": replace(DEVICE, customer_id=99)}, 200),
        ({"customer": replace(CUSTOMER, state=State.BLOCKED)}, 201),
        ({"shop_operator": Operator(SHOP, PRO, PLAIN_KIND, "USD", State.BLOCKED)}, 202),
        ({"pro_operator": Operator(PRO, ROOT, PRO_KIND, "USD", State.BLOCKED)}, 202),
        ({"pro_row": Customer(11, 900, "USD", 10, 10, State.BLOCKED, operator_id=PRO)}, 202),
        ({"shop_row": Customer(21, 910, "USD", 20, 20, State.BLOCKED, operator_id=SHOP)}, 202),
        ({"shop_operator": Operator(SHOP, 77, PLAIN_KIND, "USD")}, 41),
        ({"root_operator": Operator(ROOT, SHOP, PRO_KIND, "USD")}, 41),
        ({"customer": replace(CUSTOMER, tariff_id=None)}, 203),
        ({"customer": replace(CUSTOMER, tariff_id=99)}, 203),
        ({"customer": replace(CUSTOMER, currency="XXX")}, 203),
        ({"shop_tariff": tariff(30, ("371", "1"))}, 203),
        ({"pro_tariff": tariff(20, ("371", "1"))}, 242),
        ({"root_tariff": tariff(10, ("371", "1")), "pro_lcr": lcr(20, None)}, 242),
        ({"customer": replace(CUSTOMER, lcr_id=99)}, 204),
        ({"pro_lcr": lcr(20), "root_lcr": lcr(10)}, 204),
    ],
)
def test_a_call_that_may_not_be_made_gets_its_cause_and_one_sentence(changes, cause):
    decision = called(chain(**changes))
    assert decision.cause == cause and decision.refused
    assert decision.sentence.endswith(".") and not decision.routes and not decision.payers
    assert decision.trace[-1].result == cause


@pytest.mark.parametrize(
    "number",
    ["", "#37061234567", "370612' --", "abc", "0037061234567", "370612", "3706123456789012", "1" * 300, "٣٧٠٦١٢٣٤٥٦٧"],
)
def test_a_bad_number_is_refused_with_336(number):
    assert called(chain(), number).cause == 336


@given(st.text(max_size=30), st.text(max_size=30), st.integers())
def test_nothing_a_caller_can_send_raises(number, caller, identity):
    books = chain()
    assert decide(books, Call(identity, number, caller), NOW).refused or identity == ANNA
    called(books, number, caller)


def test_a_chain_that_bites_its_own_tail_is_refused():
    ring = chain(
        root_operator=Operator(ROOT, SHOP, PRO_KIND, "USD"), shop_more=[Customer(33, 940, "USD", 30, operator_id=ROOT)]
    )
    assert called(ring).cause == 41


def test_the_price_of_the_moment_counts():
    assert called(chain(), now=0).routes
    later = Tariff(30, "USD", Deck(build([DeckRow("370", Decimal(9), effective_from=NOW)])))
    assert called(chain(shop_tariff=later), now=NOW - 1).cause == 203
    assert called(chain(shop_tariff=later), now=NOW).payers[0].hold(60) == 9


def test_the_localized_number_is_priced_and_sent():
    location = Location(51, (Rule(1, RuleKind.DESTINATION, "86", "3706", 9, 9),))
    books = chain(customer=replace(CUSTOMER, location_id=51), shop_more=[location])
    decision = called(books, "861234567")
    assert decision.number == NUMBER == decision.routes[0].number
    assert any(step.name.startswith("localization") and "exact characters" in step.text() for step in decision.trace)


def test_the_devices_location_comes_before_the_customers():
    at_home = Location(51, (Rule(1, RuleKind.DESTINATION, "9", "3706", 2),))
    abroad = Location(52, (Rule(1, RuleKind.DESTINATION, "9", "3707", 2),))
    books = chain(
        device=replace(DEVICE, location_id=52),
        customer=replace(CUSTOMER, location_id=51),
        shop_more=[at_home, abroad],
    )
    assert called(books, "91234567").number == "37071234567"


def test_a_resellers_device_uses_no_rules_of_its_parent():
    everywhere = Location(1, (Rule(1, RuleKind.DESTINATION, "00", "", 3),))
    books = chain()
    root = books.book(ROOT)
    books.put(replace(root, locations={1: everywhere}, global_location_id=1))
    assert called(books, "00" + NUMBER).cause == 336
    shop = books.book(SHOP)
    books.put(replace(shop, locations={1: everywhere}, global_location_id=1))
    assert called(books, "00" + NUMBER).number == NUMBER


def test_prelocalization_comes_first():
    before = Location(1, (Rule(1, RuleKind.DESTINATION, "+", "00", 2),))
    usual = Location(2, (Rule(1, RuleKind.DESTINATION, "00", "", 3),))
    books = chain(device=replace(DEVICE, location_id=2))
    books.put(replace(books.book(SHOP), locations={1: before, 2: usual}, prelocation_id=1))
    assert called(books, "+" + NUMBER).number == NUMBER


def test_a_rule_may_change_tariff_lcr_name_and_owner_of_a_call():
    effects = Effects(tariff_id=31, cid_name="Sales", owner_device_id=42)
    location = Location(51, (Rule(1, RuleKind.DESTINATION, "9", "", 2, effects=effects),))
    books = chain(
        device=replace(DEVICE, location_id=51),
        shop_more=[
            location,
            tariff(31, ("370", "0.5")),
            Customer(32, 930, "USD", 30),
            Device(42, 100024, 32, caller_id="1"),
        ],
    )
    decision = called(books, "9" + NUMBER)
    assert (decision.customer_id, decision.device_id, decision.caller_name) == (32, 42, "Sales")
    assert decision.payers[0].account_id == 930 and decision.payers[0].hold(60) == Decimal("0.5")


def test_a_rule_that_routes_to_a_number_or_to_a_missing_owner_is_refused():
    for effects, cause in ((Effects(did="3705"), 207), (Effects(owner_device_id=9), 200)):
        location = Location(51, (Rule(1, RuleKind.DESTINATION, "9", "", 2, effects=effects),))
        assert called(chain(device=replace(DEVICE, location_id=51), shop_more=[location]), "9" + NUMBER).cause == cause


@pytest.mark.parametrize(
    ("policy", "sent", "shown"),
    [
        (CallerIdPolicy.FIXED, "37069999999", "37060000000"),
        (CallerIdPolicy.PRESENTED, "37069999999", "37069999999"),
        (CallerIdPolicy.PRESENTED, "Anna <x>", "37060000000"),
        (CallerIdPolicy.PRESENTED, "", "37060000000"),
        (CallerIdPolicy.LISTED, "37061111111", "37061111111"),
        (CallerIdPolicy.LISTED, "37069999999", "37060000000"),
        (CallerIdPolicy.LISTED, "", "37060000000"),
    ],
)
def test_the_caller_id_follows_the_devices_policy(policy, sent, shown):
    device = replace(DEVICE, caller_id_policy=policy, caller_ids=("37061111111",))
    assert called(chain(device=device), caller=sent).routes[0].caller_id == shown


def test_provider_rules_rewrite_what_is_sent_and_never_the_price():
    rules = {
        "called_rules": (Rule(1, RuleKind.DESTINATION, "370", "00370"),),
        "caller_rules": (Rule(1, RuleKind.CALLER_ID, "*", "9999999999"),),
    }
    plain, ruled = called(chain()), called(chain(pro_provider=provider(3, 21, **rules)))
    assert (ruled.routes[0].number, ruled.routes[0].caller_id) == ("00" + NUMBER, "9999999999")
    assert ruled.routes[0].cost == plain.routes[0].cost and ruled.number == NUMBER


def test_a_provider_may_be_sent_the_number_as_it_was_received():
    location = Location(51, (Rule(1, RuleKind.DESTINATION, "00", "", 3),))
    as_received = provider(3, 21, called_rules=(Rule(1, RuleKind.DESTINATION, "-"),))
    books = chain(device=replace(DEVICE, location_id=51), shop_more=[location], pro_provider=as_received)
    assert called(books, "00" + NUMBER).routes[0].number == "00" + NUMBER


def test_a_provider_whose_rules_leave_nothing_is_passed_over():
    empty = provider(3, 21, called_rules=(Rule(1, RuleKind.DESTINATION, NUMBER),))
    decision = called(chain(pro_provider=empty))
    assert [(one.index, one.provider_id) for one in decision.routes] == [(0, 1), (1, 2)]
    assert [(one.provider_id, one.cause) for one in decision.dropped] == [(3, 336)]


def test_simultaneous_call_accounts_come_with_the_cause_of_a_full_one():
    books = chain(
        device=replace(DEVICE, call_account_id=1),
        customer=replace(CUSTOMER, call_account_id=2),
        shop_row=Customer(21, 910, "USD", 20, 20, operator_id=SHOP, call_account_id=3),
        pro_row=Customer(11, 900, "USD", 10, 10, operator_id=PRO, call_account_id=4),
    )
    assert called(books).limits == (CallLimit(1, 221), CallLimit(2, 220), CallLimit(3, 222), CallLimit(4, 222))


def test_the_hard_cap_is_the_shortest_of_device_and_providers():
    assert called(chain()).max_seconds == 7200
    assert called(chain(device=replace(DEVICE, max_seconds=600))).max_seconds == 600
    assert called(chain(root_second=provider(2, 12, max_seconds=300))).max_seconds == 300


def test_a_devices_grace_counts_for_its_customer_only():
    decision = called(chain(device=replace(DEVICE, grace=10)))
    assert [one.hold(10) for one in decision.payers] == [0, Decimal("0.0133333333"), Decimal("0.01")]


def test_prices_are_converted_into_the_payers_currency_at_each_level():
    books = chain(
        customer=Customer(31, 920, "EUR", 30),
        shop_operator=Operator(SHOP, PRO, PLAIN_KIND, "USD", fx={"EUR": Decimal("1.25")}),
        pro_operator=Operator(PRO, ROOT, PRO_KIND, "GBP", fx={"USD": Decimal("0.8")}),
    )
    shop, pro, root = called(books).routes[1].levels
    assert (shop.price.fx, shop.base_fx, shop.payer_fx) == (Decimal("0.8"), Decimal("1.25"), 1)
    assert (pro.price.fx, pro.base_currency, pro.base_fx, pro.payer_fx) == (1, "GBP", Decimal("0.8"), 1)
    assert (root.price.fx, root.base_fx, root.payer_fx) == (1, 1, Decimal("0.8"))


def test_without_a_payer_only_routes_that_do_not_need_it_remain():
    decision = called(chain(pro_row=Customer(11, 900, "USD", 10, 10, operator_id=PRO, call_account_id=4)))
    rest = decision.without_payer(900, 215)
    assert [one.provider_id for one in rest.routes] == [3] and not rest.refused
    assert [one.account_id for one in rest.payers] == [920, 910] and rest.limits == ()
    refused = rest.without_payer(910, 215)
    assert refused.cause == 215 and refused.routes == () and refused.sentence.endswith(".")


def test_no_more_routes_are_offered_than_asked_for():
    assert [one.provider_id for one in decide(chain(), Call(ANNA, NUMBER), NOW, max_routes=2).routes] == [3, 1]


def test_a_moved_child_pays_its_new_parent_from_the_next_decision_on():
    books = chain(pro_lcr=lcr(20, 3))
    before = called(books)
    books.put(replace(books.book(SHOP), operator=Operator(SHOP, ROOT, PLAIN_KIND, "USD")))
    root = books.book(ROOT)
    row = Customer(12, 940, "USD", 10, 10, operator_id=SHOP)
    books.put(replace(root, customers={**root.customers, 12: row}))
    assert [one.account_id for one in called(books).payers] == [920, 940]
    assert [one.account_id for one in before.payers] == [920, 910]


def test_an_empty_price_list_prices_nothing():
    assert called(chain(root_tariff=tariff(10), pro_lcr=lcr(20, None))).cause == 242

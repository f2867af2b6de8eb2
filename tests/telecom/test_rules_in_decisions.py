"""Transformations, rule groups and changes of owner inside a decision, each with its step in the trace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom import linear
from telecom.book import CallerIdPolicy, Customer, Device, Lcr, LcrEntry, LcrOrder, Location, Operator, RuleGroup, State
from telecom.bookfile import decode, encode
from telecom.conditions import Conditional, Jurisdiction
from telecom.decision import Call, decide
from telecom.facts import Facts
from telecom.gates import CallClass, Destinations, Emergency, Numbering, NumberList, Score, Side
from telecom.lcr import Failover, Override, Period
from telecom.local_time import Window
from telecom.localization import Effects, Rule, RuleKind
from telecom.matching import Filter, Pattern
from telecom.mnp import Mnp
from telecom.numbermap import NumberMap, build_map
from telecom.pools import Pool
from telecom.sending import number_for_device
from telecom.settlement import from_snapshot, snapshot, to_snapshot
from tests.telecom.worlds import ANNA, NOW, PRO, PRO_KIND, ROOT, SHOP, carriers, chain, lcr, provider, single, tariff

NUMBER = "37061234567"
CALL = Call(ANNA, NUMBER)
DEVICE = Device(1, ANNA, 1, caller_id="37060000000")
needs_engine = pytest.mark.skipif(not linear.available(), reason="google-re2 is not installed")


def asked(*things, number: str = NUMBER, facts: Facts | None = None, **more):
    books = single(lcr(1, 1, 2), *carriers(p1="1", p2="2"), *things, **more)
    return decide(books, Call(ANNA, number), NOW, facts=facts or Facts())


def steps(decision, name):
    return [one.text() for one in decision.trace if one.name == name]


@pytest.mark.parametrize("text", ["-8+3706", "8->3706", pytest.param("/^8/3706/", marks=needs_engine)])
def test_a_transformation_stands_wherever_a_rule_does(text):
    assert asked(replace(DEVICE, called_text=text), number="81234567").number == NUMBER
    at_location = (Location(5, called_text=text), replace(DEVICE, location_id=5))
    assert asked(*at_location, number="81234567").number == NUMBER
    everywhere = asked(Location(5, called_text=text), number="81234567", global_location_id=5)
    assert everywhere.number == NUMBER and "location" in steps(everywhere, "transformation")[0]


@pytest.mark.parametrize("text", ["-370+8", "370->8", pytest.param("/^370/8/", marks=needs_engine)])
def test_a_transformation_of_a_provider_changes_what_is_sent_and_not_the_price(text):
    decision = asked(provider(1, 101, called_text=text, caller_text=text))
    first, second = decision.routes
    assert (first.number, first.caller_id) == ("861234567", "860000000")
    assert (second.number, decision.number) == (NUMBER, NUMBER)
    assert len(steps(decision, "provider rules")) == 1


def test_a_rule_that_fits_comes_before_the_transformation_of_its_place():
    rule = Rule(1, RuleKind.DESTINATION, "8", "3706")
    things = (Location(5, (rule,), called_text="-8+44"), replace(DEVICE, location_id=5))
    assert asked(*things, number="81234567").number == NUMBER
    assert asked(*things, number="0037061234567").cause == 336
    own = Rule(1, RuleKind.DESTINATION, "370", "00370")
    assert asked(provider(1, 101, called_rules=(own,), called_text="-370+8")).routes[0].number == "00" + NUMBER


def test_a_callers_number_is_transformed_too():
    assert asked(replace(DEVICE, caller_text="-370+8")).caller_id == "860000000"
    assert asked(Location(5, caller_text="-370+8"), replace(DEVICE, location_id=5)).caller_id == "860000000"


def test_a_transformation_that_leaves_nothing_is_refused_or_dropped():
    assert asked(replace(DEVICE, called_text="*->")).cause == 336
    decision = asked(provider(1, 101, called_text="*->"))
    assert [one.provider_id for one in decision.routes] == [2] and decision.dropped[0].cause == 336


def test_a_transformation_that_was_never_checked_says_what_is_wrong():
    assert asked(replace(DEVICE, called_text="-")).cause == 41
    decision = asked(provider(1, 101, called_text="-"))
    assert decision.dropped[0].cause == 204 and decision.dropped[0].why.endswith(".")


def test_what_a_dial_plan_draws_comes_from_the_dice():
    random = provider(1, 101, caller_text="*->100-199")
    assert asked(random).routes[0].caller_id == "100"
    assert asked(random, facts=Facts(dice=lambda: 0.5)).routes[0].caller_id == "150"


# -- rule groups -------------------------------------------------------------------------------------------------------


def cutting(digit: str, add: str, id: int = 1) -> Rule:
    return Rule(id, RuleKind.DESTINATION, digit, add)


def test_a_devices_own_rules_come_before_its_groups_and_those_before_its_locations():
    places = (RuleGroup(3, (cutting("9", "3702"),)), Location(5, (cutting("9", "3701"),)))
    device = replace(DEVICE, location_id=5)
    assert asked(*places, device, number="91234567").number == "37011234567"
    grouped = replace(device, rule_group_id=3)
    assert asked(*places, grouped, number="91234567").number == "37021234567"
    own = replace(grouped, location_rules=(cutting("9", "3703"),))
    decision = asked(*places, own, number="91234567")
    assert decision.number == "37031234567"
    assert "of the device" in steps(decision, "localization: destination")[0]


def test_a_group_that_is_gone_changes_nothing():
    assert asked(replace(DEVICE, rule_group_id=77)).number == NUMBER


@pytest.mark.parametrize(
    ("own", "shared", "sent", "by"),
    [
        ((), (), NUMBER, ""),
        ((Rule(1, RuleKind.DESTINATION, "370", "00370"),), (), "00" + NUMBER, "device"),
        ((), (Rule(1, RuleKind.DESTINATION, "", "00"),), "00" + NUMBER, "group"),
        ((Rule(1, RuleKind.DESTINATION, "-"),), (Rule(1, RuleKind.DESTINATION, "", "00"),), "861234567", "device"),
    ],
)
def test_a_call_to_a_device_has_the_number_its_rules_want(own, shared, sent, by):
    device = replace(DEVICE, rules=own, rule_group_id=3)
    one = single(device, RuleGroup(3, outgoing=shared)).book(ROOT)
    assert number_for_device(one, device, RuleKind.DESTINATION, NUMBER, "861234567") == (sent, by)


# -- everything at once ------------------------------------------------------------------------------------------------


def rich():
    seven = Filter(allow=(Pattern("3%"),), deny=(Pattern("39%"),))
    return single(
        Customer(1, 900, "USD", 1, 1, location_id=5, custom_tariff_ids=(1,), conditionals=(
            Conditional(1, caller=seven, called=seven, from_pai=True, tariff_id=1),
        ), jurisdiction=Jurisdiction(), lists=(NumberList(7, Side.CALLED),),
        destinations=Destinations(("3",), ("39",))),
        Device(1, ANNA, 1, caller_id_policy=CallerIdPolicy.PRESENTED, called_text="-00", caller_text="0->370",
               caller_pool_id=7, valid_pool_id=7, duplicate_seconds=5, classes=(CallClass.INTERNATIONAL,)),
        Location(5, (cutting("8", "370"),), called_text="*->3*", caller_text="-38+39"),
        Pool(7, ("39%", "38", "370611")),
        Lcr(1, LcrOrder.QUALITY, (LcrEntry(1), LcrEntry(2)), formula="ASR/PRICE", failover=Failover(2),
            overrides=(Override(("3706",), 2),), periods=(Period(Window(start=60, end=120), 2),)),
        lcr(2, 2, 1),
        *carriers(p1="1", p2="2"),
        mnp=Mnp(NumberMap(build_map([("611", "3999")])), ("370",)),
        numbering=Numbering(),
        score=Score((5, 0, 0), (2, 0, 0)),
        area_states=NumberMap(build_map([("212555", "NY")])),
        emergency=Emergency(("112",), (1,)),
    )  # fmt: skip


RICH = rich()


def test_a_call_through_everything_at_once_is_routed():
    assert len(decide(RICH, Call(ANNA, "0037051234567", "0611", "3700"), NOW).routes) == 2


dialled = st.one_of(st.text(max_size=30), st.from_regex(r"(00|8)?3[0-9]{6,12}", fullmatch=True))


@given(dialled, dialled, dialled, st.integers(0, 2**60), st.randoms())
def test_nothing_a_caller_can_send_raises_whatever_the_book_holds(number, caller, pai, now, chance):
    call = Call(ANNA, number, caller, pai, "10.0.0.1")
    decision = decide(RICH, call, now, facts=Facts(dice=chance.random))
    assert decision.refused is (not decision.routes)
    assert all(step.text() is not None for step in decision.trace)
    if not decision.refused:
        assert from_snapshot(snapshot(decision)) == to_snapshot(decision)


# -- owners ------------------------------------------------------------------------------------------------------------


def giving(**effects) -> Location:
    return Location(1, (Rule(1, RuleKind.DESTINATION, "3706", "3706", effects=Effects(**effects)),))


def owned(directory_id: int, **more):
    """Root's own device BELLA, whose calls a global rule gives to a device of this identity."""
    books = chain(**more)
    root = books.book(ROOT)
    books.put(
        replace(
            root,
            customers={**root.customers, 50: Customer(50, 990, "USD", 10, 10)},
            devices={60: Device(60, 555, 50, caller_id="1")},
            locations={1: giving(owner_directory_id=directory_id, tariff_id=10, lcr_id=10)},
            global_location_id=1,
        )
    )
    return decide(books, Call(555, NUMBER), NOW)


def test_the_owner_may_give_a_call_to_a_customer_of_any_operator_below():
    decision = owned(ANNA)
    assert (decision.operator_id, decision.customer_id, decision.device_id) == (SHOP, 31, 41)
    assert [one.operator_id for one in decision.routes[-1].levels] == [SHOP, PRO, ROOT]
    assert decision.routes[0].levels[0].price.tariff_id == 30


def test_an_operator_may_not_give_a_call_to_one_that_is_not_below_it():
    books = chain(shop_more=[giving(owner_directory_id=555)])
    shop, root = books.book(SHOP), books.book(ROOT)
    books.put(replace(shop, global_location_id=1))
    books.put(
        replace(
            root, customers={**root.customers, 50: Customer(50, 990, "USD", 10, 10)}, devices={60: Device(60, 555, 50)}
        )
    )
    decision = decide(books, CALL, NOW)
    assert decision.cause == 200 and "not below" in decision.sentence


def test_a_device_that_is_gone_or_blocked_takes_no_calls():
    assert owned(999).cause == 200
    assert owned(ANNA, customer=Customer(31, 920, "USD", 30, state=State.BLOCKED)).cause == 201


def test_an_own_device_may_be_named_too():
    other = Device(2, 777, 2)
    things = (Customer(2, 901, "USD", 2, 1), tariff(2, ("3", "20")), other, giving(owner_device_id=2))
    decision = asked(*things, global_location_id=1)
    assert decision.customer_id == 2 and decision.payers[0].hold(60) == 20


def test_rules_of_all_kinds_come_back_from_a_book_file():
    books = single(
        RuleGroup(3, (cutting("9", "3702"),)),
        Location(5, (cutting("9", "3701"),), called_text="-8+3706"),
        replace(DEVICE, location_rules=(cutting("9", "1"),), rule_group_id=3, called_text="*->1*"),
        giving(owner_directory_id=7),
        provider(1, 101, called_text="00", npdi=True),
        lcr(1, 1),
        operator=Operator(ROOT, None, PRO_KIND, "USD"),
    )
    one = books.book(ROOT)
    assert replace(decode(encode(one)), tariffs={}) == replace(one, tariffs={})

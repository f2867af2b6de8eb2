"""What may be called, by whom and as whom: lists, pools, classes, opened destinations, scores, duplicates, help."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom import linear
from telecom.book import Book, CallerIdPolicy, Customer, Device, Operator, State
from telecom.bookfile import decode, encode
from telecom.decision import Call, decide
from telecom.facts import Facts
from telecom.gates import (
    CallClass,
    Destinations,
    Emergency,
    Numbering,
    NumberList,
    Score,
    Side,
    emergency_problem,
    is_duplicate,
    score_problem,
)
from telecom.matching import Filter, Pattern, PatternKind
from telecom.pools import MAX_DEVIATION, Pool, pick, pool_problems
from telecom.settlement import affordable, from_snapshot, holds, settle, snapshot, to_snapshot
from tests.telecom.worlds import ANNA, NOW, PRO, PRO_KIND, ROOT, SHOP, carriers, chain, lcr, provider, single

CALL = Call(ANNA, "37061234567")
OUR_ID = "37060000000"
DEVICE = Device(1, ANNA, 1, caller_id=OUR_ID)
OWN = Customer(1, 900, "USD", 1, 1)


def ids(decision):
    return [one.provider_id for one in decision.routes]


def asked(*things, call: Call = CALL, facts: Facts | None = None, **more):
    books = single(lcr(1, 1, 2), *carriers(p1="1", p2="2"), *things, **more)
    return decide(books, call, NOW, facts=facts or Facts())


# -- lists -------------------------------------------------------------------------------------------------------------

LISTED = Pool(7, ("37061234567", "370600%", "#44"), name="seven")
OTHER = Pool(8, ("1%",), name="eight")


@pytest.mark.parametrize(
    ("one", "cause"),
    [
        (NumberList(7, Side.CALLER), 277),
        (NumberList(8, Side.CALLER, white=True), 278),
        (NumberList(7, Side.CALLED), 279),
        (NumberList(8, Side.CALLED, white=True), 280),
        (NumberList(8, Side.CALLED), 0),
        (NumberList(8, Side.CALLER), 0),
        (NumberList(7, Side.CALLED, white=True), 0),
        (NumberList(7, Side.CALLER, white=True), 0),
        (NumberList(7, Side.CALLED, cause=201), 201),
        (NumberList(99, Side.CALLED, white=True), 41),
    ],
)
def test_a_global_list_stops_a_call_with_its_cause(one, cause):
    decision = asked(LISTED, OTHER, lists=(one,))
    assert decision.cause == cause
    assert decision.sentence.endswith("." if cause else "")


@pytest.mark.parametrize(
    ("side", "white", "cause"),
    [(Side.CALLED, False, 325), (Side.CALLED, True, 326), (Side.CALLER, False, 334), (Side.CALLER, True, 335)],
)
def test_a_customers_or_devices_list_has_the_causes_of_an_originator(side, white, cause):
    one = NumberList(8 if white else 7, side, white)
    assert asked(LISTED, OTHER, replace(OWN, lists=(one,))).cause == cause
    assert asked(LISTED, OTHER, replace(DEVICE, lists=(one,))).cause == cause


def test_a_providers_list_skips_that_provider_only():
    first = provider(1, 101, lists=(NumberList(7, Side.CALLED),))
    decision = asked(LISTED, first)
    assert ids(decision) == [2] and [(one.provider_id, one.cause) for one in decision.dropped] == [(1, 282)]


def test_a_list_of_any_operator_above_stops_the_call():
    books = chain()
    books.put(replace(books.book(ROOT), pools={7: LISTED}, lists=(NumberList(7, Side.CALLED),)))
    assert decide(books, CALL, NOW).cause == 279


def test_a_pool_finds_numbers_and_the_longest_beginning():
    assert LISTED.entry_of("37061234567") == "37061234567"
    assert LISTED.entry_of("3706001") == "370600%" and LISTED.entry_of("447") == "44%"
    assert "370" not in LISTED and "" in Pool(1, ("%",))


@given(
    st.lists(st.text("12", min_size=1, max_size=4)),
    st.lists(st.text("12", min_size=1, max_size=3)),
    st.text("12", max_size=5),
)
def test_a_pool_holds_what_a_plain_search_finds(numbers, begins, number):
    pool = Pool(1, (*numbers, *(f"{one}%" for one in begins)))
    assert (number in pool) is (number in numbers or any(number.startswith(one) for one in begins))


def test_entries_that_are_none_are_told():
    assert pool_problems(["370", "370%", "#370", "%", "+370"]) == []
    assert (
        all(one.endswith(".") for one in pool_problems(["a", "37%0"], -1))
        and len(pool_problems(["a", "37%0"], -1)) == 3
    )


# -- caller ids --------------------------------------------------------------------------------------------------------


def test_a_pool_gives_random_caller_ids():
    pool = Pool(7, ("1", "2", "3", "4%"))
    dice = Facts(dice=Random(2).random)
    drawn = Counter(asked(pool, replace(DEVICE, caller_pool_id=7), facts=dice).caller_id for _ in range(300))
    assert set(drawn) == {"1", "2", "3"} and min(drawn.values()) > 60


def test_deviation_nothing_keeps_the_use_of_numbers_equal():
    used: Counter[str] = Counter()
    dice = Random(2).random
    for _ in range(300):
        used[pick(("1", "2", "3"), used, 0, dice)] += 1
    assert set(used.values()) == {100}


@given(st.integers(0, 50), st.integers(1, 200), st.randoms())
def test_with_a_deviation_no_number_gets_further_ahead_than_that_and_one(deviation, draws, chance):
    numbers, used = ("1", "2", "3", "4"), Counter()
    for _ in range(draws):
        used[pick(numbers, used, deviation, chance.random)] += 1
    assert max(used.values()) - min(used.get(one, 0) for one in numbers) <= deviation + 1


def test_the_highest_deviation_is_wholly_random_and_an_empty_pool_gives_nothing():
    assert pick(("1", "2"), {"2": 10**9}, MAX_DEVIATION, lambda: 0.9) == "2"
    assert pick(("1", "2"), {"1": 1}, 0, None) == "2"
    assert pick((), {}, 0, None) is None


def test_only_a_caller_id_that_is_not_valid_is_replaced():
    device = replace(DEVICE, caller_id_policy=CallerIdPolicy.PRESENTED, valid_pool_id=7, caller_pool_id=8)
    pools = (Pool(7, ("370%",)), Pool(8, ("4411111111",)))
    assert asked(*pools, device, call=replace(CALL, caller="37069")).caller_id == "37069"
    assert asked(*pools, device, call=replace(CALL, caller="123")).caller_id == "4411111111"


def test_a_device_refuses_caller_ids():
    device = replace(
        DEVICE,
        caller_id_policy=CallerIdPolicy.PRESENTED,
        caller_filter=Filter(allow=(Pattern("370%"),), deny=(Pattern("3709%"),)),
    )
    assert asked(device, call=replace(CALL, caller="37061")).cause == 0
    assert asked(device, call=replace(CALL, caller="37091")).cause == 305
    assert asked(device, call=replace(CALL, caller="44")).cause == 305


def test_a_provider_that_does_not_take_the_caller_id_is_dropped():
    choosy = provider(1, 101, caller_filter=Filter(allow=(Pattern("44%"),)))
    denying = provider(2, 102, caller_filter=Filter(deny=(Pattern("37060%"),)))
    decision = asked(choosy, denying)
    assert [(one.provider_id, one.cause) for one in decision.dropped] == [(1, 321), (2, 322)]


def test_an_expression_that_cannot_be_used_never_raises(monkeypatch):
    broken = Filter(allow=(Pattern("(", PatternKind.REGEX),))
    assert asked(replace(DEVICE, caller_filter=broken)).cause == 41
    decision = asked(provider(1, 101, caller_filter=broken))
    assert ids(decision) == [2] and decision.dropped[0].cause == 204
    monkeypatch.setattr(linear, "_re2", None)
    linear.compile_expression.cache_clear()
    fine = Filter(allow=(Pattern("^3", PatternKind.REGEX),))
    assert "google-re2" in asked(replace(DEVICE, caller_filter=fine)).sentence


# -- destinations and classes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate", "cause"),
    [
        (Destinations(("370",)), 0),
        (Destinations(("370",), ("3706",)), 279),
        (Destinations(("3706",), ("370",)), 0),
        (Destinations(("44",)), 280),
        (Destinations(), 280),
    ],
)
def test_the_longest_opened_or_closed_prefix_decides_and_unknown_ones_are_closed(gate, cause):
    assert asked(destinations=gate).cause == cause
    assert asked(replace(OWN, destinations=gate)).cause == cause


@given(
    st.lists(st.sampled_from([Destinations(("37",)), Destinations(("3",), ("3706",)), None]), min_size=3, max_size=3)
)
def test_along_the_chain_every_operator_must_have_opened_it(gates):
    books = chain()
    for id, gate in zip((ROOT, PRO, SHOP), gates, strict=True):
        books.put(replace(books.book(id), destinations=gate))
    closed = any(gate is not None and gate.closed for gate in gates)
    assert decide(books, CALL, NOW).cause == (279 if closed else 0)


NUMBERING = Numbering(local=("3705",), national=("370",), premium=("370900", "1900"))


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("37051234567", CallClass.LOCAL),
        ("37061234567", CallClass.NATIONAL),
        ("370900123456", CallClass.PREMIUM),
        ("19001234567", CallClass.PREMIUM),
        ("441234567", CallClass.INTERNATIONAL),
    ],
)
def test_numbers_are_classed_by_their_longest_prefix(number, found):
    assert NUMBERING.class_of(number) is found


def test_a_call_needs_a_class_that_both_customer_and_device_have():
    national, local = (CallClass.NATIONAL,), (CallClass.LOCAL,)
    assert asked(replace(OWN, classes=national), numbering=NUMBERING).cause == 0
    assert asked(replace(OWN, classes=local), numbering=NUMBERING).cause == 326
    assert asked(replace(OWN, classes=national), replace(DEVICE, classes=local), numbering=NUMBERING).cause == 326
    assert asked(replace(OWN, classes=local)).cause == 0


# -- scores and duplicates ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("total", "level"), [(9, 0), (10, 1), (19, 1), (20, 2), (29, 2), (30, 3)])
def test_reaching_a_threshold_is_enough(total, level):
    assert Score((10, 20, 30)).level(total) == level


def test_a_threshold_of_nothing_is_off():
    assert Score((0, 20, 0)).level(10) == 0 and Score((0, 20, 0)).level(500) == 2


def test_a_score_gives_the_call_another_lcr_or_refuses_it():
    score = Score((10, 20, 30), (0, 2, 3), default_caller=1)
    scores = {(ROOT, "called", "37061234567"): 12, (ROOT, "address", "10.0.0.1"): 7}
    call = replace(CALL, address="10.0.0.1")
    decision = asked(lcr(2, 2), call=call, facts=Facts(scores=scores), score=score)
    assert ids(decision) == [2]
    assert asked(facts=Facts(scores=scores), score=score).cause == 279
    assert ids(asked(score=score)) == [1, 2]


def test_thresholds_must_rise():
    assert score_problem(Score((10, 20, 30))) == score_problem(Score((10, 0, 30))) == ""
    assert score_problem(Score((10, 10, 30))).endswith(".") and score_problem(Score((30, 20, 0))).endswith(".")


def test_the_same_call_within_some_seconds_is_a_duplicate():
    recent = Facts(recent={(ANNA, OUR_ID, "37061234567"): NOW - 2_000_000})
    assert asked(replace(DEVICE, duplicate_seconds=3), facts=recent).cause == 246
    assert asked(replace(DEVICE, duplicate_seconds=2), facts=recent).cause == 0
    assert asked(duplicate_seconds=3, facts=recent).cause == 246
    assert asked(call=replace(CALL, called="37061234568"), facts=recent, duplicate_seconds=3).cause == 0
    assert not is_duplicate(None, NOW, 5) and not is_duplicate(NOW, NOW, 0)


# -- emergency ---------------------------------------------------------------------------------------------------------

HELP = Emergency(("112", "911"), (2, 1))
FOR_HELP = Call(ANNA, "112", "spoofed")


@pytest.mark.parametrize(
    "things",
    [
        (),
        (replace(DEVICE, state=State.BLOCKED),),
        (replace(OWN, state=State.BLOCKED),),
        (replace(OWN, tariff_id=None, lcr_id=None),),
        (replace(OWN, lists=(NumberList(99, Side.CALLED, white=True),)),),
    ],
)
def test_nothing_stands_before_a_call_for_help(things):
    decision = asked(*things, call=FOR_HELP, emergency=HELP, destinations=Destinations())
    assert ids(decision) == [2, 1] and not decision.payers and not decision.limits
    assert {one.number for one in decision.routes} == {"112"} and decision.routes[0].caller_id == OUR_ID


def test_a_call_for_help_costs_nobody_anything_and_has_its_record():
    decision = asked(call=FOR_HELP, emergency=HELP)
    back = from_snapshot(snapshot(decision))
    assert back == to_snapshot(decision) and holds(back, 60) == {} and affordable(back, {900: 0}, 60) == 60
    ended = settle(back, 0, 0, 61_000_000)
    assert [one.sell for one in ended.levels] == [0] and ended.cost.amount == 0


def test_the_nearest_operator_of_the_chain_that_knows_the_number_carries_it():
    books = chain()
    books.put(replace(books.book(ROOT), emergency=Emergency(("112",), (1,))))
    blocked = Operator(SHOP, PRO, books.book(SHOP).operator.kind, "USD", State.BLOCKED)
    books.put(replace(books.book(SHOP), operator=blocked))
    decision = decide(books, FOR_HELP, NOW)
    assert [(one.operator_id, one.provider_id) for one in decision.routes] == [(ROOT, 1)]
    assert [one.operator_id for one in decision.routes[0].levels] == [SHOP, PRO, ROOT]


def test_without_a_provider_for_help_the_number_is_like_any_other():
    assert asked(call=FOR_HELP, emergency=Emergency(("112",), (77,))).cause == 336
    assert decide(single(), Call(5, "112"), NOW).cause == 200


def test_all_of_it_comes_back_from_a_book_file():
    books = single(
        replace(
            OWN, lists=(NumberList(7, Side.CALLED),), classes=(CallClass.LOCAL,), destinations=Destinations(("3",))
        ),
        replace(DEVICE, caller_filter=Filter(allow=(Pattern("^3", PatternKind.REGEX),)), valid_pool_id=7),
        LISTED,
        lcr(1, 1),
        *carriers(p1="1"),
        emergency=HELP,
        score=Score((1, 2, 3)),
        numbering=NUMBERING,
        operator=Operator(ROOT, None, PRO_KIND, "USD"),
    )
    one = books.book(ROOT)
    back = decode(encode(one))
    assert isinstance(back, Book)
    same = {"tariffs": {}}
    assert replace(back, **same) == replace(one, **same)


@pytest.mark.parametrize("wrong", [Emergency(("123456789",), (1,)), Emergency(("1a",), (1,)), Emergency(("112",))])
def test_emergency_numbers_that_cannot_work_are_told(wrong):
    assert emergency_problem(wrong).endswith(".") and emergency_problem(HELP) == ""

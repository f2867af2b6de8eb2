"""Orders by share, weight, quality and VOS3000's gateways (rating-routing.md 9 and 10)."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.book import Lcr, LcrEntry, LcrOrder
from telecom.decision import Call, decide
from telecom.facts import Facts
from telecom.lcr_problems import lcr_problems
from telecom.ordering import Gateway, GatewaySlot, GatewayUse, by_gateway, by_percent
from telecom.quality import Quality
from tests.telecom.worlds import ANNA, NOW, ROOT, carriers, single

CALL = Call(ANNA, "37061234567")


def ids(decision):
    return [one.provider_id for one in decision.routes]


def permutations(shares: dict[str, int], draws: int = 100_000) -> Counter[str]:
    dice = random.Random(3).random
    names = list(shares)
    values = [Decimal(one) for one in shares.values()]
    return Counter("".join(names[place] for place in by_percent(values, dice)) for _ in range(draws))


@pytest.mark.parametrize(
    ("shares", "order", "expected"),
    [
        ({"A": 50, "B": 30, "C": 20}, "ABC", 0.30),
        ({"A": 50, "B": 30, "C": 20}, "ACB", 0.20),
        ({"A": 50, "B": 30, "C": 20}, "BAC", 0.214286),
        ({"A": 50, "B": 30, "C": 20}, "BCA", 0.085714),
        ({"A": 50, "B": 30, "C": 20}, "CAB", 0.125),
        ({"A": 50, "B": 30, "C": 20}, "CBA", 0.075),
        ({"A": 99, "B": 1}, "AB", 0.99),
    ],
)
def test_by_percent_every_order_comes_as_often_as_the_shares_say(shares, order, expected):
    assert abs(permutations(shares)[order] / 100_000 - expected) < 0.005


def test_the_first_choice_has_its_share_of_the_calls():
    firsts = Counter()
    for order, count in permutations({"A": 50, "B": 30, "C": 20}).items():
        firsts[order[0]] += count
    assert all(abs(firsts[name] / 100_000 - share) < 0.005 for name, share in (("A", 0.5), ("B", 0.3), ("C", 0.2)))


@given(st.lists(st.integers(0, 5), max_size=6), st.randoms())
def test_by_percent_draws_everybody_with_a_share_once_and_nobody_without(shares, chance):
    values = [Decimal(one) for one in shares]
    wanted = sorted(place for place, one in enumerate(shares) if one)
    assert sorted(by_percent(values, chance.random)) == wanted
    assert sorted(by_percent(values, None)) == wanted


def by_shares(*shares: str):
    entries = tuple(LcrEntry(id, percent=Decimal(one)) for id, one in enumerate(shares, 1))
    return single(Lcr(1, LcrOrder.PERCENT, entries), *carriers(p1="1", p2="2", p3="3"))


def test_a_decision_by_percent_follows_the_dice_and_drops_a_share_of_nothing():
    books = by_shares("20", "80", "0")
    decision = decide(books, CALL, NOW)
    assert ids(decision) == [2, 1]
    assert [(one.provider_id, one.cause) for one in decision.dropped] == [(3, 204)]
    assert ids(decide(books, CALL, NOW, facts=Facts(dice=lambda: 0.99))) == [1, 2]
    firsts = Counter(ids(decide(books, CALL, NOW, facts=Facts(dice=random.Random(1).random)))[0] for _ in range(50))
    assert set(firsts) <= {1, 2}


def test_the_lowest_weight_goes_first():
    entries = (LcrEntry(1, 0, weight=5), LcrEntry(2, 9, weight=1), LcrEntry(3, 1, weight=5))
    books = single(Lcr(1, LcrOrder.WEIGHT, entries), *carriers(p1="1", p2="2", p3="3"))
    assert ids(decide(books, CALL, NOW)) == [2, 1, 3]


def by_quality(formula: str = "ASR", **options):
    entries = tuple(LcrEntry(one) for one in (1, 2, 3))
    return single(Lcr(1, LcrOrder.QUALITY, entries, formula=formula, **options), *carriers(p1="1", p2="2", p3="3"))


WINDOWS = {(ROOT, 1): Quality(100, 20), (ROOT, 2): Quality(100, 60), (ROOT, 3): Quality(2, 2)}


def test_the_best_quality_goes_first_and_a_new_provider_stands_in_the_middle():
    decision = decide(by_quality(), CALL, NOW, facts=Facts(quality=WINDOWS))
    assert ids(decision) == [2, 3, 1]
    assert any("too few calls" in step.text() for step in decision.trace)


def test_the_price_may_be_part_of_quality():
    assert ids(decide(by_quality("-PRICE"), CALL, NOW, facts=Facts(quality=WINDOWS)))[0] == 1
    assert ids(decide(by_quality("ASR / PRICE"), CALL, NOW, facts=Facts(quality=WINDOWS)))[0] == 2


def test_now_and_then_another_provider_goes_first_to_be_measured():
    lucky = Facts(dice=iter([0.01, 0.9]).__next__, quality=WINDOWS)
    decision = decide(by_quality(), CALL, NOW, facts=lucky)
    assert ids(decision) == [1, 2, 3]
    never = Facts(dice=lambda: 0.01, quality=WINDOWS)
    assert ids(decide(by_quality(exploration=0.0), CALL, NOW, facts=never)) == [2, 3, 1]


def test_a_formula_that_was_never_checked_leaves_the_stated_order_and_says_why():
    decision = decide(by_quality("MOS"), CALL, NOW)
    assert ids(decision) == [1, 2, 3] and any("MOS" in step.text() for step in decision.trace)


GATEWAYS = [Gateway(101, "9008"), Gateway(102, "900"), Gateway(103, "9008", priority=1), Gateway(104, "90", priority=2)]


def test_a_gateway_that_terminates_lets_no_shorter_prefix_follow():
    # VOS3000's list for 90080001: terminate gives the two of the longest prefix, carry-through the shorter ones too.
    terminating = [replace(GATEWAYS[0], terminate=True), *GATEWAYS[1:]]
    assert [terminating[one].id for one in by_gateway(terminating)] == [101, 103]
    assert [GATEWAYS[one].id for one in by_gateway(GATEWAYS)] == [101, 103, 102, 104]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Gateway(9, "370"), Gateway(1, "37")),
        (Gateway(9, "37", prefix_priority=1), Gateway(1, "37", prefix_priority=2)),
        (Gateway(9, "37", priority=1), Gateway(1, "37", priority=2)),
        (Gateway(9, lines=10, use=GatewayUse(1)), Gateway(1, lines=10, use=GatewayUse(2))),
        (Gateway(9, lines=10, use=GatewayUse(1, 5)), Gateway(1, lines=20, use=GatewayUse(2, 6))),
        (Gateway(1), Gateway(9)),
    ],
)
def test_gateways_are_sorted_by_each_criterion_in_its_turn(first, second):
    assert by_gateway([second, first]) == [1, 0]


def test_quality_and_price_count_before_the_lines_or_before_the_id():
    good = Gateway(9, lines=10, rate=Decimal(2), use=GatewayUse(5, 0, 60.0))
    cheap = Gateway(1, lines=10, rate=Decimal(1), use=GatewayUse(1, 0, 40.0))
    pair = [good, cheap]
    assert by_gateway(pair) == [1, 0]
    assert by_gateway(pair, GatewaySlot(asr=True)) == [0, 1]
    assert by_gateway(pair, GatewaySlot(asr=True, before_lines=False)) == [1, 0]
    assert by_gateway(pair, GatewaySlot(asr=True, rate=True)) == [0, 1]
    assert by_gateway(pair, GatewaySlot(asr=True, rate=True, rate_first=True)) == [1, 0]


def test_a_gateway_without_free_lines_is_closed():
    assert by_gateway([Gateway(1, lines=5, use=GatewayUse(5))]) == []
    assert by_gateway([Gateway(1, lines=5, reserved=2, use=GatewayUse(4))]) == []
    assert by_gateway([Gateway(1, lines=5, reserved=2, use=GatewayUse(3))]) == [0]


def test_a_decision_by_gateways_takes_the_longest_prefix_of_each_and_drops_the_closed_ones():
    entries = (
        LcrEntry(1, prefix="3"),
        LcrEntry(1, prefix="3706"),
        LcrEntry(2, prefix="370", lines=10),
        LcrEntry(3, prefix="44"),
    )
    books = single(Lcr(1, LcrOrder.GATEWAY, entries), *carriers(p1="1", p2="2", p3="3"))
    assert ids(decide(books, CALL, NOW)) == [1, 2]
    busy = Facts(gateways={(ROOT, 2): GatewayUse(10)})
    decision = decide(books, CALL, NOW, facts=busy)
    assert ids(decision) == [1] and [(one.provider_id, one.cause) for one in decision.dropped] == [(2, 223)]


def test_a_switch_limit_stops_after_so_many_attempts():
    entries = tuple(LcrEntry(one, one) for one in (1, 2, 3))
    books = single(Lcr(1, entries=entries, max_attempts=2), *carriers(p1="1", p2="2", p3="3"))
    assert ids(decide(books, CALL, NOW)) == [1, 2]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (Lcr(1, LcrOrder.PERCENT, (LcrEntry(1), LcrEntry(2))), "add up to 0"),
        (Lcr(1, LcrOrder.PERCENT, (LcrEntry(1, percent=Decimal(-1)),)), "negative"),
        (Lcr(1, LcrOrder.QUALITY, formula="MOS"), "'MOS'"),
        (Lcr(1, LcrOrder.GATEWAY, (LcrEntry(1, prefix="x"),)), "prefix"),
        (Lcr(1, exploration=2.0), "0 to 1"),
        (Lcr(1, failover_lcr_ids=(2, 3, 4)), "at most 2"),
        (Lcr(1, zone="Mars"), "Mars"),
    ],
)
def test_an_lcr_that_cannot_work_is_told_in_one_sentence(wrong, told):
    problems = lcr_problems(wrong)
    assert len(problems) == 1 and told in problems[0] and problems[0].endswith(".")
    assert lcr_problems(Lcr(1, LcrOrder.PERCENT, (LcrEntry(1, percent=Decimal(1)),))) == []

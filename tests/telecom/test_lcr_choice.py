"""Which LCR a call goes by: time periods, overrides per destination, failover, dial peers (rating-routing.md 9, 10)."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.book import Customer, Device, Lcr, LcrEntry, LcrOrder
from telecom.decision import Call, decide
from telecom.facts import Facts
from telecom.lcr import DialPeer, Failover, Override, OverrideKind, Period, loop_problems, name_fits, named_prefixes
from telecom.lcr_problems import lcr_problems
from telecom.local_time import Window
from telecom.matching import Filter, Pattern
from tests.telecom.test_time_windows import at
from tests.telecom.worlds import ANNA, NOW, carriers, chain, lcr, provider, single, tariff

CALL = Call(ANNA, "37061234567")
NOON, NIGHT = at("2026-06-03T12:00"), at("2026-06-03T23:00")


def ids(decision):
    return [one.provider_id for one in decision.routes]


def told(decision):
    return " ".join(step.text() for step in decision.trace)


def three(first: Lcr, **more):
    """LCR 1 as given; LCR 2 goes over provider 2, LCR 3 over provider 3."""
    return single(first, lcr(2, 2), lcr(3, 3), *carriers(p1="1", p2="2", p3="3"), **more)


def own(**options) -> Lcr:
    return Lcr(1, entries=(LcrEntry(1),), **options)


# -- time periods ------------------------------------------------------------------------------------------------------

AT_NIGHT = Period(Window(start=19 * 60, end=9 * 60), 2, "night")


def test_while_a_period_is_open_its_lcr_counts():
    books = three(own(periods=(AT_NIGHT,)))
    assert ids(decide(books, CALL, NOON)) == [1]
    assert ids(decide(books, CALL, NIGHT)) == [2]
    assert "night" in told(decide(books, CALL, NIGHT))


def test_a_period_is_on_the_wall_of_the_lcrs_zone():
    assert ids(decide(three(own(periods=(AT_NIGHT,), zone="Asia/Tokyo")), CALL, NOON)) == [2]


def test_periods_that_overlap_or_are_too_many_are_refused():
    problems = lcr_problems(own(periods=(AT_NIGHT, Period(Window(start=480, end=600), 3, "morning"))))
    assert len(problems) == 1 and "night and morning overlap" in problems[0]
    assert lcr_problems(own(periods=(AT_NIGHT,))) == []


# -- overrides ---------------------------------------------------------------------------------------------------------


def test_a_destination_may_have_its_own_lcr_or_be_banned():
    assert ids(decide(three(own(overrides=(Override(("3706",), 2),))), CALL, NOW)) == [2]
    banned = decide(three(own(overrides=(Override(("3706",)),))), CALL, NOW)
    assert banned.cause == 204 and "bans" in banned.dropped[0].why
    assert ids(decide(three(own(overrides=(Override(("3705",)),))), CALL, NOW)) == [1]


def test_the_longest_prefix_decides_whatever_it_was_written_as():
    group = Override(("3706", "370645", "370646"), 2, OverrideKind.GROUP)
    wide = Override(("370",), 3)
    books = three(own(overrides=(wide, group)))
    assert ids(decide(books, CALL, NOW)) == [2]
    assert ids(decide(books, Call(ANNA, "37051234567"), NOW)) == [3]


def test_at_equal_length_an_exact_prefix_comes_first_then_a_group_then_a_name():
    kinds = [Override(("3706",), id, kind) for id, kind in ((3, OverrideKind.NAME), (2, OverrideKind.GROUP))]
    assert ids(decide(three(own(overrides=tuple(kinds))), CALL, NOW)) == [2]
    exact = Override(("3706",), 3, OverrideKind.PREFIX)
    assert ids(decide(three(own(overrides=(*kinds, exact))), CALL, NOW)) == [3]


WORLD = [("370", "Lithuania"), ("3706", "Lithuania Mobile"), ("44", "United Kingdom"), ("447", "United Kingdom Mobile")]


@pytest.mark.parametrize(
    ("pattern", "prefixes", "holes"),
    [
        ("Lithuania", ("370",), ("3706",)),
        ("lithuania%", ("370", "3706"), ()),
        ("%mobile", ("3706", "447"), ()),
        ("United_Kingdom", ("44",), ("447",)),
        ("Latvia", (), ()),
    ],
)
def test_a_name_stands_for_its_destinations_and_not_for_finer_ones(pattern, prefixes, holes):
    assert named_prefixes(pattern, WORLD) == (prefixes, holes)
    if prefixes == ("370",):
        override = Override(prefixes, 2, OverrideKind.NAME, holes)
        assert ids(decide(three(own(overrides=(override,))), CALL, NOW)) == [1]
        assert ids(decide(three(own(overrides=(override,))), Call(ANNA, "37051234567"), NOW)) == [2]


@given(st.text("ab%_", max_size=6), st.text("ab", max_size=6))
def test_a_name_pattern_means_what_it_means_in_sql(pattern, name):
    import re

    expression = "".join({"%": ".*", "_": "."}.get(one, one) for one in pattern)
    assert name_fits(pattern, name) is (re.fullmatch(expression, name) is not None)


def test_a_circle_of_lcrs_is_found_and_a_call_in_it_still_ends():
    first, second = own(overrides=(Override(("3",), 2),)), Lcr(2, overrides=(Override(("3",), 1),), name="two")
    problems = loop_problems({1: first, 2: second})
    assert len(problems) == 1 and "circle" in problems[0]
    assert lcr_problems(first, {2: second}) == problems
    assert loop_problems({1: first}) == []
    assert ids(decide(single(first, second, *carriers(p1="1")), CALL, NOW)) == [1]


def test_an_override_to_an_lcr_that_is_gone_is_dropped_with_a_reason():
    assert decide(three(own(overrides=(Override(("3",), 99),))), CALL, NOW).cause == 204


# -- failover ----------------------------------------------------------------------------------------------------------


def with_failover(tariff_id: int | None = None, cost: str = "99"):
    first = Lcr(1, entries=(LcrEntry(1), LcrEntry(2)), failover=Failover(3, tariff_id))
    return single(first, *carriers(p1="1", p2="2", p3=cost), tariff(2, ("3", "120")))


def test_the_failover_provider_comes_last_and_may_cost_more_than_the_call_earns():
    decision = decide(with_failover(), CALL, NOW)
    assert ids(decision) == [1, 2, 3]
    assert decision.payers[0].hold(60) == 10


def test_a_failover_may_have_its_own_tariff_and_the_dearest_is_held():
    decision = decide(with_failover(2), CALL, NOW)
    assert [one.levels[0].price.rate.per_minute for one in decision.routes] == [10, 10, 120]
    assert decision.payers[0].hold(60) == 120
    assert "when nothing else helps" in told(decision)


def test_a_failover_without_a_price_is_dropped_and_one_that_is_there_already_comes_once():
    decision = decide(with_failover(77), CALL, NOW)
    assert ids(decision) == [1, 2] and decision.dropped[0].provider_id == 3
    twice = single(Lcr(1, entries=(LcrEntry(1),), failover=Failover(1)), *carriers(p1="1"))
    assert ids(decide(twice, CALL, NOW)) == [1]


# -- dial peers --------------------------------------------------------------------------------------------------------


def mask(*texts: str) -> Filter:
    return Filter(allow=tuple(Pattern(one) for one in texts))


def peer(id: int, *providers: int, **options) -> DialPeer:
    return DialPeer(id, options.pop("priority", id), tuple(LcrEntry(one, one) for one in providers), **options)


def group(*peers: DialPeer, **options):
    first = Lcr(1, peers=peers, **options)
    return single(first, lcr(2, 3), lcr(3, 4), *carriers(p1="1", p2="2", p3="3", p4="4"))


def test_dial_peers_are_hunted_by_priority_until_one_stops():
    going_on = peer(1, 1, stop_hunting=False)
    assert ids(decide(group(going_on, peer(2, 2)), CALL, NOW)) == [1, 2]
    assert ids(decide(group(peer(1, 1), peer(2, 2)), CALL, NOW)) == [1]
    assert ids(decide(group(peer(1, 1, priority=5, stop_hunting=False), peer(2, 2, priority=1)), CALL, NOW)) == [2]


def test_a_dial_peer_takes_a_call_only_if_both_numbers_fit():
    books = group(peer(1, 1, called=mask("44%")), peer(2, 2, caller=mask("37060%")))
    assert ids(decide(books, CALL, NOW)) == [2]
    nobody = group(peer(1, 1, called=mask("44%")))
    decision = decide(nobody, CALL, NOW)
    assert decision.cause == 308 and "fits nothing that is allowed" in told(decision)
    denied = Filter(deny=(Pattern("3706%"),))
    assert decide(group(peer(1, 1, called=denied)), CALL, NOW).cause == 308


def test_the_failover_groups_follow_unless_the_dial_peer_skips_them():
    assert ids(decide(group(peer(1, 1), failover_lcr_ids=(2, 3)), CALL, NOW)) == [1, 3, 4]
    assert ids(decide(group(peer(1, 1, skip_failover=True), failover_lcr_ids=(2,)), CALL, NOW)) == [1]
    none_fits = group(peer(1, 1, called=mask("44%"), skip_failover=True), failover_lcr_ids=(2,))
    assert ids(decide(none_fits, CALL, NOW)) == [3]


def test_a_provider_in_two_dial_peers_is_tried_once():
    assert ids(decide(group(peer(1, 1, 2, stop_hunting=False), peer(2, 2, 1, 3)), CALL, NOW)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("cost", "margin", "kept"),
    [
        ("0.7", "0.3", True),
        ("0.7001", "0.3", False),
        ("1", "0", True),
        ("1.0001", "0", False),
        ("1.5", "-0.5", True),
        ("1.5001", "-0.5", False),
    ],
)
def test_a_dial_peers_margin_is_an_amount_a_minute(cost, margin, kept):
    books = single(
        Lcr(1, peers=(peer(1, 1, margin_amount=Decimal(margin)),)), tariff(1, ("3", "1")), *carriers(p1=cost)
    )
    decision = decide(books, CALL, NOW)
    assert ids(decision) == ([1] if kept else []) and decision.cause == (0 if kept else 324)


def test_dial_peers_of_one_priority_come_in_an_order_that_is_drawn():
    books = group(peer(1, 1, priority=1), peer(2, 2, priority=1))
    dice = Facts(dice=Random(4).random)
    firsts = Counter(ids(decide(books, CALL, NOW, facts=dice))[0] for _ in range(400))
    assert 150 < firsts[1] < 250 and firsts[1] + firsts[2] == 400
    assert ids(decide(books, CALL, NOW)) == [1]


def test_inside_a_dial_peer_its_own_order_counts():
    entries = (LcrEntry(1, weight=9), LcrEntry(2, weight=1))
    one = DialPeer(1, entries=entries, order=LcrOrder.WEIGHT)
    assert ids(decide(group(one), CALL, NOW)) == [2, 1]
    problems = lcr_problems(Lcr(1, peers=(DialPeer(1, entries=entries, order=LcrOrder.PERCENT, called=mask("a")),)))
    assert len(problems) == 2 and all(one.startswith("Dial peer 1") for one in problems)


def test_a_device_has_its_own_lcr_before_its_customers():
    device = Device(1, ANNA, 1, lcr_id=2)
    books = single(own(), lcr(2, 2), device, *carriers(p1="1", p2="2"))
    assert ids(decide(books, CALL, NOW)) == [2]


def test_routing_of_a_reseller_may_hand_over_to_its_parent_by_destination():
    pro = Lcr(20, entries=(LcrEntry(3),), overrides=(Override(("3706",), 21),))
    books = chain(pro_lcr=pro, pro_more=[lcr(21, None)])
    assert ids(decide(books, CALL, NOW)) == [1, 2]


def test_a_customer_without_the_named_lcr_has_no_way_out():
    assert decide(single(Customer(1, 900, "USD", 1, 9), provider(1, 101)), CALL, NOW).cause == 204

"""Which rule wins (rating-routing.md 3.2), in every respect, and that it says why."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.localization import Effects, Rule, RuleKind, RuleSet, Scope, contest, localize

DST, CID, BOTH = RuleKind.DESTINATION, RuleKind.CALLER_ID, RuleKind.COMBINED


def at(scope: Scope, *rules: Rule) -> tuple[Scope, RuleSet]:
    return scope, RuleSet(rules)


@pytest.mark.parametrize(
    ("reason", "winner", "loser"),
    [
        ("fewer exact characters", Rule(9, DST, "1234x", position=9), Rule(1, DST, "123xx")),
        ("a shorter pattern", Rule(9, DST, "123x", position=9), Rule(1, DST, "123")),
        ("a wider window of lengths", Rule(9, DST, "123", "", 5, 9, position=9), Rule(1, DST, "123", "", 4, 9)),
        ("a special or empty cut", Rule(9, DST, "*#", position=9), Rule(1, DST, "")),
        ("a later position", Rule(9, DST, "12", "a", position=1), Rule(1, DST, "12", "b", position=2)),
        ("a later id", Rule(1, DST, "12", "a"), Rule(9, DST, "12", "b")),
    ],
)
def test_rules_are_compared_in_the_order_of_the_spec(reason, winner, loser):
    for rules in ((winner, loser), (loser, winner)):
        first, second = contest(DST, "12345#7", "", [at(Scope.LOCATION, *rules)])
        assert first.rule is winner
        assert second.lost_by == reason
        assert localize("12345#7", "", [at(Scope.LOCATION, *rules)]).fired[0].rule is winner


def test_a_nearer_scope_wins_over_a_more_exact_rule():
    layers = [
        at(Scope.DEVICE, Rule(1, CID, "9")),
        at(Scope.GROUP, Rule(2, DST, "", "b")),
        at(Scope.LOCATION, Rule(3, DST, "12", "c")),
        at(Scope.GLOBAL, Rule(4, DST, "1234", "d")),
    ]
    done = localize("12345", "", layers)
    assert done.called == "b12345" and done.fired[0].scope is Scope.GROUP
    assert [one.rule.id for one in contest(DST, "12345", "", layers)] == [2, 3, 4]
    assert "global" in contest(DST, "12345", "", layers)[2].lost_by


def test_kinds_go_caller_id_then_combined_and_destination_only_without_it():
    caller = Rule(1, CID, "8", "370")
    combined = Rule(2, BOTH, "00", "", source_cut="370", source_add="+")
    destination = Rule(3, DST, "00", "x")
    done = localize("0039", "861", [at(Scope.LOCATION, caller, combined, destination)])
    assert [one.rule.id for one in done.fired] == [1, 2]
    assert (done.called, done.caller) == ("39", "+61")
    assert localize("0039", "961", [at(Scope.LOCATION, caller, combined, destination)]).called == "x39"


def test_a_combined_rule_anywhere_skips_destination_rules_even_nearer_ones():
    layers = [at(Scope.LOCATION, Rule(1, DST, "00", "n")), at(Scope.GLOBAL, Rule(2, BOTH, "00", "g"))]
    assert localize("0039", "", layers).called == "g39"


def test_rules_are_not_chained_and_disabled_ones_do_not_count():
    rules = (Rule(1, DST, "00", "11"), Rule(2, DST, "11", "22"), Rule(3, DST, "000", "33", enabled=False))
    assert localize("00039", "", [at(Scope.LOCATION, *rules)]).called == "11039"


def test_the_window_is_of_the_number_before_cutting_and_includes_both_ends():
    layers = [at(Scope.LOCATION, Rule(1, DST, "00", "", 4, 6))]
    numbers = ["001", "0012", "001234", "0012345"]
    assert [localize(one, "", layers).called for one in numbers] == ["001", "12", "1234", "0012345"]


def test_x_is_a_digit_in_called_numbers_and_nothing_in_caller_ids():
    assert localize("1+2", "", [at(Scope.LOCATION, Rule(1, DST, "1x", "9"))]).fired == ()
    assert localize("1", "123", [at(Scope.LOCATION, Rule(1, CID, "1x", "9"))]).fired == ()


def test_specials_are_plain_characters_in_combined_rules():
    layers = [at(Scope.LOCATION, Rule(1, BOTH, "*#", "9"))]
    assert localize("12#3", "", layers).fired == ()
    assert localize("*#3", "", layers).called == "93"


def test_effects_of_both_rules_that_fire_are_carried_the_later_ones_on_top():
    rules = (
        Rule(1, CID, "1", effects=Effects(tariff_id=1, cid_name="Office")),
        Rule(2, DST, "00", effects=Effects(tariff_id=2, lcr_id=3, did="3705", owner_device_id=4)),
    )
    assert localize("0039", "12", [at(Scope.LOCATION, *rules)]).effects == Effects(2, 3, "3705", "Office", 4)


def test_prelocalization_knows_neither_combined_rules_nor_effects():
    rules = (Rule(1, BOTH, "00", "b"), Rule(2, DST, "00", "d", effects=Effects(tariff_id=2)))
    done = localize("0039", "", [at(Scope.LOCATION, *rules)], combined=False)
    assert (done.called, done.effects) == ("d39", Effects())


def test_what_fired_tells_the_scope_the_numbers_and_why():
    rule = Rule(5, DST, "86", "3706", 9, 9, name="Mobile")
    fired = localize("863042439", "", [at(Scope.LOCATION, rule)]).fired[0]
    assert (fired.rule, fired.scope, fired.before, fired.after) == (
        rule,
        Scope.LOCATION,
        "863042439",
        "37063042439",
    )
    assert "2 exact characters" in fired.why


patterns = st.text("01x", max_size=4)
rule_lists = st.lists(
    st.builds(Rule, st.integers(1, 99), st.just(DST), patterns, st.text("5", max_size=1), st.integers(0, 3)),
    max_size=5,
    unique_by=lambda one: one.id,
)


@given(rule_lists, st.text("01", min_size=1, max_size=6))
def test_the_order_in_which_rules_are_listed_changes_nothing(rules, number):
    results = {localize(number, "", [at(Scope.LOCATION, *order)]).called for order in permutations(rules)}
    assert len(results) == 1


@given(st.text("0123456789", max_size=4), st.text("0123456789", max_size=4), st.text("0123456789", min_size=1))
def test_a_rewrite_and_its_inverse_give_the_number_back(cut, add, rest):
    there = [at(Scope.LOCATION, Rule(1, DST, cut, add))]
    back = [at(Scope.LOCATION, Rule(1, DST, add, cut))]
    assert localize(localize(cut + rest, "", there).called, "", back).called == cut + rest

"""The table of rating-routing.md 3.3, row by row."""

from __future__ import annotations

import pytest

from telecom.localization import Effects, Rule, RuleKind, RuleSet, Scope, contest, localize, rewrite
from telecom.numbers import dialled_problem

DST, CID, BOTH = RuleKind.DESTINATION, RuleKind.CALLER_ID, RuleKind.COMBINED
ITALY = (Rule(1, DST, "", "39", 10, 10), Rule(2, DST, "00", "", 14, 14))
ITALIAN_PROVIDER = (Rule(1, DST, "39", "", 12, 12), Rule(2, DST, "", "00", 12, 12))


def here(*rules: Rule):
    return [(Scope.LOCATION, RuleSet(rules))]


@pytest.mark.parametrize(
    ("name", "rules", "dialled", "sent"),
    [
        ("L1", (Rule(1, DST, "86", "3706", 9, 9),), "863042439", "37063042439"),
        ("L2", (Rule(1, DST, "*#"),), "1aaaaaaaaa#37063042439", "37063042439"),
        ("L3", (Rule(1, DST, "*#"),), "999#37063042439", "37063042439"),
        ("L5", (Rule(1, DST, "00"),), "00370123456", "370123456"),
        ("L7", (Rule(1, DST, "12xxx", "99"),), "1200012345", "9912345"),
        ("L8", (Rule(1, DST, "12xxx", "99"),), "1257812345", "9912345"),
        ("L9", (Rule(1, DST, "12xxx", "99"),), "1298712345", "9912345"),
        ("L10", (Rule(1, DST, "123xxx78", "78"),), "12300078", "78"),
        ("L11", (Rule(1, DST, "123xxx78", "78"),), "12399978555", "78555"),
        ("L12", (Rule(1, DST, "12xxx", "A"), Rule(2, DST, "1234x", "B")), "12345", "B"),
        ("L15", ITALY, "0612345678", "390612345678"),
        ("L16", ITALY, "00370612345678", "370612345678"),
        ("L19", (Rule(1, DST, "569000"),), "56900030210123456", "30210123456"),
        ("tech prefix 000", (Rule(1, DST, "000"), Rule(2, DST, "00")), "00037061", "37061"),
    ],
)
def test_the_table_of_localization_reproduces(name, rules, dialled, sent):
    assert localize(dialled, "", here(*rules)).called == sent
    assert localize(dialled, "", here(*reversed(rules))).called == sent


def test_l4_a_leading_hash_is_refused_whatever_the_rules():
    assert dialled_problem("#37063042439")


def test_l6_a_caller_id_rule_cuts_the_plus():
    done = localize("370", "+390000000", here(Rule(1, CID, "+")))
    assert (done.called, done.caller) == ("370", "390000000")


@pytest.mark.parametrize(
    ("name", "rules", "number", "sent"),
    [
        ("L13", (Rule(1, DST, "", "89765#"),), "37063042438", "89765#37063042438"),
        ("L14", (Rule(1, DST, "", "00"),), "37063011111", "0037063011111"),
        ("L17", ITALIAN_PROVIDER, "390612345678", "0612345678"),
        ("L18", ITALIAN_PROVIDER, "370612345678", "00370612345678"),
        ("L22", (Rule(1, DST, "-"),), "370612", "00370612"),
    ],
)
def test_the_table_of_outgoing_rules_reproduces(name, rules, number, sent):
    assert rewrite(RuleSet(rules, outgoing=True), DST, number, "00370612")[0] == sent


def test_l20_and_l21_a_star_takes_an_empty_caller_id_and_no_other():
    rule = Rule(1, CID, "*", "", 0, 0, effects=Effects(tariff_id=7, lcr_id=8))
    fired = localize("370", "", here(rule))
    assert (fired.called, fired.caller, fired.effects) == ("370", "", Effects(tariff_id=7, lcr_id=8))
    assert localize("370", "370", here(rule)).fired == ()


@pytest.mark.parametrize("caller", ["", "37061234567", "+39"])
def test_l23_a_provider_overwrites_any_caller_id(caller):
    rules = RuleSet((Rule(1, CID, "*", "9999999999"),), outgoing=True)
    assert rewrite(rules, CID, caller, caller)[0] == "9999999999"


def test_l24_and_l25_a_combined_rule_chooses_by_both_numbers():
    european = Rule(1, BOTH, "589000302", "", source_prefixes=("39", "370"), effects=Effects(10, 10))
    other = Rule(2, BOTH, "589000302", "", effects=Effects(200, 20))
    for rules in ((european, other), (other, european)):
        assert localize("589000302123", "37061", here(*rules)).effects == Effects(10, 10)
        assert localize("589000302123", "1212", here(*rules)).effects == Effects(200, 20)


def test_l26_the_literal_rule_wins_over_the_empty_cut():
    first, second = contest(DST, "390612345678", "", here(*ITALIAN_PROVIDER))
    assert (first.rule.cut, first.lost_by) == ("39", "")
    assert (second.rule.cut, second.lost_by) == ("", "fewer exact characters")

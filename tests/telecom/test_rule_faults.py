"""Faulty rules are named in sentences before they are saved."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from telecom.localization import Rule, RuleKind, RuleSet, Scope, contest, localize
from telecom.rulecheck import rule_problems

DST, CID, BOTH = RuleKind.DESTINATION, RuleKind.CALLER_ID, RuleKind.COMBINED


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(1, DST, "00", ""), "minimum length of at least 3"),
        (Rule(1, BOTH, "00", ""), "can leave nothing"),
        (Rule(1, DST, "0a", "1"), "a cut may hold only"),
        (Rule(1, DST, "-", "1"), "device or provider only"),
        (Rule(1, DST, "00", "x"), "what is added may hold only"),
        (Rule(1, DST, "00", "1' --"), "what is added may hold only"),
        (Rule(1, CID, "1x", ""), "not of a caller id"),
        (Rule(1, BOTH, "*#", "1"), "don't work in a Combined rule"),
        (Rule(1, DST, "00", "1", 9, 3), "the minimum first"),
        (Rule(1, DST, "00", "1", -1), "the minimum first"),
        (Rule(1, DST, "000", "1", 0, 2), "can never fit"),
    ],
)
def test_a_faulty_rule_gets_one_sentence_that_says_what_to_change(rule, words):
    (problem,) = rule_problems([rule])
    assert words in problem and problem.endswith(".") and "\n" not in problem


@pytest.mark.parametrize(
    "rule",
    [
        Rule(1, DST, "00", "", 3),
        Rule(1, DST, "*#"),
        Rule(1, DST, "", "39", 10, 10),
        Rule(1, DST, "12xxx", "99"),
        Rule(1, CID, "*", "", 0, 0),
        Rule(1, CID, "+"),
        Rule(1, BOTH, "00", "1", source_prefixes=("39", "370")),
    ],
)
def test_a_good_rule_has_no_fault(rule):
    assert rule_problems([rule]) == []


def test_an_outgoing_rule_may_send_the_number_as_received():
    assert rule_problems([Rule(1, DST, "-")], outgoing=True) == []


@pytest.mark.parametrize(
    ("one", "other", "tie"),
    [
        (Rule(1, DST, "00", "1"), Rule(2, DST, "00", "2"), True),
        (Rule(1, DST, "0x1", "1"), Rule(2, DST, "02x", "2"), True),
        (Rule(1, DST, "0x1", "1"), Rule(2, DST, "0x2", "2"), False),
        (Rule(1, DST, "00", "1"), Rule(2, DST, "11", "2"), False),
        (Rule(1, DST, "00", "1", 3, 5), Rule(2, DST, "00", "2", 5, 7), True),
        (Rule(1, DST, "00", "1", 3, 5), Rule(2, DST, "00", "2", 6, 8), False),
        (Rule(1, DST, "00", "1", 3, 5), Rule(2, DST, "00", "2", 3, 6), False),
        (Rule(1, DST, "00", "1"), Rule(2, BOTH, "00", "2"), False),
        (Rule(1, DST, "", "1"), Rule(2, DST, "", "2"), True),
        (Rule(1, DST, "*#", "1"), Rule(2, DST, "*#", "2"), True),
        (Rule(1, BOTH, "00", "1", source_cut="3"), Rule(2, BOTH, "00", "2", source_cut="4"), False),
        (Rule(1, BOTH, "00", "1", source_prefixes=("3", "5")), Rule(2, BOTH, "00", "2", source_cut="5"), True),
        (Rule(1, DST, "00", "1", enabled=False), Rule(2, DST, "00", "2"), False),
    ],
)
def test_rules_that_tie_are_named_and_others_are_not(one, other, tie):
    problems = rule_problems([one, other])
    assert len(problems) == (1 if tie else 0)
    assert all("tie" in problem and problem.endswith(".") for problem in problems)


pairs = st.tuples(*(st.tuples(st.text("01x", max_size=3), st.integers(0, 3), st.integers(0, 4)) for _ in range(2)))


@given(pairs, st.text("01", min_size=1, max_size=5))
def test_rules_that_the_check_lets_pass_never_need_their_position_to_win(pair, number):
    rules = [Rule(index, DST, cut, "7", low, low + width) for index, (cut, low, width) in enumerate(pair)]
    assume(not rule_problems(rules))
    lost = [one.lost_by for one in contest(DST, number, "", [(Scope.LOCATION, RuleSet(rules))])]
    assert not {"a later position", "a later id"} & set(lost)


@given(
    st.text("01x", max_size=3),
    st.text("5", max_size=1),
    st.integers(0, 4),
    st.integers(0, 4),
    st.text("01", min_size=1, max_size=5),
)
def test_a_rule_that_the_check_lets_pass_never_leaves_nothing(cut, add, low, width, number):
    rule = Rule(1, DST, cut, add, low, low + width)
    assume(not rule_problems([rule]))
    assert localize(number, "", [(Scope.LOCATION, RuleSet([rule]))]).called

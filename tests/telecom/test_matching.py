"""Masks, expressions, and lists that allow or deny."""

from __future__ import annotations

import pytest

from telecom import linear
from telecom.matching import Filter, Pattern, PatternKind, pattern_problem

needs_engine = pytest.mark.skipif(not linear.available(), reason="google-re2 is not installed")


@pytest.mark.parametrize(
    ("mask", "number", "fits"),
    [
        ("370%", "37061234567", True),
        ("370%", "370", True),
        ("370%", "+370", False),
        ("370", "370", True),
        ("370", "3701", False),
        ("37x6%", "3706", True),
        ("37x6%", "37+6", False),
        ("+370____", "+3701234", True),
        ("+370____", "+370123", False),
        ("%", "", True),
        ("%", "370\n", False),
        ("1??", "123", True),
    ],
)
def test_a_mask_describes_the_whole_number(mask, number, fits):
    assert Pattern(mask).fits(number) is fits


def test_a_list_allows_everything_when_it_is_empty_and_denying_has_the_last_word():
    assert Filter().admits("1")
    allowed = Filter(allow=(Pattern("370%"), Pattern("44%")), deny=(Pattern("3706%"),))
    assert allowed.admits("3701") and allowed.admits("44")
    assert not allowed.admits("3706") and "denied by 3706%" in allowed.verdict("3706").why
    assert not allowed.admits("1") and allowed.verdict("").why.endswith(".")


@pytest.mark.parametrize("mask", ["", "a", "37%6", "3 7", "1" * 65, "%%"])
def test_a_mask_that_is_none_is_told_in_one_sentence(mask):
    assert pattern_problem(Pattern(mask)).endswith(".")


@needs_engine
def test_an_expression_is_searched_for_anywhere():
    assert Pattern("37", PatternKind.REGEX).fits("0037")
    assert not Pattern("^37", PatternKind.REGEX).fits("0037")
    assert pattern_problem(Pattern("(", PatternKind.REGEX)).endswith(".")
    assert pattern_problem(Pattern("^37", PatternKind.REGEX)) == ""

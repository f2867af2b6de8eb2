"""What may be dialled, what is E.164, and how prefixes are written."""

from __future__ import annotations

import pytest

from telecom.numbers import caller_id, dialled_problem, e164_problem, is_e164
from telecom.prefixes import PrefixError, expand, longest, prefix_problem


@pytest.mark.parametrize("number", ["863042439", "+37063042439", "*72", "999#37063042439", "0" * 64])
def test_digits_and_the_three_signs_may_be_dialled(number):
    assert dialled_problem(number) == ""


@pytest.mark.parametrize(
    "number",
    ["", "#37063042439", "370' OR 1=1", "abc", "370 630", "٣٧٠", "370\n", "1;2", "1" * 65, "1@host", "²"],
)
def test_anything_else_is_refused_in_one_sentence(number):
    problem = dialled_problem(number)
    assert problem.endswith(".") and "\n" not in problem and problem.count(".") == 1


@pytest.mark.parametrize("number", ["3706304", "370630424391234"])
def test_e164_has_seven_to_fifteen_digits(number):
    assert is_e164(number) and e164_problem(number) == ""


@pytest.mark.parametrize(
    "number", ["", "037063042439", "370630", "3706304243912345", "+37063042439", "٣٧٠٦٣٠٤٢٤", "370\n"]
)
def test_what_is_not_e164_is_told_why(number):
    assert not is_e164(number)
    assert e164_problem(number).endswith(".")


@pytest.mark.parametrize(
    ("sent", "kept"), [("+37061", "+37061"), ("Anna", ""), ("", ""), ("370'--", ""), ("1" * 41, "")]
)
def test_a_caller_id_is_kept_only_as_a_number(sent, kept):
    assert caller_id(sent) == kept


def test_ranges_and_lists_of_prefixes_are_written_out():
    assert expand("370, 00199-00201;44") == ["370", "00199", "00200", "00201", "44"]


@pytest.mark.parametrize("text", ["", " , ", "37a", "5-4", "1-22", "1" * 19, "1000000-2000000", "1-2-3", "-5"])
def test_bad_prefixes_are_refused_in_one_sentence(text):
    with pytest.raises(PrefixError, match=r"\.$"):
        expand(text)


def test_the_longest_prefix_is_found():
    assert longest({"3", "370", "3706"}, "37061234567") == "3706"
    assert longest({"371"}, "37061234567") is None
    assert prefix_problem("370") == ""

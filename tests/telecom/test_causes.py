"""Hang-up causes map to Q.850 and SIP as rating-routing.md 17 says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from telecom.causes import CAUSES, cause, short_of_money


@pytest.mark.parametrize(
    ("numbers", "q850", "sip"),
    [
        ((208, *range(210, 217), *range(219, 224)), 34, 503),
        ((226, 229), 1, 404),
        ((233,), 66, 500),
        ((200, 201, 202, 203, 204, 218, 224, 225, 235, 242, 285), 21, 403),
        ((300, 303, 320, 330, 336, 341), 34, 503),
        ((241, 312), 16, 487),
        ((999,), 21, 403),
    ],
)
def test_causes_are_mapped_as_the_table_says(numbers, q850, sip):
    assert {(cause(one).q850, cause(one).sip) for one in numbers} == {(q850, sip)}


def test_the_published_causes_are_there_and_the_unknown_ones_are_not():
    published = {*range(200, 255), 276, 277, 278, 279, 280, 282, 283, 284, 285, *range(300, 342)}
    unknown = {238, 239, 240, 243, 244, 245, 248}
    assert {one for one in CAUSES if one >= 200} == published - unknown
    assert all(one.text and one.number == number for number, one in CAUSES.items())


@pytest.mark.parametrize(
    ("depth", "balance", "available", "expected"),
    [
        (0, "0.0001", "0.0001", 210),
        (0, "0", "0", 211),
        (0, "-3", "-4", 211),
        (0, "5", "0", 212),
        (0, "5", "0.001", 212),
        (1, "0", "0", 215),
        (2, "5", "0", 216),
        (1, "0.0001", "0.0001", 215),
    ],
)
def test_a_lack_of_money_names_who_lacks_it_and_why(depth, balance, available, expected):
    assert short_of_money(depth, Decimal(balance), Decimal(available)) == expected

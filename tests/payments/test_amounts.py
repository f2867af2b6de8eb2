"""Amounts reach Stripe exactly, or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.amounts import from_minor, to_minor
from payments.standin.forms import parse


@given(st.integers(0, 10**12), st.sampled_from(["EUR", "JPY", "KWD", "usd"]))
def test_there_and_back_is_the_same(minor, currency):
    assert to_minor(from_minor(minor, currency), currency) == minor


def test_each_currency_has_its_own_smallest_unit():
    assert to_minor(Decimal("49.00"), "EUR") == 4900
    assert to_minor(Decimal("4900"), "JPY") == 4900
    assert to_minor(Decimal("4.900"), "KWD") == 4900


@pytest.mark.parametrize(("amount", "currency"), [("0.005", "EUR"), ("1.5", "JPY")])
def test_what_a_currency_can_t_express_is_refused_and_never_rounded(amount, currency):
    with pytest.raises(ValueError, match="can't be charged"):
        to_minor(Decimal(amount), currency)


def test_the_stand_in_reads_nested_forms_as_stripe_does():
    assert parse("a=1&b[c]=2&d[0][e]=3&d[1][e]=4&f[]=5&f[]=6") == {
        "a": "1", "b": {"c": "2"}, "d": [{"e": "3"}, {"e": "4"}], "f": ["5", "6"],
    }  # fmt: skip

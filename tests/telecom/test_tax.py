"""The vectors of rating-routing.md section 7."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecom.tax import Tax, gross, tax_lines, tax_problems


def taxes(*percents: str) -> list[Tax]:
    return [Tax(f"T{place}", Decimal(one)) for place, one in enumerate(percents, 1)]


@pytest.mark.parametrize(
    ("net", "percents", "compound", "total"),
    [
        ("3.99", ("18", "15"), True, "5.41443"),
        ("3.99", ("18", "15"), False, "5.3067"),
        ("100", ("5", "7"), True, "112.35"),
        ("100", ("5", "7"), False, "112.00"),
        ("100", (), True, "100"),
    ],
)
def test_taxes_stand_on_each_other_or_side_by_side(net, percents, compound, total):
    assert gross(Decimal(net), taxes(*percents), compound=compound) == Decimal(total)


amounts = st.integers(0, 10**7).map(lambda one: Decimal(one) / 100)
percents = st.lists(st.integers(0, 10_000).map(lambda one: Tax("T", Decimal(one) / 100)), max_size=4)


@given(amounts, percents, st.booleans())
def test_shown_lines_add_up_to_the_shown_total(net, some, compound):
    unit = Decimal("0.01")
    lines = tax_lines(net, some, compound=compound, unit=unit)
    assert sum((one.amount for one in lines), net) == gross(net, some, compound=compound, unit=unit)
    assert all(one.amount == one.amount.quantize(unit) for one in lines)


@given(amounts, percents)
def test_without_rounding_the_order_of_taxes_does_not_matter(net, some):
    for compound in (True, False):
        assert gross(net, some, compound=compound) == gross(net, some[::-1], compound=compound)


def test_taxes_that_cannot_be_are_told():
    assert tax_problems(taxes("18")) == []
    for wrong in (taxes("-1"), taxes("NaN"), taxes("101"), [Tax("", Decimal(1))], taxes(*"11111")):
        assert tax_problems(wrong) and all(one.endswith(".") for one in tax_problems(wrong))

"""Up to four named taxes on a net amount, one after another or side by side. Source: rating-routing.md section 7."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from telecom.exact import EXACT, ZERO

MAX_TAXES = 4
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Tax:
    name: str
    percent: Decimal


class TaxLine(NamedTuple):
    """One tax of one amount, rounded to the currency's minor unit if it was asked for."""

    name: str
    percent: Decimal
    amount: Decimal


def tax_lines(
    net: Decimal, taxes: Sequence[Tax], *, compound: bool = False, unit: Decimal | None = None
) -> list[TaxLine]:
    """Each tax in the order it was configured: of the net amount, or (`compound`) of the net with the taxes before it.

    With `unit` (0.01) each line is rounded HALF_UP to it and the next compound one builds on what is shown; so lines
    add up to the total. Without it everything is exact.
    """
    found: list[TaxLine] = []
    base = net
    for one in taxes:
        amount = EXACT.divide(EXACT.multiply(base, one.percent), _HUNDRED)
        if unit is not None:
            amount = amount.quantize(unit, ROUND_HALF_UP)
        found.append(TaxLine(one.name, one.percent, amount))
        if compound:
            base = EXACT.add(base, amount)
    return found


def gross(net: Decimal, taxes: Sequence[Tax], *, compound: bool = False, unit: Decimal | None = None) -> Decimal:
    """The net amount and all its tax lines."""
    return EXACT.add(net, sum((one.amount for one in tax_lines(net, taxes, compound=compound, unit=unit)), ZERO))


def tax_problems(taxes: Sequence[Tax]) -> list[str]:
    """What is wrong with a set of taxes, one sentence each."""
    found = [f"The tax {one.name or '(no name)'} has no name." for one in taxes if not one.name.strip()]
    found += [
        f"The tax {one.name} must be from 0 to 100 %, not {one.percent}."
        for one in taxes
        if not (one.percent.is_finite() and 0 <= one.percent <= _HUNDRED)
    ]
    if len(taxes) > MAX_TAXES:
        found.append(f"There can be at most {MAX_TAXES} taxes, not {len(taxes)}.")
    return found

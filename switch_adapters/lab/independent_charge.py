"""What a call ought to cost, worked out again with fractions from price files: nothing of Tandem's own is used here.

Source of the rule: rating-routing.md 4.1 (milliseconds up to whole seconds), 4.2 (wholesale, initial or grid).
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

DIGITS = 10


@dataclass(frozen=True, slots=True)
class Price:
    """Amounts in the file's currency, times in seconds."""

    prefix: str
    per_minute: Fraction
    connection_fee: Fraction
    minimum: int
    increment: int


def read_prices(path: Path) -> dict[str, Price]:
    """A price file with the columns prefix, price, connection fee, minimum seconds, increment seconds."""
    prices = {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        sample = file.readline()
        file.seek(0)
        separator = max(";,\t", key=sample.count)
        for row in csv.DictReader(file, delimiter=separator):
            cells = {
                "".join(mark for mark in name.lower() if mark.isalpha()): (value or "") for name, value in row.items()
            }
            prefix = cells["prefix"].strip()
            prices[prefix] = Price(
                prefix,
                Fraction(_cell(cells, "price", "rate").replace(",", ".")),
                Fraction((_cell(cells, "connectionfee") or "0").replace(",", ".")),
                int(_cell(cells, "minseconds", "minimumseconds", "minimum") or 0),
                int(_cell(cells, "increment", "incrementseconds") or 1),
            )
    return prices


def _cell(cells: dict[str, str], *names: str) -> str:
    return next((cells[name].strip() for name in names if name in cells), "")


def longest(prices: dict[str, Price], number: str) -> Price | None:
    """The price of the longest prefix of the number."""
    return next((prices[number[:n]] for n in range(len(number), 0, -1) if number[:n] in prices), None)


def billed_seconds(talked: Fraction, price: Price, *, grid: bool = False) -> int:
    """`talked` in seconds. `grid`: increments count from zero; else from the end of the minimum."""
    seconds = math.ceil(talked)
    if seconds <= 0:
        return 0
    step = max(price.increment, 1)
    if grid:
        return math.ceil(Fraction(max(seconds, price.minimum), step)) * step
    if seconds <= price.minimum:
        return price.minimum
    return price.minimum + math.ceil(Fraction(seconds - price.minimum, step)) * step


def charge(talked: Fraction, price: Price, *, fx: Fraction = Fraction(1), grid: bool = False) -> str:
    """The amount with exactly ten decimals, halves away from zero; "0.0000000000" for a call without talk."""
    billed = billed_seconds(talked, price, grid=grid)
    exact = fx * (price.connection_fee + price.per_minute * billed / 60) if billed else Fraction(0)
    scaled = exact * 10**DIGITS
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return f"{whole // 10**DIGITS}.{whole % 10**DIGITS:0{DIGITS}d}"


def safe_length(milliseconds: int, increment: int = 1, margin: int = 300) -> int:
    """The nearest length, not shorter, that lies at least `margin` ms from every whole second and increment.

    Two clocks, ours and the carrier's, then round it to the same billed seconds.
    """
    step = 1000  # increments are whole seconds, so off every second is off every increment
    into = milliseconds % step
    if into < margin:
        return milliseconds - into + margin
    if into > step - margin:
        return milliseconds - into + step + margin
    return milliseconds

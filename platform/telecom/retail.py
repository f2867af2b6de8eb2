"""Retail prices made from wholesale ones, and retail price lists for a deck. Source: rating-routing.md section 6."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from telecom.deck import DeckRow
from telecom.details import INFINITE, Detail, DetailKind, Details, per_minute
from telecom.exact import EXACT, ZERO
from telecom.prefixes import longest
from telecom.rating import Rate, Rounding, charge

_HUNDRED = Decimal(100)
_SECONDS_COMPARED = 3600


@dataclass(frozen=True, slots=True)
class Raise:
    """An amount a minute, and then a percent of the sum: (X + amount) + (X + amount) / 100 * percent."""

    amount: Decimal = ZERO
    percent: Decimal = ZERO

    def of(self, price: Decimal) -> Decimal:
        summed = EXACT.add(price, self.amount)
        return EXACT.add(summed, EXACT.divide(EXACT.multiply(summed, self.percent), _HUNDRED))


_AS_IS = Raise()


class Difference(NamedTuple):
    """A retail price that charges another amount than the wholesale one, first at `seconds`."""

    prefix: str
    seconds: int
    wholesale: Decimal
    retail: Decimal

    def sentence(self) -> str:
        return (
            f"Prefix {self.prefix}: a call of {self.seconds} s costs {self.retail:f} by the retail price and "
            f"{self.wholesale:f} by the wholesale one."
        )


def details_of(rate: Rate, raised: Raise | None = None, as_mor: bool = False) -> Details:
    """A wholesale price as retail details, raised a minute; the connection fee stays as it is.

    They charge the same as the wholesale price does, whichever rounding it has; `as_mor` counts as MOR's own
    conversion, from the minimum time on, which is not the same on the grid.
    """
    price = (raised or _AS_IS).of(rate.per_minute)
    step = max(1, rate.increment)
    first = rate.min_time
    if rate.rounding is Rounding.GRID and not as_mor:
        first = -(-max(1, rate.min_time) // step) * step
    found = [Detail(1, kind=DetailKind.EVENT, rate=rate.connection_fee)] if rate.connection_fee else []
    if first:
        found.append(Detail(1, first, DetailKind.MINUTE, first, price))
    found.append(Detail(first + 1, INFINITE, DetailKind.MINUTE, step, price))
    return tuple(found)


def dearest(rates: Iterable[tuple[str, Rate]]) -> tuple[str, Rate] | None:
    """The (prefix, rate) a group is priced by: the highest rate a minute of its prefixes (MOR)."""
    return max(rates, key=lambda one: (one[1].per_minute, one[1].connection_fee, one[0]), default=None)


def differences(rates: Iterable[tuple[str, Rate]], details: Details, raised: Raise | None = None) -> list[Difference]:
    """The prefixes whose own price, raised alike, charges otherwise than the group's details do."""
    found = []
    for prefix, rate in rates:
        wholesale = replace(rate, per_minute=(raised or _AS_IS).of(rate.per_minute), details=())
        as_retail = replace(rate, per_minute=per_minute(details), details=details)
        for seconds in _telling_seconds(wholesale):
            ours, theirs = charge(wholesale, seconds), charge(as_retail, seconds)
            if ours != theirs:
                found.append(Difference(prefix, seconds, ours, theirs))
                break
    return found


def _telling_seconds(rate: Rate) -> list[int]:
    """The lengths at which two prices of one shape can first differ: around every step, for an hour."""
    step = max(1, rate.increment)
    edges = {1, rate.min_time, rate.min_time + 1, rate.grace, rate.grace + 1, _SECONDS_COMPARED}
    for base in (0, rate.min_time):
        for at in range(base, base + 20 * step, step):
            edges.update((at, at + 1))
    return sorted(one for one in edges if one > 0)


def retail_rows(groups: Mapping[str, int], details: Mapping[int, Details]) -> Iterator[DeckRow]:
    """The rows of a retail tariff's deck, from the group of each destination prefix.

    A prefix whose group has no price is blocked if a shorter one would else price it: its calls belong to its group.
    """
    priced = {prefix for prefix, group in groups.items() if group in details}
    for prefix, group in sorted(groups.items()):
        if group in details:
            yield DeckRow(prefix, per_minute(details[group]), group=group)
        elif longest(priced, prefix) is not None:
            yield DeckRow(prefix, ZERO, blocked=True)


def warnings(found: Sequence[Difference], most: int = 20) -> list[str]:
    """The first differences as sentences, and how many more there are."""
    told = [one.sentence() for one in found[:most]]
    if len(found) > most:
        told.append(f"{len(found) - most} more prefixes differ.")
    return told

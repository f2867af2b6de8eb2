"""By-provider tariffs: a price made from what the call is bought for. Source: rating-routing.md 5.5."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from telecom.exact import EXACT, ONE, ZERO
from telecom.rating import Rate

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Markup:
    """`delta` a minute in the tariff's currency and `percent` of the bought price: price*(1 + percent/100) + delta.

    A price never falls below nothing, whatever is taken off. Connection fee, minimum and increment are the provider's;
    the fee is raised by the percent too.
    """

    delta: Decimal = ZERO
    percent: Decimal = ZERO

    def rate(self, bought: Rate, fx: Decimal, grace: int, free_seconds: int, grace_inclusive: bool) -> Rate:
        """The price, where `fx` turns the bought one into the tariff's currency."""
        times = EXACT.multiply(fx, EXACT.add(ONE, EXACT.divide(self.percent, _HUNDRED)))
        return replace(
            bought,
            per_minute=self._raised(bought.per_minute, times),
            connection_fee=max(ZERO, EXACT.multiply(bought.connection_fee, times)),
            grace=grace,
            free_seconds=free_seconds,
            grace_inclusive=grace_inclusive,
            details=tuple(
                replace(one, rate=self._raised(one.rate, times) if one.kind == "minute" else _times(one.rate, times))
                for one in bought.details
            ),
        )

    def _raised(self, amount: Decimal, times: Decimal) -> Decimal:
        return max(ZERO, EXACT.add(EXACT.multiply(amount, times), self.delta))


def _times(amount: Decimal, times: Decimal) -> Decimal:
    return max(ZERO, EXACT.multiply(amount, times))


def markup_problem(markup: Markup) -> str:
    """Why a markup can't be used; empty when it can."""
    if not (markup.delta.is_finite() and markup.percent.is_finite()):
        return "The delta and the percent must be numbers."
    if markup.percent < -_HUNDRED:
        return "Taking off more than 100 % would make prices negative."
    return ""

"""By-provider tariffs: a price made from what the call is bought for. Source: rating-routing.md 5.5."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal

from telecom.details import Detail, DetailKind
from telecom.exact import EXACT, ONE, ZERO
from telecom.rating import Rate

DECIMALS = 18

_HUNDRED = Decimal(100)
_UNIT = EXACT.scaleb(ONE, -DECIMALS)
_ROUNDING = Context(prec=120)


@dataclass(frozen=True, slots=True)
class Markup:
    """`delta` a minute in the tariff's currency and `percent` of the bought price: price*(1 + percent/100) + delta.

    A price never falls below nothing, whatever is taken off, and is kept to 18 decimals (HALF_UP), so that markups can
    stand on each other along a chain of any height. Connection fee, minimum and increment are the provider's;
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
            connection_fee=_kept(EXACT.multiply(bought.connection_fee, times)),
            grace=grace,
            free_seconds=free_seconds,
            grace_inclusive=grace_inclusive,
            details=tuple(replace(one, rate=self._detail(one, times)) for one in bought.details),
        )

    def _detail(self, one: Detail, times: Decimal) -> Decimal:
        if one.kind is DetailKind.EVENT:
            return _kept(EXACT.multiply(one.rate, times))
        return self._raised(one.rate, times)

    def _raised(self, amount: Decimal, times: Decimal) -> Decimal:
        return _kept(EXACT.add(EXACT.multiply(amount, times), self.delta))


def _kept(amount: Decimal) -> Decimal:
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -DECIMALS:
        amount = amount.quantize(_UNIT, ROUND_HALF_UP, _ROUNDING)
    return max(ZERO, amount)


def markup_problem(markup: Markup) -> str:
    """Why a markup can't be used; empty when it can."""
    if not (markup.delta.is_finite() and markup.percent.is_finite()):
        return "The delta and the percent must be numbers."
    if markup.percent < -_HUNDRED:
        return "Taking off more than 100 % would make prices negative."
    return ""

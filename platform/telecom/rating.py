"""What a call costs, and how long money lasts: the wholesale algorithm, exact to the last digit.

Amounts are Decimal. Everything up to the one rounding (HALF_UP to 10 decimals, once per call and level) is exact:
the context traps Inexact, and the division by sixty is done on whole numbers.
Source: rating-routing.md sections 4 and 8.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal
from enum import StrEnum

from telecom import details as retail
from telecom.details import Details
from telecom.exact import EXACT as EXACT
from telecom.exact import ONE as ONE
from telecom.exact import ZERO as ZERO

DECIMALS = 10
SECOND = 1_000_000  # microseconds

_SCALE = 10**DECIMALS
_UNIT = EXACT.scaleb(ONE, -DECIMALS)
_HALF_UNIT = EXACT.divide(_UNIT, Decimal(2))
_FLOORING = Context(prec=120)


class Rounding(StrEnum):
    """Where the increment grid starts (rating-routing.md 4.2): after the minimum time, or at zero (MOR)."""

    INITIAL = "initial"
    GRID = "grid"


class SecondsMode(StrEnum):
    """How microseconds of talk become whole seconds (rating-routing.md 4.1)."""

    CEIL = "ceil"
    FLOOR = "floor"
    HALF_UP = "half_up"


@dataclass(frozen=True, slots=True)
class Rate:
    """One price. Amounts are in the tariff's currency, times in seconds.

    `grace` seconds and less cost nothing (unless min_time is longer); `free_seconds` are shaved off before rating.
    An increment of 0 counts as 1, a min_time of 0 as none. With `details` it is a retail price: they alone say what a
    call costs, and `per_minute` is only compared with other prices.
    """

    per_minute: Decimal
    connection_fee: Decimal = ZERO
    min_time: int = 0
    increment: int = 1
    rounding: Rounding = Rounding.INITIAL
    grace: int = 0
    free_seconds: int = 0
    grace_inclusive: bool = True
    details: Details = ()


def whole_seconds(microseconds: int, mode: SecondsMode = SecondsMode.CEIL) -> int:
    """Talk time in whole seconds. A call that was answered and ended in the same microsecond lasted 0 s."""
    if microseconds <= 0:
        return 0
    if mode is SecondsMode.CEIL:
        return -(-microseconds // SECOND)
    if mode is SecondsMode.FLOOR:
        return microseconds // SECOND
    return (microseconds + SECOND // 2) // SECOND


def billed_seconds(rate: Rate, billsec: int) -> int:
    """The seconds a call of `billsec` whole seconds is charged for; 0 means that it costs nothing at all."""
    if billsec <= 0 or _is_graced(rate, billsec):
        return 0
    talk = billsec - rate.free_seconds
    if rate.details:
        return retail.billed(rate.details, talk)
    return _grid(rate, talk) if talk > 0 else 0


def charge(rate: Rate, billsec: int, fx: Decimal = ONE) -> Decimal:
    """The price of a call of `billsec` whole seconds, times `fx`, rounded HALF_UP to 10 decimals once."""
    if rate.details:
        return _retail_charge(rate, billsec, fx)
    billed = billed_seconds(rate, billsec)
    return _price(rate, billed, fx) if billed else ZERO


def hold_amount(rate: Rate, seconds: int, fx: Decimal = ONE) -> Decimal:
    """What must be held so that a call may last `seconds`: its full charge, minimum and connection fee included."""
    return charge(rate, seconds, fx)


def affordable_seconds(available: Decimal, rate: Rate, fx: Decimal = ONE, cap: int = 7200) -> int:
    """The most seconds, at most `cap`, on the increment grid, whose charge is at most `available`.

    0 when not even the first billable block can be paid. A call that costs nothing lasts `cap`.
    Source: rating-routing.md 8.4.
    """
    if cap <= 0:
        return 0
    whole = charge(rate, cap, fx)
    if whole <= available or not whole:
        return cap
    if rate.details:
        return _affordable_retail(available, rate, fx, cap)
    first = _grid(rate, 1)
    if _price(rate, first, fx) > available:
        return 0
    step = max(1, rate.increment)
    per_step = EXACT.multiply(EXACT.multiply(rate.per_minute, fx), Decimal(step))
    if per_step <= 0:  # a charge that does not grow is over at the first block, which was just paid
        return cap
    # A charge rounds to at most `available` exactly when it lies below the middle after its tenth decimal.
    below = EXACT.add(available.quantize(_UNIT, ROUND_FLOOR, _FLOORING), _HALF_UNIT)
    spare = EXACT.multiply(EXACT.subtract(below, EXACT.multiply(rate.connection_fee, fx)), Decimal(60))
    spare = EXACT.subtract(spare, EXACT.multiply(EXACT.multiply(rate.per_minute, Decimal(first)), fx))
    steps = _ceil_div(spare, per_step) - 1
    return min(cap, max(first + steps * step + rate.free_seconds, _grace_seconds(rate)))


# Duration and money part of the maximum duration of a call are the same question.
max_seconds = affordable_seconds


def convert(amount: Decimal, fx: Decimal) -> Decimal:
    """An amount in another currency, for display and sums of one currency: HALF_UP to 10 decimals."""
    return _rounded(*EXACT.multiply(amount, fx).as_integer_ratio())


def _retail_charge(rate: Rate, billsec: int, fx: Decimal) -> Decimal:
    if billsec <= 0 or _is_graced(rate, billsec):
        return ZERO
    sixtyfold = retail.sixtyfold(rate.details, billsec - rate.free_seconds)
    numerator, denominator = EXACT.multiply(sixtyfold, fx).as_integer_ratio()
    return _rounded(numerator, denominator * 60)


def _affordable_retail(available: Decimal, rate: Rate, fx: Decimal, cap: int) -> int:
    """By halving: a retail charge never falls as a call gets longer, and is too much at `cap`."""
    paid, unpaid = 0, cap
    while unpaid - paid > 1:
        middle = (paid + unpaid) // 2
        if charge(rate, middle, fx) <= available:
            paid = middle
        else:
            unpaid = middle
    if not _is_graced(rate, paid):
        return paid
    # As with a wholesale price: without money for the first block there is no call, though its end might be free.
    numerator, denominator = EXACT.multiply(retail.sixtyfold(rate.details, 1), fx).as_integer_ratio()
    return paid if _rounded(numerator, denominator * 60) <= available else 0


def _grace_seconds(rate: Rate) -> int:
    """The longest call that grace makes free."""
    if not rate.grace or rate.min_time > rate.grace:
        return 0
    return rate.grace if rate.grace_inclusive else rate.grace - 1


def _is_graced(rate: Rate, billsec: int) -> bool:
    return billsec <= _grace_seconds(rate)


def _grid(rate: Rate, talk: int) -> int:
    step = max(1, rate.increment)
    if rate.rounding is Rounding.GRID:
        return -(-max(talk, rate.min_time) // step) * step
    if talk <= rate.min_time:
        return rate.min_time
    return rate.min_time - (rate.min_time - talk) // step * step


def _price(rate: Rate, billed: int, fx: Decimal) -> Decimal:
    sixty = EXACT.add(
        EXACT.multiply(rate.per_minute, Decimal(billed)), EXACT.multiply(rate.connection_fee, Decimal(60))
    )
    numerator, denominator = EXACT.multiply(sixty, fx).as_integer_ratio()
    return _rounded(numerator, denominator * 60)


def _rounded(numerator: int, denominator: int) -> Decimal:
    """numerator / denominator, HALF_UP (away from zero at a tie) to 10 decimals."""
    units = (abs(numerator) * _SCALE * 2 + denominator) // (2 * denominator)
    return EXACT.scaleb(Decimal(-units if numerator < 0 else units), -DECIMALS)


def _ceil_div(numerator: Decimal, denominator: Decimal) -> int:
    above, below = numerator.as_integer_ratio(), denominator.as_integer_ratio()
    return -(-above[0] * below[1] // (above[1] * below[0]))

"""Rating against an independent calculation: random calls, priced by fractions from the wording of the rules.

`PYTHONPATH=.:platform python tests/telecom/oracle_rating.py [calls]` (a million by default); the last line is JSON with
`calls` and `differences`, and the exit code is 1 if there are any. The oracle shares no code with `telecom.rating` and
`telecom.details`: it walks a call second by second or block by block, in `fractions.Fraction`, and rounds once.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from telecom.details import INFINITE, Detail, DetailKind
from telecom.rating import Rate, Rounding, SecondsMode, affordable_seconds, billed_seconds, charge, whole_seconds

PLACES = 10**10
SEED = 20_250_607


class Sample(NamedTuple):
    """One random call."""

    rate: Rate
    fx: Decimal
    microseconds: int
    mode: SecondsMode
    money: Decimal
    cap: int


# -- the oracle --------------------------------------------------------------------------------------------------------


def seconds_of(microseconds: int, mode: SecondsMode) -> int:
    exact = Fraction(microseconds, 10**6)
    whole = exact.numerator // exact.denominator
    rest = exact - whole
    if mode is SecondsMode.CEIL:
        return whole + (rest > 0)
    return whole if mode is SecondsMode.FLOOR else whole + (rest >= Fraction(1, 2))


def is_free(rate: Rate, seconds: int) -> bool:
    """Not answered, or within a grace that the minimum doesn't exceed."""
    if seconds <= 0:
        return True
    if rate.grace and not rate.min_time > rate.grace:
        return seconds < rate.grace or (rate.grace_inclusive and seconds == rate.grace)
    return False


def billed(rate: Rate, seconds: int) -> int:
    """Blocks are bought one after another until they cover the talk."""
    if is_free(rate, seconds) or seconds <= rate.free_seconds:
        return 0
    talk = seconds - rate.free_seconds
    block = rate.increment or 1
    if rate.rounding is Rounding.GRID:
        wanted = max(talk, rate.min_time)
        blocks = Fraction(wanted, block)
        return block * (blocks.numerator // blocks.denominator + (blocks.denominator != 1))
    if talk <= rate.min_time:
        return rate.min_time
    blocks = Fraction(talk - rate.min_time, block)
    return rate.min_time + block * (blocks.numerator // blocks.denominator + (blocks.denominator != 1))


def retail(rate: Rate, seconds: int) -> Fraction:
    """Every detail by itself: how many of the call's seconds lie in it, rounded up by its step."""
    talk = seconds - rate.free_seconds
    total = Fraction(0)
    for one in rate.details:
        if talk < one.start:
            continue
        if one.kind is DetailKind.EVENT:
            total += Fraction(one.rate)
            continue
        last = talk if one.seconds == INFINITE else min(talk, one.start + one.seconds - 1)
        inside = last - one.start + 1
        while inside % one.round_by:
            inside += 1
        if one.seconds != INFINITE and one.round_by <= one.seconds:
            inside = min(inside, one.seconds)
        total += Fraction(one.rate) * inside / 60
    return total


def cost(rate: Rate, seconds: int, fx: Decimal) -> Decimal:
    if rate.details:
        exact = Fraction(0) if is_free(rate, seconds) else retail(rate, seconds)
    else:
        paid = billed(rate, seconds)
        exact = Fraction(rate.connection_fee) + Fraction(rate.per_minute) * paid / 60 if paid else Fraction(0)
    doubled = exact * Fraction(fx) * PLACES * 2 + 1
    units = doubled.numerator // (doubled.denominator * 2)
    return Decimal(units) / PLACES


# -- random calls ------------------------------------------------------------------------------------------------------


def samples(count: int, chance: random.Random) -> Iterator[Sample]:
    for _ in range(count):
        rate = _retail(chance) if chance.random() < 0.2 else _wholesale(chance)
        fx = (
            Decimal(1) if chance.random() < 0.5 else Decimal(chance.randrange(1, 10**9)) / 10 ** chance.randrange(6, 12)
        )
        talk = chance.choice(
            (chance.randrange(10**6, 10**8), chance.randrange(0, 8 * 10**9), 10**6 * chance.randrange(900))
        )
        money = Decimal(chance.randrange(0, 10**6)) / 10 ** chance.randrange(1, 8)
        yield Sample(rate, fx, talk, chance.choice(tuple(SecondsMode)), money, chance.choice((60, 1800, 7200)))


def _wholesale(chance: random.Random) -> Rate:
    return Rate(
        per_minute=_amount(chance),
        connection_fee=_amount(chance) if chance.random() < 0.3 else Decimal(0),
        min_time=chance.choice((0, 0, 1, 6, 10, 30, 45, 60)),
        increment=chance.choice((0, 1, 1, 6, 10, 30, 60, chance.randrange(1, 90))),
        rounding=chance.choice(tuple(Rounding)),
        grace=chance.choice((0, 0, 0, 3, chance.randrange(90))),
        free_seconds=chance.choice((0, 0, 0, 10)),
        grace_inclusive=chance.random() < 0.5,
    )


def _retail(chance: random.Random) -> Rate:
    start, details = 1, []
    for _ in range(chance.randrange(3)):
        seconds = chance.choice((1, 10, 60, chance.randrange(1, 200)))
        details.append(Detail(start, seconds, DetailKind.MINUTE, chance.choice((1, 6, 10, 60)), _amount(chance)))
        start += seconds
    details.append(Detail(start, INFINITE, DetailKind.MINUTE, chance.choice((1, 6, 30, 60)), _amount(chance)))
    for _ in range(chance.randrange(3)):
        details.append(Detail(chance.randrange(1, 400), kind=DetailKind.EVENT, rate=_amount(chance)))
    return Rate(details[-1].rate, grace=chance.choice((0, 0, 3)), details=tuple(details))


def _amount(chance: random.Random) -> Decimal:
    return Decimal(chance.randrange(0, 10**5)) / 10 ** chance.randrange(2, 8)


# -- comparing ---------------------------------------------------------------------------------------------------------


def differs(one: Sample, money: bool) -> str:
    """What of a call the two calculations see differently; empty when nothing."""
    seconds = whole_seconds(one.microseconds, one.mode)
    if seconds != seconds_of(one.microseconds, one.mode):
        return "seconds"
    if charge(one.rate, seconds, one.fx) != cost(one.rate, seconds, one.fx):
        return "charge"
    if not one.rate.details and billed_seconds(one.rate, seconds) != billed(one.rate, seconds):
        return "billed seconds"
    return _money_differs(one) if money else ""


def _money_differs(one: Sample) -> str:
    """What money buys is paid for, and the next second (or the first that costs) is not."""
    bought = affordable_seconds(one.money, one.rate, one.fx, one.cap)
    if not 0 <= bought <= one.cap or cost(one.rate, bought, one.fx) > one.money:
        return "affordable seconds"
    if bought == one.cap:
        return ""
    following = bought + 1 if bought else one.rate.grace + one.rate.free_seconds + 1
    if following <= one.cap and cost(one.rate, following, one.fx) <= one.money:
        return "affordable seconds"
    return ""


def compare(calls: int, seed: int = SEED) -> list[tuple[str, Sample]]:
    """The calls that the two calculations see differently. What money buys is compared for one call in four."""
    chance = random.Random(seed)
    found = []
    for place, one in enumerate(samples(calls, chance)):
        if what := differs(one, money=place % 4 == 0):
            found.append((what, one))
    return found


def main() -> int:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    found = compare(calls)
    for what, one in found[:10]:
        print(what, one)
    print(json.dumps({"calls": calls, "differences": len(found)}))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

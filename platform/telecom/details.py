"""Retail prices: what happens from which second on (MOR's "advanced rates"). Source: rating-routing.md section 6."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from telecom.exact import EXACT, ZERO

INFINITE = -1
_SIXTY = Decimal(60)


class DetailKind(StrEnum):
    """EVENT costs `rate` once when the call reaches it, MINUTE costs `rate` a minute while it lasts."""

    MINUTE = "minute"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Detail:
    """From second `start` (1 = the first) for `seconds` (-1: to the end), rounded up by `round_by` seconds."""

    start: int
    seconds: int = INFINITE
    kind: DetailKind = DetailKind.MINUTE
    round_by: int = 1
    rate: Decimal = ZERO


Details = tuple[Detail, ...]


def seconds_of(detail: Detail, talk: int) -> int:
    """The seconds of a minute detail that a call of `talk` seconds is charged for."""
    if talk < detail.start:
        return 0
    infinite = detail.seconds == INFINITE
    inside = (talk if infinite else min(talk, detail.start + detail.seconds - 1)) - detail.start + 1
    step = max(1, detail.round_by)
    rounded = -(-inside // step) * step
    return rounded if infinite or step > detail.seconds else min(rounded, detail.seconds)


def sixtyfold(details: Sequence[Detail], talk: int) -> Decimal:
    """Sixty times the price of a call, so that it is exact."""
    total = ZERO
    for one in details:
        if talk < one.start:
            continue
        times = _SIXTY if one.kind is DetailKind.EVENT else Decimal(seconds_of(one, talk))
        total = EXACT.add(total, EXACT.multiply(one.rate, times))
    return total


def billed(details: Sequence[Detail], talk: int) -> int:
    """All the seconds that are charged for by the minute."""
    return sum(seconds_of(one, talk) for one in details if one.kind is DetailKind.MINUTE)


def per_minute(details: Sequence[Detail]) -> Decimal:
    """What a long call costs a minute: the price compared with what the call is bought for."""
    return next((one.rate for one in details if one.kind is DetailKind.MINUTE and one.seconds == INFINITE), ZERO)


def detail_problems(details: Sequence[Detail]) -> list[str]:
    """What is wrong with the details of one price, one sentence each."""
    found: list[str] = []
    for one in details:
        if one.rate < 0 or not one.rate.is_finite():
            found.append(f"The price from second {one.start} is negative.")
        if one.start < 1:
            found.append("A price begins at second 1 or later.")
        if one.kind is DetailKind.MINUTE and (one.round_by < 1 or (one.seconds < 1 and one.seconds != INFINITE)):
            found.append(f"The price from second {one.start} needs a length and a rounding of at least one second.")
    if found:
        return found
    minutes = sorted((one for one in details if one.kind is DetailKind.MINUTE), key=lambda one: one.start)
    if not minutes or minutes[0].start != 1:
        return ["The first price by the minute must begin at second 1."]
    for one, following in zip(minutes, minutes[1:], strict=False):
        if one.seconds == INFINITE:
            return [f"The price from second {one.start} has no end, so none can follow at second {following.start}."]
        end = one.start + one.seconds
        if following.start < end:
            return [f"The prices from second {one.start} and from second {following.start} overlap."]
        if following.start > end:
            return [f"Nothing says what seconds {end} to {following.start - 1} cost."]
    if minutes[-1].seconds != INFINITE:
        return ["The last price by the minute must have no end."]
    return []

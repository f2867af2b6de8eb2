"""The orders in which candidates are tried, each a pure function. Source: rating-routing.md sections 9 and 10.

`dice` draws a number from 0 to before 1; without it (a trace) the likeliest order is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

Dice = Callable[[], float]


def by_percent(shares: Sequence[Decimal], dice: Dice | None) -> list[int]:
    """The places of `shares`, drawn by share and without replacement; a share of 0 is never drawn."""
    left = [place for place, share in enumerate(shares) if share > 0]
    left.sort(key=lambda place: -shares[place])
    if dice is None:
        return left
    weights = [float(shares[place]) for place in left]
    found: list[int] = []
    while left:
        aim = dice() * sum(weights)
        chosen = len(left) - 1
        for place, weight in enumerate(weights):
            aim -= weight
            if aim < 0:
                chosen = place
                break
        found.append(left.pop(chosen))
        weights.pop(chosen)
    return found


@dataclass(frozen=True, slots=True)
class GatewayUse:
    """What a gateway is doing: calls on it now, calls of today, its ASR in percent."""

    used: int = 0
    today: int = 0
    asr: float = 0.0


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway's standing for one number: the prefix that fits, and the entry's and its own figures."""

    id: int
    prefix: str = ""
    prefix_priority: int = 0
    priority: int = 0
    lines: int = 0
    reserved: int = 0
    terminate: bool = False
    rate: Decimal = Decimal(0)
    use: GatewayUse = GatewayUse()

    @property
    def is_open(self) -> bool:
        """With fewer lines free than are reserved it takes no call."""
        return not self.lines or self.lines - self.use.used >= max(1, self.reserved)


@dataclass(frozen=True, slots=True)
class GatewaySlot:
    """Where quality and price count: before the use of lines (VOS3000's default), or just before the id."""

    asr: bool = False
    rate: bool = False
    rate_first: bool = False
    before_lines: bool = True


PLAIN_SLOT = GatewaySlot()


def gateway_key(gateway: Gateway, slot: GatewaySlot = PLAIN_SLOT) -> tuple[object, ...]:
    """What a gateway is sorted by, lowest first: the longest prefix, priorities, use of lines, calls of today, id."""
    quality: list[object] = []
    if slot.asr:
        quality.append(-gateway.use.asr)
    if slot.rate:
        quality.insert(0 if slot.rate_first else len(quality), gateway.rate)
    use = gateway.use.used / gateway.lines if gateway.lines else 0.0
    begin = (-len(gateway.prefix), gateway.prefix_priority, gateway.priority)
    if slot.before_lines:
        return (*begin, *quality, use, gateway.use.today, gateway.id)
    return (*begin, use, gateway.use.today, *quality, gateway.id)


def by_gateway(gateways: Sequence[Gateway], slot: GatewaySlot = PLAIN_SLOT) -> list[int]:
    """The places of the gateways to try, in order; a shorter prefix may not follow one that terminates."""
    places = [place for place, one in enumerate(gateways) if one.is_open]
    places.sort(key=lambda place: gateway_key(gateways[place], slot))
    found: list[int] = []
    shortest = 0
    for place in places:
        if len(gateways[place].prefix) < shortest:
            break
        found.append(place)
        if gateways[place].terminate:
            shortest = max(shortest, len(gateways[place].prefix))
    return found

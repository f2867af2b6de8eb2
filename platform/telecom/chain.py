"""The chain of a call in frozen parts: the price at each level, the routes, who pays, and the trace of it all."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from telecom.rating import ONE, ZERO, Rate, SecondsMode, affordable_seconds, charge


class Step(NamedTuple):
    """One step of the trace. `why` may hold {} places for `details`; `text()` makes the sentence."""

    name: str
    given: Any
    result: Any
    why: str = ""
    details: tuple[Any, ...] = ()

    def text(self) -> str:
        return self.why.format(*self.details)


@dataclass(frozen=True, slots=True)
class Price:
    """A rate frozen for one call, with where it came from. `fx` turns it into the account's currency."""

    rate: Rate
    fx: Decimal
    tariff_id: int
    prefix: str
    tariff_currency: str
    seconds_mode: SecondsMode


def free_of_charge(currency: str) -> Price:
    """The price of what nobody pays for; no tariff says it."""
    return Price(Rate(ZERO), ONE, 0, "", currency, SecondsMode.CEIL)


@dataclass(frozen=True, slots=True)
class CallLimit:
    """A simultaneous-call account (unit CALL) to hold one call of, and the hang-up cause when it is full."""

    account_id: int
    cause: int


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the chain that pays: at `operator_id` the customer pays from `account_id` in `currency`.

    `base_fx` turns the account's currency into the operator's base. `payer_fx` turns it into the base of the operator
    that pays here (the level below), whose cost it is; 1 at the caller's own level, where a customer pays.
    """

    operator_id: int
    customer_id: int
    account_id: int
    currency: str
    price: Price
    limits: tuple[CallLimit, ...]
    base_currency: str
    base_fx: Decimal
    payer_fx: Decimal


@dataclass(frozen=True, slots=True)
class RouteChoice:
    """One provider to try. `levels` pay if it answers, the caller's operator first, the provider's owner last.

    `request_text` stands behind the number on the request line, and nowhere else.
    `cost` is what the provider is paid, from `operator_id`'s books to `account_id` in `currency`; `cost_fx` turns that
    into the operator's base. `call_account_id` limits the provider's calls.
    """

    index: int
    operator_id: int
    provider_id: int
    directory_id: int
    number: str
    caller_id: str
    ring_seconds: int
    max_seconds: int
    account_id: int
    currency: str
    cost: Price
    cost_fx: Decimal
    levels: tuple[Level, ...]
    call_account_id: int | None = None
    retry_codes: tuple[int, ...] = ()
    stop_codes: tuple[int, ...] = ()
    request_text: str = ""


@dataclass(frozen=True, slots=True)
class Payer:
    """An account that an offered route would charge, with every different price it may be charged at.

    `depth` 0 is the caller's customer, 1 its operator in the parent's books, and so on.
    """

    account_id: int
    operator_id: int
    depth: int
    currency: str
    prices: tuple[Price, ...]

    def hold(self, seconds: int) -> Decimal:
        """The charge of `seconds` of talk at the dearest route offered."""
        return max(charge(one.rate, seconds, one.fx) for one in self.prices)

    def affordable(self, available: Decimal, cap: int) -> int:
        """The most seconds, at most `cap`, that `available` buys whichever route answers."""
        return min(affordable_seconds(available, one.rate, one.fx, cap) for one in self.prices)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that was not taken. `provider_id` None: the parent's routing."""

    operator_id: int
    provider_id: int | None
    cause: int
    why: str


def payers_of(routes: tuple[RouteChoice, ...]) -> tuple[Payer, ...]:
    """Every account that one of the routes would charge, in the order of the chain (every route begins at its foot).

    A level without a tariff is free: an emergency call holds nothing, however little there is.
    """
    found: dict[int, tuple[int, Level, list[Price]]] = {}
    for route in routes:
        for depth, level in enumerate(route.levels):
            if not level.price.tariff_id:
                continue
            known = found.get(level.account_id)
            if known is None:
                found[level.account_id] = (depth, level, [level.price])
            elif known[1] is not level and level.price not in known[2]:
                known[2].append(level.price)
    return tuple(
        Payer(account_id, level.operator_id, depth, level.currency, tuple(prices))
        for account_id, (depth, level, prices) in found.items()
    )


def limits_of(routes: tuple[RouteChoice, ...]) -> tuple[CallLimit, ...]:
    """The simultaneous-call accounts of every level that one of the routes goes through."""
    longest = max(routes, key=lambda one: len(one.levels), default=None)
    return () if longest is None else tuple(limit for level in longest.levels for limit in level.limits)

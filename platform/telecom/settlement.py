"""From the frozen snapshot of a decision and the end of its call: who owes what. Pure.

A snapshot is what is stored with a running call: JSON-able, Decimal as text, and it comes back equal. Every level
rates the same talk by its own price (rating-routing.md 4.4); what a level buys for is what the next one sells for,
and the last one buys from its provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from telecom.chain import CallLimit, Level, Payer, Price, RouteChoice, payers_of
from telecom.decision import Decision
from telecom.details import Detail, DetailKind, Details
from telecom.rating import (
    ZERO,
    Rate,
    Rounding,
    SecondsMode,
    affordable_seconds,
    billed_seconds,
    charge,
    convert,
    whole_seconds,
)

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The part of a decision that bills."""

    routes: tuple[RouteChoice, ...]
    payers: tuple[Payer, ...]
    max_seconds: int


@dataclass(frozen=True, slots=True)
class LevelResult:
    """One call row: what this operator was paid and what it paid, each in its own currency and in its base.

    `sell` is to be posted from `account_id`. `buy` is what it owes its provider or, with `from_parent`, its parent
    (posted there, at the next level). `talk_seconds` is before minimum and increment, `billed_seconds` after.
    """

    operator_id: int
    customer_id: int
    account_id: int
    talk_seconds: int
    billed_seconds: int
    sell: Decimal
    sell_currency: str
    sell_base: Decimal
    buy: Decimal
    buy_currency: str
    buy_base: Decimal
    base_currency: str
    from_parent: bool
    price: Price

    @property
    def profit_base(self) -> Decimal:
        return self.sell_base - self.buy_base


@dataclass(frozen=True, slots=True)
class ProviderCost:
    """What the provider is owed: transfer(debit the operator's cost account, credit `account_id`)."""

    operator_id: int
    provider_id: int
    account_id: int
    currency: str
    billed_seconds: int
    amount: Decimal
    price: Price


@dataclass(frozen=True, slots=True)
class Settlement:
    """`levels` in the order of the chain; amounts may be zero, and nothing is to be posted for those.

    Of a call that nobody answered, every level that was offered is there, with zeros; `cost` is None.
    """

    route_index: int | None
    talk_microseconds: int
    levels: tuple[LevelResult, ...]
    cost: ProviderCost | None


def settle(snapshot: Snapshot, route_index: int | None, answered_at: int | None, ended_at: int) -> Settlement:
    """Price a finished call. Instants in microseconds, of the outbound leg that answered (None: none did).

    Raises IndexError for a route that the decision did not offer.
    """
    if route_index is None or answered_at is None:
        longest = max(snapshot.routes, key=lambda one: len(one.levels))
        return Settlement(None, 0, _results(longest, 0)[0], None)
    if route_index < 0:
        raise IndexError("A route's index is not negative.")
    route = snapshot.routes[route_index]
    talked = max(0, ended_at - answered_at)
    levels, cost = _results(route, talked)
    return Settlement(route_index, talked, levels, cost)


def holds(snapshot: Snapshot, seconds: int, route_index: int | None = None) -> dict[int, Decimal]:
    """What each payer account must hold in total for `seconds` of talk: the dearest route's, or the known one's."""
    if route_index is None:
        return {one.account_id: one.hold(seconds) for one in snapshot.payers}
    levels = snapshot.routes[route_index].levels
    return {one.account_id: charge(one.price.rate, seconds, one.price.fx) for one in levels}


def affordable(snapshot: Snapshot, available: Mapping[int, Decimal], cap: int, route_index: int | None = None) -> int:
    """The most whole seconds of talk, at most `cap`, that every account can hold.

    `available` is each account's total for this call: what it already holds for it plus what is free. An account
    that is missing from the mapping is unlimited.
    """
    seconds = cap
    if route_index is None:
        for payer in snapshot.payers:
            if payer.account_id in available:
                seconds = payer.affordable(available[payer.account_id], seconds)
        return seconds
    for level in snapshot.routes[route_index].levels:
        if level.account_id in available:
            price = level.price
            seconds = affordable_seconds(available[level.account_id], price.rate, price.fx, seconds)
    return seconds


def _results(route: RouteChoice, talked: int) -> tuple[tuple[LevelResult, ...], ProviderCost]:
    """Every level from the provider's owner down, so that each finds what it buys for already priced."""
    seconds, billed, amount = _priced(route.cost, talked)
    cost = ProviderCost(
        route.operator_id, route.provider_id, route.account_id, route.currency, billed, amount, route.cost
    )
    buy, buy_currency, buy_base, from_parent = amount, route.currency, convert(amount, route.cost_fx), False
    found: list[LevelResult] = []
    for level in reversed(route.levels):
        seconds, billed, sell = _priced(level.price, talked)
        found.append(
            LevelResult(
                operator_id=level.operator_id,
                customer_id=level.customer_id,
                account_id=level.account_id,
                talk_seconds=seconds,
                billed_seconds=billed,
                sell=sell,
                sell_currency=level.currency,
                sell_base=convert(sell, level.base_fx),
                buy=buy,
                buy_currency=buy_currency,
                buy_base=buy_base,
                base_currency=level.base_currency,
                from_parent=from_parent,
                price=level.price,
            )
        )
        buy, buy_currency, buy_base, from_parent = sell, level.currency, convert(sell, level.payer_fx), True
    return tuple(reversed(found)), cost


def _priced(price: Price, talked: int) -> tuple[int, int, Decimal]:
    seconds = whole_seconds(talked, price.seconds_mode)
    return seconds, billed_seconds(price.rate, seconds), charge(price.rate, seconds, price.fx) or ZERO


# -- snapshots -------------------------------------------------------------------------------------------------------
# Lists by position: a snapshot is written for every call. Levels are shared by routes, so they are written once.


def to_snapshot(decision: Decision) -> Snapshot:
    """The billing part of a decision that was not refused."""
    return Snapshot(decision.routes, decision.payers, decision.max_seconds)


def snapshot(decision: Decision) -> dict[str, Any]:
    """The JSON-able billing part of a decision that was not refused."""
    levels: list[Level] = []
    places: dict[int, int] = {}
    for route in decision.routes:
        for level in route.levels:
            if places.setdefault(id(level), len(levels)) == len(levels):
                levels.append(level)
    return {
        "v": _VERSION,
        "max_seconds": decision.max_seconds,
        "levels": [_level_out(one) for one in levels],
        "routes": [
            [
                *_route_out(one),
                [places[id(level)] for level in one.levels],
                *([one.request_text] if one.request_text else ()),
            ]
            for one in decision.routes
        ],
    }


def from_snapshot(data: Mapping[str, Any]) -> Snapshot:
    """Read a snapshot back, equal to what was written. Raises ValueError for what is none."""
    try:
        if data["v"] != _VERSION:
            raise ValueError(data["v"])
        levels = [_level_in(one) for one in data["levels"]]
        routes = tuple(_route_in(index, one, levels) for index, one in enumerate(data["routes"]))
        return Snapshot(routes, payers_of(routes), int(data["max_seconds"]))
    except (KeyError, IndexError, TypeError, ValueError, InvalidOperation):
        raise ValueError("This is no snapshot of a decision.") from None


def _price_out(price: Price) -> list[Any]:
    rate = price.rate
    return [
        str(rate.per_minute),
        str(rate.connection_fee),
        rate.min_time,
        rate.increment,
        rate.rounding.value,
        rate.grace,
        rate.free_seconds,
        rate.grace_inclusive,
        str(price.fx),
        price.tariff_id,
        price.prefix,
        price.tariff_currency,
        price.seconds_mode.value,
        *([_details_out(rate.details)] if rate.details else ()),
    ]


def _details_out(details: Details) -> list[list[Any]]:
    return [[one.start, one.seconds, one.kind.value, one.round_by, str(one.rate)] for one in details]


def _details_in(data: list[list[Any]]) -> Details:
    return tuple(
        Detail(start, seconds, DetailKind(kind), round_by, Decimal(rate))
        for start, seconds, kind, round_by, rate in data
    )


def _price_in(data: list[Any]) -> Price:
    per_minute, fee, min_time, increment, rounding, grace, free, inclusive, fx, tariff_id, prefix, currency, mode = (
        data[:13]
    )
    details = _details_in(data[13]) if len(data) > 13 else ()
    rate = Rate(
        Decimal(per_minute), Decimal(fee), min_time, increment, Rounding(rounding), grace, free, inclusive, details
    )
    return Price(rate, Decimal(fx), tariff_id, prefix, currency, SecondsMode(mode))


def _level_out(level: Level) -> list[Any]:
    return [
        level.operator_id,
        level.customer_id,
        level.account_id,
        level.currency,
        _price_out(level.price),
        [[one.account_id, one.cause] for one in level.limits],
        level.base_currency,
        str(level.base_fx),
        str(level.payer_fx),
    ]


def _level_in(data: list[Any]) -> Level:
    operator_id, customer_id, account_id, currency, price, limits, base_currency, base_fx, payer_fx = data
    return Level(
        operator_id,
        customer_id,
        account_id,
        currency,
        _price_in(price),
        tuple(CallLimit(*one) for one in limits),
        base_currency,
        Decimal(base_fx),
        Decimal(payer_fx),
    )


def _route_out(route: RouteChoice) -> list[Any]:
    return [
        route.operator_id,
        route.provider_id,
        route.directory_id,
        route.number,
        route.caller_id,
        route.ring_seconds,
        route.max_seconds,
        route.account_id,
        route.currency,
        _price_out(route.cost),
        str(route.cost_fx),
        route.call_account_id,
        list(route.retry_codes),
        list(route.stop_codes),
    ]


def _route_in(index: int, data: list[Any], levels: list[Level]) -> RouteChoice:
    (operator_id, provider_id, directory_id, number, caller_id, ring_seconds, max_seconds, account_id, currency) = data[
        :9
    ]
    cost, cost_fx, call_account_id, retry_codes, stop_codes, places, *more = data[9:]
    return RouteChoice(
        index,
        operator_id,
        provider_id,
        directory_id,
        number,
        caller_id,
        ring_seconds,
        max_seconds,
        account_id,
        currency,
        _price_in(cost),
        Decimal(cost_fx),
        tuple(levels[one] for one in places),
        call_account_id,
        tuple(retry_codes),
        tuple(stop_codes),
        *more,
    )

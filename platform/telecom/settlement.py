"""From the frozen snapshot of a decision and the record of its end: who owes what. Pure.

A snapshot is JSON-able (Decimal as text) and comes back exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from telecom.decision import Decision, Payer, RouteChoice


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The part of a decision that bills."""

    routes: tuple[RouteChoice, ...]
    payers: tuple[Payer, ...]
    max_seconds: int


@dataclass(frozen=True, slots=True)
class LevelResult:
    """One call row: what this operator was paid, and what it paid, each in its own currency and in the base.

    `bought_from` is "provider" or "parent".
    """

    operator_id: int
    customer_id: int
    account_id: int
    billed_seconds: int
    talk_seconds: int
    sell: Decimal
    sell_currency: str
    sell_base: Decimal
    buy: Decimal
    buy_currency: str
    buy_base: Decimal
    base_currency: str
    bought_from: str
    tariff_id: int
    prefix: str
    rate: Decimal
    fx: Decimal


@dataclass(frozen=True, slots=True)
class ProviderCost:
    """What the provider is owed: transfer(debit the operator's cost account, credit `account_id`)."""

    operator_id: int
    provider_id: int
    account_id: int
    currency: str
    billed_seconds: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Settlement:
    """`charges` maps each payer account that paid to its amount; zero amounts are left out (nothing to post)."""

    route_index: int | None
    talk_microseconds: int
    levels: tuple[LevelResult, ...]
    cost: ProviderCost | None
    charges: Mapping[int, Decimal]


def to_snapshot(decision: Decision) -> Snapshot:
    """The billing part of a decision that was not refused."""
    return Snapshot(decision.routes, decision.payers, decision.max_seconds)


def snapshot(decision: Decision) -> dict[str, Any]:
    """The JSON-able billing part of a decision that was not refused."""
    raise NotImplementedError


def from_snapshot(data: Mapping[str, Any]) -> Snapshot:
    """Read a snapshot back, equal to what was written. Raises ValueError for what is none."""
    raise NotImplementedError


def settle(snapshot: Snapshot, route_index: int | None, answered_at: int | None, ended_at: int) -> Settlement:
    """Price the finished call. Instants in microseconds, of the outbound leg that answered (None: none did)."""
    raise NotImplementedError


def holds(snapshot: Snapshot, seconds: int, route_index: int | None = None) -> dict[int, Decimal]:
    """What each payer account must hold in total for `seconds` of talk; of one route once it is known."""
    raise NotImplementedError


def affordable(snapshot: Snapshot, available: Mapping[int, Decimal], cap: int, route_index: int | None = None) -> int:
    """The most whole seconds of talk, at most `cap`, that every account can hold.

    `available` is each account's total for this call: what it already holds for it plus what is free. An account
    that is missing from the mapping is unlimited.
    """
    raise NotImplementedError

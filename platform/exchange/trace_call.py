"""Call Tracing: the very decision a call would get, from the books that live calls read, with nothing written.

What comes back is for one operator: its own steps, its own price and what it pays, the names of its own providers.
Other levels' prices, customers and carriers are nobody else's business, so they are not in it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from switch_adapters.base import WireError
from telecom.chain import RouteChoice, Step
from telecom.decision import Call, Decision, decide
from telecom.settlement import affordable, to_snapshot

if TYPE_CHECKING:
    from exchange.engine import Engine

# Steps that say in `given` whose they are. All others are the caller's own operator's.
BY_OPERATOR = {
    "price", "tariff", "routing", "override", "period", "dial peer", "quality", "failover", "condition",
}  # fmt: skip
BY_PROVIDER = {"provider rules"}
BALANCES = "select id, posted - held - floor from ledger_account where id = any(%s) and operator_id = %s"


async def trace_call(engine: Engine, operator_id: int, identity: int, called: str, caller: str) -> dict[str, Any]:
    """Decide `called` from a SIP identity, as `operator_id` may see it. Raises WireError for a stranger's device."""
    books = engine.shelf.books
    found = books.device(identity)
    if found is None or operator_id not in _chain(engine, found[0].operator.id):
        raise WireError("there is no such device here")
    begun = time.perf_counter_ns()
    decision = decide(books, Call(identity, called, caller), time.time_ns() // 1000)
    took = (time.perf_counter_ns() - begun) // 1000
    own_call = decision.operator_id == operator_id
    return {
        "cause": decision.cause,
        "sentence": decision.sentence,
        "number": decision.number,
        "caller_id": decision.caller_id,
        "destination": engine.world.name_of(decision.number),
        "max_seconds": decision.max_seconds,
        "money_seconds": await _money_seconds(engine, operator_id, decision),
        "decided_in_microseconds": took,
        "steps": [_step(one) for one in decision.trace if _visible(one, operator_id, own_call, decision)],
        "hidden_steps": sum(not _visible(one, operator_id, own_call, decision) for one in decision.trace),
        "routes": [_route(engine, one, operator_id) for one in decision.routes],
        "dropped": [
            {"provider": engine.provider_name(operator_id, one.provider_id) if one.provider_id else "",
             "cause": one.cause, "why": one.why}
            for one in decision.dropped if one.operator_id == operator_id
        ],
    }  # fmt: skip


def _chain(engine: Engine, operator_id: int) -> list[int]:
    """The operator and all above it, as the books say."""
    chain: list[int] = []
    at: int | None = operator_id
    while at is not None and at not in chain and (book := engine.shelf.books.book(at)) is not None:
        chain.append(at)
        at = book.operator.parent_id
    return chain


def _visible(step: Step, operator_id: int, own_call: bool, decision: Decision) -> bool:
    if step.name in BY_OPERATOR:
        return bool(step.given == operator_id)
    if step.name in BY_PROVIDER:
        return all(one.operator_id == operator_id for one in decision.routes)
    return own_call


def _step(step: Step) -> dict[str, Any]:
    return {"name": step.name, "given": _plain(step.given), "result": _plain(step.result), "why": step.text()}


def _route(engine: Engine, route: RouteChoice, operator_id: int) -> dict[str, Any]:
    own = route.operator_id == operator_id
    level = next((one for one in route.levels if one.operator_id == operator_id), None)
    place = route.levels.index(level) if level is not None else -1
    above = route.levels[place + 1] if level is not None and place + 1 < len(route.levels) else None
    paid = route.cost if own else above.price if above is not None else None
    return {
        "provider": engine.provider_name(operator_id, route.provider_id) if own else "",
        "number": route.number if own else "",
        "caller_id": route.caller_id if own else "",
        "sell": _price(level.price.rate.per_minute, level.price.tariff_currency, level.price.prefix) if level else None,
        "buy": _price(paid.rate.per_minute, paid.tariff_currency, paid.prefix) if paid is not None else None,
    }


def _price(per_minute: Decimal, currency: str, prefix: str) -> dict[str, str]:
    return {"per_minute": str(per_minute), "currency": currency, "prefix": prefix}


async def _money_seconds(engine: Engine, operator_id: int, decision: Decision) -> int | None:
    """How long the money of this operator's own level lasts for this call; None without a limit or a route."""
    accounts = [one.account_id for one in decision.payers if one.operator_id == operator_id]
    if decision.refused or not accounts:
        return None
    async with engine.pool.connection() as connection:
        rows = await (await connection.execute(BALANCES, [accounts, operator_id])).fetchall()
    free: Mapping[int, Decimal] = {account: amount for account, amount in rows if amount is not None}
    return affordable(to_snapshot(decision), free, decision.max_seconds) if free else None


def _plain(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return ", ".join(_plain(one) for one in value)
    return "" if value is None else str(value)

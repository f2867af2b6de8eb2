"""One exchange under load: calls decided by the real code, held, talked, extended now and then, settled, recorded."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from bench.world import World, now_us
from exchange.till import Admission, Extension, Finished, Name, Till, TillUnavailable, attempt_row, call_row, transfer
from telecom.decision import Call, decide
from telecom.settlement import Settlement, Snapshot, holds, settle, snapshot, to_snapshot

EXTENDED = 0.3


@dataclass
class Figures:
    """`latencies` are seconds from the request to the answer with its hold; `charged` what was meant to be posted."""

    settled: int = 0
    calls: int = 0
    charged: Decimal = Decimal(0)
    latencies: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)


async def one_call(till: Till, world: World, chance: random.Random, talk: float, figures: Figures) -> None:
    """A call's whole life. Every amount it should move is counted as well."""
    if till.crowded:
        figures.outcomes["refused"] += 1
        return
    called, device = world.number(chance), chance.choice(world.devices)
    uuid = str(UUID(int=chance.getrandbits(128)))
    began, started_at = time.perf_counter(), now_us()
    decision = decide(world.books, Call(device, called, "37060000000"), started_at)
    if decision.refused:
        raise AssertionError(f"the bench's own call was refused: {decision.sentence}")
    call_id, frozen = till.mint(), to_snapshot(decision)
    routes = [
        {"index": one.index, "endpoint": f"p{one.directory_id}", "number": one.number, "caller_id": one.caller_id,
         "ring_seconds": one.ring_seconds, "headers": {}}
        for one in decision.routes
    ]  # fmt: skip
    answer = {
        "action": "route",
        "call_id": call_id,
        "routes": routes,
        "granted_seconds": 60,
        "max_seconds": decision.max_seconds,
    }
    label = {"caller": "37060000000", "called": decision.number}
    labels = {str(one.operator_id): label for one in decision.payers}
    expires = datetime.now(UTC) + timedelta(seconds=180)
    try:
        admitted = await till.decide(
            Admission(
                call_id, Name(1, "boot", uuid), decision.operator_id, labels, snapshot(decision), answer, 60, expires,
                {one.account_id: one.hold(60) for one in decision.payers},
            )
        )  # fmt: skip
    except TillUnavailable:
        figures.outcomes["unavailable"] += 1
        return
    figures.latencies.append(time.perf_counter() - began)
    figures.outcomes[admitted.status] += 1
    if admitted.status != "held":
        return
    answered_at = now_us()
    if chance.random() < EXTENDED:
        await asyncio.sleep(talk / 2)
        try:
            extended = await till.extend(Extension(call_id, 120, expires, holds(frozen, 120)))
            figures.outcomes[f"extend {extended.status}"] += 1
        except TillUnavailable:
            figures.outcomes["extend unavailable"] += 1
        await asyncio.sleep(talk / 2)
    else:
        await asyncio.sleep(talk)
    ended_at = now_us()
    finished, charged = finish(
        world, call_id, uuid, label, frozen, settle(frozen, 0, answered_at, ended_at), started_at, answered_at, ended_at
    )
    figures.outcomes[await _settled(till, finished)] += 1
    figures.settled += 1
    figures.charged += charged


async def _settled(till: Till, finished: Finished) -> str:
    """As a node does: deliver until it is taken."""
    while True:
        try:
            return await till.settle(finished)
        except TillUnavailable:
            await asyncio.sleep(0.5)


def finish(
    world: World, call_id: int, uuid: str, label: dict[str, str], frozen: Snapshot, result: Settlement,
    started_us: int, answered_us: int, ended_us: int,
) -> tuple[Finished, Decimal]:  # fmt: skip
    """The rows and transfers of a settled call, and the sum of its transfers."""
    started, answered, ended = (datetime.fromtimestamp(one / 1e6, UTC) for one in (started_us, answered_us, ended_us))
    times: dict[str, Any] = {"started_at": started, "answered_at": answered, "ended_at": ended}
    assert result.cost is not None and result.route_index is not None
    route = frozen.routes[result.route_index]
    rows, moves = [], []
    for level, one in enumerate(result.levels):
        rows.append(
            call_row(
                call_id, one.operator_id, level, uuid="" if level else uuid, node=None if level else 1,
                customer_id=one.customer_id, customer_label=f"Customer {one.customer_id}", caller=label["caller"],
                called=label["called"], prefix=one.price.prefix, route_index=result.route_index,
                talk_seconds=one.talk_seconds, billed_seconds=one.billed_seconds, sell=one.sell,
                sell_currency=one.sell_currency, sell_base=one.sell_base, buy=one.buy, buy_currency=one.buy_currency,
                buy_base=one.buy_base, base_currency=one.base_currency,
                bought_from="parent" if one.from_parent else "provider", tariff_id=one.price.tariff_id,
                rate=one.price.rate.per_minute, fx=one.price.fx, cause=16,
                provider_id=None if one.from_parent else result.cost.provider_id, **times,
            )
        )  # fmt: skip
        if one.sell:
            moves.append(transfer(call_id, len(moves), one.account_id, world.revenue[one.operator_id], one.sell))
    if result.cost.amount:
        owner = result.cost.operator_id
        moves.append(transfer(call_id, len(moves), world.cost[owner], result.cost.account_id, result.cost.amount))
    attempt = attempt_row(
        call_id, 0, result.cost.operator_id, result.cost.provider_id, number=route.number,
        talk_seconds=result.levels[0].talk_seconds, cause=16, sip_code=200, **times,
    )  # fmt: skip
    fingerprint = hash((started_us, answered_us, ended_us))
    return Finished(call_id, fingerprint, rows, [attempt], moves), sum((one["amount"] for one in moves), Decimal(0))


async def open_loop(till: Till, world: World, rate: float, seconds: float, figures: Figures, seed: int) -> None:
    """Poisson arrivals at `rate` a second for `seconds`, whatever becomes of them. Waits for none to end."""
    chance, loop = random.Random(seed), asyncio.get_running_loop()  # noqa: S311
    due, until = loop.time(), loop.time() + seconds
    while due < until:
        due += chance.expovariate(rate)
        wait = due - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        figures.calls += 1
        _start(one_call(till, world, chance, 2 + chance.random(), figures))


async def closed_loop(till: Till, world: World, callers: int, seconds: float, figures: Figures, seed: int) -> None:
    """`callers` calls at a time, each at once followed by the next; talk takes no time, so this is the ceiling."""
    chance, until = random.Random(seed), time.monotonic() + seconds  # noqa: S311

    async def caller() -> None:
        while time.monotonic() < until:
            figures.calls += 1
            await one_call(till, world, chance, 0.0, figures)

    await asyncio.gather(*(caller() for _ in range(callers)))


_running: set[asyncio.Task[None]] = set()
_broken: list[BaseException | None] = []


def _start(work: Any) -> None:
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_ended)


def _ended(task: asyncio.Task[None]) -> None:
    _running.discard(task)
    if not task.cancelled() and task.exception() is not None:
        _broken.append(task.exception())


async def all_ended() -> None:
    while _running:
        await asyncio.wait(set(_running))
    if _broken:
        raise RuntimeError(f"{len(_broken)} calls broke; the first by {_broken[0]!r}") from _broken[0]

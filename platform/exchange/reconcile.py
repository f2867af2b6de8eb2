"""Comparing what nodes carry with what we believe, and closing calls whose end nobody will tell any more."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from exchange import follow
from exchange.admit import SLICE_SECONDS
from exchange.believed import microseconds
from exchange.extend import extend
from exchange.settle_call import finish
from exchange.till import Found, Name, TillUnavailable
from ledger.ids import moment_of
from switch_adapters.base import (
    Attempt,
    CallRecord,
    ExtendRequest,
    Grant,
    LiveCall,
    ReconcileAnswer,
    ReconcileReport,
)

if TYPE_CHECKING:
    from exchange.engine import Engine

RECONCILE_SECONDS = 15
# Three reports missed: the call is not on its node any more. Its record may still be on the way.
UNSEEN_SECONDS = 3 * RECONCILE_SECONDS
SWEEP_SECONDS = 15
AT_ONCE = 20
log = structlog.get_logger()

LIVE = "select uuid, id, granted_seconds, deadline_at < now() from calls_livecall where node = %s and boot = %s"
UNSEEN = """select node, boot, uuid from calls_livecall
  where node = %s and last_seen_at < now() - make_interval(secs => %s) order by id limit 200"""
OVERDUE = """select node, boot, uuid from calls_livecall
  where deadline_at < now() and last_seen_at < now() - make_interval(secs => %s) order by id limit 200"""


async def reconcile(engine: Engine, node: int, report: ReconcileReport) -> ReconcileAnswer:
    """Mark what lives, say what is paid for, name what nobody admitted, close what is gone without a record.

    A call that has passed half of what is granted asked in vain, or its Extend was lost: it is tried again here, so
    that money that came meanwhile keeps it up.
    """
    rows = await engine.ask(LIVE, [node, report.boot])
    known = {uuid: (call_id, granted) for uuid, call_id, granted, is_over in rows if not is_over}
    here = [one for one in {one.uuid: one for one in report.live}.values() if one.uuid in known]
    await follow.seen_alive(engine, [(known[one.uuid][0], one.answered_at) for one in here])
    await engine.ask("update fleet_node set seen_at = now() where id = %s returning id", [node])
    # While records wait on the node they will tell the end better than any estimate.
    if not report.waiting_records:
        await close_by_estimate(engine, await _names(engine, UNSEEN, [node, UNSEEN_SECONDS]))
    grants = await asyncio.gather(*(_grant(engine, node, report.boot, one, *known[one.uuid]) for one in here))
    return ReconcileAnswer(tuple(grants), _unknown(engine, node, report, set(known)))


async def _grant(engine: Engine, node: int, boot: str, call: LiveCall, call_id: int, granted: int) -> Grant:
    if call.answered_at is None:
        return Grant(call.uuid, granted)
    now = time.time_ns() // 1000
    talked = (now - max(call.answered_at, microseconds(moment_of(call_id)))) // 1_000_000
    if talked < granted - SLICE_SECONDS // 2:
        return Grant(call.uuid, granted)
    return await extend(engine, node, ExtendRequest(boot, call.uuid, talked))


def _unknown(engine: Engine, node: int, report: ReconcileReport, known: set[str]) -> tuple[str, ...]:
    """Calls nobody admitted, seen so in two reports running: the first time a Decide may just be on its way."""
    now = time.monotonic()
    missing = [Name(node, report.boot, one.uuid) for one in report.live if one.uuid not in known]
    twice = tuple(one.uuid for one in missing if now - engine.strangers.get(one, now) >= RECONCILE_SECONDS / 2)
    for name in [one for one, since in engine.strangers.items() if now - since > 10 * RECONCILE_SECONDS]:
        del engine.strangers[name]
    for name in missing:
        engine.strangers.setdefault(name, now)
    return twice


async def keep_sweeping(engine: Engine) -> None:
    """For nodes that don't report any more: their calls ended at their deadlines at the latest."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            await close_by_estimate(engine, await _names(engine, OVERDUE, [UNSEEN_SECONDS]))
        except Exception as error:  # whatever it was, the next round is due
            log.warning("calls can't be swept", error=str(error))


async def close_by_estimate(engine: Engine, names: list[Name]) -> None:
    """End calls once without their records: at the earlier of when they were last seen and what was paid for."""
    for begin in range(0, len(names), AT_ONCE):
        await asyncio.gather(*(_close(engine, name) for name in names[begin : begin + AT_ONCE]))


async def _close(engine: Engine, name: Name) -> None:
    try:
        found = await engine.till.find(name)
        if found.state != "live" or found.call_id is None:
            return
        record = await _estimate(engine, name, found)
        status = await engine.till.settle(await finish(engine, name, found, record, estimated=True))
        log.warning("a call was closed by estimate", call=found.call_id, node=name.node, uuid=name.uuid, status=status)
    except TillUnavailable:
        raise
    except Exception as error:  # this call stays, the others are closed
        log.error("a call can't be closed", uuid=name.uuid, node=name.node, error=str(error))


async def _estimate(engine: Engine, name: Name, found: Found) -> CallRecord:
    rows = await engine.ask("select last_seen_at, route_index from calls_livecall where id = %s", [found.call_id])
    assert found.call_id is not None
    started = moment_of(found.call_id)
    seen, route = rows[0] if rows else (started, None)
    attempts: tuple[Attempt, ...] = ()
    ended = seen
    if found.answered_at is not None and found.granted_seconds is not None:
        ended = max(found.answered_at, min(seen, found.answered_at + timedelta(seconds=found.granted_seconds)))
        times = microseconds(started), microseconds(ended), microseconds(found.answered_at)
        attempts = (Attempt(route or 0, *times),)
    return CallRecord(name.boot, name.uuid, microseconds(started), microseconds(ended), attempts, "estimate")


async def _names(engine: Engine, query: str, values: list[Any]) -> list[Name]:
    return [Name(*row) for row in await engine.ask(query, values)]

"""Comparing what nodes carry with what we believe, and closing calls whose end nobody will tell any more."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import structlog

from exchange.settle_call import finish
from exchange.till import Found, Name, TillRefused, TillUnavailable
from switch_adapters.base import Attempt, CallRecord, Grant, ReconcileAnswer, ReconcileReport

if TYPE_CHECKING:
    from exchange.engine import Engine

RECONCILE_SECONDS = 15
# Three reports missed: the call is not on its node any more. Its record may still be on the way.
UNSEEN_SECONDS = 3 * RECONCILE_SECONDS
SWEEP_SECONDS = 15
log = structlog.get_logger()

SEEN = "select calls_seen(array_agg(id), array_agg(state), array_agg(answered_at)) from unnest(%s::bigint[], %s::text[], %s::timestamptz[]) v (id, state, answered_at)"  # noqa: E501
LIVE = "select uuid, id, granted_seconds from calls_livecall where node = %s and boot = %s"
UNSEEN = """select node, boot, uuid from calls_livecall
  where node = %s and last_seen_at < now() - make_interval(secs => %s) order by id limit 200"""
OVERDUE = """select node, boot, uuid from calls_livecall
  where deadline_at < now() and last_seen_at < now() - make_interval(secs => %s) order by id limit 200"""


async def reconcile(engine: Engine, node: int, report: ReconcileReport) -> ReconcileAnswer:
    """Mark what lives, say what is paid for, name what nobody admitted, close what is gone without a record."""
    async with engine.pool.connection() as connection:
        cursor = await connection.execute(LIVE, [node, report.boot])
        known = {uuid: (call_id, granted) for uuid, call_id, granted in await cursor.fetchall()}
        here = [one for one in report.live if one.uuid in known]
        if here:
            states = ["answered" if one.answered_at is not None else "trying" for one in here]
            answered = [_moment(one.answered_at) for one in here]
            await connection.execute(SEEN, [[known[one.uuid][0] for one in here], states, answered])
        await connection.execute("update fleet_node set seen_at = now() where id = %s", [node])
        # While records wait on the node they will tell the end better than any estimate.
        gone = [] if report.waiting_records else await _names(connection, UNSEEN, [node, UNSEEN_SECONDS])
    for name in gone:
        await close_by_estimate(engine, name)
    grants = tuple(Grant(one.uuid, known[one.uuid][1]) for one in here)
    return ReconcileAnswer(grants, _unknown(engine, node, report, set(known)))


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
            async with engine.pool.connection() as connection:
                names = await _names(connection, OVERDUE, [UNSEEN_SECONDS])
            for name in names:
                await close_by_estimate(engine, name)
        except (psycopg.Error, OSError, TillUnavailable) as error:
            log.warning("calls can't be swept", error=str(error))


async def close_by_estimate(engine: Engine, name: Name) -> None:
    """End a call once without its record: at the earlier of when it was last seen and what was paid for."""
    try:
        found = await engine.till.find(name)
        if found.state != "live" or found.call_id is None:
            return
        record = await _estimate(engine, name, found)
        await engine.till.settle(await finish(engine, name, found, record, estimated=True))
        log.warning("a call was closed by estimate", call=found.call_id, node=name.node, uuid=name.uuid)
    except (TillRefused, ValueError) as error:
        log.error("a call can't be closed", uuid=name.uuid, node=name.node, error=str(error))


async def _estimate(engine: Engine, name: Name, found: Found) -> CallRecord:
    async with engine.pool.connection() as connection:
        cursor = await connection.execute(
            "select created_at, last_seen_at from calls_livecall where id = %s", [found.call_id]
        )
        row = await cursor.fetchone()
    started, seen = row or (datetime.now(UTC), datetime.now(UTC))
    attempts: tuple[Attempt, ...] = ()
    ended = seen
    if found.answered_at is not None and found.granted_seconds is not None:
        ended = max(found.answered_at, min(seen, found.answered_at + timedelta(seconds=found.granted_seconds)))
        attempts = (Attempt(0, microseconds(started), microseconds(ended), microseconds(found.answered_at)),)
    return CallRecord(name.boot, name.uuid, microseconds(started), microseconds(ended), attempts, "estimate")


async def _names(connection: psycopg.AsyncConnection, query: str, values: list[Any]) -> list[Name]:
    cursor = await connection.execute(query, values)
    return [Name(*row) for row in await cursor.fetchall()]


def microseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _moment(value: int | None) -> datetime | None:
    return None if value is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)

"""Following calls while they last: what nodes tell of them goes to the live rows, for the screen and for estimates."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from exchange.believed import FIRST, LAST, moment
from switch_adapters.base import Event, EventKind

if TYPE_CHECKING:
    from exchange.engine import Engine

STATES = {EventKind.RING: "ringing", EventKind.ANSWER: "answered", EventKind.END: "ended"}
MOST_ROUTES = 1_000

# Nobody was answered before the call was decided, or is answered tomorrow: a node's clock may be off.
TELL = """
    select calls_seen(array_agg(k.id), array_agg(v.state), array_agg(greatest(least(v.at, now()), ledger_at(k.id))),
        array_agg(v.route))
    from unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::int[]) v (boot, uuid, state, at, route)
    join calls_callkey k on (k.uuid, k.node, k.boot) = (v.uuid, %s, v.boot)"""
ALIVE = """
    select calls_seen(array_agg(v.id), array_agg(case when v.is_answered then 'answered' else 'trying' end),
        array_agg(case when v.is_answered then greatest(least(coalesce(v.at, now()), now()), ledger_at(v.id)) end))
    from unnest(%s::bigint[], %s::boolean[], %s::timestamptz[]) v (id, is_answered, at)"""
SHOWN = """
    select distinct level::bigint from calls_callkey k join calls_livecall l on l.id = k.id
    cross join jsonb_object_keys(l.labels) level
    where k.node = %s and (k.uuid, k.boot) in (select * from unnest(%s::text[], %s::text[]))"""


async def follow(engine: Engine, node: int, events: tuple[Event, ...]) -> None:
    """Take events in any order, twice or late. A call that is not known, or over, is left alone."""
    if not events:
        return
    boots, uuids = [one.boot for one in events], [one.uuid for one in events]
    answers = [_instant(one.at) if one.kind is EventKind.ANSWER else None for one in events]
    routes = [one.route_index if 0 <= one.route_index < MOST_ROUTES else None for one in events]
    states = [STATES[one.kind] for one in events]
    await engine.ask(TELL, [boots, uuids, states, answers, routes, node])
    engine.changed.update(row[0] for row in await engine.ask(SHOWN, [node, uuids, boots]))


async def seen_alive(engine: Engine, calls: list[tuple[int, int | None]]) -> None:
    """Calls, by id, that their node carries right now, each with when it was answered."""
    if calls:
        ids = [call_id for call_id, _ in calls]
        answered = [at is not None for _, at in calls]
        await engine.ask(ALIVE, [ids, answered, [None if at is None else _instant(at) for _, at in calls]])


def _instant(at: int) -> datetime:
    return moment(min(max(at, FIRST), LAST))

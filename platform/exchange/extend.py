"""Paying on while a call lasts: at half of each slice the holds are raised to cover the next one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange.admit import HOLD_GRACE_SECONDS, SLICE_SECONDS
from exchange.till import Extension, Name
from switch_adapters.base import ExtendRequest, Grant
from telecom.settlement import affordable, from_snapshot, holds

if TYPE_CHECKING:
    from exchange.engine import Engine


async def extend(engine: Engine, node: int, request: ExtendRequest) -> Grant:
    """What is paid for from now on. A call that is over, or unknown, gets nothing more: the node ends it.

    `last` says that asking again has no use now: the call's longest time is granted, or all that money buys. Should
    there be new money before the call ends, Reconcile brings the seconds.
    """
    found = await engine.till.find(Name(node, request.boot, request.uuid))
    if found.state != "live" or found.call_id is None or found.granted_seconds is None:
        return Grant(request.uuid, 0, last=True)
    granted = found.granted_seconds
    billing = from_snapshot(found.chain["snapshot"])
    if granted >= billing.max_seconds:
        return Grant(request.uuid, granted, last=True)
    if request.talked_seconds < granted - SLICE_SECONDS:
        return Grant(request.uuid, granted)  # asked again for what was granted already
    target = min(granted + SLICE_SECONDS, billing.max_seconds)

    def extension(seconds: int, route: int | None = None) -> Extension:
        ends = datetime.now(UTC) + timedelta(seconds=max(0, seconds - request.talked_seconds) + HOLD_GRACE_SECONDS)
        assert found.call_id is not None
        return Extension(found.call_id, seconds, ends, holds(billing, seconds, route))

    extended = await engine.till.extend(extension(target))
    if extended.status == "short":
        # Only the accounts of the route that answered need to pay on.
        route = await engine.route_of(found.call_id)
        route = route if route is not None and 0 <= route < len(billing.routes) else None

        def what_money_buys(free: Mapping[int, Decimal | None]) -> Extension | None:
            limited = {account: amount for account, amount in free.items() if amount is not None}
            seconds = affordable(billing, limited, target, route)
            return extension(seconds, route) if seconds > granted else None

        extended = await engine.till.extend(extension(target, route), what_money_buys)
    if extended.granted_seconds is None:
        return Grant(request.uuid, 0, last=True)
    # Less than was asked for is all that money buys.
    return Grant(request.uuid, max(granted, extended.granted_seconds), last=extended.granted_seconds < target)

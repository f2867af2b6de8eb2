"""Settling: one row per level, the transfers it causes, and never twice."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog

from exchange.believed import FIRST, LAST, believed, moment
from exchange.till import Finished, Found, Name, attempt_row, call_row, transfer
from switch_adapters.base import Attempt, CallRecord, to_wire
from telecom.settlement import Settlement, Snapshot, from_snapshot, settle

if TYPE_CHECKING:
    from exchange.engine import Engine

COST_PART = 32
TRIES = 3
log = structlog.get_logger()


def fingerprint(record: CallRecord) -> int:
    """The same for the same record, whoever delivers it when; 63 bits."""
    text = json.dumps(to_wire(record), sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


async def settle_record(engine: Engine, node: int, record: CallRecord) -> bool:
    """True once the node may forget the record: it is settled, or there is nothing to settle."""
    name = Name(node, record.boot, record.uuid)
    started = moment(record.started_at) if FIRST <= record.started_at < LAST else None
    for _ in range(TRIES):
        found = await engine.till.find(name, started)
        if found.chain is None or found.call_id is None:
            _note_strange(found, name, record)
            return True
        status = await engine.till.settle(await finish(engine, name, found, record))
        # Closed by estimate while we looked: as an estimated call it takes this record as its correction.
        if status != "differs":
            break
    if status in ("differs", "named", "unknown"):
        log.error("a record could not be settled", call=found.call_id, status=status, node=node, uuid=record.uuid)
    return True


def _note_strange(found: Found, name: Name, record: CallRecord) -> None:
    if _answered(record) is None or fingerprint(record) in found.fingerprints:
        return
    if found.state == "settled":
        log.error("another record of a settled call", call=found.call_id, node=name.node, uuid=name.uuid)
    else:
        log.error("a record of a call that was never admitted", node=name.node, uuid=name.uuid)


async def finish(engine: Engine, name: Name, found: Found, record: CallRecord, estimated: bool = False) -> Finished:
    """Price a record by the call's own snapshot."""
    assert found.call_id is not None
    chain = found.chain
    billing = from_snapshot(chain["snapshot"])
    mark = fingerprint(record)
    record = believed(record, found.call_id, billing.max_seconds)
    answered = _answered(record)
    if answered is not None and not 0 <= answered.route_index < len(billing.routes):
        # Somebody talked and pays; over which route is a guess, and a better record may still correct it.
        log.error("a record names a route that was not offered", call=found.call_id, route=answered.route_index)
        route = await engine.route_of(found.call_id) or 0
        route = route if route < len(billing.routes) else 0
        guessed = replace(answered, route_index=route)
        record = replace(record, attempts=tuple(guessed if one is answered else one for one in record.attempts))
        answered, estimated = guessed, True
    priced = (
        settle(billing, answered.route_index, answered.answered_at, answered.ended_at)
        if answered is not None
        else settle(billing, None, None, record.ended_at)
    )
    return Finished(
        call_id=found.call_id,
        fingerprint=mark,
        rows=_rows(found.call_id, name, chain, billing, record, priced, estimated),
        attempts=_attempts(found.call_id, chain, billing, record),
        transfers=await _transfers(engine, found.call_id, priced),
        correct=found.state == "estimated",
    )


def _answered(record: CallRecord) -> Attempt | None:
    return next((one for one in record.attempts if one.answered_at is not None), None)


def _rows(
    call_id: int, name: Name, chain: dict[str, Any], billing: Snapshot, record: CallRecord, priced: Settlement,
    estimated: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    answered = _answered(record)
    told = answered or (record.attempts[-1] if record.attempts else None)
    cost = priced.cost
    provider = chain["providers"][priced.route_index] if priced.route_index is not None else ""
    rows = []
    for place, level in enumerate(priced.levels):
        own = level.operator_id == chain["operator_id"]
        owns_provider = cost is not None and cost.operator_id == level.operator_id
        rows.append(
            call_row(
                call_id, level.operator_id, place, uuid=name.uuid, node=name.node,
                customer_id=level.customer_id, customer_label=chain["customers"].get(str(level.operator_id), ""),
                device_id=chain["device_id"] if own else None, device_label=chain["device"] if own else "",
                provider_id=cost.provider_id if cost and owns_provider else None,
                provider_label=provider if owns_provider else "",
                caller=chain["caller"], called=chain["called"], prefix=level.price.prefix,
                destination=chain["destination"], route_index=priced.route_index,
                started_at=moment(record.started_at), ended_at=moment(record.ended_at),
                answered_at=moment(answered.answered_at) if answered and answered.answered_at is not None else None,
                talk_seconds=level.talk_seconds, billed_seconds=level.billed_seconds,
                buy_seconds=_bought_seconds(priced, place),
                sell=level.sell, sell_currency=level.sell_currency, sell_base=level.sell_base,
                buy=level.buy if priced.cost else 0, buy_currency=level.buy_currency,
                buy_base=level.buy_base if priced.cost else 0, base_currency=level.base_currency,
                bought_from="parent" if level.from_parent else "provider",
                tariff_id=level.price.tariff_id, rate=level.price.rate.per_minute, fx=level.price.fx,
                cause=told.cause if told else 0, ended_by=record.ended_by[:32],
                estimated=estimated,
            )
        )  # fmt: skip
    return rows


def _bought_seconds(priced: Settlement, place: int) -> int:
    if priced.cost is None:
        return 0
    above = priced.levels[place + 1 : place + 2]
    return above[0].billed_seconds if above else priced.cost.billed_seconds


def _attempts(call_id: int, chain: dict[str, Any], billing: Snapshot, record: CallRecord) -> list[dict[str, Any]]:
    rows = []
    for place, one in enumerate(record.attempts):
        if not 0 <= one.route_index < len(billing.routes):
            continue
        route = billing.routes[one.route_index]
        talked = max(0, one.ended_at - one.answered_at) // 1_000_000 if one.answered_at is not None else 0
        rows.append(
            attempt_row(
                call_id, place, route.operator_id, route.provider_id,
                provider_label=chain["providers"][one.route_index],
                number=route.number, started_at=moment(one.started_at), ended_at=moment(one.ended_at),
                answered_at=moment(one.answered_at) if one.answered_at is not None else None,
                talk_seconds=talked, cause=one.cause, sip_code=one.sip_code,
            )
        )  # fmt: skip
    return rows


async def _transfers(engine: Engine, call_id: int, priced: Settlement) -> list[dict[str, Any]]:
    """Each payer to its operator's revenue; the owner's cost to the provider. Nothing owed, nothing posted."""
    made = []
    for place, level in enumerate(priced.levels):
        if level.sell > 0:
            revenue = await engine.house(level.operator_id, "revenue", level.sell_currency)
            made.append(transfer(call_id, place, level.account_id, revenue, level.sell))
    cost = priced.cost
    if cost is not None and cost.amount > 0:
        house = await engine.house(cost.operator_id, "cost", cost.currency)
        made.append(transfer(call_id, COST_PART, house, cost.account_id, cost.amount))
    return made

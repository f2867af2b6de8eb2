"""Deciding one call: books first, then the till; the answer is what the node will do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import structlog

from exchange.till import Admission, Admitted, Finished, Name, TillFull, TillRefused, TillUnavailable, call_row
from switch_adapters.base import Action, Answer, DecideRequest, Route
from telecom import causes
from telecom.decision import Call, Decision, decide
from telecom.settlement import Snapshot, affordable, holds, snapshot, to_snapshot

if TYPE_CHECKING:
    from exchange.engine import Engine

SLICE_SECONDS = 60
# A hold outlives what it pays for by this much, so that a late Extend still finds it.
HOLD_GRACE_SECONDS = 120
CALL = Decimal(1)
# The node's agent refuses the call by itself after 1.5 s; a refusal of ours must be there before.
PATIENCE_SECONDS = 1.3
log = structlog.get_logger()


def refusal(cause: int, sentence: str = "", call_id: int = 0) -> Answer:
    """The answer that ends a call, with the cause's own SIP code."""
    known = causes.cause(cause)
    return Answer(Action.REJECT, call_id=call_id, cause=cause, sip_code=known.sip, text=sentence or known.text)


async def admit(engine: Engine, node: int, request: DecideRequest) -> Answer:
    """Decide and hold. Never raises for anything a caller can send; a database that is away refuses the call."""
    name = Name(node, request.boot, request.uuid)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await _admit(engine, name, request)
    except (TillUnavailable, TillRefused, TimeoutError) as error:
        log.warning("a call was refused", uuid=name.uuid, node=node, error=str(error) or "the database is slow")
        return refusal(causes.TEMPORARY_FAILURE)


async def _admit(engine: Engine, name: Name, request: DecideRequest) -> Answer:
    before = engine.recent.get(name)
    if before is not None and before.action is Action.REJECT:
        return before
    if engine.till.crowded:
        raise TillFull("Too many decisions wait already.")
    decision = decide(engine.shelf.books, Call(_directory_id(request), request.called, request.caller), _now())
    if decision.refused and before is not None:
        # It was admitted, and its operator's rules changed while the node asked again: it is admitted still.
        found = await engine.till.find(name)
        if found.state == "live":
            return _told(found.answer)
    if not decision.refused and not all(engine.shelf.is_current(one) for one in chain_of(engine, decision)):
        return refusal(causes.TEMPORARY_FAILURE, "The price lists are not up to date.")
    while not decision.refused:
        answer, decision = await _try_to_hold(engine, name, request, decision)
        if answer is not None:
            break
    else:
        answer = refusal(decision.cause, decision.sentence, _note_refused(engine, name, request, decision))
    if answer.cause != causes.TEMPORARY_FAILURE:
        engine.recent.put(name, answer)
    return answer


def _directory_id(request: DecideRequest) -> int:
    """The number of a device's identity; 0, which nobody has, for anything else."""
    kind, number = request.identity[:1], request.identity[1:19]
    known = kind == "d" and number.isascii() and number.isdigit() and len(request.identity) < 20
    return int(number) if known else 0


def _now() -> int:
    return time.time_ns() // 1000


async def _try_to_hold(
    engine: Engine, name: Name, request: DecideRequest, decision: Decision
) -> tuple[Answer | None, Decision]:
    """One try: an answer, or the decision that is left when an account lacked cover (fewer routes, or refused)."""
    billing = to_snapshot(decision)
    seconds = min(SLICE_SECONDS, decision.max_seconds)
    while True:
        admission = _admission(engine, engine.till.mint(), name, request, decision, billing, seconds)
        admitted = await engine.till.decide(admission)
        short = admitted.short_account
        if admitted.status != "short" or short is None:
            return _answered(admitted, admission), decision
        for limit in decision.limits:
            if limit.account_id == short:
                return None, _without(decision, short, limit.cause)
        rest = decision.without_payer(short)
        if not rest.refused:
            return None, rest  # other routes don't need this account
        # Money for less than a slice: give what it buys.
        free = {account: amount for account, amount in admitted.free.items() if amount is not None}
        fewer = affordable(billing, free, seconds)
        if not 0 < fewer < seconds:
            return None, decision.without_payer(short, await _money_cause(engine, decision, admitted, short))
        seconds = fewer


def _answered(admitted: Admitted, admission: Admission) -> Answer:
    if admitted.status == "finished":
        return refusal(causes.TEMPORARY_FAILURE, "This call is over already.")
    return _told(admission.answer if admitted.status == "held" else admitted.answer)


def _told(said: Mapping[str, Any]) -> Answer:
    routes = tuple(Route(**one) for one in said["routes"])
    return Answer(**{**said, "action": Action(said["action"]), "routes": routes})


def _without(decision: Decision, account_id: int, cause: int) -> Decision:
    """A full call limit refuses the whole call if every route needs it, else leaves the routes that don't."""
    for level in (level for route in decision.routes for level in route.levels):
        if any(limit.account_id == account_id for limit in level.limits):
            return decision.without_payer(level.account_id, cause)
    return decision.without_payer(account_id, cause)


async def _money_cause(engine: Engine, decision: Decision, admitted: Admitted, account_id: int) -> int:
    """Nothing left, less than a second's worth, or all of it held by other calls; of the customer or of a reseller."""
    depth = next(one.depth for one in decision.payers if one.account_id == account_id)
    free = admitted.free.get(account_id) or Decimal(0)
    balance = await engine.above_floor(account_id)
    return causes.short_of_money(depth, free if balance is None else balance, free)


def _admission(
    engine: Engine,
    call_id: int,
    name: Name,
    request: DecideRequest,
    decision: Decision,
    billing: Snapshot,
    seconds: int,
) -> Admission:
    routes: list[dict[str, Any]] = [
        {
            "index": one.index, "endpoint": f"p{one.directory_id}", "number": one.number, "caller_id": one.caller_id,
            "ring_seconds": min(one.ring_seconds, decision.ring_seconds or one.ring_seconds),
        }
        for one in decision.routes
    ]  # fmt: skip
    answer = {
        "action": "route", "call_id": call_id, "cause": 0, "sip_code": 0, "text": "", "routes": routes,
        "granted_seconds": seconds, "max_seconds": decision.max_seconds,
    }  # fmt: skip
    ring = sum(one["ring_seconds"] for one in routes)
    money: Mapping[int, Decimal] = holds(billing, seconds)
    return Admission(
        call_id=call_id,
        name=name,
        operator_id=decision.operator_id,
        labels=labels(engine, request, decision),
        chain=facts(engine, request, decision),
        answer=answer,
        granted_seconds=seconds,
        expires_at=datetime.now(UTC) + timedelta(seconds=ring + seconds + HOLD_GRACE_SECONDS),
        holds={**money, **{limit.account_id: CALL for limit in decision.limits}},
    )


def chain_of(engine: Engine, decision: Decision) -> list[int]:
    """The operators whose books decided: the caller's own and all above it, whoever carries the call."""
    found: list[int] = []
    operator_id: int | None = decision.operator_id
    while operator_id is not None and (book := engine.shelf.books.book(operator_id)) and operator_id not in found:
        found.append(operator_id)
        operator_id = book.operator.parent_id
    return found


def labels(engine: Engine, request: DecideRequest, decision: Decision) -> dict[str, Any]:
    """What each level may see of a live call: its own customer, never another level's names."""
    seen: dict[str, Any] = {}
    destination = engine.world.name_of(decision.number)
    for route in decision.routes:
        for level in route.levels:
            own = level.operator_id == decision.operator_id
            seen[str(level.operator_id)] = {
                "customer_id": level.customer_id,
                "customer": engine.customer_name(level.operator_id, level.customer_id),
                "device": engine.device_name(decision.operator_id, decision.device_id) if own else "",
                "caller": decision.caller_id,
                "called": decision.number,
                "destination": destination,
            }
    return seen


def facts(engine: Engine, request: DecideRequest, decision: Decision) -> dict[str, Any]:
    """What settling needs besides prices. Kept with the call, so that it settles alike whatever changes meanwhile."""
    return {
        "snapshot": snapshot(decision) if decision.routes else None,
        "operator_id": decision.operator_id,
        "customer_id": decision.customer_id,
        "device_id": decision.device_id,
        "device": engine.device_name(decision.operator_id, decision.device_id),
        "caller": decision.caller_id,
        "called": decision.number,
        "destination": engine.world.name_of(decision.number),
        "customers": {
            str(level.operator_id): engine.customer_name(level.operator_id, level.customer_id)
            for route in decision.routes
            for level in route.levels
        },
        "providers": [engine.provider_name(one.operator_id, one.provider_id) for one in decision.routes],
    }


def _note_refused(engine: Engine, name: Name, request: DecideRequest, decision: Decision) -> int:
    """A refused call is in its operator's list too, with its reason: "why can't I call?" is what people ask."""
    if not decision.operator_id:
        return 0
    call_id, now = engine.till.mint(), datetime.now(UTC)
    row = call_row(
        call_id, decision.operator_id, 0, uuid=name.uuid, node=name.node, started_at=now, ended_at=now,
        customer_id=decision.customer_id or None, device_id=decision.device_id or None,
        customer_label=engine.customer_name(decision.operator_id, decision.customer_id),
        device_label=engine.device_name(decision.operator_id, decision.device_id),
        caller=(decision.caller_id or request.caller)[:64], called=(decision.number or request.called)[:64],
        destination=engine.world.name_of(decision.number), cause=decision.cause, ended_by="platform",
    )  # fmt: skip
    engine.later(engine.till.settle(Finished(call_id, fingerprint=0, rows=[row], name=name)))
    return call_id

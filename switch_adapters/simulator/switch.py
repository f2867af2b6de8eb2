"""The simulated switch: decides through a CallHandler, fails over, keeps deadlines, extends, reconciles, delivers."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid as uuids
from collections.abc import Callable
from dataclasses import dataclass, field

from switch_adapters.base import (
    Action,
    Answer,
    Attempt,
    CallHandler,
    CallRecord,
    CommandKind,
    DecideRequest,
    Event,
    EventKind,
    ExtendRequest,
    Grant,
    LiveCall,
    ReconcileReport,
    Route,
)
from switch_adapters.exchange_client import TROUBLE
from switch_adapters.simulator.scenario import FINAL, Behaviour, Carrier, Outcome, Scenario

log = logging.getLogger(__name__)

# As a real node does: cut so much before the granted seconds are over, that the cut never starts another second.
MARGIN = 0.25
STOPS = {404, 410, 484, 486, 600, 603, 604}


def _now() -> int:
    return time.time_ns() // 1000


@dataclass(slots=True)
class _Call:
    uuid: str
    answer: Answer
    granted_seconds: int
    last: bool = False
    answered_at: int | None = None
    index: int = 0
    hang_up: asyncio.Event = field(default_factory=asyncio.Event)
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class SimulatedSwitch:
    """`carrier` says how the provider behind an endpoint behaves. One object is one boot, from its start to its end."""

    def __init__(
        self, handler: CallHandler, node: int, carrier: Callable[[Route], Carrier], reconcile_seconds: float = 15.0
    ) -> None:
        self._handler = handler
        self._node = node
        self._carrier = carrier
        self._reconcile_seconds = reconcile_seconds
        self.boot = f"{time.time_ns()}"
        self._calls: dict[str, _Call] = {}
        self._records: list[CallRecord] = []
        self._record_waits = asyncio.Event()

    async def run(self) -> None:
        """Reconcile, obey commands and deliver records until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._reconcile())
            group.create_task(self._obey())
            group.create_task(self._deliver())

    async def drained(self) -> None:
        """Returns when every finished call's record is settled."""
        while self._records or self._calls:
            await asyncio.sleep(0.02)

    async def place(self, scenario: Scenario) -> Outcome:
        """Play one call to its end."""
        uuid, started = str(uuids.uuid4()), _now()
        request = DecideRequest(
            self.boot, uuid, scenario.identity, scenario.called, scenario.caller, source="127.0.0.1:0"
        )
        try:
            async with asyncio.timeout(1.5):
                answer = await self._handler.decide(self._node, request)
        except (TimeoutError, *TROUBLE) as problem:
            log.warning("no decision: %s", problem)
            return Outcome(uuid, 503)
        if answer.action is Action.REJECT:
            return Outcome(uuid, answer.sip_code or 503)
        call = self._calls[uuid] = _Call(uuid, answer, answer.granted_seconds)
        attempts: list[Attempt] = []
        try:
            return await self._try_routes(call, scenario, attempts)
        finally:
            del self._calls[uuid]
            by = attempts[-1] if attempts else None
            ended = by.ended_at if by else _now()
            self._records.append(CallRecord(self.boot, uuid, started, max(ended, started), tuple(attempts), ""))
            self._record_waits.set()
            await self._event(call, EventKind.END, ended)

    async def _try_routes(self, call: _Call, scenario: Scenario, attempts: list[Attempt]) -> Outcome:
        patience_until = time.monotonic() + scenario.patience_seconds
        code = 503
        for route in call.answer.routes:
            carrier, begun = self._carrier(route), _now()
            call.index = route.index
            await self._event(call, EventKind.RING, begun)
            patience = patience_until - time.monotonic()
            answers_after = carrier.after_seconds if carrier.behaviour is not Behaviour.RINGS else float("inf")
            wait = min(answers_after, patience, route.ring_seconds)
            if await self._hung_up_within(call, wait):
                attempts.append(Attempt(route.index, begun, _now(), cause=16, sip_code=487))
                return Outcome(call.uuid, 487, ended_by="node")
            if wait == patience and patience < answers_after:
                attempts.append(Attempt(route.index, begun, _now(), cause=16, sip_code=487))
                return Outcome(call.uuid, 487, ended_by="caller")
            if wait == route.ring_seconds and wait < answers_after:
                attempts.append(Attempt(route.index, begun, _now(), cause=19, sip_code=0))
                return Outcome(call.uuid, 480)
            if carrier.behaviour is Behaviour.ANSWERS:
                return await self._talk(call, scenario, route, begun, attempts)
            sip, cause = FINAL[carrier.behaviour]
            attempts.append(Attempt(route.index, begun, _now(), cause=cause, sip_code=sip))
            code = sip or 503
            if code in STOPS:
                return Outcome(call.uuid, code)
        return Outcome(call.uuid, code if code < 500 else 503)

    async def _talk(
        self, call: _Call, scenario: Scenario, route: Route, begun: int, attempts: list[Attempt]
    ) -> Outcome:
        call.answered_at = answered = _now()
        await self._event(call, EventKind.ANSWER, answered)
        extending = asyncio.create_task(self._extend(call))
        ended_by = "node"
        try:
            while True:
                talked = (_now() - answered) / 1_000_000
                deadline = min(call.granted_seconds, call.answer.max_seconds or call.granted_seconds) - MARGIN
                left = deadline if scenario.talk_seconds is None else min(deadline, scenario.talk_seconds)
                if left <= talked:
                    if scenario.talk_seconds is not None and scenario.talk_seconds <= deadline:
                        ended_by = "caller"
                    break
                call.moved.clear()
                if await self._hung_up_within(call, left - talked, call.moved):
                    break
        finally:
            extending.cancel()
            ended = _now()
            attempts.append(Attempt(route.index, begun, ended, answered, cause=16, sip_code=200))
        return Outcome(call.uuid, 200, (ended - answered) / 1_000_000, ended_by)

    async def _extend(self, call: _Call) -> None:
        before = 0
        while not call.last:
            assert call.answered_at is not None
            half = before + (call.granted_seconds - before) / 2
            await asyncio.sleep(max(call.answered_at / 1_000_000 + half - time.time(), 0))
            granted = call.granted_seconds
            try:
                talked = max((_now() - call.answered_at) // 1_000_000, 0)
                self._apply(await self._handler.extend(self._node, ExtendRequest(self.boot, call.uuid, talked)))
            except TROUBLE as problem:
                log.warning("extending %s: %s", call.uuid, problem)
                await asyncio.sleep(1.0)
                continue
            if call.granted_seconds > granted:
                before = granted
            else:
                await asyncio.sleep(1.0)

    def _apply(self, grant: Grant) -> None:
        call = self._calls.get(grant.uuid)
        if call is not None:
            call.granted_seconds = max(call.granted_seconds, grant.granted_seconds)
            call.last = call.last or grant.last
            call.moved.set()

    @staticmethod
    async def _hung_up_within(call: _Call, seconds: float, other: asyncio.Event | None = None) -> bool:
        """Wait; True when the exchange commanded the end meanwhile. `other` ends the wait early, too."""
        waits = [asyncio.create_task(one.wait()) for one in (call.hang_up, other) if one is not None]
        try:
            await asyncio.wait(waits, timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
        return call.hang_up.is_set()

    async def _event(self, call: _Call, kind: EventKind, at: int) -> None:
        try:
            await self._handler.events(self._node, (Event(self.boot, call.uuid, kind, at, call.index),))
        except TROUBLE as problem:
            log.warning("event: %s", problem)

    async def _reconcile(self) -> None:
        while True:
            live = tuple(LiveCall(one.uuid, one.answered_at) for one in self._calls.values())
            try:
                answer = await self._handler.reconcile(self._node, ReconcileReport(self.boot, live, len(self._records)))
                for grant in answer.grants:
                    self._apply(grant)
                for uuid in answer.unknown:
                    if uuid in self._calls:
                        self._calls[uuid].hang_up.set()
            except TROUBLE as problem:
                log.warning("reconcile: %s", problem)
            await asyncio.sleep(self._reconcile_seconds)

    async def _obey(self) -> None:
        after = 0
        while True:
            try:
                for command in await self._handler.commands(self._node, after, 25.0):
                    after = max(after, command.id)
                    if command.kind is CommandKind.HANGUP and command.uuid in self._calls:
                        self._calls[command.uuid].hang_up.set()
            except TROUBLE as problem:
                log.warning("commands: %s", problem)
                await asyncio.sleep(2.0)

    async def _deliver(self) -> None:
        while True:
            await self._record_waits.wait()
            try:
                settled = set(await self._handler.record(self._node, tuple(self._records[:200])))
                self._records = [one for one in self._records if one.uuid not in settled]
                if not self._records:
                    self._record_waits.clear()
                elif not settled:
                    await asyncio.sleep(1.0)
            except TROUBLE as problem:
                log.warning("records: %s", problem)
                await asyncio.sleep(1.0)

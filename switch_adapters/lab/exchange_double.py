"""A stand-in for the exchange, in memory: routes from a table, grants from a number of seconds, and a long memory.

It stands in for the exchange only, so that adapters can be tried alone; nothing here decides like the real one.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field

from switch_adapters.base import (
    Action,
    Answer,
    CallRecord,
    Command,
    CommandKind,
    DecideRequest,
    Device,
    Event,
    ExtendRequest,
    Grant,
    Provider,
    Provision,
    ReconcileAnswer,
    ReconcileReport,
    Route,
)

CALLER_ID = "442070000001"


def device(identity: str, secret: str, realm: str = "sip") -> Device:
    text = f"{identity}:{realm}:{secret}".encode()
    md5 = hashlib.md5(text, usedforsecurity=False).hexdigest()  # RFC 2617, what phones still speak
    return Device(identity, identity, realm, md5, hashlib.sha256(text).hexdigest())


@dataclass(frozen=True, slots=True)
class Line:
    """What the double says about a called number: the endpoints in order, the talk that money buys in seconds."""

    endpoints: tuple[str, ...]
    money_seconds: int = 3600
    ring_seconds: int = 20
    headers: dict[str, str] = field(default_factory=dict)
    caller_id: str = CALLER_ID


@dataclass(slots=True)
class ExchangeDouble:
    lines: dict[str, Line]
    identities: set[str]
    devices: tuple[Device, ...] = ()
    providers: tuple[Provider, ...] = ()
    emergency_numbers: tuple[str, ...] = ()
    emergency_endpoint: str = ""
    slice_seconds: int = 60
    decide_delay: float = 0.0
    version: int = 1
    decided: list[DecideRequest] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    granted: dict[str, int] = field(default_factory=dict)
    seen_events: list[Event] = field(default_factory=list)
    extends: list[ExtendRequest] = field(default_factory=list)
    reports: list[ReconcileReport] = field(default_factory=list)
    records: dict[str, CallRecord] = field(default_factory=dict)
    deliveries: list[str] = field(default_factory=list)
    queue: list[Command] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)

    async def decide(self, node: int, request: DecideRequest) -> Answer:
        self.decided.append(request)
        if self.decide_delay:
            await asyncio.sleep(self.decide_delay)
        if request.uuid not in self.answers:
            self.answers[request.uuid] = self._decide(request)
        return self.answers[request.uuid]

    def _decide(self, request: DecideRequest) -> Answer:
        if request.identity not in self.identities:
            return Answer(Action.REJECT, cause=200, sip_code=403, text="The caller is not known.")
        if not request.called.removeprefix("+").isdigit():
            return Answer(Action.REJECT, cause=336, sip_code=484, text="The number is empty or not a number.")
        line = self.lines.get(request.called)
        if line is None:
            return Answer(Action.REJECT, cause=204, sip_code=403, text="Nobody carries calls to this number.")
        if line.money_seconds <= 0:
            return Answer(Action.REJECT, cause=212, sip_code=503, text="The balance is too low.")
        routes = tuple(
            Route(index, endpoint, f"9{request.called}", line.caller_id, line.ring_seconds, line.headers)
            for index, endpoint in enumerate(line.endpoints)
        )
        granted = min(self.slice_seconds, line.money_seconds)
        self.granted[request.uuid] = granted
        return Answer(Action.ROUTE, call_id=len(self.granted), routes=routes, granted_seconds=granted, max_seconds=7200)

    async def events(self, node: int, events: tuple[Event, ...]) -> None:
        self.seen_events.extend(events)

    async def extend(self, node: int, request: ExtendRequest) -> Grant:
        self.extends.append(request)
        asked = next(one for one in self.decided if one.uuid == request.uuid)
        money = self.lines[asked.called].money_seconds
        wanted = (request.talked_seconds // self.slice_seconds + 2) * self.slice_seconds
        self.granted[request.uuid] = max(self.granted[request.uuid], min(wanted, money))
        return Grant(request.uuid, self.granted[request.uuid], last=self.granted[request.uuid] >= money)

    async def reconcile(self, node: int, report: ReconcileReport) -> ReconcileAnswer:
        self.reports.append(report)
        unknown = tuple(one.uuid for one in report.live if one.uuid not in self.granted or one.uuid in self.unknown)
        return ReconcileAnswer(unknown=unknown)

    async def record(self, node: int, records: tuple[CallRecord, ...]) -> tuple[str, ...]:
        for one in records:
            self.deliveries.append(one.uuid)
            self.records.setdefault(one.uuid, one)
        return tuple(one.uuid for one in records)

    async def provision(self, node: int) -> Provision:
        return Provision(
            str(self.version), self.devices, self.providers, self.emergency_numbers, self.emergency_endpoint
        )

    async def commands(self, node: int, after: int, wait_seconds: float) -> tuple[Command, ...]:
        for _ in range(int(wait_seconds * 20)):
            found = tuple(one for one in self.queue if one.id > after)
            if found:
                return found
            await asyncio.sleep(0.05)
        return ()

    def command(self, kind: CommandKind, uuid: str = "") -> None:
        self.queue.append(Command(len(self.queue) + 1, kind, uuid))

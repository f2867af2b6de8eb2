"""A CallHandler in front of another one that remembers what passed, so that a test can look at both sides."""

from __future__ import annotations

from dataclasses import dataclass, field

from switch_adapters.base import (
    Answer,
    CallHandler,
    CallRecord,
    Command,
    DecideRequest,
    Event,
    ExtendRequest,
    Grant,
    Provision,
    ReconcileAnswer,
    ReconcileReport,
)


@dataclass(slots=True)
class Recording:
    """The names are those of ExchangeDouble."""

    handler: CallHandler
    decided: list[DecideRequest] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    seen_events: list[Event] = field(default_factory=list)
    extends: list[ExtendRequest] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    reports: list[ReconcileReport] = field(default_factory=list)
    records: dict[str, CallRecord] = field(default_factory=dict)
    deliveries: list[str] = field(default_factory=list)

    async def decide(self, node: int, request: DecideRequest) -> Answer:
        self.decided.append(request)
        self.answers[request.uuid] = answer = await self.handler.decide(node, request)
        return answer

    async def events(self, node: int, events: tuple[Event, ...]) -> None:
        self.seen_events.extend(events)
        await self.handler.events(node, events)

    async def extend(self, node: int, request: ExtendRequest) -> Grant:
        self.extends.append(request)
        grant = await self.handler.extend(node, request)
        self.grants.append(grant)
        return grant

    async def reconcile(self, node: int, report: ReconcileReport) -> ReconcileAnswer:
        self.reports.append(report)
        return await self.handler.reconcile(node, report)

    async def record(self, node: int, records: tuple[CallRecord, ...]) -> tuple[str, ...]:
        settled = await self.handler.record(node, records)
        for one in records:
            if one.uuid in settled:
                self.deliveries.append(one.uuid)
                self.records.setdefault(one.uuid, one)
        return settled

    async def provision(self, node: int) -> Provision:
        return await self.handler.provision(node)

    async def commands(self, node: int, after: int, wait_seconds: float) -> tuple[Command, ...]:
        return await self.handler.commands(node, after, wait_seconds)

"""The exchange over HTTP: a CallHandler for the agent and the simulator, with a list of exchanges to fall back on."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from switch_adapters.base import (
    Answer,
    CallRecord,
    Command,
    DecideRequest,
    Event,
    ExtendRequest,
    Grant,
    Provision,
    ReconcileAnswer,
    ReconcileReport,
    WireError,
    from_wire,
    to_wire,
)

REST_AFTER_FAILURE = 5.0


class ExchangeUnavailable(RuntimeError):
    """No exchange gave a usable answer in time."""


class ExchangeRefused(RuntimeError):
    """An exchange answered that it does not want this: a wrong secret (401) or a message that does not fit (422)."""


@dataclass(slots=True)
class _Peer:
    client: httpx.AsyncClient
    resting_until: float = 0.0


@dataclass(slots=True)
class ExchangeClient:
    """Speaks for one node. `secret` is the text after "Bearer ": "<node id>.<secret>"; `node` arguments are ignored.

    Every call is safe to repeat, so each exchange is tried in turn; one that failed rests for some seconds.
    """

    urls: list[str]
    secret: str = field(repr=False)
    decide_seconds: float = 1.4
    other_seconds: float = 10.0
    _peers: list[_Peer] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if not self.urls:
            raise ValueError("at least one exchange is needed")
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=60)
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        for url in self.urls:
            client = httpx.AsyncClient(base_url=url, limits=limits, headers=headers, trust_env=False)
            self._peers.append(_Peer(client))

    async def close(self) -> None:
        for peer in self._peers:
            await peer.client.aclose()

    async def decide(self, node: int, request: DecideRequest) -> Answer:
        return from_wire(Answer, await self._post("/node/decide", to_wire(request), self.decide_seconds))

    async def events(self, node: int, events: tuple[Event, ...]) -> None:
        await self._post("/node/events", {"events": [to_wire(one) for one in events]}, self.other_seconds)

    async def extend(self, node: int, request: ExtendRequest) -> Grant:
        return from_wire(Grant, await self._post("/node/extend", to_wire(request), 3.0))

    async def reconcile(self, node: int, report: ReconcileReport) -> ReconcileAnswer:
        return from_wire(ReconcileAnswer, await self._post("/node/reconcile", to_wire(report), self.other_seconds))

    async def record(self, node: int, records: tuple[CallRecord, ...]) -> tuple[str, ...]:
        body = {"records": [to_wire(one) for one in records]}
        settled = (await self._post("/node/records", body, 30.0)).get("settled", [])
        return tuple(one for one in settled if isinstance(one, str))

    async def provision(self, node: int) -> Provision:
        return from_wire(Provision, await self._ask("GET", "/node/provision", None, 30.0))

    async def commands(self, node: int, after: int, wait_seconds: float) -> tuple[Command, ...]:
        body = {"after": after, "wait_seconds": wait_seconds}
        found = (await self._post("/node/commands", body, wait_seconds + 10)).get("commands", [])
        return tuple(from_wire(Command, one) for one in found)

    async def _post(self, path: str, body: dict[str, Any], seconds: float) -> dict[str, Any]:
        return await self._ask("POST", path, body, seconds)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None, seconds: float) -> dict[str, Any]:
        content = None if body is None else json.dumps(body, separators=(",", ":"))
        until = time.monotonic() + seconds
        now = time.monotonic()
        peers = sorted(self._peers, key=lambda one: one.resting_until > now)  # stable: the first that is well
        last = "no exchange is configured"
        # Twice round: a connection kept from before an exchange's restart fails at once and a fresh one works.
        for position, peer in enumerate([*peers, *peers]):
            left = until - time.monotonic()
            if left <= 0.05:
                break
            share = left if position >= len(peers) - 1 else left / 2
            try:
                async with asyncio.timeout(share):
                    answer = await peer.client.request(
                        method, path, content=content, timeout=httpx.Timeout(share, connect=min(share, 0.5))
                    )
                found = _object(answer)
            except (TimeoutError, httpx.HTTPError, ExchangeUnavailable) as problem:
                last = f"{type(problem).__name__}: {problem}"
                peer.resting_until = time.monotonic() + REST_AFTER_FAILURE
                continue
            peer.resting_until = 0.0
            return found
        raise ExchangeUnavailable(last)


def _object(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of a 2xx. Raises ExchangeRefused for a 4xx, ExchangeUnavailable for anything else."""
    if 400 <= answer.status_code < 500:
        raise ExchangeRefused(f"{answer.status_code}: {answer.text[:200]}")
    if not answer.is_success:
        raise ExchangeUnavailable(f"HTTP {answer.status_code}")
    if not answer.content:
        return {}
    try:
        found = answer.json()
    except ValueError:
        raise ExchangeUnavailable("the answer is not JSON") from None
    if not isinstance(found, dict):
        raise ExchangeUnavailable("the answer is not a JSON object")
    return found


TROUBLE = (ExchangeUnavailable, ExchangeRefused, WireError)

"""Faults at will, set over HTTP, and the delivery of events with theirs."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from payments.standin.world import Object

RETRIES = (0.2, 1.0, 3.0)


@dataclass
class Faults:
    """`down` answers 503 to everything; `slow` waits so many seconds before an answer; `lose` does the work of the
    next n changes and then drops their answers; `fail` answers the next n with 500 and does nothing."""

    down: bool = False
    slow: float = 0
    lose: int = 0
    fail: int = 0


@dataclass
class Delivery:
    """Sends events to one endpoint, signed as Stripe signs. `hold` keeps them until `flush`."""

    url: str
    secret: str
    host: str = ""
    hold: bool = False
    times: int = 1
    held: list[Object] = field(default_factory=list)
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    def tell(self, event: Object) -> None:
        if self.hold or not self.url:
            self.held.append(event)
        else:
            self._later(event)

    def _later(self, event: Object) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(event))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _deliver(self, event: Object) -> None:
        for pause in (*RETRIES, None):
            if await self.send(event) == 200:
                for _ in range(self.times - 1):
                    await self.send(event)
                return
            if pause is None:
                return
            await asyncio.sleep(pause)

    async def send(self, event: Object, at: int | None = None, secret: str = "") -> int:
        """One delivery; the status it got, 0 for none."""
        body = json.dumps(event)
        headers = {"Stripe-Signature": sign(body, secret or self.secret, at), "Content-Type": "application/json"}
        if self.host:
            headers["Host"] = self.host
        try:
            async with httpx.AsyncClient(timeout=10) as client:
                return (await client.post(self.url, content=body, headers=headers)).status_code
        except httpx.TransportError:
            return 0

    async def flush(self, how: dict[str, Any]) -> list[int]:
        """Deliver what was held: `reversed`, `times` each, `at` an older time, with a `secret` of a forger's."""
        events = list(reversed(self.held)) if how.get("reversed") else list(self.held)
        if not how.get("keep"):
            self.held.clear()
        jobs = [
            self.send(one, how.get("at"), str(how.get("secret", "")))
            for one in events for _ in range(int(how.get("times", 1)))
        ]  # fmt: skip
        if how.get("together"):
            return list(await asyncio.gather(*jobs))
        return [await one for one in jobs]


def sign(body: str, secret: str, at: int | None = None) -> str:
    """The Stripe-Signature header: HMAC-SHA-256 over "<time>.<body>" (Stripe's scheme v1)."""
    moment = int(time.time()) if at is None else at
    mac = hmac.new(secret.encode(), f"{moment}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={moment},v1={mac}"

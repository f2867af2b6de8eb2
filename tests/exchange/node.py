"""A media node that speaks its side of the contract by hand, one message at a time."""

from __future__ import annotations

import time
from typing import Any

import httpx

SECOND = 1_000_000
CALLED = "37060012345"


def now() -> int:
    return time.time_ns() // 1000


class Node:
    """One boot of a node. Lengths are told, not waited for: a record may say that somebody talked for an hour."""

    def __init__(self, url: str, token: str, boot: str = "b1") -> None:
        headers = {"authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=20, trust_env=False)
        self.boot = boot

    def say(self, path: str, **body: Any) -> dict:
        answer = self.http.post(f"/node/{path}", json=body)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()

    def decide(self, uuid: str, identity: str, called: str = CALLED, caller: str = "") -> dict:
        return self.say("decide", boot=self.boot, uuid=uuid, identity=identity, called=called, caller=caller)

    def event(self, uuid: str, kind: str, at: int | None = None, route: int = 0) -> dict:
        return {"boot": self.boot, "uuid": uuid, "kind": kind, "at": at or now(), "route_index": route}

    def tell(self, *events: dict) -> dict:
        return self.say("events", events=list(events))

    def extend(self, uuid: str, talked: int) -> dict:
        return self.say("extend", boot=self.boot, uuid=uuid, talked_seconds=talked)

    def reconcile(self, *live: dict, waiting: int = 0) -> dict:
        return self.say("reconcile", boot=self.boot, live=list(live), waiting_records=waiting)

    def record(self, uuid: str, seconds: float | None, route: int = 0, **changes: Any) -> dict:
        """A call's record; `seconds` None: nobody answered."""
        started = changes.pop("started_at", now())
        answered = started + 2 * SECOND
        ended = answered + round((seconds or 0) * SECOND)
        attempt: dict[str, Any] = {
            "route_index": route,
            "started_at": started,
            "ended_at": ended,
            "cause": 16,
            "sip_code": 200,
        }
        attempt |= {"answered_at": answered} if seconds is not None else {"cause": 19, "sip_code": 0}
        body = {
            "boot": self.boot,
            "uuid": uuid,
            "started_at": started,
            "ended_at": ended,
            "attempts": [attempt],
            "ended_by": "caller",
        }
        return body | changes

    def deliver(self, *records: dict) -> list[str]:
        return self.say("records", records=list(records))["settled"]

    def end(self, uuid: str, seconds: float | None, route: int = 0, **changes: Any) -> list[str]:
        return self.deliver(self.record(uuid, seconds, route, **changes))

    def provision(self) -> dict:
        answer = self.http.get("/node/provision")
        assert answer.status_code == 200
        return answer.json()

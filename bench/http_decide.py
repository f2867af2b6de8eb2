"""How long a decision with its hold takes through the exchange's HTTP face, open loop, as a media node would ask.

`python bench/http_decide.py URL TOKEN IDENTITY NUMBER [NUMBER ...]` asks a running exchange; its last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import time
import uuid
from collections import Counter
from statistics import quantiles
from typing import Any

import httpx

WARM_SECONDS = 2.0
END_AFTER = 1.0


def measure(
    url: str, token: str, identities: list[str], numbers: list[str], rate: float = 100, seconds: float = 20
) -> dict[str, Any]:
    """Decide `rate` calls a second for `seconds` after a warm-up; every call that was routed is ended a second later.

    Answers `decisions`, `routed`, `http_decide_p50_ms`, `http_decide_p99_ms`, `http_decide_max_ms` and `unsettled`,
    calls whose record was not taken. A decision's time runs from when it was due, so a stall counts for all it delays.
    """
    return asyncio.run(_measure(url, token, identities, numbers, rate, seconds))


async def _measure(
    url: str, token: str, identities: list[str], numbers: list[str], rate: float, seconds: float
) -> dict[str, Any]:
    took: list[float] = []
    counts: Counter[str] = Counter()
    boot = f"bench-{time.time_ns()}"
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=10, trust_env=False) as client:

        async def ask(path: str, body: dict[str, Any]) -> dict[str, Any]:
            answer = await client.post(f"/node/{path}", content=json.dumps(body))
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
            return found

        async def call(identity: str, number: str, due: float, counted: bool) -> None:
            name = str(uuid.uuid4())
            started = time.time_ns() // 1000
            body = {"boot": boot, "uuid": name, "identity": identity, "called": number}
            answer = await ask("decide", body)
            if counted:
                took.append((time.perf_counter() - due) * 1000)
                counts[answer["action"]] += 1
            if answer["action"] != "route":
                return
            await asyncio.sleep(END_AFTER)
            ended = time.time_ns() // 1000
            attempt = {
                "route_index": 0, "started_at": started, "answered_at": started + 1, "ended_at": ended, "cause": 16,
                "sip_code": 200,
            }  # fmt: skip
            record = {"boot": boot, "uuid": name, "started_at": started, "ended_at": ended, "attempts": [attempt]}
            settled = (await ask("records", {"records": [record]}))["settled"]
            counts["unsettled"] += name not in settled

        who, where = itertools.cycle(identities), itertools.cycle(numbers)
        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for nth in range(round(rate * (WARM_SECONDS + seconds))):
                due = begun + nth / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(call(next(who), next(where), due, due - begun >= WARM_SECONDS))
    cuts = quantiles(took, n=100)
    return {
        "decisions": len(took),
        "routed": counts["route"],
        "unsettled": counts["unsettled"],
        "http_decide_p50_ms": round(cuts[49], 2),
        "http_decide_p99_ms": round(cuts[98], 2),
        "http_decide_max_ms": round(max(took), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("url", "token", "identity"):
        parser.add_argument(name)
    parser.add_argument("numbers", nargs="+")
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    found = measure(given.url, given.token, [given.identity], given.numbers, given.rate, given.seconds)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()

"""How many calls a second live their whole life, and how long a decision with its hold takes: `make bench-calls`.

Everything is real: books over a world-wide deck, the pure decision, the till, PostgreSQL with fsync on. The last line
is JSON. `--seconds 5` tries it out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "platform")]

import psycopg
import uvloop

from bench.exchange import exchange
from bench.http_decide import measure
from bench.load import Figures, all_ended, closed_loop, open_loop
from bench.world import World, fresh_server, make_world
from calls import invariants as calls_invariants
from exchange.collector import keep_quiet
from exchange.till import Till
from ledger import invariants as ledger_invariants


async def many(place: str, world: World, rate: float, seconds: float, seed: int) -> Figures:
    """Open loop through one till: a warm-up, then the figures of `seconds`."""
    warm, figures = Figures(), Figures()
    async with Till(f"{place} user=tandem_engine") as till:
        await open_loop(till, world, rate, min(10.0, seconds), warm, seed)
        begun = time.monotonic()
        before = warm.settled
        await open_loop(till, world, rate, seconds, figures, seed + 1)
        figures.outcomes["settled in time"] = figures.settled + warm.settled - before
        figures.outcomes["milliseconds"] = round((time.monotonic() - begun) * 1000)
        await all_ended()
    figures.charged += warm.charged
    return figures


async def windows(
    place: str, world: World, rate: float, seconds: float, seed: int
) -> tuple[list[float], list[float], Decimal]:
    """p50 and p99, in ms, of a decision with its hold in each of six windows."""
    p50s, p99s, charged = [], [], Decimal(0)
    async with Till(f"{place} user=tandem_engine") as till:
        warm = Figures()
        await open_loop(till, world, rate, min(5.0, seconds), warm, seed)
        every = [warm]
        for nth in range(6):
            figures = Figures()
            every.append(figures)
            await open_loop(till, world, rate, seconds, figures, seed + 1 + nth)
            cuts = quantiles(figures.latencies, n=100)
            p50s.append(cuts[49] * 1000)
            p99s.append(cuts[98] * 1000)
        await all_ended()
        charged = sum((one.charged for one in every), charged)
    return p50s, p99s, charged


async def one_by_one(place: str, world: World, seconds: float, seed: int) -> Figures:
    """The same work with one transaction per call and step: four connections, as fast as they go."""
    figures = Figures()
    alone = {"decide_batch": 1, "decide_every": 0.0, "settle_batch": 1, "settle_every": 0.0}
    tills = [Till(f"{place} user=tandem_engine", **alone) for _ in range(2)]
    for till in tills:
        await till.open()
    await asyncio.gather(*(closed_loop(till, world, 8, seconds, figures, seed + nth) for nth, till in enumerate(tills)))
    for till in tills:
        await till.close()
    return figures


_shares: list[tuple[str, World, float, float, int]] = []


def _exchange(nth: int) -> Figures:
    """In a process of its own, which has inherited the books (they are mapped, so they can't be sent)."""
    return uvloop.run(many(*_shares[nth]))


def through_http(seconds: float) -> float:
    """p99 in ms of a decision through a whole exchange's HTTP face at 100 calls/s."""
    with exchange() as face:
        found = measure(face.url, face.token, face.identities, face.numbers, 100, seconds)
    say("through the HTTP face, 100 calls/s", **found)
    return float(found["http_decide_p99_ms"])


def postgres_seconds(postmaster: int) -> float:
    """CPU seconds used by the server's processes so far, ended ones included."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().rpartition(")")
        except OSError:
            continue
        fields = rest.split()
        if int(name.split()[0]) == postmaster:
            total += sum(int(one) for one in fields[11:15])
        elif int(fields[1]) == postmaster:
            total += sum(int(one) for one in fields[11:13])
    return total / os.sysconf("SC_CLK_TCK")


def verify(place: str, charged: Decimal) -> tuple[bool, list[str]]:
    """Is what was posted for calls what the bench's own sum says, and do all invariants hold?"""
    with psycopg.connect(f"{place} user=tandem_owner", autocommit=True) as owner:
        owner.execute("analyze")  # all rows are newer than the planner's knowledge
    with psycopg.connect(f"{place} user=tandem_engine") as db:
        cursor = db.cursor()
        row = cursor.execute("select coalesce(sum(amount), 0) from ledger_transfer where kind = 'call'").fetchone()
        assert row
        return row[0] == charged, ledger_invariants.violations(cursor) + calls_invariants.violations(cursor)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="length of the main run; the others are parts of it"
    )
    parser.add_argument("--rate", type=float, default=2000.0, help="calls a second in the main run")
    parser.add_argument("--exchanges", type=int, default=1, help="processes that share the main run")
    parser.add_argument("--customers", type=int, default=20_000)
    options = parser.parse_args()
    with fresh_server() as (server, place):
        begun = time.monotonic()
        world = make_world(place, options.customers)
        say(
            "world",
            seconds=round(time.monotonic() - begun, 1),
            prefixes=len(world.prefixes),
            devices=len(world.devices),
        )
        charged = Decimal(0)
        keep_quiet()

        figures = uvloop.run(one_by_one(place, world, options.seconds / 4, 1))
        one_tx = figures.settled / (options.seconds / 4)
        charged += figures.charged
        say("one transaction per call", calls_per_s=round(one_tx), **figures.outcomes)

        _shares.extend(
            (place, world, options.rate / options.exchanges, options.seconds, 100 * nth)
            for nth in range(1, options.exchanges + 1)
        )
        used, database = os.times(), postgres_seconds(server.pid())
        with get_context("fork").Pool(options.exchanges) as pool:
            parts = pool.map(_exchange, range(options.exchanges), chunksize=1)
        spent = os.times()
        calls_per_s = sum(one.outcomes["settled in time"] / one.outcomes["milliseconds"] * 1000 for one in parts)
        charged += sum((one.charged for one in parts), Decimal(0))
        cuts = quantiles([one for part in parts for one in part.latencies], n=100)
        say(
            "whole life, open loop", calls_per_s=round(calls_per_s), decide_p50_ms=round(cuts[49] * 1000, 1),
            decide_p99_ms=round(cuts[98] * 1000, 1),
            python_cores=round((spent.children_user + spent.children_system - used.children_user - used.children_system)
                               / (spent.elapsed - used.elapsed), 2),
            postgres_cores=round((postgres_seconds(server.pid()) - database) / (spent.elapsed - used.elapsed), 2),
            load=round(os.getloadavg()[0], 1),
            **sum((one.outcomes for one in parts), Figures().outcomes),
        )  # fmt: skip

        p50s, p99s, more = uvloop.run(windows(place, world, 1000, options.seconds / 6, 5000))
        charged += more
        say(
            "1,000 calls/s",
            p50_ms=[round(one, 2) for one in p50s],
            p99_ms=[round(one, 2) for one in p99s],
            load=round(os.getloadavg()[0], 1),
        )

        matches, violations = verify(place, charged)
        for sentence in violations[:20]:
            say("violation", sentence=sentence)
    http = through_http(options.seconds / 3)
    print(
        json.dumps(
            {
                "calls_per_s": round(calls_per_s),
                "calls_per_s_one_tx": round(one_tx),
                "decide_hold_p50_ms": round(median(p50s), 2),
                "decide_hold_p99_ms": round(median(p99s), 2),
                "http_decide_p99_ms": http,
                "sum_of_transfers_matches": matches,
                "violations": len(violations),
            }
        )
    )


def say(what: str, **figures: Any) -> None:
    print(f"{what}: " + ", ".join(f"{name} {value}" for name, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()

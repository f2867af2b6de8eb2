"""kill -9 of PostgreSQL under load, three times: nothing acknowledged is lost, nothing happens twice."""

import asyncio
import os
import signal
import subprocess
import time
from decimal import Decimal
from pathlib import Path

import pytest

from exchange.till import Extension, TillUnavailable
from tests.till.bank import Bank, admission, finished, later


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_happens_twice():
    from bench.world import fresh_server

    with fresh_server() as (server, place):
        bank = Bank(place)
        accounts = [bank.account(ref=str(nth), money=1000) for nth in range(8)]
        revenue = bank.account("revenue", floor=None)
        held: set[int] = set()
        settled: set[int] = set()
        stop = False

        def kill() -> None:
            pid = server.pid()
            children = subprocess.run(
                ["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False
            ).stdout.split()
            for one in (pid, *map(int, children)):
                os.kill(one, signal.SIGKILL)
            # Where nobody buries it, the dead postmaster still has its number, and pg_ctl would take it for alive.
            while not _dead(pid):
                time.sleep(0.01)
            (server.data / "postmaster.pid").unlink()

        async def client(till, nth: int) -> None:
            while not stop:
                try:
                    call_id = till.mint()
                except TillUnavailable:
                    await asyncio.sleep(0.05)
                    continue
                payer = accounts[nth % 8]
                wish = admission(call_id, str(call_id), {payer: 1, accounts[(nth + 3) % 8]: 1})
                while True:
                    try:
                        answer = await till.decide(wish)
                        break
                    except TillUnavailable:
                        await asyncio.sleep(0.05)
                assert (answer.status, answer.call_id) in {("held", call_id), ("repeated", call_id)}
                held.add(call_id)
                extended = await till.extend(Extension(call_id, 120, later(), {payer: Decimal(2)}))
                assert extended.granted_seconds == 120
                status = await till.settle(finished(call_id, payer, revenue, "0.01"))
                assert status in {"settled", "repeated"}
                settled.add(call_id)

        async def go() -> None:
            nonlocal stop
            async with bank.till() as one, bank.till() as other:
                clients = [asyncio.create_task(client((one, other)[nth % 2], nth)) for nth in range(24)]
                for _ in range(3):
                    await asyncio.sleep(1.5)
                    before = len(settled)
                    kill()
                    while not await asyncio.to_thread(_started, server):
                        await asyncio.sleep(0.1)
                    while len(settled) < before + 50:
                        await asyncio.sleep(0.1)
                stop = True
                await asyncio.gather(*clients)

        asyncio.run(asyncio.wait_for(go(), 120))
        bank = Bank(place)
        assert len(held) > 300
        known = {one for (one,) in bank.owner.execute("select id from calls_call").fetchall()}
        assert settled <= known and held <= known
        assert bank.balance(revenue)[0] == Decimal("0.01") * len(known)
        assert bank.ask("select count(*) from ledger_hold") == 0
        assert bank.violations() == []
        bank.owner.close()


def _dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def _started(server) -> bool:
    try:
        server.start()
    except Exception:  # it is still dying
        return False
    return True

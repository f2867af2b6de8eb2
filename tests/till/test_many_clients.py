"""Many clients and several exchanges on the same few accounts: nobody overspends, nothing deadlocks or drifts."""

import asyncio
import os
import random
import signal
import time
from decimal import Decimal

import pytest

from exchange import lane
from exchange.till import Extension, TillFull, TillUnavailable
from tests.till.bank import admission, finished, later


def test_thirty_two_clients_can_not_overspend(bank):
    payer, reseller = bank.account(ref="payer", money=50), bank.account(ref="reseller", floor=-30, money=0)

    async def go() -> None:
        tills = [bank.till(decide_batch=1 + nth % 3) for nth in range(4)]
        for till in tills:
            await till.open()

        async def client(nth: int) -> int:
            held, till = 0, tills[nth % 4]
            for _ in range(10):
                call_id = till.mint()
                held += (
                    await till.decide(admission(call_id, str(call_id), {payer: "0.7", reseller: "0.4"}))
                ).status == "held"
            return held

        held = sum(await asyncio.gather(*(client(nth) for nth in range(32))))
        for till in tills:
            await till.close()
        assert held == 71  # 50 / 0.7; the reseller's 30 / 0.4 would have borne 75
        assert bank.balance(payer) == (50, Decimal("49.7")) and bank.balance(reseller) == (0, Decimal("28.4"))

    asyncio.run(go())


def test_a_limit_of_five_calls_lets_five_of_fifty_through(bank):
    limit = bank.account("limit", "customer/1", 0, 5, currency="CALL")
    revenue = bank.account("revenue", floor=None)

    async def go() -> None:
        async with bank.till() as one, bank.till() as other:
            wishes = [
                (till, admission(till.mint(), str(nth), {limit: 1})) for nth in range(25) for till in (one, other)
            ]
            wishes = [(till, admission(w.call_id, f"{at}", {limit: 1})) for at, (till, w) in enumerate(wishes)]
            answers = await asyncio.gather(*(till.decide(wish) for till, wish in wishes))
            held = [answer.call_id for answer in answers if answer.status == "held"]
            assert len(held) == 5
            assert await one.settle(finished(held[0], 0, revenue, 0)) == "settled"
            assert (await other.decide(admission(other.mint(), "next", {limit: 1}))).status == "held"

    asyncio.run(go())


def test_two_tills_at_once_neither_deadlock_nor_drift(bank):
    chance = random.Random(8)
    accounts = [bank.account(ref=str(nth), money=10_000) for nth in range(6)]
    revenue = bank.account("revenue", floor=None)
    before = bank.ask("select deadlocks from pg_stat_database where datname = current_database()")

    async def go() -> None:
        tills = [bank.till(settle_every=0.0, settle_batch=8, decide_batch=8) for _ in range(2)]
        for till in tills:
            await till.open()

        async def client(till) -> None:
            for _ in range(25):
                holds = {one: Decimal(1) for one in chance.sample(accounts, 4)}
                call_id, payer = till.mint(), next(iter(holds))
                assert (await till.decide(admission(call_id, str(call_id), holds))).status == "held"
                # Any exchange may extend or settle it, and several may try.
                await asyncio.gather(
                    *(
                        chance.choice(tills).extend(Extension(call_id, 120, later(), dict.fromkeys(holds, Decimal(2))))
                        for _ in range(2)
                    ),
                    *(one.seen(call_id, "answered") for one in tills),
                )
                record = finished(call_id, payer, revenue, "0.3")
                assert sorted(await asyncio.gather(*(one.settle(record) for one in tills))) == ["repeated", "settled"]

        await asyncio.gather(*(client(tills[nth % 2]) for nth in range(24)))
        for till in tills:
            await till.close()

    asyncio.run(go())
    assert bank.balance(revenue)[0] == Decimal("0.3") * 24 * 25
    assert [bank.balance(one)[1] for one in accounts] == [0] * 6
    assert bank.ask("select deadlocks from pg_stat_database where datname = current_database()") == before


def test_a_full_till_refuses_and_a_busy_database_is_not_waited_for(bank):
    payer = bank.account(money=100)

    async def go() -> None:
        async with bank.till(decide_limit=5) as till:
            with bank.owner.transaction():
                bank.owner.execute("select 1 from ledger_account where id = %s for update", [payer])
                begun = time.monotonic()
                wishes = [till.decide(admission(till.mint(), f"u{nth}", {payer: 1}), patience=0.5) for nth in range(10)]
                results = await asyncio.gather(*wishes, return_exceptions=True)
                assert time.monotonic() - begun < 1
            assert all(isinstance(one, TillUnavailable) for one in results)
            assert [isinstance(one, TillFull) for one in results] == [False] * 5 + [True] * 5
            # Those the database was busy with are held after all; asked again under its name, one says so.
            await asyncio.sleep(0.2)
            again = await till.decide(admission(till.mint(), "u0", {payer: 1}))
            assert again.status == "repeated" and bank.balance(payer)[1] == 5
        with pytest.raises(TillUnavailable):
            await till.decide(admission(1, "late", {payer: 1}))

    asyncio.run(go())


def test_a_frozen_connection_is_cut_and_its_work_done_on_another(bank, monkeypatch):
    monkeypatch.setattr(lane, "HANGS_AFTER", 0.5)
    payer, revenue = bank.account(money=100), bank.account("revenue", floor=None)

    async def go() -> None:
        async with bank.till() as till:
            call_id = till.mint()
            await till.decide(admission(call_id, "u", {payer: 1}))
            frozen = [
                pid
                for (pid,) in bank.owner.execute(
                    "select pid from pg_stat_activity"
                    " where application_name = 'tandem till' and datname = current_database()"
                ).fetchall()
            ]
            assert len(frozen) == 2
            for pid in frozen:
                os.kill(pid, signal.SIGSTOP)
            try:
                with pytest.raises(TillUnavailable):
                    await till.decide(admission(till.mint(), "v", {payer: 1}), patience=0.3)
                assert await asyncio.wait_for(till.settle(finished(call_id, payer, revenue, "0.5")), 5) == "settled"
            finally:
                for pid in frozen:
                    os.kill(pid, signal.SIGCONT)
            assert (await till.decide(admission(till.mint(), "w", {payer: 1}))).status == "held"
        assert bank.balance(payer)[0] == Decimal("99.5")

    asyncio.run(go())

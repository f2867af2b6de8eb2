"""A call is settled once; another record is reported or corrected; one bad call fails alone."""

import asyncio
import random
from dataclasses import replace
from decimal import Decimal

import pytest

from exchange.till import TillRefused, transfer
from tests.till.bank import admission, finished, later


def test_records_shuffled_and_delivered_again_and_again_give_the_same_balances(bank):
    chance = random.Random(3)
    payers, revenue = [bank.account(ref=str(nth), money=50) for nth in range(4)], bank.account("revenue", floor=None)

    async def go() -> None:
        async with bank.till() as one, bank.till() as other:
            records = []
            for _ in range(60):
                call_id, payer = one.mint(), chance.choice(payers)
                await one.decide(admission(call_id, str(call_id), {payer: 1}))
                records.append(
                    finished(call_id, payer, revenue, Decimal(chance.randrange(0, 99)) / 100, chance.getrandbits(60))
                )
            storm = records * 4
            chance.shuffle(storm)
            statuses = await asyncio.gather(*(chance.choice((one, other)).settle(record) for record in storm))
            assert statuses.count("settled") == 60 and statuses.count("repeated") == 180
            assert bank.balance(revenue)[0] == sum(one.transfers[0]["amount"] for one in records if one.transfers)

    asyncio.run(go())


def test_another_record_of_a_settled_call_is_reported_and_posts_nothing(bank):
    payer, revenue = bank.account(money=5), bank.account("revenue", floor=None)

    async def go() -> None:
        async with bank.till() as till:
            call_id = till.mint()
            await till.decide(admission(call_id, "u", {payer: 1}))
            assert await till.settle(finished(call_id, payer, revenue, "0.4", 1)) == "settled"
            assert await till.settle(finished(call_id, payer, revenue, "0.5", 2)) == "differs"
            assert bank.balance(payer) == (Decimal("4.6"), 0)

    asyncio.run(go())


@pytest.mark.parametrize("real", ["0.9", "0.1", "0"])
def test_the_record_behind_an_estimate_posts_the_difference_once(bank, real):
    payer, revenue = bank.account(money=5), bank.account("revenue", floor=None)

    async def go() -> None:
        async with bank.till() as till:
            call_id = till.mint()
            one = admission(call_id, "u", {payer: 1})
            await till.decide(one)
            assert (await till.find(one.name)).state == "live"
            assert await till.settle(finished(call_id, payer, revenue, "0.4", 1, estimated=True)) == "settled"
            found = await till.find(one.name)
            assert (found.state, found.chain, found.fingerprints) == ("estimated", {"v": 1}, (1,))
            record = finished(call_id, payer, revenue, real, 2, correct=True)
            assert sorted([await till.settle(record) for _ in range(3)]) == ["corrected", "repeated", "repeated"]
            assert bank.balance(payer)[0] == 5 - Decimal(real)
            assert bank.balance(revenue)[0] == Decimal(real)
            assert bank.ask("select sum(sell) from calls_call where id = %s", call_id) == Decimal(real)
            assert bank.ask("select count(*) from calls_call where id = %s and revision = 0", call_id) == 1

    asyncio.run(go())


def test_an_old_call_is_found_after_its_name_was_forgotten(bank):
    payer, revenue = bank.account(money=5), bank.account("revenue", floor=None)

    async def go() -> None:
        async with bank.till() as till:
            call_id = till.mint()
            one = admission(call_id, "old", {payer: 1})
            await till.decide(one)
            await till.settle(finished(call_id, payer, revenue, "0.4", 7, uuid="old"))
            assert bank.ask("select calls_forget_keys(%s, 1000)", call_id + 1) == 1
            assert (await till.find(one.name)).state == "unknown"
            found = await till.find(one.name, later(0))
            assert (found.state, found.call_id, found.fingerprints) == ("settled", call_id, (7,))

    asyncio.run(go())


def test_a_late_record_may_go_below_the_floor_and_then_nothing_more_is_held(bank):
    payer, revenue = bank.account(money=1), bank.account("revenue", floor=None)

    async def go() -> None:
        async with bank.till() as till:
            call_id = till.mint()
            await till.decide(admission(call_id, "u", {payer: 1}))
            assert await till.settle(finished(call_id, payer, revenue, "1.25")) == "settled"
            assert bank.balance(payer) == (Decimal("-0.25"), 0)
            assert (await till.decide(admission(till.mint(), "v", {payer: "0.01"}))).status == "short"
            bank.post([(bank.account("cash", floor=None), payer, 1)])
            assert (await till.decide(admission(till.mint(), "v", {payer: "0.75"}))).status == "held"
            assert (await till.decide(admission(till.mint(), "w", {payer: "0.01"}))).status == "short"

    asyncio.run(go())


def test_one_poisoned_call_fails_alone_and_with_a_sentence(bank):
    payer, revenue = bank.account(money=50), bank.account("revenue", floor=None)
    dollars = bank.account("revenue", floor=None, currency="USD")

    async def go() -> None:
        async with bank.till(settle_every=0.05) as till:
            ids = [till.mint() for _ in range(25)]
            held = await asyncio.gather(*(till.decide(admission(one, str(one), {payer: 1})) for one in ids))
            assert {one.status for one in held} == {"held"}
            records = [finished(one, payer, revenue, "0.5") for one in ids]
            records[13] = replace(records[13], transfers=[transfer(ids[13], 0, payer, dollars, Decimal("0.5"))])
            results = await asyncio.gather(*(till.settle(one) for one in records), return_exceptions=True)
            assert [nth for nth, one in enumerate(results) if one != "settled"] == [13]
            assert isinstance(results[13], TillRefused) and "different currencies" in str(results[13])
            assert bank.balance(payer) == (50 - Decimal("0.5") * 24, 1)
            # Its money stays held until somebody settles it right.
            assert await till.settle(finished(ids[13], payer, revenue, "0.5")) == "settled"

    asyncio.run(go())


def test_an_unknown_account_refuses_that_call_only(bank):
    payer = bank.account(money=50)

    async def go() -> None:
        async with bank.till() as till:
            wishes = [admission(till.mint(), f"u{nth}", {payer if nth != 3 else 10**15: 1}) for nth in range(8)]
            results = await asyncio.gather(*(till.decide(one) for one in wishes), return_exceptions=True)
            assert [nth for nth, one in enumerate(results) if isinstance(one, TillRefused)] == [3]
            assert bank.balance(payer) == (50, 7)

    asyncio.run(go())


def test_a_refused_call_is_recorded_once_under_its_name(bank):
    revenue = bank.account("revenue", floor=None)

    async def go() -> None:
        async with bank.till() as till:
            one = admission(till.mint(), "no", {})
            record = finished(one.call_id, 0, revenue, 0, name=one.name)
            assert [await till.settle(record) for _ in range(2)] == ["settled", "repeated"]
            other = finished(till.mint(), 0, revenue, 0, name=one.name)
            assert await till.settle(other) == "named"
            assert (await till.decide(admission(till.mint(), "no", {}))).status == "finished"

    asyncio.run(go())

"""A batch of decisions takes exactly what the same calls would have taken one after another."""

import asyncio
import random
from decimal import Decimal

from tests.till.bank import admission, finished


class Model:
    def __init__(self, free: dict[int, Decimal | None]) -> None:
        self.free = dict(free)
        self.held = dict.fromkeys(free, Decimal(0))

    def decide(self, holds: dict[int, Decimal]) -> tuple[str, int | None]:
        for account, amount in holds.items():
            free = self.free[account]
            if amount > 0 and free is not None and amount > free - self.held[account]:
                return "short", account
        for account, amount in holds.items():
            self.held[account] += amount
        return "held", None

    def release(self, holds: dict[int, Decimal]) -> None:
        for account, amount in holds.items():
            self.held[account] -= amount


def test_decisions_equal_a_sequential_model(bank):
    chance = random.Random(20261123)
    revenue = bank.account("revenue", floor=None)
    mixed = decided = 0

    async def round_of(seed: int) -> None:
        nonlocal mixed, decided
        accounts: dict[int, Decimal | None] = {}
        for nth in range(chance.randrange(2, 40)):
            kind = chance.random()
            if kind < 0.2:
                accounts[bank.account("customer", f"{seed}/{nth}", None)] = None
            elif kind < 0.4:
                calls = chance.randrange(1, 6)
                accounts[bank.account("limit", f"{seed}/{nth}", 0, calls, currency="CALL")] = Decimal(calls)
            else:
                money, floor = Decimal(chance.randrange(1, 3000)) / 100, Decimal(-chance.randrange(0, 500)) / 100
                accounts[bank.account("customer", f"{seed}/{nth}", floor, money)] = money - floor
        limits = {
            one for (one,) in bank.owner.execute("select id from ledger_account where currency = 'CALL'").fetchall()
        }
        model, live = Model(accounts), {}
        async with bank.till(decide_batch=1000) as till:
            for _ in range(4):
                wishes = []
                for _ in range(chance.randrange(1, 60)):
                    chain = chance.sample(list(accounts), chance.randrange(1, min(5, len(accounts)) + 1))
                    holds = {
                        one: Decimal(1) if one in limits else Decimal(chance.randrange(0, 400)) / 100 for one in chain
                    }
                    call_id = till.mint()
                    wishes.append(admission(call_id, f"u{call_id}", holds))
                # Enqueued in this order before the lane runs, so they are one batch.
                answers = await asyncio.gather(*(till.decide(one) for one in wishes))
                expected = [model.decide(dict(one.holds)) for one in wishes]
                assert [(one.status, one.short_account) for one in answers] == expected
                decided += len(answers)
                mixed += len({one.status for one in answers}) > 1
                for one, answer in zip(wishes, answers, strict=True):
                    if answer.status == "held":
                        live[one.call_id] = one
                for account in accounts:
                    assert bank.balance(account)[1] == model.held[account]
                for call_id in chance.sample(list(live), len(live) // 2):
                    gone = live.pop(call_id)
                    assert await till.settle(finished(call_id, 0, revenue, 0)) == "settled"
                    model.release(dict(gone.holds))

    for seed in range(12):
        asyncio.run(round_of(seed))
    assert mixed > 10 and decided > 500


def test_a_call_names_the_first_account_that_lacks_cover(bank):
    rich, poor = bank.account(ref="rich", money=10), bank.account(ref="poor", money="0.5")

    async def go() -> None:
        async with bank.till() as till:
            answer = await till.decide(admission(till.mint(), "a", {rich: 1, poor: 1}))
            assert (answer.status, answer.short_account) == ("short", poor)
            assert answer.free == {rich: Decimal(10), poor: Decimal("0.5")}
            # A refused call leaves no name behind: with money it may come again.
            bank.post([(bank.account("cash", floor=None), poor, 1)])
            assert (await till.decide(admission(till.mint(), "a", {rich: 1, poor: 1}))).status == "held"

    asyncio.run(go())


def test_a_repeated_decide_gets_the_same_answer_and_no_second_hold(bank):
    payer, revenue = bank.account(money=10), bank.account("revenue", floor=None)

    async def go() -> None:
        async with bank.till() as one, bank.till() as other:
            first_id = one.mint()
            first = await one.decide(admission(first_id, "same", {payer: 2}))
            assert first.status == "held"
            again = await asyncio.gather(
                *(till.decide(admission(till.mint(), "same", {payer: 2})) for till in (one, other) for _ in range(20))
            )
            assert {(one.status, one.call_id, one.answer["call_id"]) for one in again} == {
                ("repeated", first_id, first_id)
            }
            assert bank.balance(payer) == (10, 2)
            assert await one.settle(finished(first_id, payer, revenue, 1)) == "settled"
            late = await other.decide(admission(other.mint(), "same", {payer: 2}))
            assert (late.status, late.call_id, late.answer) == ("finished", first_id, None)
            assert bank.balance(payer) == (9, 0)

    asyncio.run(go())


def test_the_same_call_decided_by_two_exchanges_at_once_is_held_once(bank):
    payer = bank.account(money=100)

    async def go() -> None:
        async with bank.till() as one, bank.till() as other:
            for nth in range(50):
                answers = await asyncio.gather(
                    *(till.decide(admission(till.mint(), f"twin {nth}", {payer: 1})) for till in (one, other))
                )
                assert sorted(answer.status for answer in answers) == ["held", "repeated"]
                assert answers[0].call_id == answers[1].call_id
            assert bank.balance(payer) == (100, 50)

    asyncio.run(go())

"""An extend derives from the holds it finds: whatever the order, no account drifts."""

import asyncio
import random
from decimal import Decimal

from exchange.till import Extension
from tests.till.bank import admission, finished, later


def test_extends_and_settlements_in_any_order_and_number_leave_no_drift(bank):
    chance = random.Random(5)
    accounts = [bank.account(ref=str(nth), money=40) for nth in range(6)]
    revenue = bank.account("revenue", floor=None)

    async def go() -> None:
        small = {"settle_batch": 20, "settle_every": 0.01}
        async with bank.till(**small) as one, bank.till(**small) as other:
            calls = {}
            for _ in range(80):
                holds = {account: Decimal(1) for account in chance.sample(accounts, 3)}
                call_id = one.mint()
                if (await one.decide(admission(call_id, str(call_id), holds))).status == "held":
                    calls[call_id] = holds
            deeds = []
            for call_id, holds in calls.items():
                for seconds in (120, 120, 180, 240):
                    total = {account: Decimal(seconds) / 60 for account in holds}
                    deeds.append(lambda till, c=call_id, s=seconds, t=total: till.extend(Extension(c, s, later(), t)))
                payer = next(iter(holds))
                for _ in range(2):
                    deeds.append(lambda till, c=call_id, p=payer: till.settle(finished(c, p, revenue, "0.7")))
            chance.shuffle(deeds)
            results = await asyncio.gather(*(deed(chance.choice((one, other))) for deed in deeds))
            statuses = {getattr(result, "status", result) for result in results}
            assert {"granted", "kept", "gone", "settled", "repeated"} <= statuses <= {
                "granted", "kept", "gone", "short", "settled", "repeated",
            }  # fmt: skip
            assert [bank.balance(account)[1] for account in accounts] == [0] * 6
            assert bank.balance(revenue)[0] == Decimal("0.7") * len(calls)

    asyncio.run(go())


def test_extends_equal_a_sequential_model(bank):
    chance = random.Random(11)

    async def go() -> None:
        async with bank.till(settle_batch=500, settle_every=0.05) as till:
            for nth in range(8):
                free = {bank.account(ref=f"{nth}/{i}", money=chance.randrange(5, 40)): None for i in range(5)}
                free = {account: bank.balance(account)[0] for account in free}
                calls = {}
                for _ in range(25):
                    holds = {account: Decimal(chance.randrange(0, 3)) for account in chance.sample(list(free), 2)}
                    call_id = till.mint()
                    if (await till.decide(admission(call_id, str(call_id), holds))).status == "held":
                        calls[call_id] = holds
                        for account, amount in holds.items():
                            free[account] -= amount
                granted = dict.fromkeys(calls, 60)
                for _ in range(3):
                    wishes = [
                        Extension(
                            c,
                            chance.choice((60, 120, 180)),
                            later(),
                            {a: h + chance.randrange(0, 4) for a, h in holds.items()},
                        )
                        for c, holds in calls.items()
                    ]
                    answers = await asyncio.gather(*(till.extend(one) for one in wishes))
                    for wish, answer in zip(wishes, answers, strict=True):
                        held = calls[wish.call_id]
                        more = {a: max(Decimal(0), amount - held[a]) for a, amount in wish.holds.items()}
                        if wish.granted_seconds <= granted[wish.call_id]:
                            expected = "kept"
                        elif any(extra > 0 and extra > free[a] for a, extra in more.items()):
                            expected = "short"
                            assert answer.free == {a: held[a] + max(Decimal(0), free[a]) for a in wish.holds}
                        else:
                            expected = "granted"
                            granted[wish.call_id] = wish.granted_seconds
                            for a, extra in more.items():
                                free[a] -= extra
                                held[a] += extra
                        assert (answer.status, answer.granted_seconds) == (expected, granted[wish.call_id])
                for account, left in free.items():
                    posted, held_now = bank.balance(account)
                    assert posted - held_now == left

    asyncio.run(go())


def test_one_short_call_gets_what_its_money_buys_and_the_batch_is_granted(bank):
    rich, poor = bank.account(ref="rich", money=100), bank.account(ref="poor", money="1.5")

    async def go() -> None:
        async with bank.till() as till:
            ids = [till.mint() for _ in range(2)]
            for call_id, account in zip(ids, (rich, poor), strict=True):
                await till.decide(admission(call_id, str(call_id), {account: 1}))

            def afford(free):
                seconds = int(free[poor] * 60)
                return Extension(ids[1], seconds, later(), {poor: Decimal(seconds) / 60})

            full, part = await asyncio.gather(
                till.extend(Extension(ids[0], 120, later(), {rich: Decimal(2)})),
                till.extend(Extension(ids[1], 120, later(), {poor: Decimal(2)}), afford),
            )
            assert (full.status, full.granted_seconds) == ("granted", 120)
            assert (part.status, part.granted_seconds) == ("granted", 90)
            nothing = await till.extend(Extension(ids[1], 180, later(), {poor: Decimal(3)}))
            assert (nothing.status, nothing.granted_seconds, nothing.free) == ("short", 90, {poor: Decimal("1.5")})

    asyncio.run(go())


def test_an_account_that_holds_nothing_for_the_call_changes_nothing(bank):
    payer, stranger = bank.account(ref="a", money=10), bank.account(ref="b", money=10)

    async def go() -> None:
        async with bank.till() as till:
            call_id = till.mint()
            await till.decide(admission(call_id, "x", {payer: 1}))
            answer = await till.extend(Extension(call_id, 120, later(), {payer: Decimal(2), stranger: Decimal(2)}))
            assert (answer.status, answer.granted_seconds) == ("strange", 60)
            assert bank.balance(payer)[1] == 1 and bank.balance(stranger)[1] == 0

    asyncio.run(go())

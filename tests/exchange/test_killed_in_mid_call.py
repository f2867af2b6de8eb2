"""kill -9 of the exchange while a simulated node carries calls: they go on, and each is settled once."""

import asyncio
import signal
from decimal import Decimal

import pytest

from switch_adapters.exchange_client import ExchangeClient
from switch_adapters.simulator.scenario import Behaviour, Carrier, Scenario
from switch_adapters.simulator.switch import SimulatedSwitch
from tests.exchange import look


@pytest.mark.parametrize("kills", [1, 3])
def test_calls_outlive_the_exchange_and_are_settled_once(exchange, shop, kills):
    exchange.start()
    account = shop.carla.account_id
    before = look.balance(account)
    endpoints = {shop.first.endpoint: Carrier(Behaviour.FAILS, 0.05), shop.second.endpoint: Carrier(after_seconds=0.2)}

    async def play():
        client = ExchangeClient([exchange.url], shop.node.token)
        switch = SimulatedSwitch(client, shop.node.id, lambda route: endpoints[route.endpoint], 1.0)
        life = asyncio.create_task(switch.run())

        async def place(nth):
            await asyncio.sleep(nth * 0.1)
            return await switch.place(Scenario(shop.carlas_phone.username, "37060012345", "", 3.4 + nth % 3))

        calls = [asyncio.create_task(place(nth)) for nth in range(20)]
        for _ in range(kills):
            await asyncio.sleep(1.2)
            await asyncio.to_thread(exchange.kill, signal.SIGKILL)
            await asyncio.to_thread(exchange.start)
        outcomes = await asyncio.gather(*calls)
        async with asyncio.timeout(30):
            await switch.drained()
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        await client.close()
        return outcomes

    outcomes = asyncio.run(play())
    answered = [one for one in outcomes if one.sip_code == 200]
    assert len(answered) >= 5  # those of the dead seconds were refused
    # A Decide whose answer died with the exchange is held, and closed unanswered when it is not seen.
    look.rows("update calls_livecall set last_seen_at = now() - interval '60 seconds'")
    from tests.exchange.node import Node

    node = Node(exchange.url, shop.node.token)
    assert look.eventually(lambda: (node.reconcile(), look.rows("select id from calls_livecall") == [])[1])
    rows = look.rows("select uuid, sell, talk_seconds from calls_call where level = 0 and answered_at is not null")
    assert {row[0] for row in rows} == {one.uuid for one in answered}
    assert len(rows) == len(answered)
    assert sum(row[1] for row in rows) == before - look.balance(account)
    assert all(sell == (Decimal(seconds) / 300).quantize(Decimal("1e-10")) for _, sell, seconds in rows)

"""The simulator's scenarios, as in the contract's tests, against the real exchange instead of its double."""

import asyncio

import pytest

from switch_adapters.exchange_client import ExchangeClient
from switch_adapters.simulator.scenario import Behaviour, Carrier, Scenario
from switch_adapters.simulator.switch import SimulatedSwitch
from tests.exchange import look

ANSWERS, FAILS, BUSY = Carrier(after_seconds=0.2), Carrier(Behaviour.FAILS, 0.05), Carrier(Behaviour.BUSY, 0.05)
RINGS, DEAD = Carrier(Behaviour.RINGS), Carrier(Behaviour.DEAD, 0.3)


@pytest.mark.parametrize(
    ("first", "second", "changes", "code", "attempts"),
    [
        (ANSWERS, FAILS, {}, 200, [(True, 200)]),
        (FAILS, ANSWERS, {}, 200, [(False, 503), (True, 200)]),
        (DEAD, ANSWERS, {}, 200, [(False, 0), (True, 200)]),
        (BUSY, ANSWERS, {}, 486, [(False, 486)]),
        (FAILS, FAILS, {}, 503, [(False, 503), (False, 503)]),
        (RINGS, ANSWERS, {"patience_seconds": 0.5}, 487, [(False, 487)]),
        (ANSWERS, FAILS, {"called": "#12"}, 503, None),
        (ANSWERS, FAILS, {"identity": "d999999"}, 403, None),
    ],
)
def test_a_scenario_ends_as_it_should_and_is_in_the_books(standing, first, second, changes, code, attempts):
    shop = standing.shop
    carriers = {shop.first.endpoint: first, shop.second.endpoint: second}
    scenario = {"identity": shop.carlas_phone.username, "called": "37060012345", "talk_seconds": 1.3} | changes

    async def play():
        client = ExchangeClient([standing.exchange.url], shop.node.token)
        switch = SimulatedSwitch(client, shop.node.id, lambda route: carriers[route.endpoint], 1.0)
        life = asyncio.create_task(switch.run())
        outcome = await switch.place(Scenario(**scenario))
        async with asyncio.timeout(10):
            await switch.drained()
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        await client.close()
        return outcome

    outcome = asyncio.run(play())
    assert outcome.sip_code == code
    if attempts is not None:
        tried = "select a.answered_at is not null, a.sip_code from calls_attempt a join calls_call c using (id)"
        rows = look.rows(f"{tried} where c.uuid = %s and c.level = 0 order by a.index", outcome.uuid)
        assert rows == attempts
        sells = look.rows("select sell > 0, talk_seconds from calls_call where uuid = %s", outcome.uuid)
        assert sells == [(code == 200, 2 if code == 200 else 0)] * 2
    else:
        assert look.rows("select source from ledger_hold") == []


def test_a_call_is_cut_when_its_money_ends(standing):
    shop = standing.shop
    look.set_balance(shop.carla.account_id, "0.01")  # three seconds
    carriers = {shop.first.endpoint: ANSWERS, shop.second.endpoint: FAILS}

    async def play():
        client = ExchangeClient([standing.exchange.url], shop.node.token)
        switch = SimulatedSwitch(client, shop.node.id, lambda route: carriers[route.endpoint], 1.0)
        life = asyncio.create_task(switch.run())
        outcome = await switch.place(Scenario(shop.carlas_phone.username, "37060012345", talk_seconds=None))
        async with asyncio.timeout(10):
            await switch.drained()
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        await client.close()
        return outcome

    outcome = asyncio.run(play())
    assert 2.5 < outcome.talked_seconds <= 3.0
    assert look.balance(shop.carla.account_id) == 0
    look.set_balance(shop.carla.account_id, "100")

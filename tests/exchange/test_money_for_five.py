"""Many at once want what few can pay: exactly those few are routed, and nobody falls below the floor."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.exchange import look
from tests.exchange.conftest import Exchange
from tests.exchange.node import Node

FIFTY = range(50)


def decide_all(nodes, identity, name):
    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(lambda n: nodes[n % len(nodes)].decide(f"{name}{n}", identity), FIFTY))


@pytest.mark.parametrize(("payer", "amount"), [("carla", "1.00"), ("acme_row", "0.30")])
def test_of_fifty_calls_on_a_balance_for_five_exactly_five_are_routed(standing, at_node, payer, amount):
    # A minute at 0.20 for Carla, at 0.06 for Acme at root.
    shop = standing.shop
    account = getattr(shop, payer).account_id
    look.set_balance(account, amount)
    answers = decide_all([at_node], shop.carlas_phone.username, f"five {payer} ")
    routed = [n for n in FIFTY if answers[n]["action"] == "route"]
    assert len(routed) == 5
    assert look.held(account) == look.balance(account)
    assert {one["cause"] for one in answers if one["action"] == "reject"} == {212 if payer == "carla" else 216}
    for n in routed:
        at_node.end(f"five {payer} {n}", 59.2)
    assert look.balance(account) == 0
    assert look.rows("select count(*) from ledger_account where posted - held < floor") == [(0,)]
    assert at_node.decide(f"more {payer}", shop.carlas_phone.username)["cause"] == (211 if payer == "carla" else 215)
    look.set_balance(account, "100")


def test_two_exchanges_side_by_side_share_the_same_money(standing, at_node):
    shop, second = standing.shop, Exchange()
    second.start()
    try:
        look.set_balance(shop.carla.account_id, "1")
        beside = Node(second.url, shop.node.token)
        answers = decide_all([at_node, beside], shop.carlas_phone.username, "both ")
        routed = [n for n in FIFTY if answers[n]["action"] == "route"]
        assert len(routed) == 5
        # A Decide, an event and a record of one call may each go to another exchange.
        for n in routed:
            first, other = (at_node, beside) if n % 2 else (beside, at_node)
            assert first.decide(f"both {n}", shop.carlas_phone.username) == answers[n]
            other.tell(other.event(f"both {n}", "answer"))
            assert first.extend(f"both {n}", 30) == {"uuid": f"both {n}", "granted_seconds": 60, "last": True}
        for n in routed:
            record = at_node.record(f"both {n}", 30)
            assert beside.deliver(record) == [f"both {n}"] == at_node.deliver(record)
        assert look.balance(shop.carla.account_id) == look.Decimal("0.5")
    finally:
        second.kill()
        look.set_balance(shop.carla.account_id, "100")

"""Extends at half of each slice, to the money's end; new money keeps the call up."""

from decimal import Decimal

import pytest

from portal.tariffs.models import Rate
from tenants.context import in_operator
from tests.exchange import look
from tests.exchange.node import SECOND, now


@pytest.fixture
def account(standing):
    account = standing.shop.carla.account_id
    look.set_balance(account, "100")
    yield account
    look.set_balance(account, "100")


def talks(uuid, seconds):
    """Let a live call be decided so many seconds ago, as far as its node's clock is believed."""
    return {"uuid": uuid, "answered_at": now() - seconds * SECOND}


def test_slice_by_slice_to_the_money_s_end(standing, at_node, account):
    look.set_balance(account, "0.50")  # 150 s at 0.20
    assert at_node.decide("t1", standing.shop.carlas_phone.username)["granted_seconds"] == 60
    assert at_node.extend("t1", 30) == {"uuid": "t1", "granted_seconds": 120, "last": False}
    assert at_node.extend("t1", 30) == {"uuid": "t1", "granted_seconds": 120, "last": False}  # asked twice
    assert look.held(account) == Decimal("0.4")
    assert at_node.extend("t1", 90) == {"uuid": "t1", "granted_seconds": 150, "last": True}
    assert at_node.extend("t1", 149) == {"uuid": "t1", "granted_seconds": 150, "last": True}
    assert look.held(account) == Decimal("0.5")
    at_node.end("t1", 149.9)
    assert look.balance(account) == 0


def test_slice_by_slice_to_the_longest_time(standing, at_node, account):
    answer = at_node.decide("t2", standing.shop.carlas_phone.username)
    grants = [at_node.extend("t2", talked) for talked in range(30, answer["max_seconds"] + 60, 60)]
    assert [one["granted_seconds"] for one in grants][:2] == [120, 180]
    assert grants[-2:] == [{"uuid": "t2", "granted_seconds": 7200, "last": True}] * 2
    assert not grants[-4]["last"]
    at_node.end("t2", 7199.5)
    assert look.balance(account) == Decimal("76")


def test_after_a_top_up_an_extend_grants_more(standing, at_node, account):
    look.set_balance(account, "0.05")  # 15 s
    assert at_node.decide("t3", standing.shop.carlas_phone.username)["granted_seconds"] == 15
    assert at_node.extend("t3", 7)["last"]
    look.set_balance(account, "10")
    assert at_node.extend("t3", 8) == {"uuid": "t3", "granted_seconds": 75, "last": False}
    at_node.end("t3", 70)


def test_after_a_top_up_reconcile_brings_the_seconds_to_a_node_that_asks_no_more(standing, at_node, account):
    look.set_balance(account, "0.05")
    at_node.decide("t4", standing.shop.carlas_phone.username)
    live = talks("t4", 7)
    assert at_node.reconcile(live)["grants"] == [{"uuid": "t4", "granted_seconds": 15, "last": True}]
    look.set_balance(account, "10")
    assert at_node.reconcile(live)["grants"] == [{"uuid": "t4", "granted_seconds": 75, "last": False}]
    assert at_node.reconcile(live)["grants"] == [{"uuid": "t4", "granted_seconds": 75, "last": False}]
    at_node.end("t4", 70)


def test_reconcile_holds_no_more_than_extends_would(standing, at_node, account):
    at_node.decide("t5", standing.shop.carlas_phone.username)
    for _ in range(3):  # a node whose clock is an hour behind
        assert at_node.reconcile(talks("t5", 3600))["grants"] == [{"uuid": "t5", "granted_seconds": 60, "last": False}]
    at_node.end("t5", 1)


def test_the_increment_s_grid_and_the_fee_bound_what_money_buys(standing, at_node, account):
    with in_operator(standing.shop.house.acme):
        Rate.objects.update(connection_fee=Decimal("0.10"), min_seconds=30, increment=6)
    look.books_are_current()
    look.set_balance(account, "0.24")  # the fee and 42 s
    assert at_node.decide("t6", standing.shop.carlas_phone.username)["granted_seconds"] == 42
    assert at_node.decide("t7", standing.shop.carlas_phone.username)["cause"] == 212
    at_node.end("t6", 41.9)
    assert look.balance(account) == 0
    look.set_balance(account, "0.19")  # not even the fee and the minimum
    assert at_node.decide("t8", standing.shop.carlas_phone.username)["cause"] == 210
    with in_operator(standing.shop.house.acme):
        Rate.objects.update(connection_fee=0, min_seconds=1, increment=1)
    look.books_are_current()

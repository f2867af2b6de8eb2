"""A Reseller PRO that offers its parent's routes and its own: who pays depends on the provider that answers."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection

from portal.people.models import Customer
from portal.routing.models import LcrEntry, Provider
from tenants.context import in_operator
from tests.exchange import look
from tests.exchange import shop as shops

LONG_AGO = "update calls_livecall set answered_at = now() - interval '100.5 s', last_seen_at = now() - interval '50 s'"


@pytest.fixture(scope="module")
def beta(standing):
    """Dan's calls go by root's carriers first (0.04 a minute to Beta), then by Beta's own carrier (0.01)."""
    shop = standing.shop
    with in_operator(shop.house.root):
        row = Customer.objects.get(operator_id=shop.house.beta.pk)
        row.tariff, row.lcr = shops.tariff("to Beta", "USD", "0.04"), shop.root_lcr
        row.save()
        shops.top_up(shop.house.root, row, "10")
    with in_operator(shop.house.beta):
        own = Provider.objects.get()
        shop.dan.lcr = shops.lcr("the parent first", None, own)
        shop.dan.save()
        assert LcrEntry.objects.filter(lcr=shop.dan.lcr).count() == 2
    connection.set_schema_to_public()
    look.books_are_current()
    return SimpleNamespace(row=row, own=own, dan=shop.dan, phone=shop.dans_phone.username, first=shop.first)


@pytest.fixture
def paid(beta):
    """What Dan, Beta at root, root's first carrier and Beta's own carrier paid or got since."""
    accounts = [beta.dan.account_id, beta.row.account_id, beta.first.account_id, beta.own.account_id]
    before = [look.balance(one) for one in accounts]
    return lambda: [str((look.balance(one) - was).normalize()) for one, was in zip(accounts, before, strict=True)]


def test_holds_are_taken_at_the_dearest_and_at_every_level(beta, at_node):
    answer = at_node.decide("p1", beta.phone)
    assert [one["endpoint"] for one in answer["routes"]][-1] == beta.own.endpoint
    assert len(answer["routes"]) == 3
    assert (look.held(beta.dan.account_id), look.held(beta.row.account_id)) == (Decimal("0.1"), Decimal("0.04"))
    at_node.end("p1", None)


def test_over_the_parent_every_level_pays(beta, at_node, paid):
    at_node.decide("p2", beta.phone)
    at_node.end("p2", 59.5, route=0)
    assert paid() == ["-0.1", "-0.04", "0.02", "0"]
    assert look.rows("select level, sell, buy, bought_from from calls_call where uuid = 'p2' order by level") == [
        (0, Decimal("0.1"), Decimal("0.04"), "parent"), (1, Decimal("0.04"), Decimal("0.02"), "provider")
    ]  # fmt: skip


def test_over_its_own_carrier_the_chain_ends_at_the_pro(beta, at_node, paid):
    at_node.decide("p3", beta.phone)
    at_node.end("p3", 59.5, route=2)
    assert paid() == ["-0.1", "0", "0", "0.01"]
    assert look.rows("select level, sell, buy, bought_from from calls_call where uuid = 'p3'") == [
        (0, Decimal("0.1"), Decimal("0.01"), "provider")
    ]


def test_without_money_at_the_parent_its_own_carrier_is_left(beta, at_node, paid):
    look.set_balance(beta.row.account_id, "0.03")
    answer = at_node.decide("p4", beta.phone)
    assert [one["endpoint"] for one in answer["routes"]] == [beta.own.endpoint]
    assert answer["granted_seconds"] == 60  # and not what 0.03 buys at the parent
    assert look.held(beta.row.account_id) == 0
    at_node.end("p4", 59.5, route=0)
    look.set_balance(beta.row.account_id, "0.03")
    assert [paid()[0], paid()[3]] == ["-0.1", "0.01"]
    assert look.balance(beta.row.account_id) == Decimal("0.03")
    look.set_balance(beta.row.account_id, "10")


def test_a_call_over_the_own_carrier_goes_on_when_the_money_at_the_parent_ends(beta, at_node):
    at_node.decide("p5", beta.phone)
    at_node.tell(at_node.event("p5", "answer", route=2))
    look.set_balance(beta.row.account_id, "0.04")
    assert at_node.extend("p5", 30) == {"uuid": "p5", "granted_seconds": 120, "last": False}
    assert at_node.extend("p5", 90) == {"uuid": "p5", "granted_seconds": 180, "last": False}
    assert look.held(beta.row.account_id) == Decimal("0.04")
    at_node.end("p5", 179.5, route=2)
    look.set_balance(beta.row.account_id, "10")


def test_over_the_parent_it_is_the_money_at_the_parent_that_ends_it(beta, at_node):
    at_node.decide("p6", beta.phone)
    at_node.tell(at_node.event("p6", "answer", route=0))
    look.set_balance(beta.row.account_id, "0.06")
    assert at_node.extend("p6", 30) == {"uuid": "p6", "granted_seconds": 90, "last": True}
    at_node.end("p6", 89.5, route=0)
    assert look.balance(beta.row.account_id) == 0
    look.set_balance(beta.row.account_id, "10")


def test_an_estimate_goes_by_the_route_that_answered(beta, at_node, paid):
    at_node.decide("p7", beta.phone)
    at_node.tell(at_node.event("p7", "answer", route=2))
    look.rows(
        "update calls_livecall set answered_at = now() - interval '100.5 s', last_seen_at = now() - interval '50 s'"
    )
    at_node.reconcile()
    assert paid() == ["-0.085", "0", "0", "0.0085"]  # 51 s
    at_node.end("p7", 59.5, route=2)
    assert paid() == ["-0.1", "0", "0", "0.01"]


@pytest.mark.parametrize(("guessed", "true"), [(0, 2), (2, 0), (0, 1)])
def test_a_wrong_guess_of_the_route_is_corrected_at_every_level(beta, at_node, paid, guessed, true):
    uuid = f"p8 {guessed}{true}"
    at_node.decide(uuid, beta.phone)
    at_node.tell(at_node.event(uuid, "answer", route=guessed))
    look.rows(
        "update calls_livecall set answered_at = now() - interval '100.5 s', last_seen_at = now() - interval '50 s'"
    )
    at_node.reconcile()
    at_node.end(uuid, 59.5, route=true)
    assert paid()[:2] == (["-0.1", "0"] if true == 2 else ["-0.1", "-0.04"])

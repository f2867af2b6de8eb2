"""A call from Decide to money at every level, through the exchange's HTTP face and a real database."""

from __future__ import annotations

import time
from decimal import Decimal

import httpx
import pytest

from calls.models import Call
from ledger.models import Account, Hold, Transfer
from tenants.context import in_operator
from tests.exchange import look


@pytest.fixture
def shop(standing):
    return standing.shop


@pytest.fixture
def exchange(standing):
    return standing.exchange


def holds(operator) -> int:
    with in_operator(operator):
        return Hold.objects.count()


def balance(operator, account_id: int) -> Decimal:
    with in_operator(operator):
        return Account.objects.get(pk=account_id).posted


def test_each_level_is_charged_its_own_price_to_the_last_digit(at_node, shop):
    house = shop.house
    held = holds(house.acme)
    before = [
        balance(operator, account)
        for operator, account in (
            (house.acme, shop.carla.account_id),
            (house.root, shop.acme_row.account_id),
            (house.root, shop.second.account_id),
        )
    ]  # fmt: skip
    answer = at_node.decide("u1", shop.carlas_phone.username, "37060012345")
    assert answer["action"] == "route", answer
    assert [one["endpoint"] for one in answer["routes"]] == [shop.first.endpoint, shop.second.endpoint]
    assert answer["granted_seconds"] == 60
    assert at_node.end("u1", 36.7, route=1) == ["u1"]
    # 37 seconds at 0.20, 0.06 and 0.02 a minute
    assert balance(house.acme, shop.carla.account_id) == before[0] - Decimal("0.1233333333")
    assert balance(house.root, shop.acme_row.account_id) == before[1] - Decimal("0.0370000000")
    assert balance(house.root, shop.second.account_id) == before[2] + Decimal("0.0123333333")
    assert holds(house.acme) == held
    with in_operator(house.acme):
        call = Call.objects.get(uuid="u1")
        assert (call.sell, call.buy, call.billed_seconds) == (Decimal("0.1233333333"), Decimal("0.037"), 37)
        assert (call.customer_label, call.device_label, call.provider_label) == ("Carla Ltd", "Carla's phone", "")
    with in_operator(house.root):
        call = Call.objects.get(uuid="u1")
        assert (call.sell, call.buy) == (Decimal("0.037"), Decimal("0.0123333333"))
        assert (call.customer_label, call.device_label, call.provider_label) == ("Acme Telecom", "", "Carrier Two")
    with in_operator(house.beta):
        assert not Call.objects.filter(uuid="u1") and not Transfer.objects.filter(source=call.id)


def test_a_pro_s_call_over_its_own_carrier_costs_nothing_above(at_node, shop):
    answer = at_node.decide("u2", shop.dans_phone.username, "37060012345")
    assert len(answer["routes"]) == 1
    at_node.end("u2", 59.5)
    assert balance(shop.house.beta, shop.dan.account_id) == Decimal("100") - Decimal("0.1")
    with in_operator(shop.house.root):
        assert not Call.objects.filter(uuid="u2")


def test_a_repeated_decide_gives_the_same_answer_and_one_hold(at_node, shop):
    held = holds(shop.house.acme)
    first = at_node.decide("u3", shop.carlas_phone.username, "37060012345")
    assert at_node.decide("u3", shop.carlas_phone.username, "37060012345") == first
    assert holds(shop.house.acme) == held + 1
    at_node.end("u3", 5)


def test_a_repeated_record_settles_nothing_again(at_node, shop):
    at_node.decide("u4", shop.carlas_phone.username, "37060012345")
    at_node.end("u4", 10.4)
    before = balance(shop.house.acme, shop.carla.account_id)
    assert at_node.end("u4", 10.4) == ["u4"]
    assert balance(shop.house.acme, shop.carla.account_id) == before


@pytest.mark.parametrize(
    ("called", "cause"),
    [("", 336), ("#37060012345", 336), ("37060012345'; drop table", 336), ("99960012345", 203), ("9" * 40, 336)],
)
def test_a_bad_number_is_refused_with_its_cause_and_nothing_is_held(at_node, shop, called, cause):
    held = holds(shop.house.acme)
    answer = at_node.decide("u5" + called, shop.carlas_phone.username, called)
    assert (answer["action"], answer["cause"]) == ("reject", cause)
    assert answer["text"]
    assert holds(shop.house.acme) == held


def test_an_unknown_identity_is_refused(at_node, shop):
    for identity in ("d999999", "", "d", "nonsense", "d-1", "d1'"):
        answer = at_node.decide(f"u6{identity}", identity, "37060012345")
        assert (answer["action"], answer["cause"]) == ("reject", 200)


def test_a_refused_call_is_in_the_list_with_its_reason(at_node, shop):
    at_node.decide("u7", shop.carlas_phone.username, "99960012345")
    ends = time.monotonic() + 5
    with in_operator(shop.house.acme):
        while not (found := list(Call.objects.filter(uuid="u7"))) and time.monotonic() < ends:
            time.sleep(0.05)
    assert [(one.cause, one.customer_label, one.called) for one in found] == [(203, "Carla Ltd", "99960012345")]


def test_a_stranger_gets_nowhere(at_node, shop, exchange):
    for authorization in ("", "Bearer", "Bearer 1.wrong", f"Bearer 999.{shop.node.token.partition('.')[2]}", "Basic x"):
        answer = httpx.post(f"{exchange.url}/node/decide", json={}, headers={"authorization": authorization})
        assert answer.status_code == 401
    assert (
        httpx.post(
            f"{exchange.url}/page/health", json={}, headers={"authorization": f"Bearer {shop.node.token}"}
        ).status_code
        == 401
    )


def test_a_bad_message_is_one_sentence(at_node):
    answer = at_node.http.post("/node/decide", content=b"{nonsense")
    assert (answer.status_code, answer.json()) == (422, {"error": "the message is not JSON"})
    answer = at_node.http.post("/node/decide", json={"boot": "b1"})
    assert (answer.status_code, answer.json()) == (422, {"error": "DecideRequest.uuid is missing"})


def test_money_for_less_than_a_slice_is_granted_as_seconds(at_node, shop):
    look.set_balance(shop.carla.account_id, "0.05")
    # 0.05 left at 0.20 a minute: 15 seconds
    answer = at_node.decide("u8", shop.carlas_phone.username, "37060012345")
    assert answer["granted_seconds"] == 15
    grant = at_node.extend("u8", 7)
    assert grant == {"uuid": "u8", "granted_seconds": 15, "last": True}
    assert at_node.decide("u9", shop.carlas_phone.username, "37060012345")["cause"] in (211, 212)
    at_node.end("u8", 3)
    look.set_balance(shop.carla.account_id, "100")


def test_a_changed_price_is_live_within_seconds(at_node, shop):
    from portal.tariffs.models import Rate

    with in_operator(shop.house.acme):
        Rate.objects.update(price=Decimal("0.50"))
    time.sleep(1.5)
    at_node.decide("u10", shop.carlas_phone.username, "37060012345")
    before = balance(shop.house.acme, shop.carla.account_id)
    at_node.end("u10", 59.5)
    assert balance(shop.house.acme, shop.carla.account_id) == before - Decimal("0.5")

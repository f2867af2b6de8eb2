"""Call Tracing tells the truth, writes nothing, and tells nobody what is somebody else's."""

from __future__ import annotations

import pytest
from django.test import Client

from calls.models import Call
from ledger.models import Hold, Transfer
from tenants.context import in_operator


@pytest.fixture
def trace(standing, settings):  # noqa: F811
    """`trace(operator, user, **query)` is the page as that person sees it."""
    from portal.people.middleware import SESSION_OPERATOR
    from portal.people.models import User

    settings.EXCHANGE_URL = standing.exchange.url

    def ask(operator, user: str, **query):
        with in_operator(operator):
            client = Client(headers={"host": operator.main_domain})
            client.force_login(User.objects.get(username=user))
            session = client.session
            session[SESSION_OPERATOR] = operator.pk
            session.save()
        return client.get("/tracing/", query)

    return ask


def test_a_reseller_sees_its_route_and_its_two_prices(trace, standing):
    shop = standing.shop
    page = trace(shop.house.acme, "rita", device=shop.carlas_phone.pk, called="37060012345").content.decode()
    assert "The call would go out" in page
    assert "0.2 EUR" in page and "0.06 EUR" in page
    assert "the operator above" in page


def test_a_reseller_sees_nothing_of_the_level_above(trace, standing):
    shop = standing.shop
    page = trace(shop.house.acme, "rita", device=shop.carlas_phone.pk, called="37060012345").content.decode()
    for secret in ("Carrier One", "Carrier Two", "0.02 ", "carrier costs", "Northwind", "127.0.0.1"):
        assert secret not in page, secret


def test_the_owner_sees_its_level_of_a_reseller_s_call_and_not_the_reseller_s(trace, standing):
    shop = standing.shop
    page = trace(shop.house.root, "olga", sip_user=shop.carlas_phone.username, called="37060012345").content.decode()
    assert "Carrier One" in page and "0.06 EUR" in page and "0.02 USD" in page
    for secret in ("Carla", "0.2 EUR", "Carla&#x27;s phone"):
        assert secret not in page, secret


def test_a_stranger_s_device_does_not_exist(trace, standing):
    shop = standing.shop
    page = trace(shop.house.beta, "ben", sip_user=shop.carlas_phone.username, called="37060012345").content.decode()
    assert "There is no such device here" in page and "0.2" not in page


def test_a_refused_call_says_why(trace, standing):
    shop = standing.shop
    page = trace(shop.house.acme, "rita", device=shop.carlas_phone.pk, called="99960012345").content.decode()
    assert "would be refused" in page and "cause 203" in page


def test_nothing_is_written(trace, standing):
    shop = standing.shop

    def counts() -> list[int]:
        with in_operator(shop.house.acme):
            return [Hold.objects.count(), Transfer.objects.count(), Call.objects.count()]

    before = counts()
    trace(shop.house.acme, "rita", device=shop.carlas_phone.pk, called="37060012345")
    trace(shop.house.acme, "rita", device=shop.carlas_phone.pk, called="99960012345")
    assert counts() == before


@pytest.mark.parametrize(
    "query",
    [
        {"called": ""}, {"called": "37060012345"}, {"called": "<script>", "sip_user": "d1"},
        {"called": "370", "sip_user": "d1'"}, {"called": "370", "sip_user": "d99999999999999999999999"},
        {"called": "3" * 500, "sip_user": "d1"}, {"called": "370", "device": "x"},
        {"called": "370\x00", "sip_user": "d1"},
    ],
)  # fmt: skip
def test_bad_input_is_words_on_the_page(trace, standing, query):
    page = trace(standing.shop.house.acme, "rita", **query)
    assert page.status_code == 200
    assert b"<script>" not in page.content and b"The call would go out" not in page.content


def test_customers_and_strangers_do_not_get_in(trace, standing):
    house = standing.shop.house
    assert trace(house.acme, "carla", called="370", sip_user="d1").status_code == 403
    assert Client(headers={"host": "acme.localhost"}).get("/tracing/").status_code == 302


def test_when_the_engine_is_away_the_page_says_so(trace, standing, settings):
    shop = standing.shop
    settings.EXCHANGE_URL = "http://127.0.0.1:1"
    page = trace(shop.house.acme, "rita", device=shop.carlas_phone.pk, called="37060012345").content.decode()
    assert "does not answer" in page

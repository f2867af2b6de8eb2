"""Providers are for staff of the owner and of Reseller PROs; LCRs for every operator's staff."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.routing.create_provider import create_provider
from portal.routing.models import Lcr, LcrEntry, Provider
from portal.tariffs.models import Tariff
from tenants.context import in_operator

NUMBER = 77_001


@pytest.fixture
def stocked(house):
    """Root and beta both have a provider and an LCR of the same number; acme an LCR of it."""
    for operator in (house.root, house.beta):
        with in_operator(operator):
            tariff = Tariff.objects.create(name="Costs", purpose="buy", currency=operator.currency)
            create_provider(Provider(pk=NUMBER, name=f"Carrier of {operator}", host="192.0.2.1", tariff=tariff))
    for operator in (house.root, house.acme, house.beta):
        with in_operator(operator):
            lcr = Lcr.objects.create(pk=NUMBER, name=f"Ways of {operator}")
            LcrEntry.objects.create(lcr=lcr, provider_id=None if operator == house.acme else NUMBER)
    return house


PROVIDERS = [("providers", ()), ("new_provider", ()), ("rule_row", ()), ("provider", (NUMBER,))]
PROVIDER_DEEDS = [("delete_provider", (NUMBER,)), ("try_rules", ())]
LCRS = [("lcrs", ()), ("new_lcr", ()), ("entry_row", ()), ("lcr", (NUMBER,))]
LCR_DEEDS = [("delete_lcr", (NUMBER,))]
# What there is to see is tested in tests/resellers/test_common_use.py.
OFFERS = [("offers", ()), ("offer", (NUMBER,))]
EMPTY_ROWS = {"rules-TOTAL_FORMS": "0", "rules-INITIAL_FORMS": "0"}


def test_every_address_of_the_room_is_in_these_lists():
    from portal.routing.urls import urlpatterns

    listed = {name for name, _args in PROVIDERS + PROVIDER_DEEDS + LCRS + LCR_DEEDS + OFFERS}
    assert {pattern.name for pattern in urlpatterns if pattern.name} == listed


@pytest.mark.parametrize(("name", "args"), PROVIDERS + LCRS)
def test_staff_of_a_pro_opens_the_page(stocked, browser_for, name, args):
    answer = browser_for(stocked.beta, "ben").get(reverse(f"routing:{name}", args=args))
    assert answer.status_code == 200
    assert "Carrier of Northwind" not in answer.content.decode() and "Ways of Northwind" not in answer.content.decode()


@pytest.mark.parametrize(("name", "args"), PROVIDERS + PROVIDER_DEEDS + LCRS + LCR_DEEDS + OFFERS)
def test_a_plain_reseller_finds_nothing_to_route(stocked, browser_for, name, args):
    rita = browser_for(stocked.acme, "rita")
    url = reverse(f"routing:{name}", args=args)
    assert rita.get(url).status_code == 404 and rita.post(url, EMPTY_ROWS).status_code == 404


@pytest.mark.parametrize(("name", "args"), PROVIDERS + PROVIDER_DEEDS + LCRS + LCR_DEEDS + OFFERS)
def test_a_customer_is_refused(stocked, browser_for, name, args):
    dan = browser_for(stocked.beta, "dan")
    url = reverse(f"routing:{name}", args=args)
    assert dan.get(url).status_code == 403 and dan.post(url, EMPTY_ROWS).status_code == 403


@pytest.mark.parametrize(("name", "args"), PROVIDERS + PROVIDER_DEEDS + LCRS + LCR_DEEDS + OFFERS)
def test_a_visitor_is_sent_to_sign_in(stocked, browser_for, name, args):
    visitor = browser_for(stocked.beta)
    url = reverse(f"routing:{name}", args=args)
    for answer in (visitor.get(url), visitor.post(url, EMPTY_ROWS)):
        assert answer.status_code == 302 and answer["location"].startswith("/sign-in/")


def test_deleting_here_leaves_the_strangers_row_of_the_same_number(stocked, browser_for):
    ben = browser_for(stocked.beta, "ben")
    with in_operator(stocked.beta):
        LcrEntry.objects.all().delete()
    ben.post(reverse("routing:delete_lcr", args=[NUMBER]))
    ben.post(reverse("routing:delete_provider", args=[NUMBER]))
    with in_operator(stocked.beta):
        assert not Lcr.objects.exists() and not Provider.objects.exists()
    with in_operator(stocked.root):
        assert Lcr.objects.filter(pk=NUMBER).exists() and Provider.objects.filter(pk=NUMBER).exists()


def test_an_lcr_can_not_name_a_strangers_provider(stocked, browser_for):
    with in_operator(stocked.root):
        tariff = Tariff.objects.get()
        create_provider(Provider(pk=NUMBER + 1, name="Another", host="192.0.2.2", tariff=tariff))
    answer = browser_for(stocked.beta, "ben").post(
        reverse("routing:new_lcr"),
        {
            "name": "Mine", "order": "price", "percent_limit": "0", "entries-TOTAL_FORMS": "1",
            "entries-INITIAL_FORMS": "0", "entries-0-who": str(NUMBER + 1), "entries-0-priority": "1",
        },
    )  # fmt: skip
    assert answer.status_code == 422
    with in_operator(stocked.beta):
        assert not Lcr.objects.filter(name="Mine").exists()

"""An operator keeps rates for foreign currencies; its own has none, and one in use stays."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from portal.tariffs.models import Currency, Tariff
from tenants.context import in_operator


@pytest.fixture
def rita(house, browser_for):
    return browser_for(house.acme, "rita")


def codes(operator) -> dict[str, Decimal]:
    with in_operator(operator):
        return dict(Currency.objects.values_list("code", "rate"))


def test_a_currency_is_added_and_changed(house, rita):
    rita.post(reverse("tariffs:currencies"), {"code": "gbp", "rate": "1,17"})
    assert codes(house.acme) == {"GBP": Decimal("1.17")}
    rita.post(reverse("tariffs:currency", args=["GBP"]), {"rate": "1.2", "code": "USD"})
    assert codes(house.acme) == {"GBP": Decimal("1.2")} and codes(house.root) == {}


@pytest.mark.parametrize(
    ("code", "rate"),
    [("EUR", "1"), ("EURO", "1"), ("12", "1"), ("GBP", "0"), ("GBP", "-1"), ("GBP", "1e9"), ("GBP", "")],
)
def test_bad_currencies_are_refused(house, rita, code, rate):
    assert rita.post(reverse("tariffs:currencies"), {"code": code, "rate": rate}).status_code == 422
    assert codes(house.acme) == {}


def test_a_currency_in_use_stays_and_says_why(house, rita):
    with in_operator(house.acme):
        Currency.objects.create(code="GBP", rate=1)
        tariff = Tariff.objects.create(name="London", currency="GBP")
    answer = rita.post(reverse("tariffs:delete_currency", args=["GBP"]), follow=True)
    assert "London" in " ".join(str(one) for one in answer.context["messages"]) and codes(house.acme)
    with in_operator(house.acme):
        tariff.delete()
    rita.post(reverse("tariffs:delete_currency", args=["GBP"]))
    assert codes(house.acme) == {}

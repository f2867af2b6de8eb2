"""Tariffs and rates are written, found, blocked and deleted on their pages; what is in use stays."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.people.models import Customer
from portal.routing.create_provider import create_provider
from portal.routing.models import Provider
from portal.tariffs.models import Currency, Rate, Tariff
from tenants.context import in_operator

RATE = {"prefix": "370", "price": "0.1", "min_seconds": "0", "increment": "1"}


@pytest.fixture
def tariff(house):
    with in_operator(house.acme):
        return Tariff.objects.create(name="Retail", currency="EUR")


@pytest.fixture
def rita(house, browser_for):
    return browser_for(house.acme, "rita")


def url(name, *args):
    return reverse(f"tariffs:{name}", args=args)


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_a_tariff_is_made_in_a_currency_that_has_a_rate(house, rita):
    values = {"name": "New", "purpose": "sell", "currency": "GBP", "rounding": "grid", "grace_seconds": "3"}
    assert rita.post(url("new"), values).status_code == 422
    with in_operator(house.acme):
        Currency.objects.create(code="GBP", rate=Decimal("1.17"))
    assert rita.post(url("new"), values).status_code == 302
    with in_operator(house.acme):
        made = Tariff.objects.get(name="New")
        assert (made.currency, made.rounding, made.grace_seconds) == ("GBP", "grid", 3)


@pytest.mark.parametrize("name", ["Retail", "", "=SUM(1)", "a\u202eb", "x" * 101])
def test_a_bad_name_is_refused_with_a_sentence(house, rita, tariff, name):
    answer = rita.post(
        url("new"), {"name": name, "purpose": "sell", "currency": "EUR", "rounding": "grid", "grace_seconds": "0"}
    )
    assert answer.status_code == 422 and answer.context["form"].errors["name"][0].endswith(".")
    with in_operator(house.acme):
        assert Tariff.objects.count() == 1


def test_a_tariff_in_use_keeps_its_purpose_and_is_not_deleted(house, browser_for):
    ben = browser_for(house.beta, "ben")
    with in_operator(house.beta):
        tariff = Tariff.objects.create(name="Retail", currency="USD")
        Customer.objects.filter(name="Dan Ltd").update(tariff=tariff)
    assert "Dan Ltd" in said(ben.post(url("delete", tariff.pk), follow=True))
    values = {"name": "Retail", "purpose": "buy", "currency": "USD", "rounding": "grid", "grace_seconds": "0"}
    assert "in use" in ben.post(url("edit", tariff.pk), values).context["form"].errors["purpose"][0]
    with in_operator(house.beta):
        assert Tariff.objects.get(pk=tariff.pk).purpose == "sell"


def test_a_plain_reseller_has_tariffs_for_customers_only(house, rita, tariff):
    values = {"name": "Costs", "purpose": "buy", "currency": "EUR", "rounding": "grid", "grace_seconds": "0"}
    assert rita.post(url("new"), values).status_code == 302
    with in_operator(house.acme):
        assert Tariff.objects.get(name="Costs").purpose == "sell"


def test_a_tariff_of_a_provider_keeps_its_currency(house, browser_for):
    with in_operator(house.beta):
        Currency.objects.create(code="EUR", rate=1)
        tariff = Tariff.objects.create(name="Costs", purpose="buy", currency="USD")
        create_provider(Provider(name="Carrier", host="192.0.2.1", tariff=tariff))
    values = {"name": "Costs", "purpose": "buy", "currency": "EUR", "rounding": "grid", "grace_seconds": "0"}
    ben = browser_for(house.beta, "ben")
    assert "currency" in ben.post(url("edit", tariff.pk), values).context["form"].errors
    assert "Carrier" in said(ben.post(url("delete", tariff.pk), follow=True))


def test_an_unused_tariff_goes_with_its_rates(house, rita, tariff):
    with in_operator(house.acme):
        Rate.objects.create(tariff=tariff, prefix="1", price=1)
    rita.post(url("delete", tariff.pk))
    with in_operator(house.acme):
        assert not Tariff.objects.exists() and not Rate.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", "-1"), ("price", "1e3"), ("price", "1,234.5"), ("price", "12345678901"), ("price", "0.12345678901"),
        ("price", "NaN"), ("price", ""), ("prefix", "37x"), ("prefix", "+370"),
        ("prefix", "0370"), ("prefix", ""), ("prefix", "1" * 16),
        ("prefix", "٣٧٠"), ("destination", "=1+1"), ("destination", "a\x07b"), ("increment", "0"), ("increment", "-1"),
        ("min_seconds", "86401"), ("connection_fee", "-0.1"), ("effective_from", "soon"),
    ],
)  # fmt: skip
def test_a_bad_rate_is_refused_with_a_sentence_and_not_saved(house, rita, tariff, field, value):
    answer = rita.post(url("add_rate", tariff.pk), RATE | {field: value})
    assert answer.status_code == 422 and answer.context["form"].errors[field][0].endswith(".")
    with in_operator(house.acme):
        assert not Rate.objects.exists()


def test_a_rate_is_added_with_a_decimal_comma_and_the_worlds_name(house, rita, tariff):
    assert rita.post(url("add_rate", tariff.pk), RATE | {"price": "0,0125"}).status_code == 302
    with in_operator(house.acme):
        rate = Rate.objects.get()
    assert (rate.price, rate.destination, rate.connection_fee) == (Decimal("0.0125"), "Lithuania", 0)


def test_the_same_prefix_from_the_same_moment_is_refused(house, rita, tariff):
    at = RATE | {"effective_from": "2026-12-01T00:00:00"}
    rita.post(url("add_rate", tariff.pk), at)
    assert "already" in rita.post(url("add_rate", tariff.pk), at).context["form"].errors["prefix"][0]


def test_saving_a_rate_unchanged_keeps_its_instant_to_the_microsecond(house, rita, tariff):
    with in_operator(house.acme):
        rate = Rate.objects.create(tariff=tariff, prefix="370", destination="Here", price=1)
    shown = rita.get(url("rate", tariff.pk, rate.pk)).context["form"]
    values = {name: "" if shown[name].value() is None else shown[name].value() for name in shown.fields}
    values["effective_from"] = f"{rate.effective_from:%Y-%m-%dT%H:%M:%S}"
    values["blocked"] = ""
    assert rita.post(url("rate", tariff.pk, rate.pk), values | {"price": "2"}).status_code == 302
    with in_operator(house.acme):
        saved = Rate.objects.get()
    assert saved.price == 2 and saved.effective_from == rate.effective_from


def test_a_rate_is_blocked_and_opened_again(house, rita, tariff):
    with in_operator(house.acme):
        rate = Rate.objects.create(tariff=tariff, prefix="370", price=1)
    for word, state in (("yes", True), ("yes", True), ("no", False)):
        rita.post(url("block_rate", tariff.pk, rate.pk), {"blocked": word})
        with in_operator(house.acme):
            assert Rate.objects.get().blocked is state


def test_a_rate_of_another_tariff_is_not_reached_through_this_one(house, rita, tariff):
    with in_operator(house.acme):
        other = Tariff.objects.create(name="Other", currency="EUR")
        rate = Rate.objects.create(tariff=other, prefix="370", price=1)
    assert rita.get(url("rate", tariff.pk, rate.pk)).status_code == 404
    assert rita.post(url("delete_rate", tariff.pk, rate.pk)).status_code == 404


@pytest.fixture
def searched(house, tariff):
    now = timezone.now()
    with in_operator(house.acme):
        for prefix, name, days in (
            ("37", "Baltics", -9), ("370", "Lithuania", -9), ("370", "Lithuania", -1), ("370", "Lithuania", 9),
            ("3706", "Lithuania Mobile", -9), ("39", "Italy", -9), ("4", "Elsewhere", -9), ("999", "Edge", -9),
        ):  # fmt: skip
            Rate.objects.create(
                tariff=tariff,
                prefix=prefix,
                destination=name,
                price=10 - days,
                effective_from=now + timedelta(days=days),
            )
    return tariff


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "370"}, ["370", "3706"]),
        ({"q": "+37 0"}, ["370", "3706"]),
        ({"q": "39"}, ["39"]),
        ({"q": "9"}, ["999"]),
        ({"q": "999"}, ["999"]),
        ({"q": "37061234567"}, ["37", "370", "3706"]),
        ({"q": "mobile"}, ["3706"]),
        ({"q": "%"}, []),
        ({"q": "'; drop table"}, []),
        ({"q": "370", "show": "all"}, ["370", "370", "370", "3706"]),
        ({"show": "future"}, ["370"]),
        ({"show": "blocked"}, []),
        ({"show": "nonsense"}, ["37", "370", "3706", "39", "4", "999"]),
    ],
)
def test_rates_are_found_by_prefix_number_or_name(rita, searched, query, found):
    assert [rate.prefix for rate in rita.get(url("rates", searched.pk), query).context["page"]] == found


def test_of_a_prefix_the_newest_rate_that_has_begun_is_in_force(rita, searched):
    (rate,) = [one for one in rita.get(url("rates", searched.pk), {"q": "370"}).context["page"] if one.prefix == "370"]
    assert rate.price == 11


def test_the_list_counts_rates_in_force_and_all(rita, searched):
    (shown,) = rita.get(url("list")).context["page"]
    assert (shown.active_rates, shown.total_rates) == (6, 8)


def test_the_finder_names_the_destination_and_each_tariffs_longest_prefix(rita, searched):
    answer = rita.get(url("find"), {"number": "+370 612-34567"})
    assert answer.context["destination"].name == "Lithuania Mobile"
    assert [rate.prefix for rate in answer.context["rates"]] == ["3706"]
    assert rita.get(url("find"), {"number": "<x>"}).context["form"].errors


def test_lists_ask_a_fixed_number_of_queries(house, rita, django_assert_max_num_queries):
    with in_operator(house.acme):
        for number in range(60):
            made = Tariff.objects.create(name=f"Tariff {number}", currency="EUR")
            Rate.objects.bulk_create(Rate(tariff=made, prefix=str(one), price=1) for one in range(1, 6))
    with django_assert_max_num_queries(12):
        rita.get(url("list"))
    with django_assert_max_num_queries(12):
        rita.get(url("rates", made.pk))

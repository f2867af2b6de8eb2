"""An LCR names each carrier once, the operator above among them, and stays while customers use it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from portal.people.models import Customer
from portal.routing.create_provider import create_provider
from portal.routing.models import Lcr, Provider
from portal.tariffs.models import Tariff
from tenants.context import in_operator
from tenants.models import BookVersion

LCR = {"name": "Standard", "order": "price", "percent_limit": "20", "min_margin_percent": "-5,5"}


def rows(*places: tuple[str, str]) -> dict[str, str]:
    made = {"entries-TOTAL_FORMS": str(len(places)), "entries-INITIAL_FORMS": "0"}
    for row, (who, priority) in enumerate(places):
        made |= {f"entries-{row}-who": who, f"entries-{row}-priority": priority}
    return made


@pytest.fixture
def ben(house, browser_for):
    return browser_for(house.beta, "ben")


@pytest.fixture
def carriers(house):
    with in_operator(house.beta):
        tariff = Tariff.objects.create(name="Costs", purpose="buy", currency="USD")
        return [
            str(create_provider(Provider(name=name, host="192.0.2.1", tariff=tariff)).pk) for name in ("One", "Two")
        ]


def entries(operator) -> list[tuple[str, int]]:
    with in_operator(operator):
        return [(str(one.provider or "above"), one.priority) for one in Lcr.objects.get().entries.all()]


def test_own_providers_and_the_operator_above_stand_in_the_order_given(house, ben, carriers):
    one, two = carriers
    answer = ben.post(reverse("routing:new_lcr"), LCR | rows(("parent", "30"), (two, "10"), (one, "20"), ("", "")))
    assert answer.status_code == 302
    assert entries(house.beta) == [("Two", 10), ("One", 20), ("above", 30)]
    with in_operator(house.beta):
        lcr = Lcr.objects.get()
    assert (lcr.percent_limit, lcr.min_margin_percent, lcr.first_only) == (20, Decimal("-5.5"), False)


def test_entries_are_changed_and_removed(house, ben, carriers):
    one, two = carriers
    ben.post(reverse("routing:new_lcr"), LCR | rows((one, "1"), (two, "2")))
    with in_operator(house.beta):
        pk = Lcr.objects.get().pk
    ben.post(reverse("routing:lcr", args=[pk]), LCR | rows((one, "5"), (two, "")) | {"entries-0-DELETE": "on"})
    assert entries(house.beta) == [("Two", 2)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (rows(), "at least one"), (rows(("", "")), "at least one"), (rows(("parent", "1"), ("parent", "2")), "once"),
    ],
)  # fmt: skip
def test_no_entry_or_one_twice_is_refused_with_a_sentence(house, ben, change, words):
    answer = ben.post(reverse("routing:new_lcr"), LCR | change)
    assert answer.status_code == 422 and words in answer.context["rows"].non_form_errors()[0]
    with in_operator(house.beta):
        assert not Lcr.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("percent_limit", "-1"),
        ("percent_limit", "99999"),
        ("min_margin_percent", "-101"),
        ("order", "luck"),
        ("name", ""),
    ],
)
def test_a_bad_value_is_refused_with_a_sentence(ben, field, value):
    answer = ben.post(reverse("routing:new_lcr"), LCR | rows(("parent", "1")) | {field: value})
    assert answer.status_code == 422 and answer.context["form"].errors[field][0].endswith(".")


def test_the_owner_has_nobody_above(house, browser_for):
    answer = browser_for(house.root, "olga").post(reverse("routing:new_lcr"), LCR | rows(("parent", "1")))
    assert answer.status_code == 422


def test_without_carriers_the_operator_above_is_all_there_is_to_name(house, ben):
    assert ben.post(reverse("routing:new_lcr"), LCR | rows(("parent", "1"))).status_code == 302
    assert entries(house.beta) == [("above", 1)]
    shown = ben.get(reverse("routing:new_lcr")).context["rows"].empty_form.fields["who"].choices
    assert [value for value, _label in shown] == ["", "parent"]


def test_an_lcr_in_use_stays_and_says_who_uses_it(house, ben):
    ben.post(reverse("routing:new_lcr"), LCR | rows(("parent", "1")))
    with in_operator(house.beta):
        lcr = Lcr.objects.get()
        Customer.objects.filter(name="Dan Ltd").update(lcr=lcr)
    answer = ben.post(reverse("routing:delete_lcr", args=[lcr.pk]), follow=True)
    assert "Dan Ltd" in " ".join(str(message) for message in answer.context["messages"])
    with in_operator(house.beta):
        assert Lcr.objects.exists()
        Customer.objects.update(lcr=None)
    ben.post(reverse("routing:delete_lcr", args=[lcr.pk]))
    with in_operator(house.beta):
        assert not Lcr.objects.exists()


def test_the_list_asks_a_fixed_number_of_queries(house, ben, carriers, django_assert_max_num_queries):
    with in_operator(house.beta):
        for number in range(60):
            made = Lcr.objects.create(name=f"LCR {number}")
            made.entries.create(provider_id=int(carriers[0]))
    with django_assert_max_num_queries(12):
        assert len(ben.get(reverse("routing:lcrs")).context["page"]) == 50


def test_a_change_raises_the_book_of_this_operator_only(house, ben):
    def version(operator):
        with in_operator(operator):
            return BookVersion.objects.get(pk=operator.pk).version

    here, there = version(house.beta), version(house.root)
    ben.post(reverse("routing:new_lcr"), LCR | rows(("parent", "1")))
    assert version(house.beta) > here and version(house.root) == there

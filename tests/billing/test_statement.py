"""What moved on an account, newest first, for whom it concerns."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ledger.posting import new_source
from portal.billing.move_money import move_money
from portal.people.create_customer import create_customer
from portal.people.models import Customer
from tenants.context import in_operator


@pytest.fixture
def carlas(house):
    with in_operator(house.acme):
        customer = Customer.objects.get(name="Carla Ltd")
        for number in range(1, 121):
            move_money(customer, new_source(), "payment", Decimal(number), f"payment {number}")
        return customer


def reasons(answer) -> list[str]:
    return [one.memo for one in answer.context["transfers"]]


def test_pages_follow_each_other_without_gap_or_repeat(house, browser_for, carlas):
    rita, path, seen = browser_for(house.acme, "rita"), f"/billing/{carlas.pk}/", []
    query = ""
    for _ in range(3):
        answer = rita.get(path + query)
        seen += reasons(answer)
        query = answer.context["older"]
    assert seen == [f"payment {number}" for number in range(120, 0, -1)]
    assert query == ""


@pytest.mark.parametrize("place", ["x", "1", "-1-0", "9" * 40 + "-0", "1-99999", "1-1-1", "%00", "²-²"])
def test_an_odd_place_to_read_from_is_the_beginning(house, browser_for, carlas, place):
    answer = browser_for(house.acme, "rita").get(f"/billing/{carlas.pk}/?before={place}")
    assert answer.status_code == 200
    assert reasons(answer)[0] == "payment 120"


def test_carla_reads_her_own_and_nobody_else_s(house, browser_for, carlas):
    with in_operator(house.acme):
        other = create_customer(Customer(name="Other Ltd", currency="EUR"))
        move_money(other, new_source(), "payment", Decimal(7), "secret deal")
    carla = browser_for(house.acme, "carla")
    assert reasons(carla.get("/billing/"))[0] == "payment 120"
    assert "secret deal" not in carla.get("/billing/").content.decode()
    assert carla.get(f"/billing/{other.pk}/").status_code == 403
    assert reasons(browser_for(house.beta, "dan").get("/billing/")) == []


def test_a_reseller_reads_its_own_account_where_it_buys(house, browser_for):
    with in_operator(house.root):
        acme, beta = (Customer.objects.get(operator_id=one.pk) for one in (house.acme, house.beta))
        move_money(acme, new_source(), "payment", Decimal(500), "for acme")
        move_money(beta, new_source(), "payment", Decimal(900), "for beta")
    answer = browser_for(house.acme, "rita").get("/billing/above/")
    assert reasons(answer) == ["for acme"]
    assert "+500.0000" in answer.content.decode()
    assert reasons(browser_for(house.beta, "ben").get("/billing/above/")) == ["for beta"]
    assert browser_for(house.root, "olga").get("/billing/above/").status_code == 404


def test_the_statement_costs_the_same_however_long_it_is(house, browser_for, carlas, django_assert_max_num_queries):
    rita = browser_for(house.acme, "rita")
    with django_assert_max_num_queries(9):
        rita.get(f"/billing/{carlas.pk}/")

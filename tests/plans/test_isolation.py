"""Operators see their own plan and their seller's prices, grant themselves nothing, and learn nothing of siblings."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from plans.gate import has_addon
from plans.grant import grant
from plans.models import AddonPrice, Capacity, Entitlement, Plan, Subscription
from plans.standing import standing_of
from plans.subscribe import start_trial, subscribe_by_hand
from tenants.context import in_operator


@pytest.fixture
def plan(house):
    with in_operator(house.root):
        return Plan.objects.create(operator_id=house.root.pk, name="Start", calls=20, price=49, currency="USD")


def test_the_seller_s_prices_are_read_by_those_right_below_and_nobody_else_s(house, plan):
    with in_operator(house.acme):
        Plan.objects.create(operator_id=house.acme.pk, name="Acme's own", currency="EUR")
        AddonPrice.objects.create(operator_id=house.acme.pk, addon="more_calls", price=10, currency="EUR")
        assert set(Plan.objects.values_list("name", flat=True)) == {"Start", "Acme's own"}
    for operator in (house.root, house.beta):
        with in_operator(operator):
            assert set(Plan.objects.values_list("name", flat=True)) == {"Start"}
            assert not AddonPrice.objects.exists()


def test_nobody_changes_its_seller_s_prices(house, plan):
    with in_operator(house.acme):
        assert Plan.objects.filter(pk=plan.pk).update(price=0) == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Plan.objects.create(operator_id=house.root.pk, name="Free", currency="USD")


def test_an_operator_reads_its_own_subscription_and_not_its_sibling_s(house, plan):
    subscribe_by_hand(house.acme, plan)
    subscribe_by_hand(house.beta, plan)
    grant(house.beta, "more_calls")
    with in_operator(house.acme):
        assert [one.pk for one in Subscription.objects.all()] == [house.acme.pk]
        assert not Entitlement.objects.exists()
        assert [one.pk for one in Capacity.objects.all()] == [house.acme.pk]
    with in_operator(house.root):
        assert Subscription.objects.count() == 2


def test_an_operator_grants_itself_nothing(house, plan):
    subscribe_by_hand(house.acme, plan)
    row = {"addon": "more_calls", "since": timezone.now(), "source": "manual", "operator_id": house.acme.pk}
    with in_operator(house.acme):
        for seller in (house.acme.pk, house.root.pk):
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                Entitlement.objects.create(seller_id=seller, **row)
        assert Subscription.objects.filter(pk=house.acme.pk).update(state="cancelled") == 0
        assert Capacity.objects.filter(pk=house.acme.pk).update(account_id=None) == 0


def test_a_seller_sells_to_those_right_below_it_only(house, plan):
    row = {"addon": "more_calls", "since": timezone.now(), "source": "manual"}
    with in_operator(house.beta), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        Entitlement.objects.create(operator_id=house.acme.pk, seller_id=house.beta.pk, **row)


def test_nobody_asks_how_a_sibling_stands(house):
    with in_operator(house.acme), pytest.raises(DatabaseError, match="another operator"), transaction.atomic():
        standing_of(house.beta)
    connection.set_schema_to_public()
    with pytest.raises(DatabaseError, match="another operator"), transaction.atomic():
        has_addon(house.acme, "sms")


def test_the_helpers_of_the_policies_are_no_way_around_them(house):
    with in_operator(house.acme), connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            cursor.execute("select * from plans_chain(%s)", [house.beta.pk])


def test_answers_are_never_kept_from_one_operator_to_the_next(house, plan):
    start_trial(house.acme, plan)
    for _ in range(3):
        for operator, state in ((house.acme, "TRIAL"), (house.beta, "LIMITED")):
            with in_operator(operator):
                assert standing_of(operator).state("reseller").name == state

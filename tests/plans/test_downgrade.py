"""After a downgrade data stay: the oldest within the limit work, the rest is suspended after 14 days, and returns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from opening.open_operator import Wish, open_operator
from plans.downgrade import enforce
from plans.gate import OverLimit, reserve_customers
from plans.grant import grant, revoke
from plans.models import Entitlement, Excess
from plans.tasks import enforce_quotas
from portal.people.create_customer import create_customer
from portal.people.models import Customer
from tenants.context import in_operator

DAY = timedelta(days=1)


def add(operator, *names):
    with in_operator(operator), transaction.atomic():
        reserve_customers(operator, len(names))
        for name in names:
            create_customer(Customer(name=name, currency=operator.currency))


def working(*operators):
    found = []
    for operator in operators:
        with in_operator(operator):
            found += (
                Customer.objects.filter(state="active", operator_id=None).order_by("pk").values_list("name", flat=True)
            )
    return found


@pytest.fixture
def downgraded(open_house, rooms):
    """Acme has carla's firm and four more customers when the owner's platform is held to two."""
    add(open_house.acme, "Second", "Third", "Fourth", "Fifth")
    grant(open_house.root, "reseller", state=Entitlement.State.LIMITED)
    return open_house


def test_within_the_grace_all_go_on_and_nothing_can_be_added(downgraded):
    root, acme = downgraded.root, downgraded.acme
    now = timezone.now()
    assert enforce(root, now) == {}
    assert enforce(root, now + 14 * DAY - timedelta(seconds=1)) == {}
    assert len(working(acme)) == 5
    with pytest.raises(OverLimit):
        add(acme, "Sixth")


def test_after_the_grace_the_oldest_two_work_and_three_are_suspended_and_kept(downgraded):
    root, acme = downgraded.root, downgraded.acme
    now = timezone.now()
    enforce(root, now)
    assert enforce(root, now + 14 * DAY) == {"reseller.users": 3}
    assert working(acme) == ["Carla Ltd", "Second"]
    assert enforce(root, now + 15 * DAY) == {"reseller.users": 3}, "again is the same"
    with in_operator(acme):
        assert Customer.objects.filter(operator_id=None).count() == 5


def test_what_is_bought_again_comes_back_and_only_that(downgraded):
    root, acme = downgraded.root, downgraded.acme
    with in_operator(acme):
        Customer.objects.filter(name="Second").update(state="suspended")
    now = timezone.now()
    enforce(root, now)
    enforce(root, now + 14 * DAY)
    revoke(root, "reseller")
    grant(root, "reseller")
    assert enforce(root, now + 15 * DAY) == {}
    assert working(acme) == ["Carla Ltd", "Third", "Fourth", "Fifth"], "what the reseller suspended itself stays so"
    with in_operator(root):
        assert not Excess.objects.exists()


def test_deleting_one_within_the_limit_lets_the_next_oldest_back_in(downgraded):
    root, acme = downgraded.root, downgraded.acme
    now = timezone.now()
    enforce(root, now)
    enforce(root, now + 14 * DAY)
    with in_operator(acme):
        Customer.objects.filter(name="Second").delete()
    assert enforce(root, now + 15 * DAY) == {"reseller.users": 2}
    assert working(acme) == ["Carla Ltd", "Third"]


def test_the_grace_begins_anew_after_all_was_well(downgraded):
    root = downgraded.root
    now = timezone.now()
    enforce(root, now)
    grant(root, "reseller", state=Entitlement.State.PURCHASED)
    revoke(root, "reseller")
    grant(root, "reseller")
    enforce(root, now + 5 * DAY)
    revoke(root, "reseller")
    grant(root, "reseller", state=Entitlement.State.LIMITED)
    enforce(root, now + 20 * DAY)
    assert enforce(root, now + 33 * DAY) == {}
    assert enforce(root, now + 34 * DAY) == {"reseller.users": 3}


def test_the_oldest_of_several_resellers_stay_whoever_s_they_are(open_house, rooms):
    root, acme = open_house.root, open_house.acme
    other = open_operator(Wish("Other", ("other.localhost",), "EUR", parent_id=root.pk))
    add(other, "Of the other")
    add(acme, "Later")
    grant(root, "reseller", state=Entitlement.State.LIMITED)
    now = timezone.now()
    enforce(root, now)
    enforce(root, now + 14 * DAY)
    assert working(acme, other) == ["Carla Ltd", "Of the other"]


def test_the_pro_flag_remains_when_its_addon_ends(open_house, rooms):
    grant(open_house.root, "reseller_pro", state=Entitlement.State.HIDDEN)
    now = timezone.now()
    enforce(open_house.root, now)
    enforce(open_house.root, now + 14 * DAY)
    from tenants.lookup import operator_by_id

    assert operator_by_id(open_house.beta.pk).is_pro


def test_the_job_looks_at_everybody(downgraded):
    assert enforce_quotas(0) == 0
    with in_operator(downgraded.root):
        assert [one.key for one in Excess.objects.all()] == ["reseller.users"]
        Excess.objects.update(since=timezone.now() - 14 * DAY)
    assert enforce_quotas(0) == 3
    assert len(working(downgraded.acme)) == 2

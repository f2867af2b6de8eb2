"""Of many who want the last place exactly as many get it as there are places. Real threads, real connections."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from opening.open_operator import Wish, open_operator
from plans.gate import OverLimit, reserve_customers, reserve_operator
from plans.grant import grant, revoke
from plans.models import Entitlement
from portal.people.create_customer import create_customer
from portal.people.models import Customer
from tenants.context import in_operator, leave_operator
from tenants.models import Operator


def all_at_once(deeds):
    """Each deed in a thread of its own, begun together; True for what was done, False for what was over the limit."""
    start = threading.Barrier(len(deeds))

    def run(deed):
        try:
            start.wait(10)
            deed()
            return True
        except OverLimit:
            return False
        finally:
            leave_operator()
            for one in connections.all(initialized_only=True):
                one.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def hold_the_door(seconds: float):
    """Stay inside the transaction, between the gate and the making, while the others come."""

    def wait():
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(%s)", [seconds])

    return wait


@pytest.mark.parametrize("again", range(3))
def test_e17_of_two_creators_at_nine_of_ten_exactly_one_succeeds(open_house, cards, again):
    acme = open_house.acme
    cards.make(acme, 9)
    done = all_at_once([lambda: cards.make(acme, 1, hold_the_door(0.3))] * 2)
    assert sorted(done) == [False, True]
    assert cards.count(acme) == 10


def test_of_twelve_creators_four_get_the_last_four_places(open_house, cards):
    acme = open_house.acme
    cards.make(acme, 6)
    done = all_at_once([lambda: cards.make(acme, 1, hold_the_door(0.02))] * 12)
    assert sum(done) == 4
    assert cards.count(acme) == 10


def test_a_creator_that_fails_after_the_gate_leaves_the_place_to_the_next(open_house, cards):
    acme = open_house.acme
    cards.make(acme, 9)

    def fail():
        hold_the_door(0.3)()
        raise OverLimit("changed its mind", key="", limit=0, used=0, code="")

    done = all_at_once([lambda: cards.make(acme, 1, fail), lambda: cards.make(acme, 1)])
    assert done == [False, True]
    assert cards.count(acme) == 10


def add_customer(operator, name):
    with in_operator(operator), transaction.atomic():
        reserve_customers(operator)
        hold_the_door(0.1)()
        create_customer(Customer(name=name, currency=operator.currency))


def test_customers_of_several_resellers_race_for_the_platform_s_last_place(open_house, rooms):
    root, acme = open_house.root, open_house.acme
    other = open_operator(Wish("Other", ("other.localhost",), "EUR", parent_id=root.pk))
    grant(root, "reseller", state=Entitlement.State.LIMITED)
    deeds = [
        lambda n=n, operator=operator: add_customer(operator, f"Racer {n}")
        for operator in (acme, other) for n in range(3)
    ]  # fmt: skip
    assert sum(all_at_once(deeds)) == 1, "carla is one of the two already"
    total = 0
    for operator in (acme, other):
        with in_operator(operator):
            total += Customer.objects.count()
    assert total == 2


def test_resellers_opened_together_race_for_the_last_place(open_house, rooms):
    root = open_house.root
    Operator.objects.using("owner").filter(pk=open_house.acme.pk).update(state="closed")
    grant(root, "reseller", state=Entitlement.State.LIMITED)

    def opened(name):
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            reserve_operator(root.pk, Operator.Kind.RESELLER, using="owner")
            cursor.execute("select pg_sleep(0.1)")
            cursor.execute("select nextval(pg_get_serial_sequence('tenants_operator', 'id'))")
            number = cursor.fetchone()[0]
            Operator(
                pk=number, schema_name=f"op_{number}", parent_id=root.pk, name=name, currency="EUR"
            ).save_base(using="owner", force_insert=True)  # fmt: skip

    done = all_at_once([lambda n=n: opened(f"Racer {n}") for n in range(4)])
    assert sum(done) == 1
    assert Operator.objects.using("owner").filter(name__startswith="Racer").count() == 1


def test_a_purchase_while_others_wait_at_the_gate_lets_them_in(open_house, cards):
    acme = open_house.acme
    cards.make(acme, 10)

    def buy():
        grant(acme, "calling_cards")

    cards_and_purchase = [buy]
    assert all_at_once(cards_and_purchase) == [True]
    assert all(all_at_once([lambda: cards.make(acme, 5)] * 2))
    revoke(acme, "calling_cards")
    assert all_at_once([lambda: cards.make(acme, 1)]) == [False]
    assert cards.count(acme) == 20

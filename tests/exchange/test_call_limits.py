"""How many calls at once: of a device, a customer, a reseller. A place is given back when the call is settled."""

import pytest
from django.db import connection

from ledger.accounts import set_call_limit
from portal.devices.models import Device
from portal.people.models import Customer
from tenants.context import in_operator
from tests.exchange import look


def limit(operator, model, row, name, calls):
    with in_operator(operator):
        account = set_call_limit(operator.pk, f"{name}:{row.pk}", calls)
        model.objects.filter(pk=row.pk).update(call_limit=calls, limit_account_id=account)
    connection.set_schema_to_public()
    look.books_are_current()


@pytest.mark.parametrize(("whose", "cause"), [("device", 221), ("customer", 220), ("reseller", 222)])
def test_a_full_limit_refuses_until_a_call_has_ended(standing, at_node, whose, cause):
    shop = standing.shop
    operator, model, row, name = {
        "device": (shop.house.acme, Device, shop.carlas_phone, "device"),
        "customer": (shop.house.acme, Customer, shop.carla, "customer"),
        "reseller": (shop.house.root, Customer, shop.acme_row, "customer"),
    }[whose]
    limit(operator, model, row, name, 2)
    phone = shop.carlas_phone.username
    assert [at_node.decide(f"{whose}{n}", phone)["cause"] for n in range(4)] == [0, 0, cause, cause]
    at_node.end(f"{whose}0", 3)
    assert [at_node.decide(f"{whose}{n}", phone)["cause"] for n in (4, 5)] == [0, cause]
    at_node.end(f"{whose}1", None)
    look.ago(f"{whose}4", 60)
    at_node.reconcile()  # closed by estimate: its place is free, too
    assert [at_node.decide(f"{whose}{n}", phone)["cause"] for n in (6, 7, 8)] == [0, 0, cause]
    at_node.end(f"{whose}6", 1)
    at_node.end(f"{whose}7", 1)
    limit(operator, model, row, name, 0)
    assert at_node.decide(f"{whose} free", phone)["cause"] == 0
    at_node.end(f"{whose} free", 1)

"""Fills the base database: three operators and the people every permission test is told with."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

from opening.open_operator import Wish, open_operator  # noqa: E402
from portal.people.create_customer import create_customer  # noqa: E402
from portal.people.models import Customer, User  # noqa: E402
from tenants.context import in_operator  # noqa: E402

PASSWORD = "correct horse battery"  # noqa: S105

root = open_operator(Wish("Northwind Voice", ("root.localhost",), "USD", kind="owner"))
acme = open_operator(Wish("Acme Telecom", ("acme.localhost",), "EUR", parent_id=root.pk, primary="#b3261e"))
beta = open_operator(Wish("Beta Voice", ("beta.localhost",), "USD", kind="reseller_pro", parent_id=root.pk))

for operator, staff, role, person in (
    (root, "olga", "owner", "petra"),
    (acme, "rita", "reseller", "carla"),
    (beta, "ben", "reseller", "dan"),
):
    with in_operator(operator):
        User.objects.create_user(staff, f"{staff}@{operator.main_domain}", PASSWORD, role=role)
        customer = create_customer(Customer(name=f"{person.title()} Ltd", currency=operator.currency))
        User.objects.create_user(
            person, f"{person}@{operator.main_domain}", PASSWORD, role="customer", customer=customer
        )

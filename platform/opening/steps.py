"""The steps of opening, in their order. Each may run again and then changes nothing."""

from __future__ import annotations

from wagtail.models import Page, Site

from cms.models import HomePage
from ledger.accounts import house_account
from portal.numbers.models import Location
from portal.people.create_customer import create_customer
from portal.people.models import Customer
from tenants.context import in_operator
from tenants.lookup import operator_by_id
from tenants.models import Operator


def make_house_accounts(operator: Operator) -> None:
    """What every operator books against: revenue, cost and cash in its own currency."""
    with in_operator(operator):
        for kind in ("revenue", "cost", "cash"):
            house_account(operator.pk, kind, operator.currency)


def make_global_location(operator: Operator) -> None:
    with in_operator(operator):
        Location.objects.get_or_create(is_global=True, defaults={"name": "Global"})


def make_website(operator: Operator) -> None:
    """Replace Wagtail's welcome page by the operator's own home page on its own host."""
    with in_operator(operator):
        if HomePage.objects.exists():
            return
        Site.objects.all().delete()
        Page.objects.filter(depth=2).delete()
        home = Page.objects.get(depth=1).add_child(instance=HomePage(title=operator.name, slug="home"))
        Site.objects.create(
            hostname=operator.main_domain, port=80, root_page=home, is_default_site=True, site_name=operator.name
        )


def become_customer_of_parent(operator: Operator) -> None:
    """The row in the parent's books that this operator's calls are billed to. The owner has none."""
    if operator.parent_id is None:
        return
    parent = operator_by_id(operator.parent_id)
    assert parent is not None
    with in_operator(parent):
        if Customer.objects.filter(operator_id=operator.pk).exists():
            return
        name = operator.name
        if Customer.objects.filter(name=name).exists():
            name = f"{operator.name} ({operator.pk})"
        create_customer(Customer(name=name, currency=operator.currency, operator_id=operator.pk))

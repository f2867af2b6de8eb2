"""The steps of opening, in their order. Each may run again and then changes nothing."""

from __future__ import annotations

from django.db import transaction
from wagtail.models import Page, Site

from cms.models import HomePage
from ledger.accounts import house_account
from portal.numbers.copy_rules import copy_rules, make_standard_location
from portal.numbers.models import Location
from portal.people.create_customer import create_customer
from portal.people.models import Customer
from portal.routing.common_use import welcome_pro
from tenants.below import may_copy_rules
from tenants.context import in_operator
from tenants.lookup import operator_by_id
from tenants.models import Operator


def make_house_accounts(operator: Operator) -> None:
    """What every operator books against: revenue, cost and cash in its own currency."""
    with in_operator(operator):
        for kind in ("revenue", "cost", "cash"):
            house_account(operator.pk, kind, operator.currency)


def make_first_location(operator: Operator) -> None:
    """With copies of the rules above, if they may be copied; once, so that later changes there or here stay."""
    with in_operator(operator):
        if Location.objects.standard() is not None:
            return
        with transaction.atomic():
            make_standard_location(operator)
            if may_copy_rules(operator):
                copy_rules(replace=False)


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


def offer_common_providers(operator: Operator) -> None:
    """A PRO may use the parent's providers for common use from the start, where the parent has a rule that says so."""
    if operator.parent_id is None or not operator.is_pro:
        return
    parent = operator_by_id(operator.parent_id)
    assert parent is not None
    with in_operator(parent):
        welcome_pro(operator)

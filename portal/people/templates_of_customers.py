"""What a new customer starts with: the default template, and making a customer by one."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from ledger.accounts import house_account
from ledger.posting import Leg, new_source, post
from portal.people.create_customer import create_customer
from portal.people.models import Customer, CustomerTemplate
from tenants.context import current_operator


def default_customer_template() -> CustomerTemplate:
    """The operator's, else what is safe: prepaid, nothing for free, and no tariff, so no calls."""
    found = CustomerTemplate.objects.filter(is_default=True).select_related("tariff", "lcr").first()
    return found or CustomerTemplate(name="Default", is_default=True, currency=current_operator().currency)


def create_from_template(customer: Customer, template: CustomerTemplate) -> Customer:
    """Save `customer` (unsaved) with everything the template says."""
    customer.tariff, customer.allow_loss, customer.call_limit = (
        template.tariff,
        template.allow_loss,
        template.call_limit,
    )
    customer.lcr = template.lcr if current_operator().is_pro else None
    customer.currency = template.currency
    with transaction.atomic():
        create_customer(customer, template.credit_limit)
        give_opening_balance(customer, template.opening_balance)
    return customer


def give_opening_balance(customer: Customer, amount: Decimal) -> None:
    """The present a new customer gets, as its own line on the statement. Last in its transaction."""
    if amount > 0:
        operator = current_operator().pk
        legs = [Leg(house_account(operator, "adjustment", customer.currency), customer.account, amount)]
        post(operator, new_source(), "opening_balance", legs, memo="Opening balance")

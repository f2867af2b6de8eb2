"""A new customer: the row, and the ledger accounts it pays from."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from ledger.accounts import open_account, set_call_limit
from plans.gate import reserve_customers
from portal.people.models import Customer
from tenants.context import current_operator


def create_customer(customer: Customer, credit_limit: Decimal | None = Decimal(0)) -> Customer:
    """Save `customer` (unsaved so far) with an account in its currency.

    `credit_limit` is how far below zero it may go, in that currency; None is without limit. A reseller among the
    customers may read its own account. Raises plans.gate.OverLimit when no more customers fit what was bought.
    """
    operator = current_operator()
    with transaction.atomic():
        # Room for a reseller is reserved by whoever opens it.
        if customer.operator_id is None:
            reserve_customers(operator)
        customer.save()
        ref = f"customer:{customer.pk}"
        customer.account_id = open_account(
            operator.pk, "customer", ref, customer.currency, label=customer.name,
            floor=None if credit_limit is None else -credit_limit, party_operator_id=customer.operator_id,
        )  # fmt: skip
        customer.limit_account_id = set_call_limit(operator.pk, ref, customer.call_limit)
        customer.save(update_fields=["account_id", "limit_account_id"])
    return customer

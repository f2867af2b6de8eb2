"""Changing a customer: the row, how deep into debt it may go, how many calls at once; suspending, archiving.

Nothing with calls or money is ever deleted. Suspended: can't call. Archived: out of the lists, whatever else it is.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from ledger.accounts import set_call_limit, set_floor
from portal.people.models import Customer
from tenants.context import current_operator


def change_customer(customer: Customer, credit_limit: Decimal | None) -> None:
    """Save `customer` with its limits. `credit_limit` as in create_customer: None is without limit."""
    with transaction.atomic():
        set_floor(customer.account, None if credit_limit is None else -credit_limit)
        limit = set_call_limit(current_operator().pk, f"customer:{customer.pk}", customer.call_limit)
        customer.limit_account_id = limit
        customer.save()


def suspend(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(state=Customer.State.SUSPENDED)


def resume(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(state=Customer.State.ACTIVE)


def archive(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk, archived_at=None).update(archived_at=timezone.now())


def restore(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(archived_at=None)

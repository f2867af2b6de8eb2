"""Moving money on a customer's account by hand: a payment that came in (or went back), or a correction."""

from __future__ import annotations

from decimal import Decimal

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from ledger.accounts import house_account
from ledger.posting import Leg, post
from portal.people.models import Customer
from tenants.context import current_operator


class Kind(models.TextChoices):
    PAYMENT = "payment", _("Payment")
    CORRECTION = "correction", _("Correction")


# Against what the customer's account moves.
AGAINST = {Kind.PAYMENT: "cash", Kind.CORRECTION: "adjustment"}


def move_money(customer: Customer, source: int, kind: str, amount: Decimal, reason: str) -> bool:
    """Add `amount` (negative: take) to the balance. False: this very deed was done before, and nothing was done now.

    Raises BelowFloor when there isn't so much to take, PostedDifferently when the deed was another one.
    """
    operator = current_operator()
    with transaction.atomic():
        house = house_account(operator.pk, AGAINST[Kind(kind)], customer.currency)
        debit, credit = (house, customer.account) if amount > 0 else (customer.account, house)
        return post(operator.pk, source, kind, [Leg(debit, credit, abs(amount))], memo=reason, keep_floors=True)

"""The ledger's rows. They are written by the functions in sql/ only; nothing here saves.

`posted` is credits minus debits. What may still be held is posted - held - floor (floor None: no limit). A customer's
prepaid money is a positive balance; its floor is minus its credit limit. A limit of simultaneous calls is an account in
the unit CALL with floor 0.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

CALL = "CALL"


class Money(models.DecimalField):
    """An amount with ten decimals, as charges are rounded."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"max_digits": 30, "decimal_places": 10} | options))


class AccountKind(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    OPERATOR = "operator", _("Reseller")
    PROVIDER = "provider", _("Provider")
    REVENUE = "revenue", _("Revenue")
    COST = "cost", _("Cost")
    CASH = "cash", _("Cash")
    ADJUSTMENT = "adjustment", _("Adjustment")
    LIMIT = "limit", _("Simultaneous calls")
    CAPACITY = "capacity", _("Capacity")


class AccountQuerySet(models.QuerySet["Account"]):
    def of(self, operator_id: int) -> AccountQuerySet:
        """The accounts in an operator's own books."""
        return self.filter(operator_id=operator_id)

    def held_by(self, party_operator_id: int) -> AccountQuerySet:
        """The accounts that an operator has in other operators' books."""
        return self.filter(party_operator_id=party_operator_id)


class Account(models.Model):
    """`ref` names what it belongs to ("customer/7"); unique with operator, kind and currency.

    `party_operator_id` is the reseller whose account in its parent's books this is. `overrun` is how far below its
    floor real usage has taken it.
    """

    operator_id = models.BigIntegerField()
    kind = models.TextField(choices=AccountKind.choices)
    party_operator_id = models.BigIntegerField(null=True, blank=True)
    ref = models.TextField(default="", blank=True)
    label = models.TextField(default="", blank=True)
    currency = models.TextField()
    posted = Money(default=Decimal(0))
    held = Money(default=Decimal(0))
    floor = Money(null=True, blank=True)
    overrun = Money(default=Decimal(0))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator_id", "kind", "ref", "currency"], name="ledger_account_of"),
        ]

    def __str__(self) -> str:
        return self.label or f"{self.kind} {self.ref} {self.currency}".strip()

    @property
    def available(self) -> Decimal | None:
        """What can still be held; None if there is no limit. Negative when real usage went below the floor."""
        return None if self.floor is None else self.posted - self.held - self.floor


class TransferQuerySet(models.QuerySet["Transfer"]):
    def of_account(self, account_id: int) -> TransferQuerySet:
        """Both sides of an account, newest first. Two index scans, merged."""
        return self.filter(models.Q(debit=account_id) | models.Q(credit=account_id)).order_by("-source", "-part")


class Transfer(models.Model):
    """`amount` goes from `debit` to `credit`. `source` is the call or deed it comes from, `part` counts within it."""

    pk = models.CompositePrimaryKey("source", "part")
    source = models.BigIntegerField()
    part = models.SmallIntegerField()
    operator_id = models.BigIntegerField()
    party_operator_id = models.BigIntegerField(null=True)
    kind = models.TextField()
    debit = models.BigIntegerField()
    credit = models.BigIntegerField()
    amount = Money()
    currency = models.TextField()
    memo = models.TextField(default="")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TransferQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.debit} -> {self.credit}"


class Hold(models.Model):
    """What a running call (or another deed) keeps from being spent elsewhere."""

    pk = models.CompositePrimaryKey("source", "account")
    source = models.BigIntegerField()
    account = models.BigIntegerField()
    operator_id = models.BigIntegerField()
    amount = Money()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.amount} of {self.account} for {self.source}"


class Closing(models.Model):
    """What an account had posted at the end of a day on which it changed, as known when the day was closed."""

    pk = models.CompositePrimaryKey("account", "day")
    account = models.BigIntegerField()
    day = models.DateField()
    posted = Money()

    def __str__(self) -> str:
        return f"{self.account} {self.day}: {self.posted}"


class ClosedDay(models.Model):
    """A day that has been closed: transfers with a source below `bound` are late. `summed` once its closings stand."""

    day = models.DateField(primary_key=True)
    bound = models.BigIntegerField()
    summed = models.BooleanField(default=False)

    class Meta:
        db_table = "ledger_closed"

    def __str__(self) -> str:
        return str(self.day)


class LateTransfer(models.Model):
    """A transfer posted into a closed day; it counts towards the first closing after the day named."""

    pk = models.CompositePrimaryKey("source", "part")
    source = models.BigIntegerField()
    part = models.SmallIntegerField()
    counts_after = models.DateField()

    class Meta:
        db_table = "ledger_late"

    def __str__(self) -> str:
        return f"{self.source}/{self.part}"

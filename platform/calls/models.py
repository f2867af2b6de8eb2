"""Calls: those that last, and one row per call and level when they are over.

A row belongs to the operator of its level: its sell side is what that level was paid, its buy side what it paid. Ids of
customers, devices and providers are those of the operator's own schema, with a copy of the label.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from calls.destinations import Destination as Destination
from ledger.ids import id_at
from ledger.models import Money


class CallKey(models.Model):
    """The name a call was admitted under. Kept for days after the call, so that it is admitted once."""

    id = models.BigIntegerField(primary_key=True)
    uuid = models.TextField()
    node = models.IntegerField()
    boot = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["uuid", "node", "boot"], name="calls_callkey_name")]

    def __str__(self) -> str:
        return self.uuid


class LiveState(models.TextChoices):
    TRYING = "trying", _("Trying")
    RINGING = "ringing", _("Ringing")
    ANSWERED = "answered", _("Answered")
    ENDED = "ended", _("Ended")


class LiveCall(models.Model):
    """A call admitted and not settled. The engine's: it holds all levels' prices. Pages read LiveLevel."""

    id = models.BigIntegerField(primary_key=True)
    uuid = models.TextField()
    node = models.IntegerField()
    boot = models.TextField()
    operator_id = models.BigIntegerField()
    labels = models.JSONField()
    chain = models.JSONField()
    answer = models.JSONField()
    granted_seconds = models.IntegerField()
    state = models.TextField(choices=LiveState.choices, default=LiveState.TRYING)
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(auto_now_add=True)
    deadline_at = models.DateTimeField()
    route_index = models.SmallIntegerField(null=True)

    def __str__(self) -> str:
        return self.uuid


class EstimatedCall(models.Model):
    """What a call settled by estimate was priced from, kept until its record comes or is given up. The engine's."""

    id = models.BigIntegerField(primary_key=True)
    operator_id = models.BigIntegerField()
    labels = models.JSONField()
    chain = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "calls_estimated"

    def __str__(self) -> str:
        return str(self.id)


class LiveLevel(models.Model):
    """A live call as the operator we work for may see it. `own`: its own customer's call, not a reseller's.

    `labels` are this level's: caller, called, destination, customer, device, ... as the engine wrote them.
    """

    id = models.BigIntegerField(primary_key=True)
    state = models.TextField(choices=LiveState.choices)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField()
    granted_seconds = models.IntegerField()
    own = models.BooleanField()
    labels = models.JSONField()

    class Meta:
        managed = False
        db_table = "calls_livelevel"

    def __str__(self) -> str:
        return str(self.id)


class CallQuerySet(models.QuerySet["Call"]):
    def of(self, operator_id: int) -> CallQuerySet:
        return self.filter(operator_id=operator_id)

    def since(self, moment: datetime) -> CallQuerySet:
        """Decided at or after `moment`: a range of ids, so it reads the right partitions only."""
        return self.filter(id__gte=id_at(moment))

    def until(self, moment: datetime) -> CallQuerySet:
        return self.filter(id__lt=id_at(moment))

    def latest(self) -> CallQuerySet:  # type: ignore[override]
        """Newest first, corrections right after the row they correct."""
        return self.order_by("-id", "revision")

    def answered(self) -> CallQuerySet:
        return self.filter(answered_at__isnull=False)

    def number_starts(self, digits: str) -> CallQuerySet:
        """Calls to numbers that start with `digits`. Ranges, because under row-level security LIKE uses no index."""
        return self.filter(called__gte=digits, called__lt=digits + "\uffff") if digits else self

    def totals(self) -> dict[str, Any]:
        """calls, answered, seconds (talked), billed_seconds, revenue, cost, profit; money in the base currency.

        Corrections count in seconds and money, never as calls of their own.
        """
        sums = self.aggregate(
            calls=Count("id", filter=Q(revision=0)),
            answered=Count("id", filter=Q(revision=0, answered_at__isnull=False)),
            seconds=Sum("talk_seconds", default=0),
            billed_seconds=Sum("billed_seconds", default=0),
            revenue=Sum("sell_base", default=Decimal(0)),
            cost=Sum("buy_base", default=Decimal(0)),
        )
        return sums | {"profit": sums["revenue"] - sums["cost"]}


class Call(models.Model):
    """One call at one level; level 0 is the caller's own operator. Its revision 0 is what was settled first.

    In a row of a later revision seconds and amounts are differences. `billed_seconds` is what the sell side was billed
    for, `buy_seconds` what the buy side billed us. `fx` turned the tariff's currency into that of the payer's account.
    """

    pk = models.CompositePrimaryKey("id", "operator_id", "revision")
    id = models.BigIntegerField()
    operator_id = models.BigIntegerField()
    revision = models.SmallIntegerField(default=0)
    level = models.SmallIntegerField()
    uuid = models.TextField(default="")
    node = models.IntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    customer_label = models.TextField(default="")
    device_id = models.BigIntegerField(null=True)
    device_label = models.TextField(default="")
    provider_id = models.BigIntegerField(null=True)
    provider_label = models.TextField(default="")
    caller = models.TextField(default="")
    called = models.TextField(default="")
    prefix = models.TextField(default="")
    destination = models.TextField(default="")
    route_index = models.SmallIntegerField(null=True)
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField()
    talk_seconds = models.IntegerField(default=0)
    billed_seconds = models.IntegerField(default=0)
    buy_seconds = models.IntegerField(default=0)
    sell = Money(default=Decimal(0))
    sell_currency = models.TextField(default="")
    sell_base = Money(default=Decimal(0))
    buy = Money(default=Decimal(0))
    buy_currency = models.TextField(default="")
    buy_base = Money(default=Decimal(0))
    base_currency = models.TextField(default="")
    bought_from = models.TextField(default="")
    tariff_id = models.BigIntegerField(null=True)
    rate = Money(null=True)
    fx = Money(null=True, decimal_places=12)
    cause = models.SmallIntegerField(default=0)
    ended_by = models.TextField(default="")
    estimated = models.BooleanField(default=False)
    fingerprint = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["operator_id", "id"], name="calls_call_list")]

    def __str__(self) -> str:
        return f"{self.called} ({self.id})"

    @property
    def profit(self) -> Decimal:
        profit: Decimal = self.sell_base - self.buy_base
        return profit


class Attempt(models.Model):
    """One provider tried for a call, seen by the operator that owns the provider."""

    pk = models.CompositePrimaryKey("id", "index", "revision")
    id = models.BigIntegerField()
    index = models.SmallIntegerField()
    revision = models.SmallIntegerField(default=0)
    operator_id = models.BigIntegerField()
    provider_id = models.BigIntegerField()
    provider_label = models.TextField(default="")
    number = models.TextField(default="")
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField()
    talk_seconds = models.IntegerField(default=0)
    cause = models.SmallIntegerField(default=0)
    sip_code = models.SmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["operator_id", "id"], name="calls_attempt_list")]

    def __str__(self) -> str:
        return f"{self.id}/{self.index}"

"""What operators sell to those right below them, and what those have. Quantities only; the meaning is the catalogue's.

`operator_id` of a Plan or AddonPrice is the seller. `operator_id` of the other rows is the one who has it, `seller_id`
its parent, who alone may write them: nobody grants itself anything.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plans.allowance import Allowance
from plans.catalogue import ADDONS, CALLS_PER_SECOND, SIMULTANEOUS_CALLS

CURRENCY = RegexValidator(r"^[A-Z]{3}\Z", _("Use a code such as EUR."))


class Source(models.TextChoices):
    STRIPE = "stripe", _("Stripe")
    MANUAL = "manual", _("By hand")
    GROUP = "group", _("Permission group")


def known_addons(value: Any) -> None:
    """{addon: quantity}, of addons there are, each at least 1. Raises ValidationError."""
    if not isinstance(value, dict):
        raise ValidationError(_("Addons are a table of addon and quantity."))
    for key, quantity in value.items():
        if key not in ADDONS:
            raise ValidationError(_("There is no addon %(key)s."), params={"key": key})
        if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
            raise ValidationError(_("The quantity of %(key)s must be a whole number from 1."), params={"key": key})


class PlanQuerySet(models.QuerySet["Plan"]):
    def offered(self) -> PlanQuerySet:
        """Those a newcomer may choose."""
        return self.filter(listed=True, archived_at__isnull=True)


class Plan(models.Model):
    """What an operator sells to those below it: capacity and addons for a price a month. Capacity None: no limit."""

    operator_id = models.BigIntegerField(editable=False)
    name = models.CharField(_("name"), max_length=60)
    calls = models.PositiveIntegerField(
        _("simultaneous calls"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("Empty is no limit."),
    )  # fmt: skip
    calls_per_second = models.PositiveIntegerField(
        _("calls per second"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("Empty is no limit."),
    )  # fmt: skip
    includes = models.JSONField(_("addons"), default=dict, blank=True, validators=[known_addons])
    operators_below = models.BooleanField(_("may have resellers of its own"), default=False)
    price = models.DecimalField(
        _("price a month"), max_digits=12, decimal_places=2, default=Decimal(0), validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY])
    trial_days = models.PositiveSmallIntegerField(_("trial days"), default=30)
    listed = models.BooleanField(_("shown at sign-up"), default=True)
    stripe_price = models.CharField(max_length=255, blank=True, default="", editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator_id", "name"], name="plan_names_differ"),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="plan_price_is_no_gift"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def price_key(self) -> str:
        return f"plan_{self.pk}"

    @property
    def capacity(self) -> dict[str, Allowance]:
        return {SIMULTANEOUS_CALLS: Allowance(self.calls), CALLS_PER_SECOND: Allowance(self.calls_per_second)}


class AddonPrice(models.Model):
    """What one of an addon costs a month at a seller. Without a row it isn't for sale there."""

    operator_id = models.BigIntegerField(editable=False)
    addon = models.CharField(max_length=40)
    price = models.DecimalField(max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    currency = models.CharField(max_length=3, validators=[CURRENCY])
    stripe_price = models.CharField(max_length=255, blank=True, default="", editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operator_id", "addon"], name="addon_price_one_per_seller")]

    @property
    def price_key(self) -> str:
        return f"{ADDONS[self.addon].price_key}_{self.operator_id}"


class Subscription(models.Model):
    """An operator's plan and how it stands with paying. One row each; without one an operator is limited by addons' own
    quotas only."""

    class State(models.TextChoices):
        TRIAL = "trial", _("Trial")
        ACTIVE = "active", _("Active")
        PAST_DUE = "past_due", _("Payment overdue")
        SUSPENDED = "suspended", _("Suspended")
        CANCELLED = "cancelled", _("Cancelled")

    # In these the plan counts.
    RUNNING = (State.TRIAL, State.ACTIVE, State.PAST_DUE)

    operator_id = models.BigIntegerField(primary_key=True)
    seller_id = models.BigIntegerField()
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="subscriptions")
    state = models.CharField(max_length=16, choices=State.choices)
    source = models.CharField(max_length=16, choices=Source.choices, default=Source.MANUAL)
    trial_ends_at = models.DateTimeField(null=True, blank=True)
    period_started_at = models.DateTimeField(null=True, blank=True)
    period_ends_at = models.DateTimeField(null=True, blank=True)
    next_plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+")
    ends_with_period = models.BooleanField(default=False)
    past_due_at = models.DateTimeField(null=True, blank=True)
    stripe_customer = models.CharField(max_length=255, blank=True, default="")
    stripe_subscription = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stripe_subscription"], condition=~models.Q(stripe_subscription=""),
                name="subscription_is_one_operators",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="trial") | models.Q(trial_ends_at__isnull=False),
                name="subscription_trial_has_an_end",
            ),
        ]  # fmt: skip

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING


class Entitlement(models.Model):
    """An addon somebody has beside its plan, or is forbidden (hidden), or held to the quota of (limited)."""

    class State(models.TextChoices):
        PURCHASED = "purchased", _("Purchased")
        TRIAL = "trial", _("Trial")
        LIMITED = "limited", _("Limited")
        HIDDEN = "hidden", _("Hidden")

    operator_id = models.BigIntegerField()
    seller_id = models.BigIntegerField()
    addon = models.CharField(max_length=40)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PURCHASED)
    quantity = models.PositiveIntegerField(default=1)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=16, choices=Source.choices)

    class Meta:
        indexes = [models.Index(fields=["operator_id", "addon"], name="entitlement_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["operator_id", "addon"], condition=models.Q(source="stripe", until__isnull=True),
                name="entitlement_once_by_stripe",
            ),
        ]  # fmt: skip


class Capacity(models.Model):
    """Where the call engine finds an operator's capacity: the account (unit CALL) in the seller's books to hold one
    call of (None: no limit), and calls per second. Written by plans.capacity only."""

    operator_id = models.BigIntegerField(primary_key=True)
    seller_id = models.BigIntegerField()
    account_id = models.BigIntegerField(null=True)
    calls = models.PositiveIntegerField(null=True)
    calls_per_second = models.PositiveIntegerField(null=True)


class Excess(models.Model):
    """An operator is over an allowance since then, and since when the things beyond it are suspended."""

    operator_id = models.BigIntegerField()
    key = models.CharField(max_length=60)
    since = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True, blank=True)
    # [[operator, id], ...] of what was suspended for it, so that just those come back.
    suspended = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operator_id", "key"], name="excess_of")]

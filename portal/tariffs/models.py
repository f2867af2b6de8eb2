"""Tariff and Rate: what a minute costs, by longest prefix."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PREFIX = RegexValidator(r"^[0-9]{1,15}\Z", _("A prefix is 1 to 15 digits."))
CURRENCY = RegexValidator(r"^[A-Z]{3}\Z", _("Use a currency code such as EUR."))
NOT_NEGATIVE = MinValueValidator(Decimal(0), _("A price can't be negative."))


class Currency(models.Model):
    """A foreign currency: one unit of it is worth `rate` of the operator's own."""

    code = models.CharField(_("currency"), max_length=3, primary_key=True, validators=[CURRENCY])
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(rate__gt=0), name="currency_rate_is_positive")]

    def __str__(self) -> str:
        return self.code


class Tariff(models.Model):
    class Purpose(models.TextChoices):
        SELL = "sell", _("What customers pay")
        BUY = "buy", _("What a provider charges")

    class Rounding(models.TextChoices):
        INITIAL = "initial", _("First block, then increments")
        GRID = "grid", _("Increments from the first second")

    name = models.CharField(_("name"), max_length=100, unique=True)
    purpose = models.CharField(_("used for"), max_length=4, choices=Purpose.choices, default=Purpose.SELL)
    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY])
    rounding = models.CharField(_("rounding"), max_length=8, choices=Rounding.choices, default=Rounding.INITIAL)
    grace_seconds = models.PositiveIntegerField(_("free when not longer than (seconds)"), default=0)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RateQuerySet(models.QuerySet):
    def in_force(self, at=None):
        """Of each prefix the newest rate that has begun at `at` (now)."""
        at = at or timezone.now()
        newest = (
            Rate.objects.filter(tariff=models.OuterRef("tariff"), prefix=models.OuterRef("prefix"), effective_from__lte=at)
            .order_by("-effective_from")
            .values("pk")[:1]
        )
        return self.filter(pk=models.Subquery(newest))


class Rate(models.Model):
    """Price of a prefix from an instant on. Rates per minute and fees keep ten decimals; nothing is rounded here."""

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="rates")
    prefix = models.CharField(_("prefix"), max_length=15, validators=[PREFIX])
    destination = models.CharField(_("destination"), max_length=120, blank=True, default="")
    price = models.DecimalField(_("price per minute"), max_digits=20, decimal_places=10, validators=[NOT_NEGATIVE])
    connection_fee = models.DecimalField(
        _("connection fee"), max_digits=20, decimal_places=10, default=0, validators=[NOT_NEGATIVE]
    )
    min_seconds = models.PositiveIntegerField(_("minimum (seconds)"), default=0)
    increment = models.PositiveIntegerField(_("increment (seconds)"), default=1)
    effective_from = models.DateTimeField(_("from"), default=timezone.now)
    blocked = models.BooleanField(_("blocked"), default=False)

    objects = RateQuerySet.as_manager()

    class Meta:
        ordering = ["prefix", "-effective_from"]
        constraints = [
            models.UniqueConstraint(F("tariff"), F("prefix"), F("effective_from"), name="rate_one_per_prefix_and_instant"),
            models.CheckConstraint(condition=Q(price__gte=0, connection_fee__gte=0), name="rate_is_not_negative"),
            models.CheckConstraint(condition=Q(increment__gte=1), name="rate_increment_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}: {self.price}"

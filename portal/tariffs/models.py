"""Tariff and Rate: what a minute costs, by longest prefix."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PREFIX = RegexValidator(r"^[0-9]{1,15}\Z", _("A prefix is 1 to 15 digits."))
CURRENCY = RegexValidator(r"^[A-Z]{3}\Z", _("Use a currency code such as EUR."))
NOT_NEGATIVE = MinValueValidator(Decimal(0), _("A price can't be negative."))
POSITIVE = MinValueValidator(Decimal("0.0000000001"), _("A rate must be more than zero."))
# A name goes into CSV files that people open with a spreadsheet, which would run it.
PLAIN = RegexValidator(
    r"^(?![=+@-])[^\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]*\Z",
    _("Don't begin a name with =, +, - or @, and leave out characters that can't be seen."),
)
MAX_SECONDS = 86_400
A_DAY = MaxValueValidator(MAX_SECONDS, _("At most a day: 86400 seconds."))


class Currency(models.Model):
    """A foreign currency: one unit of it is worth `rate` of the operator's own."""

    code = models.CharField(_("currency"), max_length=3, primary_key=True, validators=[CURRENCY])
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10, validators=[POSITIVE])
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=Q(rate__gt=0), name="currency_rate_is_positive")]

    def __str__(self) -> str:
        return self.code


class TariffQuerySet(models.QuerySet["Tariff"]):
    def with_uses(self):
        return self.annotate(
            customer_count=Count("customers", distinct=True), provider_count=Count("providers", distinct=True)
        )


class Tariff(models.Model):
    class Purpose(models.TextChoices):
        SELL = "sell", _("What customers pay")
        BUY = "buy", _("What a provider charges")

    class Rounding(models.TextChoices):
        INITIAL = "initial", _("First block, then increments")
        GRID = "grid", _("Increments from the first second")

    name = models.CharField(_("name"), max_length=100, unique=True, validators=[PLAIN])
    purpose = models.CharField(_("used for"), max_length=4, choices=Purpose.choices, default=Purpose.SELL)
    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY])
    rounding = models.CharField(_("rounding"), max_length=8, choices=Rounding.choices, default=Rounding.INITIAL)
    grace_seconds = models.PositiveIntegerField(_("free when not longer than (seconds)"), default=0, validators=[A_DAY])
    changed_at = models.DateTimeField(auto_now=True)

    objects = TariffQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_used(self) -> bool:
        return self.customers.exists() or self.providers.exists()


class RateQuerySet(models.QuerySet["Rate"]):
    def in_force(self, at=None):
        """Of each prefix the newest rate that has begun at `at` (now)."""
        at = at or timezone.now()
        newer = Rate.objects.filter(
            tariff=OuterRef("tariff"), prefix=OuterRef("prefix"),
            effective_from__gt=OuterRef("effective_from"), effective_from__lte=at,
        )  # fmt: skip
        return self.filter(~Exists(newer), effective_from__lte=at)

    def within(self, prefix: str):
        """Rates of prefixes that begin with `prefix` (digits), as a range that the index on prefixes serves."""
        following = prefix.rstrip("9")
        found = self.filter(prefix__gte=prefix)
        return found.filter(prefix__lt=str(int(f"1{following}") + 1)[1:]) if following else found

    def holding(self, number: str):
        """Rates of prefixes that `number` begins with."""
        return self.filter(prefix__in=[number[:length] for length in range(1, min(len(number), 15) + 1)])

    def counts(self, at=None):
        """{tariff id: (rates in force, all rates)}."""
        begun = Q(effective_from__lte=at or timezone.now())
        rows = self.order_by().values("tariff").annotate(
            active=Count("prefix", distinct=True, filter=begun), total=Count("pk")
        )  # fmt: skip
        return {row["tariff"]: (row["active"], row["total"]) for row in rows}


class Rate(models.Model):
    """Price of a prefix from an instant on. Rates per minute and fees keep ten decimals; nothing is rounded here."""

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="rates")
    prefix = models.CharField(_("prefix"), max_length=15, validators=[PREFIX])
    destination = models.CharField(_("destination"), max_length=120, blank=True, default="", validators=[PLAIN])
    price = models.DecimalField(_("price per minute"), max_digits=20, decimal_places=10, validators=[NOT_NEGATIVE])
    connection_fee = models.DecimalField(
        _("connection fee"), max_digits=20, decimal_places=10, default=0, validators=[NOT_NEGATIVE]
    )
    min_seconds = models.PositiveIntegerField(_("minimum (seconds)"), default=0, validators=[A_DAY])
    increment = models.PositiveIntegerField(
        _("increment (seconds)"), default=1, validators=[MinValueValidator(1), A_DAY]
    )
    effective_from = models.DateTimeField(_("from"), default=timezone.now)
    blocked = models.BooleanField(_("blocked"), default=False)

    objects = RateQuerySet.as_manager()

    class Meta:
        ordering = ["prefix", "-effective_from"]
        constraints = [
            models.UniqueConstraint(
                F("tariff"), F("prefix"), F("effective_from"), name="rate_one_per_prefix_and_instant"
            ),
            models.CheckConstraint(condition=Q(price__gte=0, connection_fee__gte=0), name="rate_is_not_negative"),
            models.CheckConstraint(condition=Q(increment__gte=1), name="rate_increment_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}: {self.price}"


class RateUpload(models.Model):
    """A price list that was read and found good, waiting for somebody to say yes to what it would change."""

    class Mode(models.TextChoices):
        ADD = "add", _("Add and change: other rates stay")
        REPLACE = "replace", _("Replace the whole tariff: rates that aren't in the file go")

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="uploads")
    mode = models.CharField(max_length=8, choices=Mode.choices)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    summary = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

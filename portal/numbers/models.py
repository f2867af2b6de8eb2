"""Location: a set of number rules a device is under. Rule: cut and add, and what else a match changes."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.tariffs.models import PLAIN
from telecom import localization

ADD = RegexValidator(r"^[0-9+*#]*\Z", _("Only digits and + * # can be added."))
CUT = RegexValidator(r"^[0-9+*#x]*\Z", _("Use digits, x for any digit, and + * #."))
LONGEST_NUMBER = MaxValueValidator(255, _("At most 255."))


class Location(models.Model):
    name = models.CharField(_("name"), max_length=100, unique=True, validators=[PLAIN])
    is_global = models.BooleanField(_("for all devices"), default=False, editable=False)

    class Meta:
        ordering = ["-is_global", "name"]
        constraints = [
            models.UniqueConstraint("is_global", condition=Q(is_global=True), name="location_there_is_one_global")
        ]

    def __str__(self) -> str:
        return self.name


class Rule(models.Model):
    class Kind(models.TextChoices):
        CALLER_ID = "caller_id", _("Caller's number")
        DESTINATION = "destination", _("Dialled number")

    location = models.ForeignKey(Location, models.CASCADE, related_name="rules")
    kind = models.CharField(_("applies to"), max_length=12, choices=Kind.choices, default=Kind.DESTINATION)
    name = models.CharField(_("name"), max_length=100, blank=True, default="", validators=[PLAIN])
    cut = models.CharField(_("cut"), max_length=32, blank=True, default="", validators=[CUT])
    add = models.CharField(_("add"), max_length=32, blank=True, default="", validators=[ADD])
    min_length = models.PositiveSmallIntegerField(_("shortest"), default=1, validators=[LONGEST_NUMBER])
    max_length = models.PositiveSmallIntegerField(_("longest"), default=20, validators=[LONGEST_NUMBER])
    enabled = models.BooleanField(_("enabled"), default=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["kind", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(min_length__lte=models.F("max_length")), name="rule_lengths_are_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.name or f"{self.cut} → {self.add}"

    def as_rule(self) -> localization.Rule:
        """The row as the arithmetic knows it."""
        return localization.Rule(
            self.pk, localization.RuleKind(self.kind), self.cut, self.add, self.min_length, self.max_length,
            self.position, self.name, enabled=self.enabled,
        )  # fmt: skip

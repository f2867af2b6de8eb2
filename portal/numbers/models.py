"""Location: a set of number rules a device is under. Rule: cut and add, and what else a match changes."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.routing.models import Lcr
from portal.tariffs.models import PLAIN, Tariff
from telecom import localization

ADD = RegexValidator(r"^[0-9+*#]*\Z", _("Only digits and + * # can be added."))
CUT = RegexValidator(r"^[0-9+*#x]*\Z", _("Use digits, x for any digit, and + * #."))
NUMBER = RegexValidator(r"^[0-9]{0,20}\Z", _("Use digits only, with the country code and without a plus."))
LONGEST_NUMBER = MaxValueValidator(255, _("At most 255."))


class LocationQuerySet(models.QuerySet):
    def standard(self):
        """The one that comes with the operator: the owner's Global, a reseller's own first location."""
        return self.filter(Q(is_global=True) | Q(is_default=True)).first()


class Location(models.Model):
    """Only the owner has a Global one; a reseller's first location holds copies and counts where a device is in it."""

    name = models.CharField(_("name"), max_length=100, unique=True, validators=[PLAIN])
    is_global = models.BooleanField(_("for all devices"), default=False, editable=False)
    is_default = models.BooleanField(default=False, editable=False)
    goes_first = models.BooleanField(
        _("apply to every call, before all other rules"), default=False,
        help_text=_("For repairs of what devices send. Such rules change numbers and nothing else."),
    )  # fmt: skip

    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering = ["-is_global", "-is_default", "name"]
        constraints = [
            models.UniqueConstraint("is_global", condition=Q(is_global=True), name="location_there_is_one_global"),
            models.UniqueConstraint("is_default", condition=Q(is_default=True), name="location_there_is_one_default"),
            models.UniqueConstraint(
                "goes_first", condition=Q(goes_first=True), name="location_one_goes_first",
                violation_error_message=_("Another location goes first already."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def came_with_operator(self) -> bool:
        return self.is_global or self.is_default


class Rule(models.Model):
    class Kind(models.TextChoices):
        CALLER_ID = "caller_id", _("Caller's number")
        COMBINED = "combined", _("Both numbers")
        DESTINATION = "destination", _("Dialled number")

    location = models.ForeignKey(Location, models.CASCADE, related_name="rules")
    kind = models.CharField(_("applies to"), max_length=12, choices=Kind.choices, default=Kind.DESTINATION)
    name = models.CharField(_("name"), max_length=100, blank=True, default="", validators=[PLAIN])
    cut = models.CharField(_("cut"), max_length=32, blank=True, default="", validators=[CUT])
    add = models.CharField(_("add"), max_length=32, blank=True, default="", validators=[ADD])
    min_length = models.PositiveSmallIntegerField(_("shortest"), default=1, validators=[LONGEST_NUMBER])
    max_length = models.PositiveSmallIntegerField(_("longest"), default=20, validators=[LONGEST_NUMBER])
    # The caller's side of a rule for both numbers.
    source_cut = models.CharField(_("cut"), max_length=32, blank=True, default="", validators=[CUT])
    source_add = models.CharField(_("add"), max_length=32, blank=True, default="", validators=[ADD])
    source_min_length = models.PositiveSmallIntegerField(_("shortest"), default=0, validators=[LONGEST_NUMBER])
    source_max_length = models.PositiveSmallIntegerField(_("longest"), default=255, validators=[LONGEST_NUMBER])
    # What else a match changes.
    tariff = models.ForeignKey(
        Tariff, models.PROTECT, null=True, blank=True, verbose_name=_("tariff"), related_name="number_rules",
        help_text=_("The call is paid by this tariff in place of the customer's own."),
    )  # fmt: skip
    lcr = models.ForeignKey(
        Lcr, models.PROTECT, null=True, blank=True, verbose_name=_("LCR"), related_name="number_rules",
        help_text=_("The call goes by this LCR in place of the customer's own."),
    )  # fmt: skip
    did = models.CharField(
        _("send to our number"), max_length=20, blank=True, default="", validators=[NUMBER],
        help_text=_("The call goes to this number of ours and not out to a carrier."),
    )  # fmt: skip
    caller_name = models.CharField(
        _("caller's name"), max_length=40, blank=True, default="", validators=[PLAIN],
        help_text=_("Shown to whoever is called, where the carrier passes it on."),
    )  # fmt: skip
    owner_device_id = models.BigIntegerField(null=True, blank=True, editable=False)
    enabled = models.BooleanField(_("enabled"), default=True)
    position = models.PositiveIntegerField(default=0)
    # A copy of a rule of the operator above: of which one, when, and which effects were emptied.
    copied_from = models.BigIntegerField(null=True, editable=False)
    copied_at = models.DateTimeField(null=True, editable=False)
    emptied = models.JSONField(default=list, editable=False)

    class Meta:
        ordering = ["kind", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(min_length__lte=models.F("max_length")), name="rule_lengths_are_in_order"
            ),
            models.CheckConstraint(
                condition=Q(source_min_length__lte=models.F("source_max_length")),
                name="rule_source_lengths_are_in_order",
            ),
            models.UniqueConstraint(fields=["location", "copied_from"], name="rule_copied_once_per_location"),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.cut} → {self.add}"

    @property
    def emptied_words(self) -> list[str]:
        """What was left out when it was copied, for people."""
        words = {"tariff": _("tariff"), "lcr": _("LCR"), "did": _("our number"), "owner": _("owner")}
        return [str(words.get(one, one)) for one in self.emptied]

    @property
    def has_effects(self) -> bool:
        return bool(self.tariff_id or self.lcr_id or self.did or self.caller_name or self.owner_device_id)

    def as_rule(self) -> localization.Rule:
        """The row as the arithmetic knows it."""
        return localization.Rule(
            self.pk, localization.RuleKind(self.kind), self.cut, self.add, self.min_length, self.max_length,
            self.position, self.name, self.source_cut, self.source_add, self.source_min_length, self.source_max_length,
            effects=localization.Effects(
                self.tariff_id, self.lcr_id, self.did, self.caller_name, self.owner_device_id
            ),
            enabled=self.enabled,
        )  # fmt: skip

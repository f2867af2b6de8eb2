"""Device: a SIP account that makes calls for a customer."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.numbers.models import Location
from portal.people.history_stays import KeepsHistory, refuse_if_used
from portal.people.models import MOST_CALLS, Customer
from portal.tariffs.models import PLAIN
from tenants.encryption import SecretField

CALLER_ID = RegexValidator(r"^\+?[0-9]{0,20}\Z", _("A caller id is up to 20 digits."))


class DeviceQuerySet(KeepsHistory):
    def visible_to(self, user):
        return self if user.is_staff_here else self.filter(customer=user.customer_id)


class Device(models.Model):
    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")

    customer = models.ForeignKey(Customer, models.PROTECT, verbose_name=_("customer"), related_name="devices")
    name = models.CharField(_("name"), max_length=60, validators=[PLAIN])
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, blank=True, verbose_name=_("location"), related_name="devices"
    )
    caller_id = models.CharField(_("caller id"), max_length=21, blank=True, default="", validators=[CALLER_ID])
    call_limit = models.PositiveIntegerField(
        _("simultaneous calls"), default=0, help_text=_("0 is no limit."),
        validators=[MaxValueValidator(MOST_CALLS, _("At most 1,000,000."))],
    )  # fmt: skip
    ring_seconds = models.PositiveIntegerField(
        _("ring for at most (seconds)"), default=60, validators=[MinValueValidator(10), MaxValueValidator(300)]
    )
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.ACTIVE)
    archived_at = models.DateTimeField(null=True, blank=True)
    identity_id = models.BigIntegerField(null=True, unique=True, editable=False)
    limit_account_id = models.BigIntegerField(null=True, editable=False)
    digest_md5 = SecretField(editable=False, default="")
    digest_sha256 = SecretField(editable=False, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "name"], name="device_name_once_per_customer",
                violation_error_message=_("This customer has a device of that name already."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def delete(self, *args, **kwargs):
        """Only before its first call. Raises ProtectedError afterwards."""
        refuse_if_used([self])
        return super().delete(*args, **kwargs)

    @property
    def username(self) -> str:
        return f"d{self.identity_id}"

    @property
    def key(self) -> str:
        """As it stands in an address."""
        return str(self.pk)


class DeviceTemplate(models.Model):
    """What a new device starts with, made by hand or by signing up. One of them is the default."""

    name = models.CharField(
        _("name"), max_length=60, unique=True, validators=[PLAIN],
        error_messages={"unique": _("There is a template of that name already.")},
    )  # fmt: skip
    is_default = models.BooleanField(default=False, editable=False)
    device_name = models.CharField(_("name of the device"), max_length=60, default="Phone", validators=[PLAIN])
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, blank=True, verbose_name=_("location"), related_name="+"
    )
    call_limit = models.PositiveIntegerField(
        _("simultaneous calls"), default=0, help_text=_("0 is no limit."),
        validators=[MaxValueValidator(MOST_CALLS, _("At most 1,000,000."))],
    )  # fmt: skip
    ring_seconds = models.PositiveIntegerField(
        _("ring for at most (seconds)"), default=60, validators=[MinValueValidator(10), MaxValueValidator(300)]
    )

    class Meta:
        ordering = ["-is_default", "name"]
        constraints = [
            models.UniqueConstraint(
                "is_default", condition=models.Q(is_default=True), name="device_template_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name


class NumberClaim(models.Model):
    """A number somebody says is theirs. Until it is proved it is only a note: it signs nobody in and no call shows it.

    It lies apart from the devices' caller ids on purpose: the call engine doesn't read this table.
    """

    device = models.ForeignKey(Device, models.CASCADE, related_name="claims")
    number = models.CharField(_("number"), max_length=16)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "number"], name="number_claim_once_per_device")]

    def __str__(self) -> str:
        return self.number

"""Device: a SIP account that makes calls for a customer."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.numbers.models import Location
from portal.people.models import MOST_CALLS, Customer
from portal.tariffs.models import PLAIN
from tenants.encryption import SecretField

CALLER_ID = RegexValidator(r"^\+?[0-9]{0,20}\Z", _("A caller id is up to 20 digits."))


class DeviceQuerySet(models.QuerySet):
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

    @property
    def username(self) -> str:
        return f"d{self.identity_id}"

    @property
    def key(self) -> str:
        """As it stands in an address."""
        return str(self.pk)

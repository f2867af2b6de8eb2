"""Operator, Domain, Branding: the only rows that say which schema, host and look belong to whom."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin


def known_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(_("%(zone)s is not a time zone. Use one such as Europe/Vilnius."), params={"zone": value})


class Operator(TenantMixin):
    """Whoever owns a schema: the owner of the platform (no parent) or a reseller of its parent, to any depth."""

    class Kind(models.TextChoices):
        OWNER = "owner", _("Owner")
        RESELLER = "reseller", _("Reseller")
        RESELLER_PRO = "reseller_pro", _("Reseller PRO")

    class State(models.TextChoices):
        OPENING = "opening", _("Opening")
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        CLOSED = "closed", _("Closed")

    auto_create_schema = False
    auto_drop_schema = False

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.RESELLER)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPENING)
    name = models.CharField(_("name"), max_length=100)
    currency = models.CharField(
        _("currency"), max_length=3, validators=[RegexValidator(r"^[A-Z]{3}\Z", _("Use a code such as EUR."))]
    )
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[known_zone])
    schema_fingerprint = models.CharField(max_length=64, blank=True, default="", editable=False)
    # Set by the operator above: no more providers of its own; no copies of number rules for this one.
    forbid_own_providers = models.BooleanField(default=False)
    copies_forbidden = models.BooleanField(default=False)
    # Set by itself: none of those below may copy its number rules.
    forbids_copies = models.BooleanField(default=False)
    opened_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True, kind="owner")
                | models.Q(parent__isnull=False) & ~models.Q(kind="owner"),
                name="operator_only_the_owner_has_no_parent",
            ),
            models.UniqueConstraint(
                models.F("kind"), condition=models.Q(kind="owner"), name="operator_there_is_one_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    # The library's `with operator:` keeps its stack on the class, shared by all threads: in a trial two of three exits
    # went back to somebody else's schema. `tenants.context.in_operator` is the one way in.
    def __enter__(self):
        raise RuntimeError("Use `with in_operator(operator):`.")

    @property
    def is_owner(self) -> bool:
        return self.kind == self.Kind.OWNER

    @property
    def is_pro(self) -> bool:
        """May have carriers of its own. So may the owner."""
        return self.kind in (self.Kind.RESELLER_PRO, self.Kind.OWNER)

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE


class Domain(DomainMixin):
    """A host name an operator is reached by. Only verified ones route."""

    verified_at = models.DateTimeField(null=True, blank=True)


class Branding(models.Model):
    """What a visitor of an operator's hosts sees of it, before and after signing in."""

    operator = models.OneToOneField(Operator, models.CASCADE, primary_key=True, related_name="branding")
    name = models.CharField(_("portal name"), max_length=60)
    primary = models.CharField(_("main colour"), max_length=7, default="#2f5bea")
    accent = models.CharField(_("second colour"), max_length=7, blank=True, default="")
    logo = models.CharField(max_length=200, blank=True, default="")


class SipIdentity(models.Model):
    """The platform-wide directory of SIP user names: `d<id>` belongs to this device of this operator.

    Here and not with the devices, because the names must be unique over all operators and the call engine must find
    the operator from nothing but the name.
    """

    operator_id = models.BigIntegerField()
    device_id = models.BigIntegerField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operator_id", "device_id"], name="sip_identity_one_per_device")]

    @property
    def username(self) -> str:
        return f"d{self.pk}"


class CarrierIdentity(models.Model):
    """The platform-wide directory of providers: on every node the carrier is called `p<id>`."""

    operator_id = models.BigIntegerField()
    provider_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator_id", "provider_id"], name="carrier_identity_one_per_provider")
        ]

    @property
    def endpoint(self) -> str:
        return f"p{self.pk}"


class Blueprint(models.Model):
    """The text that makes an operator's schema: a dump of the migrated blueprint, taken at deploy on this database.

    It also holds rows that point at this database's content types, so it is never shipped from one place to another.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    sql = models.TextField()
    taken_at = models.DateTimeField(auto_now_add=True)


class BookVersion(models.Model):
    """Counts the changes of an operator's rules and prices. Raised by triggers, compared by every call engine."""

    operator_id = models.BigIntegerField(primary_key=True)
    version = models.BigIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

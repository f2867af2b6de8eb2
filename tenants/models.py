"""Operator, Domain, Branding: the only rows that say which schema, host and look belong to whom."""

from __future__ import annotations

import unicodedata
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from tenants.look_alikes import skeleton
from theme.colour import parse_hex


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
    """A host name an operator is reached by. Only verified ones route.

    One that the platform gave has no token and is the platform's word; an own one is claimed with a random token, and
    the worker, never the web, verifies it in the DNS. What state it is in follows from its instants.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for the DNS")
        VERIFIED = "verified", _("Verified")
        ACTIVE = "active", _("Active")
        FAILED = "failed", _("Failed")

    token = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    # Seen last with the right TXT record.
    proved_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    # Also leads to us, so that browsers may be told to insist on TLS.
    active_at = models.DateTimeField(null=True, blank=True)
    # Was verified once and lost it: routes nowhere until it is proved again.
    failed_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], condition=models.Q(is_primary=True), name="domain_one_primary"),
            models.CheckConstraint(condition=models.Q(domain=Lower("domain")), name="domain_in_lower_case"),
        ]

    @property
    def is_given(self) -> bool:
        return not self.token

    @property
    def state(self) -> Domain.State:
        if self.verified_at is not None:
            return self.State.ACTIVE if self.is_given or self.active_at else self.State.VERIFIED
        return self.State.FAILED if self.failed_at else self.State.PENDING

    @property
    def record_name(self) -> str:
        """Where the TXT record with the token belongs."""
        return f"_portal.{self.domain}"


class ReleasedDomain(models.Model):
    """A domain that an operator had verified and gave up: kept from other operators for a while, so that nobody takes
    over what links and mails still point at. Written by a trigger."""

    domain = models.CharField(max_length=253)
    operator_id = models.BigIntegerField()
    released_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["domain"], name="released_domain")]


def plain_line(value: str) -> None:
    """Raises ValidationError for anything that is not one line of visible text: line ends, control characters, and
    those that turn the direction of writing round or are not seen at all."""
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for letter in value):
        raise ValidationError(_("Use plain text in one line, without control characters."))


def colour(value: str) -> None:
    try:
        parse_hex(value)
    except ValueError as error:
        raise ValidationError(str(error)) from None


class Branding(models.Model):
    """What a visitor of an operator's hosts sees of it, before and after signing in.

    Every request reads the short columns with the operator (`operator_lookup`); the long texts are read when asked for.
    """

    LEGAL = ("terms", "privacy", "imprint")

    operator = models.OneToOneField(Operator, models.CASCADE, primary_key=True, related_name="branding")
    name = models.CharField(_("portal name"), max_length=60, validators=[plain_line])
    # The name as the eye takes it, to find look-alikes.
    name_key = models.CharField(max_length=120, editable=False, default="", db_index=True)
    primary = models.CharField(_("main colour"), max_length=7, default="#2f5bea", validators=[colour])
    accent = models.CharField(_("second colour"), max_length=7, blank=True, default="", validators=[colour])
    # Names of files under brand/ in the operator's media; random, so a change is a new address.
    logo = models.CharField(max_length=60, blank=True, default="", editable=False)
    logo_dark = models.CharField(max_length=60, blank=True, default="", editable=False)
    icon = models.CharField(max_length=60, blank=True, default="", editable=False)
    footer = models.CharField(
        _("text at the foot of pages"), max_length=200, blank=True, default="", validators=[plain_line]
    )
    sender_name = models.CharField(_("sender's name"), max_length=60, blank=True, default="", validators=[plain_line])
    sender_address = models.EmailField(_("sender's address"), max_length=200, blank=True, default="")
    support_email = models.EmailField(_("e-mail for support"), max_length=200, blank=True, default="")
    support_phone = models.CharField(
        _("phone for support"), max_length=40, blank=True, default="", validators=[plain_line]
    )
    support_url = models.URLField(_("help pages"), max_length=200, blank=True, default="")
    terms = models.TextField(_("terms of service"), max_length=60_000, blank=True, default="")
    privacy = models.TextField(_("privacy notice"), max_length=60_000, blank=True, default="")
    imprint = models.TextField(_("imprint"), max_length=60_000, blank=True, default="")
    invoice_header = models.TextField(_("top of invoices"), max_length=1_000, blank=True, default="")

    def save(self, *args, **kwargs):
        self.name_key = skeleton(self.name)
        super().save(*args, **kwargs)


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

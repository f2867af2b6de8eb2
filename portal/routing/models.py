"""Provider (a carrier), its outgoing number rules, LCR (the order in which carriers are tried) and its entries."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.tariffs.models import PLAIN, Tariff
from tenants.encryption import SecretField

HOST = RegexValidator(
    r"^(?=.{1,253}\Z)([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\Z",
    _("Enter a host name or an IPv4 address."),
)
SIP_NAME = RegexValidator(r"^[A-Za-z0-9_.+-]{0,64}\Z", _("Use letters, digits and . _ + - only."))
RULE_CUT = RegexValidator(r"^([0-9+*#x]*|-)\Z", _("Use digits, x for any digit, and + * #; or - alone."))
RULE_ADD = RegexValidator(r"^[0-9+*#]*\Z", _("Only digits and + * # can be added."))
LONGEST_NUMBER = MaxValueValidator(255, _("At most 255."))
SIP_SECRET = RegexValidator(r"^[\x21-\x7e]{0,128}\Z", _("Use printable characters without spaces."))


class Provider(models.Model):
    class Transport(models.TextChoices):
        UDP = "udp", "UDP"
        TCP = "tcp", "TCP"
        TLS = "tls", "TLS"

    name = models.CharField(_("name"), max_length=100, unique=True, validators=[PLAIN])
    tariff = models.ForeignKey(Tariff, models.PROTECT, verbose_name=_("tariff"), related_name="providers")
    host = models.CharField(_("host"), max_length=253, validators=[HOST])
    port = models.PositiveIntegerField(
        _("port"), default=5060, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    transport = models.CharField(_("transport"), max_length=3, choices=Transport.choices, default=Transport.UDP)
    username = models.CharField(_("user name"), max_length=64, blank=True, default="", validators=[SIP_NAME])
    secret = SecretField(_("password"), blank=True, default="", validators=[SIP_SECRET])
    register = models.BooleanField(_("register there"), default=False)
    ring_seconds = models.PositiveIntegerField(
        _("ring for at most (seconds)"), default=60, validators=[MinValueValidator(10), MaxValueValidator(300)]
    )
    call_limit = models.PositiveIntegerField(_("simultaneous calls"), default=0, help_text=_("0 is no limit."))
    active = models.BooleanField(_("active"), default=True)
    common_use = models.BooleanField(
        _("for common use"), default=False,
        help_text=_("Reseller PROs may use it at the prices that you set for each of them."),
    )  # fmt: skip
    carrier_id = models.BigIntegerField(null=True, unique=True, editable=False)
    account_id = models.BigIntegerField(null=True, unique=True, editable=False)
    limit_account_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def endpoint(self) -> str:
        return f"p{self.carrier_id}"


class ProviderRule(models.Model):
    """Cut and add on the way out. Never changes a price: calls are billed by the localized number."""

    class Side(models.TextChoices):
        CALLED = "called", _("Called number")
        CALLER = "caller", _("Caller's number")

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="rules")
    side = models.CharField(_("applies to"), max_length=6, choices=Side.choices, default=Side.CALLED)
    cut = models.CharField(_("cut"), max_length=32, blank=True, default="", validators=[RULE_CUT])
    add = models.CharField(_("add"), max_length=32, blank=True, default="", validators=[RULE_ADD])
    min_length = models.PositiveSmallIntegerField(_("shortest"), default=1, validators=[LONGEST_NUMBER])
    max_length = models.PositiveSmallIntegerField(_("longest"), default=32, validators=[LONGEST_NUMBER])
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]


class Lcr(models.Model):
    class Order(models.TextChoices):
        PRICE = "price", _("Cheapest first")
        PRIORITY = "priority", _("In the order given")

    name = models.CharField(_("name"), max_length=100, unique=True, validators=[PLAIN])
    order = models.CharField(_("order"), max_length=8, choices=Order.choices, default=Order.PRICE)
    first_only = models.BooleanField(_("try the first provider only"), default=False)
    percent_limit = models.DecimalField(
        _("leave out who is dearer than the first by more than (%)"), max_digits=7, decimal_places=3, default=0,
        validators=[MinValueValidator(Decimal(0), _("A percentage can't be negative."))],
        help_text=_("0 leaves nobody out."),
    )  # fmt: skip
    min_margin_percent = models.DecimalField(
        _("least margin (%)"), max_digits=7, decimal_places=3, null=True, blank=True,
        validators=[MinValueValidator(Decimal(-100), _("At least -100."))],
        help_text=_("Leave out providers that would earn less. Empty: any margin."),
    )  # fmt: skip
    allow_loss = models.BooleanField(_("allow calls at a loss"), default=False)

    class Meta:
        ordering = ["name"]
        verbose_name = "LCR"

    def __str__(self) -> str:
        return self.name


class LcrEntry(models.Model):
    """A provider in an LCR: an own one, or by its number there one for common use of the operator above.

    Without any it stands for the routing of the operator above.
    """

    lcr = models.ForeignKey(Lcr, models.CASCADE, related_name="entries")
    provider = models.ForeignKey(Provider, models.PROTECT, null=True, blank=True, related_name="lcr_entries")
    common_provider_id = models.BigIntegerField(null=True, blank=True)
    priority = models.PositiveIntegerField(_("priority"), default=0)
    enabled = models.BooleanField(_("on"), default=True)

    class Meta:
        ordering = ["priority", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["lcr", "provider"], name="lcr_entry_each_provider_once"),
            models.UniqueConstraint(fields=["lcr", "common_provider_id"], name="lcr_entry_each_common_provider_once"),
            models.UniqueConstraint(
                "lcr", condition=Q(provider__isnull=True, common_provider_id__isnull=True),
                name="lcr_entry_the_parent_once",
            ),
            models.CheckConstraint(
                condition=Q(provider__isnull=True) | Q(common_provider_id__isnull=True), name="lcr_entry_is_one_thing"
            ),
        ]  # fmt: skip


class CommonUse(models.Model):
    """One of our providers that an operator right below us may name in its LCRs, and by which tariff it pays us."""

    provider = models.ForeignKey(Provider, models.PROTECT, verbose_name=_("provider"), related_name="common_uses")
    operator_id = models.BigIntegerField()
    tariff = models.ForeignKey(Tariff, models.PROTECT, verbose_name=_("tariff"), related_name="common_uses")

    class Meta:
        ordering = ["provider__name", "operator_id"]
        constraints = [models.UniqueConstraint(fields=["provider", "operator_id"], name="common_use_once_per_operator")]


class NewProRule(models.Model):
    """New PROs may use all providers for common use from the start, at this tariff. There is one such rule or none."""

    tariff = models.ForeignKey(Tariff, models.PROTECT, verbose_name=_("tariff"), related_name="+")
    is_the_one = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(is_the_one=True), name="new_pro_rule_is_one")]

"""User: who signs in. Customer: who pays this operator; a reseller is a customer of its parent like any other."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.models import AbstractUser, Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from portal.people.history_stays import KeepsHistory, refuse_if_used
from portal.routing.models import Lcr
from portal.tariffs.models import PLAIN, Tariff
from tenants.context import current_operator
from tenants.encryption import SecretField

MOST_CALLS = 1_000_000
# Of the groups that Wagtail brings, the one that may edit and publish pages and upload pictures, and no more.
WEBSITE_GROUP = "Moderators"


class CustomerQuerySet(KeepsHistory):
    def visible_to(self, user: User):
        return self if user.is_staff_here else self.filter(pk=user.customer_id)

    def listed(self):
        """Those that lists show: archived ones work, but stay out of the way."""
        return self.filter(archived_at__isnull=True)


class Customer(models.Model):
    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")

    name = models.CharField(
        _("name"), max_length=100, unique=True, validators=[PLAIN],
        error_messages={"unique": _("There is a customer of that name already.")},
    )  # fmt: skip
    email = models.EmailField(_("e-mail"), blank=True, default="")
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.ACTIVE)
    archived_at = models.DateTimeField(null=True, blank=True)
    tariff = models.ForeignKey(
        Tariff, models.PROTECT, null=True, blank=True, verbose_name=_("tariff"), related_name="customers"
    )
    lcr = models.ForeignKey(
        Lcr, models.PROTECT, null=True, blank=True, verbose_name=_("LCR"), related_name="customers",
        help_text=_("Empty: calls go the way of the operator above."),
    )  # fmt: skip
    allow_loss = models.BooleanField(_("allow calls at a loss"), default=False)
    call_limit = models.PositiveIntegerField(
        _("simultaneous calls"), default=0, help_text=_("0 is no limit."),
        validators=[MaxValueValidator(MOST_CALLS, _("At most 1,000,000."))],
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3)
    # What it told of itself: {"Company": "Baltic Travel", ...}. For people to read; nothing decides by it.
    details = models.JSONField(default=dict, blank=True, editable=False)
    # From this day's midnight in the operator's zone; and on this day of each month, if it owes (see blocking.py).
    block_on = models.DateField(_("block on"), null=True, blank=True)
    block_day = models.PositiveSmallIntegerField(
        _("block when it owes, on day"), null=True, blank=True,
        validators=[MinValueValidator(1, _("A day is 1 to 31.")), MaxValueValidator(31, _("A day is 1 to 31."))],
    )  # fmt: skip
    # The last day whose conditional blocking was looked at.
    block_checked_on = models.DateField(null=True, editable=False)
    account_id = models.BigIntegerField(null=True, unique=True, editable=False)
    limit_account_id = models.BigIntegerField(null=True, editable=False)
    operator_id = models.BigIntegerField(null=True, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def delete(self, *args, **kwargs):
        """Only while nothing has happened. Raises ProtectedError where there are calls or money."""
        refuse_if_used([self])
        return super().delete(*args, **kwargs)

    @property
    def account(self) -> int:
        """Id of its ledger account, which create_customer opens with it."""
        if self.account_id is None:
            raise LookupError(f"The customer {self.pk} has no account.")
        return self.account_id

    @property
    def key(self) -> str:
        """As it stands in an address."""
        return str(self.pk)

    @property
    def is_reseller(self) -> bool:
        return self.operator_id is not None


class User(AbstractUser):
    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        RESELLER = "reseller", _("Reseller")
        CUSTOMER = "customer", _("Customer")

    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.CUSTOMER)
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, blank=True, related_name="users")
    timezone = models.CharField(_("time zone"), max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role="customer", customer__isnull=False) | ~Q(role="customer") & Q(customer__isnull=True),
                name="user_is_a_customers_or_the_operators",
            )
        ]

    def save(self, *args, **kwargs) -> None:
        """Saves, and lets the operator's own people, and nobody else, at its website."""
        super().save(*args, **kwargs)
        if kwargs.get("update_fields") is None:
            groups = Group.objects.filter(name=WEBSITE_GROUP)
            if self.is_staff_here:
                self.groups.add(*groups)
            else:
                self.groups.remove(*groups)

    @property
    def is_staff_here(self) -> bool:
        """Belongs to the operator itself and not to one of its customers."""
        return self.role in (self.Role.OWNER, self.Role.RESELLER)

    def get_session_auth_hash(self) -> str:
        """Bound to the operator too: a cookie of one host is worth nothing on another, even with the same keys."""
        return self._bound_hash()

    def get_session_auth_fallback_hash(self):
        yield from ()

    def _bound_hash(self) -> str:
        secret = f"{current_operator().pk}:{self.pk}:{self.password}"
        return salted_hmac("portal.people.session", secret, algorithm="sha256").hexdigest()


class CustomerTemplate(models.Model):
    """What a new customer starts with, made by hand or by signing up. One of them is the default."""

    name = models.CharField(
        _("name"), max_length=60, unique=True, validators=[PLAIN],
        error_messages={"unique": _("There is a template of that name already.")},
    )  # fmt: skip
    is_default = models.BooleanField(default=False, editable=False)
    tariff = models.ForeignKey(
        Tariff, models.PROTECT, null=True, blank=True, verbose_name=_("tariff"), related_name="+"
    )
    lcr = models.ForeignKey(Lcr, models.PROTECT, null=True, blank=True, verbose_name=_("LCR"), related_name="+")
    currency = models.CharField(_("currency"), max_length=3)
    credit_limit = models.DecimalField(
        _("credit limit"), max_digits=18, decimal_places=4, null=True, blank=True, default=Decimal(0),
        validators=[MinValueValidator(Decimal(0), _("A credit limit can't be negative."))],
        help_text=_("How far below zero the balance may go. Empty: without limit."),
    )  # fmt: skip
    opening_balance = models.DecimalField(
        _("opening balance"), max_digits=18, decimal_places=4, default=Decimal(0),
        validators=[MinValueValidator(Decimal(0), _("An opening balance can't be negative."))],
        help_text=_("Given to each new customer as a present."),
    )  # fmt: skip
    call_limit = models.PositiveIntegerField(
        _("simultaneous calls"), default=0, help_text=_("0 is no limit."),
        validators=[MaxValueValidator(MOST_CALLS, _("At most 1,000,000."))],
    )  # fmt: skip
    allow_loss = models.BooleanField(_("allow calls at a loss"), default=False)

    class Meta:
        ordering = ["-is_default", "name"]
        constraints = [
            models.UniqueConstraint("is_default", condition=Q(is_default=True), name="customer_template_one_default")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def gift(self) -> Decimal | None:
        """What a new customer may talk for without having paid; None is without limit."""
        return None if self.credit_limit is None else self.credit_limit + self.opening_balance


class CaptchaKeys(models.Model):
    """The operator's own keys of reCAPTCHA. One row or none; without both keys nothing is asked."""

    class Version(models.TextChoices):
        V2 = "v2", _("v2: a box to tick")
        V3 = "v3", _("v3: nothing to see, a score")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    version = models.CharField(_("kind"), max_length=2, choices=Version.choices, default=Version.V2)
    site_key = models.CharField(_("site key"), max_length=100, blank=True, default="", validators=[PLAIN])
    secret = SecretField(_("secret key"), blank=True, default="")
    threshold = models.DecimalField(
        _("lowest score"), max_digits=2, decimal_places=1, default=Decimal("0.5"),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))],
        help_text=_("For v3: 0.0 lets everybody in, 1.0 hardly anybody."),
    )  # fmt: skip

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="captcha_keys_one_row")]

    @property
    def are_set(self) -> bool:
        return bool(self.site_key and self.secret)

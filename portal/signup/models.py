"""What an operator asks of those who sign up, what it offers them, and each who did."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.devices.models import DeviceTemplate
from portal.people.models import Customer, CustomerTemplate, User
from portal.tariffs.models import PLAIN
from tenants.encryption import SecretField

DISPOSABLE = "\n".join(
    (
        "10minutemail.com", "guerrillamail.com", "mailinator.com", "maildrop.cc", "sharklasers.com", "temp-mail.org",
        "tempmail.com", "throwawaymail.com", "trashmail.com", "yopmail.com",
    )
)  # fmt: skip


class SignUpRules(models.Model):
    """How signing up goes at this operator. One row; off until it is switched on."""

    class Mode(models.TextChoices):
        INSTANT = "instant", _("At once, without a question")
        CONFIRM = "confirm", _("When the e-mail address is confirmed")
        APPROVE = "approve", _("When one of us has approved it")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    enabled = models.BooleanField(_("customers may sign up"), default=False)
    mode = models.CharField(_("a customer is made"), max_length=16, choices=Mode.choices, default=Mode.CONFIRM)
    most_an_hour = models.PositiveIntegerField(
        _("sign-ups an hour at most"), default=30, validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text=_("From everywhere together. From one address it is always 3 an hour."),
    )  # fmt: skip
    refused_mail = models.TextField(
        _("refused mail domains"), blank=True, default=DISPOSABLE, max_length=20_000,
        help_text=_("One a line; their sub-domains too. Made for mailboxes that are thrown away."),
    )  # fmt: skip
    gifts_a_day = models.DecimalField(
        _("presents a day at most"), max_digits=18, decimal_places=4, default=Decimal(0),
        validators=[MinValueValidator(Decimal(0), _("This can't be negative."))],
        help_text=_(
            "Credit and opening balances of those who sign up in a day, in their currency. Beyond it we approve each."
        ),
    )  # fmt: skip

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="sign_up_rules_one_row")]

    @classmethod
    def ours(cls) -> SignUpRules:
        return cls.objects.filter(pk=1).first() or cls()


class Field(models.Model):
    """A field of the form: a built-in one (`key`) as this operator wants it, or one of its own (`key` empty)."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        SELECT = "select", _("A choice")
        CHECKBOX = "checkbox", _("A box to tick")

    class State(models.TextChoices):
        HIDDEN = "hidden", _("Hidden")
        OPTIONAL = "optional", _("Optional")
        REQUIRED = "required", _("Required")

    key = models.CharField(max_length=20, blank=True, default="", editable=False)
    label = models.CharField(_("label"), max_length=60, blank=True, default="", validators=[PLAIN])
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.TEXT)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPTIONAL)
    position = models.PositiveSmallIntegerField(_("place in the form"), default=50)
    help = models.CharField(_("help"), max_length=200, blank=True, default="", validators=[PLAIN])
    choices = models.TextField(_("choices"), blank=True, default="", max_length=2_000, help_text=_("One a line."))

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="sign_up_field_once_per_key"),
            models.CheckConstraint(
                condition=~Q(key__in=["email", "password", "country"]) | Q(state="required"),
                name="sign_up_field_never_hidden",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.key

    @property
    def name(self) -> str:
        """In the form and in what is stored."""
        return self.key or f"own_{self.pk}"

    @property
    def options(self) -> list[str]:
        return list(dict.fromkeys(line.strip() for line in self.choices.splitlines() if line.strip()))


class Plan(models.Model):
    """Something to choose from: a template for the customer and one for its device."""

    name = models.CharField(
        _("name"), max_length=60, unique=True, validators=[PLAIN],
        error_messages={"unique": _("There is a plan of that name already.")},
    )  # fmt: skip
    description = models.CharField(_("description"), max_length=200, blank=True, default="", validators=[PLAIN])
    customer = models.ForeignKey(CustomerTemplate, models.PROTECT, verbose_name=_("customers start with"))
    device = models.ForeignKey(DeviceTemplate, models.PROTECT, verbose_name=_("devices start with"))
    is_offered = models.BooleanField(_("offered"), default=True)
    position = models.PositiveSmallIntegerField(_("place in the form"), default=50)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Agreement(models.Model):
    """What customers agree to. A version is never changed: a new text is a new version."""

    version = models.PositiveIntegerField(unique=True, editable=False)
    text = models.TextField(_("text"), max_length=100_000)
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.CharField(max_length=150, editable=False)

    class Meta:
        ordering = ["-version"]

    def __str__(self) -> str:
        return str(self.version)


class Acceptance(models.Model):
    """Who agreed to which version, when, from where and with what."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="acceptances")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="acceptances")
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300)
    accepted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "user"], name="acceptance_once_per_version")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.agreement_id}"


class SignUp(models.Model):
    """One who signed up. Until it is done there is no customer, user, device or caller id of it anywhere else.

    `repeated` is an address that had an account already: the row counts for the limits, and nobody is told.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for the confirmation")
        APPROVAL = "approval", _("Waiting for approval")
        DONE = "done", _("A customer")
        REFUSED = "refused", _("Refused")
        EXPIRED = "expired", _("Expired")
        REPEATED = "repeated", _("Had an account already")

    email = models.EmailField(_("e-mail"), max_length=150)
    # Case-folded: one account per address.
    email_key = models.CharField(max_length=150, db_index=True)
    password = models.CharField(max_length=128)
    country = models.CharField(max_length=2)
    name = models.CharField(max_length=100)
    first_name = models.CharField(max_length=150, blank=True, default="")
    last_name = models.CharField(max_length=150, blank=True, default="")
    phone = models.CharField(max_length=16, blank=True, default="")
    details = models.JSONField(default=dict)
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    # SHA-256 of operator and token: a link is worth nothing at another operator, nor is the row without its mail.
    confirm_digest = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 (unique, or none)
    confirm_failures = models.PositiveSmallIntegerField(default=0)
    welcome_digest = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001
    sip_secret = SecretField(default="", blank=True)
    gift = models.DecimalField(max_digits=18, decimal_places=4, default=Decimal(0))
    gift_currency = models.CharField(max_length=3, blank=True, default="")
    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True, related_name="+")
    ip = models.GenericIPAddressField(null=True)
    # The network the limits count by: the address itself, or the /64 of an IPv6 one.
    network = models.CharField(max_length=50)
    user_agent = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(db_index=True)
    done_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True, default="")
    customer = models.OneToOneField(Customer, models.PROTECT, null=True, related_name="sign_up")
    user = models.OneToOneField(User, models.PROTECT, null=True, related_name="sign_up")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["email_key"], condition=Q(state__in=["approval", "done"]), name="sign_up_one_per_address"
            ),
            models.CheckConstraint(
                condition=Q(state="done", customer__isnull=False)
                | ~Q(state="done") & Q(customer__isnull=True, user__isnull=True),
                name="sign_up_only_done_ones_are_customers",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.email

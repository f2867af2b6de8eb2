"""What an operator lets those right below it do: settings and areas, as its default, per group, and per reseller.

The nearest word counts: the reseller's own row, else its group's, else the default of the operator above, else what
stands here. Along the chain the strictest counts: nobody passes on what it may not do itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.validators import RegexValidator
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from tenants.models import Operator

NONE, READ, WRITE = "none", "read", "write"
ONE_LINE = RegexValidator(
    r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*\Z", _("Leave out control characters.")
)
STRENGTH = (NONE, READ, WRITE)


@dataclass(frozen=True)
class Setting:
    """A switch. One whose room isn't built yet is hidden: shown to nobody, and its key is there for that room."""

    key: str
    label: Any
    default: bool
    help: Any = ""
    built: bool = True


@dataclass(frozen=True)
class Area:
    """A part of the portal: the namespaces of its addresses. What no area names is open to all staff."""

    key: str
    label: Any
    namespaces: tuple[str, ...]


SETTINGS: Mapping[str, Setting] = {
    one.key: one
    for one in (
        Setting("sign_up", _("Its customers may sign themselves up"), True),
        Setting("renew_secrets", _("It may renew SIP secrets"), True, _("If not, its customers can't either.")),
        Setting("spy", _("It may listen to live calls"), False, built=False),
        Setting("add_dids", _("It may add numbers (DIDs) of its own"), False, built=False),
        Setting("did_to_trunk", _("It may lead a DID to a trunk"), False, built=False),
        Setting("change_pins", _("It may change the PINs of devices"), False, built=False),
        Setting("our_tariffs", _("It may read and give its customers our tariffs by the API"), False, built=False),
        Setting("paypal", _("It may pay us by PayPal"), True, built=False),
    )
}  # fmt: skip
AREAS: Mapping[str, Area] = {
    one.key: one
    for one in (
        Area("customers", _("Customers and sign-ups"), ("people", "signup")),
        Area("devices", _("Devices"), ("devices",)),
        Area("calls", _("Calls"), ("history",)),
        Area("money", _("Balances and payments"), ("billing",)),
        Area("tariffs", _("Tariffs"), ("tariffs",)),
        Area("routing", _("Providers and routing"), ("routing",)),
        Area("numbers", _("Number rules"), ("numbers",)),
        Area("look", _("Brand and domains"), ("branding",)),
        Area("website", _("Website"), ("wagtailadmin",)),
    )
}  # fmt: skip
# One's own account is no area: everybody may sign in, out, and change the own password.
FREE = {
    "people:sign_in", "people:sign_out", "people:forgotten", "people:reset_sent", "people:new_password",
    "people:password_changed", "people:account", "people:own_password", "home:brand", "branding:legal_text",
    "branding:manifest", "branding:picture", "signup:sign_up", "signup:sent", "signup:approval", "signup:confirm",
    "signup:welcome", "signup:agreement", "signup:agree",
}  # fmt: skip


class ResellerGroup(models.Model):
    """Resellers that may do the same. `values` maps keys of settings to booleans and of areas to none, read, write."""

    operator_id = models.BigIntegerField(editable=False)
    name = models.CharField(_("name"), max_length=60, validators=[ONE_LINE])
    description = models.CharField(_("description"), max_length=200, blank=True, default="", validators=[ONE_LINE])
    values = models.JSONField(default=dict)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["operator_id", "name"], name="reseller_group_name_once",
                violation_error_message=_("There is a group of that name already."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class ResellerTerms(models.Model):
    """Of one reseller of an operator; with `reseller_id` 0 the default for all its resellers."""

    operator_id = models.BigIntegerField(editable=False)
    reseller_id = models.BigIntegerField(default=0, editable=False)
    group = models.ForeignKey(
        ResellerGroup, models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("group")
    )
    values = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator_id", "reseller_id"], name="reseller_terms_once"),
        ]

    def __str__(self) -> str:
        return f"{self.operator_id}/{self.reseller_id}"


@dataclass(frozen=True)
class Effective:
    """A value and where it comes from: "reseller", "group", "default", "built-in" or "above"."""

    value: Any
    origin: str


@dataclass(frozen=True)
class Terms:
    """All that an operator may do, by key. `levels` from its own parent up; each {"reseller", "group", "default"}."""

    levels: Sequence[Mapping[str, Mapping[str, Any]]] = ()

    def effective(self, key: str) -> Effective:
        strictest = None
        for height, level in enumerate(self.levels):
            found = _nearest(level, key)
            if strictest is None or _strength(found.value) < _strength(strictest.value):
                strictest = found if height == 0 else Effective(found.value, "above")
        return strictest or Effective(_built_in(key), "built-in")

    def value(self, key: str) -> Any:
        return self.effective(key).value

    def may(self, namespace: str, writes: bool) -> bool:
        """Whether staff may open a page of these addresses, or change something there."""
        area = next((one for one in AREAS.values() if namespace in one.namespaces), None)
        if area is None:
            return True
        return STRENGTH.index(self.value(area.key)) >= STRENGTH.index(WRITE if writes else READ)


def terms_of(operator: Operator) -> Terms:
    """For the operator itself, or for its parent. The owner of the platform has nobody above it."""
    if operator.parent_id is None:
        return Terms()
    with connection.cursor() as cursor:
        cursor.execute("select reseller_terms(%s)", [operator.pk])
        found = cursor.fetchone()[0]
    return Terms(tuple(json.loads(found) if isinstance(found, str) else found or ()))


def _nearest(level: Mapping[str, Mapping[str, Any]], key: str) -> Effective:
    for origin in ("reseller", "group", "default"):
        value = level.get(origin, {}).get(key)
        if _is_word(key, value):
            return Effective(value, origin)
    return Effective(_built_in(key), "built-in")


def _is_word(key: str, value: Any) -> bool:
    return isinstance(value, bool) if key in SETTINGS else value in STRENGTH


def _built_in(key: str) -> Any:
    return SETTINGS[key].default if key in SETTINGS else WRITE


def _strength(value: Any) -> int:
    return int(value) if isinstance(value, bool) else STRENGTH.index(value)

from __future__ import annotations

import ipaddress
import re
from typing import cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.models import Account
from portal.routing.common_use import InUse, hits
from portal.routing.models import SIP_SECRET, Lcr, LcrEntry, Provider, ProviderRule
from portal.routing.offered import offered
from portal.routing.rule_rows import MAX_RULES, RuleFormSet, TriedRules, name_fields, size_boxes
from portal.tariffs.fields import AmountField
from portal.tariffs.models import Tariff
from telecom.localization import Rule, RuleKind
from tenants.context import current_operator

PARENT = "parent"
COMMON = "common-"


class ProviderForm(forms.ModelForm):
    password = forms.CharField(
        label=_("Password"), required=False, strip=False, max_length=128, validators=[SIP_SECRET],
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    class Meta:
        model = Provider
        fields = (
            "name", "tariff", "active", "host", "port", "transport", "username", "register", "ring_seconds",
            "call_limit", "common_use",
        )  # fmt: skip
        help_texts = {
            "username": _("Empty: the provider knows us by our address."),
            "active": _("Switched off, it gets no new calls."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["tariff"].queryset = Tariff.objects.filter(purpose=Tariff.Purpose.BUY)
        self.fields["tariff"].help_text = _("What the provider charges: a tariff for providers.")
        for name in ("host", "username"):
            self.fields[name].widget.attrs.update(autocomplete="off", spellcheck="false", autocapitalize="none")
        if self.instance.secret:
            self.fields["password"].help_text = _("One is kept and never shown. Empty keeps it.")

    def clean_host(self):
        host = self.cleaned_data["host"]
        # The nodes would send calls, and other operators' traffic near them, wherever a reseller points them.
        inside = host.lower().rstrip(".").endswith("localhost")
        if re.fullmatch(r"[0-9.]+", host):
            try:
                address = ipaddress.IPv4Address(host)
            except ValueError:
                raise forms.ValidationError(_("There is no such IPv4 address.")) from None
            inside = address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified
        if inside and not current_operator().is_owner:
            raise forms.ValidationError(_("Use the carrier's own address: this one leads back to our servers."))
        return host

    def clean_common_use(self):
        wanted = self.cleaned_data["common_use"]
        if self.instance.pk and not wanted:
            operator_ids = self.instance.common_uses.values_list("operator_id", flat=True)
            if found := hits(self.instance, operator_ids):
                raise forms.ValidationError(str(InUse(found)))
        return wanted

    def clean_tariff(self):
        tariff = self.cleaned_data["tariff"]
        account = Account.objects.filter(pk=self.instance.account_id).first() if self.instance.account_id else None
        if account and account.currency != tariff.currency:
            raise forms.ValidationError(
                _("This provider's account is kept in %(currency)s: choose a tariff in it, or make a new provider."),
                params={"currency": account.currency},
            )
        return tariff

    def clean(self):
        values = super().clean() or {}
        if not self.errors:
            if values["password"] and not values["username"]:
                self.add_error("username", _("A password needs a user name."))
            if values["register"] and not values["username"]:
                self.add_error("username", _("To register there, a user name is needed."))
        return values

    def _post_clean(self):
        super()._post_clean()  # type: ignore[misc]
        if not self.cleaned_data.get("username"):
            self.instance.secret = ""
        elif self.cleaned_data.get("password"):
            self.instance.secret = self.cleaned_data["password"]


class ProviderRuleForm(forms.ModelForm):
    class Meta:
        model = ProviderRule
        fields = ("side", "cut", "add", "min_length", "max_length")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        size_boxes(self)

    def as_rule(self, number: int) -> Rule:
        values = self.cleaned_data
        caller = values["side"] == ProviderRule.Side.CALLER
        return Rule(
            number, RuleKind.CALLER_ID if caller else RuleKind.DESTINATION, values["cut"], values["add"],
            values["min_length"], values["max_length"], number, gettext("row %(row)s") % {"row": number},
        )  # fmt: skip


class OutgoingRules(RuleFormSet):
    outgoing = True


class TriedOutgoingRules(TriedRules):
    outgoing = True


ProviderRules = forms.inlineformset_factory(
    Provider,
    ProviderRule,
    form=ProviderRuleForm,
    formset=OutgoingRules,
    extra=1,
    max_num=MAX_RULES,
    absolute_max=MAX_RULES,
)
TriedProviderRules = forms.formset_factory(
    ProviderRuleForm, formset=TriedOutgoingRules, extra=0, can_delete=True, absolute_max=MAX_RULES, max_num=MAX_RULES
)


class LcrForm(forms.ModelForm):
    class Meta:
        model = Lcr
        fields = ("name", "order", "first_only", "percent_limit", "min_margin_percent", "allow_loss")
        field_classes = {"percent_limit": AmountField, "min_margin_percent": AmountField}
        help_texts = {
            "first_only": _("If it can't take the call, nobody else is asked."),
            "allow_loss": _("Calls may cost more than they earn."),
        }


class EntryForm(forms.Form):
    """One place in an LCR: an own provider, or whatever the operator above offers."""

    who = forms.ChoiceField(label=_("Provider"), required=False)
    priority = forms.IntegerField(
        label=_("Place"), min_value=0, max_value=9999, required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 4, "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = choices


class BaseEntries(forms.BaseFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        name_fields(form, index)

    def places(self) -> list[tuple[str, int]]:
        """(who, priority) of each entry in order; one without a number keeps its row's place."""
        found = []
        for row, form in enumerate(self.forms, 1):
            values = form.cleaned_data
            if values.get("who") and not values.get("DELETE"):
                found.append((values["who"], row if values.get("priority") is None else values["priority"]))
        return sorted(found, key=lambda one: one[1])

    def clean(self) -> None:
        if any(self.errors):
            return
        names = [who for who, _place in self.places()]
        if not names:
            raise forms.ValidationError(_("Name at least one provider: with none, every call is refused."))
        if len(set(names)) < len(names):
            raise forms.ValidationError(_("Name each provider once."))

    def save(self, lcr: Lcr) -> None:
        """Put these entries in the place of those that `lcr` has."""
        off = {_who(one) for one in lcr.entries.all() if not one.enabled}
        lcr.entries.all().delete()
        usable = {str(one.provider_id) for one in offered()}
        made = []
        for who, place in self.places():
            entry = LcrEntry(lcr=lcr, priority=place)
            if who.startswith(COMMON):
                entry.common_provider_id = int(who.removeprefix(COMMON))
                # One that was switched off because it was taken back counts again once it may be used again.
                entry.enabled = who not in off or who.removeprefix(COMMON) in usable
            elif who != PARENT:
                entry.provider_id = int(who)
            made.append(entry)
        LcrEntry.objects.bulk_create(made)


Entries = forms.formset_factory(EntryForm, formset=BaseEntries, extra=1, can_delete=True, max_num=200, absolute_max=200)


def _who(entry: LcrEntry) -> str:
    """An entry as the form's choices name it."""
    if entry.common_provider_id is not None:
        return f"{COMMON}{entry.common_provider_id}"
    return str(entry.provider_id or PARENT)


def _offered_name(name: str, active: bool) -> str:
    said = gettext("%(name)s, of the operator above") % {"name": name}
    return said if active else f"{said} ({gettext('off')})"


def entries(data=None, lcr: Lcr | None = None) -> BaseEntries:
    """The rows of an LCR, with everybody who may be chosen here."""
    operator = current_operator()
    choices = [("", gettext("Choose …"))]
    choices += [
        (str(one.pk), one.name if one.active else f"{one.name} ({gettext('off')})") for one in Provider.objects.all()
    ]
    choices += [(f"{COMMON}{one.provider_id}", _offered_name(one.name, one.active)) for one in offered()]
    if operator.parent_id:
        choices.append((PARENT, gettext("The operator above")))
    there = list(lcr.entries.all()) if lcr else []
    known = {value for value, _label in choices}
    choices += [
        (_who(one), gettext("taken back by the operator above (number %(id)s)") % {"id": one.common_provider_id})
        for one in there if _who(one) not in known
    ]  # fmt: skip
    initial = [{"who": _who(one), "priority": one.priority} for one in there]
    return cast(BaseEntries, Entries(data, prefix="entries", initial=initial, form_kwargs={"choices": choices}))

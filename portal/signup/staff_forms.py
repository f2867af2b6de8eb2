"""How signing up goes, as the operator's people set it. What is dangerous must be typed out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.devices.models import DeviceTemplate
from portal.people.captcha import secret_is_known
from portal.people.models import CaptchaKeys, CustomerTemplate
from portal.signup import danger
from portal.signup.fields import NEVER_HIDDEN
from portal.signup.models import Agreement, Field, Plan, SignUpRules
from portal.signup.offer import offered_templates
from portal.tariffs.models import Currency, Tariff
from tenants.models import Operator


class Typed(forms.Form):
    """A form that may need the operator's name typed out. The field shows only when it does."""

    typed = forms.CharField(
        label=_("Your portal's name"), required=False, max_length=100,
        help_text=_("Only for settings that give strangers money. Else leave it empty."),
    )  # fmt: skip

    def check_danger(self, is_enabled: bool, templates: list[CustomerTemplate], operator: Operator) -> None:
        try:
            danger.check(is_enabled, templates, self.cleaned_data.get("typed", ""), operator.name)
        except ValidationError as error:
            self.add_error("typed" if error.code == "untyped" else None, error)


class RulesForm(Typed, forms.ModelForm):
    class Meta:
        model = SignUpRules
        fields = ["enabled", "mode", "most_an_hour", "gifts_a_day", "refused_mail"]

    def __init__(self, *args: Any, operator: Operator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.operator = operator

    def clean(self):
        values = super().clean() or self.cleaned_data
        self.check_danger(values.get("enabled", False), offered_templates(), self.operator)
        return values


class CustomerTemplateForm(Typed, forms.ModelForm):
    class Meta:
        model = CustomerTemplate
        fields = [
            "name", "tariff", "lcr", "currency", "credit_limit", "opening_balance", "call_limit", "allow_loss",
        ]  # fmt: skip

    def __init__(self, *args: Any, operator: Operator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.operator = operator
        self.fields["tariff"].queryset = Tariff.objects.filter(purpose=Tariff.Purpose.SELL)
        self.fields["tariff"].help_text = _("Without one new customers can't call.")
        if not operator.is_pro:
            del self.fields["lcr"]
        foreign = Currency.objects.exclude(code=operator.currency).values_list("code", flat=True)
        codes = [operator.currency, *foreign]
        self.fields["currency"] = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in codes])

    def clean(self):
        values = super().clean() or self.cleaned_data
        if not self.errors:
            self._check()
        return values

    def _check(self) -> None:
        offered = Plan.objects.filter(is_offered=True)
        is_reached = (
            offered.filter(customer=self.instance.pk).exists() if offered.exists() else self.instance.is_default
        )
        as_wished = CustomerTemplate(
            name=self.cleaned_data["name"], credit_limit=self.cleaned_data["credit_limit"],
            opening_balance=self.cleaned_data["opening_balance"],
        )  # fmt: skip
        self.check_danger(SignUpRules.ours().enabled and is_reached, [as_wished], self.operator)


class DeviceTemplateForm(forms.ModelForm):
    class Meta:
        model = DeviceTemplate
        fields = ["name", "device_name", "location", "call_limit", "ring_seconds"]


class PlanForm(Typed, forms.ModelForm):
    class Meta:
        model = Plan
        fields = ["name", "description", "customer", "device", "is_offered", "position"]

    def __init__(self, *args: Any, operator: Operator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.operator = operator

    def clean(self):
        values = super().clean() or self.cleaned_data
        if not self.errors:
            reached = [values["customer"]] if values["is_offered"] else []
            others = Plan.objects.filter(is_offered=True).exclude(pk=self.instance.pk)
            if not values["is_offered"] and not others.exists():
                # With no plan left those who sign up get the default.
                reached = list(CustomerTemplate.objects.filter(is_default=True))
            self.check_danger(SignUpRules.ours().enabled, reached, self.operator)
        return values


class FieldForm(forms.ModelForm):
    class Meta:
        model = Field
        fields = ["label", "kind", "choices", "state", "position", "help"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.key:
            del self.fields["label"], self.fields["kind"], self.fields["choices"]
            if self.instance.key in NEVER_HIDDEN:
                del self.fields["state"]
        else:
            self.fields["label"].required = True

    def clean(self):
        values = super().clean() or self.cleaned_data
        if values.get("kind") == Field.Kind.SELECT and len(Field(choices=values.get("choices", "")).options) < 2:
            self.add_error("choices", _("A choice needs two lines at least."))
        return values


class AgreementForm(forms.ModelForm):
    class Meta:
        model = Agreement
        fields = ["text"]
        widgets = {"text": forms.Textarea({"rows": 20})}


class CaptchaForm(forms.ModelForm):
    """The secret is never shown again; left empty it stays."""

    secret = forms.CharField(
        label=_("Secret key"), required=False, max_length=100, strip=True,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=_("It is kept encrypted and not shown again. Empty: the one that is there stays."),
    )  # fmt: skip

    class Meta:
        model = CaptchaKeys
        fields = ["version", "site_key", "secret", "threshold"]

    def clean_site_key(self):
        key = self.cleaned_data["site_key"]
        if not all(letter.isalnum() or letter in "-_" for letter in key) or not key.isascii():
            raise ValidationError(_("A site key has letters, digits, - and _ only."))
        return key

    def clean(self):
        values = super().clean() or self.cleaned_data
        if not values.get("site_key"):
            values["secret"] = ""
            return values
        secret = values.get("secret") or self.initial.get("secret", "")
        values["secret"] = secret
        if not secret:
            self.add_error("secret", _("Enter the secret key that belongs to the site key."))
        elif "site_key" not in self.errors and secret_is_known(secret) is False:
            self.add_error("secret", _("Google doesn't know this secret key."))
        return values

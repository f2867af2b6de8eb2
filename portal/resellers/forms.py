from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.routing.models import CommonUse, Lcr, Provider
from portal.tariffs.models import Tariff
from tenants.models import Operator


class TariffForm(forms.Form):
    """By which of our tariffs PROs pay for providers for common use."""

    tariff = forms.ModelChoiceField(Tariff.objects.none(), label=_("Tariff"), empty_label=_("Choose …"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["tariff"].queryset = Tariff.objects.filter(purpose=Tariff.Purpose.SELL)


class NewProForm(TariffForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["tariff"].required = False
        self.fields["tariff"].empty_label = _("None: they get nothing")


class AgreementForm(TariffForm):
    provider = forms.ModelChoiceField(Provider.objects.none(), label=_("Provider"), empty_label=_("Choose …"))
    operator = forms.TypedChoiceField(label=_("Reseller PRO"), coerce=int)
    field_order = ("provider", "operator", "tariff")

    def __init__(self, *args, pros: Iterable[Operator], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["provider"].queryset = Provider.objects.filter(common_use=True)
        self.fields["operator"].choices = [("", _("Choose …")), *((one.pk, one.name) for one in pros)]

    def clean(self):
        values = super().clean() or {}
        found = CommonUse.objects.filter(provider=values.get("provider"), operator_id=values.get("operator") or 0)
        if not self.errors and found.exists():
            raise forms.ValidationError(_("This reseller may use this provider already: change the price in the list."))
        return values


class CopyLcrForm(forms.Form):
    lcr = forms.ChoiceField(label=_("LCR"))
    without_forbidden = forms.BooleanField(label=_("Without the providers that can't go along"), required=False)

    def __init__(self, *args, others: Iterable[tuple[Operator, list[tuple[int, str]]]] = (), **kwargs):
        super().__init__(*args, **kwargs)
        choices: list = [("", _("Choose …")), *((f"0-{one.pk}", one.name) for one in Lcr.objects.all())]
        for operator, lcrs in others:
            choices += [(f"{operator.pk}-{pk}", f"{operator.name}: {name}") for pk, name in lcrs]
        self.fields["lcr"].choices = choices

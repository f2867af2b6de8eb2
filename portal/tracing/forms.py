from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from portal.devices.models import Device

NUMBER = RegexValidator(r"^[0-9+*#]{1,40}\Z", _("Use digits and + * # only, as a phone would send them."))
IDENTITY = RegexValidator(r"^d?[0-9]{1,18}\Z", _("A SIP user name here is a d and a number, such as d100023."))


class TraceForm(forms.Form):
    """Which device calls what. A reseller's device is named by its SIP user name, for the operator above it."""

    device = forms.ModelChoiceField(Device.objects.none(), required=False, label=_("Device"))
    sip_user = forms.CharField(
        required=False, max_length=20, label=_("or SIP user name"), validators=[IDENTITY],
        help_text=_("Also of a device at a reseller of yours."),
    )  # fmt: skip
    called = forms.CharField(max_length=40, label=_("Dialled number"), validators=[NUMBER])
    caller = forms.CharField(required=False, max_length=40, label=_("Caller's number"), validators=[NUMBER])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["device"].queryset = Device.objects.select_related("customer").order_by("customer__name", "name")
        self.fields["device"].label_from_instance = lambda one: f"{one.customer.name}: {one.name} ({one.username})"

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not values.get("device") and not values.get("sip_user"):
            raise forms.ValidationError(_("Choose a device, or name one by its SIP user name."))
        return values

    def identity(self) -> int:
        """The directory number of the device; what was typed counts more than what was chosen."""
        typed = self.cleaned_data["sip_user"]
        return int(typed.removeprefix("d")) if typed else int(self.cleaned_data["device"].identity_id or 0)

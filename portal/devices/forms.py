from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.devices.models import Device, DeviceTemplate
from portal.people.models import Customer


class DeviceForm(forms.ModelForm):
    class Meta:
        model = Device
        fields = ["customer", "name", "location", "caller_id", "call_limit", "ring_seconds"]

    def __init__(self, *args, template: DeviceTemplate | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        if template is not None:
            self.initial.update({name: getattr(template, name) for name in ("location", "call_limit", "ring_seconds")})
            self.initial["name"] = template.device_name
        self.fields["caller_id"].help_text = _("The number the called person sees. Empty: what the device says.")
        self.fields["location"].help_text = _("The number rules for this device, besides those for all.")
        if self.instance.pk:
            del self.fields["customer"]
        else:
            # A reseller's devices live in the reseller's own portal.
            self.fields["customer"].queryset = Customer.objects.listed().filter(operator_id=None)

    def clean(self):
        values = super().clean()
        customer = values.get("customer") or (self.instance.pk and self.instance.customer)
        if customer and (name := values.get("name")):
            if Device.objects.filter(customer=customer, name=name).exclude(pk=self.instance.pk).exists():
                self.add_error("name", _("This customer has a device of that name already."))
        return values

    def _get_validation_exclusions(self):
        # The name was looked at in clean(), where the customer is known in both kinds of this form.
        return super()._get_validation_exclusions() | {"customer"}  # type: ignore[misc]


class DeviceFilter(forms.Form):
    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("All")), ("active", _("Active")), ("suspended", _("Suspended")), ("archived", _("Archived"))],
    )  # fmt: skip

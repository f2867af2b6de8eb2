"""Which calls a person asked for: dates in the viewer's zone, number, customer, outcome, direction of profit."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import CallQuerySet
from portal.devices.models import Device
from portal.people.models import Customer, User

SIDES = {
    "gain": {"sell_base__gt": F("buy_base")},
    "none": {"sell_base": F("buy_base")},
    "loss": {"sell_base__lt": F("buy_base")},
}
# Ids of calls carry their time, so days outside of these have none.
FIRST, LAST = date(2025, 1, 1), date(2150, 1, 1)


class CallFilter(forms.Form):
    start = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    end = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))
    number = forms.CharField(
        label=_("Number begins with"), required=False, max_length=40,
        widget=forms.TextInput({"inputmode": "tel"}),
        validators=[RegexValidator(r"^\+?[0-9 ().-]*\Z", _("A number has only digits."))],
    )  # fmt: skip
    # By name and not from a list: there may be thousands.
    customer = forms.ModelChoiceField(
        Customer.objects.none(), label=_("Customer"), required=False, to_field_name="name", widget=forms.TextInput,
        error_messages={"invalid_choice": _("There is no customer of that name.")},
    )  # fmt: skip
    device = forms.ModelChoiceField(Device.objects.none(), required=False, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False,
        choices=[("", _("All")), ("answered", _("Answered")), ("failed", _("Not answered"))],
    )  # fmt: skip
    profit = forms.ChoiceField(
        label=_("Profit"), required=False,
        choices=[("", _("All")), ("gain", _("Gain")), ("none", _("None")), ("loss", _("Loss"))],
    )  # fmt: skip

    def __init__(self, data: Any, user: User) -> None:
        super().__init__(data)
        self.fields["device"].queryset = Device.objects.visible_to(user)
        if user.is_staff_here:
            self.fields["customer"].queryset = Customer.objects.all()
        else:
            del self.fields["customer"], self.fields["profit"]

    def clean(self):
        values = super().clean()
        start, end = values.get("start"), values.get("end")
        if start and end and start > end:
            self.add_error("end", _("The last day lies before the first."))
        return values

    def clean_start(self) -> date | None:
        return self._within(self.cleaned_data["start"])

    def clean_end(self) -> date | None:
        return self._within(self.cleaned_data["end"])

    @staticmethod
    def _within(day: date | None) -> date | None:
        if day and not FIRST <= day <= LAST:
            raise forms.ValidationError(_("There are no calls in that year."))
        return day

    def apply(self, calls: CallQuerySet) -> CallQuerySet:
        """Those of `calls` that fit; of a form that isn't valid, none."""
        if not self.is_valid():
            return calls.none()
        wanted = self.cleaned_data
        if wanted["start"]:
            calls = calls.since(_midnight(wanted["start"]))
        if wanted["end"]:
            calls = calls.until(_midnight(wanted["end"] + timedelta(days=1)))
        calls = calls.number_starts("".join(filter(str.isdigit, wanted["number"])))
        if wanted.get("customer"):
            calls = calls.filter(customer_id=wanted["customer"].pk)
        if wanted["device"]:
            calls = calls.filter(device_id=wanted["device"].pk)
        if wanted["outcome"]:
            calls = calls.filter(answered_at__isnull=wanted["outcome"] == "failed")
        return calls.filter(**SIDES.get(wanted.get("profit", ""), {}))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())

from __future__ import annotations

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from ledger.posting import new_source
from portal.billing.move_money import Kind
from portal.people.forms import ONE_LINE
from portal.people.models import Customer
from tenants.context import current_operator

SALT = "portal.billing.deed"
GOOD_FOR_SECONDS = 24 * 3600


class MoveForm(forms.Form):
    """Made with the id of the deed it will do, signed: sent twice it does it once, and nobody picks an id."""

    deed = forms.CharField(widget=forms.HiddenInput, max_length=200)
    kind = forms.ChoiceField(
        label=_("What is it"), choices=Kind.choices, initial=Kind.PAYMENT, widget=forms.RadioSelect
    )
    amount = forms.DecimalField(
        label=_("Amount"), max_digits=16, decimal_places=6,
        help_text=_("Adds to the balance. With a minus in front it takes away."),
        widget=forms.TextInput({"inputmode": "text", "autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=200, validators=[ONE_LINE],
        help_text=_("The customer reads it on the statement."),
    )  # fmt: skip

    def __init__(self, data, customer: Customer) -> None:
        super().__init__(data)
        self.customer = customer
        if data is None:
            self.initial["deed"] = signing.dumps([current_operator().pk, customer.pk, new_source()], salt=SALT)

    def clean_deed(self) -> int:
        try:
            operator, customer, source = signing.loads(self.cleaned_data["deed"], salt=SALT, max_age=GOOD_FOR_SECONDS)
        except (signing.BadSignature, ValueError):
            raise forms.ValidationError(_("This form is too old. Open it again.")) from None
        if (operator, customer) != (current_operator().pk, self.customer.pk):
            raise forms.ValidationError(_("This form belongs to another account. Open it again."))
        return source

    def clean_amount(self):
        if self.cleaned_data["amount"] == 0:
            raise forms.ValidationError(_("Enter an amount other than 0."))
        return self.cleaned_data["amount"]

"""Forms of customers and their users."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from ledger.models import Account
from portal.people.forms import ONE_LINE
from portal.people.models import Customer, User
from portal.tariffs.models import Currency, Tariff
from tenants.models import Operator


class CustomerForm(forms.ModelForm):
    credit_limit = forms.DecimalField(
        label=_("Credit limit"), max_digits=18, decimal_places=4, required=False, initial=Decimal(0),
        validators=[MinValueValidator(Decimal(0), _("A credit limit can't be negative."))],
        help_text=_("How far below zero the balance may go. Empty: without limit."),
    )  # fmt: skip

    class Meta:
        model = Customer
        fields = ["name", "email", "currency", "tariff", "lcr", "allow_loss", "credit_limit", "call_limit"]

    def __init__(self, *args, operator: Operator, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["tariff"].queryset = Tariff.objects.filter(purpose=Tariff.Purpose.SELL)
        self.fields["tariff"].help_text = _("Without one the customer can't call.")
        # Calls of a plain reseller all go the way of the operator above.
        if not operator.is_pro:
            del self.fields["lcr"]
        if self.instance.pk:
            del self.fields["currency"]
            self._show_limit()
        else:
            foreign = Currency.objects.exclude(code=operator.currency).values_list("code", flat=True)
            codes = [operator.currency, *foreign]
            self.fields["currency"] = forms.ChoiceField(
                label=_("Currency"), choices=[(code, code) for code in codes],
                help_text=_("Of the balance. It stays as it is once the customer is made."),
            )  # fmt: skip

    def _show_limit(self) -> None:
        floor = Account.objects.values_list("floor", flat=True).get(pk=self.instance.account_id)
        # Four decimals or as many as there are: 100.0000000000 would be hard to read and refused on the way back.
        self.initial["credit_limit"] = None if floor is None else f"{(-floor).normalize() + 0:f}"


class CustomerFilter(forms.Form):
    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("All")), ("active", _("Active")), ("suspended", _("Suspended")), ("archived", _("Archived"))],
    )  # fmt: skip


class UserForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["username", "email", "first_name", "last_name"]
        error_messages = {"username": {"unique": _("There is a user of that name already.")}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = _("Letters, digits and @ . + - _ only.")
        self.fields["username"].label = _("User name")
        self.fields["email"].help_text = _("The link to choose a password goes here.")
        for name in ("first_name", "last_name"):
            self.fields[name].validators.append(ONE_LINE)

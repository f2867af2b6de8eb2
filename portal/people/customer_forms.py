"""Forms of customers and their users."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.core.validators import MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ledger.models import Account
from portal.people.blocking import invoices_are_known, tomorrow_of
from portal.people.forms import ONE_LINE
from portal.people.models import Customer, CustomerTemplate, User
from portal.tariffs.models import Currency, Tariff
from tenants.models import Operator


class CustomerForm(forms.ModelForm):
    credit_limit = forms.DecimalField(
        label=_("Credit limit"), max_digits=18, decimal_places=4, required=False, initial=Decimal(0),
        validators=[MinValueValidator(Decimal(0), _("A credit limit can't be negative."))],
        help_text=_("How far below zero the balance may go. Empty: without limit."),
    )  # fmt: skip

    opening_balance = forms.DecimalField(
        label=_("Opening balance"), max_digits=18, decimal_places=4, required=False, initial=Decimal(0),
        validators=[MinValueValidator(Decimal(0), _("An opening balance can't be negative."))],
        help_text=_("A present, as a line of its own on the statement."),
    )  # fmt: skip

    class Meta:
        model = Customer
        fields = [
            "name", "email", "currency", "tariff", "lcr", "allow_loss", "credit_limit", "opening_balance", "call_limit",
            "block_on", "block_day",
        ]  # fmt: skip
        widgets = {"block_on": forms.DateInput({"type": "date"})}

    def __init__(self, *args, operator: Operator, template: CustomerTemplate | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.operator = operator
        self.fields["tariff"].queryset = Tariff.objects.filter(purpose=Tariff.Purpose.SELL)
        self.fields["tariff"].help_text = _("Without one the customer can't call.")
        # Calls of a plain reseller all go the way of the operator above.
        if not operator.is_pro:
            del self.fields["lcr"]
        self.fields["block_on"].help_text = _("From midnight of that day it can't call. The earliest is tomorrow.")
        if not invoices_are_known():
            # One of the three conditions could never come true.
            del self.fields["block_day"]
        if self.instance.pk:
            del self.fields["currency"], self.fields["opening_balance"]
            self._show_limit()
        else:
            foreign = Currency.objects.exclude(code=operator.currency).values_list("code", flat=True)
            codes = [operator.currency, *foreign]
            self.fields["currency"] = forms.ChoiceField(
                label=_("Currency"), choices=[(code, code) for code in codes],
                help_text=_("Of the balance. It stays as it is once the customer is made."),
            )  # fmt: skip
            if template is not None:
                self._begin_with(template)

    def clean_block_on(self):
        wanted = self.cleaned_data["block_on"]
        # One that is there already and runs tonight may stay as it is.
        if wanted and wanted != self.instance.block_on and wanted < tomorrow_of(self.operator, timezone.now()):
            raise forms.ValidationError(
                _("Today's midnight is over: choose tomorrow or later, or suspend the customer at once.")
            )
        return wanted

    def _begin_with(self, template: CustomerTemplate) -> None:
        for name in ("tariff", "lcr", "currency", "allow_loss", "call_limit", "opening_balance"):
            self.initial[name] = getattr(template, name)
        self.initial["credit_limit"] = plain_amount(template.credit_limit)
        self.initial["opening_balance"] = plain_amount(template.opening_balance)

    def _show_limit(self) -> None:
        floor = Account.objects.values_list("floor", flat=True).get(pk=self.instance.account_id)
        self.initial["credit_limit"] = None if floor is None else plain_amount(-floor)


def plain_amount(amount: Decimal | None) -> str | None:
    """As many decimals as there are: 100.0000000000 would be hard to read and refused on the way back."""
    return None if amount is None else f"{amount.normalize() + 0:f}"


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

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.tariffs.fields import AmountField
from portal.tariffs.models import Currency, Rate, RateUpload, Tariff
from portal.tariffs.price_file import MAX_BYTES
from tenants.context import current_operator


class TariffForm(forms.ModelForm):
    currency = forms.ChoiceField(label=_("Currency"))

    class Meta:
        model = Tariff
        fields = ("name", "purpose", "currency", "rounding", "grace_seconds")
        help_texts = {
            "rounding": _(
                "Matters where the minimum isn't a multiple of the increment: 10/30 bills 5 seconds as 10, or as 30."
            ),
            "grace_seconds": _("Answered calls up to this length cost nothing. 0: every answered call counts."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        operator = current_operator()
        base = operator.currency
        if not operator.is_pro:
            # Whoever has no providers has nothing that a provider charges.
            del self.fields["purpose"]
        codes = [base, *Currency.objects.exclude(pk=base).values_list("pk", flat=True)]
        self.fields["currency"].choices = [(code, code) for code in codes]
        self.fields["currency"].help_text = _("Your own, or one of those you keep a rate for under Currencies.")
        self.initial.setdefault("currency", base)

    def clean(self):
        values = super().clean()
        if self.instance.pk:
            before = Tariff.objects.get(pk=self.instance.pk)
            if "currency" in self.changed_data and before.providers.exists():
                self.add_error(
                    "currency", _("A provider's account is kept in this currency. Make a new tariff instead.")
                )
            if "purpose" in self.changed_data and before.is_used:
                self.add_error("purpose", _("The tariff is in use. Take it from those who use it first."))
        return values


class RateForm(forms.ModelForm):
    effective_from = forms.DateTimeField(
        label=_("From"), required=False, help_text=_("Empty: from now on."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
    )  # fmt: skip

    class Meta:
        model = Rate
        fields = (
            "prefix", "destination", "price", "connection_fee", "min_seconds", "increment", "effective_from", "blocked"
        )  # fmt: skip
        field_classes = {"price": AmountField, "connection_fee": AmountField}
        help_texts = {
            "destination": _("Empty: the name that the world's list of destinations has for the prefix."),
            "blocked": _("Calls to a blocked prefix are refused, even where a shorter prefix has a price."),
        }

    def __init__(self, *args, tariff: Tariff, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.tariff = tariff
        self.fields["connection_fee"].required = False
        self.fields["prefix"].widget.attrs.update(inputmode="numeric", autocomplete="off")
        if not self.instance.pk:
            self.initial["effective_from"] = None

    def clean_prefix(self):
        prefix = self.cleaned_data["prefix"]
        if prefix.startswith("0"):
            raise ValidationError(_("No international number begins with 0. Write the prefix without leading zeros."))
        return prefix

    def clean_connection_fee(self):
        return self.cleaned_data["connection_fee"] or 0

    def clean_effective_from(self):
        at = self.cleaned_data["effective_from"]
        if self.instance.pk and ("effective_from" not in self.changed_data or at is None):
            # The field shows whole seconds; an untouched instant keeps its fraction.
            return self.initial["effective_from"]
        return at or timezone.now()

    def clean(self):
        values = super().clean() or {}
        if self.errors:
            return values
        taken = Rate.objects.filter(
            tariff=self.instance.tariff, prefix=values["prefix"], effective_from=values["effective_from"]
        ).exclude(pk=self.instance.pk)
        if taken.exists():
            self.add_error("prefix", _("This prefix has a rate from that moment already. Change that one."))
        return values


class RateSearch(forms.Form):
    q = forms.CharField(
        label=_("Prefix, number or destination"), required=False, max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )  # fmt: skip
    show = forms.ChoiceField(
        label=_("Show"), required=False,
        choices=[("", _("Rates in force")), ("future", _("Not yet begun")), ("blocked", _("Blocked")),
                 ("all", _("All, with old ones"))],
    )  # fmt: skip


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Price list (CSV)"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
        allow_empty_file=True,
    )
    mode = forms.ChoiceField(
        label=_("What to do with it"),
        choices=RateUpload.Mode.choices,
        initial=RateUpload.Mode.ADD,
        widget=forms.RadioSelect,
    )

    def clean_file(self):
        if self.cleaned_data["file"].size > MAX_BYTES:
            raise ValidationError(_("The file is larger than 32 MB: split it."))
        return self.cleaned_data["file"]


class CodeField(forms.CharField):
    def to_python(self, value):
        return super().to_python(value).upper()


class CurrencyForm(forms.ModelForm):
    class Meta:
        model = Currency
        fields = ("code", "rate")
        field_classes = {"rate": AmountField, "code": CodeField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.base = current_operator().currency
        self.fields["rate"].label = _("Worth of one unit, in %(currency)s") % {"currency": self.base}
        self.fields["code"].widget.attrs.update(autocapitalize="characters", autocomplete="off", spellcheck="false")
        if self.instance.pk and not self.instance._state.adding:
            del self.fields["code"]
        else:
            self.fields["code"].help_text = _("Three letters, such as EUR.")

    def clean_code(self):
        code = self.cleaned_data["code"]
        if code == self.base:
            raise ValidationError(_("That is your own currency; its rate is always 1."))
        return code


class FinderForm(forms.Form):
    number = forms.CharField(
        label=_("Number or prefix"), max_length=40, required=False,
        widget=forms.TextInput(attrs={"type": "search", "inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip

    def clean_number(self):
        number = "".join(self.cleaned_data["number"].split()).replace("-", "").removeprefix("+").removeprefix("00")
        if number and not (number.isascii() and number.isdigit() and len(number) <= 15):
            raise ValidationError(_("Enter an international number: up to 15 digits, with or without the plus."))
        return number

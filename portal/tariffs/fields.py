"""An amount as people type it: with a point or a decimal comma, never in the shortened form of spreadsheets."""

from __future__ import annotations

import re
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class AmountField(forms.DecimalField):
    widget = forms.TextInput

    def __init__(self, **options):
        super().__init__(**options)
        self.widget.attrs.update(inputmode="decimal", autocomplete="off")

    def to_python(self, value):
        if isinstance(value, str):
            value = value.strip()
            if value and not re.fullmatch(r"-?[0-9]{1,30}([.,][0-9]{1,30})?", value, re.ASCII):
                raise ValidationError(
                    _("Write a number such as 0.0125, without marks between thousands."), code="invalid"
                )
            value = value.replace(",", ".")
        return super().to_python(value)

    def prepare_value(self, value):
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value

    def has_changed(self, initial, data):
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True

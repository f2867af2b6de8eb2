from __future__ import annotations

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.numbers.models import Location, Rule
from portal.routing.rule_rows import MAX_RULES, RuleFormSet, TriedRules, size_boxes
from telecom import localization
from telecom.localization import RuleKind


class LocationForm(forms.ModelForm):
    class Meta:
        model = Location
        fields = ("name",)


class RuleForm(forms.ModelForm):
    class Meta:
        model = Rule
        fields = ("kind", "name", "cut", "add", "min_length", "max_length", "enabled")
        labels = {"enabled": _("On")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        size_boxes(self)

    def clean(self):
        values = super().clean() or {}
        if not self.errors and values["min_length"] > values["max_length"]:
            self.add_error("max_length", gettext("The longest can't be less than the shortest."))
        return values

    def as_rule(self, row: int) -> localization.Rule:
        values = self.cleaned_data
        return localization.Rule(
            row, RuleKind(values["kind"]), values["cut"], values["add"], values["min_length"], values["max_length"],
            row,
            values["name"] or gettext("row %(row)s") % {"row": row}, enabled=values["enabled"],
        )  # fmt: skip


LocationRules = forms.inlineformset_factory(
    Location, Rule, form=RuleForm, formset=RuleFormSet, extra=1, max_num=MAX_RULES, absolute_max=MAX_RULES
)
TriedLocationRules = forms.formset_factory(
    RuleForm, formset=TriedRules, extra=0, can_delete=True, max_num=MAX_RULES, absolute_max=MAX_RULES
)

from __future__ import annotations

from dataclasses import replace

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.numbers.models import Location, Rule
from portal.routing.models import Lcr
from portal.routing.rule_rows import MAX_RULES, RuleFormSet, TriedRules, size_boxes
from portal.tariffs.models import Tariff
from telecom import localization
from telecom.localization import RuleKind
from telecom.rulecheck import rule_problems
from tenants.context import current_operator
from tenants.models import SipIdentity


class LocationForm(forms.ModelForm):
    class Meta:
        model = Location
        fields = ("name", "goes_first")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.came_with_operator:
            del self.fields["goes_first"]


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
        """As it stands now, with what its own page says of a rule that is saved already."""
        values = self.cleaned_data
        saved = self._saved().as_rule()
        return replace(
            saved, id=row, kind=RuleKind(values["kind"]), cut=values["cut"], add=values["add"],
            min_len=values["min_length"], max_len=values["max_length"], position=row,
            name=values["name"] or gettext("row %(row)s") % {"row": row}, enabled=values["enabled"],
        )  # fmt: skip

    def _saved(self) -> Rule:
        if self.instance.pk:
            return self.instance
        asked = self.data.get(self.add_prefix("id"), "")
        row = Rule.objects.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 19 else None
        return row or Rule()


class RuleDetailForm(forms.ModelForm):
    """One rule whole: the caller's side of a rule for both numbers, and what else a match changes."""

    owner = forms.RegexField(
        r"^d[0-9]{1,18}\Z", label=_("Give the call to the device"), required=False,
        error_messages={"invalid": _("Enter a SIP user name such as d100023.")},
        help_text=_("Its SIP user name. That device's customer then pays."),
    )  # fmt: skip

    class Meta:
        model = Rule
        fields = (
            "name", "kind", "cut", "add", "min_length", "max_length", "source_cut", "source_add", "source_min_length",
            "source_max_length", "tariff", "lcr", "did", "caller_name", "enabled",
        )  # fmt: skip
        labels = {"enabled": _("On")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        operator = current_operator()
        self.fields["tariff"].queryset = Tariff.objects.filter(purpose=Tariff.Purpose.SELL)
        self.fields["tariff"].empty_label = self.fields["lcr"].empty_label = gettext("As it is")
        self.fields["lcr"].queryset = Lcr.objects.all()
        if not operator.is_pro:
            # Whoever has no carriers has nothing to route by, and only the owner and PROs route to a number by rule.
            del self.fields["lcr"], self.fields["did"]
        if self.instance.owner_device_id:
            known = SipIdentity.objects.filter(operator_id=operator.pk, device_id=self.instance.owner_device_id).first()
            self.initial["owner"] = known.username if known else ""

    def clean_owner(self):
        name = self.cleaned_data["owner"]
        if not name:
            self.instance.owner_device_id = None
            return name
        known = SipIdentity.objects.filter(
            pk=int(name[1:]), operator_id=current_operator().pk, released_at__isnull=True
        ).first()
        if known is None:
            raise forms.ValidationError(_("No device of ours has this SIP user name."))
        self.instance.owner_device_id = known.device_id
        return name

    def clean(self):
        values = super().clean() or {}
        if self.errors:
            return values
        for least, most in (("min_length", "max_length"), ("source_min_length", "source_max_length")):
            if values[least] > values[most]:
                self.add_error(most, gettext("The longest can't be less than the shortest."))
        return values

    def _post_clean(self):
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            others = [one.as_rule() for one in self.instance.location.rules.exclude(pk=self.instance.pk)]
            for problem in rule_problems([*others, self.instance.as_rule()]):
                self.add_error(None, problem)


LocationRules = forms.inlineformset_factory(
    Location, Rule, form=RuleForm, formset=RuleFormSet, extra=1, max_num=MAX_RULES, absolute_max=MAX_RULES
)
TriedLocationRules = forms.formset_factory(
    RuleForm, formset=TriedRules, extra=0, can_delete=True, max_num=MAX_RULES, absolute_max=MAX_RULES
)

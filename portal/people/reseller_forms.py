"""What resellers may do: the same fields for the default, a group, and one reseller. Empty is what stands above it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.context import current_operator
from tenants.reseller_terms import AREAS, NONE, READ, SETTINGS, WRITE, ResellerGroup, Terms

INHERIT = ("", _("As it is above"))
SWITCH = [("yes", _("Yes")), ("no", _("No"))]
LEVELS = [(WRITE, _("Open and change")), (READ, _("Only look")), (NONE, _("Closed"))]
WORDS: dict[Any, Any] = {True: _("Yes"), False: _("No"), **dict(LEVELS)}
ORIGINS = {
    "reseller": _("set for this reseller"), "group": _("from its group"), "default": _("from your default"),
    "built-in": _("as delivered"), "above": _("limited by the operator above you"),
}  # fmt: skip


class TermsForm(forms.Form):
    """`terms` are shown beside each field as what counts in the end."""

    def __init__(self, data: Any, values: dict[str, Any], terms: Terms | None = None) -> None:
        super().__init__(data)
        for setting in SETTINGS.values():
            if setting.built:
                self._add(setting.key, setting.label, SWITCH, setting.help, terms)
                self.initial[setting.key] = {True: "yes", False: "no"}.get(values.get(setting.key), "")  # type: ignore[arg-type]
        for area in AREAS.values():
            self._add(area.key, area.label, LEVELS, "", terms)
            self.initial[area.key] = values.get(area.key, "")

    def _add(self, key: str, label: Any, choices: list, note: Any, terms: Terms | None) -> None:
        if terms is not None:
            found = terms.effective(key)
            counts = _("Counts now: %(value)s, %(origin)s.") % {
                "value": WORDS[found.value], "origin": ORIGINS[found.origin]
            }  # fmt: skip
            note = f"{counts} {note}".strip()
        self.fields[key] = forms.ChoiceField(label=label, choices=[INHERIT, *choices], required=False, help_text=note)

    def values(self) -> dict[str, Any]:
        """As they are stored; what is left empty isn't."""
        said = {key: value for key, value in self.cleaned_data.items() if value and key in (*SETTINGS, *AREAS)}
        return {key: value == "yes" if key in SETTINGS else value for key, value in said.items()}


class ResellerForm(TermsForm):
    group = forms.ModelChoiceField(
        ResellerGroup.objects.none(), label=_("Group"), required=False, empty_label=_("In no group")
    )

    def __init__(self, data: Any, values: dict[str, Any], terms: Terms, group: ResellerGroup | None) -> None:
        super().__init__(data, values, terms)
        self.fields["group"].queryset = ResellerGroup.objects.filter(operator_id=current_operator().pk)
        self.initial["group"] = group


class GroupForm(forms.ModelForm):
    class Meta:
        model = ResellerGroup
        fields = ["name", "description"]

    def clean_name(self):
        name = self.cleaned_data["name"]
        others = ResellerGroup.objects.filter(operator_id=current_operator().pk, name=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(_("There is a group of that name already."))
        return name

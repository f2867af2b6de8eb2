"""Number rules as rows of one form: read as they stand, checked together before they are saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from telecom.localization import Rule
from telecom.rulecheck import rule_problems

MAX_RULES = 500


class _Rows:
    """Rows whose form has `as_rule(row)`."""

    outgoing = False

    def add_fields(self: Any, form, index) -> None:
        super().add_fields(form, index)  # type: ignore[misc]
        name_fields(form, index)

    def rows(self: Any) -> list[tuple[int, forms.ModelForm]]:
        """The rows that hold a rule, with their number: neither left empty nor marked to be removed."""
        found = []
        for index, form in enumerate(self.forms):
            is_filled = bool(form.errors) or index < self.initial_form_count() or form.has_changed()
            if is_filled and not form.cleaned_data.get("DELETE"):
                found.append((index + 1, form))
        return found

    def rules(self) -> tuple[list[Rule], list[int]]:
        """The rules as they stand now, saved or not, and the numbers of the rows that are no rule yet."""
        rows = self.rows()
        return [form.as_rule(row) for row, form in rows if form.is_valid()], [row for row, form in rows if form.errors]


class RuleFormSet(_Rows, forms.BaseInlineFormSet):
    """The rows to be saved. Two rules that tie, or one that can empty a number, are refused."""

    def clean(self) -> None:
        super().clean()
        rules, faulty = self.rules()
        if not faulty and (problems := rule_problems(rules, outgoing=self.outgoing)):
            raise forms.ValidationError(problems)

    def save_in_order(self) -> None:
        """Save all rows; the position is the row's place. It decides nothing while no two rules tie."""
        changed = self.save(commit=False)
        for gone in self.deleted_objects:
            gone.delete()
        places = {id(form.instance): place for place, form in enumerate(self.forms)}
        for row in changed:
            row.position = places[id(row)]
            row.save()


class TriedRules(_Rows, forms.BaseFormSet):
    """The same rows to be tried and never saved: it doesn't matter which of them are in the database."""


def name_fields(form: forms.BaseForm, index: int | None) -> None:
    """A name for each box of a row, which stands under a column's head that screen readers don't connect with it."""
    if "DELETE" in form.fields:
        form.fields["DELETE"].label = _("Remove")
    for field in form.fields.values():
        if field.label and not field.widget.is_hidden:
            field.widget.attrs["aria-label"] = _("%(field)s, row %(row)s") % {
                "field": field.label,
                "row": (index or 0) + 1,
            }


def size_boxes(form: forms.BaseForm) -> None:
    """The width that the columns of a row ask for, and nothing typed by the browser itself."""
    for name, size in {"name": 12, "cut": 8, "add": 8, "min_length": 4, "max_length": 4}.items():
        if name in form.fields:
            attrs = {"size": size, "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
            if name.endswith("length"):
                attrs["inputmode"] = "numeric"
            form.fields[name].widget = forms.TextInput(
                attrs | {"maxlength": form.fields[name].widget.attrs.get("maxlength", 3)}
            )


def new_row(formset: forms.BaseFormSet, request: HttpRequest, most: int = MAX_RULES) -> dict[str, Any]:
    """One more empty row at the end of a form, and how many there are then, for a template."""
    name = f"{formset.prefix}-TOTAL_FORMS"
    try:
        index = min(max(int(request.GET.get(name, "0")), 0), most - 1)
    except ValueError:
        index = 0
    form = formset.empty_form
    form.prefix = f"{formset.prefix}-{index}"
    formset.add_fields(form, index)
    next(iter(form.fields.values())).widget.attrs["autofocus"] = True
    return {"form": form, "total_name": name, "total": index + 1}

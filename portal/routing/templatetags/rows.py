"""`{% load rows %}`: one field of a form that is a row of a table."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.utils.text import capfirst

register = template.Library()


@register.inclusion_tag("routing/_cell.html")
def cell(bound: forms.BoundField) -> dict[str, Any]:
    """A <td> with the control and its errors; on a phone, where the table becomes cards, with its label too."""
    attrs: dict[str, str | bool] = {}
    if not isinstance(bound.field.widget, forms.CheckboxInput):
        attrs["class"] = "input"
    if bound.errors:
        attrs["aria-describedby"] = f"{bound.auto_id}_error"
    return {"bound": bound, "label": capfirst(bound.label), "control": bound.as_widget(attrs=attrs)}

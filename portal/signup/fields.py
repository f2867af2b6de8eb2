"""The built-in fields of the form, and how this operator wants them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from phonenumbers.geodata.locale import LOCALE_DATA

from portal.signup.models import Field

HIDDEN, OPTIONAL, REQUIRED = Field.State.HIDDEN, Field.State.OPTIONAL, Field.State.REQUIRED
# Without these there is no account: never hidden, never optional.
NEVER_HIDDEN = ("email", "password", "country")


@dataclass(frozen=True)
class BuiltIn:
    key: str
    label: Any
    state: str
    position: int
    most: int = 100
    autocomplete: str = ""


BUILT_IN: Mapping[str, BuiltIn] = {
    one.key: one
    for one in (
        BuiltIn("email", _("E-mail"), REQUIRED, 1, 150, "email"),
        BuiltIn("password", _("Password"), REQUIRED, 2, 256, "new-password"),
        BuiltIn("first_name", _("First name"), REQUIRED, 3, 60, "given-name"),
        BuiltIn("last_name", _("Last name"), REQUIRED, 4, 60, "family-name"),
        BuiltIn("company", _("Company"), OPTIONAL, 5, 100, "organization"),
        BuiltIn("country", _("Country"), REQUIRED, 6, 2, "country"),
        BuiltIn("phone", _("Phone number"), OPTIONAL, 7, 30, "tel"),
        BuiltIn("street", _("Street"), HIDDEN, 8, 100, "street-address"),
        BuiltIn("postcode", _("Postcode"), HIDDEN, 9, 20, "postal-code"),
        BuiltIn("city", _("City"), HIDDEN, 10, 100, "address-level2"),
        BuiltIn("state", _("State or county"), HIDDEN, 11, 100, "address-level1"),
        BuiltIn("vat_number", _("VAT number"), HIDDEN, 12, 30),
    )
}  # fmt: skip


def all_fields() -> list[Field]:
    """Every field in its order, built-in ones as rows too (unsaved where the operator left them as they are)."""
    rows = list(Field.objects.all())
    changed = {one.key for one in rows if one.key}
    for one in BUILT_IN.values():
        if one.key not in changed:
            rows.append(Field(key=one.key, state=one.state, position=one.position))
    for row in rows:
        if row.key and not row.label:
            row.label = str(BUILT_IN[row.key].label)
    return sorted(rows, key=lambda row: (row.position, row.pk or 0))


def shown_fields() -> list[Field]:
    return [row for row in all_fields() if row.state != HIDDEN]


def countries(language: str = "en") -> list[tuple[str, str]]:
    """Codes of ISO 3166 with names in a language, by name."""
    found = [(code, _name(names, language)) for code, names in LOCALE_DATA.items() if len(code) == 2]
    return sorted((pair for pair in found if pair[1]), key=lambda pair: pair[1].casefold())


def _name(names: Mapping[str, str], language: str) -> str:
    name = names.get(language) or names.get("en") or ""
    # `*aa` points at another language.
    return names.get(name[1:], "") if name.startswith("*") else name

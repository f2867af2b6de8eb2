"""The `brand` that every template sees: the operator's own, or none at all."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True)
class Brand:
    name: str
    primary: str
    accent: str
    logo_url: str
    css_url: str


def brand(request: HttpRequest) -> dict[str, object]:
    operator = getattr(request, "operator", None)
    if operator is None:
        return {"brand": None, "operator": None}
    look = operator.branding
    # The colours are in the address, so that a browser may keep the sheet for long and still sees a change at once.
    version = (look.primary + look.accent).replace("#", "")
    logo_url = f"{settings.MEDIA_URL}{operator.schema_name}/{look.logo}" if look.logo else ""
    shown = Brand(look.name or operator.name, look.primary, look.accent, logo_url, f"/brand.css?{version}")
    return {"brand": shown, "operator": operator}

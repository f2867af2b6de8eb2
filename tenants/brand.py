"""The `brand` that every template sees: the operator's own, or none at all."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tenants.models import Branding


@dataclass(frozen=True)
class Brand:
    """`legal` are pairs of words and address for the foot of pages."""

    name: str
    primary: str
    accent: str
    logo_url: str
    logo_dark_url: str
    icon_url: str
    css_url: str
    manifest_url: str
    footer: str
    legal: tuple[tuple[str, str], ...]
    support_url: str


def file_url(name: str) -> str:
    """The address of an uploaded picture; nothing when there is none."""
    return f"/brand/{name}" if name else ""


def icon_name(icon: str, pixels: int) -> str:
    """The file of an icon in one of its sizes."""
    return f"{icon}-{pixels}.png" if icon else ""


def brand(request: HttpRequest) -> dict[str, object]:
    operator = getattr(request, "operator", None)
    if operator is None:
        return {"brand": None, "operator": None}
    return {"brand": brand_of(operator.branding, operator.name), "operator": operator}


def brand_of(look: Branding, fallback: str) -> Brand:
    name = look.name or fallback
    # The look is in the addresses, so that a browser may keep them for long and still sees a change at once.
    colours = (look.primary + look.accent).replace("#", "")
    version = sha256(f"{name}{colours}{look.icon}".encode()).hexdigest()[:12]
    words = {"terms": _("Terms of service"), "privacy": _("Privacy notice"), "imprint": _("Imprint")}
    return Brand(
        name=name, primary=look.primary, accent=look.accent, logo_url=file_url(look.logo),
        logo_dark_url=file_url(look.logo_dark), icon_url=file_url(icon_name(look.icon, 32)),
        css_url=f"/brand.css?{colours}", manifest_url=f"/manifest.webmanifest?{version}", footer=look.footer,
        legal=tuple((words[kind], reverse("branding:legal_text", args=[kind])) for kind in getattr(look, "legal", ())),
        support_url=look.support_url,
    )  # fmt: skip

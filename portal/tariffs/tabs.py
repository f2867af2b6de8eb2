"""The pages beside each other in this room."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.tariffs.models import Tariff
from theme.nav import NavItem


def room_tabs() -> list[NavItem]:
    return [
        NavItem(_("Tariffs"), reverse("tariffs:list"), ""),
        NavItem(_("Number finder"), reverse("tariffs:find"), ""),
        NavItem(_("Currencies"), reverse("tariffs:currencies"), ""),
    ]


def tariff_tabs(tariff: Tariff) -> list[NavItem]:
    return [
        NavItem(_("Rates"), reverse("tariffs:rates", args=[tariff.pk]), ""),
        NavItem(_("Upload"), reverse("tariffs:upload", args=[tariff.pk]), ""),
        NavItem(_("Settings"), reverse("tariffs:edit", args=[tariff.pk]), ""),
    ]

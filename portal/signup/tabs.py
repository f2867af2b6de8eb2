"""The tabs of the pages about signing up."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from theme.nav import NavItem


def tabs() -> list[NavItem]:
    return [
        NavItem(_("Sign-ups"), reverse("signup:list"), ""),
        NavItem(_("Settings"), reverse("signup:rules"), ""),
        NavItem(_("Fields"), reverse("signup:fields"), ""),
        NavItem(_("Plans and defaults"), reverse("signup:offers"), ""),
        NavItem(_("Agreement"), reverse("signup:publish"), ""),
        NavItem(_("Robot test"), reverse("signup:captcha"), ""),
    ]

"""The pages beside each other in this room. A plain reseller has no providers."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from tenants.models import Operator
from theme.nav import NavItem


def room_tabs(operator: Operator) -> list[NavItem]:
    lcrs = NavItem(_("LCRs"), reverse("routing:lcrs"), "")
    return [NavItem(_("Providers"), reverse("routing:providers"), ""), lcrs] if operator.is_pro else [lcrs]

"""The pages beside each other in this room. A plain reseller has none of them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from tenants.models import Operator
from theme.nav import NavItem


def room_tabs(operator: Operator) -> list[NavItem]:
    found = [
        NavItem(_("Providers"), reverse("routing:providers"), ""),
        NavItem(_("LCRs"), reverse("routing:lcrs"), ""),
        NavItem(_("For common use"), reverse("resellers:common"), ""),
    ]
    if operator.parent_id:
        found.append(NavItem(_("From above"), reverse("routing:offers"), ""))
    return found

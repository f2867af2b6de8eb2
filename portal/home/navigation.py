"""The menu: what this user may open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.translation import gettext as _

from portal.people.models import User
from tenants.areas import room_of
from tenants.models import Operator
from tenants.reseller_terms import terms_of
from theme.nav import NavGroup, NavItem


def navigation(request: HttpRequest) -> dict[str, Any]:
    """For every template: nothing at all before somebody has signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not hasattr(request, "operator"):
        return {}
    return {
        "nav": _allowed(request, _for_staff(request.operator)) if user.is_staff_here else _for_customer(),
        "user_menu": _own(user),
        "viewer_name": user.get_full_name() or user.get_username(),
        "viewer_note": user.email,
        "sign_out_url": reverse("people:sign_out"),
        "home_url": reverse("home:dashboard"),
    }


def _allowed(request: HttpRequest, groups: list[NavGroup]) -> list[NavGroup]:
    """Without what the operator above keeps closed."""
    if request.operator.parent_id is None:
        return groups
    terms = getattr(request, "terms", None) or terms_of(request.operator)
    kept = [
        NavGroup(tuple(one for one in group.items if terms.may(room_of(resolve(one.url)), False)), group.title)
        for group in groups
    ]
    return [group for group in kept if group.items]


def _for_staff(operator: Operator) -> list[NavGroup]:
    carrying = [NavItem(_("Number rules"), reverse("numbers:list"), "hash")]
    if operator.is_pro:
        # Only whoever has carriers of its own has anything to route.
        carrying = [
            NavItem(_("Providers"), reverse("routing:providers"), "provider"),
            NavItem(_("LCRs"), reverse("routing:lcrs"), "route"),
            *carrying,
        ]
    return [
        NavGroup(
            (
                NavItem(_("Dashboard"), reverse("home:dashboard"), "home", on_phone=True),
                NavItem(_("Calls"), reverse("history:list"), "phone", on_phone=True),
                NavItem(_("Customers"), reverse("people:customers"), "users", on_phone=True),
                NavItem(_("Devices"), reverse("devices:list"), "device"),
                NavItem(_("Sign-ups"), reverse("signup:list"), "list"),
                *([NavItem(_("Resellers"), reverse("resellers:list"), "store")] if operator.is_owner else []),
            )
        ),
        NavGroup(
            (
                NavItem(_("Tariffs"), reverse("tariffs:list"), "tariff"),
                *carrying,
                NavItem(_("Call tracing"), reverse("tracing:trace"), "search"),
            ),
            title=_("Prices and routes"),
        ),
        NavGroup(
            (
                NavItem(_("Our account"), reverse("billing:upstream"), "wallet"),
                NavItem(_("Website"), reverse("wagtailadmin_home"), "globe"),
                NavItem(_("Branding"), reverse("branding:look"), "eye"),
            )
            if operator.parent_id
            else (
                NavItem(_("Website"), reverse("wagtailadmin_home"), "globe"),
                NavItem(_("Branding"), reverse("branding:look"), "eye"),
            ),
            title=_("Business"),
        ),
        NavGroup(
            (
                NavItem(_("Colleagues"), reverse("people:colleagues"), "users"),
                *([NavItem(_("Resellers' permissions"), reverse("people:groups"), "key")] if operator.is_owner else []),
            ),
            title=_("People"),
        ),
    ]


def _for_customer() -> list[NavGroup]:
    return [
        NavGroup(
            (
                NavItem(_("Dashboard"), reverse("home:dashboard"), "home", on_phone=True),
                NavItem(_("Calls"), reverse("history:list"), "phone", on_phone=True),
                NavItem(_("Devices"), reverse("devices:list"), "device", on_phone=True),
                NavItem(_("Statement"), reverse("billing:own"), "wallet"),
            )
        )
    ]


def _own(user: User) -> list[NavItem]:
    return [
        NavItem(_("Your account"), reverse("people:account"), "user"),
        NavItem(_("Change password"), reverse("people:own_password"), "key"),
    ]

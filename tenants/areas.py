"""The guard of areas: what the operator above closes to a reseller's people stays closed, whatever page it is."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch

from tenants.reseller_terms import FREE, terms_of

SAFE = ("GET", "HEAD", "OPTIONS")


def room_of(place: ResolverMatch) -> str:
    """The outermost namespace of an address. Wagtail's own front page has none."""
    return "wagtailadmin" if place.route.startswith("cms/") else place.namespace.partition(":")[0]


class AreasMiddleware:
    """Asked for every page by its address, so that a new page of a room needs nothing of its own."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, options: Any) -> None:
        user, operator = request.user, request.operator  # type: ignore[attr-defined]
        place = request.resolver_match
        if operator.parent_id is None or place is None or not user.is_authenticated or not user.is_staff_here:
            return
        if place.view_name in FREE:
            return
        request.terms = terms_of(operator)  # type: ignore[attr-defined]
        if not request.terms.may(room_of(place), request.method not in SAFE):  # type: ignore[attr-defined]
            raise PermissionDenied

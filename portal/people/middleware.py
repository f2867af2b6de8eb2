"""Whose session this is, and in which zone its times are shown."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

SESSION_OPERATOR = "operator"


class OneOperatorMiddleware:
    """A session belongs to the operator it was begun with; on any other host it is nobody's.

    The second lock beside the first: sessions already live in each operator's own schema.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        bound = request.session.get(SESSION_OPERATOR)
        if request.user.is_authenticated and bound != request.operator.pk:
            logout(request)
        return self.get_response(request)


class ViewersZoneMiddleware:
    """Times are shown in the user's own zone, else the operator's."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        own = request.user.timezone if request.user.is_authenticated else ""
        with timezone.override(ZoneInfo(own or request.operator.timezone)):
            return self.get_response(request)

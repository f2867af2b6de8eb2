"""A session belongs to the operator it was begun with; on any other host it is nobody's."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

SESSION_OPERATOR = "operator"


class OneOperatorMiddleware:
    """The second lock beside the first: sessions already live in each operator's own schema."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        bound = request.session.get(SESSION_OPERATOR)
        if request.user.is_authenticated and bound != request.operator.pk:
            logout(request)
        return self.get_response(request)

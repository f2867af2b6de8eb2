"""Which operator a request is for. Decided by the host alone, before anything else looks at the request."""

from __future__ import annotations

from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tenants.lookup import normalised_host, operator_for_host

HSTS_SECONDS = 365 * 24 * 3600


class OperatorMiddleware:
    """Sets request.operator and enters its schema. An unknown host gets a bare 404: nobody's brand."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        connection.set_schema_to_public()
        try:
            host = normalised_host(request.get_host())
        except DisallowedHost:
            return HttpResponse("Bad request.", status=400, content_type="text/plain")
        operator = operator_for_host(host) if host else None
        if operator is None:
            return render(None, "404.html", status=404)
        request.operator = request.tenant = operator
        request.domain = host
        connection.set_tenant(operator)
        try:
            answer = self.get_response(request)
        finally:
            connection.set_schema_to_public()
        if request.is_secure() and operator.host_is_active:
            # Only for a domain that is surely led to us, and never for its neighbours: they are not ours to decide on.
            answer.headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}"
        return answer

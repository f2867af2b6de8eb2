"""The editor of websites brings inline scripts and styles; its pages, and no others, may use them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

INLINE = ("'self'", "'unsafe-inline'")


class EditorPolicyMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if request.path.startswith("/cms/"):
            answer._csp_update = {"script-src": INLINE, "style-src": INLINE}  # type: ignore[attr-defined]
        return answer

"""Caddy's question before it gets a certificate for a name it was never told: is this one of our operators' domains?

`GET /internal/may-have-certificate?domain=<name>&key=<key>`: 200 yes, 404 no, 429 too many unknown names. Whoever
doesn't know the installation's key gets the 404 of any host, so nobody can ask which domains are ours.
"""

from __future__ import annotations

import re
import threading
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from tenants.context import leave_operator
from tenants.lookup import may_have_certificate

PATH = "/internal/may-have-certificate"
NAME = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]")


class Bucket:
    """At most `burst` at once and `per_second` in the long run. Safe between threads."""

    def __init__(self, per_second: float, burst: int) -> None:
        self.per_second, self.burst = per_second, burst
        self.left, self.at = float(burst), time.monotonic()
        self.lock = threading.Lock()

    def take(self) -> bool:
        with self.lock:
            now = time.monotonic()
            self.left = min(self.burst, self.left + (now - self.at) * self.per_second)
            self.at = now
            if self.left < 1:
                return False
            self.left -= 1
            return True


class CertificateQuestionMiddleware:
    """Answers the question before any host is looked at: Caddy asks by our address, which is nobody's host."""

    def __init__(self, get_response):
        self.get_response = get_response
        # Caddy keeps what it was told yes to, so more than this is somebody trying names.
        self.bucket = Bucket(settings.CERTIFICATE_QUESTIONS_PER_SECOND, settings.CERTIFICATE_QUESTIONS_AT_ONCE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != PATH or not constant_time_compare(request.GET.get("key", ""), settings.CERTIFICATE_KEY):
            return self.get_response(request)
        if not self.bucket.take():
            return HttpResponse("Too many.", status=429, content_type="text/plain")
        leave_operator()
        host = request.GET.get("domain", "").lower().removesuffix(".")
        allowed = NAME.fullmatch(host) is not None and may_have_certificate(host)
        return HttpResponse("Yes." if allowed else "No.", status=200 if allowed else 404, content_type="text/plain")

"""Agreeing to what counts now, and being asked again when it has changed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from portal.people.models import User
from portal.signup.models import Acceptance, Agreement
from portal.signup.offer import current_agreement

CHECKED, ASKED = "agreement-checked", "agreement-asked"
OPEN = {"signup:agree", "signup:agreement", "people:sign_out", "home:brand", "branding:legal_text", "branding:picture",
        "branding:manifest"}  # fmt: skip


def must_agree(user: User) -> bool:
    """Whoever agreed to an earlier version and not to this one. Customers made by hand have their own contracts."""
    current = current_agreement()
    if current is None:
        return False
    agreed = list(Acceptance.objects.filter(user=user).values_list("agreement_id", flat=True))
    return bool(agreed) and current.pk not in agreed


def accept(request: HttpRequest, user: User, agreement: Agreement) -> None:
    """Twice sent is once agreed; what stands is the first."""
    agent = "".join(letter for letter in request.headers.get("User-Agent", "") if letter.isprintable())[:300]
    Acceptance.objects.get_or_create(
        agreement=agreement, user=user,
        defaults={
            "ip": request.META.get("REMOTE_ADDR") or None, "user_agent": agent, "accepted_at": timezone.now(),
        },
    )  # fmt: skip
    request.session.pop(ASKED, None)


class AgreementMiddleware:
    """Asks once a sign-in, and until it is answered every page leads to the question."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, options) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or user.is_staff_here:
            return None
        # A sign-in over a session that is still there keeps its contents, so it is known by its time.
        sign_in = user.last_login.isoformat() if user.last_login else ""
        if request.session.get(CHECKED) != sign_in:
            request.session[CHECKED] = sign_in
            request.session[ASKED] = must_agree(user)
        if request.session.get(ASKED) and request.resolver_match.view_name not in OPEN:
            return redirect("signup:agree")
        return None

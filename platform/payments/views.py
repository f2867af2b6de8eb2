"""The one page of payments: where Stripe's events come in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.account import NoStripe
from payments.inbox import BadEvent, receive
from tenants.context import current_operator


@csrf_exempt
@require_POST
def stripe_events(request: HttpRequest) -> HttpResponse:
    """200 once the event is stored (or was), 400 for what is no event, 404 where no account is."""
    try:
        receive(current_operator(), request.body, request.headers.get("Stripe-Signature", ""))
    except NoStripe:
        return HttpResponse(status=404)
    except BadEvent:
        return HttpResponse(status=400)
    return HttpResponse(status=200)

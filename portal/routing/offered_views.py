"""What a Reseller PRO sees of the providers that the operator above lets it use."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.routing.models import LcrEntry
from portal.routing.offered import offered, offered_prices
from portal.routing.provider_views import pro_only
from portal.routing.tabs import room_tabs


@pro_only
@require_safe
def offers(request: HttpRequest) -> HttpResponse:
    if request.operator.parent_id is None:
        raise Http404
    used = set(LcrEntry.objects.filter(enabled=True).values_list("common_provider_id", flat=True))
    rows = [(one, one.provider_id in used) for one in offered()]
    return render(request, "routing/offers.html", {"rows": rows, "tabs": room_tabs(request.operator)})


@pro_only
@require_safe
def offer(request: HttpRequest, provider_id: int) -> HttpResponse:
    found = next((one for one in offered() if one.provider_id == provider_id), None)
    if found is None:
        raise Http404
    asked = request.GET.get("prefix", "").strip()
    prefix = asked if asked.isascii() and asked.isdecimal() and len(asked) <= 15 else ""
    context = {"offer": found, "prices": offered_prices(provider_id, prefix), "prefix": prefix}
    return render(request, "routing/offer.html", context)

"""The dashboard, the brand's style sheet, and the pages for what is refused or missing."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control, never_cache

from calls.models import Call
from ledger.models import Account
from portal.devices.models import Device
from portal.history.visible import live_visible_to
from portal.home.first_steps import first_steps
from portal.home.today import today_of_customer, today_of_operator
from portal.people.sign_in import viewer
from theme.brand import brand_css

MOST_LIVE = 50


@login_required
@never_cache
def dashboard(request: HttpRequest) -> HttpResponse:
    operator, user = request.operator, viewer(request)
    context = {"live_url": "/live/", **_live(request), **_today(request)}
    if not user.is_staff_here:
        context["devices"] = Device.objects.visible_to(user).filter(archived_at__isnull=True)[:10]
        return render(request, "home/customer.html", context)
    if not context["today"]["calls"] and not Call.objects.of(operator.pk).exists():
        context["steps"] = first_steps(operator)
    return render(request, "home/dashboard.html", context)


@login_required
@never_cache
def live_part(request: HttpRequest) -> HttpResponse:
    return render(request, "home/_live.html", _live(request))


@login_required
@never_cache
def today_part(request: HttpRequest) -> HttpResponse:
    running = live_visible_to(viewer(request)).count()
    return render(request, "home/_today.html", {"live_count": running, **_today(request)})


def _live(request: HttpRequest) -> dict[str, Any]:
    running = live_visible_to(viewer(request))
    calls = list(running.order_by("-id")[:MOST_LIVE])
    return {"live": calls, "live_count": len(calls) if len(calls) < MOST_LIVE else running.count()}


def _today(request: HttpRequest) -> dict[str, Any]:
    operator, user = request.operator, viewer(request)
    if user.is_staff_here:
        # What we are to the operator above: its customer, with a balance there.
        upstream = Account.objects.held_by(operator.pk).exclude(currency="CALL").order_by("pk").first()
        return {"today": today_of_operator(operator, user), "upstream": upstream, "currency": operator.currency}
    customer = user.customer
    assert customer is not None
    account = Account.objects.get(pk=customer.account)
    return {
        "today": today_of_customer(operator, user), "account": account, "currency": customer.currency,
        "credit": -account.floor if account.floor else None,
    }  # fmt: skip


@cache_control(max_age=86400, public=True)
def brand_sheet(request: HttpRequest) -> HttpResponse:
    look = request.operator.branding
    return HttpResponse(brand_css(look.primary, look.accent or None), content_type="text/css; charset=utf-8")


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)

"""The dashboard, the brand's style sheet, and the pages for what is refused or missing."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from theme.brand import brand_css


@login_required
def dashboard(request: HttpRequest) -> HttpResponse:
    return render(request, "home/dashboard.html", {})


@cache_control(max_age=86400, public=True)
def brand_sheet(request: HttpRequest) -> HttpResponse:
    look = request.operator.branding  # type: ignore[attr-defined]
    return HttpResponse(brand_css(look.primary, look.accent or None), content_type="text/css; charset=utf-8")


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "theme/403.html", status=403)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "theme/404.html", status=404)

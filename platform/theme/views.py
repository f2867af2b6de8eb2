"""The gallery: every component in each of its states, to look at while building. Answers 404 unless DEBUG is on."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from theme.brand import brand_css
from theme.gallery import FilterForm, SampleForm, SignInForm
from theme.nav import NavGroup, NavItem


def _context(request: HttpRequest) -> dict[str, Any]:
    if not settings.DEBUG:
        raise Http404
    brand = SimpleNamespace(
        name="Acme Telecom", primary="#0f766e", logo_url="", css_url=f"/theme/brand.css?{request.GET.urlencode()}"
    )
    own = request.path
    nav = [
        NavGroup(
            (
                NavItem("Dashboard", own, "home", on_phone=True),
                NavItem("Calls", "/calls/", "phone", on_phone=True, count=12),
                NavItem("Customers", "/customers/", "users", on_phone=True),
                NavItem("Devices", "/devices/", "device"),
            )
        ),
        NavGroup(
            (
                NavItem("Tariffs", "/tariffs/", "tariff"),
                NavItem("Providers", "/providers/", "provider"),
                NavItem("Routing", "/routing/", "route"),
            ),
            title="Wholesale",
        ),
        NavGroup(
            (
                NavItem("Invoices", "/invoices/", "invoice"),
                NavItem("Settings", "/settings/", "settings", on_phone=True),
            ),
            title="Office",
        ),
    ]
    return {
        "brand": None if "unbranded" in request.GET else brand,
        "nav": nav,
        "viewer_name": "Rosa Marin",
        "viewer_note": "rosa@acme.example",
        "sign_out_url": "/sign-out/",
        "live_url": "/ws/live/" if "live" in request.GET else "",
        "user_menu": [NavItem("Profile", "/profile/", "user"), NavItem("Security", "/security/", "shield")],
    }


def _calls() -> list[SimpleNamespace]:
    now = timezone.now()
    states = [
        ("Answered", "success", "check"),
        ("Busy", "warning", "clock"),
        ("No route", "danger", "close"),
        ("Cancelled", "neutral", ""),
    ]
    return [
        SimpleNamespace(
            at=now - timedelta(minutes=7 * n),
            caller=f"+49301234{n:03}",
            callee=f"+3706123{n:04}",
            customer="Baltic Travel UAB",
            place="Lithuania mobile",
            seconds=[3671, 0, 0, 42][n % 4],
            state=states[n % 4],
            amount=Decimal(["1.2345", "0", "0", "0.0126"][n % 4]),
            cost=Decimal(["0.9121", "0", "0", "0.0161"][n % 4]),
        )
        for n in range(8)
    ]


def gallery(request: HttpRequest) -> HttpResponse:
    bad = SampleForm({"name": "", "rate": "-1", "kind": "trunk", "email": "rosa@"}, auto_id="bad_%s")
    bad.is_valid()
    now = timezone.now()
    context = _context(request) | {
        "form": SampleForm(initial={"kind": "sip"}),
        "bad_form": bad,
        "filter_form": FilterForm(request.GET or {"state": "answered"}),
        "page": Paginator(range(1240), 50).page(7),
        "calls": _calls(),
        "now": now,
        "started": now - timedelta(seconds=754),
        "profit": Decimal("-12.48"),
        "revenue": Decimal("18234.5"),
        "yen": Decimal("1250000"),
        "dinar": Decimal("7.5"),
        "price": Decimal("0.01250"),
        "series": [3, 5, 4, 8, 9, 7, 12, 11, 15, 14, 18],
        "icons": re.findall(r'id="([a-z-]+)"', Path(str(finders.find("theme/icons.svg"))).read_text()),
        "tones": ["neutral", "success", "warning", "danger", "info", "brand"],
        "tab_items": [
            NavItem("Overview", request.path, ""),
            NavItem("Devices", "/d/", "", count=14),
            NavItem("Rates", "/r/", ""),
            NavItem("Statements", "/s/", ""),
            NavItem("Security", "/x/", ""),
        ],
        "upload": [
            SimpleNamespace(line=3, column="rate", value="0,012", message="Write the rate with a point: 0.012."),
            SimpleNamespace(line=18, column="prefix", value="+49x", message="A prefix has digits only."),
            SimpleNamespace(line=4711, column="", value="", message="The line has 3 columns, 4 are needed."),
        ],
    }
    if "toasts" in request.GET:
        messages.success(request, "The tariff was saved.")
        messages.error(request, "The provider could not be reached, and nothing was changed.")
    return render(request, "theme/gallery.html", context)


def signed_out(request: HttpRequest) -> HttpResponse:
    form = SignInForm({"email": "", "password": ""}) if "wrong" in request.GET else SignInForm()
    return render(request, "theme/gallery_signed_out.html", _context(request) | {"form": form})


def error(request: HttpRequest, code: str) -> HttpResponse:
    context = _context(request)
    if code not in ("400", "403", "403_csrf", "404", "500"):
        raise Http404
    return render(request, f"{code}.html", context)


def sample_brand(request: HttpRequest) -> HttpResponse:
    try:
        css = brand_css(request.GET.get("primary", "#0f766e"), request.GET.get("accent"))
    except ValueError as refusal:
        return HttpResponse(str(refusal), status=422, content_type="text/plain")
    return HttpResponse(css, content_type="text/css")

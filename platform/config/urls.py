"""All addresses of an operator's host. Rooms bring their own; this file only says where they hang."""

from __future__ import annotations

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

urlpatterns = [
    path("", include("portal.home.urls")),
    path("", include("portal.people.urls")),
    path("", include("portal.branding.urls")),
    path("", include("portal.signup.urls")),
    path("calls/", include("portal.history.urls")),
    path("tracing/", include("portal.tracing.urls")),
    path("devices/", include("portal.devices.urls")),
    path("numbers/", include("portal.numbers.urls")),
    path("tariffs/", include("portal.tariffs.urls")),
    path("routing/", include("portal.routing.urls")),
    path("billing/", include("portal.billing.urls")),
    path("operators/", include("portal.resellers.urls")),
    path("webhooks/", include("payments.urls")),
    # Wagtail's own sign-in would be a second door beside ours.
    path("cms/login/", include("portal.people.urls_cms")),
    path("cms/", include(wagtailadmin_urls)),
    path("", include("cms.urls")),
    path("", include(wagtail_urls)),
]
handler403 = "portal.home.views.refused"
handler404 = "portal.home.views.missing"

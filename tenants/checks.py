"""System checks that keep the isolation from being configured away."""

from __future__ import annotations

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.caches)
def every_cache_knows_the_operator(app_configs, **kwargs):
    return [
        Error(f"The cache {name} would share keys between operators: set KEY_FUNCTION.", id="tandem.E001")
        for name, cache in settings.CACHES.items()
        if cache.get("KEY_FUNCTION") != "django_tenants.cache.make_key"
    ]


@register(Tags.compatibility)
def a_table_lives_in_one_place(app_configs, **kwargs):
    both = set(settings.SHARED_APPS) & set(settings.TENANT_APPS)
    return [Error(f"{name} is both shared and per operator.", id="tandem.E002") for name in sorted(both)]


@register(Tags.security)
def cookies_stay_on_their_host(app_configs, **kwargs):
    if settings.SESSION_COOKIE_DOMAIN or settings.CSRF_COOKIE_DOMAIN:
        return [Error("Cookies must be host-only: one operator's would reach another.", id="tandem.E003")]
    return []

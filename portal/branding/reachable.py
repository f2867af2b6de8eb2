"""The names an operator is reached by, and whether a new one could be taken for somebody else's."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import connection
from wagtail.models import Site

from tenants.context import current_operator, in_operator
from tenants.look_alikes import plain, skeleton
from tenants.lookup import operator_by_id
from tenants.models import Domain, Operator

SHORTEST = 3


def own_hosts() -> set[str]:
    """Verified domains of the operator we are in."""
    operator = current_operator()
    return set(Domain.objects.filter(tenant=operator, verified_at__isnull=False).values_list("domain", flat=True))


def target_of(operator: Operator) -> str:
    """What an own domain's CNAME is to name: the installation's word, else the address the operator was given."""
    if settings.CUSTOM_DOMAIN_TARGET:
        return settings.CUSTOM_DOMAIN_TARGET
    given = Domain.objects.filter(tenant_id=operator.pk, token="").order_by("pk")  # noqa: S106
    return given.values_list("domain", flat=True).first() or operator.main_domain


def looks_like_another(names: Sequence[str]) -> bool:
    """Whether one of `names` reads like another operator's portal name and is spelled otherwise."""
    spelled = [plain(name) for name in names]
    keys = [skeleton(name) for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            "select name_is_look_alike(%s::text[], %s::text[])",
            [[one for one in keys if len(one) >= SHORTEST], spelled],
        )
        return bool(cursor.fetchone()[0])


def follow_main_domain(operator_id: int) -> None:
    """Tell the website which host it is now on, so that its full addresses and its sitemap name the main domain."""
    operator = operator_by_id(operator_id)
    assert operator is not None
    with in_operator(operator):
        for site in Site.objects.filter(is_default_site=True).exclude(hostname=operator.main_domain):
            site.hostname = operator.main_domain
            site.save()

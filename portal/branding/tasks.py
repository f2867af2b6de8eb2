"""What the worker does about domains: at once when somebody asks, and by the clock."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.utils import timezone

from portal.branding.check_domain import check_domain
from tenants.context import leave_operator
from tenants.jobs import operator_job, platform_job
from tenants.models import Domain, Operator

# A claim that nobody proves must not keep the name from its true owner.
CLAIM_DAYS = 14
log = structlog.get_logger()


@operator_job()
def check_now(operator: Operator, domain_id: int) -> None:
    if Domain.objects.filter(pk=domain_id, tenant=operator).exists():
        check_domain(domain_id)


@platform_job(cron="23 4 * * *")
def recheck_domains() -> int:
    """Once a day, every own domain that is or was verified; claims that were never proved lapse."""
    old = timezone.now() - timedelta(days=CLAIM_DAYS)
    own = Domain.objects.using("owner").exclude(token="")  # noqa: S106
    own.filter(verified_at=None, failed_at=None, created_at__lt=old).delete()
    return _check(own.exclude(verified_at=None, failed_at=None))


@platform_job(cron="*/10 * * * *")
def check_claims() -> int:
    """Every ten minutes, claims that wait for their record."""
    own = Domain.objects.using("owner").exclude(token="")  # noqa: S106
    return _check(own.filter(verified_at=None, failed_at=None))


def _check(domains) -> int:
    checked = 0
    for domain_id in list(domains.order_by("checked_at", "pk").values_list("pk", flat=True)):
        leave_operator()
        try:
            checked += check_domain(domain_id) is not None
        except Exception:
            # One domain's trouble must not keep the others from being checked.
            log.exception("a domain could not be checked", domain=domain_id)
    return checked

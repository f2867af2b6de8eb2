"""Verifying own domains, by the worker: it alone may write what a page may only wish for.

A domain routes once its TXT record was seen, and for as long as it is seen: three checks in a row that find it missing,
or a week without any answer, end that, and the operator is told.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.utils import timezone

from portal.branding.dns_records import Seen, look
from portal.branding.reachable import follow_main_domain, target_of
from portal.people.mail import send
from portal.people.models import User
from tenants.context import in_operator
from tenants.lookup import operator_by_id
from tenants.models import Domain, Operator

PATIENCE = 3
LONGEST_SILENCE = timedelta(days=7)
log = structlog.get_logger()


def check_domain(domain_id: int) -> Domain | None:
    """Look an own domain up and keep what was seen. None when it is gone meanwhile. Needs the owner's connection."""
    domain = Domain.objects.using("owner").filter(pk=domain_id).exclude(token="").first()  # noqa: S106
    operator = operator_by_id(domain.tenant_id) if domain else None
    if domain is None or operator is None or operator.state == Operator.State.CLOSED:
        return None
    with in_operator(operator):
        target = target_of(operator)
    # No transaction is open meanwhile: name servers take their time.
    seen = look(domain.domain, domain.record_name, domain.token, target)
    routed = domain.verified_at is not None
    _judge(domain, seen)
    kept = (
        Domain.objects.using("owner").filter(pk=domain.pk, token=domain.token)
        .update(**{name: getattr(domain, name) for name in (
            "checked_at", "proved_at", "verified_at", "active_at", "failed_at", "failures", "problem")})
    )  # fmt: skip
    if not kept:
        return None
    if routed != (domain.verified_at is not None):
        log.info("a domain changed", domain=domain.domain, operator=operator.pk, state=str(domain.state))
        follow_main_domain(operator.pk)
    if routed and domain.verified_at is None:
        _tell(operator.pk, domain)
    return domain


def _judge(domain: Domain, seen: Seen) -> None:
    """Move the domain to the state that follows from what was seen."""
    now = timezone.now()
    domain.checked_at, domain.problem = now, seen.problem[:300]
    if seen.proved:
        domain.proved_at, domain.failed_at, domain.failures = now, None, 0
        domain.verified_at = domain.verified_at or now
        domain.active_at = (domain.active_at or now) if seen.leads_here else None
        return
    if not seen.silent:
        domain.failures = min(domain.failures + 1, 1000)
    unseen = domain.proved_at is None or now - domain.proved_at > LONGEST_SILENCE
    if domain.verified_at and (domain.failures >= PATIENCE or (seen.silent and unseen)):
        domain.verified_at = domain.active_at = None
        domain.failed_at = now


def _tell(operator_id: int, domain: Domain) -> None:
    operator = operator_by_id(operator_id)
    assert operator is not None
    with in_operator(operator):
        staff = User.objects.filter(is_active=True, customer=None).exclude(email="")
        for user in staff:
            context = {"user": user, "domain": domain, "main": operator.main_domain}
            send(operator, user.email, "branding/domain_lost_mail.txt", context)

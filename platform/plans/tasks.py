"""What the worker does by the clock for what is sold."""

from __future__ import annotations

import structlog
from django.utils import timezone

from plans.capacity import set_capacity
from plans.downgrade import enforce
from plans.models import Subscription
from plans.subscribe import advance
from tenants.jobs import platform_job
from tenants.lookup import operator_by_id
from tenants.models import Operator

log = structlog.get_logger()


@platform_job(cron="*/5 * * * *")
def advance_subscriptions() -> int:
    """Trials, periods and dunning that are over. How many subscriptions changed."""
    now, changed = timezone.now(), 0
    running = Subscription.objects.using("owner").filter(state__in=Subscription.RUNNING)
    for operator_id, before in list(running.values_list("pk", "state")):
        operator = operator_by_id(operator_id)
        if operator is None or operator.state == Operator.State.CLOSED:
            continue
        after = advance(operator, now)
        if after != before:
            changed += 1
            log.info("a subscription changed", operator=operator_id, before=before, after=after)
    return changed


@platform_job(cron="35 * * * *")
def enforce_quotas() -> int:
    """Downgrades whose grace is over, and what was bought again. How many things are suspended for it."""
    now, total = timezone.now(), 0
    living = Operator.objects.using("owner").exclude(state=Operator.State.CLOSED).order_by("pk")
    for operator_id in list(living.values_list("pk", flat=True)):
        operator = operator_by_id(operator_id)
        if operator is None:
            continue
        total += sum(enforce(operator, now).values())
        # An addon of capacity that ended by itself.
        set_capacity(operator_id)
    return total

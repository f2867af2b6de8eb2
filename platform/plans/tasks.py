"""What the worker does by the clock for what is sold."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.utils import timezone

from payments.account import takes_cards
from payments.ask import Refused, Unknown
from payments.inbox import Parked
from plans.capacity import set_capacity
from plans.downgrade import enforce
from plans.from_stripe import sync
from plans.models import Source, Subscription
from plans.subscribe import advance
from tenants.jobs import platform_job
from tenants.lookup import operator_by_id
from tenants.models import Operator

# Stripe takes about an hour from the end of a period to its invoice.
PATIENCE = timedelta(hours=2)
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


@platform_job(cron="20 * * * *")
def ask_stripe_again() -> int:
    """Subscriptions by card whose period is over though we heard nothing: the news was lost. How many were asked."""
    silent = Subscription.objects.using("owner").filter(
        source=Source.STRIPE, state__in=Subscription.RUNNING, period_ends_at__lt=timezone.now() - PATIENCE
    )
    asked = 0
    for operator_id, seller_id, subscription in list(silent.values_list("pk", "seller_id", "stripe_subscription")):
        seller = operator_by_id(seller_id)
        if seller is None or not takes_cards(seller):
            continue
        try:
            sync(seller, subscription)
            asked += 1
        except (Unknown, Refused, Parked) as why:
            log.error("a subscription can't be followed", operator=operator_id, why=str(why))
    return asked


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

"""The inbox's and the outbox's jobs."""

from __future__ import annotations

import structlog

from payments.account import takes_cards
from payments.ask import Unknown, reconcile
from payments.inbox import work
from payments.models import StripeEvent
from tenants.context import in_operator
from tenants.jobs import operator_job, platform_job
from tenants.models import Operator

log = structlog.get_logger()


@operator_job()
def work_event(operator: Operator, event: int) -> None:
    """Work an event as soon as it has come. What fails stays new, and `work_waiting` takes it up again."""
    try:
        work(operator, event)
    except Unknown:
        log.warning("an event waits for Stripe", row=event)


@platform_job(cron="* * * * *")
def work_waiting() -> int:
    """Events that weren't worked at once, the oldest first; then answers that were lost. How many were settled."""
    settled = 0
    for operator in Operator.objects.using("owner").filter(kind=Operator.Kind.OWNER):
        if takes_cards(operator):
            settled += _work_waiting(operator) + reconcile(operator)
    return settled


def _work_waiting(operator: Operator) -> int:
    settled = 0
    with in_operator(operator):
        waiting = StripeEvent.objects.filter(operator_id=operator.pk, state=StripeEvent.State.NEW)
        events = list(waiting.order_by("received_at", "pk").values_list("pk", flat=True)[:500])
    for event in events:
        try:
            settled += work(operator, event) != StripeEvent.State.NEW
        except Unknown:
            log.warning("an event waits for Stripe", row=event)
        except Exception as error:
            # One that can't be worked must not keep the others waiting.
            log.error("an event can't be worked", row=event, error=repr(error))
    return settled

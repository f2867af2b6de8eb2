"""An operator's subscription, by hand: trial, plan, change, end. What Stripe says comes in by from_stripe.

Suspending the operator itself (its calls, its hosts) is opening's deed: it looks for `lapsed()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from plans.capacity import set_capacity
from plans.dunning import Facts, next_state
from plans.grant import NotSold, seller_of
from plans.models import Plan, Source, Subscription
from tenants.context import in_operator
from tenants.models import Operator

State = Subscription.State


def subscription_of(operator: Operator) -> Subscription | None:
    """As its seller, who may write it. None: it was opened by hand and nothing is sold to it."""
    with in_operator(seller_of(operator)):
        return Subscription.objects.select_related("plan", "next_plan").filter(pk=operator.pk).first()


@contextmanager
def changing(operator: Operator) -> Iterator[Subscription]:
    """The operator's row, locked and saved at the end, with its capacity. Raises NotSold if there is none."""
    with in_operator(seller_of(operator)), transaction.atomic():
        row = Subscription.objects.select_for_update().select_related("plan").filter(pk=operator.pk).first()
        if row is None:
            raise NotSold(f"{operator.name} has no plan.")
        yield row
        row.save()
        set_capacity(operator.pk)


def start_trial(operator: Operator, plan: Plan, *, days: int | None = None) -> Subscription:
    """Begin a trial of every built addon, once in an operator's life; afterwards `plan` is meant to be bought."""
    now = timezone.now()
    ends = now + timedelta(days=plan.trial_days if days is None else days)
    return _begin(operator, plan, State.TRIAL, trial_ends_at=ends)


def subscribe_by_hand(operator: Operator, plan: Plan, *, until: datetime | None = None) -> Subscription:
    """Give an operator a plan, paid until then (None: for good), whatever it had. Ends a trial; data stay."""
    with in_operator(seller_of(operator)):
        there = Subscription.objects.filter(pk=operator.pk).exists()
    if not there:
        return _begin(operator, plan, State.ACTIVE, period_started_at=timezone.now(), period_ends_at=until)
    with changing(operator) as row:
        if row.source == Source.STRIPE and row.is_running and row.stripe_subscription:
            raise NotSold("This plan is paid by card: change it there, or cancel it first.")
        _must_sell(row.seller_id, plan)
        row.plan, row.state, row.source = plan, State.ACTIVE, Source.MANUAL
        row.period_started_at, row.period_ends_at = timezone.now(), until
        row.past_due_at = row.next_plan = None
        row.ends_with_period = False
        _end_trial(row)
    return row


def change_plan(operator: Operator, plan: Plan, *, at_period_end: bool) -> Subscription:
    """Another plan now, or when the paid period is over. For plans by hand; raises NotSold."""
    with changing(operator) as row:
        _must_sell(row.seller_id, plan)
        if row.source == Source.STRIPE and row.stripe_subscription:
            raise NotSold("This plan is paid by card: change it there.")
        if at_period_end and row.period_ends_at is not None:
            row.next_plan = plan
        else:
            row.plan, row.next_plan = plan, None
    return row


def cancel(operator: Operator, *, at_period_end: bool = True) -> Subscription:
    """End a plan by hand, now or when the paid period is over. Data stay."""
    with changing(operator) as row:
        if at_period_end and row.period_ends_at is not None:
            row.ends_with_period = True
        else:
            row.state = State.CANCELLED
            _end_trial(row)
    return row


def advance(operator: Operator, now: datetime) -> str:
    """What has come of a subscription by now: trial over, period over, dunning over. Answers the state."""
    with changing(operator) as row:
        by_hand = row.source == Source.MANUAL
        if by_hand and row.next_plan_id and row.period_ends_at is not None and row.period_ends_at <= now:
            row.plan_id, row.next_plan_id = row.next_plan_id, None
        facts = Facts(
            row.state, row.trial_ends_at, row.past_due_at, row.period_ends_at if by_hand else None, row.ends_with_period
        )
        row.state = next_state(facts, now)
        if row.state == State.PAST_DUE and row.past_due_at is None:
            row.past_due_at = row.period_ends_at
    return row.state


def lapsed() -> list[int]:
    """Operators below the current one whose plan is over: their calls are to be refused, their data kept."""
    over = Subscription.objects.filter(state__in=(State.SUSPENDED, State.CANCELLED))
    return list(over.order_by("pk").values_list("pk", flat=True))


def _begin(operator: Operator, plan: Plan, state: str, **dates: datetime | None) -> Subscription:
    seller = seller_of(operator)
    _must_sell(seller.pk, plan)
    with in_operator(seller), transaction.atomic():
        row, made = Subscription.objects.get_or_create(
            pk=operator.pk, defaults={"seller_id": seller.pk, "plan": plan, "state": state, **dates}
        )
        if not made:
            raise NotSold(f"{operator.name} has had its trial.")
        set_capacity(operator.pk)
    return row


def _end_trial(row: Subscription) -> None:
    if row.trial_ends_at is not None and row.trial_ends_at > timezone.now():
        row.trial_ends_at = timezone.now()


def _must_sell(seller_id: int, plan: Plan) -> None:
    if plan.operator_id != seller_id:
        raise NotSold("This plan is another operator's.")
    if plan.archived_at is not None:
        raise NotSold(f"{plan.name} isn't sold any more.")

"""What Stripe says of subscriptions, applied to ours. Whatever the event was, the subscription is fetched and our rows
are made to say the same: so duplicates, old news and any order come out alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from payments.alone import alone
from payments.ask import NotThere, answered, fetch
from payments.inbox import Parked, hears
from plans.capacity import set_capacity
from plans.catalogue import ADDONS
from plans.models import Entitlement, Plan, Source, Subscription
from tenants.context import in_operator
from tenants.lookup import operator_by_id
from tenants.models import Operator

State = Subscription.State
STATES = {
    "trialing": State.ACTIVE,
    "active": State.ACTIVE,
    "past_due": State.PAST_DUE,
    "unpaid": State.PAST_DUE,
    "paused": State.SUSPENDED,
    "canceled": State.CANCELLED,
}


def customer_key(operator: Operator) -> str:
    """The deed that made an operator a customer at Stripe."""
    return f"customer-{operator.pk}"


def on_subscription(seller: Operator, subscription: dict[str, Any]) -> bool:
    return sync(seller, subscription["id"])


def on_invoice(seller: Operator, invoice: dict[str, Any]) -> bool:
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    return bool(details.get("subscription")) and sync(seller, details["subscription"])


def on_session(seller: Operator, session: dict[str, Any]) -> bool:
    return bool(session.get("subscription")) and sync(seller, session["subscription"])


hears("subscription", on_subscription)
hears("invoice", on_invoice)
hears("checkout.session", on_session)


def sync(seller: Operator, subscription_id: str) -> bool:
    """Fetch a subscription and make ours the same. False if it is none of a plan. Raises Parked, Unknown."""
    with alone(f"subscription {subscription_id}"):
        try:
            found = fetch(seller, f"/v1/subscriptions/{subscription_id}")
        except NotThere as error:
            raise Parked("Stripe knows no such subscription in this account.") from error
        if "operator_id" not in found["metadata"]:
            return False
        _apply(seller, found)
    return True


def _apply(seller: Operator, found: dict[str, Any]) -> None:
    operator = _whose(seller, found)
    with in_operator(seller), transaction.atomic():
        plan, addons = _bought(seller, found)
        row = Subscription.objects.select_for_update().filter(pk=operator.pk).first()
        if found["status"] not in STATES:
            return  # the first payment is still open: nothing is bought yet
        if row is not None and row.stripe_subscription not in ("", found["id"]):
            if found["status"] == "canceled":
                return  # old news of one that was replaced
            if row.source == Source.STRIPE and row.is_running:
                raise Parked(f"{operator.name} pays for a second subscription.")
        if row is None:
            row = Subscription(pk=operator.pk, seller_id=seller.pk, plan=plan, state=State.ACTIVE)
        _write(row, plan, found)
        _entitle(row, addons if row.state != State.CANCELLED else {})
        set_capacity(operator.pk)


def _whose(seller: Operator, found: dict[str, Any]) -> Operator:
    named = str(found["metadata"]["operator_id"])
    operator = operator_by_id(int(named)) if named.isascii() and named.isdigit() and len(named) < 19 else None
    if operator is None or operator.parent_id != seller.pk:
        raise Parked("The operator it names isn't one of this seller's.")
    customer = answered(seller, customer_key(operator))
    if customer is None or customer.get("id") != found["customer"]:
        raise Parked(f"Its customer isn't {operator.name}'s.")
    return operator


def _bought(seller: Operator, found: dict[str, Any]) -> tuple[Plan, dict[str, int]]:
    """The plan and {addon: how many}, by what we wrote on the prices when we made them."""
    plans: list[Plan] = []
    addons: dict[str, int] = {}
    for item in found["items"]["data"]:
        said = item["price"]["metadata"]
        if said.get("addon") in ADDONS:
            addons[said["addon"]] = int(item["quantity"])
        elif str(said.get("plan", "")).isdigit():
            plans += Plan.objects.filter(pk=int(said["plan"]), operator_id=seller.pk)
        else:
            raise Parked("It holds something that isn't ours to sell.")
    if len(plans) != 1:
        raise Parked(f"It holds {len(plans)} plans instead of one.")
    return plans[0], addons


def _write(row: Subscription, plan: Plan, found: dict[str, Any]) -> None:
    now = timezone.now()
    item = found["items"]["data"][0]
    state = STATES[found["status"]]
    if state == State.PAST_DUE:
        row.past_due_at = row.past_due_at or now
        if row.state == State.SUSPENDED:
            state = State.SUSPENDED  # our patience was over before Stripe's
    else:
        row.past_due_at = None
    change_at = str(found["metadata"].get("change_at", ""))
    waits = change_at.isdigit() and int(change_at) > now.timestamp() and row.stripe_subscription == found["id"]
    if waits and row.plan_id != plan.pk:
        row.next_plan = plan
    else:
        row.plan, row.next_plan = plan, None
    if row.trial_ends_at is not None and row.trial_ends_at > now:
        row.trial_ends_at = now
    row.state, row.source = state, Source.STRIPE
    row.stripe_subscription, row.stripe_customer = found["id"], found["customer"]
    row.period_started_at = _moment(item["current_period_start"])
    row.period_ends_at = _moment(item["current_period_end"])
    row.ends_with_period = bool(found["cancel_at_period_end"])
    row.save()


def _entitle(row: Subscription, addons: dict[str, int]) -> None:
    """Exactly what the subscription holds, no more and no less."""
    now = timezone.now()
    mine = Entitlement.objects.select_for_update().filter(operator_id=row.pk, source=Source.STRIPE, until__isnull=True)
    there = {one.addon: one for one in mine}
    for addon, one in there.items():
        if addons.get(addon, 0) == 0:
            Entitlement.objects.filter(pk=one.pk).update(until=max(now, one.since))
        elif one.quantity != addons[addon]:
            Entitlement.objects.filter(pk=one.pk).update(quantity=addons[addon])
    for addon in set(addons) - set(there):
        if addons[addon]:
            Entitlement.objects.create(
                operator_id=row.pk, seller_id=row.seller_id, addon=addon, quantity=addons[addon], since=now,
                source=Source.STRIPE,
            )  # fmt: skip


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

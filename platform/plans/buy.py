"""Buying by card: what an operator pays its seller for plan and addons, by a subscription at Stripe.

Nothing here believes its own success: rows change by `from_stripe.sync`, called at once after each change and again by
every event. `attempt` names what somebody set out to do (make it with the form): sent twice, it is done once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from payments.account import NoStripe, takes_cards
from payments.amounts import from_minor, to_minor
from payments.ask import answered, ask, fetch, preview
from plans import catalogue
from plans.from_stripe import customer_key, sync
from plans.grant import NotSold, seller_of
from plans.models import AddonPrice, Plan, Source, Subscription
from plans.subscribe import subscription_of
from tenants.context import in_operator
from tenants.models import Operator


@dataclass(frozen=True)
class Quote:
    """What a change would cost: `lines` are (what, amount), prorated to the second; the sum is billed with the next
    invoice."""

    lines: tuple[tuple[str, Decimal], ...]
    total: Decimal
    currency: str


def publish(seller: Operator, priced: Plan | AddonPrice) -> str:
    """The id of the price at Stripe for a plan or an addon; made there once for each amount. Raises as `ask`."""
    amount = to_minor(priced.price, priced.currency)
    what = {"plan": str(priced.pk)} if isinstance(priced, Plan) else {"addon": priced.addon}
    name = priced.name if isinstance(priced, Plan) else catalogue.addon(priced.addon).name
    # A product keeps the name it had at first: another name under the same key would be another question.
    deed = f"product-{priced.price_key}"
    product = answered(seller, deed) or ask(seller, deed, "/v1/products", {"name": name, "metadata": what})
    made = ask(
        seller, f"price-{priced.price_key}-{amount}-{priced.currency}", "/v1/prices",
        {
            "product": product["id"], "unit_amount": amount, "currency": priced.currency.lower(),
            "recurring": {"interval": "month"}, "metadata": what,
        },
    )  # fmt: skip
    with in_operator(seller):
        type(priced).objects.filter(pk=priced.pk).update(stripe_price=made["id"])
    return str(made["id"])


def checkout(
    operator: Operator, plan: Plan, addons: Mapping[str, int], *, attempt: str, success_url: str, cancel_url: str
) -> str:
    """The address of the page where an operator pays for a plan. Raises NotSold, NoStripe, Refused, Unknown."""
    seller = _seller(operator)
    row = subscription_of(operator)
    if row is not None and row.source == Source.STRIPE and row.is_running and row.stripe_subscription:
        raise NotSold("There is a plan paid by card already: change that one.")
    lines = [{"price": price, "quantity": times} for price, times in _prices(seller, plan, addons)]
    customer = _customer(seller, operator)
    session = ask(
        seller, f"checkout-{operator.pk}-{attempt}", "/v1/checkout/sessions",
        {
            "mode": "subscription", "customer": customer, "line_items": lines, "success_url": success_url,
            "cancel_url": cancel_url, "client_reference_id": str(operator.pk),
            "subscription_data": {"metadata": {"operator_id": str(operator.pk)}},
        },
    )  # fmt: skip
    return str(session["url"])


def returned(operator: Operator, attempt: str) -> bool:
    """For the page a buyer comes back to: ask Stripe now instead of waiting to be told. Is the plan paid?"""
    seller = _seller(operator)
    opened = answered(seller, f"checkout-{operator.pk}-{attempt}")
    if opened is None:
        return False
    session = fetch(seller, f"/v1/checkout/sessions/{opened['id']}")
    return bool(session.get("subscription")) and sync(seller, session["subscription"])


def quote(operator: Operator, plan: Plan, addons: Mapping[str, int]) -> Quote:
    """What changing to this plan and these addons would cost now. Changes nothing."""
    seller, row = _paying(operator)
    items = _items(seller, row, plan, addons)
    found = preview(
        seller, "/v1/invoices/create_preview",
        {
            "subscription": row.stripe_subscription,
            "subscription_details": {"items": items, "proration_behavior": "create_prorations"},
        },
    )  # fmt: skip
    currency = found["currency"].upper()
    lines = [
        (str(one["description"]), from_minor(one["amount"], currency))
        for one in found["lines"]["data"]
        if ((one.get("parent") or {}).get("subscription_item_details") or {}).get("proration")
    ]
    return Quote(tuple(lines), sum((amount for _, amount in lines), Decimal(0)), currency)


def change(
    operator: Operator, plan: Plan, addons: Mapping[str, int], *, attempt: str, at_period_end: bool = False
) -> None:
    """Have this plan and just these addons: now and prorated, or from the next period on (the plan; addons at once)."""
    seller, row = _paying(operator)
    items = _items(seller, row, plan, addons)
    when = str(int(row.period_ends_at.timestamp())) if at_period_end and row.period_ends_at else ""
    ask(
        seller, f"change-{operator.pk}-{attempt}", f"/v1/subscriptions/{row.stripe_subscription}",
        {
            "items": items, "metadata": {"change_at": when},
            "proration_behavior": "none" if at_period_end else "create_prorations",
        },
    )  # fmt: skip
    sync(seller, row.stripe_subscription)


def cancel(operator: Operator, *, attempt: str, keep: bool = False) -> None:
    """Let a plan paid by card end with its period, or (`keep`) go on after all."""
    seller, row = _paying(operator)
    ask(
        seller, f"cancel-{operator.pk}-{attempt}", f"/v1/subscriptions/{row.stripe_subscription}",
        {"cancel_at_period_end": "false" if keep else "true"},
    )  # fmt: skip
    sync(seller, row.stripe_subscription)


def portal(operator: Operator, *, attempt: str, return_url: str) -> str:
    """The address of Stripe's own pages for cards and invoices of this operator."""
    seller = _seller(operator)
    customer = _customer(seller, operator)
    made = ask(
        seller, f"portal-{operator.pk}-{attempt}", "/v1/billing_portal/sessions",
        {"customer": customer, "return_url": return_url},
    )  # fmt: skip
    return str(made["url"])


def _seller(operator: Operator) -> Operator:
    if operator.parent_id is None:
        raise NotSold("The owner buys from nobody.")
    seller = seller_of(operator)
    if not takes_cards(seller):
        raise NoStripe("Cards can't be taken here: ask the operator above you.")
    return seller


def _paying(operator: Operator) -> tuple[Operator, Subscription]:
    seller, row = _seller(operator), subscription_of(operator)
    if row is None or row.source != Source.STRIPE or not row.stripe_subscription or not row.is_running:
        raise NotSold("There is no plan paid by card to change.")
    return seller, row


def _customer(seller: Operator, operator: Operator) -> str:
    """The operator as a customer in the seller's account, made once; later names are changed at Stripe."""
    params = {"metadata": {"operator_id": str(operator.pk)}}
    return str(ask(seller, customer_key(operator), "/v1/customers", params)["id"])


def _prices(seller: Operator, plan: Plan, addons: Mapping[str, int]) -> list[tuple[str, int]]:
    if plan.operator_id != seller.pk or plan.archived_at is not None:
        raise NotSold("This plan isn't sold here.")
    found = [(publish(seller, plan), 1)]
    with in_operator(seller):
        prices = {one.addon: one for one in AddonPrice.objects.filter(operator_id=seller.pk)}
    for key, times in sorted(addons.items()):
        known = catalogue.addon(key)
        if key not in prices or not known.for_sale or times < 1:
            raise NotSold(f"{known.name} isn't sold here.")
        if prices[key].currency != plan.currency:
            raise NotSold(f"{known.name} is sold in {prices[key].currency}, the plan in {plan.currency}.")
        found.append((publish(seller, prices[key]), times))
    return found


def _items(seller: Operator, row: Subscription, plan: Plan, addons: Mapping[str, int]) -> list[dict[str, Any]]:
    """The changes from what the subscription holds at Stripe to what is wanted."""
    wanted = dict(_prices(seller, plan, addons))
    there = fetch(seller, f"/v1/subscriptions/{row.stripe_subscription}")["items"]["data"]
    changes: list[dict[str, Any]] = []
    spare = [one for one in there if one["price"]["id"] not in wanted]
    for one in there:
        price = one["price"]["id"]
        if price in wanted:
            times = wanted.pop(price)
            if times != one["quantity"]:
                changes.append({"id": one["id"], "quantity": times})
    changes += [{"price": price, "quantity": times} for price, times in wanted.items()]
    changes += [{"id": one["id"], "deleted": "true"} for one in spare]
    if not changes:
        raise NotSold("That is what you have already.")
    return changes

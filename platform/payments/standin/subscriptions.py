"""Subscriptions and their invoices: periods of a month, proration by the second, renewal by the clock."""

from __future__ import annotations

from typing import Any

from payments.standin import money
from payments.standin.forms import flag
from payments.standin.world import Object, Trouble, World, a_month_after, card_works, listed

LIVING = ("trialing", "active", "past_due", "incomplete")
DAY = 86_400


def create(world: World, customer_id: str, items: list[Any], metadata: Any = None, trial_days: int = 0) -> Object:
    customer, now = world.get(customer_id, "customer"), world.now()
    if not items:
        raise Trouble(400, "Missing required param: items.", param="items")
    end = now + trial_days * DAY if trial_days else a_month_after(now)
    subscription = world.make(
        "sub", "subscription", customer=customer_id, status="trialing" if trial_days else "incomplete",
        cancel_at_period_end=False, cancel_at=None, canceled_at=None, ended_at=None, latest_invoice=None,
        trial_end=end if trial_days else None, metadata=dict(metadata or {}), currency="",
    )  # fmt: skip
    subscription["items"] = listed([_item(world, subscription["id"], one, now, end) for one in items], "")
    subscription["currency"] = subscription["items"]["data"][0]["price"]["currency"]
    world.happened("customer.subscription.created", subscription)
    if not trial_days:
        invoice = _bill(world, subscription, _charges(subscription), "subscription_create")
        if collect(world, invoice, customer):
            _become(world, subscription, "active")
    return subscription


def update(world: World, subscription: Object, form: dict[str, Any]) -> Object:
    _living(subscription)
    if "metadata" in form:
        subscription["metadata"] |= form["metadata"]
    if "cancel_at_period_end" in form:
        subscription["cancel_at_period_end"] = flag(form["cancel_at_period_end"])
        subscription["cancel_at"] = _end(subscription) if subscription["cancel_at_period_end"] else None
    if "items" in form:
        lines = change_items(world, subscription, form["items"], world.now(), keep=True)
        behaviour = form.get("proration_behavior", "create_prorations")
        if behaviour == "none" or subscription["status"] == "trialing":
            lines = []
        subscription.setdefault("_pending", []).extend(lines)
        if behaviour == "always_invoice" and lines:
            invoice = _bill(world, subscription, subscription.pop("_pending"), "subscription_update")
            collect(world, invoice, world.get(subscription["customer"], "customer"))
    world.happened("customer.subscription.updated", subscription)
    return subscription


def change_items(world: World, subscription: Object, changes: list[Any], now: int, keep: bool) -> list[Object]:
    """The lines that new items would cost: what is unused of the old given back, the rest of the new charged."""
    start, end = _start(subscription), _end(subscription)
    share = max(0, end - now), end - start
    old = {one["id"]: dict(one) for one in subscription["items"]["data"]}
    new = {id: dict(one) for id, one in old.items()}
    for change in changes:
        if not change.get("id"):
            made = _item(world, subscription["id"], change, start, end)
            new[made["id"]] = made
            continue
        if change["id"] not in new:
            raise Trouble(400, f"No such subscription item: '{change['id']}'", param="items")
        if flag(change.get("deleted")):
            del new[change["id"]]
            continue
        if "price" in change:
            new[change["id"]]["price"] = world.get(change["price"], "price")
        if "quantity" in change:
            new[change["id"]]["quantity"] = int(change["quantity"])
    if not new:
        raise Trouble(400, "A subscription must have at least one active plan.")
    lines = []
    for id in {**old, **new}:
        before, after = old.get(id), new.get(id)
        if before == after:
            continue
        if before is not None:
            lines.append(_line(before, -_part(_amount(before), share), "Unused time on", proration=True))
        if after is not None:
            lines.append(_line(after, _part(_amount(after), share), "Remaining time on", proration=True))
    if keep:
        subscription["items"]["data"] = list(new.values())
    return lines


def preview(world: World, subscription: Object, changes: list[Any]) -> Object:
    _living(subscription)
    pending = subscription.get("_pending", [])
    lines = [*pending, *change_items(world, subscription, changes, world.now(), keep=False)]
    return {"object": "invoice", "currency": subscription["currency"], **_summed(lines), "lines": listed(lines, "")}


def cancel(world: World, subscription: Object) -> Object:
    _living(subscription)
    subscription.update(status="canceled", canceled_at=world.now(), ended_at=world.now())
    world.happened("customer.subscription.deleted", subscription)
    return subscription


def collect(world: World, invoice: Object, customer: Object) -> bool:
    """Try the customer's card for an open invoice."""
    if invoice["status"] == "paid":
        raise Trouble(400, "Invoice is already paid")
    invoice["attempt_count"] += 1
    paid = invoice["amount_due"] <= 0
    if not paid:
        intent = money.make_intent(world, invoice["amount_due"], invoice["currency"], customer["id"])
        paid = card_works(world, customer) and money.pay(world, intent, "pm_card_visa")
    if paid:
        invoice.update(status="paid", amount_paid=max(0, invoice["amount_due"]), amount_remaining=0)
    world.happened("invoice.paid" if paid else "invoice.payment_failed", invoice)
    owner = _subscription_of(world, invoice)
    if owner is not None and owner["status"] in LIVING:
        if paid and not [one for one in world.all("invoice", status="open") if _subscription_of(world, one) is owner]:
            _become(world, owner, "active")
        elif not paid and owner["status"] in ("active", "trialing"):
            _become(world, owner, "past_due")
    return paid


def renew(world: World) -> None:
    """Whatever the clock has passed: ends of periods, one month after the other."""
    for subscription in reversed(world.all("subscription")):
        while subscription["status"] in LIVING and _end(subscription) <= world.now():
            if subscription["cancel_at_period_end"]:
                cancel(world, subscription)
                break
            start = _end(subscription)
            for item in subscription["items"]["data"]:
                item.update(current_period_start=start, current_period_end=a_month_after(start))
            lines = [*subscription.pop("_pending", []), *_charges(subscription)]
            invoice = _bill(world, subscription, lines, "subscription_cycle")
            world.happened("customer.subscription.updated", subscription)
            collect(world, invoice, world.get(subscription["customer"], "customer"))


def _item(world: World, owner: str, wanted: dict[str, Any], start: int, end: int) -> Object:
    price = world.get(wanted.get("price"), "price")
    if not price["recurring"]:
        raise Trouble(400, "The price specified is set to `type=one_time` but this field only accepts recurring ones.")
    return world.make(
        "si", "subscription_item", price=price, quantity=int(wanted.get("quantity", 1)), subscription=owner,
        current_period_start=start, current_period_end=end,
    )  # fmt: skip


def _bill(world: World, subscription: Object, lines: list[Object], reason: str) -> Object:
    invoice = world.make(
        "in", "invoice", customer=subscription["customer"], status="open", currency=subscription["currency"],
        billing_reason=reason, attempt_count=0, amount_paid=0, lines=listed(lines, ""), **_summed(lines),
        parent={"type": "subscription_details", "subscription_details": {"subscription": subscription["id"]}},
    )  # fmt: skip
    subscription["latest_invoice"] = invoice["id"]
    world.happened("invoice.finalized", invoice)
    return invoice


def _summed(lines: list[Object]) -> Object:
    total = sum(one["amount"] for one in lines)
    return {"total": total, "amount_due": max(0, total), "amount_remaining": max(0, total)}


def _charges(subscription: Object) -> list[Object]:
    return [_line(one, _amount(one), "", proration=False) for one in subscription["items"]["data"]]


def _line(item: Object, amount: int, what: str, *, proration: bool) -> Object:
    return {
        "object": "line_item", "amount": amount, "currency": item["price"]["currency"], "quantity": item["quantity"],
        "description": f"{what} {item['quantity']} × {item['price']['id']}".strip(),
        "parent": {
            "type": "subscription_item_details",
            "subscription_item_details": {"subscription_item": item["id"], "proration": proration},
        },
    }  # fmt: skip


def _amount(item: Object) -> int:
    return int(item["price"]["unit_amount"]) * int(item["quantity"])


def _part(amount: int, share: tuple[int, int]) -> int:
    """Half up, in whole numbers."""
    return (2 * amount * share[0] + share[1]) // (2 * share[1])


def _become(world: World, subscription: Object, status: str) -> None:
    if subscription["status"] != status:
        subscription["status"] = status
        world.happened("customer.subscription.updated", subscription)


def _subscription_of(world: World, invoice: Object) -> Object | None:
    id = ((invoice.get("parent") or {}).get("subscription_details") or {}).get("subscription")
    return world.objects.get(id) if id else None


def _living(subscription: Object) -> None:
    if subscription["status"] not in LIVING:
        raise Trouble(404, f"No such subscription: '{subscription['id']}'", code="resource_missing")


def _start(subscription: Object) -> int:
    return int(subscription["items"]["data"][0]["current_period_start"])


def _end(subscription: Object) -> int:
    return int(subscription["items"]["data"][0]["current_period_end"])

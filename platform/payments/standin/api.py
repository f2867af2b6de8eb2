"""The answers of the API, one function a path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from payments.standin import money, subscriptions
from payments.standin.world import Object, Trouble, World, listed

Form = dict[str, Any]


def create_customer(world: World, form: Form) -> Object:
    settings = {"default_payment_method": form.get("payment_method")}
    made = world.make(
        "cus", "customer", email=form.get("email"), name=form.get("name"), metadata=form.get("metadata", {}),
        invoice_settings=settings | form.get("invoice_settings", {}),
    )  # fmt: skip
    world.happened("customer.created", made)
    return made


def update_customer(world: World, customer: str, form: Form) -> Object:
    found = world.get(customer, "customer")
    found["invoice_settings"] |= form.get("invoice_settings", {})
    found["metadata"] |= form.get("metadata", {})
    found.update({name: form[name] for name in ("email", "name") if name in form})
    return found


def create_product(world: World, form: Form) -> Object:
    return world.make("prod", "product", name=_needed(form, "name"), active=True, metadata=form.get("metadata", {}))


def create_price(world: World, form: Form) -> Object:
    product = form.get("product") or create_product(world, form.get("product_data", {}))["id"]
    world.get(product, "product")
    key = form.get("lookup_key")
    if key and world.all("price", lookup_key=key):
        raise Trouble(400, "A price with that lookup key already exists.", param="lookup_key")
    return world.make(
        "price", "price", product=product, unit_amount=_whole(form, "unit_amount"), active=True, lookup_key=key,
        currency=_needed(form, "currency").lower(), recurring=form.get("recurring"),
        type="recurring" if form.get("recurring") else "one_time", metadata=form.get("metadata", {}),
    )  # fmt: skip


def list_prices(world: World, form: Form) -> Object:
    keys = form.get("lookup_keys")
    return listed([one for one in world.all("price") if not keys or one["lookup_key"] in keys], "/v1/prices")


def create_session(world: World, form: Form) -> Object:
    mode = _needed(form, "mode")
    lines = [
        {"price": world.get(one.get("price"), "price")["id"], "quantity": int(one.get("quantity", 1))}
        if "price" in one else {"price_data": one["price_data"], "quantity": int(one.get("quantity", 1))}
        for one in form.get("line_items", [])
    ]  # fmt: skip
    if not lines:
        raise Trouble(400, "Missing required param: line_items.", param="line_items")
    if form.get("customer"):
        world.get(form["customer"], "customer")
    total, currency = 0, ""
    for one in lines:
        priced = world.get(one["price"], "price") if "price" in one else one["price_data"]
        total += int(priced["unit_amount"]) * one["quantity"]
        currency = priced["currency"].lower()
    session = world.make(
        "cs_test", "checkout.session", mode=mode, status="open", payment_status="unpaid", customer=form.get("customer"),
        subscription=None, payment_intent=None, success_url=_needed(form, "success_url"), amount_total=total,
        cancel_url=form.get("cancel_url"), metadata=form.get("metadata", {}), currency=currency,
        client_reference_id=form.get("client_reference_id"), expires_at=world.now() + 86_400, _lines=lines,
        _subscription_data=form.get("subscription_data", {}), _intent_data=form.get("payment_intent_data", {}),
    )  # fmt: skip
    session["url"] = f"{world.objects['_base']['url']}/pay/{session['id']}"
    return session


def pay_session(world: World, id: str, card: str) -> Object:
    """What the buyer does on the payable page. Raises Trouble when the card is declined; the session stays open."""
    session = world.get(id, "checkout.session")
    if session["status"] != "open":
        raise Trouble(400, "This session is over.")
    if not session["customer"]:
        session["customer"] = create_customer(world, {})["id"]
    customer = world.get(session["customer"], "customer")
    if card in subscriptions.money.BAD_CARDS:
        raise Trouble(402, "Your card was declined.", "card_error", code="card_declined")
    if session["mode"] == "subscription":
        customer["invoice_settings"]["default_payment_method"] = card
        data = session["_subscription_data"]
        days = int(data.get("trial_period_days", 0))
        made = subscriptions.create(world, customer["id"], session["_lines"], data.get("metadata"), days)
        session["subscription"] = made["id"]
    else:
        data = session["_intent_data"]
        intent = money.make_intent(
            world, session["amount_total"], session["currency"], customer["id"], data.get("metadata")
        )
        session["payment_intent"] = intent["id"]
        money.pay(world, intent, card)
    session.update(status="complete", payment_status="paid")
    world.happened("checkout.session.completed", session)
    return session


def expire_session(world: World, session: str, form: Form) -> Object:
    found = world.get(session, "checkout.session")
    if found["status"] != "open":
        raise Trouble(400, "Only open sessions can be expired.")
    found["status"] = "expired"
    world.happened("checkout.session.expired", found)
    return found


def create_subscription(world: World, form: Form) -> Object:
    days = int(form.get("trial_period_days", 0))
    return subscriptions.create(world, _needed(form, "customer"), form.get("items", []), form.get("metadata", {}), days)


def update_subscription(world: World, subscription: str, form: Form) -> Object:
    return subscriptions.update(world, world.get(subscription, "subscription"), form)


def cancel_subscription(world: World, subscription: str, form: Form) -> Object:
    return subscriptions.cancel(world, world.get(subscription, "subscription"))


def list_subscriptions(world: World, form: Form) -> Object:
    wanted = {name: form[name] for name in ("customer", "status") if name in form and form[name] != "all"}
    return listed(world.all("subscription", **wanted), "/v1/subscriptions")


def preview_invoice(world: World, form: Form) -> Object:
    found = world.get(_needed(form, "subscription"), "subscription")
    return subscriptions.preview(world, found, form.get("subscription_details", {}).get("items", []))


def list_invoices(world: World, form: Form) -> Object:
    wanted = {name: form[name] for name in ("customer", "status") if name in form}
    return listed(world.all("invoice", **wanted), "/v1/invoices")


def pay_invoice(world: World, invoice: str, form: Form) -> Object:
    found = world.get(invoice, "invoice")
    if not subscriptions.collect(world, found, world.get(found["customer"], "customer")):
        raise Trouble(402, "Your card was declined.", "card_error", code="card_declined")
    return found


def create_intent(world: World, form: Form) -> Object:
    intent = money.make_intent(
        world, _whole(form, "amount"), _needed(form, "currency"), form.get("customer"), form.get("metadata")
    )
    world.happened("payment_intent.created", intent)
    if form.get("confirm") == "true":
        return confirm_intent(world, intent["id"], form)
    return intent


def confirm_intent(world: World, intent: str, form: Form) -> Object:
    found = world.get(intent, "payment_intent")
    if not money.pay(world, found, form.get("payment_method", "pm_card_visa")):
        raise Trouble(402, "Your card was declined.", "card_error", code="card_declined", payment_intent=found)
    return found


def create_refund(world: World, form: Form) -> Object:
    amount = int(form["amount"]) if "amount" in form else None
    return money.refund(world, _needed(form, "payment_intent"), amount, form.get("metadata"))


def create_portal(world: World, form: Form) -> Object:
    customer = world.get(_needed(form, "customer"), "customer")
    made = world.make("bps", "billing_portal.session", customer=customer["id"], return_url=form.get("return_url"))
    made["url"] = f"{world.objects['_base']['url']}/portal/{made['id']}"
    return made


def list_events(world: World, form: Form) -> Object:
    return listed(list(reversed(world.events))[: int(form.get("limit", 10))], "/v1/events")


def create_clock(world: World, form: Form) -> Object:
    world.frozen = _whole(form, "frozen_time")
    return world.make("clock", "test_helpers.test_clock", frozen_time=world.frozen, status="ready")


def advance_clock(world: World, clock: str, form: Form) -> Object:
    found = world.get(clock, "test_helpers.test_clock")
    to = _whole(form, "frozen_time")
    if to < found["frozen_time"]:
        raise Trouble(400, "A clock can't go back.", param="frozen_time")
    world.frozen = found["frozen_time"] = to
    subscriptions.renew(world)
    return found


def _needed(form: Form, name: str) -> str:
    if not form.get(name):
        raise Trouble(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    return str(form[name])


def _whole(form: Form, name: str) -> int:
    text = _needed(form, name)
    if not text.lstrip("-").isdigit():
        raise Trouble(400, f"Invalid integer: {text}", code="parameter_invalid_integer", param=name)
    return int(text)


# (method, path): what answers. A {name} is handed on by position.
PATHS: dict[tuple[str, str], Callable[..., Object]] = {
    ("POST", "/v1/customers"): create_customer,
    ("POST", "/v1/customers/{customer}"): update_customer,
    ("POST", "/v1/products"): create_product,
    ("POST", "/v1/prices"): create_price,
    ("GET", "/v1/prices"): list_prices,
    ("POST", "/v1/checkout/sessions"): create_session,
    ("POST", "/v1/checkout/sessions/{session}/expire"): expire_session,
    ("POST", "/v1/subscriptions"): create_subscription,
    ("GET", "/v1/subscriptions"): list_subscriptions,
    ("POST", "/v1/subscriptions/{subscription}"): update_subscription,
    ("DELETE", "/v1/subscriptions/{subscription}"): cancel_subscription,
    ("POST", "/v1/invoices/create_preview"): preview_invoice,
    ("GET", "/v1/invoices"): list_invoices,
    ("POST", "/v1/invoices/{invoice}/pay"): pay_invoice,
    ("POST", "/v1/payment_intents"): create_intent,
    ("POST", "/v1/payment_intents/{intent}/confirm"): confirm_intent,
    ("POST", "/v1/refunds"): create_refund,
    ("POST", "/v1/billing_portal/sessions"): create_portal,
    ("GET", "/v1/events"): list_events,
    ("POST", "/v1/test_helpers/test_clocks"): create_clock,
    ("POST", "/v1/test_helpers/test_clocks/{clock}/advance"): advance_clock,
}
# What can be read by its id.
KINDS = {
    "customers": "customer",
    "products": "product",
    "prices": "price",
    "checkout/sessions": "checkout.session",
    "subscriptions": "subscription",
    "invoices": "invoice",
    "payment_intents": "payment_intent",
    "charges": "charge",
    "refunds": "refund",
    "events": "event",
}

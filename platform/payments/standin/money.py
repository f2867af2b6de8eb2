"""Payment intents, charges and refunds."""

from __future__ import annotations

from typing import Any

from payments.standin.world import BAD_CARDS, Object, Trouble, World


def make_intent(world: World, amount: int, currency: str, customer: str | None, metadata: Any = None) -> Object:
    if amount < 1:
        raise Trouble(400, "This value must be greater than or equal to 1.", param="amount")
    return world.make(
        "pi", "payment_intent", amount=amount, amount_received=0, currency=currency.lower(), customer=customer,
        status="requires_payment_method", latest_charge=None, metadata=dict(metadata or {}), last_payment_error=None,
    )  # fmt: skip


def pay(world: World, intent: Object, card: str) -> bool:
    """Charge a card. Events follow. True if it was paid."""
    if intent["status"] == "succeeded":
        raise Trouble(400, "This PaymentIntent has succeeded already.", code="payment_intent_unexpected_state")
    good = card not in BAD_CARDS
    charge = world.make(
        "ch", "charge", amount=intent["amount"], currency=intent["currency"], customer=intent["customer"], paid=good,
        payment_intent=intent["id"], status="succeeded" if good else "failed", amount_refunded=0, refunded=False,
        metadata=dict(intent["metadata"]),
    )  # fmt: skip
    intent["latest_charge"] = charge["id"]
    if good:
        intent.update(status="succeeded", amount_received=intent["amount"], last_payment_error=None)
        world.happened("charge.succeeded", charge)
        world.happened("payment_intent.succeeded", intent)
    else:
        intent["last_payment_error"] = {"type": "card_error", "code": "card_declined"}
        world.happened("charge.failed", charge)
        world.happened("payment_intent.payment_failed", intent)
    return good


def refund(world: World, intent_id: str, amount: int | None, metadata: Any = None) -> Object:
    intent = world.get(intent_id, "payment_intent")
    if intent["status"] != "succeeded":
        raise Trouble(400, "This PaymentIntent does not have a successful charge to refund.", param="payment_intent")
    charge = world.get(intent["latest_charge"], "charge")
    rest = charge["amount"] - charge["amount_refunded"]
    wanted = rest if amount is None else amount
    if wanted < 1 or wanted > rest:
        raise Trouble(400, f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({rest}).")
    made = world.make(
        "re", "refund", amount=wanted, currency=charge["currency"], charge=charge["id"], payment_intent=intent_id,
        status="succeeded", metadata=dict(metadata or {}),
    )  # fmt: skip
    charge["amount_refunded"] += wanted
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.happened("refund.created", made)
    world.happened("charge.refunded", charge)
    return made

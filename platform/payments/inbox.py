"""What Stripe tells us. An event is verified on its raw body, stored once, answered 200, and worked later: the object
it names is fetched from Stripe, so neither order nor age nor content of an event can mislead anybody.

Packages above say what they want to hear of: `hears("subscription", deed)`. The deed gets the operator whose account
it is and the fetched object, may be called any number of times for it, answers whether the object is its business, and
raises Parked for what is wrong with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import stripe
import structlog
from django.db import transaction
from django.utils import timezone

from payments.account import account_of
from payments.ask import NotThere, fetch
from payments.models import StripeEvent
from tenants.context import in_operator
from tenants.models import Operator

TOLERANCE_SECONDS = 300
LONGEST = 1_000_000
PATHS = {
    "checkout.session": "/v1/checkout/sessions/",
    "subscription": "/v1/subscriptions/",
    "invoice": "/v1/invoices/",
    "payment_intent": "/v1/payment_intents/",
    "charge": "/v1/charges/",
    "refund": "/v1/refunds/",
    "dispute": "/v1/disputes/",
}
Deed = Callable[[Operator, dict[str, Any]], bool]
_HEARD: dict[str, list[Deed]] = {}
log = structlog.get_logger()


class BadEvent(ValueError):
    """Forged, too old or no event at all: nothing is stored."""


class Parked(Exception):
    """An event that isn't ours to work; the text says why, for people who look."""


def hears(kind: str, deed: Deed) -> None:
    """Call `deed(operator, object)` for objects of a kind, one of PATHS, whenever Stripe says something of one."""
    if kind not in PATHS:
        raise LookupError(f"Objects of kind {kind!r} can't be fetched.")
    if deed not in _HEARD.setdefault(kind, []):
        _HEARD[kind].append(deed)


def receive(operator: Operator, body: bytes, signature: str) -> StripeEvent | None:
    """Store an event of an operator's account and have it worked; None if it was stored before.

    Raises BadEvent, NoStripe.
    """
    secret = account_of(operator).webhook_secret
    if len(body) > LONGEST or not secret:
        raise BadEvent("This can't be taken.")
    try:
        # A forger could send anything: nothing is parsed before the signature is right.
        text = body.decode()
        stripe.WebhookSignature.verify_header(text, signature, secret, TOLERANCE_SECONDS)  # type: ignore[no-untyped-call]
        event = json.loads(text)
        subject = event["data"]["object"]
        row = StripeEvent(
            event_id=event["id"], operator_id=operator.pk, type=event["type"], payload=event,
            object_id=subject.get("id") or "",
        )  # fmt: skip
        row.clean_fields(exclude=["payload"])
    except (stripe.SignatureVerificationError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadEvent("This is no event of Stripe's.") from error
    from payments.tasks import work_event

    with in_operator(operator), transaction.atomic():
        stored, new = StripeEvent.objects.get_or_create(
            operator_id=operator.pk,
            event_id=row.event_id,
            defaults={"type": row.type, "payload": event, "object_id": row.object_id},
        )
        if not new:
            return None
        work_event.defer(operator_id=operator.pk, event=stored.pk)
    return stored


def work(operator: Operator, event_pk: int) -> str:
    """Work one event; its state afterwards. Raises what the deeds raise (Unknown: later again), the row staying new."""
    with in_operator(operator):
        event = StripeEvent.objects.get(pk=event_pk, operator_id=operator.pk)
        if event.state != StripeEvent.State.NEW:
            return event.state
        event.tries += 1
        event.save(update_fields=["tries"])
        try:
            _work(operator, event)
            event.state = StripeEvent.State.DONE
        except Parked as why:
            event.state, event.note = StripeEvent.State.PARKED, str(why)
            log.warning("an event is parked", stripe_event=event.event_id, type=event.type, why=str(why))
        event.worked_at = timezone.now()
        event.save(update_fields=["state", "note", "worked_at"])
        return event.state


def _work(operator: Operator, event: StripeEvent) -> None:
    kind = event.payload["data"]["object"].get("object")
    if event.payload.get("account"):
        raise Parked("It is of another account.")
    if kind not in _HEARD:
        raise Parked(f"Nobody wants to hear of {event.type}.")
    try:
        subject = fetch(operator, PATHS[kind] + event.object_id)
    except NotThere as error:
        raise Parked("Stripe knows no such object in this account.") from error
    # All of them hear it, though one may have said yes already.
    said = [deed(operator, subject) for deed in _HEARD[kind]]
    if not any(said):
        raise Parked("It is nobody's business.")

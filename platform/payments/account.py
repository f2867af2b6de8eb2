"""Whose Stripe account it is. The owner's own for now; its keys come from the environment, never from a table."""

from __future__ import annotations

from dataclasses import dataclass

import stripe
from django.conf import settings

from tenants.models import Operator

# Connecting, and waiting for an answer.
SECONDS = (5.0, 20.0)


class NoStripe(LookupError):
    """This operator takes no cards: it has no Stripe account here."""


@dataclass(frozen=True)
class Account:
    key: str
    webhook_secret: str
    api_base: str

    def client(self) -> stripe.StripeClient:
        """Stripe's own client. It never repeats a call by itself: whatever is unknown is written down first."""
        return stripe.StripeClient(
            self.key,
            base_addresses={"api": self.api_base} if self.api_base else None,
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=SECONDS),
        )


def account_of(operator: Operator) -> Account:
    """Raises NoStripe."""
    if not operator.is_owner or not settings.STRIPE_KEY:
        raise NoStripe("Cards can't be taken here: no Stripe account is set up.")
    return Account(settings.STRIPE_KEY, settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_API_BASE)


def takes_cards(operator: Operator) -> bool:
    return operator.is_owner and bool(settings.STRIPE_KEY)

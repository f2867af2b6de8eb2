"""The owner's shop at the stand-in: plans and addons with prices, a reseller that buys, and its events told to us."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from payments.inbox import receive, work
from payments.models import StripeEvent
from payments.standin.faults import sign
from plans import buy
from plans.models import AddonPrice, Entitlement, Plan, Subscription
from plans.standing import standing_of
from tenants.context import in_operator
from tests.payments.standin import SECRET, Standin

BACK = {"success_url": "http://acme.localhost/plan/?paid", "cancel_url": "http://acme.localhost/plan/"}


class Shop:
    def __init__(self, house: Any, standin: Standin) -> None:
        self.house, self.standin, self._attempts = house, standin, count(1)
        with in_operator(house.root):
            made = {"operator_id": house.root.pk, "currency": "USD"}
            self.start = Plan.objects.create(name="Start", calls=20, price=Decimal("30"), **made)
            self.grow = Plan.objects.create(name="Grow", calls=100, price=Decimal("90"), operators_below=True, **made)
            for addon, price in (("more_calls", 10), ("reseller", 25)):
                AddonPrice.objects.create(addon=addon, price=price, **made)

    def attempt(self) -> str:
        return str(next(self._attempts))

    def checkout(self, operator: Any, plan: Plan, **addons: int) -> str:
        return buy.checkout(operator, plan, addons, attempt=self.attempt(), **BACK)

    def bought(self, operator: Any, plan: Plan, **addons: int) -> Subscription:
        """Bought and paid, and everything Stripe said of it worked."""
        assert self.standin.pay(self.checkout(operator, plan, **addons)).status_code == 303
        self.tell(self.standin.events())
        row = self.row(operator)
        assert row is not None
        return row

    def tell(self, events: Iterable[dict[str, Any]]) -> list[str]:
        """Deliver events to us and work them at once; the states of those that were new."""
        states = []
        for event in events:
            body = json.dumps(event)
            stored = receive(self.house.root, body.encode(), sign(body, SECRET))
            if stored is not None:
                states.append(work(self.house.root, stored.pk))
        return states

    def news(self) -> list[str]:
        """Tell what we haven't heard yet."""
        with in_operator(self.house.root):
            known = set(StripeEvent.objects.values_list("event_id", flat=True))
        return self.tell(one for one in self.standin.events() if one["id"] not in known)

    def row(self, operator: Any) -> Subscription | None:
        with in_operator(self.house.root):
            return Subscription.objects.select_related("plan", "next_plan").filter(pk=operator.pk).first()

    def addons(self, operator: Any) -> dict[str, int]:
        with in_operator(self.house.root):
            running = Entitlement.objects.filter(operator_id=operator.pk, until__isnull=True)
            return dict(running.values_list("addon", "quantity"))

    def calls(self, operator: Any) -> int | None:
        with in_operator(operator):
            return standing_of(operator).levels[0].capacity()["calls"].value

    def clock(self, days_ago: float) -> Clock:
        return Clock(self.standin, timezone.now().timestamp() - days_ago * 86_400)


class Clock:
    """The stand-in's clock, standing still until it is moved."""

    def __init__(self, standin: Standin, at: float) -> None:
        self.standin, self.at = standin, int(at)
        self.id = standin.post("/v1/test_helpers/test_clocks", frozen_time=self.at)["id"]

    def move(self, to: datetime | float) -> None:
        self.at = int(to.timestamp() if isinstance(to, datetime) else to)
        self.standin.post(f"/v1/test_helpers/test_clocks/{self.id}/advance", frozen_time=self.at)

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

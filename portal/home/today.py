"""What a day looks like so far: from midnight in the operator's zone."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import Count, Q, Sum
from django.utils import timezone

from portal.history.visible import calls_visible_to
from portal.people.models import User
from tenants.models import Operator

# Many people look at the same dashboard, and every call makes each of them look again.
KEPT_SECONDS = 5


def day_begins(operator: Operator, now: datetime) -> datetime:
    """The last midnight in the operator's zone."""
    return now.astimezone(ZoneInfo(operator.timezone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def today_of_operator(operator: Operator, user: User) -> dict[str, Any]:
    """calls, answered, seconds, revenue, cost, profit since midnight; money in the operator's own currency."""
    began = day_begins(operator, timezone.now())
    key = f"today-{began:%Y-%m-%d}"
    if (kept := cache.get(key)) is None:
        kept = calls_visible_to(user).since(began).totals()
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def today_of_customer(operator: Operator, user: User) -> dict[str, Any]:
    """calls, answered, seconds and spent (in the customer's currency) since midnight; nothing of what it cost us."""
    return (
        calls_visible_to(user)
        .since(day_begins(operator, timezone.now()))
        .aggregate(
            calls=Count("id", filter=Q(revision=0)),
            answered=Count("id", filter=Q(revision=0, answered_at__isnull=False)),
            seconds=Sum("talk_seconds", default=0),
            spent=Sum("sell", default=Decimal(0)),
        )
    )

"""Which calls a user may see: the operator's people all of its level, a customer's user the customer's own."""

from __future__ import annotations

from django.db.models import QuerySet

from calls.models import Call, CallQuerySet, LiveLevel, LiveState
from portal.people.models import User
from tenants.context import current_operator


def calls_visible_to(user: User) -> CallQuerySet:
    calls = Call.objects.of(current_operator().pk)
    return calls if user.is_staff_here else calls.filter(customer_id=user.customer_id)


def live_visible_to(user: User) -> QuerySet[LiveLevel]:
    """Calls that are not over yet. A customer's user never sees that anybody else is talking."""
    running = LiveLevel.objects.exclude(state=LiveState.ENDED)
    return running if user.is_staff_here else running.filter(own=True, labels__customer_id=user.customer_id)

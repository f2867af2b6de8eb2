"""What a seller gives or takes by hand: addons for a month or for good, and what a permission group forbids."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from plans import catalogue
from plans.capacity import set_capacity
from plans.models import Entitlement, Source
from tenants.context import in_operator
from tenants.lookup import operator_by_id
from tenants.models import Operator


class NotSold(ValueError):
    """What was to be given isn't this seller's to give, or can't be had; the text says why."""


def seller_of(operator: Operator) -> Operator:
    """Who sells to an operator: the one above it; the owner for itself."""
    if operator.parent_id is None:
        return operator
    seller = operator_by_id(operator.parent_id)
    assert seller is not None
    return seller


def grant(
    operator: Operator,
    addon: str,
    quantity: int = 1,
    *,
    until: datetime | None = None,
    state: str = Entitlement.State.PURCHASED,
) -> Entitlement:
    """Give an operator an addon from now on, up to `until` (None: for good). As its seller. Raises NotSold.

    State LIMITED holds an operator that has an addon (the owner has all) to its limited quota instead.
    """
    known = catalogue.addon(addon)
    if not known.built:
        raise NotSold(f"{known.name} isn't for sale yet.")
    if quantity < 1:
        raise NotSold("At least one of an addon is bought.")
    now = timezone.now()
    if until is not None and until <= now:
        raise NotSold("That end is over already.")
    seller = seller_of(operator)
    with in_operator(seller), transaction.atomic():
        given = Entitlement.objects.create(
            operator_id=operator.pk, seller_id=seller.pk, addon=addon, state=state, quantity=quantity, since=now,
            until=until, source=Source.MANUAL,
        )  # fmt: skip
        set_capacity(operator.pk)
    return given


def revoke(operator: Operator, addon: str) -> int:
    """End what was given by hand of an addon, now; how many grants that were. What Stripe sold is cancelled there."""
    catalogue.addon(addon)
    now = timezone.now()
    seller = seller_of(operator)
    with in_operator(seller), transaction.atomic():
        running = Entitlement.objects.select_for_update().filter(
            operator_id=operator.pk, addon=addon, source=Source.MANUAL
        )
        ended = sum(_end(one, now) for one in running)
        set_capacity(operator.pk)
    return ended


def forbid(operator: Operator, addons: Collection[str]) -> None:
    """What the operator's permission group forbids, all of it: what is no longer named is allowed again."""
    for key in addons:
        catalogue.addon(key)
    now = timezone.now()
    seller = seller_of(operator)
    with in_operator(seller), transaction.atomic():
        mine = Entitlement.objects.select_for_update().filter(operator_id=operator.pk, source=Source.GROUP)
        there = {one.addon: one for one in mine if one.until is None}
        for key, one in there.items():
            if key not in addons:
                _end(one, now)
        for key in set(addons) - set(there):
            Entitlement.objects.create(
                operator_id=operator.pk, seller_id=seller.pk, addon=key, state=Entitlement.State.HIDDEN, since=now,
                source=Source.GROUP,
            )  # fmt: skip


def _end(one: Entitlement, now: datetime) -> bool:
    if one.until is not None and one.until <= now:
        return False
    one.until = max(now, one.since)
    one.save(update_fields=["until"])
    return True

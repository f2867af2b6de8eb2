"""What the operator above lets this one use: name, prices and state of its providers, and not one word more."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from portal.routing.models import CommonUse
from portal.tariffs.models import Rate
from tenants.context import current_operator, in_operator
from tenants.lookup import operator_by_id

MOST_PRICES = 50


class Offered(NamedTuple):
    """A provider for common use as the operator that may use it sees it. `provider_id` is its number above."""

    provider_id: int
    name: str
    active: bool
    currency: str


class OfferedPrice(NamedTuple):
    prefix: str
    destination: str
    price: Decimal
    connection_fee: Decimal
    min_seconds: int
    increment: int
    blocked: bool


def offered() -> list[Offered]:
    """By name. Empty for whoever may have no LCRs."""
    operator = current_operator()
    parent = operator_by_id(operator.parent_id) if operator.parent_id and operator.is_pro else None
    if parent is None:
        return []
    with in_operator(parent):
        rows = CommonUse.objects.filter(operator_id=operator.pk, provider__common_use=True)
        columns = ("provider_id", "provider__name", "provider__active", "tariff__currency")
        return [Offered(*row) for row in rows.order_by("provider__name").values_list(*columns)]


def offered_prices(provider_id: int, prefix: str = "") -> list[OfferedPrice]:
    """What we pay for a provider above, of prefixes that begin with `prefix` or that it begins with: the first ones.

    Raises LookupError for a provider that we may not use.
    """
    operator = current_operator()
    parent = operator_by_id(operator.parent_id) if operator.parent_id and operator.is_pro else None
    if parent is None:
        raise LookupError(provider_id)
    with in_operator(parent):
        agreed = CommonUse.objects.filter(
            operator_id=operator.pk, provider_id=provider_id, provider__common_use=True
        ).first()
        if agreed is None:
            raise LookupError(provider_id)
        rates = Rate.objects.filter(tariff=agreed.tariff_id).in_force()
        if prefix:
            rates = rates.within(prefix) | rates.holding(prefix)
        return [OfferedPrice(*row) for row in rates.order_by("prefix").values_list(*OfferedPrice._fields)[:MOST_PRICES]]

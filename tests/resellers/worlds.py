"""Small deeds for tests of operators above and below each other. Plain functions; each enters its operator itself."""

from __future__ import annotations

from decimal import Decimal

from opening.open_operator import Wish, open_operator
from portal.numbers.models import Location, Rule
from portal.people.models import Customer
from portal.routing.create_provider import create_provider
from portal.routing.models import Provider
from portal.tariffs.models import Rate, Tariff
from tenants.context import in_operator
from tenants.models import Operator


def tariff(operator: Operator, name: str, price: str, purpose: str = "sell", currency: str = "USD") -> Tariff:
    with in_operator(operator):
        made = Tariff.objects.create(name=name, purpose=purpose, currency=currency)
        Rate.objects.create(tariff=made, prefix="370", price=Decimal(price))
    return made


def common_provider(operator: Operator, name: str, cost: str = "0.3") -> Provider:
    buy = tariff(operator, f"costs of {name}", cost, "buy")
    with in_operator(operator):
        return create_provider(
            Provider(
                name=name, tariff=buy, host="192.0.2.77", username="secretuser", secret="verysecret", common_use=True
            )
        )


def row_of(parent: Operator, child: Operator) -> Customer:
    with in_operator(parent):
        return Customer.objects.get(operator_id=child.pk)


def global_rule(operator: Operator, **values) -> Rule:
    with in_operator(operator):
        place = Location.objects.standard()
        assert place is not None
        return Rule.objects.create(location=place, **values)


def opened(parent: Operator, name: str, **more) -> Operator:
    wish = {"name": name, "hosts": (f"{name.lower()}.localhost",), "currency": "EUR", "parent_id": parent.pk} | more
    return open_operator(Wish(**wish))

"""A small world for tests of the engine: prices at every level, a carrier, devices with money. Plain functions."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

from django.db import connection, connections

from fleet.models import Node
from ledger.accounts import house_account
from portal.devices.create_device import create_device
from portal.devices.models import Device
from portal.people.models import Customer
from portal.routing.create_provider import create_provider
from portal.routing.models import Lcr, LcrEntry, Provider
from portal.tariffs.models import Currency, Rate, Tariff
from tenants.context import in_operator

PREFIX = "370"


def tariff(name: str, currency: str, price: str, purpose: str = "sell", prefix: str = PREFIX, **rate) -> Tariff:
    made = Tariff.objects.create(name=name, currency=currency, purpose=purpose)
    Rate.objects.create(tariff=made, prefix=prefix, price=Decimal(price), **rate)
    return made


def provider(name: str, buy: Tariff, host: str = "127.0.0.1", port: int = 5999) -> Provider:
    return create_provider(Provider(name=name, tariff=buy, host=host, port=port))


def lcr(name: str, *providers: Provider | None, order: str = "priority") -> Lcr:
    made = Lcr.objects.create(name=name, order=order)
    for place, one in enumerate(providers):
        LcrEntry.objects.create(lcr=made, provider=one, priority=place)
    return made


def top_up(operator, customer: Customer, amount: str) -> None:
    """Money into a customer's account, from the operator's cash."""
    with in_operator(operator), connection.cursor() as cursor:
        cash = house_account(operator.pk, "cash", customer.currency)
        cursor.execute(
            "select ledger_post(%s, ledger_mint(), 'payment', %s, %s, %s, 'test', false)",
            [operator.pk, [cash], [customer.account_id], [Decimal(amount)]],
        )


def node(name: str = "test node") -> SimpleNamespace:
    """A node and its secret."""
    made = Node(name=name, kind=Node.Kind.SIMULATOR)
    secret = made.new_secret()
    connections["owner"].set_schema_to_public()
    made.save(using="owner")
    return SimpleNamespace(id=made.pk, token=f"{made.pk}.{secret}")


def stock(house, balance: str = "100") -> SimpleNamespace:
    """Root buys at 0.02 USD and sells to Acme at 0.06 EUR; Acme sells at 0.20; Beta (PRO) has a carrier of its own."""
    found = SimpleNamespace(house=house, node=node())
    with in_operator(house.root):
        Currency.objects.create(code="EUR", rate=Decimal("1.1"))
        buy = tariff("carrier costs", "USD", "0.02", "buy")
        found.first, found.second = provider("Carrier One", buy), provider("Carrier Two", buy)
        found.root_lcr = lcr("everything", found.first, found.second)
        found.acme_row = Customer.objects.get(operator_id=house.acme.pk)
        found.acme_row.tariff, found.acme_row.lcr = tariff("to resellers", "EUR", "0.06"), found.root_lcr
        found.acme_row.save()
        top_up(house.root, found.acme_row, balance)
    with in_operator(house.acme):
        found.carla = Customer.objects.get(name="Carla Ltd")
        found.carla.tariff = tariff("retail", "EUR", "0.20", min_seconds=1, increment=1)
        found.carla.save()
        top_up(house.acme, found.carla, balance)
        found.carlas_phone, found.carlas_secret = create_device(Device(customer=found.carla, name="Carla's phone"))
    with in_operator(house.beta):
        own = provider("Beta's own carrier", tariff("beta buys", "USD", "0.01", "buy"))
        found.dan = Customer.objects.get(name="Dan Ltd")
        found.dan.tariff, found.dan.lcr = tariff("beta sells", "USD", "0.10"), lcr("own", own)
        found.dan.save()
        top_up(house.beta, found.dan, balance)
        found.dans_phone, found.dans_secret = create_device(Device(customer=found.dan, name="Dan's phone"))
    connection.set_schema_to_public()
    return found

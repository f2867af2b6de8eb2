"""The demo's operators: an owner, two resellers (one PRO), their customers, devices, carriers and world-wide prices.

Everything goes the way it would go by hand (the same deeds), only the price lists come in bulk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from fleet.models import Node
from ledger.accounts import house_account
from ledger.posting import Leg, new_source, post
from opening.open_operator import Wish, open_operator
from portal.devices.create_device import create_device
from portal.devices.models import Device
from portal.numbers.models import Location, Rule
from portal.people.create_customer import create_customer
from portal.people.models import Customer, User
from portal.routing.create_provider import create_provider
from portal.routing.models import Lcr, LcrEntry, Provider
from portal.tariffs.models import Currency, Tariff
from telecom.world import Destination, destinations
from tenants.context import in_operator, leave_operator
from tenants.models import Operator

CENT = Decimal("0.0001")
COLUMNS = "tariff_id, prefix, destination, price, connection_fee, min_seconds, increment, effective_from, blocked"


@dataclass
class Made:
    """What the simulator needs to know: who calls with which number."""

    callers: list[dict[str, Any]]
    node_token: str


def make_world(base_domain: str, passwords: dict[str, str]) -> Made:
    """Open the three operators and fill them. `passwords` by user name."""
    root = open_operator(
        Wish("Northwind Voice", (f"root.{base_domain}",), "USD", kind="owner", timezone="Europe/London")
    )
    acme = open_operator(
        Wish(
            "Acme Telecom",
            (f"acme.{base_domain}",),
            "EUR",
            parent_id=root.pk,
            primary="#b3261e",
            timezone="Europe/Vilnius",
        )
    )
    beta = open_operator(
        Wish(
            "Beta Voice", (f"beta.{base_domain}",), "USD", kind="reseller_pro", parent_id=root.pk, primary="#00695c",
            timezone="America/New_York",
        )
    )  # fmt: skip
    world = destinations()
    _fill_root(root, acme, beta, world, passwords)
    callers = _fill_reseller(
        acme, world, "EUR", ("Baltic Traders", "Cafe Roma", "Dr. Weiss"), "3706", passwords, ("rita", "carla")
    )
    callers += _fill_reseller(
        beta, world, "USD", ("Harbor Logistics", "Main Street Dental"), "1212555", passwords, ("ben", "dan")
    )
    return Made(callers, _node())


def _fill_root(
    root: Operator, acme: Operator, beta: Operator, world: list[Destination], passwords: dict[str, str]
) -> None:
    with in_operator(root):
        _staff("olga", User.Role.OWNER, passwords)
        Currency.objects.create(code="EUR", rate=Decimal("1.08"))
        cheap = _priced("Carrier prices: Atlantic", "USD", Tariff.Purpose.BUY, world, Decimal(1))
        dear = _priced("Carrier prices: Meridian", "USD", Tariff.Purpose.BUY, world, Decimal("1.12"))
        carriers = [
            create_provider(Provider(name=name, tariff=tariff, host="127.0.0.1", port=port))
            for name, tariff, port in (("Atlantic Carrier", cheap, 5071), ("Meridian Carrier", dear, 5072))
        ]
        cheapest = _lcr("Cheapest first", Lcr.Order.PRICE, carriers)
        wholesale = _priced("Wholesale", "USD", Tariff.Purpose.SELL, world, Decimal("1.3"))
        for reseller, money in ((acme, "500"), (beta, "500")):
            row = Customer.objects.get(operator_id=reseller.pk)
            row.tariff, row.lcr = wholesale, cheapest
            row.save()
            _top_up(root, row, money)
        petra = create_customer(Customer(name="Petra Consulting", currency="USD", tariff=wholesale, lcr=cheapest))
        User.objects.create_user("petra", "petra@example.com", passwords["petra"], role="customer", customer=petra)
        _top_up(root, petra, "20")


def _fill_reseller(
    reseller: Operator, world: list[Destination], currency: str, names: tuple[str, ...], numbers: str,
    passwords: dict[str, str], users: tuple[str, str],
) -> list[dict[str, Any]]:  # fmt: skip
    callers: list[dict[str, Any]] = []
    with in_operator(reseller):
        _staff(users[0], User.Role.RESELLER, passwords)
        if currency != "USD":
            Currency.objects.create(code="USD", rate=Decimal("0.92"))
        retail = _priced("Retail", currency, Tariff.Purpose.SELL, world, Decimal("2.2"))
        lcr = None
        if reseller.is_pro:
            own = _priced("Own carrier's prices", currency, Tariff.Purpose.BUY, world, Decimal("1.05"))
            carrier = create_provider(Provider(name="Pacific Carrier", tariff=own, host="127.0.0.1", port=5073))
            lcr = _lcr("Own carrier, then the operator above", Lcr.Order.PRIORITY, [carrier, None])
        home = Location.objects.create(name="Office")
        Rule.objects.create(location=home, name="Trunk 00", cut="00", add="", min_length=9, max_length=20)
        Rule.objects.create(location=home, name="Plus", cut="+", add="", min_length=8, max_length=20)
        for place, name in enumerate(names):
            customer = create_customer(Customer(name=name, currency=currency, tariff=retail, lcr=lcr, call_limit=10))
            _top_up(reseller, customer, "100" if place else "250")
            if place == 0:
                User.objects.create_user(
                    users[1], f"{users[1]}@example.com", passwords[users[1]], role="customer", customer=customer
                )
            for phone in ("Front desk", "Office"):
                number = f"{numbers}{place}{len(callers):0{10 - len(numbers)}d}"[:11]
                made = create_device(Device(customer=customer, name=phone, location=home, caller_id=number))
                callers.append({"identity": made.device.username, "caller": number, "numbers": _called()})
    return callers


def _called() -> list[str]:
    """Who the simulated callers call: the ranges that regulators keep for films where there are any."""
    return [
        "+442079460123",
        "0044207946099",
        "12125550147",
        "4930239999123",
        "37060012345",
        "33199001234",
        "81355550100",
        "61255501234",
    ]


def _priced(name: str, currency: str, purpose: str, world: list[Destination], factor: Decimal) -> Tariff:
    """A price list over the whole world. Prices are made up, but the same for the same country everywhere."""
    tariff = Tariff.objects.create(name=name, currency=currency, purpose=purpose)
    with connection.cursor() as cursor, cursor.copy(f"copy tariffs_rate ({COLUMNS}) from stdin") as copy:
        for one in world:
            price = (_cost(one) * factor).quantize(CENT)
            seconds = (60, 60) if one.country in ("MX", "GM", "SR") else (1, 1)
            copy.write_row((tariff.pk, one.prefix, one.name, price, 0, *seconds, "2025-01-01T00:00:00Z", False))
    return tariff


def _cost(one: Destination) -> Decimal:
    drawn = int.from_bytes(hashlib.sha256(one.country.encode()).digest()[:2], "big")
    fixed = Decimal("0.004") + Decimal(drawn % 900) / 10_000
    return fixed * 3 if one.kind == "mobile" else fixed


def _lcr(name: str, order: str, providers: Sequence[Provider | None]) -> Lcr:
    made = Lcr.objects.create(name=name, order=order)
    for place, provider in enumerate(providers):
        LcrEntry.objects.create(lcr=made, provider=provider, priority=place)
    return made


def _staff(name: str, role: str, passwords: dict[str, str]) -> None:
    User.objects.create_user(name, f"{name}@example.com", passwords[name], role=role)


def _top_up(operator: Operator, customer: Customer, amount: str) -> None:
    cash = house_account(operator.pk, "cash", customer.currency)
    assert customer.account_id is not None
    post(
        operator.pk, new_source(), "payment", [Leg(cash, customer.account_id, Decimal(amount))], memo="Opening balance"
    )


def _node() -> str:
    node = Node(name="simulator", kind=Node.Kind.SIMULATOR)
    secret = node.new_secret()
    leave_operator()
    node.save(using="owner")
    return f"{node.pk}.{secret}"

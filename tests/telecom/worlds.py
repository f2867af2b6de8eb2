"""Small worlds for the tests: a root with two providers, a Reseller PRO below it, a plain reseller below that."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from telecom.book import (
    Book,
    Books,
    Customer,
    Device,
    Lcr,
    LcrEntry,
    Location,
    Operator,
    OperatorKind,
    Provider,
    RuleGroup,
    Tariff,
)
from telecom.deck import Deck, DeckRow, build
from telecom.pools import Pool

ROOT, PRO, SHOP = 1, 2, 3
ANNA = 100023  # the device of the shop's customer
NOW = 1_750_000_000_000_000

PRO_KIND, PLAIN_KIND = OperatorKind.RESELLER_PRO, OperatorKind.RESELLER


def deck(*rows: tuple[Any, ...]) -> Deck:
    """A deck of rows (prefix, rate a minute, connection fee, minimum time, increment)."""
    return Deck(
        build(
            DeckRow(prefix, Decimal(rate), *(Decimal(rest[0]), *rest[1:]) if rest else ())
            for prefix, rate, *rest in rows
        )
    )


def tariff(id: int, *rows: tuple[Any, ...], currency: str = "USD", **more: Any) -> Tariff:
    return Tariff(id, currency, deck(*rows), **more)


def provider(id: int, tariff_id: int, **more: Any) -> Provider:
    return Provider(id, 7000 + id, 5000 + id, more.pop("currency", "USD"), tariff_id, **more)


def lcr(id: int, *provider_ids: int | None, **more: Any) -> Lcr:
    """An LCR of these providers, in this priority; None is the parent's routing."""
    return Lcr(id, entries=tuple(LcrEntry(one, index) for index, one in enumerate(provider_ids)), **more)


def book(operator: Operator, *things: Any, **more: Any) -> Book:
    """A book of these customers, devices, locations, tariffs, LCRs, providers, rule groups and pools."""
    rooms = {
        Customer: "customers",
        Device: "devices",
        Location: "locations",
        Tariff: "tariffs",
        Lcr: "lcrs",
        Provider: "providers",
        RuleGroup: "rule_groups",
        Pool: "pools",
    }
    found: dict[str, dict[int, Any]] = {name: {} for name in rooms.values()}
    for one in things:
        found[rooms[type(one)]][one.id] = one
    return Book(operator, **found, **more)


def chain(**changes: Any) -> Books:
    """Root (providers 1, 2) < PRO (own provider 3, then the parent) < shop (plain) < customer 31 with device ANNA.

    `changes` replace things by name; a list of extra things goes to root_more, pro_more, shop_more.
    """
    c = changes.get
    root = book(
        c("root_operator", Operator(ROOT, None, PRO_KIND, "USD")),
        c("pro_row", Customer(11, 900, "USD", 10, 10, operator_id=PRO)),
        c("root_tariff", tariff(10, ("370", "0.05"), ("3706", "0.06"))),
        tariff(11, ("370", "0.01"), ("3706", "0.02")),
        tariff(12, ("370", "0.03")),
        c("root_first", provider(1, 11)),
        c("root_second", provider(2, 12)),
        c("root_lcr", lcr(10, 1, 2)),
        *c("root_more", ()),
    )
    pro = book(
        c("pro_operator", Operator(PRO, ROOT, PRO_KIND, "USD")),
        c("shop_row", Customer(21, 910, "USD", 20, 20, operator_id=SHOP)),
        c("pro_tariff", tariff(20, ("370", "0.08"))),
        c("pro_cost", tariff(21, ("370", "0.04"))),
        c("pro_provider", provider(3, 21)),
        c("pro_lcr", lcr(20, 3, None)),
        *c("pro_more", ()),
    )
    shop = book(
        c("shop_operator", Operator(SHOP, PRO, PLAIN_KIND, "USD")),
        c("customer", Customer(31, 920, "USD", 30)),
        c("device", Device(41, ANNA, 31, caller_id="37060000000")),
        c("shop_tariff", tariff(30, ("370", "0.10"))),
        *c("shop_more", ()),
    )
    return Books((root, pro, shop))


def single(*things: Any, **more: Any) -> Books:
    """A root alone: customer 1 pays by tariff 1 and is routed by LCR 1; ANNA is the device. Later things replace."""
    rooms: dict[tuple[type, int], Any] = {}
    default = (Customer(1, 900, "USD", 1, 1), Device(1, ANNA, 1, caller_id="37060000000"), tariff(1, ("3", "10")))
    for one in (*default, *things):
        rooms[type(one), one.id] = one
    operator = more.pop("operator", Operator(ROOT, None, PRO_KIND, "USD"))
    return Books([book(operator, *rooms.values(), **more)])


def carriers(**costs: str) -> list[Any]:
    """Providers and their tariffs from p1="0.10" and so on; each costs so much a minute for 3..."""
    found: list[Any] = []
    for name, cost in costs.items():
        id = int(name[1:])
        found += [provider(id, 100 + id), tariff(100 + id, ("3", cost))]
    return found

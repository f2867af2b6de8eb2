"""A few hundred calls with prices of all kinds: every level's charge is what fractions say, to the last digit."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

from django.db import connection

from portal.tariffs.models import Rate, Tariff
from switch_adapters.lab.independent_charge import Price, charge
from tenants.context import in_operator
from tests.exchange import look

CALLS = 300
PREFIXES = [f"3706{n}" for n in range(10)]


def deck(chance: random.Random, low: float, high: float) -> dict[str, Price]:
    """A price for each prefix; fees, minimums and increments as they come."""
    return {
        prefix: Price(
            prefix, Fraction(chance.randrange(round(low * 10**6), round(high * 10**6)), 10**6),
            Fraction(chance.choice([0, 0, 1, 33]), 1000), chance.choice([0, 1, 30, 60]),
            chance.choice([1, 1, 6, 10, 60]),
        )
        for prefix in PREFIXES
    }  # fmt: skip


def put(operator, tariff: Tariff, prices: dict[str, Price]) -> None:
    with in_operator(operator):
        Rate.objects.bulk_create(
            Rate(
                tariff=tariff, prefix=one.prefix, price=exact(one.per_minute), connection_fee=exact(one.connection_fee),
                min_seconds=one.minimum, increment=one.increment,
            )
            for one in prices.values()
        )  # fmt: skip
    connection.set_schema_to_public()


def exact(amount: Fraction) -> Decimal:
    return Decimal(amount.numerator) / Decimal(amount.denominator)


def test_every_charge_at_every_level_is_what_fractions_say(standing, at_node):
    shop, chance = standing.shop, random.Random(20261123)
    house = shop.house
    with in_operator(house.root):
        buying = Tariff.objects.get(name="carrier costs")
    decks = {"buy": deck(chance, 0.001, 0.02), "root": deck(chance, 0.02, 0.06), "acme": deck(chance, 0.06, 0.20)}
    for operator, tariff, prices in (
        (house.root, buying, decks["buy"]),
        (house.root, shop.acme_row.tariff, decks["root"]),
        (house.acme, shop.carla.tariff, decks["acme"]),
    ):
        put(operator, tariff, prices)
    look.books_are_current()
    look.set_balance(shop.carla.account_id, "100000")
    look.set_balance(shop.acme_row.account_id, "100000")
    planned = {}
    for nth in range(CALLS):
        prefix, milliseconds = (
            chance.choice(PREFIXES),
            chance.choice([1, 999, 1000, 1001, chance.randrange(1, 600_000)]),
        )
        planned[f"oracle {nth}"] = (prefix, Fraction(milliseconds, 1000), chance.randrange(2))
    for uuid, (prefix, _, _) in planned.items():
        answer = at_node.decide(uuid, shop.carlas_phone.username, f"{prefix}12345")
        assert answer["action"] == "route", answer
    uuids = list(planned)
    for begin in range(0, CALLS, 50):
        batch = [at_node.record(one, float(planned[one][1]), planned[one][2]) for one in uuids[begin : begin + 50]]
        assert len(at_node.deliver(*batch)) == len(batch)
    found = look.rows(
        "select uuid, level, sell::text, buy::text, buy_base::text, sell_currency, buy_currency from calls_call"
        " where uuid like 'oracle %%'"
    )
    assert len(found) == 2 * CALLS
    for uuid, level, *amounts in found:
        prefix, talked, _ = planned[uuid]
        carla, acme = charge(talked, decks["acme"][prefix]), charge(talked, decks["root"][prefix])
        carrier = charge(talked, decks["buy"][prefix])
        expected = [carla, acme, acme, "EUR", "EUR"] if level == 0 else [acme, carrier, carrier, "EUR", "USD"]
        assert amounts == expected, (uuid, level, prefix, float(talked))
    # And what was posted is what the rows say: the invariants, which are checked after every test.
    assert look.rows("select count(*) from ledger_transfer where kind = 'call'")[0][0] == 3 * CALLS

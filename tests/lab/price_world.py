"""Two resellers and their price lists for the big try: every price goes in as a CSV file, by the upload's own deed."""

from __future__ import annotations

import random
from datetime import UTC
from pathlib import Path
from types import SimpleNamespace

from django.db import connection

from portal.devices.create_device import create_device
from portal.devices.models import Device
from portal.people.models import Customer
from portal.routing.create_provider import create_provider
from portal.routing.models import Provider
from portal.tariffs.models import Currency, RateUpload, Tariff
from portal.tariffs.upload_rates import apply_upload, stage_upload
from tenants.context import in_operator
from tests.exchange.shop import lcr, node, top_up

PREFIXES = ["370", "3706", "37061", "4420", "44207", "4930", "33", "336", "1212"]
CUT = "371"  # 0.20 a minute, by the second: two cents are six seconds
# Nobody sells below cost here: the tenth decimals are random, the first are not.
LISTS = {"root-cost": "00", "root-to-resellers": "1", "acme-retail": "3", "beta-cost": "00", "beta-retail": "2"}


def write_price_lists(folder: Path, chance: random.Random) -> None:
    """Prices with up to ten decimals, fees, minimums and increments, as lists of the trade have them."""
    for name, begins in LISTS.items():
        lines = ["prefix;price;connection fee;min seconds;increment"]
        for prefix in PREFIXES:
            price = f"0,{begins}{chance.randrange(10**8, 10**9)}"[:12].rstrip("0")
            fee = chance.choice(["", "0,005", "0,0123456789"])
            minimum, increment = chance.choice([(0, 1), (1, 1), (6, 6), (10, 1), (30, 6), (3, 2)])
            lines.append(f"{prefix};{price};{fee};{minimum};{increment}")
        cheap = "0,20" if name == "acme-retail" else "0,01"
        lines.append(f"{CUT};{cheap};;0;1")
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")


def _tariff(folder: Path, name: str, currency: str, purpose: str = "sell") -> Tariff:
    made = Tariff.objects.create(name=name, currency=currency, purpose=purpose)
    upload = stage_upload(made, f"{name}.csv", (folder / f"{name}.csv").read_bytes(), RateUpload.Mode.ADD, UTC)
    assert isinstance(upload, RateUpload), upload
    apply_upload(upload, UTC)
    return made


def open_shops(house: SimpleNamespace, folder: Path, refusing: int, answering: int) -> SimpleNamespace:
    """Acme's Carla over root's two carriers, Beta's Dan over Beta's own two; the first of each refuses."""
    found = SimpleNamespace(house=house, node=node())

    def carriers(word: str, buy: Tariff) -> tuple[Provider, Provider]:
        first, second = Provider(name=f"{word} One", port=refusing), Provider(name=f"{word} Two", port=answering)
        for one in (first, second):
            one.tariff, one.host = buy, "127.0.0.1"
        return create_provider(first), create_provider(second)

    with in_operator(house.root):
        Currency.objects.create(code="EUR", rate="1.1")
        found.root_lcr = lcr("everything", *carriers("Carrier", _tariff(folder, "root-cost", "USD", "buy")))
        found.acme_row = Customer.objects.get(operator_id=house.acme.pk)
        found.acme_row.tariff, found.acme_row.lcr = _tariff(folder, "root-to-resellers", "EUR"), found.root_lcr
        found.acme_row.save()
        top_up(house.root, found.acme_row, "1000")
    with in_operator(house.acme):
        found.carla = Customer.objects.get(name="Carla Ltd")
        found.carla.tariff = _tariff(folder, "acme-retail", "EUR")
        found.carla.save()
        top_up(house.acme, found.carla, "1000")
        found.carlas_phone, found.carlas_secret = create_device(Device(customer=found.carla, name="Carla's phone"))
    with in_operator(house.beta):
        own = lcr("own", *carriers("Beta's carrier", _tariff(folder, "beta-cost", "USD", "buy")))
        found.dan = Customer.objects.get(name="Dan Ltd")
        found.dan.tariff, found.dan.lcr = _tariff(folder, "beta-retail", "USD"), own
        found.dan.save()
        top_up(house.beta, found.dan, "1000")
        found.dans_phone, found.dans_secret = create_device(Device(customer=found.dan, name="Dan's phone"))
    connection.set_schema_to_public()
    return found

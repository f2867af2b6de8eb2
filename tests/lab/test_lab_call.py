"""The big try: 200 real calls of two resellers' customers, and an independent calculation of every charge.

Numbers and answered times come from sipp's own message log, prices from the CSV files; nothing from our tables but
what is being judged. `make lab-call` runs this file and ends with its line of JSON.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from switch_adapters.lab.call_plan import Caller, Plan, plan_calls, talked, too_near
from switch_adapters.lab.independent_charge import Price, charge, longest, read_prices
from switch_adapters.lab.run_plan import play, register
from switch_adapters.lab.sipp import Heard, Phone, provider
from switch_adapters.lab.stand import Stand, eventually

pytestmark = [pytest.mark.lab, pytest.mark.slow]

CALLS = int(os.environ.get("LAB_CALLS", "200"))
RATE = 20
Charges = dict[tuple[str, str, str], str]  # (operator, number, "sell" or "buy") -> ten decimals


def _expected(prices: dict[str, dict[str, Price]], whose: dict[str, str], heard: dict[str, Heard]) -> Charges:
    """What each level of each answered call ought to sell and buy for."""
    wanted: Charges = {}
    for number, one in heard.items():
        seconds = talked(one)

        def cost(name: str, number: str = number, seconds: Fraction = seconds) -> str:
            price = longest(prices[name], number)
            assert price is not None
            return charge(seconds, price)

        if whose[number] == "acme":
            wanted[("acme", number, "sell")] = cost("acme-retail")
            wanted[("acme", number, "buy")] = wanted[("root", number, "sell")] = cost("root-to-resellers")
            wanted[("root", number, "buy")] = cost("root-cost")
        else:
            wanted[("beta", number, "sell")] = cost("beta-retail")
            wanted[("beta", number, "buy")] = cost("beta-cost")
    return wanted


def _charged(house: SimpleNamespace) -> Charges:
    """What was charged, by operator, number and side, refused and unanswered calls included."""
    from calls.models import Call
    from tenants.context import in_operator

    found: Charges = {}
    for name in ("root", "acme", "beta"):
        with in_operator(getattr(house, name)):
            for one in Call.objects.all():
                assert (name, one.called, "sell") not in found, "charged twice"
                found[(name, one.called, "sell")] = f"{one.sell:.10f}"
                found[(name, one.called, "buy")] = f"{one.buy:.10f}"
    return found


def _differing(wanted: Charges, charged: Charges) -> set[tuple[str, str, str]]:
    return {key for key in wanted.keys() | charged.keys() if wanted.get(key) != charged.get(key)}


def _violations() -> list[str]:
    from django.db import connections

    from calls.invariants import violations as of_calls
    from ledger.invariants import violations as of_ledger

    connections["owner"].set_schema_to_public()
    with connections["owner"].cursor() as cursor:
        return of_ledger(cursor) + of_calls(cursor)


def _holds(house: SimpleNamespace) -> int:
    from ledger.models import Hold
    from tenants.context import in_operator

    count = 0
    for name in ("root", "acme", "beta"):
        with in_operator(getattr(house, name)):
            count += Hold.objects.count()
    return count


def _replanted(folder: Path, tmp_path: Path, plan: Plan) -> tuple[dict[str, dict[str, Price]], str]:
    """The same price files with one wrong rate: one millionth more in Acme's list, for a prefix that was called."""
    wrong = tmp_path / "wrong"
    shutil.copytree(folder, wrong)
    file = wrong / "acme-retail.csv"
    known = read_prices(file)
    acme = [longest(known, one.called) for one in plan.talkers[::2]]
    prefix = next(one.prefix for one in acme if one is not None)
    lines = file.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith(f"{prefix};"))
    cells = lines[at].split(";")
    cells[1] = str(Decimal(cells[1].replace(",", ".")) + Decimal("0.000001")).replace(".", ",")
    lines[at] = ";".join(cells)
    file.write_text("\n".join(lines) + "\n")
    return {one.stem: read_prices(one) for one in wrong.glob("*.csv")}, prefix


def test_two_hundred_real_calls_are_charged_to_the_last_digit(open_house, installation, tmp_path: Path) -> None:
    from tests.exchange.conftest import Exchange
    from tests.lab.price_world import CUT, PREFIXES, open_shops, write_price_lists
    from tests.lab.test_real_calls import _leave_carla

    folder = tmp_path / "prices"
    folder.mkdir()
    chance = random.Random(20)
    write_price_lists(folder, chance)
    refusing, answering = provider("reject.xml", code=503), provider("answer.xml", ring_ms=1500)
    shop = open_shops(open_house, folder, refusing.port, answering.port)
    callers = [
        Caller(shop.carlas_phone.username, shop.carlas_secret),
        Caller(shop.dans_phone.username, shop.dans_secret),
    ]
    plan = plan_calls(callers, PREFIXES, CALLS, quitting=CALLS // 10, chance=chance)
    whose = {
        one.called: "acme" if one.identity == callers[0].identity else "beta" for one in (*plan.talkers, *plan.quitters)
    }
    exchange = Exchange()
    stand = Stand(installation, [exchange.url], shop.node.token)
    try:
        exchange.start()
        stand.start()
        assert register(stand, [*plan.talkers, *plan.quitters]), stand.logs()
        played = play(stand, plan, answering, rate=RATE)
        assert played.phones_failed == 0, played.trouble + stand.logs()
        assert eventually(lambda: len(_charged(open_house)) >= len(_expected_keys(whose)), 30, 0.5), stand.logs()
        eventually(lambda: _holds(open_house) == 0, 10, 0.5)
        prices = {one.stem: read_prices(one) for one in folder.glob("*.csv")}
        assert set(played.heard) == set(whose)
        assert not [one for one in played.heard.values() if too_near(talked(one))]
        charged = _charged(open_house)
        mismatched = _differing(_expected(prices, whose, played.heard), charged)
        planted, prefix = _replanted(folder, tmp_path, plan)
        found = _differing(_expected(planted, whose, played.heard), charged) - mismatched
        holds_left = _holds(open_house)
        sold = {number for operator, number, side in found if (operator, side) == ("acme", "sell")}
        under = {
            number
            for number, one in played.heard.items()
            if whose[number] == "acme" and talked(one) and longest(prices["acme-retail"], number).prefix == prefix  # type: ignore[union-attr]
        }

        _leave_carla(SimpleNamespace(shop=shop, house=open_house), "0.02")
        run = stand.phones("cut.xml", [Phone(callers[0].identity, callers[0].secret, f"{CUT}60012345")])
        assert run.wait(30) == 0, run.trouble() + stand.logs()
        last = next(one for one in answering.heard() if one.number.startswith(CUT))
        assert eventually(lambda: _holds(open_house) == 0)
        report = {
            "calls": len(played.heard),
            "answered": sum(one.answered_at is not None for one in played.heard.values()),
            "charges": len(charged),
            "mismatched_charges": len(mismatched),
            "planted_found": bool(under) and sold == under == {number for _, number, _ in found},
            "holds_left": holds_left,
            "violations": len(_violations()),
            "cutoff_overrun_s": round(max(0.0, float(talked(last)) - 6), 3),
            "cutoff_talked_s": round(float(talked(last)), 3),
        }
    finally:
        stand.stop()
        exchange.kill(signal.SIGTERM)
        refusing.stop()
        answering.stop()
    if place := os.environ.get("LAB_CALL_REPORT"):
        Path(place).write_text(json.dumps(report))
    print(json.dumps(report))
    assert report["calls"] == CALLS
    assert report["mismatched_charges"] == 0, sorted(mismatched)[:10]
    assert report["planted_found"]
    assert report["holds_left"] == 0
    assert report["violations"] == 0, _violations()
    assert report["cutoff_overrun_s"] <= 3
    assert 5 < report["cutoff_talked_s"]


def _expected_keys(whose: dict[str, str]) -> list[str]:
    """One entry for every level and side: a reseller's call is seen by the reseller and by root, a PRO's by the PRO."""
    return [number for number, owner in whose.items() for _ in range(4 if owner == "acme" else 2)]

"""The database closed or frozen under the exchange: it refuses in time, loses nothing, and comes back by itself."""

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import httpx
import pytest

from tests.exchange import look
from tests.exchange.conftest import Exchange
from tests.exchange.node import Node
from tests.exchange.proxy import Proxy


@pytest.fixture
def wire(postgres, own_database):
    made = Proxy(f"{postgres.dsn['host']}/.s.PGSQL.{postgres.dsn['port']}")
    yield made
    made.stop()


@pytest.fixture
def exchange(wire, shop):
    made = Exchange(TANDEM_DB_HOST=wire.folder.name, TANDEM_DB_PORT="5432")
    made.start()
    yield made
    made.kill()


def timed(deed):
    begun = time.monotonic()
    return deed(), time.monotonic() - begun


@pytest.mark.parametrize(("away", "back"), [("close", "open"), ("freeze", "thaw")])
def test_calls_are_refused_in_time_and_go_again_within_ten_seconds(exchange, wire, shop, away, back):
    node, phone = Node(exchange.url, shop.node.token), shop.carlas_phone.username
    assert node.decide("before", phone)["action"] == "route"
    record = node.record("before", 29.5)
    getattr(wire, away)()
    slowest = 0.0
    for round_ in range(3):
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda n: timed(lambda: node.decide(f"away {round_} {n}", phone)), range(10)))  # noqa: B023
        assert {(answer["action"], answer["cause"], answer["sip_code"]) for answer, _ in answers} == {
            ("reject", 41, 503)
        }
        slowest = max(slowest, *(took for _, took in answers))
        time.sleep(2)
    print(f"{away}: the slowest refusal took {slowest:.2f} s")
    assert slowest < 1.5
    # What is no decision may wait a little, and is to be sent again.
    told, took = timed(lambda: node.http.post("/node/records", json={"records": [record]}))
    assert (told.status_code, told.json(), took < 10) == (200, {"settled": []}, True)
    for path, body in (
        ("extend", {"boot": "b1", "uuid": "before", "talked_seconds": 30}),
        ("reconcile", {"boot": "b1", "live": []}),
        ("events", {"events": [node.event("before", "answer")]}),
    ):
        told, took = timed(lambda: node.http.post(f"/node/{path}", json=body))  # noqa: B023
        assert (told.status_code, took < 10) == (503, True), (path, told.text, took)
    getattr(wire, back)()
    begun = time.monotonic()
    tries = iter(range(1000))
    assert look.eventually(lambda: node.decide(f"after {next(tries)}", phone)["action"] == "route", 10)
    print(f"{back}: calls again after {time.monotonic() - begun:.2f} s")
    before = look.balance(shop.carla.account_id)
    assert look.eventually(lambda: node.deliver(record) == ["before"], 10)
    assert look.eventually(lambda: look.balance(shop.carla.account_id) == before - Decimal("0.1"))
    assert node.reconcile()["unknown"] == []
    # A Decide that was given up may be held all the same: the node never carried it, so it is closed unanswered.
    look.rows("update calls_livecall set last_seen_at = now() - interval '60 seconds'")
    assert look.eventually(lambda: (node.reconcile(), look.rows("select id from calls_livecall") == [])[1])
    assert look.balance(shop.carla.account_id) == before - Decimal("0.1")


def test_a_connection_cut_after_the_commit_settles_once(exchange, wire, shop):
    node, phone = Node(exchange.url, shop.node.token), shop.carlas_phone.username
    before = look.balance(shop.carla.account_id)
    for n in range(20):
        assert look.eventually(lambda: node.decide(f"cut {n}", phone)["action"] == "route"), n  # noqa: B023
    records = [node.record(f"cut {n}", 29.5) for n in range(20)]
    with ThreadPoolExecutor(4) as pool:
        sent = [
            pool.submit(node.deliver, node.record(f"cut {n}", 29.5, started_at=1_800_000_000_000_000))
            for n in range(20)
        ]
        for _ in range(5):
            time.sleep(0.02)
            wire.close()
            wire.open()
        for one in sent:
            one.exception()
    for record in records:
        assert look.eventually(lambda: node.deliver(record) == [record["uuid"]]), record  # noqa: B023
    assert look.balance(shop.carla.account_id) == before - Decimal("0.1") * 20


def test_health_answers_while_the_database_is_away(exchange, wire):
    from django.conf import settings

    wire.close()
    headers = {"authorization": f"Bearer {settings.EXCHANGE_KEY}"}
    told = httpx.post(f"{exchange.url}/page/health", json={}, headers=headers, timeout=2)
    assert told.status_code == 200
    hung = httpx.post(f"{exchange.url}/page/hangup", json={"operator": 1, "call": 1}, headers=headers, timeout=8)
    assert (hung.status_code, hung.json()) == (503, {"error": "The database is away; ask again in a moment."})

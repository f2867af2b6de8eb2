"""What operators change is what calls are decided by within seconds; a book that can't be kept up refuses."""

import os
import signal
import subprocess
import time

import pytest
from django.db import connection

from portal.devices.models import Device
from portal.people.models import Customer
from portal.tariffs.models import Rate
from tenants.context import in_operator
from tests.exchange import look
from tests.exchange.node import Node


@pytest.fixture
def carla(standing, at_node):
    """Asks as Carla; the cause of the refusal, or what a minute costs."""
    account = standing.shop.carla.account_id

    def ask(uuid):
        before = look.balance(account)
        answer = at_node.decide(uuid, standing.shop.carlas_phone.username)
        if answer["action"] == "reject":
            return answer["cause"]
        at_node.end(uuid, 59.5)
        return str((before - look.balance(account)).normalize())

    return ask


def price(standing, per_minute):
    with in_operator(standing.shop.house.acme):
        Rate.objects.update(price=per_minute)
    connection.set_schema_to_public()


def builders(exchange):
    found = subprocess.run(["pgrep", "-P", str(exchange.process.pid)], capture_output=True, text=True).stdout.split()
    return [int(one) for one in found]


def identities(at_node):
    return {one["username"] for one in at_node.provision()["devices"]}


@pytest.mark.parametrize(
    ("whose", "cause"), [("device", 201), ("customer", 201), ("operator", 202), ("operator's customer", 202)]
)
def test_who_is_suspended_is_refused_and_not_provisioned(standing, at_node, carla, whose, cause):
    shop, house = standing.shop, standing.shop.house

    def state(value):
        if whose == "operator":
            look.rows("update tenants_operator set state = %s where id = %s", value, house.acme.pk)
        else:
            operator, model, row = {
                "device": (house.acme, Device, shop.carlas_phone),
                "customer": (house.acme, Customer, shop.carla),
                "operator's customer": (house.root, Customer, shop.acme_row),
            }[whose]
            with in_operator(operator):
                model.objects.filter(pk=row.pk).update(state=value)
            connection.set_schema_to_public()
        look.books_are_current()

    phone = shop.carlas_phone.username
    assert look.eventually(lambda: phone in identities(at_node))
    before = at_node.provision()["version"]
    after = time.time_ns() // 1000
    state("suspended")
    assert carla(f"{whose} suspended") == cause
    if whose != "operator's customer":
        assert look.eventually(lambda: phone not in identities(at_node))
        assert at_node.provision()["version"] != before
        told = at_node.say("commands", after=after, wait_seconds=5)["commands"]
        assert "provision" in {one["kind"] for one in told}
    state("active")
    assert carla(f"{whose} active") == "0.2"
    assert look.eventually(lambda: at_node.provision()["version"] == before)


def test_a_change_whose_notice_was_lost_is_seen_at_the_next_comparison(standing, carla):
    # Deaf: nothing hears the notice, the version is compared a few seconds later.
    killed = look.as_superuser(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        " and usename = 'tandem_engine' and query ilike '%tenants_bookversion%'"
    )
    assert killed
    price(standing, "0.3")
    look.books_are_current()
    assert carla("lost notice") == "0.3"
    price(standing, "0.2")
    look.books_are_current()


def test_a_builder_that_is_killed_is_started_again(standing, carla):
    (builder,) = builders(standing.exchange)
    os.kill(builder, signal.SIGKILL)
    price(standing, "0.4")
    look.books_are_current()
    assert carla("new builder") == "0.4"
    assert builders(standing.exchange) not in ([], [builder])
    price(standing, "0.2")
    look.books_are_current()


def test_a_restarted_exchange_maps_its_files_and_decides_at_once(standing, at_node, carla):
    standing.exchange.kill(signal.SIGKILL)
    standing.exchange.start()
    begun = time.monotonic()
    assert carla("mapped") == "0.2"
    assert time.monotonic() - begun < 1


def test_an_operator_that_is_closed_has_no_calls(standing, at_node, carla):
    look.rows("update tenants_operator set state = 'closed' where id = %s", standing.shop.house.acme.pk)
    assert look.eventually(lambda: carla(f"closed {time.time_ns()}") == 200)
    assert look.eventually(lambda: standing.shop.carlas_phone.username not in identities(at_node))
    assert standing.shop.dans_phone.username in identities(at_node)
    look.rows("update tenants_operator set state = 'active' where id = %s", standing.shop.house.acme.pk)
    look.books_are_current()
    assert look.eventually(lambda: carla(f"open {time.time_ns()}") == "0.2")


def test_a_book_that_stays_behind_for_half_a_minute_refuses_its_operator_s_calls(standing, at_node, carla):
    (builder,) = builders(standing.exchange)
    os.kill(builder, signal.SIGSTOP)
    try:
        price(standing, "0.5")
        time.sleep(1)
        assert carla("old price") == "0.2"
        assert look.eventually(lambda: carla(f"stale {time.time_ns()}") == 41, 40)
        # Others, whose books are current, call on.
        assert at_node.decide("dan", standing.shop.dans_phone.username)["action"] == "route"
        at_node.end("dan", 1)
    finally:
        os.kill(builder, signal.SIGCONT)
    assert look.eventually(lambda: carla(f"again {time.time_ns()}") == "0.5", 15)


def test_a_new_node_is_known_and_a_retired_one_is_not(standing):
    from tests.exchange import shop as shops

    made = shops.node("fresh node")
    node = Node(standing.exchange.url, made.token)
    assert look.eventually(lambda: node.http.get("/node/provision").status_code == 200, 3)
    look.rows("update fleet_node set active = false where id = %s", made.id)
    assert look.eventually(lambda: node.http.get("/node/provision").status_code == 401, 15)


def test_nodes_are_told_what_to_do_with_emergency_calls_when_nobody_answers(standing):
    """Kept by the node in a file of its own: help must be reachable with every exchange gone."""
    import os

    from tests.exchange.conftest import Exchange

    other = Exchange()
    os.environ.update(EMERGENCY_NUMBERS="112 911", EMERGENCY_ENDPOINT=standing.shop.first.endpoint)
    try:
        other.start()
        node = Node(other.url, standing.shop.node.token)
        assert look.eventually(lambda: node.provision()["version"])
        provision = node.provision()
        assert provision["emergency_numbers"] == ["112", "911"]
        assert provision["emergency_endpoint"] == standing.shop.first.endpoint
    finally:
        other.kill()
        for name in ("EMERGENCY_NUMBERS", "EMERGENCY_ENDPOINT"):
            del os.environ[name]

"""Events, extends and records of several calls, in any order and as often as you like: the same balances."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.exchange import look

NUMBER = itertools.count()
LENGTHS = (None, 7.3, 61.5, 119.6)
MESSAGES = ("ring", "answer", "end", "extend 30", "extend 90", "record", "record")


@pytest.fixture(scope="module")
def plain(standing):
    """What Carla, Acme and the two carriers pay or get for each length and route, each call alone and in order."""
    return {}


def accounts(shop):
    return [shop.carla.account_id, shop.acme_row.account_id, shop.first.account_id, shop.second.account_id]


def say(at_node, uuid, route, record, message):
    kind, _, talked = message.partition(" ")
    if kind == "extend":
        at_node.extend(uuid, int(talked))
    elif kind == "record":
        assert at_node.deliver(record) == [uuid]
    else:
        at_node.tell(at_node.event(uuid, kind, route=route))


def play(standing, at_node, calls, order):
    """Decide all, then the messages in that order; what every account moved by."""
    shop = standing.shop
    before = [look.balance(one) for one in accounts(shop)]
    made = []
    for length, route in calls:
        uuid = f"order {next(NUMBER)}"
        assert at_node.decide(uuid, shop.carlas_phone.username)["action"] == "route"
        made.append((uuid, route, at_node.record(uuid, length, route)))
    for nth, message in order:
        say(at_node, *made[nth], message)
    for uuid, _, record in made:  # a record is sent until it is settled
        assert at_node.deliver(record) == [uuid]
    return [look.balance(one) - was for one, was in zip(accounts(shop), before, strict=True)]


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_any_order_and_repetition_ends_in_the_balances_of_the_plain_order(standing, at_node, plain, data):
    calls = data.draw(st.lists(st.tuples(st.sampled_from(LENGTHS), st.sampled_from((0, 1))), min_size=1, max_size=3))
    messages = [(nth, one) for nth in range(len(calls)) for one in MESSAGES]
    repeated = data.draw(st.lists(st.sampled_from(messages), max_size=4))
    lost = data.draw(st.sets(st.integers(0, len(messages) - 1), max_size=8))
    kept = [one for place, one in enumerate(messages) if place not in lost]
    order = data.draw(st.permutations(kept + repeated))
    for call in calls:
        if call not in plain:
            plain[call] = play(standing, at_node, [call], [(0, one) for one in MESSAGES])
    expected = [sum(column) for column in zip(*(plain[call] for call in calls), strict=True)]
    look.set_balance(standing.shop.carla.account_id, "1000")
    assert play(standing, at_node, calls, order) == expected

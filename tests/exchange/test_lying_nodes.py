"""A node may be broken, or lie: the worst it does is to its own calls, and every answer is a sentence."""

import time

import pytest

from tests.exchange import look
from tests.exchange import shop as shops
from tests.exchange.node import SECOND, Node

HUGE = 2**62


@pytest.fixture
def call(standing, at_node):
    """Admits a call of Carla's; what it cost her in the end."""
    account = standing.shop.carla.account_id
    before = look.balance(account)

    def cost():
        return before - look.balance(account)

    uuid = f"lie {time.time_ns()}"
    assert at_node.decide(uuid, standing.shop.carlas_phone.username)["action"] == "route"
    return uuid, cost


def row(uuid):
    columns = "started_at, answered_at, ended_at, talk_seconds, sell, estimated, route_index"
    found = look.rows(f"select {columns} from calls_call where uuid = %s and level = 0 and revision = 0", uuid)
    return dict(zip(columns.split(", "), found[0], strict=True))


@pytest.mark.parametrize("route", [-1, 2, 99, HUGE])
def test_an_answer_over_a_route_that_was_not_offered_is_an_estimate(call, at_node, route):
    uuid, cost = call
    assert at_node.end(uuid, 29.5, route) == [uuid]
    assert cost() == look.Decimal("0.1")
    assert row(uuid)["estimated"]
    assert at_node.end(uuid, 59.5, route=1) == [uuid]  # the true record
    assert cost() == look.Decimal("0.2")


@pytest.mark.parametrize("seconds", [-5, -HUGE / SECOND / 2, 0])
def test_a_negative_length_costs_nothing(call, at_node, seconds):
    uuid, cost = call
    assert at_node.end(uuid, seconds) == [uuid]
    assert (cost(), row(uuid)["talk_seconds"]) == (0, 0)


def test_a_length_beyond_belief_costs_the_most_that_was_allowed(call, at_node, standing):
    uuid, cost = call
    assert at_node.end(uuid, HUGE / SECOND / 2) == [uuid]
    assert cost() == look.Decimal(24)  # two hours at 0.20
    look.set_balance(standing.shop.carla.account_id, "100")


@pytest.mark.parametrize("started", [0, -HUGE, HUGE, 10**15, 4 * 10**15])
def test_a_clock_that_is_far_off_bills_right_and_stands_at_its_time_in_the_list(call, at_node, started):
    uuid, cost = call
    assert at_node.end(uuid, 29.5, started_at=started) == [uuid]
    assert cost() == look.Decimal("0.1")
    found = row(uuid)
    assert abs(found["started_at"].timestamp() - time.time()) < 60
    assert (found["ended_at"] - found["answered_at"]).total_seconds() == pytest.approx(29.5)


def test_nonsense_in_every_field_of_an_attempt_is_settled_all_the_same(call, at_node):
    uuid, cost = call
    record = at_node.record(uuid, 29.5, ended_by="x" * 4000)
    silly = {"route_index": HUGE, "started_at": -HUGE, "ended_at": HUGE, "cause": HUGE, "sip_code": -HUGE}
    record["attempts"] = [silly] * 500 + record["attempts"]
    assert at_node.deliver(record) == [uuid]
    assert cost() == 0  # an answer behind a hundred other attempts is not believed


def test_an_event_from_another_century_changes_no_estimate(call, at_node):
    uuid, cost = call
    at_node.tell(at_node.event(uuid, "answer", at=HUGE), at_node.event(uuid, "ring", at=-HUGE, route=-HUGE))
    look.ago(uuid, 100)
    at_node.reconcile()
    assert cost() <= look.Decimal("0.01")
    assert row(uuid)["estimated"]


def test_a_record_of_a_call_of_another_node_settles_nothing(call, at_node, standing):
    uuid, cost = call
    stranger = Node(standing.exchange.url, shops.node("another node").token)
    assert stranger.end(uuid, 50) == [uuid]  # it may forget it
    stranger.tell(stranger.event(uuid, "answer"))
    assert stranger.extend(uuid, 30) == {"uuid": uuid, "granted_seconds": 0, "last": True}
    assert cost() == 0
    other_boot = Node(standing.exchange.url, standing.shop.node.token, boot="another boot")
    other_boot.end(uuid, 50)
    assert cost() == 0
    at_node.end(uuid, 29.5)
    assert cost() == look.Decimal("0.1")


def test_a_record_before_its_decide_settles_nothing_and_the_call_is_closed_unanswered(standing, at_node):
    shop = standing.shop
    before = look.balance(shop.carla.account_id)
    assert at_node.end("early", 50) == ["early"]
    assert at_node.decide("early", shop.carlas_phone.username)["action"] == "route"
    look.ago("early", 60)
    at_node.reconcile()
    assert look.balance(shop.carla.account_id) == before
    assert row("early")["talk_seconds"] == 0


def test_a_decide_after_the_call_is_over_is_refused(call, at_node, standing):
    uuid, cost = call
    at_node.end(uuid, 29.5)
    again = at_node.decide(uuid, standing.shop.carlas_phone.username)
    assert (again["action"], again["text"]) == ("reject", "This call is over already.")
    assert cost() == look.Decimal("0.1")


def test_one_bad_record_does_not_keep_the_others_waiting(call, at_node):
    uuid, cost = call
    unknown = at_node.record("never heard of", 10, started_at=HUGE)
    assert at_node.deliver(unknown, at_node.record(uuid, 29.5)) == ["never heard of", uuid]
    assert cost() == look.Decimal("0.1")


def test_talk_of_minus_and_of_ages_grants_no_more_than_a_slice_at_a_time(call, at_node):
    uuid, _ = call
    assert at_node.extend(uuid, -HUGE)["granted_seconds"] == 60
    assert at_node.extend(uuid, HUGE)["granted_seconds"] == 120
    at_node.end(uuid, 1)


def test_a_live_list_with_nonsense_is_borne(call, at_node):
    uuid, _ = call
    live = [
        {"uuid": uuid, "answered_at": HUGE},
        {"uuid": uuid, "answered_at": -HUGE},
        {"uuid": "", "answered_at": None},
    ]
    answer = at_node.reconcile(*live)
    assert answer["unknown"] == []  # only what is unknown for a while
    at_node.end(uuid, 1)

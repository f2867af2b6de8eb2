"""A call whose end nobody tells is closed once, by estimate; its record, if it comes, corrects it."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from tests.exchange import look
from tests.exchange.node import SECOND, now


@pytest.fixture
def carla(standing):
    """What Carla pays from here on."""
    account = standing.shop.carla.account_id
    before = look.balance(account)
    return lambda: before - look.balance(account)


@pytest.fixture
def decide(standing, at_node):
    def ask(uuid):
        assert at_node.decide(uuid, standing.shop.carlas_phone.username)["action"] == "route"

    return ask


def since(uuid, answered, seen):
    """Let a live call have been answered and last seen so many seconds ago."""
    look.rows(
        "update calls_livecall set answered_at = now() - make_interval(secs => %s),"
        " last_seen_at = now() - make_interval(secs => %s) where uuid = %s",
        answered, seen, uuid,
    )  # fmt: skip


def final(uuid, *columns):
    return look.rows(f"select {', '.join(columns)} from calls_call where uuid = %s order by level, revision", uuid)


def test_it_ends_when_it_was_last_seen(at_node, decide, carla):
    decide("e1")
    at_node.tell(at_node.event("e1", "answer"))
    since("e1", answered=80.5, seen=50.5)
    at_node.reconcile()
    assert carla() == Decimal("0.1")  # 30 s
    assert final("e1", "estimated", "ended_by") == [(True, "estimate")] * 2


def test_it_never_lasts_longer_than_was_paid_for(at_node, decide, carla):
    decide("e2")
    at_node.tell(at_node.event("e2", "answer"))
    since("e2", answered=5000, seen=60)
    at_node.reconcile()
    assert carla() == Decimal("0.2")


def test_a_call_nobody_answered_costs_nothing(at_node, decide, carla):
    decide("e3")
    at_node.tell(at_node.event("e3", "ring"))
    look.ago("e3", 60)
    at_node.reconcile()
    assert carla() == 0


def test_it_is_charged_over_the_route_that_answered(standing, at_node, decide):
    second = look.balance(standing.shop.second.account_id)
    decide("e4")
    at_node.tell(at_node.event("e4", "ring"), at_node.event("e4", "answer", route=1))
    since("e4", answered=110.5, seen=50.5)
    at_node.reconcile()
    assert look.balance(standing.shop.second.account_id) == second + Decimal("0.02")
    assert final("e4", "route_index", "provider_label") == [(1, ""), (1, "Carrier Two")]


def test_answer_and_end_told_together_after_a_crash_keep_the_answer_and_do_not_prolong(at_node, decide, carla):
    decide("e5")
    look.rows("update calls_livecall set last_seen_at = now() - interval '50 seconds' where uuid = 'e5'")
    # The call was decided just now, so its answer can't lie before: it is put at the decision.
    at_node.tell(at_node.event("e5", "end"), at_node.event("e5", "answer", at=now() - 70 * SECOND, route=1))
    assert look.rows("select state, route_index, now() - last_seen_at > interval '49 seconds' from calls_livecall") == [
        ("ended", 1, True)
    ]
    since("e5", answered=70.5, seen=50.5)
    at_node.reconcile()
    assert carla() == Decimal("0.0666666667")  # 20 s


def test_a_call_that_is_still_seen_is_left_alone(at_node, decide):
    decide("e6")
    look.ago("e6", 60)
    answer = at_node.reconcile({"uuid": "e6", "answered_at": now()})
    assert answer["grants"] == [{"uuid": "e6", "granted_seconds": 60, "last": False}]
    assert final("e6", "id") == []
    at_node.end("e6", 1)


def test_while_records_wait_on_the_node_nothing_is_estimated(at_node, decide):
    decide("e7")
    look.ago("e7", 60)
    at_node.reconcile(waiting=1)
    assert final("e7", "id") == []
    at_node.end("e7", 1)


@pytest.mark.parametrize(("seconds", "charge"), [(12.2, "0.0433333333"), (59.5, "0.2"), (None, "0"), (119.5, "0.4")])
def test_the_record_corrects_the_estimate_to_the_last_digit(at_node, decide, carla, seconds, charge):
    uuid = f"e8 {seconds}"
    decide(uuid)
    at_node.tell(at_node.event(uuid, "answer"))
    since(uuid, answered=80.5, seen=50.5)
    at_node.reconcile()
    assert carla() == Decimal("0.1")
    record = at_node.record(uuid, seconds)
    assert at_node.deliver(record) == [uuid]
    assert carla() == Decimal(charge)
    assert at_node.deliver(record, record) == [uuid, uuid]
    at_node.reconcile()
    assert carla() == Decimal(charge)
    assert look.rows("select sum(sell) from calls_call where uuid = %s and level = 0", uuid) == [(Decimal(charge),)]
    # Of a call that nobody answered the carrier is taken back whole: one revision more.
    assert look.rows("select max(revision) from calls_call where uuid = %s and level = 0", uuid) == [(1,)]
    assert look.rows("select max(revision) from calls_call where uuid = %s", uuid) == [(2 if seconds is None else 1,)]


def test_estimate_and_record_at_once_end_in_the_record(standing, at_node, decide, carla):
    uuids = [f"e9 {n}" for n in range(20)]
    for uuid in uuids:
        decide(uuid)
    at_node.tell(*(at_node.event(uuid, "answer") for uuid in uuids))
    for uuid in uuids:
        since(uuid, answered=80.5, seen=50.5)
    records = [at_node.record(uuid, 59.5) for uuid in uuids]
    with ThreadPoolExecutor(8) as pool:
        closing = [pool.submit(at_node.reconcile) for _ in range(4)]
        delivered = [pool.submit(at_node.deliver, record) for record in records for _ in range(2)]
        assert all(one.result() for one in [*closing, *delivered])
    assert carla() == Decimal("0.2") * 20


def test_a_node_that_is_silent_for_good_has_its_calls_closed_after_their_deadline(at_node, decide, carla):
    decide("e10")
    at_node.tell(at_node.event("e10", "answer"))
    since("e10", answered=80.5, seen=50.5)
    look.rows("update calls_livecall set deadline_at = now() - interval '1 second' where uuid = 'e10'")
    assert look.eventually(lambda: final("e10", "id"), 25)
    assert carla() == Decimal("0.1")


def test_a_call_past_its_deadline_that_a_node_still_carries_is_hung_up(at_node, decide):
    decide("e11")
    look.rows("update calls_livecall set deadline_at = now() - interval '1 second' where uuid = 'e11'")
    live = {"uuid": "e11", "answered_at": now()}
    at_node.reconcile(live)
    assert look.eventually(lambda: at_node.reconcile(live)["unknown"] == ["e11"], 12)
    at_node.end("e11", 1)


def test_a_call_the_exchange_never_admitted_is_hung_up(at_node):
    live = {"uuid": "ghost", "answered_at": now()}
    assert at_node.reconcile(live)["unknown"] == []
    assert look.eventually(lambda: at_node.reconcile(live)["unknown"] == ["ghost"], 12)

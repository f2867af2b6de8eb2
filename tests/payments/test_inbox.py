"""Events: only Stripe's own, each stored once, worked later by fetching, whatever the order."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.db import connections

from payments import inbox
from payments.inbox import BadEvent, Parked, hears, receive, work
from payments.models import StripeEvent
from payments.standin.faults import sign
from payments.tasks import work_waiting
from tenants.context import in_operator, leave_operator
from tests.payments.standin import SECRET
from tests.served import served


@pytest.fixture
def heard(monkeypatch):
    """What a room that listens to payments has heard, by object."""
    monkeypatch.setattr(inbox, "_HEARD", {})
    found: list[dict] = []

    def listen(operator, subject):
        found.append(subject)
        return True

    hears("payment_intent", listen)
    return found


def event(standin, of="payment_intent.succeeded"):
    standin.post("/v1/payment_intents", amount=500, currency="eur", confirm="true", payment_method="pm_card_visa")
    return next(one for one in reversed(standin.events()) if one["type"] == of)


def send(operator, told, secret=SECRET, at=None):
    body = json.dumps(told)
    return receive(operator, body.encode(), sign(body, secret, at))


def rows(operator):
    with in_operator(operator):
        return list(StripeEvent.objects.order_by("pk").values_list("type", "state"))


def test_ten_deliveries_of_an_event_are_stored_once_and_worked_once(open_house, standin, heard):
    told = event(standin)
    stored = [send(open_house.root, told) for _ in range(10)]
    assert [one is not None for one in stored] == [True] + [False] * 9
    for _ in range(3):
        assert work(open_house.root, stored[0].pk) == "done"
    assert len(heard) == 1
    assert rows(open_house.root) == [("payment_intent.succeeded", "done")]


@pytest.mark.parametrize(
    ("secret", "age"), [("whsec_forged", 0), (SECRET, 301), (SECRET, 100_000)], ids=["forged", "old", "ancient"]
)
def test_a_forged_or_old_event_is_refused_and_nothing_is_stored(open_house, standin, heard, secret, age):
    with pytest.raises(BadEvent):
        send(open_house.root, event(standin), secret, int(time.time()) - age)
    assert rows(open_house.root) == []


def test_an_event_of_just_under_five_minutes_ago_is_taken(open_house, standin, heard):
    assert send(open_house.root, event(standin), at=int(time.time()) - 290)


def test_a_body_changed_by_one_byte_is_refused(open_house, standin, heard):
    body = json.dumps(event(standin))
    signature = sign(body, SECRET)
    with pytest.raises(BadEvent):
        receive(open_house.root, body.replace("500", "900").encode(), signature)


@pytest.mark.parametrize("body", ["", "nonsense", "[]", "{}", '{"id": 1}', '{"data": {"object": []}}', '"\ud800"'])
def test_what_is_signed_but_no_event_is_refused(open_house, standin, heard, body):
    raw = body.encode("utf-8", "surrogatepass")
    with pytest.raises(BadEvent):
        receive(open_house.root, raw, sign(body.encode("utf-8", "replace").decode(), SECRET))
    assert rows(open_house.root) == []


def test_a_missing_signature_and_a_missing_secret_are_refused(open_house, standin, heard, settings):
    body = json.dumps(event(standin))
    for signature in ("", "t=1", "v1=00", "t=x,v1=y"):
        with pytest.raises(BadEvent):
            receive(open_house.root, body.encode(), signature)
    settings.STRIPE_WEBHOOK_SECRET = ""
    with pytest.raises(BadEvent):
        receive(open_house.root, body.encode(), sign(body, ""))


def test_what_the_event_says_is_not_believed(open_house, standin, heard):
    told = event(standin)
    told["data"]["object"]["amount"] = 1_000_000
    work(open_house.root, send(open_house.root, told).pk)
    assert heard[0]["amount"] == 500


def test_an_object_stripe_does_not_know_is_parked(open_house, standin, heard):
    told = event(standin)
    told["data"]["object"]["id"] = "pi_of_another_account"
    assert work(open_house.root, send(open_house.root, told).pk) == "parked"
    assert heard == []


def test_an_event_of_another_account_is_parked(open_house, standin, heard):
    assert work(open_house.root, send(open_house.root, event(standin) | {"account": "acct_1"}).pk) == "parked"
    assert heard == []


def test_an_event_nobody_wants_is_parked(open_house, standin, heard):
    told = event(standin, "charge.succeeded")
    assert work(open_house.root, send(open_house.root, told).pk) == "parked"


def test_a_room_may_park_with_a_reason(open_house, standin, monkeypatch):
    monkeypatch.setattr(inbox, "_HEARD", {})

    def refuse(operator, subject):
        raise Parked("The currency is another.")

    hears("payment_intent", refuse)
    row = send(open_house.root, event(standin))
    assert work(open_house.root, row.pk) == "parked"
    with in_operator(open_house.root):
        assert StripeEvent.objects.get(pk=row.pk).note == "The currency is another."


def test_an_event_waits_while_stripe_is_down_and_is_worked_afterwards(open_house, standin, heard):
    told = event(standin)
    send(open_house.root, told)
    standin.control(down=True)
    assert work_waiting(0) == 0
    assert rows(open_house.root) == [("payment_intent.succeeded", "new")]
    standin.control(down=False)
    assert work_waiting(0) == 1
    assert len(heard) == 1


def test_one_event_that_can_t_be_worked_doesn_t_keep_the_others_waiting(open_house, standin, heard):
    broken, good = event(standin), event(standin)

    def fail(operator, subject):
        if subject["id"] == broken["data"]["object"]["id"]:
            raise ArithmeticError
        return True

    hears("payment_intent", fail)
    send(open_house.root, broken)
    send(open_house.root, good)
    assert work_waiting(0) == 1
    assert [state for _, state in rows(open_house.root)] == ["new", "done"]


def test_a_storm_in_threads_stores_each_event_once(open_house, standin, heard):
    told = [event(standin) for _ in range(10)]

    def storm(number):
        try:
            return send(open_house.root, told[number % 10]) is not None
        finally:
            leave_operator()
            for one in connections.all(initialized_only=True):
                one.close()

    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(storm, range(100)))
    assert sum(stored) == 10
    assert work_waiting(0) == 10
    assert len(heard) == 10


def test_only_the_owner_s_host_takes_events_and_answers_200_once_they_are_stored(
    open_house, standin, heard, monkeypatch, settings, tmp_path
):
    for name in ("STRIPE_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE"):
        monkeypatch.setenv(name, getattr(settings, name))
    event(standin)
    with served(tmp_path / "web.log") as port:
        url = f"http://127.0.0.1:{port}/webhooks/stripe/"
        standin.control(url=url, host="acme.localhost")
        assert set(standin.flush(keep=True)) == {404}
        standin.control(host="root.localhost")
        assert set(standin.flush(keep=True, secret="whsec_forged")) == {400}
        assert set(standin.flush(keep=True, at=int(time.time()) - 301)) == {400}
        assert set(standin.flush(keep=True, times=10, reversed=True, together=True)) == {200}
        assert httpx.get(url, headers={"host": "root.localhost"}).status_code == 405
    sent = {one["type"] for one in standin.events()}
    assert {kind for kind, _ in rows(open_house.root)} == sent
    assert len(rows(open_house.root)) == len(standin.events())
    work_waiting(0)
    assert len(heard) == 2, "created and succeeded, once each"
    assert rows(open_house.acme) == []

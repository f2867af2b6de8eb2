"""A message that does not fit gets one sentence and a 422, whatever is wrong with it; nothing happens."""

import json
import uuid

import httpx
import pytest

from tests.exchange.node import CALLED

GOOD = {"boot": "b1", "uuid": "m", "identity": "d1", "called": CALLED}
EVENT = {"boot": "b", "uuid": "m", "kind": "ring", "at": 1}


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("decide", [1], "the message must be an object"),
        ("decide", GOOD | {"called": 37}, "DecideRequest.called must be a text"),
        ("decide", GOOD | {"called": None}, "DecideRequest.called must be a text"),
        ("decide", GOOD | {"called": "3" * 5000}, "DecideRequest.called must be a text of at most"),
        ("decide", GOOD | {"uuid": ""}, "must have 1 to 128 characters"),
        ("decide", GOOD | {"uuid": "u" * 129}, "must have 1 to 128 characters"),
        ("decide", GOOD | {"boot": "b" * 129}, "must have 1 to 128 characters"),
        ("decide", GOOD | {"caller": "a\0b"}, "zero character"),
        ("events", {"events": {}}, "events must be a list"),
        ("events", {"events": [{"boot": "b", "uuid": "m", "kind": "fly", "at": 1}]}, "Event.kind can't be 'fly'"),
        (
            "events",
            {"events": [{"boot": "b", "uuid": "m", "kind": "ring", "at": 1.5}]},
            "Event.at must be a whole number",
        ),
        ("extend", {"boot": "b", "uuid": "m", "talked_seconds": True}, "must be a whole number"),
        ("extend", {"boot": "b", "uuid": "m"}, "ExtendRequest.talked_seconds is missing"),
        ("reconcile", {"boot": "b", "live": [7]}, "LiveCall must be an object"),
        ("records", {"records": [{}]}, "CallRecord.boot is missing"),
        ("records", {"records": [{}] * 1001}, "records may hold at most 1000 at a time"),
        ("records", {}, "records must be a list"),
        ("commands", {"after": "x"}, "after must be a whole number"),
        ("commands", {"after": 0, "wait_seconds": "long"}, "wait_seconds must be a number"),
    ],
)
def test_what_does_not_fit_is_one_sentence(at_node, path, body, says):
    answer = at_node.http.post(f"/node/{path}", content=json.dumps(body))
    assert answer.status_code == 422, answer.text
    assert says in answer.json()["error"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"boot": NaN}', b'{"uuid": "\\ud800"}'])
def test_what_is_no_json_is_one_sentence(at_node, content):
    answer = at_node.http.post("/node/decide", content=content)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]


def test_a_message_that_is_too_long_is_refused_before_it_is_read_whole(at_node):
    answer = at_node.http.post("/node/events", content=b" " * (4 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["error"]) == (422, "the message is too long")


def test_whole_numbers_beyond_64_bits_are_refused(at_node):
    for number in (str(2**63), "-" + str(2**64), "1e400"):
        body = f'{{"boot": "b", "uuid": "m", "talked_seconds": {number}}}'
        assert at_node.http.post("/node/extend", content=body).status_code == 422


@pytest.mark.parametrize(
    "identity", ["p1", "p2", "x100001", "d" + "9" * 18, "d" + "9" * 4000, "d1 ", "d١", "D1", "d-1"]
)
def test_an_identity_that_is_no_device_is_nobody(at_node, identity):
    answer = at_node.decide(str(uuid.uuid4()), identity)
    assert (answer["action"], answer["cause"]) == ("reject", 200)


@pytest.mark.parametrize(
    "body", [{"operator": "x", "call": 1}, {"operator": 1, "call": None}, {"operator": 1, "call": 2**70}]
)
def test_pages_are_told_in_words_too(standing, body):
    from django.conf import settings

    answer = httpx.post(
        f"{standing.exchange.url}/page/hangup", json=body, headers={"authorization": f"Bearer {settings.EXCHANGE_KEY}"}
    )
    assert answer.status_code == 422, answer.text


def test_the_exchange_still_answers(at_node, standing):
    assert at_node.decide("after all that", standing.shop.carlas_phone.username)["action"] == "route"
    at_node.end("after all that", None)

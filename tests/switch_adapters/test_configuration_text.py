"""Nothing from a Provision can write a line of its own into Asterisk's configuration, or into its dialplan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from switch_adapters.agent.dialplan_answer import for_dialplan
from switch_adapters.asterisk.objects import Unfit, config_text, write_objects
from switch_adapters.base import Action, Answer, Provider, Provision, Route
from switch_adapters.lab.exchange_double import device

GOOD = Provider("p1", "sip.example.com", 5060, "udp", "user", "secret", register=True)


@pytest.mark.parametrize(
    "value", ["a\nb", "a\rb", "a]b", "[a", "a\x00b", "a\tb", "", " a", "a ", ">a", "ü", "a\u2028b", "\x7f"]
)
def test_a_text_that_could_be_read_as_more_than_a_value_is_refused(value: str) -> None:
    with pytest.raises(Unfit):
        config_text(value, "the secret")


def test_a_semicolon_is_kept_from_beginning_a_comment() -> None:
    assert config_text("a;b--;", "the secret") == "a\\;b--\\;"


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "p1]\n[x"},
        {"endpoint": "P1"},
        {"endpoint": ""},
        {"host": "a b"},
        {"host": "h;x"},
        {"host": "h\nx"},
        {"host": "h@x"},
        {"port": 0},
        {"port": 65536},
        {"transport": "tls"},
        {"username": "u]x"},
        {"username": "u x"},
        {"secret": "s\ncontact=sip:evil"},
    ],
)
def test_an_unfit_provider_is_left_out_and_named(change: dict[str, object]) -> None:
    written = write_objects(Provision("1", providers=(replace(GOOD, **change), replace(GOOD, endpoint="p2"))), "v1")  # type: ignore[arg-type]
    assert [one.name for one in written.refused] == [repr(change.get("endpoint", "p1"))]
    assert "[p2](provider)" in written.providers
    assert "[p1](provider)" not in written.providers
    assert "evil" not in written.providers


@pytest.mark.parametrize(
    "change",
    [{"endpoint": "d1]"}, {"username": "d\n1"}, {"realm": "a b"}, {"digest_md5": "x"}, {"digest_sha256": "[" * 64}],
)
def test_an_unfit_device_is_left_out_and_named(change: dict[str, str]) -> None:
    devices = (replace(device("d1", "s"), **change), device("d2", "s"))
    written = write_objects(Provision("1", devices=devices), "v1")
    assert len(written.refused) == 1
    assert "[d2](device)" in written.devices
    assert "[d1]" not in written.devices


def test_an_endpoint_named_twice_is_written_once() -> None:
    written = write_objects(Provision("1", devices=(device("d1", "s"), device("d1", "t"))), "v1")
    assert written.devices.count("[d1](device)") == 1
    assert len(written.refused) == 1


def test_a_device_is_written_with_digests_and_never_with_its_secret() -> None:
    text = write_objects(Provision("1", devices=(device("d1", "hidden"),)), "v1").devices
    assert "hidden" not in text
    assert "password_digest = MD5:" in text
    assert "password_digest = SHA-256:" in text


@pytest.mark.parametrize(
    ("endpoint", "number"),
    [
        ("p2&PJSIP/p3", "1"),
        ("p2", "1,30,S(1)"),
        ("p2", "${X}"),
        ("p2", "1@evil"),
        ("p2", ""),
        ("", "1"),
        ("p2", "1\n2"),
    ],
)
def test_a_route_that_does_not_fit_a_dialplan_is_left_out(endpoint: str, number: str) -> None:
    bad, good = Route(0, endpoint, number, "1", 30), Route(1, "p7", "442079460000", "1", 30)
    told = for_dialplan(Answer(Action.ROUTE, routes=(bad, good), granted_seconds=60, max_seconds=3600), "b")
    assert [one["i"] for one in told["routes"]] == ["1"]
    alone = for_dialplan(Answer(Action.ROUTE, routes=(bad,), granted_seconds=60, max_seconds=3600), "b")
    assert alone == {"action": "reject", "code": "503"}


def test_headers_and_caller_ids_are_cut_to_what_is_safe() -> None:
    route = Route(0, "p7", "1", '12"<x>,34', 30, {"X-Ok": "yes", "Via": "no", "X-A\r\nB": "no", "X-B": "a\r\nVia: c"})
    (told,) = for_dialplan(Answer(Action.ROUTE, routes=(route,), granted_seconds=60), "b")["routes"]
    assert told["h"] == [{"n": "X-Ok", "v": "yes"}]
    assert told["c"] == "12x34"


def test_an_answer_without_paid_seconds_carries_no_call() -> None:
    answer = Answer(Action.ROUTE, routes=(Route(0, "p7", "1", "1", 30),), granted_seconds=0)
    assert for_dialplan(answer, "b")["action"] == "reject"

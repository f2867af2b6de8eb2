"""What is killed, away or broken in the middle of a call: it ends by its deadline and is recorded once."""

from __future__ import annotations

import time

import pytest

from switch_adapters.base import CommandKind, EventKind, Provider
from switch_adapters.lab.exchange_double import ExchangeDouble
from switch_adapters.lab.fetch import Installation
from switch_adapters.lab.http_face import HttpFace
from switch_adapters.lab.sipp import Phone, Sipp, provider
from switch_adapters.lab.stand import Stand, eventually
from tests.switch_adapters.conftest import SECRET

pytestmark = pytest.mark.lab


def _talking(
    stand: Stand, exchange: ExchangeDouble, number: str = "442079460000", seconds: float | None = None
) -> Sipp:
    """A call that is answered and known to be."""
    scenario = "cut.xml" if seconds is None else "call.xml"
    phone = stand.phones(scenario, [Phone("d100001", SECRET, number, int((seconds or 0) * 1000))])
    assert eventually(lambda: any(one.kind is EventKind.ANSWER for one in exchange.seen_events)), stand.logs()
    return phone


def _talked(exchange: ExchangeDouble) -> float:
    assert eventually(lambda: exchange.records)
    (record,) = exchange.records.values()
    attempt = record.attempts[-1]
    assert attempt.answered_at is not None
    return (attempt.ended_at - attempt.answered_at) / 1_000_000


def test_an_agent_killed_in_mid_call_comes_back_extends_it_and_delivers_it_once(
    stand: Stand, exchange: ExchangeDouble
) -> None:
    phone = _talking(stand, exchange, "442079460005")
    stand.agent.kill()
    time.sleep(1.0)
    stand.agent.start()
    assert phone.wait(30) == 0, phone.trouble()
    talked = _talked(exchange)
    print(f"money for 9 s, agent killed and back: talked {talked:.3f} s")
    assert 8.5 < talked <= 9.0
    time.sleep(1.5)
    assert len(exchange.records) == 1
    assert len(exchange.deliveries) == 1


def test_without_its_agent_a_call_ends_at_the_deadline_it_had(stand: Stand, exchange: ExchangeDouble) -> None:
    phone = _talking(stand, exchange)
    stand.agent.kill()
    assert phone.wait(30) == 0, phone.trouble()
    stand.agent.start()
    talked = _talked(exchange)
    print(f"granted 4 s, no agent: talked {talked:.3f} s")
    assert 3.5 < talked <= 4.0


def test_with_no_exchange_a_call_ends_at_its_deadline_and_is_delivered_later(
    stand: Stand, exchange: ExchangeDouble, face: HttpFace
) -> None:
    phone = _talking(stand, exchange)
    face.stop()
    assert phone.wait(30) == 0, phone.trouble()
    refused = stand.phones("refused.xml", [Phone("d100001", SECRET, "442079460000")])
    assert refused.wait(10) == 0, refused.trouble()
    (heard,) = refused.heard()
    assert heard.final_code == 503
    assert exchange.records == {}
    face.start()
    talked = _talked(exchange)
    print(f"granted 4 s, no exchange: talked {talked:.3f} s")
    assert 3.5 < talked <= 4.0


def test_asterisk_killed_in_mid_call_starts_a_new_boot_and_the_call_is_live_no_more(
    stand: Stand, exchange: ExchangeDouble
) -> None:
    phone = _talking(stand, exchange)
    (before,) = {one.boot for one in exchange.decided}
    stand.asterisk.kill()
    phone.stop()
    time.sleep(1.1)  # boots are told apart by the second
    stand.asterisk.start()
    assert eventually(lambda: any(one.boot != before for one in exchange.reports))
    assert next(one for one in exchange.reports if one.boot != before).live == ()
    # No record: the spool proves no end, and only what is proved bills. The exchange closes it by estimate.
    assert exchange.records == {}
    lost = exchange.decided[0].uuid
    assert eventually(lambda: any(one.kind is EventKind.END and one.uuid == lost for one in exchange.seen_events))
    assert (stand.agent.health() or {})["open_calls"] == 0
    exchange.seen_events.clear()
    again = _talking(stand, exchange, seconds=1.5)
    assert again.wait(20) == 0, again.trouble()
    assert eventually(lambda: exchange.records)
    assert {one.boot for one in exchange.records.values()} != {before}


def test_asterisk_and_agent_killed_together_leave_no_call_behind(stand: Stand, exchange: ExchangeDouble) -> None:
    phone = _talking(stand, exchange)
    stand.agent.kill()
    stand.asterisk.kill()
    phone.stop()
    time.sleep(1.1)
    stand.asterisk.start()
    stand.agent.start()
    assert eventually(lambda: len({one.boot for one in exchange.reports}) == 2)
    assert exchange.reports[-1].live == ()
    assert exchange.records == {}


def test_a_decision_that_hangs_is_a_refusal_within_two_seconds(stand: Stand, exchange: ExchangeDouble) -> None:
    exchange.decide_delay = 30
    begun = time.monotonic()
    phone = stand.phones("refused.xml", [Phone("d100001", SECRET, "442079460000")])
    assert phone.wait(10) == 0, phone.trouble()
    took = time.monotonic() - begun
    print(f"refused after {took:.2f} s")
    assert phone.heard()[0].final_code == 503
    assert took < 2.2


def test_an_answer_that_is_not_json_is_a_refusal(stand: Stand, face: HttpFace) -> None:
    face.garbage = True
    phone = stand.phones("refused.xml", [Phone("d100001", SECRET, "442079460000")])
    assert phone.wait(10) == 0, phone.trouble()
    assert phone.heard()[0].final_code == 503


def test_a_wrong_node_secret_carries_no_call(stand: Stand, face: HttpFace) -> None:
    face.bearer = "7.another"
    phone = stand.phones("refused.xml", [Phone("d100001", SECRET, "442079460000")])
    assert phone.wait(10) == 0, phone.trouble()
    assert phone.heard()[0].final_code == 503
    assert "401" in stand.agent.log()
    assert "sss" not in stand.agent.log()


def test_without_its_agent_asterisk_refuses_new_calls(stand: Stand) -> None:
    stand.agent.kill()
    phone = stand.phones("refused.xml", [Phone("d100001", SECRET, "442079460000")])
    assert phone.wait(10) == 0, phone.trouble()
    assert phone.heard()[0].final_code == 503


def test_emergency_calls_go_out_with_no_exchange_at_all(stand: Stand, exchange: ExchangeDouble, face: HttpFace) -> None:
    exchange.emergency_numbers, exchange.emergency_endpoint = ("112",), "p2"
    exchange.version += 1
    exchange.command(CommandKind.PROVISION)
    assert eventually(lambda: (stand.agent.health() or {}).get("provisioned") == "2")
    face.stop()
    stand.agent.kill()
    stand.agent.start(provisioned=False)
    phone = stand.phones("call.xml", [Phone("d100001", SECRET, "112", 1500)])
    assert phone.wait(10) == 0, phone.trouble() + stand.logs()
    assert exchange.decided == []


def test_a_call_is_hung_up_on_command_and_when_the_exchange_does_not_know_it(
    stand: Stand, exchange: ExchangeDouble
) -> None:
    phone = _talking(stand, exchange)
    exchange.command(CommandKind.HANGUP, exchange.decided[0].uuid)
    assert phone.wait(3) == 0, phone.trouble()
    assert _talked(exchange) < 2
    exchange.seen_events.clear()
    phone = _talking(stand, exchange)
    exchange.unknown.add(exchange.decided[1].uuid)
    assert phone.wait(3) == 0, phone.trouble()


def test_with_one_exchange_gone_and_one_hanging_the_third_decides(
    installation: Installation, exchange: ExchangeDouble, face: HttpFace
) -> None:
    hanging = ExchangeDouble({}, set(), decide_delay=30)
    slow = HttpFace(hanging, 7, "s" * 43).start()
    answering = provider("answer.xml")
    exchange.providers = hanging.providers = (Provider("p2", "127.0.0.1", answering.port),)
    hanging.devices = exchange.devices
    stand = Stand(installation, ["http://127.0.0.1:9", slow.url, face.url], face.bearer, debounce_seconds=0.3)
    try:
        stand.start()
        for _ in range(2):  # the second time, it knows whom to ask
            phone = stand.phones("call.xml", [Phone("d100001", SECRET, "442079460000", 500)])
            assert phone.wait(10) == 0, phone.trouble() + stand.logs()
        assert len(exchange.decided) == 2
        assert len(hanging.decided) == 1
    finally:
        stand.stop()
        answering.stop()
        slow.stop()


def test_an_exchange_that_restarts_between_two_calls_costs_none(
    stand: Stand, exchange: ExchangeDouble, face: HttpFace
) -> None:
    for _ in range(3):
        phone = stand.phones("call.xml", [Phone("d100001", SECRET, "442079460000", 300)])
        assert phone.wait(10) == 0, phone.trouble() + stand.logs()
        face.stop()
        face.start()
    assert eventually(lambda: len(exchange.records) == 3)

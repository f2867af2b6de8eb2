"""Whatever a phone dials, Asterisk runs none of it, and the exchange gets it as it was dialled."""

from __future__ import annotations

import pytest

from switch_adapters.lab.exchange_double import ExchangeDouble, Line
from switch_adapters.lab.sipp import Phone
from switch_adapters.lab.stand import Stand
from tests.switch_adapters.conftest import SECRET

pytestmark = pytest.mark.lab

DIALLED = {
    "2001%3Bx=1": "2001;x=1",
    "2001%24%7BX%7D": "2001${X}",
    "%24%7BSHELL(touch%20/tmp/owned)%7D": "${SHELL(touch /tmp/owned)}",
    "%22%3E%3Cb%3E": '"><b>',
    "o'brien": "o'brien",
    "abc": "abc",
    "h": None,
    "44%23207": "44#207",
    "44,1,Hangup()": "44,1,Hangup()",
    "44%26uuid=1%26called=442079460000": "44&uuid=1&called=442079460000",
    "44%00207": None,
    "9" * 300: None,
}


def test_hostile_numbers_are_refused_with_a_code_and_change_nothing(stand: Stand, exchange: ExchangeDouble) -> None:
    phones = [Phone("d100001", SECRET, raw) for raw in DIALLED]
    phone = stand.phones("refused.xml", phones, rate=20)
    assert phone.wait(30) == 0, phone.trouble() + stand.logs()
    codes = [one.final_code for one in phone.heard()]
    print(codes, [one.called for one in exchange.decided])
    assert set(codes) <= {403, 404, 484}
    asked = {one.called for one in exchange.decided}
    assert {text for text in DIALLED.values() if text is not None} <= asked
    assert all(one.identity == "d100001" for one in exchange.decided)
    assert exchange.records == {}
    assert not list((stand.asterisk.installation.root / "tmp").glob("owned"))


def test_a_hostile_answer_never_becomes_dialplan(stand: Stand, exchange: ExchangeDouble) -> None:
    exchange.lines["442079469999"] = Line(("p2&PJSIP/p3", "p2,30,S(1)", "${X}", "P2"))
    phone = stand.phones("refused.xml", [Phone("d100001", SECRET, "442079469999")])
    assert phone.wait(10) == 0, phone.trouble()
    assert phone.heard()[0].final_code == 503


def test_no_sip_byte_names_the_platform(stand: Stand, exchange: ExchangeDouble) -> None:
    calls = [
        ("register.xml", Phone("d100001", SECRET)),
        ("call.xml", Phone("d100001", SECRET, "442079460001", 500)),
        ("refused.xml", Phone("d100001", SECRET, "15550000000")),
    ]
    said = ""
    for scenario, phone in calls:
        run = stand.phones(scenario, [phone])
        assert run.wait(20) == 0, run.trouble()
        said += run.messages.read_text()
    for one in stand.providers.values():  # type: ignore[attr-defined]
        said += one.messages.read_text() if one.messages.exists() else ""
    assert "SIP/2.0 200" in said
    assert "X-Call-Label" not in said
    for name in ("tandem", "asterisk", "pbx"):
        assert name not in said.lower()


def test_headers_of_a_route_reach_the_provider(stand: Stand) -> None:
    phone = stand.phones("call.xml", [Phone("d100001", SECRET, "442079460000", 500)])
    assert phone.wait(20) == 0, phone.trouble()
    heard = stand.providers["p2"].messages.read_text()  # type: ignore[attr-defined]
    assert "X-Call-Label: blue, 1" in heard
    assert "From: <sip:442070000001@" in heard
    assert "INVITE sip:9442079460000@" in heard


def test_a_call_without_a_caller_id_goes_out_as_anonymous(stand: Stand, exchange: ExchangeDouble) -> None:
    exchange.lines["442079461111"] = Line(("p2",), caller_id="")
    phone = stand.phones("call.xml", [Phone("d100001", SECRET, "442079461111", 500)])
    assert phone.wait(20) == 0, phone.trouble()
    heard = stand.providers["p2"].messages.read_text()  # type: ignore[attr-defined]
    assert "<sip:anonymous@anonymous.invalid>" in heard
    assert "d100001" not in heard

"""Fixtures for switches: an exchange in memory, a real Asterisk with its agent, sipp as phones and as providers."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from switch_adapters.base import Provider
from switch_adapters.lab.exchange_double import ExchangeDouble, Line, device
from switch_adapters.lab.fetch import Installation, find
from switch_adapters.lab.http_face import HttpFace
from switch_adapters.lab.recording import Recording
from switch_adapters.lab.sipp import provider
from switch_adapters.lab.stand import Stand

SECRET = "k3yOfD100001"
# p1 fails with 503, p2 answers, p3 is busy, p4 only rings, p5 is not there at all.
LINES = {
    "442079460000": Line(("p2",), headers={"X-Call-Label": "blue, 1"}),
    "442079460001": Line(("p1", "p2")),
    "442079460002": Line(("p2",), money_seconds=3),
    "442079460003": Line(("p3", "p2")),
    "442079460004": Line(("p4", "p2"), ring_seconds=2),
    "442079460005": Line(("p2",), money_seconds=9),
    "442079460006": Line(("p1", "p1")),
    "442079460007": Line(("p4",)),
    "442079460008": Line(("p2",), money_seconds=0),
    "442079460009": Line(("p5", "p2")),
}


@dataclass
class World:
    """What the contract's calls need of an exchange, whichever it is.

    `numbers` by role: answered, failover, cut (money for `cut_seconds`), busy (an answering provider behind it),
    unanswered (rings 2 s), extended (money for 9 s in slices of 4; empty = not tried), failing, ringing, dead.
    `rejected` are numbers with the SIP code they get. `memory` remembers what passed between node and exchange.
    """

    memory: ExchangeDouble | Recording
    face: HttpFace
    identity: str
    secret: str
    numbers: dict[str, str]
    rejected: dict[str, int]
    cut_seconds: int = 3


@pytest.fixture
def world(exchange: ExchangeDouble, face: HttpFace) -> World:
    """The stand-in exchange. To try the contract against another, override this fixture (and `stand`, for Asterisk)
    in a module that imports the tests of test_contract.py: a Recording in front of the real handler is the memory."""
    roles = ("answered", "failover", "cut", "busy", "unanswered", "extended", "failing", "ringing", "", "dead")
    numbers = {role: f"44207946000{place}" for place, role in enumerate(roles) if role}
    return World(exchange, face, "d100001", SECRET, numbers, {"15550000000": 403, "442079460008": 503})


@pytest.fixture(scope="session")
def installation() -> Installation:
    found = find()
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("lab unavailable: no Asterisk here; run `make lab` as root")
        warnings.warn("SKIPPED: no Asterisk here, real calls were NOT tried; run `make lab` as root", stacklevel=1)
        pytest.skip("lab unavailable: no Asterisk here; run `make lab` as root")
    return found


@pytest.fixture
def exchange() -> ExchangeDouble:
    return ExchangeDouble(dict(LINES), {"d100001"}, (device("d100001", SECRET),), slice_seconds=4)


@pytest.fixture
def face(exchange: ExchangeDouble) -> Iterator[HttpFace]:
    server = HttpFace(exchange, 7, "s" * 43).start()
    yield server
    server.stop()


@pytest.fixture
def stand(installation: Installation, exchange: ExchangeDouble, face: HttpFace) -> Iterator[Stand]:
    """Everything up and provisioned; a new one for every test, which takes about a second."""
    running = {
        "p1": provider("reject.xml", code=503),
        "p2": provider("answer.xml"),
        "p3": provider("reject.xml", code=486),
        "p4": provider("answer.xml", ring_ms=60_000),
    }
    exchange.providers = tuple(Provider(name, "127.0.0.1", one.port) for name, one in running.items())
    exchange.providers += (Provider("p5", "127.0.0.1", 9),)
    stand = Stand(installation, [face.url], face.bearer, reconcile_seconds=1.0, debounce_seconds=0.3)
    stand.providers = running  # type: ignore[attr-defined]
    try:
        yield stand.start()
    except BaseException:
        print(stand.logs())
        raise
    finally:
        stand.stop()
        for one in running.values():
            one.stop()

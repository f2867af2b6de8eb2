"""The real exchange as a process of its own, on the test's own database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest

from tests.base_database import ROOT
from tests.exchange import look
from tests.exchange import shop as shops
from tests.exchange.node import Node


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Exchange:
    """`start` and `kill` may alternate; the address stays."""

    def __init__(self, **environment: str) -> None:
        self.environment = environment
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "exchange", "--port", str(self.port)],
            cwd=ROOT, env=os.environ | {"TANDEM_ROLE": "engine"} | self.environment,
        )  # fmt: skip
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            try:
                httpx.get(self.url, timeout=1)
                return
            except httpx.TransportError:
                assert self.process.poll() is None, "the exchange ended"
                time.sleep(0.05)
        self.kill()
        raise AssertionError("the exchange did not start")

    def kill(self, how: int = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process = None


@pytest.fixture(scope="module")
def standing(module_database) -> Iterator[SimpleNamespace]:
    """One stocked world and one exchange for all tests of a file: .shop, .exchange."""
    from tests.conftest import _house

    made = Exchange()
    stocked = shops.stock(_house())
    made.start()
    yield SimpleNamespace(shop=stocked, exchange=made)
    made.kill(signal.SIGTERM)


@pytest.fixture(autouse=True)
def books_are_right(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test: all invariants hold, no call is left and nothing is held."""
    for database in ("standing", "own_database"):
        if database in request.fixturenames:
            request.getfixturevalue(database)
            yield
            assert look.violations() == []
            return
    yield


@pytest.fixture
def at_node(standing) -> Node:
    return Node(standing.exchange.url, standing.shop.node.token)


@pytest.fixture
def exchange(own_database) -> Iterator[Exchange]:
    made = Exchange()
    yield made
    made.kill(signal.SIGTERM)


@pytest.fixture
def shop(open_house) -> SimpleNamespace:
    return shops.stock(open_house)

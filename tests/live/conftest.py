from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.call_rows import call_rows
from tests.served import served


@pytest.fixture(scope="module")
def site(module_database, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """The house, served by a real web process on a real database. `port` is where."""
    from tenants.lookup import operator_for_host

    house = {name: operator_for_host(f"{name}.localhost") for name in ("root", "acme", "beta")}
    log = tmp_path_factory.mktemp("web") / "web.log"
    with served(log) as port:
        yield SimpleNamespace(**house, port=port, log=log)


@pytest.fixture
def rows(site):
    with call_rows() as made:
        yield made


@pytest.fixture
def socket_to(site):
    """`with socket_to(operator, cookie=...)` is a websocket as a page of that operator's host opens it."""

    @contextmanager
    def opened(operator, cookie: str = "", origin: str | None = "", host: str = "") -> Iterator[ClientConnection]:
        host = host or f"{operator.main_domain}:{site.port}"
        origin = f"http://{host}" if origin == "" else origin
        wire = socket.create_connection(("127.0.0.1", site.port), timeout=10)
        headers = {"Cookie": f"sessionid={cookie}"} if cookie else {}
        with connect(
            f"ws://{host}/live/", sock=wire, origin=origin, additional_headers=headers, open_timeout=10, proxy=None
        ) as connection:
            yield connection

    return opened


def heard(connection: ClientConnection, seconds: float = 3) -> dict | None:
    """The next message, or None if nothing comes in time."""
    try:
        return json.loads(connection.recv(timeout=seconds))
    except TimeoutError:
        return None


@pytest.fixture
def listen():
    return heard

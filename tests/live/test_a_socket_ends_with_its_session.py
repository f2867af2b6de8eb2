"""An open socket is asked again whose it is, and closed when its session is over or its user is locked."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.testing import ApplicationCommunicator
from django.db import connections

from portal.live import consumers
from portal.live.scope import InOperator
from portal.people.models import User
from tenants.context import in_operator


@pytest.mark.parametrize("how", ["signed out", "locked", "new password"])
def test_it_is_closed_within_the_time_between_two_looks(open_house, browser_for, monkeypatch, how):
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.2)
    acme = open_house.acme
    rita = browser_for(acme, "rita")
    headers = [
        (b"host", b"acme.localhost"), (b"origin", b"http://acme.localhost"),
        (b"cookie", f"sessionid={rita.cookies['sessionid'].value}".encode()),
    ]  # fmt: skip

    def end() -> None:
        with in_operator(acme):
            user = User.objects.get(username="rita")
            if how == "locked":
                User.objects.filter(pk=user.pk).update(is_active=False)
            if how == "new password":
                user.set_password("quite another staple")
                user.save()
        if how == "signed out":
            rita.post("/sign-out/")

    async def watch() -> dict:
        scope = {"type": "websocket", "path": "/live/", "headers": headers, "query_string": b"", "subprotocols": []}
        socket = ApplicationCommunicator(InOperator(consumers.LiveCalls.as_asgi()), scope)
        await socket.send_input({"type": "websocket.connect"})
        assert (await socket.receive_output(3))["type"] == "websocket.accept"
        assert (await socket.receive_output(3))["type"] == "websocket.send"
        # Asked several times, and still good.
        assert await socket.receive_nothing(0.7, 0.1)
        await asyncio.to_thread(_elsewhere, end)
        return await socket.receive_output(3)

    assert asyncio.run(watch()) == {"type": "websocket.close", "code": consumers.SIGNED_OUT}


def _elsewhere(deed) -> None:
    try:
        deed()
    finally:
        connections.close_all()

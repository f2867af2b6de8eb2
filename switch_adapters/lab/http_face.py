"""The exchange's HTTP face over any CallHandler, for tests that need a real server without the real exchange."""

from __future__ import annotations

import asyncio
import hmac
import json
import socket
import threading
from typing import Any

import uvicorn

from switch_adapters.base import (
    CallHandler,
    CallRecord,
    DecideRequest,
    Event,
    ExtendRequest,
    ReconcileReport,
    WireError,
    from_wire,
    to_wire,
)


class HttpFace:
    """Runs in a thread of its own on a free loopback port until `stop`; `start` takes the same port again.

    `garbage`: answer every Decide with a page that is not JSON, as a broken proxy would.
    """

    def __init__(self, handler: CallHandler, node: int, secret: str) -> None:
        self.handler = handler
        self.node = node
        self.bearer = f"{node}.{secret}"
        self.garbage = False
        self.port = 0
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> HttpFace:
        listening = socket.socket(socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            interface="asgi3",
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join(5)

    async def _app(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        status, answer = 401, json.dumps({"error": "The node or its secret is wrong."})
        if hmac.compare_digest(given, f"Bearer {self.bearer}"):
            try:
                status, answer = 200, json.dumps(await self._handle(scope["path"], json.loads(body or b"{}")))
            except asyncio.CancelledError:
                return  # the test stops this face while a node waits for commands
            except (WireError, ValueError) as problem:
                status, answer = 422, json.dumps({"error": str(problem)})
        if self.garbage and scope["path"] == "/node/decide":
            answer = "<html>no JSON at all</html>"
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": answer.encode()})

    async def _handle(self, path: str, data: Any) -> dict[str, Any]:
        handler, node = self.handler, self.node
        match path:
            case "/node/decide":
                return to_wire(await handler.decide(node, from_wire(DecideRequest, data)))
            case "/node/events":
                await handler.events(node, tuple(from_wire(Event, one) for one in data["events"]))
                return {}
            case "/node/extend":
                return to_wire(await handler.extend(node, from_wire(ExtendRequest, data)))
            case "/node/reconcile":
                return to_wire(await handler.reconcile(node, from_wire(ReconcileReport, data)))
            case "/node/records":
                records = tuple(from_wire(CallRecord, one) for one in data["records"])
                return {"settled": list(await handler.record(node, records))}
            case "/node/commands":
                found = await handler.commands(node, data["after"], data["wait_seconds"])
                return {"commands": [to_wire(one) for one in found]}
            case "/node/provision":
                return to_wire(await handler.provision(node))
            case _:
                raise ValueError("There is no such face.")

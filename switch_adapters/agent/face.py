"""The loopback face for the dialplan: POST /decide, form in, JSON out, always an answer within 1.5 s."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from urllib.parse import parse_qsl

from switch_adapters.agent.dialplan_answer import refusal

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
FIELDS = ("uuid", "identity", "called", "caller", "source")
MOST_BYTES = 16_384


class Decides(Protocol):
    async def decide(self, asked: dict[str, str]) -> dict[str, Any]: ...
    def health(self) -> dict[str, Any]: ...


def face(agent: Decides) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        match (scope["method"], scope["path"]):
            case ("POST", "/decide"):
                asked = await _form(receive)
                status, body = 200, refusal(503) if asked is None else await agent.decide(asked)
            case ("GET", "/health"):
                status, body = 200, agent.health()
            case _:
                status, body = 404, {"error": "there is only POST /decide and GET /health"}
        content = json.dumps(body, separators=(",", ":")).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return app


async def _form(receive: Receive) -> dict[str, str] | None:
    """The form's known fields, each at most 128 characters long; None when it is no such form."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            return None
        if not message.get("more_body"):
            break
    found = dict(parse_qsl(body.decode("ascii", errors="replace"), keep_blank_values=True, errors="replace"))
    if not found.get("uuid") or not found.get("identity"):
        return None
    return {name: found.get(name, "")[:128] for name in FIELDS}

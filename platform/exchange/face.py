"""The exchange's HTTP face: nodes by their secret, pages by the installation's key. Nobody else gets past a 401."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from exchange.engine import Engine
from exchange.nodes import Nodes
from switch_adapters import base

# A batch of records is the largest thing a node sends.
MOST_BYTES = 4 * 1024 * 1024
MOST_WAIT_SECONDS = 30.0
log = structlog.get_logger()
Handler = Callable[[Engine, int, dict[str, Any]], Awaitable[dict[str, Any]]]


async def decide(engine: Engine, node: int, body: dict[str, Any]) -> dict[str, Any]:
    return base.to_wire(await engine.decide(node, base.from_wire(base.DecideRequest, body)))


async def events(engine: Engine, node: int, body: dict[str, Any]) -> dict[str, Any]:
    await engine.events(node, _many(base.Event, body, "events"))
    return {}


async def extend(engine: Engine, node: int, body: dict[str, Any]) -> dict[str, Any]:
    return base.to_wire(await engine.extend(node, base.from_wire(base.ExtendRequest, body)))


async def reconcile(engine: Engine, node: int, body: dict[str, Any]) -> dict[str, Any]:
    return base.to_wire(await engine.reconcile(node, base.from_wire(base.ReconcileReport, body)))


async def records(engine: Engine, node: int, body: dict[str, Any]) -> dict[str, Any]:
    return {"settled": list(await engine.record(node, _many(base.CallRecord, body, "records")))}


async def commands(engine: Engine, node: int, body: dict[str, Any]) -> dict[str, Any]:
    after, wait = body.get("after", 0), body.get("wait_seconds", 0)
    if not isinstance(after, int) or not isinstance(wait, (int, float)):
        raise base.WireError("after and wait_seconds must be numbers")
    found = await engine.commands(node, after, min(max(float(wait), 0.0), MOST_WAIT_SECONDS))
    return {"commands": [base.to_wire(one) for one in found]}


async def provision(engine: Engine, node: int, body: dict[str, Any]) -> dict[str, Any]:
    return base.to_wire(await engine.provision(node))


def _many(kind: type, body: dict[str, Any], name: str) -> tuple:
    items = body.get(name)
    if not isinstance(items, list):
        raise base.WireError(f"{name} must be a list")
    return tuple(base.from_wire(kind, one) for one in items)


def node_route(path: str, handler: Handler, method: str = "POST") -> Route:
    async def endpoint(request: Request) -> Response:
        node = await request.app.state.nodes.who(request.headers.get("authorization", ""))
        if node is None:
            return _json({"error": "This node is not known here, or its secret is wrong."}, 401)
        try:
            body = await _body(request) if method == "POST" else {}
            return _json(await handler(request.app.state.engine, node, body))
        except base.WireError as error:
            return _json({"error": str(error)}, 422)

    return Route(path, endpoint, methods=[method])


def page_route(path: str, handler: Callable[[Engine, dict[str, Any]], Awaitable[dict[str, Any]]]) -> Route:
    async def endpoint(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), request.app.state.page_key.encode()):
            return _json({"error": "The key is wrong."}, 401)
        try:
            return _json(await handler(request.app.state.engine, await _body(request)))
        except base.WireError as error:
            return _json({"error": str(error)}, 422)

    return Route(path, endpoint, methods=["POST"])


async def _body(request: Request) -> dict[str, Any]:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise base.WireError("the message is too long")
    try:
        body = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError:
        raise base.WireError("the message is not JSON") from None
    if not isinstance(body, dict):
        raise base.WireError("the message must be an object")
    return body


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


async def hang_up(engine: Engine, body: dict[str, Any]) -> dict[str, Any]:
    """End a live call: {"operator": id, "call": id}. Only a call of that operator or below it."""
    return {"asked": await engine.hang_up(int(body.get("operator", 0)), int(body.get("call", 0)))}


async def health(engine: Engine, body: dict[str, Any]) -> dict[str, Any]:
    return engine.health()


def application(engine: Engine, nodes: Nodes, page_key: str) -> Starlette:
    """The ASGI application of one exchange."""
    app = Starlette(
        routes=[
            node_route("/node/decide", decide),
            node_route("/node/events", events),
            node_route("/node/extend", extend),
            node_route("/node/reconcile", reconcile),
            node_route("/node/records", records),
            node_route("/node/commands", commands),
            node_route("/node/provision", provision, "GET"),
            page_route("/page/hangup", hang_up),
            page_route("/page/health", health),
        ]
    )
    app.state.engine, app.state.nodes, app.state.page_key = engine, nodes, page_key
    return app

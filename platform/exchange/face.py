"""The exchange's HTTP face: nodes by their secret, pages by the installation's key. Nobody else gets past a 401."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from exchange.engine import Engine
from exchange.nodes import Nodes
from exchange.till import TillUnavailable
from exchange.trace_call import trace_call
from switch_adapters import base

# A batch of records is the largest thing a node sends.
MOST_BYTES = 4 * 1024 * 1024
MOST_ITEMS = 1_000
MOST_NAME = 128
MOST_WAIT_SECONDS = 30.0
log = structlog.get_logger()
Handler = Callable[[Engine, int, dict[str, Any]], Awaitable[dict[str, Any]]]


async def decide(engine: Engine, node: int, body: dict[str, Any]) -> dict[str, Any]:
    request = base.from_wire(base.DecideRequest, body)
    if not 1 <= len(request.uuid) <= MOST_NAME or not 1 <= len(request.boot) <= MOST_NAME:
        raise base.WireError(f"DecideRequest.uuid and boot must have 1 to {MOST_NAME} characters")
    return base.to_wire(await engine.decide(node, request))


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
    after, wait = _whole(body, "after"), body.get("wait_seconds", 0)
    if isinstance(wait, bool) or not isinstance(wait, (int, float)):
        raise base.WireError("wait_seconds must be a number")
    found = await engine.commands(node, after, min(max(float(wait), 0.0), MOST_WAIT_SECONDS))
    return {"commands": [base.to_wire(one) for one in found]}


async def provision(engine: Engine, node: int, body: dict[str, Any]) -> dict[str, Any]:
    return base.to_wire(await engine.provision(node))


def _many(kind: type, body: dict[str, Any], name: str) -> tuple:
    items = body.get(name)
    if not isinstance(items, list):
        raise base.WireError(f"{name} must be a list")
    if len(items) > MOST_ITEMS:
        raise base.WireError(f"{name} may hold at most {MOST_ITEMS} at a time")
    return tuple(base.from_wire(kind, one) for one in items)


def _whole(body: dict[str, Any], name: str) -> int:
    value = body.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**63 - 1:
        raise base.WireError(f"{name} must be a whole number")
    return value


def node_route(path: str, handler: Handler, method: str = "POST") -> Route:
    async def answer(request: Request) -> Response:
        node = await request.app.state.nodes.who(request.headers.get("authorization", ""))
        if node is None:
            return _json({"error": "This node is not known here, or its secret is wrong."}, 401)
        body = await _body(request) if method == "POST" else {}
        return _json(await handler(request.app.state.engine, node, body))

    return Route(path, _in_words(answer), methods=[method])


def page_route(path: str, handler: Callable[[Engine, dict[str, Any]], Awaitable[dict[str, Any]]]) -> Route:
    async def answer(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), request.app.state.page_key.encode()):
            return _json({"error": "The key is wrong."}, 401)
        return _json(await handler(request.app.state.engine, await _body(request)))

    return Route(path, _in_words(answer), methods=["POST"])


def _in_words(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Whatever goes wrong is one sentence, and a code that says whether to send it again (503, 500) or not (422)."""

    async def endpoint(request: Request) -> Response:
        try:
            return await answer(request)
        except base.WireError as error:
            return _json({"error": str(error)}, 422)
        except TillUnavailable as error:
            log.warning("the database is away", path=request.url.path, error=str(error))
            return _json({"error": "The database is away; ask again in a moment."}, 503)
        except asyncio.CancelledError:  # a node that waited for commands while we are told to stop
            return _json({"error": "This exchange is stopping; ask again."}, 503)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception:
            log.exception("a message could not be handled", path=request.url.path)
            return _json({"error": "Something went wrong here. It has been logged."}, 500)

    return endpoint


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
    if b"\\u0000" in raw:
        raise base.WireError("the message holds a zero character")
    return body


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


async def hang_up(engine: Engine, body: dict[str, Any]) -> dict[str, Any]:
    """End a live call: {"operator": id, "call": id}. Only a call of that operator or below it."""
    return {"asked": await engine.hang_up(_whole(body, "operator"), _whole(body, "call"))}


async def trace(engine: Engine, body: dict[str, Any]) -> dict[str, Any]:
    """What would become of a call: {"operator": id, "identity": n, "called": ".", "caller": "."}; see trace_call."""
    called, caller = body.get("called"), body.get("caller", "")
    if not isinstance(called, str) or not isinstance(caller, str) or max(len(called), len(caller)) > 128:
        raise base.WireError("called and caller must be texts of at most 128 characters")
    return await trace_call(engine, _whole(body, "operator"), _whole(body, "identity"), called, caller)


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
            page_route("/page/trace", trace),
        ]
    )
    app.state.engine, app.state.nodes, app.state.page_key = engine, nodes, page_key
    return app

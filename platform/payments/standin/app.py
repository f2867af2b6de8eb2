"""The ASGI app: keys, Idempotency-Keys, faults and routes around the API's functions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from payments.standin import api, pages, subscriptions
from payments.standin.faults import Delivery, Faults
from payments.standin.forms import parse
from payments.standin.world import Object, Trouble, World, shown

# Longer than any client waits.
FOREVER = 120


def make_app(base_url: str, key: str, delivery: Delivery) -> Starlette:
    """A stand-in that knows one secret key, and tells one endpoint."""
    world, faults, answers = World(), Faults(), Answers()
    world.objects["_base"] = {"object": "_base", "url": base_url}
    world.tell = delivery.tell

    def endpoint(deed: Callable[..., Object]) -> Callable[[Request], Any]:
        async def run(request: Request) -> Response:
            form = parse(request.url.query if request.method == "GET" else (await request.body()).decode())
            if faults.slow:
                await asyncio.sleep(faults.slow)
            if faults.down:
                return Response(status_code=503)
            if request.headers.get("authorization") != f"Bearer {key}":
                return _said(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided."}})
            changes = request.method != "GET"
            if changes and faults.fail > 0:
                faults.fail -= 1
                return _said(500, {"error": {"type": "api_error", "message": "Something went wrong on our side."}})
            once = request.headers.get("idempotency-key", "") if changes else ""
            status, body = answers.once(
                once, request.url.path, form, lambda: deed(world, *request.path_params.values(), form)
            )
            if changes and faults.lose > 0:
                faults.lose -= 1
                await asyncio.sleep(FOREVER)
            return _said(status, body)

        return run

    async def control(request: Request) -> Response:
        wanted = json.loads(await request.body() or b"{}")
        for one in fields(Faults):
            if one.name in wanted:
                setattr(faults, one.name, wanted[one.name])
        for name in ("url", "secret", "host", "hold", "times"):
            if name in wanted:
                setattr(delivery, name, wanted[name])
        return JSONResponse({"held": len(delivery.held), "events": len(world.events), "objects": len(world.objects)})

    async def flush(request: Request) -> Response:
        return JSONResponse(await delivery.flush(json.loads(await request.body() or b"{}")))

    async def pay(request: Request) -> Response:
        session = world.objects.get(request.path_params["id"])
        if session is None or session["object"] != "checkout.session":
            return HTMLResponse("Not found", 404)
        if request.method == "POST":
            try:
                api.pay_session(world, session["id"], str(parse((await request.body()).decode()).get("card")))
            except Trouble as trouble:
                return HTMLResponse(pages.pay_page(session, str(trouble)), 402)
            there = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
            return RedirectResponse(there, 303)
        return HTMLResponse(pages.pay_page(session))

    async def portal(request: Request) -> Response:
        found = world.objects.get(request.path_params["id"])
        if found is None or found["object"] != "billing_portal.session":
            return HTMLResponse("Not found", 404)
        said = ""
        if request.method == "POST":
            said = _in_portal(world, found["customer"], parse((await request.body()).decode()))
        owned = [one for one in world.all("subscription", customer=found["customer"]) if one["status"] != "canceled"]
        return HTMLResponse(pages.portal_page(found, owned, said))

    routes = [Route(path, endpoint(deed), methods=[method]) for (method, path), deed in api.PATHS.items()]
    for where, kind in api.KINDS.items():
        routes.append(Route(f"/v1/{where}/{{id}}", endpoint(_reader(kind)), methods=["GET"]))
    return Starlette(
        routes=[
            *routes,
            Route("/_control", control, methods=["POST"]),
            Route("/_flush", flush, methods=["POST"]),
            Route("/pay/{id}", pay, methods=["GET", "POST"]),
            Route("/portal/{id}", portal, methods=["GET", "POST"]),
        ]
    )


class Answers:
    """Answers by Idempotency-Key: the first one again, an error for another question."""

    def __init__(self) -> None:
        self._given: dict[str, tuple[str, int, Object]] = {}

    def once(self, key: str, path: str, form: Object, deed: Callable[[], Object]) -> tuple[int, Object]:
        question = json.dumps([path, form], sort_keys=True)
        if key in self._given:
            asked, status, body = self._given[key]
            if asked != question:
                message = (
                    "Keys for idempotent requests can only be used with the same parameters they were first used with."
                )
                return 400, {"error": {"type": "idempotency_error", "message": message}}
            return status, body
        try:
            status, body = 200, shown(deed())
        except Trouble as trouble:
            status, body = trouble.status, {"error": shown(trouble.error)}
        # Stripe keeps the answers of what it began to do, not those of what it refused to look at.
        if key and status != 400:
            self._given[key] = (question, status, body)
        return status, body


def _reader(kind: str) -> Callable[..., Object]:
    return lambda world, id, form: world.get(id, kind)


def _in_portal(world: World, customer: str, form: dict[str, Any]) -> str:
    try:
        if form.get("do") == "card":
            owner = world.get(customer, "customer")
            owner["invoice_settings"]["default_payment_method"] = form.get("card")
            for invoice in world.all("invoice", customer=customer, status="open"):
                subscriptions.collect(world, invoice, owner)
            return "Saved."
        found = world.get(form.get("subscription"), "subscription")
        if found["customer"] == customer:
            subscriptions.update(world, found, {"cancel_at_period_end": str(form.get("do") == "cancel")})
        return "Saved."
    except Trouble as trouble:
        return str(trouble)


def _said(status: int, body: Object) -> Response:
    return JSONResponse(body, status, headers={"Request-Id": "req_standin"})

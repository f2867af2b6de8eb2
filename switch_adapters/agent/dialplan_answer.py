"""What the dialplan is told: the answer, checked once more and cut to what a dialplan may safely hold. Pure."""

from __future__ import annotations

import logging
import re
from typing import Any

from switch_adapters.base import Action, Answer, Route

log = logging.getLogger(__name__)

# A call is cut this much before its granted seconds are over, so that the cut itself never starts another second
# that nobody holds money for. Cuts were measured 3 to 10 ms late.
MARGIN = 0.25

ENDPOINT = re.compile(r"[a-z][a-z0-9]{0,31}")
NUMBER = re.compile(r"[0-9A-Za-z+*#_.]{1,64}")
HEADER = re.compile(r"X-[A-Za-z0-9-]{1,60}")
HEADER_VALUE = re.compile(r"[ -~]{1,200}")
MOST_ROUTES = 20
MOST_HEADERS = 10


def refusal(sip_code: int = 503) -> dict[str, Any]:
    return {"action": "reject", "code": str(sip_code if 400 <= sip_code <= 699 else 503)}


def for_dialplan(answer: Answer, boot: str) -> dict[str, Any]:
    """Every value is a text, because JSON_DECODE reads texts the same way in all versions of Asterisk."""
    if answer.action is Action.REJECT:
        return refusal(answer.sip_code)
    routes = [_route(one, answer.granted_seconds) for one in answer.routes[:MOST_ROUTES] if _fits(one)]
    if not routes or answer.granted_seconds <= 0:
        return refusal(503)
    return {
        "action": "route",
        "boot": boot,
        "count": str(len(routes)),
        "grant": _talk(answer.granted_seconds),
        "max": str(max(answer.max_seconds or answer.granted_seconds, answer.granted_seconds)),
        "routes": routes,
    }


def _fits(route: Route) -> bool:
    fits = bool(ENDPOINT.fullmatch(route.endpoint) and NUMBER.fullmatch(route.number) and 0 <= route.index < 1000)
    if not fits:
        log.warning("a route to %r was left out: its endpoint or number does not fit a dialplan", route.endpoint)
    return fits


def _route(route: Route, granted_seconds: int) -> dict[str, Any]:
    ring = min(max(route.ring_seconds, 1), 300)
    headers = [
        {"n": name, "v": value}
        for name, value in route.headers.items()
        if HEADER.fullmatch(name) and HEADER_VALUE.fullmatch(value)
    ][:MOST_HEADERS]
    return {
        "i": str(route.index),
        "e": route.endpoint,
        "t": route.number,
        "c": re.sub(r"[^0-9A-Za-z+*#_.]", "", route.caller_id)[:64],
        "r": str(ring),
        "b": f"{ring + granted_seconds:.2f}",
        "hc": str(len(headers)),
        "h": headers,
    }


def _talk(seconds: int) -> str:
    return f"{seconds - MARGIN:.2f}"

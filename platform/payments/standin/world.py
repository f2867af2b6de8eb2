"""Everything the stand-in knows, and what happens to it. Amounts are whole minor units, times whole seconds."""

from __future__ import annotations

import calendar
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Object = dict[str, Any]
BAD_CARDS = {"pm_card_chargeDeclined", "pm_card_chargeCustomerFail"}


class Trouble(Exception):
    """An error answer of Stripe's."""

    def __init__(self, status: int, message: str, kind: str = "invalid_request_error", **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "message": message, **more}


class World:
    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.events: list[Object] = []
        self.tell: Callable[[Object], None] = lambda event: None
        self.frozen: int | None = None
        self._count = 0

    def now(self) -> int:
        return int(time.time()) if self.frozen is None else self.frozen

    def make(self, prefix: str, kind: str, **fields: Any) -> Object:
        self._count += 1
        made = {"id": f"{prefix}_{self._count:06d}", "object": kind, "created": self.now(), "livemode": False, **fields}
        made.setdefault("metadata", {})
        self.objects[made["id"]] = made
        return made

    def get(self, id: Any, kind: str) -> Object:
        found = self.objects.get(str(id))
        if found is None or found["object"] != kind:
            raise Trouble(404, f"No such {kind}: '{id}'", code="resource_missing")
        return found

    def all(self, kind: str, **fields: Any) -> list[Object]:
        """Newest first, as Stripe lists."""
        found = [one for one in self.objects.values() if one["object"] == kind]
        return [one for one in reversed(found) if all(one.get(name) == value for name, value in fields.items())]

    def happened(self, type: str, subject: Object) -> None:
        event = self.make(
            "evt", "event", type=type, api_version="2026-10-28.endive", data={"object": shown(subject)},
            pending_webhooks=1, request={"id": None, "idempotency_key": None},
        )  # fmt: skip
        self.events.append(event)
        self.tell(event)


def shown(value: Any) -> Any:
    """A copy as the outside may see it."""
    if isinstance(value, dict):
        # Keys that begin with a line are ours: Stripe wouldn't show them.
        return {key: shown(one) for key, one in value.items() if not key.startswith("_")}
    return [shown(one) for one in value] if isinstance(value, list) else value


def listed(objects: list[Object], url: str) -> Object:
    return {"object": "list", "data": objects, "has_more": False, "url": url}


def a_month_after(moment: int) -> int:
    """The same day of the next month, or its last day."""
    at = datetime.fromtimestamp(moment, UTC)
    year, month = (at.year, at.month + 1) if at.month < 12 else (at.year + 1, 1)
    day = min(at.day, calendar.monthrange(year, month)[1])
    return int(at.replace(year=year, month=month, day=day).timestamp())


def card_works(world: World, customer: Object) -> bool:
    card = customer["invoice_settings"]["default_payment_method"]
    return bool(card) and card not in BAD_CARDS

"""The pages' way to the call engine: its HTTP face, with this installation's key. Never in a database transaction."""

from __future__ import annotations

from typing import Any

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

SECONDS = 5.0


class ExchangeAway(RuntimeError):
    """The call engine does not answer; the text is for the page."""


class ExchangeRefused(ValueError):
    """The call engine did not want this; the text is its sentence."""


def ask_exchange(path: str, **body: Any) -> dict[str, Any]:
    """POST /page/<path>. Raises ExchangeAway, ExchangeRefused."""
    try:
        answer = httpx.post(
            f"{settings.EXCHANGE_URL}/page/{path}",
            json=body,
            headers={"authorization": f"Bearer {settings.EXCHANGE_KEY}"},
            timeout=SECONDS,
        )
    except httpx.HTTPError:
        raise ExchangeAway(_("The call engine does not answer. Try again in a moment.")) from None
    said = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
    if answer.status_code == 422:
        raise ExchangeRefused(str(said.get("error", "")))
    if answer.status_code != 200:
        raise ExchangeAway(_("The call engine can't say. Try again in a moment."))
    return dict(said)

"""Calls as a CSV file. Whatever a spreadsheet would take for a formula is written as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import Call, CallQuerySet
from portal.people.models import User
from telecom.causes import cause

# https://owasp.org/www-community/attacks/CSV_Injection: a cell must not begin with one of these.
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
MOST_ROWS = 100_000


class TooManyCalls(ValueError):
    """More calls than one file should hold; the text says so."""


def cell(text: str) -> str:
    """`text` for a CSV cell. A leading quote makes a spreadsheet show it as it is instead of running it."""
    return f"'{text}" if text.startswith(BEGINS_A_FORMULA) else text


def calls_csv(found: CallQuerySet, user: User) -> bytes:
    """The file, UTF-8 with a mark that spreadsheets look for. Times are in the active zone. Raises TooManyCalls."""
    rows = list(found[: MOST_ROWS + 1])
    if len(rows) > MOST_ROWS:
        raise TooManyCalls(_("These are more than 100,000 calls. Choose fewer days."))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_heads(user))
    writer.writerows(_line(call, user) for call in rows)
    return text.getvalue().encode("utf-8-sig")


def _heads(user: User) -> Iterable[str]:
    yield from (_("Call"), _("Correction"), _("Started"), _("Caller"), _("Called"), _("Destination"))
    if user.is_staff_here:
        yield _("Customer")
    yield from (_("Device"), _("Seconds"), _("Billed seconds"), _("Price"), _("Currency"))
    if user.is_staff_here:
        yield from (_("Provider"), _("Cost"), _("Cost currency"), _("Profit"), _("Profit currency"))
    yield _("Ended because")


def _line(call: Call, user: User) -> Iterable[object]:
    yield from (call.id, call.revision, timezone.localtime(call.started_at).isoformat(timespec="seconds"))
    yield from map(cell, (call.caller, call.called, call.destination))
    if user.is_staff_here:
        yield cell(call.customer_label)
    yield from (cell(call.device_label), call.talk_seconds, call.billed_seconds, f"{call.sell:f}", call.sell_currency)
    if user.is_staff_here:
        yield from (cell(call.provider_label), f"{call.buy:f}", call.buy_currency)
        yield from (f"{call.profit:f}", call.base_currency)
    yield cause(call.cause).text if call.cause else ""

"""Blocking customers by the calendar: at a date, or on a day of each month if they owe. By the operator's midnight.

The rules are resellers.md 9.3: a date of today or before does nothing by itself (suspend at once instead); who is
blocked conditionally is postpaid, below zero, and has an unpaid invoice, all three.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from ledger.models import Account
from portal.people.change_customer import suspend
from portal.people.mail import send
from portal.people.models import Customer
from tenants.models import Operator

# Whether a customer has an unpaid invoice: the room of invoices says so when it is loaded. Without it nobody has one.
_unpaid: list[Callable[[Customer], bool]] = []


def unpaid_invoices(asked: Callable[[Customer], bool]) -> Callable[[Customer], bool]:
    """Marks the function that knows. Once."""
    if _unpaid:
        raise ValueError("Who has unpaid invoices is known already.")
    _unpaid.append(asked)
    return asked


def invoices_are_known() -> bool:
    return bool(_unpaid)


def today_of(operator: Operator, now: datetime) -> date:
    return now.astimezone(ZoneInfo(operator.timezone)).date()


def is_due(day: int, today: date, checked_on: date | None) -> bool:
    """Whether conditional blocking is to be looked at: this month's day has come and wasn't looked at yet.

    A month that is too short has it on its last day. A night that was missed is caught up within the month.
    """
    due = today.replace(day=min(day, calendar.monthrange(today.year, today.month)[1]))
    return due <= today and (checked_on is None or checked_on < due)


def owes(is_postpaid: bool, balance_is_negative: bool, has_unpaid_invoice: bool) -> bool:
    return is_postpaid and balance_is_negative and has_unpaid_invoice


def block_due(operator: Operator, now: datetime) -> int:
    """Suspend whoever's turn it is, and tell them. Answers how many; running it again changes nothing."""
    today = today_of(operator, now)
    listed = Customer.objects.filter(block_on__lte=today) | Customer.objects.filter(block_day__isnull=False)
    return sum(_block(operator, pk, today) for pk in listed.order_by("pk").values_list("pk", flat=True))


def _block(operator: Operator, pk: int, today: date) -> bool:
    with transaction.atomic():
        one = Customer.objects.select_for_update(of=("self",)).get(pk=pk)
        blocks = False
        if one.block_on is not None and one.block_on <= today:
            blocks, one.block_on = True, None
        if one.block_day is not None and is_due(one.block_day, today, one.block_checked_on):
            blocks, one.block_checked_on = blocks or _owes(one), today
        one.save(update_fields=["block_on", "block_checked_on"])
        blocks = blocks and one.state == Customer.State.ACTIVE
        if blocks:
            suspend(one)
    if blocks and one.email:
        send(operator, one.email, "people/blocked_mail.txt", {"name": one.name})
    return blocks


def _owes(one: Customer) -> bool:
    account = Account.objects.get(pk=one.account)
    is_postpaid = account.floor is None or account.floor < 0
    return owes(is_postpaid, account.posted < 0, any(asked(one) for asked in _unpaid))


def tomorrow_of(operator: Operator, now: datetime) -> date:
    """The first day somebody can be blocked at."""
    return today_of(operator, now) + timedelta(days=1)

"""How many may sign up. Counted in rows, behind one lock an operator, so that parallel ones count each other too."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext as _

from portal.signup.models import SignUp, SignUpRules
from tenants.context import current_operator

FROM_ONE_PLACE = 3
MAILS_TO_ONE_ADDRESS = 3
HOUR = timedelta(hours=1)
LOCK = 7149


class TooMany(Exception):
    """A limit is reached. The sentence says nothing about whose address it is."""


def take_turns() -> None:
    """Until the end of the transaction nobody else signs up, or is approved, at this operator."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [LOCK, current_operator().pk])


def refuse_too_many(rules: SignUpRules, network: str, now: datetime) -> None:
    """Raises TooMany. Every attempt with a good form counts, whatever became of it."""
    lately = SignUp.objects.filter(created_at__gt=now - HOUR)
    if lately.filter(network=network).count() >= FROM_ONE_PLACE:
        raise TooMany(_("There were several sign-ups from your connection lately. Try again in an hour."))
    if lately.count() >= rules.most_an_hour:
        raise TooMany(_("Many people are signing up at the moment. Try again in an hour."))


def may_mail(key: str, now: datetime) -> bool:
    """Somebody's mailbox is no toy: so many mails an hour, and then silence."""
    return SignUp.objects.filter(email_key=key, created_at__gt=now - HOUR).count() < MAILS_TO_ONE_ADDRESS


def has_gift_left(rules: SignUpRules, gift: Decimal, currency: str, now: datetime) -> bool:
    """Whether one more `gift` fits what may be given away today, by the operator's calendar."""
    if gift <= 0:
        return True
    today = now.astimezone(ZoneInfo(current_operator().timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    # What one of us approved was looked at, and doesn't use it up.
    given = SignUp.objects.filter(state=SignUp.State.DONE, done_at__gte=today, gift_currency=currency, decided_by="")
    return (given.aggregate(sum=Sum("gift"))["sum"] or Decimal(0)) + gift <= rules.gifts_a_day

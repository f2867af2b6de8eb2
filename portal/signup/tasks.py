"""What the worker does for sign-ups by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from portal.people.each_operator import each_operator
from portal.signup.models import SignUp
from portal.signup.register import GOOD_FOR
from tenants.jobs import platform_job

KEPT = timedelta(days=30)


@platform_job(cron="7 * * * *")
def expire_sign_ups() -> int:
    return each_operator(lambda operator: expire(timezone.now()), "sign-ups were not looked at")


def expire(now: datetime) -> int:
    """Links older than 48 hours are dead, confirmed or not shown; what came to nothing is forgotten after a month."""
    old = SignUp.objects.filter(created_at__lte=now - GOOD_FOR, state=SignUp.State.WAITING)
    expired = old.update(state=SignUp.State.EXPIRED, password="", confirm_digest=None)
    SignUp.objects.filter(done_at__lte=now - GOOD_FOR, state=SignUp.State.DONE).exclude(welcome_digest=None).update(
        sip_secret="", welcome_digest=None
    )
    nothing = [SignUp.State.EXPIRED, SignUp.State.REFUSED, SignUp.State.REPEATED]
    SignUp.objects.filter(created_at__lte=now - KEPT, state__in=nothing).delete()
    return expired

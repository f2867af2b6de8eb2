"""What the worker does for people by the clock."""

from __future__ import annotations

from django.utils import timezone

from portal.people.blocking import block_due
from portal.people.each_operator import each_operator
from tenants.jobs import platform_job


# Zones begin their days at every quarter of an hour.
@platform_job(cron="*/15 * * * *")
def block_customers() -> int:
    return each_operator(lambda operator: block_due(operator, timezone.now()), "customers were not blocked")

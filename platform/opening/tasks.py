"""What the worker does by the clock for the platform as a whole. It alone has the owner's connection."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog
from django.db import connections
from django.utils import timezone

from calls import invariants as calls
from ledger import invariants as ledger
from ledger.ids import id_at
from opening.open_operator import finish_opening
from tenants.jobs import platform_job
from tenants.models import Operator

# A repeated Decide comes within seconds; a node that was cut off may bring records for days.
NAMES_KEPT = timedelta(days=7)
STILL_OPENING = timedelta(minutes=2)
BATCH = 5_000
log = structlog.get_logger()


@platform_job(cron="*/5 * * * *")
def finish_openings() -> int:
    """Complete the operators whose opening was cut short."""
    late = timezone.now() - STILL_OPENING
    waiting = Operator.objects.using("owner").filter(state=Operator.State.OPENING, created_at__lt=late)
    done = [finish_opening(operator_id) for operator_id in waiting.values_list("pk", flat=True)]
    return len(done)


@platform_job(cron="17 * * * *")
def keep_partitions() -> int:
    """Months ahead have their partitions; a missing one is an alarm, because calls of that month could not settle."""
    made = 0
    with connections["owner"].cursor() as cursor:
        for table in ("ledger_transfer", "calls_call", "calls_attempt"):
            cursor.execute("select ledger_make_partitions(%s, current_date, 3)", [table])
            made += cursor.fetchone()[0]
    return made


@platform_job(cron="41 * * * *")
def forget_names() -> int:
    """Names of calls long over, in small batches, so that no lock is held for long."""
    before = id_at(datetime.now(UTC) - NAMES_KEPT)
    gone = 0
    with connections["owner"].cursor() as cursor:
        while True:
            cursor.execute("select calls_forget_keys(%s, %s)", [before, BATCH])
            count = cursor.fetchone()[0]
            gone += count
            if count < BATCH:
                return gone


@platform_job(cron="10 2 * * *")
def close_yesterday() -> int:
    """The daily closing of the ledger, in two statements: the first must be over before the second reads."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    with connections["owner"].cursor() as cursor:
        cursor.execute("select ledger_close_bound(%s)", [yesterday])
        cursor.execute("select ledger_close_sum(%s)", [yesterday])
        return int(cursor.fetchone()[0])


@platform_job(cron="30 3 * * *")
def check_books() -> int:
    """Every invariant of the ledger and of the calls. A violation is an alarm for people, never repaired here."""
    with connections["owner"].cursor() as cursor:
        found = [*ledger.violations(cursor), *ledger.missing_partitions(cursor), *calls.violations(cursor)]
    for sentence in found:
        log.error("an invariant is broken", what=sentence)
    return len(found)

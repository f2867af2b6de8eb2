"""`tandem worker`: jobs and schedules. The one long-running process that may also act as the owner of the tables."""

from __future__ import annotations

from django.core.management import call_command
from django.core.management.base import BaseCommand

from tenants.startup import refuse_open_doors


class Command(BaseCommand):
    help = "Work off jobs."

    def handle(self, *args, **options):
        refuse_open_doors()
        call_command("procrastinate", "worker", "--concurrency=2")

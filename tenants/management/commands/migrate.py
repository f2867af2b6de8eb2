"""`tandem migrate`: the shared tables, the blueprint and its dump, then every operator that isn't there yet.

An operator's schema is skipped when its fingerprint is this code's, so a deploy that changes nothing costs one query,
and a run that was killed goes on where it stopped.
"""

from __future__ import annotations

from typing import TextIO, cast

from django.conf import settings
from django.core.management.base import BaseCommand
from django.core.management.commands import migrate as stock
from django.db import connection

from tenants.context import leave_operator
from tenants.models import Operator
from tenants.schema import fingerprint, migrate_schema, take_blueprint


class Command(BaseCommand):
    autodetector = stock.Command.autodetector  # a check of Django's compares it with makemigrations'
    requires_system_checks: list[str] = []
    help = "Migrate the shared tables, the blueprint, and every operator's schema."

    def add_arguments(self, parser):
        parser.add_argument("--pg-dump", default="", help="The pg_dump to use, of the server's version or later.")

    def handle(self, *args, verbosity=1, pg_dump="", **options):
        leave_operator()
        stock.Command(stdout=cast(TextIO, self.stdout), stderr=cast(TextIO, self.stderr)).execute(
            app_label=None, migration_name=None, database="default", verbosity=max(0, verbosity - 1), interactive=False,
            fake=False, fake_initial=False, plan=False, check_unapplied=False, run_syncdb=False, prune=False,
            skip_checks=True, force_color=False, no_color=True,
        )  # fmt: skip
        self.share()
        self.make_blueprint(pg_dump or settings.PG_DUMP)
        mark = fingerprint()
        behind = Operator.objects.exclude(schema_fingerprint=mark).exclude(state=Operator.State.CLOSED).order_by("pk")
        for operator in behind:
            migrate_schema(operator.schema_name)
            Operator.objects.filter(pk=operator.pk).update(schema_fingerprint=mark)
            if verbosity:
                self.stdout.write(f"{operator.schema_name} migrated")

    def share(self) -> None:
        """Rights on what libraries brought into public. Ours bring their own rights in their migrations."""
        with connection.cursor() as cursor:
            cursor.execute(
                "grant select on django_content_type, django_migrations to tandem_web, tandem_engine, tandem_console;"
                "do $$ declare t record; begin"
                " for t in select c.oid::regclass as name, c.relkind from pg_class c"
                "   where c.relnamespace = 'public'::regnamespace and c.relname like 'procrastinate%'"
                "   and c.relkind in ('r', 'S') loop"
                "  if t.relkind = 'S' then execute format('grant usage on sequence %s to tandem_web', t.name);"
                "  else execute format('grant select, insert, update, delete on %s to tandem_web', t.name); end if;"
                " end loop; end $$"
            )

    def make_blueprint(self, pg_dump: str) -> None:
        schema = settings.BLUEPRINT_SCHEMA
        with connection.cursor() as cursor:
            cursor.execute(f"create schema if not exists {schema}")
            cursor.execute(f"grant usage on schema {schema} to tandem_web, tandem_engine, tandem_console")
            cursor.execute(
                f"alter default privileges in schema {schema}"
                " grant select, insert, update, delete on tables to tandem_web;"
                f"alter default privileges in schema {schema} grant usage on sequences to tandem_web"
            )
        migrate_schema(schema)
        take_blueprint(pg_dump)

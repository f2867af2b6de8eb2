"""Making an operator's schema: dump the migrated blueprint once at deploy, replay its text for each operator.

Replaying is exact (constraint names, sequences, grants) and takes a fifth of a second, where migrating takes fifteen
seconds and django-tenants' CloneSchema renames constraints and needs a superuser.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
from functools import cache

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tenants.models import Blueprint

# What pg_dump writes that a replay inside a transaction must not run, or must run for this transaction only.
DROPPED = re.compile(r"^(\\(un)?restrict.*|--.*|SET transaction_timeout.*|CREATE SCHEMA .*)$\n?", re.MULTILINE)


class BlueprintMissing(RuntimeError):
    """No dump fits the migrations of this code: run `tandem migrate`."""


@cache
def fingerprint() -> str:
    """Names of all migrations of the apps that live in an operator's schema, as one hash."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    labels = {name.split(".")[-1] for name in settings.TENANT_APPS}
    labels = {{"wagtail": "wagtailcore", "redirects": "wagtailredirects"}.get(label, label) for label in labels} | {
        f"wagtail{label}" for label in labels
    }
    names = sorted(f"{app}.{name}" for app, name in loader.disk_migrations if app in labels)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def migrate_schema(schema: str, verbosity: int = 0) -> None:
    """Bring one schema (the blueprint, or an operator's) to the migrations of this code."""
    connection = connections["default"]
    connection.set_schema(schema, include_public=False)
    MigrationRecorder(connection).ensure_schema()
    connection.set_schema(schema)
    try:
        migrate.Command(stdout=io.StringIO()).execute(
            app_label=None, migration_name=None, database="default", verbosity=verbosity, interactive=False, fake=False,
            fake_initial=False, plan=False, check_unapplied=False, run_syncdb=False, prune=False, skip_checks=True,
            force_color=False, no_color=True,
        )  # fmt: skip
    finally:
        connection.set_schema_to_public()


def take_blueprint(pg_dump: str) -> Blueprint:
    """Dump the blueprint schema as the owner and keep the text. Does nothing if this code's dump is there already."""
    mark = fingerprint()
    if known := Blueprint.objects.filter(fingerprint=mark).first():
        return known
    place = connections["default"].get_connection_params()
    result = subprocess.run(
        [pg_dump, "--inserts", "--no-owner", "--schema", settings.BLUEPRINT_SCHEMA, place["dbname"]],
        capture_output=True, text=True, check=True,
        env=os.environ | {
            "PGHOST": place.get("host", ""), "PGPORT": str(place.get("port", "")), "PGUSER": place.get("user", ""),
            "PGPASSWORD": place.get("password", ""),
        },
    )  # fmt: skip
    sql = DROPPED.sub("", result.stdout)
    sql = re.sub(r"^SET (?!LOCAL)", "SET LOCAL ", sql, flags=re.MULTILINE)
    sql = sql.replace("set_config('search_path', '', false)", "set_config('search_path', '', true)")
    return Blueprint.objects.create(fingerprint=mark, sql=sql)


def replay_blueprint(cursor, schema: str) -> None:
    """Make `schema` from the blueprint, inside the caller's transaction. Raises BlueprintMissing.

    `cursor` is the owner's, straight from the driver: many statements go in one go, without parameters.
    """
    cursor.execute("select sql from public.tenants_blueprint where fingerprint = %s", [fingerprint()])
    row = cursor.fetchone()
    if row is None:
        raise BlueprintMissing("This code's migrations have not been applied here: run `tandem migrate`.")
    if not re.fullmatch(r"op_\d+", schema):
        raise ValueError(f"{schema!r} is not an operator's schema name.")
    cursor.execute(f'create schema "{schema}"')
    cursor.execute(f'grant usage on schema "{schema}" to tandem_web, tandem_engine, tandem_console')
    cursor.execute(row[0].replace(settings.BLUEPRINT_SCHEMA, schema))
    cursor.execute("set local search_path to default")
    cursor.execute("set local row_security to default")

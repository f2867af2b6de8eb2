"""What must be true of the database before a process serves anybody. A process that finds otherwise does not start."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.db import connection

from tenants.context import leave_operator
from tenants.policies import unprotected

ROLE = """select rolsuper or rolbypassrls or pg_has_role(current_user, 'tandem_owner', 'member')
  from pg_roles where rolname = current_user"""


def refuse_open_doors() -> None:
    """Raises CommandError when row-level security does not hold for us: policies missing, or a role above them."""
    leave_operator()
    with connection.cursor() as cursor:
        cursor.execute(ROLE)
        if cursor.fetchone()[0]:
            raise CommandError(
                "This process runs as a role that row-level security does not bind: use TANDEM_ROLE=web."
            )
        if missing := unprotected(cursor):
            raise CommandError(f"Not under row-level security: {', '.join(missing)}. Run `tandem migrate`.")
    connection.close()

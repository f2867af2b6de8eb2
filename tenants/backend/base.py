"""django-tenants' backend, failing closed.

Upstream swallows a failed SET search_path and then runs the query in whatever schema the connection was in before, and
it is content with a schema that doesn't exist (PostgreSQL then quietly reads `public`). Both would show one operator's
rows to another, so here both are errors. The same statement tells row-level security which operator this is.
"""

from __future__ import annotations

import psycopg
from django.db.utils import DatabaseError
from django_tenants.postgresql_backend import base

ENTER = """select set_config('search_path', %s, false), set_config('app.operator', %s, false),
  (select count(*) from unnest(%s::text[]) s where to_regnamespace(quote_ident(s)) is not null)"""


class SchemaMissing(DatabaseError):
    """The schema to work in doesn't exist in this database."""


class DatabaseWrapper(base.DatabaseWrapper):
    def _handle_search_path(self, cursor=None):
        if self._setting_search_path or (base.get_limit_set_calls() and self.search_path_set_schemas):
            return
        paths = self._get_cursor_search_paths()
        self.search_path_set_schemas = None
        if self.connection.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
            return  # the caller's statement fails too, and ROLLBACK TO must get through
        # A cursor of the driver's, not Django's: that one would mark the whole atomic block as broken.
        with self.wrap_database_errors, self.connection.cursor() as driver_cursor:
            operator_id = str(getattr(self.tenant, "pk", None) or "")
            names = ",".join(base.quote_schema_name(path) for path in paths)
            driver_cursor.execute(ENTER, [names, operator_id, paths])
            found = driver_cursor.fetchone()[2]
        if found != len(paths):
            raise SchemaMissing(f"There is no schema {' or '.join(paths)} here.")
        self.search_path_set_schemas = paths

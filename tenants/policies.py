"""Row-level security for shared tables, as text for migrations and as the check that nobody forgot it.

The sub-select becomes an InitPlan, so the policy costs one look-up a statement and the operator's index is used.
"""

from __future__ import annotations

CURRENT = "(select nullif(current_setting('app.operator', true), '')::bigint)"

# Shared tables that every role may read without a policy: they hold nothing of any operator.
EXCEPTIONS = {
    "calls_destination",
    "django_content_type",
    "django_migrations",
    "tenants_blueprint",
}


def protect(table: str, column: str = "operator_id", web: str = "select", extra: str = "", engine: str = "all") -> str:
    """SQL that puts `table` under row-level security.

    `web` lists what the web role may do with its own operator's rows ("select, insert"), `extra` is a further SQL
    condition under which it may read ("party_operator_id = ..."), `engine` what the call engine may do with all rows.
    """
    own = f"{column} = {CURRENT}"
    sql = [
        f"alter table {table} enable row level security;",
        f"create policy own_rows on {table} to tandem_web using ({own}) with check ({own});",
        f"create policy engine_rows on {table} to tandem_engine using (true) with check (true);",
        f"create policy console_rows on {table} for select to tandem_console using (true);",
        f"revoke all on {table} from public;",
        f"grant {web} on {table} to tandem_web;",
        f"grant select on {table} to tandem_console;",
        f"grant {engine} on {table} to tandem_engine;",
    ]
    if extra:
        sql.append(f"create policy shared_rows on {table} for select to tandem_web using ({extra});")
    return "\n".join(sql)


# Every shared table without row-level security, and every partition or table that a role may use around it.
UNPROTECTED = """
select c.relname from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity
  and not c.relispartition and c.relname not like 'procrastinate%%' and not (c.relname = any(%s))
union all
select c.relname from pg_class c, aclexplode(c.relacl) a
where c.relnamespace = 'public'::regnamespace and c.relispartition and a.grantee <> c.relowner
"""


def unprotected(cursor) -> list[str]:
    """Names of shared tables that policies don't cover. Empty is good."""
    cursor.execute(UNPROTECTED, [sorted(EXCEPTIONS)])
    return sorted(row[0] for row in cursor.fetchall())

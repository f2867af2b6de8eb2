"""Row-level security of the shared tables, the deeds round it (sql/), and the version counter of books."""

from pathlib import Path

from django.db import migrations

from tenants.policies import CURRENT, protect

SQL = Path(__file__).resolve().parents[1] / "sql"
LOOKUP, DOMAINS = (SQL / "look_up.sql").read_text(), (SQL / "domains.sql").read_text()

BOOKS = """
create function book_changed() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  touched bigint;
begin
  -- The blueprint and schemas that are being replayed have no book yet.
  touched := substring(tg_table_schema from '^op_([0-9]+)$')::bigint;
  if touched is not null then
    insert into tenants_bookversion (operator_id, version, changed_at) values (touched, 1, now())
      on conflict (operator_id) do update set version = tenants_bookversion.version + 1, changed_at = now();
    perform pg_notify('books', touched::text);
  end if;
  return null;
end $$;

create function operator_book_changed() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into tenants_bookversion (operator_id, version, changed_at) values (new.id, 1, now())
    on conflict (operator_id) do update set version = tenants_bookversion.version + 1, changed_at = now();
  perform pg_notify('books', new.id::text);
  return null;
end $$;
create trigger operator_book_changed after insert or update of state, kind, parent_id, currency on tenants_operator
  for each row execute function operator_book_changed();
"""

POLICIES = "\n".join(
    [
        protect("tenants_operator", "id", extra=f"parent_id = {CURRENT}", engine="select"),
        "grant update (name, timezone) on tenants_operator to tandem_web;",
        protect("tenants_domain", "tenant_id", engine="select"),
        protect("tenants_releaseddomain", engine="select"),
        protect("tenants_branding", web="select, update", engine="select"),
        protect("tenants_sipidentity", web="select, insert, update", engine="select"),
        protect("tenants_carrieridentity", web="select, insert, update", engine="select"),
        protect("tenants_bookversion", engine="select"),
        "revoke all on tenants_blueprint from public;",
        "grant select on django_content_type, django_migrations to tandem_web, tandem_engine, tandem_console;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial"), ("contenttypes", "0002_remove_content_type_name")]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (LOOKUP, DOMAINS, BOOKS, POLICIES)]

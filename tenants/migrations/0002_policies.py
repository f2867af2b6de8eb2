"""Row-level security of the shared tables, the one look-up round it, and the version counter of books."""

from django.db import migrations

from tenants.policies import CURRENT, protect

LOOKUP = """
create function operator_lookup(host text, wanted bigint)
returns table (id bigint, schema_name varchar, parent_id bigint, kind varchar, state varchar, name varchar,
  currency varchar, timezone varchar, opened_at timestamptz, created_at timestamptz, main_domain varchar,
  brand_name varchar, brand_primary varchar, brand_accent varchar, brand_logo varchar)
language sql stable security definer set search_path = public, pg_temp as $$
  select o.id, o.schema_name, o.parent_id, o.kind, o.state, o.name, o.currency, o.timezone, o.opened_at, o.created_at,
    coalesce((select m.domain from tenants_domain m where m.tenant_id = o.id and m.is_primary
              and m.verified_at is not null limit 1), ''),
    coalesce(b.name, ''), coalesce(b.primary, '#2f5bea'), coalesce(b.accent, ''), coalesce(b.logo, '')
  from tenants_operator o left join tenants_branding b on b.operator_id = o.id
  where case when wanted is not null then o.id = wanted
    else o.state <> 'closed' and o.id = (select d.tenant_id from tenants_domain d
                                         where d.domain = host and d.verified_at is not null) end
$$;
revoke all on function operator_lookup(text, bigint) from public;
grant execute on function operator_lookup(text, bigint) to tandem_web, tandem_engine, tandem_console;
"""

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

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (LOOKUP, BOOKS, POLICIES)]

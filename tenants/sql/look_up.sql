-- Reading an operator before one is known: by the host of a verified domain, or by its number. The one way round
-- row-level security for that. `brand` has the short columns of its look; long texts are read when they are asked for.
create function operator_lookup(host text, wanted bigint)
returns table (id bigint, schema_name varchar, parent_id bigint, kind varchar, state varchar, name varchar,
  currency varchar, timezone varchar, opened_at timestamptz, created_at timestamptz, main_domain varchar,
  host_is_active boolean, brand text)
language sql stable security definer set search_path = public, pg_temp as $$
  select o.id, o.schema_name, o.parent_id, o.kind, o.state, o.name, o.currency, o.timezone, o.opened_at, o.created_at,
    -- When the main domain is lost, the one that the platform gave stands in.
    coalesce((select m.domain from tenants_domain m where m.tenant_id = o.id and m.verified_at is not null
              order by m.is_primary desc, m.token = '' desc, m.id limit 1), ''),
    coalesce(d.token = '' or d.active_at is not null, false),
    json_build_object(
      'name', coalesce(b.name, ''), 'primary', coalesce(b.primary, '#2f5bea'), 'accent', coalesce(b.accent, ''),
      'logo', coalesce(b.logo, ''), 'logo_dark', coalesce(b.logo_dark, ''), 'icon', coalesce(b.icon, ''),
      'footer', coalesce(b.footer, ''), 'sender_name', coalesce(b.sender_name, ''),
      'sender_address', coalesce(b.sender_address, ''), 'support_email', coalesce(b.support_email, ''),
      'support_phone', coalesce(b.support_phone, ''), 'support_url', coalesce(b.support_url, ''),
      'legal', json_build_array(b.terms <> '', b.privacy <> '', b.imprint <> ''))::text
  from tenants_operator o left join tenants_branding b on b.operator_id = o.id
    left join tenants_domain d on d.domain = host and d.tenant_id = o.id
  where case when wanted is not null then o.id = wanted
    else o.state <> 'closed' and o.id = (select v.tenant_id from tenants_domain v
                                         where v.domain = host and v.verified_at is not null) end
$$;

-- Whether a certificate may be had for a host: one look-up in one index, whatever the answer.
create function domain_may_have_certificate(host text) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from tenants_domain d join tenants_operator o on o.id = d.tenant_id
                 where d.domain = host and d.verified_at is not null and o.state <> 'closed')
$$;
revoke all on function operator_lookup(text, bigint), domain_may_have_certificate(text) from public;
grant execute on function operator_lookup(text, bigint) to tandem_web, tandem_engine, tandem_console;
grant execute on function domain_may_have_certificate(text) to tandem_web;

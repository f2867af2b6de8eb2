-- What pages may do with domains. The web role has no right to write the table: it can claim, give up and choose the
-- main one through these, always for the operator of its connection; verifying is left to the worker.

create function domain_operator() returns bigint language sql stable as $$
  select nullif(current_setting('app.operator', true), '')::bigint
$$;

-- '' when claimed; else 'taken', 'kept' (somebody else's until lately) or 'many'. Of two claims at once one wins: the
-- unique index makes the second wait for the first.
create function domain_claim(host text, secret text, at_most int) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  me bigint := domain_operator();
begin
  if me is null or length(secret) < 32 then raise exception 'A claim needs an operator and a token.'; end if;
  perform 1 from tenants_operator where id = me for update;
  if (select count(*) from tenants_domain where tenant_id = me and token <> '') >= at_most then return 'many'; end if;
  insert into tenants_domain (domain, tenant_id, is_primary, token, created_at, failures, problem)
    values (lower(host), me, false, secret, now(), 0, '') on conflict (domain) do nothing;
  if not found then return 'taken'; end if;
  -- Only now: whoever gave the domain up a moment ago has committed by the time our row is in.
  if exists (select from tenants_releaseddomain where domain = lower(host) and operator_id <> me
             and released_at > now() - interval '90 days') then
    delete from tenants_domain where domain = lower(host) and tenant_id = me;
    return 'kept';
  end if;
  return '';
end $$;

-- Gives an own domain up. False when it is not this operator's own or is its main one.
create function domain_release(wanted bigint) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  delete from tenants_domain
    where id = wanted and tenant_id = domain_operator() and token <> '' and not is_primary;
  return found;
end $$;

-- Makes a verified domain the main one. False when it is not this operator's or not verified.
create function domain_make_primary(wanted bigint) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  me bigint := domain_operator();
begin
  perform 1 from tenants_domain where tenant_id = me order by id for update;
  if not exists (select from tenants_domain where id = wanted and tenant_id = me and verified_at is not null) then
    return false;
  end if;
  update tenants_domain set is_primary = false where tenant_id = me and is_primary and id <> wanted;
  update tenants_domain set is_primary = true where id = wanted;
  return true;
end $$;

-- Whether some other operator's portal name looks like one of `keys` without being one of `spellings`.
create function name_is_look_alike(keys text[], spellings text[]) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from tenants_branding where name_key = any(keys) and name_key <> ''
    and operator_id is distinct from domain_operator()
    and not (lower(regexp_replace(name, '[^[:alnum:]]', '', 'g')) = any(spellings)))
$$;

-- However the row goes: given up, its operator dropped.
create function domain_released() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if old.token <> '' and (old.verified_at is not null or old.failed_at is not null) then
    insert into tenants_releaseddomain (domain, operator_id, released_at) values (old.domain, old.tenant_id, now());
  end if;
  return null;
end $$;
create trigger domain_released after delete on tenants_domain for each row execute function domain_released();

revoke all on function domain_operator(), domain_claim(text, text, int), domain_release(bigint),
  domain_make_primary(bigint), name_is_look_alike(text[], text[]), domain_released() from public;
grant execute on function domain_claim(text, text, int), domain_release(bigint), domain_make_primary(bigint),
  name_is_look_alike(text[], text[]) to tandem_web;

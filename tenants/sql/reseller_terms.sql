-- What the operators above let `child` do: one object for each level from its parent up, {reseller, group, default}.
-- For the child itself and for its parent; null for everybody else.
create function reseller_terms(child bigint) returns jsonb
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  me bigint := nullif(current_setting('app.operator', true), '')::bigint;
  found jsonb;
begin
  if me is null or not exists (select from tenants_operator where id = child and (id = me or parent_id = me)) then
    raise exception 'The terms of this reseller are not for this operator.' using errcode = 'insufficient_privilege';
  end if;
  with recursive up as (
    select id, parent_id, 0 as height from tenants_operator where id = child
    union all
    select o.id, o.parent_id, up.height + 1 from tenants_operator o join up on o.id = up.parent_id
  )
  select jsonb_agg(
    jsonb_build_object(
      'reseller', coalesce(own.values, '{}'), 'group', coalesce(g.values, '{}'), 'default', coalesce(base.values, '{}')
    ) order by up.height
  ) into found
  from up
  left join tenants_resellerterms own on own.operator_id = up.parent_id and own.reseller_id = up.id
  left join tenants_resellergroup g on g.id = own.group_id
  left join tenants_resellerterms base on base.operator_id = up.parent_id and base.reseller_id = 0
  where up.parent_id is not null;
  return coalesce(found, '[]');
end $$;

-- Terms are for resellers of one's own, in groups of one's own.
create function reseller_terms_belong() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if new.reseller_id <> 0
     and not exists (select from tenants_operator where id = new.reseller_id and parent_id = new.operator_id)
     or new.group_id is not null
     and not exists (select from tenants_resellergroup where id = new.group_id and operator_id = new.operator_id) then
    raise exception 'This reseller, or this group, isn''t one of the operator''s.' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger reseller_terms_belong before insert or update on tenants_resellerterms
  for each row execute function reseller_terms_belong();

revoke all on function reseller_terms(bigint), reseller_terms_belong() from public;
grant execute on function reseller_terms(bigint) to tandem_web;

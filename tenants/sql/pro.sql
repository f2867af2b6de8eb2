-- What an operator is changes in one direction only, whoever asks: page, API, ORM or a hand at the database.
create function operator_stays_what_it_is() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if new.kind <> old.kind and not (old.kind = 'reseller' and new.kind = 'reseller_pro') then
    raise exception 'A % can''t become a %.', old.kind, new.kind
      using errcode = 'check_violation', constraint = 'operator_stays_what_it_is';
  end if;
  -- Counting calls ("limit") is no money.
  if new.currency <> old.currency
     and exists (select from ledger_transfer where operator_id = old.id and kind <> 'limit') then
    raise exception 'The currency stays %: there is money in these books already.', old.currency
      using errcode = 'check_violation', constraint = 'operator_currency_is_locked';
  end if;
  return new;
end $$;
create trigger operator_stays_what_it_is before update of kind, currency on tenants_operator
  for each row execute function operator_stays_what_it_is();

-- What an operator may set of one right below it; null leaves a thing as it is. False: it has no such operator.
create function operator_set_below(child bigint, pro boolean, no_own_providers boolean, no_copies boolean)
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update tenants_operator set
    kind = case when pro and kind = 'reseller' then 'reseller_pro' else kind end,
    forbid_own_providers = coalesce(no_own_providers, forbid_own_providers),
    copies_forbidden = coalesce(no_copies, copies_forbidden)
  where id = child and parent_id = nullif(current_setting('app.operator', true), '')::bigint;
  return found;
end $$;
-- Whether the operator above lets this one copy its number rules; that row is nobody's to read from below.
create function operator_may_copy(child bigint) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce((select not (o.copies_forbidden or p.forbids_copies)
                   from tenants_operator o join tenants_operator p on p.id = o.parent_id where o.id = child), false)
$$;
revoke all on function operator_stays_what_it_is(), operator_set_below(bigint, boolean, boolean, boolean), operator_may_copy(bigint)
  from public;
grant execute on function operator_set_below(bigint, boolean, boolean, boolean), operator_may_copy(bigint) to tandem_web;
grant update (forbids_copies) on tenants_operator to tandem_web;

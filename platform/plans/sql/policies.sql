-- Who may see and write what is sold. A seller writes for those right below it; the owner for itself too.

create function plans_sells_to(seller bigint, buyer bigint) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
    select exists (
        select 1 from tenants_operator o where o.id = buyer and (o.parent_id = seller or (o.parent_id is null and o.id = seller))
    )
$$;
create function plans_parent() returns bigint
language sql stable security definer set search_path = public, pg_temp as $$
    select parent_id from tenants_operator where id = nullif(current_setting('app.operator', true), '')::bigint
$$;
revoke all on function plans_sells_to(bigint, bigint), plans_parent() from public;
grant execute on function plans_sells_to(bigint, bigint), plans_parent() to tandem_web, tandem_engine, tandem_console;

do $$
declare
    one text;
    own text := 'operator_id = (select nullif(current_setting(''app.operator'', true), '''')::bigint)';
    sold text := 'seller_id = (select nullif(current_setting(''app.operator'', true), '''')::bigint)';
begin
    foreach one in array array['plans_subscription', 'plans_entitlement', 'plans_capacity'] loop
        execute format('alter table %I enable row level security', one);
        execute format('revoke all on %I from public', one);
        execute format('grant select, insert, update, delete on %I to tandem_web', one);
        execute format('grant select on %I to tandem_engine, tandem_console', one);
        execute format('create policy own_rows on %I for select to tandem_web using (%s)', one, own);
        execute format('create policy sold_rows on %I to tandem_web using (%s) with check (%s and plans_sells_to(seller_id, operator_id))',
            one, sold, sold);
        execute format('create policy engine_rows on %I for select to tandem_engine using (true)', one);
        execute format('create policy console_rows on %I for select to tandem_console using (true)', one);
    end loop;
end $$;
revoke delete on plans_subscription, plans_entitlement, plans_capacity from tandem_web;

-- A changed capacity is a changed book of that operator.
create function plans_capacity_changed() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if tg_op = 'UPDATE' and (new.account_id, new.calls_per_second) is not distinct from (old.account_id, old.calls_per_second) then
        return null;
    end if;
    insert into tenants_bookversion (operator_id, version, changed_at) values (new.operator_id, 1, now())
      on conflict (operator_id) do update set version = tenants_bookversion.version + 1, changed_at = now();
    perform pg_notify('books', new.operator_id::text);
    return null;
end $$;
create trigger plans_capacity_changed after insert or update on plans_capacity
    for each row execute function plans_capacity_changed();

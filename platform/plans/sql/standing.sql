-- Reading a chain: an operator's plan and addons and those of everybody above it, which row-level security hides.

-- The operator and all above it, itself at depth 0.
create function plans_chain(operator bigint) returns table (id bigint, kind varchar, depth int)
language sql stable security definer set search_path = public, pg_temp as $$
    with recursive up as (
        select o.id, o.parent_id, o.kind, 0 as depth from tenants_operator o where o.id = operator
        union all
        select o.id, o.parent_id, o.kind, up.depth + 1 from tenants_operator o join up on o.id = up.parent_id
    )
    select up.id, up.kind, up.depth from up
$$;

-- Who works for an operator may ask about those above and below it; the owner role and the engine about anybody.
create function plans_guard(operator bigint) returns void language plpgsql stable
set search_path = public, pg_temp as $$
declare
    own bigint := nullif(current_setting('app.operator', true), '')::bigint;
begin
    if ledger_caller() = 'tandem_engine' or pg_has_role(ledger_caller(), 'tandem_owner', 'member') then
        return;
    end if;
    if own is null or not (
        exists (select 1 from plans_chain(operator) c where c.id = own)
        or exists (select 1 from plans_chain(own) c where c.id = operator)
    ) then
        raise exception 'This is another operator''s plan.' using errcode = '42501';
    end if;
end $$;

-- [{id, kind, depth, subscription, plan, entitlements}, ...] from the operator up.
create function plans_standing(operator bigint) returns jsonb
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    perform plans_guard(operator);
    return (
        select jsonb_agg(jsonb_build_object(
            'id', c.id, 'kind', c.kind,
            'subscription', (select to_jsonb(s) from plans_subscription s where s.operator_id = c.id),
            'plan', (select to_jsonb(p) from plans_subscription s join plans_plan p on p.id = s.plan_id
                     where s.operator_id = c.id),
            'entitlements', coalesce((select jsonb_agg(to_jsonb(e) order by e.id) from plans_entitlement e
                                      where e.operator_id = c.id), '[]'::jsonb)
        ) order by c.depth)
        from plans_chain(operator) c
    );
end $$;

-- Every operator below, not closed, of these kinds (empty: all), without the operator itself.
create function plans_below(operator bigint, kinds text[]) returns table (id bigint, made_at timestamptz)
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    perform plans_guard(operator);
    return query
        with recursive down as (
            select o.id, o.kind, o.state, o.created_at from tenants_operator o where o.parent_id = operator
            union all
            select o.id, o.kind, o.state, o.created_at from tenants_operator o join down on o.parent_id = down.id
        )
        select down.id, down.created_at from down
        where down.state <> 'closed' and (cardinality(kinds) = 0 or down.kind = any (kinds))
        order by down.id;
end $$;

revoke all on function plans_chain(bigint), plans_guard(bigint), plans_standing(bigint), plans_below(bigint, text[]) from public;
grant execute on function plans_guard(bigint), plans_standing(bigint), plans_below(bigint, text[])
    to tandem_web, tandem_engine, tandem_console;

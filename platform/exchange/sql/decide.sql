-- Admits a batch of calls: names, holds and live rows, in the order of arrival, each all or nothing.
-- calls: a list of columns of calls_livecall. accounts: distinct, ascending. Legs: call (1..n), account (1..k), amount; an account at most once per call.
-- Answers one row per call: 'held', 'short' (with the first account, in the order of the legs, that lacks cover, and
-- what each leg's account had free), 'repeated' (with the id and the answer given before) or 'finished' (the name
-- belongs to a call that is over). A 'short' call leaves nothing behind.
create or replace function exchange_decide(
    calls json, accounts bigint[], leg_call int[], leg_account int[], leg_amount numeric[]
) returns table (nth int, status text, call_id bigint, short_account bigint, free numeric[], answer jsonb)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
    given calls_livecall[] := (select array_agg(c) from json_populate_recordset(null::calls_livecall, calls) c);
    ids bigint[];
    expires timestamptz[];
    fresh bigint[];
    available numeric[];
    books bigint[];
    taken numeric[];
    good boolean[];
    held bigint[] := '{}';
    statuses text[] := array_fill(null::text, array[coalesce(array_length(given, 1), 0)]);
    legs int := coalesce(array_length(leg_call, 1), 0);
    first int := 1;
    last int;
    lacking int;
    n int;
    k int;
begin
    select array_agg((given[i]).id order by i), array_agg((given[i]).deadline_at order by i) into ids, expires
    from generate_subscripts(given, 1) i;
    -- In the order of the names, so that two exchanges never wait for each other here.
    with named as (
        insert into calls_callkey (id, uuid, node, boot)
        select v.id, v.uuid, v.node, v.boot from unnest(given) v
        order by v.uuid, v.node, v.boot, v.id on conflict on constraint calls_callkey_name do nothing returning id
    )
    select array_agg(named.id) into fresh from named;

    select array_agg(a.free order by a.id), array_agg(a.operator_id order by a.id) into available, books
    from (
        select id, operator_id, coalesce(posted - held - floor, 'Infinity') as free from ledger_account
        where id = any (accounts) order by id for no key update
    ) a;
    if coalesce(array_length(available, 1), 0) <> coalesce(array_length(accounts, 1), 0) then
        raise exception 'One of the accounts % does not exist, or is named twice.', accounts using errcode = 'TL004';
    end if;
    taken := array_fill(0::numeric, array[coalesce(array_length(accounts, 1), 0)]);
    good := array_fill(false, array[legs]);

    for n in 1 .. coalesce(array_length(ids, 1), 0) loop
        while first <= legs and leg_call[first] < n loop
            first := first + 1;
        end loop;
        last := first - 1;
        while last < legs and leg_call[last + 1] = n loop
            last := last + 1;
        end loop;
        if ids[n] = any (fresh) then
            lacking := null;
            for k in first .. last loop
                if leg_amount[k] > 0 and leg_amount[k] > available[leg_account[k]] then
                    lacking := k;
                    exit;
                end if;
            end loop;
            if lacking is null then
                for k in first .. last loop
                    available[leg_account[k]] := available[leg_account[k]] - leg_amount[k];
                    taken[leg_account[k]] := taken[leg_account[k]] + leg_amount[k];
                    good[k] := true;
                end loop;
                statuses[n] := 'held';
                held := held || ids[n];
            else
                statuses[n] := 'short';
                select array_agg(case when available[leg_account[i]] = 'Infinity' then null else available[leg_account[i]] end order by i)
                into free from generate_series(first, last) i;
                nth := n; status := 'short'; call_id := ids[n]; short_account := accounts[leg_account[lacking]]; answer := null;
                return next;
            end if;
        end if;
        first := last + 1;
    end loop;

    insert into ledger_hold (source, account, operator_id, amount, expires_at)
    select ids[l.call], accounts[l.account], books[l.account], l.amount, expires[l.call]
    from unnest(leg_call, leg_account, leg_amount, good) l (call, account, amount, good) where l.good;
    update ledger_account a set held = a.held + t.amount
    from unnest(accounts, taken) t (id, amount) where a.id = t.id and t.amount <> 0;
    insert into calls_livecall select v.* from unnest(given) v where v.id = any (held);

    if 'short' = any (statuses) then
        delete from calls_callkey c using unnest(ids, statuses) v (id, status) where c.id = v.id and v.status = 'short';
    end if;

    return query
    select v.nth, case when v.status is not null then v.status when l.id is null then 'finished' else 'repeated' end,
        coalesce(k.id, v.id), null::bigint, null::numeric[], case when v.status is null then l.answer end
    from (
        select i as nth, (given[i]).id, (given[i]).uuid, (given[i]).node, (given[i]).boot, statuses[i] as status
        from generate_subscripts(given, 1) i
    ) v
    left join calls_callkey k on v.status is null and (k.uuid, k.node, k.boot) = (v.uuid, v.node, v.boot)
    left join calls_livecall l on l.id = k.id
    where v.status is distinct from 'short';
end $$;

-- Admits a batch of calls: names, holds and live rows, in the order of arrival, each all or nothing.
-- names: a list of {id, uuid, node, boot}; calls: a list of columns of calls_livecall; ids and expires in the order of
-- arrival. accounts: distinct, ascending. Legs: call (1..n, ascending), account (1..k), amount; an account at most once
-- per call.
-- Answers one row per call: 'held', 'short' (with the first account, in the order of the legs, that lacks cover, and
-- what each leg's account had free), 'repeated' (with the id and the answer given before) or 'finished' (the name
-- belongs to a call that is over). A 'short' call leaves nothing behind.
-- Every statement here costs some 50 microseconds of a batch whatever its size, so there are few.
create or replace function exchange_decide(
    names json, calls json, ids bigint[], expires timestamptz[],
    accounts bigint[], leg_call int[], leg_account int[], leg_amount numeric[]
) returns table (nth int, status text, call_id bigint, short_account bigint, free numeric[], answer json)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
    many int := coalesce(array_length(ids, 1), 0);
    legs int := coalesce(array_length(leg_call, 1), 0);
    fresh bigint[];
    all_fresh boolean;
    available numeric[];
    books bigint[];
    taken numeric[];
    good boolean[] := array_fill(false, array[legs]);
    held bigint[] := '{}';
    short bigint[] := '{}';
    first int := 1;
    last int;
    lacking int;
    n int;
    k int;
begin
    -- In the order of the names, so that two exchanges never wait for each other here.
    with named as (
        insert into calls_callkey (id, uuid, node, boot)
        select v.id, v.uuid, v.node, v.boot from json_to_recordset(names) v (id bigint, uuid text, node int, boot text)
        order by v.uuid, v.node, v.boot, v.id on conflict on constraint calls_callkey_name do nothing returning id
    )
    select array_agg(named.id) into fresh from named;
    all_fresh := coalesce(array_length(fresh, 1), 0) = many;

    select array_agg(a.free order by a.id), array_agg(a.operator_id order by a.id), array_agg(0::numeric)
    into available, books, taken
    from (
        select id, operator_id, coalesce(posted - held - floor, 'Infinity') as free from ledger_account
        where id = any (accounts) order by id for no key update
    ) a;
    if coalesce(array_length(available, 1), 0) <> coalesce(array_length(accounts, 1), 0) then
        raise exception 'One of the accounts % does not exist, or is named twice.', accounts using errcode = 'TL004';
    end if;

    for n in 1 .. many loop
        while first <= legs and leg_call[first] < n loop
            first := first + 1;
        end loop;
        last := first - 1;
        while last < legs and leg_call[last + 1] = n loop
            last := last + 1;
        end loop;
        if all_fresh or ids[n] = any (fresh) then
            lacking := null;
            for k in first .. last loop
                if leg_amount[k] > available[leg_account[k]] and leg_amount[k] > 0 then
                    lacking := k;
                    exit;
                end if;
            end loop;
            nth := n; call_id := ids[n];
            if lacking is null then
                for k in first .. last loop
                    available[leg_account[k]] := available[leg_account[k]] - leg_amount[k];
                    taken[leg_account[k]] := taken[leg_account[k]] + leg_amount[k];
                    good[k] := true;
                end loop;
                held := held || ids[n];
                status := 'held'; short_account := null; free := null;
            else
                short := short || ids[n];
                status := 'short'; short_account := accounts[leg_account[lacking]];
                select array_agg(case when available[leg_account[i]] = 'Infinity' then null else available[leg_account[i]] end order by i)
                into free from generate_series(first, last) i;
            end if;
            return next;
        end if;
        first := last + 1;
    end loop;

    insert into ledger_hold (source, account, operator_id, amount, expires_at)
    select ids[l.call], accounts[l.account], books[l.account], l.amount, expires[l.call]
    from unnest(leg_call, leg_account, leg_amount, good) l (call, account, amount, good) where l.good;
    update ledger_account a set held = a.held + t.amount
    from unnest(accounts, taken) t (id, amount) where a.id = t.id and t.amount <> 0;
    insert into calls_livecall (id, uuid, node, boot, operator_id, labels, chain, answer, granted_seconds, deadline_at)
    select v.id, v.uuid, v.node, v.boot, v.operator_id, v.labels, v.chain, v.answer, v.granted_seconds, v.deadline_at
    from json_to_recordset(calls) v (
        id bigint, uuid text, node int, boot text, operator_id bigint, labels jsonb, chain json, answer json,
        granted_seconds int, deadline_at timestamptz
    )
    where array_length(held, 1) = many or v.id = any (held);

    if short <> '{}' then
        delete from calls_callkey c where c.id = any (short);
    end if;
    if not all_fresh then
        return query
        select v.nth::int, case when l.id is null then 'finished' else 'repeated' end, coalesce(k.id, v.id), null::bigint,
            null::numeric[], l.answer
        from unnest(ids) with ordinality v (id, nth)
        join json_to_recordset(names) g (id bigint, uuid text, node int, boot text) on g.id = v.id
        left join calls_callkey k on (k.uuid, k.node, k.boot) = (g.uuid, g.node, g.boot)
        left join calls_livecall l on l.id = k.id
        where v.id <> all (coalesce(fresh, '{}'));
    end if;
end $$;

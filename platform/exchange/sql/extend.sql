-- Raises the holds of running calls: each leg names an account and what must be held for the call there in total.
-- The holds that are found decide, never the caller's memory: a call that has been settled is 'gone' and nothing moves.
-- One row per call: 'granted', 'kept' (that much was granted before; a grant never shrinks), 'short' (nothing changed;
-- `free` says what each leg could hold in total, null = no limit), 'strange' (a leg names an account that holds nothing
-- for this call) or 'gone'. A call at most once per batch.
create or replace function exchange_extend(
    ids bigint[], granted int[], expires timestamptz[],
    accounts bigint[], leg_call int[], leg_account int[], leg_amount numeric[]
) returns table (nth int, status text, granted_seconds int, free numeric[])
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
    calls int := coalesce(array_length(ids, 1), 0);
    legs int := coalesce(array_length(leg_call, 1), 0);
    before int[];
    held numeric[];
    available numeric[];
    more numeric[] := array_fill(0::numeric, array[coalesce(array_length(accounts, 1), 0)]);
    raised boolean[] := array_fill(false, array[legs]);
    granting boolean[] := array_fill(false, array[calls]);
    first int := 1;
    last int;
    n int;
    k int;
    delta numeric;
    verdict text;
begin
    if (select count(distinct i) from unnest(ids) i) <> calls then
        raise exception 'A call stands twice in one batch of extends.' using errcode = 'TL003';
    end if;
    -- Whoever holds the live row's lock is alone with the call's holds.
    perform 1 from calls_livecall l where l.id = any (ids) order by l.id for no key update;
    select array_agg(l.granted_seconds order by v.nth) into before
    from unnest(ids) with ordinality v (id, nth) left join calls_livecall l on l.id = v.id;
    perform 1 from ledger_hold h where h.source = any (ids) and h.account = any (accounts)
    order by h.source, h.account for no key update;
    select array_agg(h.amount order by v.nth) into held
    from unnest(leg_call, leg_account) with ordinality v (call, account, nth)
    left join ledger_hold h on h.source = ids[v.call] and h.account = accounts[v.account];
    select array_agg(a.free order by a.id) into available
    from (
        select id, coalesce(posted - held - floor, 'Infinity') as free from ledger_account
        where id = any (accounts) order by id for no key update
    ) a;
    if coalesce(array_length(available, 1), 0) <> coalesce(array_length(accounts, 1), 0) then
        raise exception 'One of the accounts % does not exist, or is named twice.', accounts using errcode = 'TL004';
    end if;

    for n in 1 .. calls loop
        while first <= legs and leg_call[first] < n loop
            first := first + 1;
        end loop;
        last := first - 1;
        while last < legs and leg_call[last + 1] = n loop
            last := last + 1;
        end loop;
        verdict := case when before[n] is null then 'gone' when granted[n] <= before[n] then 'kept' else 'granted' end;
        free := null;
        if verdict = 'granted' then
            for k in first .. last loop
                if held[k] is null then
                    verdict := 'strange';
                    exit;
                end if;
                delta := leg_amount[k] - held[k];
                if delta > 0 and delta > available[leg_account[k]] then
                    verdict := 'short';
                end if;
            end loop;
        end if;
        if verdict = 'granted' then
            granting[n] := true;
            for k in first .. last loop
                delta := greatest(0, leg_amount[k] - held[k]);
                available[leg_account[k]] := available[leg_account[k]] - delta;
                more[leg_account[k]] := more[leg_account[k]] + delta;
                raised[k] := true;
            end loop;
        elsif verdict = 'short' then
            for k in first .. last loop
                free := free || case when available[leg_account[k]] <> 'Infinity'
                                     then held[k] + greatest(0, available[leg_account[k]]) end;
            end loop;
        end if;
        nth := n; status := verdict;
        granted_seconds := case when verdict = 'granted' then granted[n] else before[n] end;
        return next;
        first := last + 1;
    end loop;

    update ledger_hold h set amount = greatest(h.amount, l.amount), expires_at = expires[l.call]
    from unnest(leg_call, leg_account, leg_amount, raised) l (call, account, amount, raised)
    where l.raised and h.source = ids[l.call] and h.account = accounts[l.account];
    update ledger_hold h set expires_at = v.expires
    from unnest(ids, expires, granting) v (id, expires, granting) where v.granting and h.source = v.id and h.expires_at <> v.expires;
    update ledger_account a set held = a.held + m.amount
    from unnest(accounts, more) m (id, amount) where a.id = m.id and m.amount <> 0;
    update calls_livecall l set granted_seconds = v.granted, deadline_at = v.expires, last_seen_at = now()
    from unnest(ids, granted, expires, granting) v (id, granted, expires, granting) where v.granting and l.id = v.id;
end $$;

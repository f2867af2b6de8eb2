-- Ends a batch of calls, once. heads are the rows of level 0 (exactly one per call, the arbiter of who is first),
-- rows those of the levels above; as JSON lists with the columns of calls_call and calls_attempt. ids and marks
-- (fingerprints) of the calls, in one order. Transfers are legs: source, part, kind, the places of debit and credit in
-- accounts (distinct, ascending), amount.
-- names: {id, uuid, node, boot} of calls that were never held (refused ones): they take the name, unless it is taken.
-- One row per call: 'settled', 'repeated' (the very same record was settled before), 'differs' (another record was:
-- nothing is posted, see exchange_correct) or 'named' (its name belongs to another call).
create or replace function exchange_settle(
    names json, heads json, rows json, attempts json, ids bigint[], marks bigint[], accounts bigint[],
    leg_source bigint[], leg_part int[], leg_kind text[], leg_debit int[], leg_credit int[], leg_amount numeric[]
) returns table (call_id bigint, status text)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
    taken bigint[];
    fresh bigint[];
    all_fresh boolean;
    books bigint[];
    parties bigint[];
    currencies text[];
    moved bigint[];
    posted_by numeric[];
    released numeric[];
begin
    perform pg_advisory_xact_lock_shared(7301, 1);
    if json_array_length(names) > 0 then
        insert into calls_callkey (id, uuid, node, boot)
        select n.id, n.uuid, n.node, n.boot from json_to_recordset(names) n (id bigint, uuid text, node int, boot text)
        order by n.uuid, n.node, n.boot, n.id on conflict do nothing;
        select array_agg(n.id) into taken from json_to_recordset(names) n (id bigint, uuid text, node int, boot text)
        where not exists (select 1 from calls_callkey k where (k.id, k.uuid, k.node, k.boot) = (n.id, n.uuid, n.node, n.boot));
    end if;

    with first as (
        insert into calls_call select h.* from json_populate_recordset(null::calls_call, heads) h
        where taken is null or h.id <> all (taken)
        order by h.id on conflict do nothing returning id, estimated
    )
    select array_agg(first.id), array_agg(first.id) filter (where first.estimated) into fresh, moved from first;
    all_fresh := coalesce(array_length(fresh, 1), 0) = array_length(ids, 1);

    if fresh is not null then
        insert into calls_call select r.* from json_populate_recordset(null::calls_call, rows) r
        where all_fresh or r.id = any (fresh);
        insert into calls_attempt select a.* from json_populate_recordset(null::calls_attempt, attempts) a
        where all_fresh or a.id = any (fresh);
        perform 1 from calls_livecall l where l.id = any (fresh) order by l.id for update;
        if moved is not null then
            insert into calls_estimated (id, operator_id, labels, chain, created_at)
            select l.id, l.operator_id, l.labels, l.chain, l.created_at from calls_livecall l where l.id = any (moved);
        end if;
        delete from calls_livecall l where l.id = any (fresh);

        -- What an account is never changes, so this needs no lock.
        select array_agg(a.operator_id order by v.nth), array_agg(a.party_operator_id order by v.nth), array_agg(a.currency order by v.nth)
        into books, parties, currencies
        from unnest(accounts) with ordinality v (id, nth) left join ledger_account a on a.id = v.id;
        if exists (
            select 1 from unnest(leg_source, leg_debit, leg_credit) l (source, debit, credit)
            where (currencies[l.debit] = currencies[l.credit] and books[l.debit] = books[l.credit]) is not true
                and l.source = any (fresh)
        ) then
            raise exception 'A transfer of calls % names an account that does not exist, or two accounts of different currencies or operators.',
                fresh using errcode = 'TL003';
        end if;
        with made as (
            insert into ledger_transfer (source, part, operator_id, party_operator_id, kind, debit, credit, amount, currency)
            select l.source, l.part, books[l.debit], coalesce(parties[l.debit], parties[l.credit]), l.kind,
                accounts[l.debit], accounts[l.credit], l.amount, currencies[l.debit]
            from unnest(leg_source, leg_part, leg_kind, leg_debit, leg_credit, leg_amount)
                l (source, part, kind, debit, credit, amount)
            where all_fresh or l.source = any (fresh)
            returning debit, credit, amount
        ), gone as (
            delete from ledger_hold h where h.source = any (fresh) returning h.account, h.amount
        ), moves as (
            select made.debit as id, -made.amount as posted, 0 as held from made
            union all select made.credit, made.amount, 0 from made
            union all select gone.account, 0, gone.amount from gone
        ), sums as (select m.id, sum(m.posted) as posted, sum(m.held) as held from moves m group by m.id)
        select array_agg(s.id order by s.id), array_agg(s.posted order by s.id), array_agg(s.held order by s.id)
        into moved, posted_by, released from sums s;
        if moved is not null then
            perform 1 from ledger_account a where a.id = any (moved) order by a.id for no key update;
            update ledger_account a
            set posted = a.posted + s.posted, held = a.held - s.released,
                overrun = greatest(0, a.floor - (a.posted + s.posted - a.held + s.released))
            from unnest(moved, posted_by, released) s (id, posted, released) where a.id = s.id;
        end if;
        if exists (select 1 from ledger_closed) then
            perform ledger_note_late(fresh);
        end if;
    end if;

    if all_fresh then
        return query select v.id, 'settled' from unnest(ids) v (id);
    else
        return query
        select v.id, case
            when v.id = any (fresh) then 'settled'
            when v.id = any (taken) then 'named'
            when exists (select 1 from calls_call c where c.id = v.id and c.level = 0 and c.fingerprint = v.mark) then 'repeated'
            else 'differs' end
        from unnest(ids, marks) v (id, mark);
    end if;
end $$;

-- A call that was settled by another record (an estimate, mostly): posts the difference, as rows of the next revision
-- and correcting transfers. Amounts and seconds of such rows are differences; times and labels are the new record's.
-- Where a level turns out to have bought elsewhere, a difference would stand half under a wrong name: the old row is then
-- taken back whole under its own labels, and the new one stands whole in the revision after.
create or replace function exchange_correct(call bigint, heads json, rows json, attempts json, transfers json) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
    all_rows calls_call[];
    next_revision smallint;
    accounts bigint[];
    deltas numeric[];
    expected int;
    inserted int;
begin
    perform pg_advisory_xact_lock_shared(7301, 1);
    select array_agg(r) into all_rows from (
        select h.* from json_populate_recordset(null::calls_call, heads) h where h.id = call
        union all select h.* from json_populate_recordset(null::calls_call, rows) h where h.id = call
    ) r;
    perform 1 from calls_call c where c.id = call and c.level = 0 and c.revision = 0 for update;
    if not found then
        return 'unknown';
    end if;
    if exists (
        select 1 from calls_call c join unnest(all_rows) n on n.level = 0 and c.fingerprint = n.fingerprint
        where c.id = call and c.level = 0
    ) then
        return 'repeated';
    end if;
    select max(c.revision) + 1 into next_revision from calls_call c where c.id = call;

    insert into calls_call
    select (jsonb_populate_record(
        case when m.step = 0 and (n.id is null or m.moved) then o.latest else n end, jsonb_build_object(
        'revision', next_revision + m.step, 'created_at', now(),
        'talk_seconds', m.comes * coalesce(n.talk_seconds, 0) - m.goes * coalesce(o.talk_seconds, 0),
        'billed_seconds', m.comes * coalesce(n.billed_seconds, 0) - m.goes * coalesce(o.billed_seconds, 0),
        'buy_seconds', m.comes * coalesce(n.buy_seconds, 0) - m.goes * coalesce(o.buy_seconds, 0),
        'sell', m.comes * coalesce(n.sell, 0) - m.goes * coalesce(o.sell, 0),
        'sell_base', m.comes * coalesce(n.sell_base, 0) - m.goes * coalesce(o.sell_base, 0),
        'buy', m.comes * coalesce(n.buy, 0) - m.goes * coalesce(o.buy, 0),
        'buy_base', m.comes * coalesce(n.buy_base, 0) - m.goes * coalesce(o.buy_base, 0)
    ))).*
    from unnest(all_rows) n
    full join (
        select c.operator_id, sum(c.talk_seconds)::int as talk_seconds, sum(c.billed_seconds)::int as billed_seconds,
            sum(c.buy_seconds)::int as buy_seconds, sum(c.sell) as sell, sum(c.sell_base) as sell_base, sum(c.buy) as buy,
            sum(c.buy_base) as buy_base, (array_agg(c order by c.revision desc))[1] as latest
        from calls_call c where c.id = call group by c.operator_id
    ) o on o.operator_id = n.operator_id
    cross join lateral (
        select s.step, w.moved, (not w.moved or s.step = 1)::int as comes, (not w.moved or s.step = 0)::int as goes
        from (select n.id is not null and o.operator_id is not null
                and (n.bought_from, n.provider_id, n.buy_currency, n.sell_currency) is distinct from
                    ((o.latest).bought_from, (o.latest).provider_id, (o.latest).buy_currency, (o.latest).sell_currency) as moved) w
        cross join generate_series(0, w.moved::int) s (step)
    ) m;
    insert into calls_attempt
    select (jsonb_populate_record(a, jsonb_build_object('revision', next_revision))).*
    from json_populate_recordset(null::calls_attempt, attempts) a where a.id = call;

    with diff as (
        select m.low, m.high, sum(m.amount) as amount, max(m.kind) as kind from (
            select least(t.debit, t.credit) as low, greatest(t.debit, t.credit) as high, t.kind,
                case when t.debit < t.credit then t.amount else -t.amount end as amount
            from json_to_recordset(transfers) t (source bigint, kind text, debit bigint, credit bigint, amount numeric)
            where t.source = call
            union all
            select least(t.debit, t.credit), greatest(t.debit, t.credit), t.kind,
                case when t.debit < t.credit then -t.amount else t.amount end
            from ledger_transfer t where t.source = call
        ) m group by m.low, m.high having sum(m.amount) <> 0
    ), made as (
        insert into ledger_transfer (source, part, operator_id, party_operator_id, kind, debit, credit, amount, currency, memo)
        select call, next_revision * 64 + row_number() over (order by f.low, f.high), d.operator_id,
            coalesce(d.party_operator_id, c.party_operator_id), f.kind,
            case when f.amount > 0 then f.low else f.high end, case when f.amount > 0 then f.high else f.low end,
            abs(f.amount), d.currency, 'correction ' || next_revision
        from diff f join ledger_account d on d.id = f.low
        join ledger_account c on c.id = f.high and c.currency = d.currency and c.operator_id = d.operator_id
        returning debit, credit, amount
    ), sums as (
        select m.id, sum(m.delta) as delta from (
            select made.debit as id, -made.amount as delta from made union all select made.credit, made.amount from made
        ) m group by m.id
    )
    select (select count(*) from diff), (select count(*) from made),
        array_agg(s.id order by s.id), array_agg(s.delta order by s.id)
    into expected, inserted, accounts, deltas from sums s;
    if expected <> inserted then
        raise exception 'A correction of call % names accounts of different currencies or operators.', call
            using errcode = 'TL003';
    end if;
    if accounts is not null then
        perform 1 from ledger_account a where a.id = any (accounts) order by a.id for no key update;
        update ledger_account a
        set posted = a.posted + s.delta, overrun = greatest(0, a.floor - (a.posted + s.delta - a.held))
        from unnest(accounts, deltas) s (id, delta) where a.id = s.id;
    end if;
    perform ledger_note_late(array[call]);
    return 'corrected';
end $$;
